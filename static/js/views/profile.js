// The own account: name, password, look, API tokens, sessions.
import { html, asset, useState } from '../lib/html.js';
import { get, post, del } from '../lib/api.js';
import { me, isAdmin, prefs, setPref, saveMe, delimiter } from '../lib/store.js';
import { meta } from '../lib/meta.js';
import { explain } from '../lib/records.js';
import { toast } from '../lib/toast.js';
import { t, locale, rare } from '../lib/i18n.js';
import { ago, date, moment } from '../lib/format.js';
import { Link } from '../lib/router.js';
import { PageHead } from '../ui/page.js';
import { Icon, IconButton, Later, Notice, FailedLine, SkeletonLines, useLoad } from '../ui/basics.js';
import { Password, FormError, passwordRules } from '../ui/outside.js';

const Style = () => html`<link rel="stylesheet" href=${asset('css/settings.css')} />`;

const fetchFeeds = rare(() => import('../ui/feeds.js'));
const fetchTold = rare(() => import('../ui/told.js'));

const failed = (bad) => toast(explain(bad), { bad: true });

const Section = ({ id, title, text, children }) => html`<section class="card profile-card" aria-labelledby=${id}>
  <div class="card-head"><h2 id=${id}>${title}</h2></div>
    <div class="card-body stack">${text && html`<p class="small dim">${text}</p>`}${children}</div></section>`;

function Name() {
  const [name, setName] = useState(me().name);
  const save = (e) => { e.preventDefault(); saveMe({ name: name.trim() }).then(() => toast(t('Name saved')), failed); };
  return html`<${Section} id="pr-name" title=${t('About you')}><form class="stack" onSubmit=${save}>
    <div class="field"><label for="pr-n">${t('Name')}</label>
      <input class="input" id="pr-n" autocomplete="name" value=${name} onInput=${(e) => setName(e.target.value)} /></div>
    <p class="small faint">${me().email} · ${t(meta.value.roles?.find((r) => r.id === me().role)?.label ?? me().role)}${me().team?.title ? ` · ${me().team.title}` : ''}</p>
    <div class="row"><button type="submit" class="btn btn-primary" disabled=${!name.trim() || name.trim() === me().name}>${t('Save')}</button></div></form><//>`;
}

function ChangePassword() {
  const [error, setError] = useState('');
  const save = async (e) => {
    e.preventDefault();
    const f = new FormData(e.target);
    try {
      await post('/me/password', { old: f.get('old'), new: f.get('new') });
      e.target.reset();
      setError('');
      toast(t('Password changed; other sessions have ended'));
    } catch (bad) {
      setError(bad.fields?.some((f) => f.where === 'old') ? t('The old password is not right.') : explain(bad));
    }
  };
  return html`<${Section} id="pr-pw" title=${t('Password')}><form class="stack" onSubmit=${save}>
    <${FormError} text=${error} />
    <${Password} id="old" label=${t('Old password')} autocomplete="current-password" required />
    <${Password} id="new" label=${t('New password')} autocomplete="new-password" required hint=${passwordRules()} />
    <div class="row"><button type="submit" class="btn btn-primary">${t('Change the password')}</button></div></form><//>`;
}

/** Who is away is passed over when rules assign records. */
const Absences = () => html`<${Section} id="pr-away" title=${t('Absences')} text=${t('While you are away nothing new is assigned to you by rules, and the others see it in the calendar.')}>
  <div class="row"><${Link} class="btn" to="/absences"><${Icon} name="plane" />${t('My absences')}<//></div><//>`;

const Choice = ({ label, value, options, onPick }) => html`<div class="row wrap">
  <span class="label profile-label">${label}</span>
  <div class="segments" role="group" aria-label=${label}>${options.map(([id, text]) => html`
  <button type="button" class="btn" key=${id} aria-pressed=${value === id} onClick=${() => onPick(id)}>${text}</button>`)}</div></div>`;

const Look = () => html`<${Section} id="pr-look" title=${t('Look')}>
  <${Choice} label=${t('Theme')} value=${prefs.value.theme} onPick=${(theme) => setPref({ theme })} options=${[['system', t('As the system')], ['light', t('Light')], ['dark', t('Dark')]]} />
  <${Choice} label=${t('Rows')} value=${prefs.value.density} onPick=${(density) => setPref({ density })} options=${[['normal', t('Normal')], ['compact', t('Compact')]]} />
  <${Choice} label=${t('Language')} value=${locale.value.slice(0, 2)} onPick=${(language) => setPref({ language })} options=${[['en', 'English'], ['de', 'Deutsch']]} />
  <${Choice} label=${t('Exports')} value=${delimiter()} onPick=${(sign) => setPref({ delimiter: sign })} options=${[[',', t('Commas')], [';', t('Semicolons')]]} />
  <label class="row small"><input type="checkbox" class="check" checked=${prefs.value.keys} onChange=${(e) => setPref({ keys: e.target.checked })} />${t('Use single-key shortcuts')}</label><//>`;

const Told = () => html`<${Section} id="pr-told" title=${t('Notifications')} text=${t('What the bell tells you. Of what you do yourself you are never told.')}><${Later} load=${fetchTold} /><//>`;

function NewToken({ onMade }) {
  const save = async (e) => {
    e.preventDefault();
    const f = new FormData(e.target);
    try {
      const { body } = await post('/tokens', { name: f.get('name').trim(), scope: f.get('scope'), expires: f.get('expires') });
      e.target.elements.name.value = '';
      onMade(body.token);
    } catch (bad) { failed(bad); }
  };
  return html`<form class="row wrap token-form" onSubmit=${save}>
    <label class="field grow"><span class="label">${t('Name')}</span>
      <input class="input" name="name" required placeholder=${t('What it is for')} /></label>
    <label class="field"><span class="label">${t('May')}</span><select class="select" name="scope">
      <option value="read">${t('read')}</option>
      <option value="write">${t('read and write')}</option>${isAdmin() && html`<option value="admin">${t('everything')}</option>`}</select></label>
    <label class="field"><span class="label">${t('Expires')}</span>
      <select class="select" name="expires">${[['30d', t('in 30 days')], ['90d', t('in 90 days')], ['365d', t('in a year')]].map(([v, l]) => html`<option key=${v} value=${v} selected=${v === '90d'}>${l}</option>`)}</select></label>
    <button type="submit" class="btn">${t('Make a token')}</button></form>`;
}

function Tokens() {
  const [made, setMade] = useState('');
  const list = useLoad((o) => get('/tokens', {}, o), [made]);
  const drop = (x) => del(`/tokens/${x.id}`).then(() => { toast(t('Token “{name}” revoked', { name: x.name })); list.again(); }, failed);
  return html`<${Section} id="pr-tok" title=${t('API tokens')} text=${t('For scripts and other programs. A token acts as you, within its limit.')}>
    ${made && html`<${Notice} tone="good" icon="key-round">${t('Copy it now, it is shown only once:')} <code class="token">${made}</code><//>`}
    ${list.error && html`<${FailedLine} text=${t('The tokens could not be loaded.')} retry=${list.again} />`}
    ${!list.data && !list.error && html`<${SkeletonLines} lines=${2} />`}
    <ul class="plain-list">${(list.data?.items ?? []).map((x) => html`<li key=${x.id} class="row"><${Icon} name="key-round" />
      <span class="grow"><b class="strong">${x.name}</b><br />
      <span class="small faint">${{ read: t('read'), write: t('read and write'), admin: t('everything') }[x.scope] ?? x.scope}${x.expires_at ? ` · ${t('expires {when}', { when: date(x.expires_at) })}` : ''}${x.last_at ? ` · ${t('used {when}', { when: ago(x.last_at) })}` : ''}</span></span>
      <${IconButton} small icon="trash-2" label=${t('Revoke {name}', { name: x.name })} onClick=${() => drop(x)} /></li>`)}</ul>
    <${NewToken} onMade=${setMade} /><//>`;
}

const BROWSERS = [['Edg/', 'Edge'], ['Firefox/', 'Firefox'], ['Chrome/', 'Chrome'], ['Safari/', 'Safari']];
const SYSTEMS = [['Android', 'Android'], ['iPhone', 'iPhone'], ['iPad', 'iPad'], ['Windows', 'Windows'], ['Mac OS', 'macOS'], ['Linux', 'Linux']];

/** A browser's long name for itself, as people say it. */
function device(agent) {
  if (!agent) return t('Unknown device');
  const browser = BROWSERS.find(([sign]) => agent.includes(sign))?.[1];
  const system = SYSTEMS.find(([sign]) => agent.includes(sign))?.[1];
  return browser && system ? t('{browser} on {system}', { browser, system }) : agent;
}

function Sessions() {
  const list = useLoad((o) => get('/sessions', {}, o), []);
  const end = (x) => del(`/sessions/${x.id}`).then(() => { toast(t('Session ended')); list.again(); }, failed);
  return html`<${Section} id="pr-ses" title=${t('Where you are signed in')}>
    ${list.error && html`<${FailedLine} text=${t('The sessions could not be loaded.')} retry=${list.again} />`}
    ${!list.data && !list.error && html`<${SkeletonLines} lines=${2} />`}
    <ul class="plain-list">${(list.data?.items ?? []).map((x) => html`<li key=${x.id} class="row"><${Icon} name="monitor" />
      <span class="grow"><b class="strong">${device(x.agent)}</b>${x.current && html` <span class="badge badge-good">${t('this one')}</span>`}<br /><span class="small faint">${x.last_at ? t('active {when}', { when: ago(x.last_at) }) : t('since {when}', { when: moment(x.created_at) })}</span></span>
      ${!x.current && html`<button type="button" class="btn btn-sm" onClick=${() => end(x)}>${t('End')}</button>`}</li>`)}</ul><//>`;
}

export default function Profile() {
  return html`<div class="page"><${Style} /><${PageHead} title=${t('My profile')} />
    <div class="page-body profile" tabindex="-1"><div><${Name} /><${Absences} /><${Look} /><${Told} /><${ChangePassword} /></div><div><${Section} id="pr-feeds" title=${t('Calendars')} text=${t('Addresses that Outlook, Thunderbird and phones subscribe to. Whoever has one reads the calendar: keep it to yourself.')}><${Later} load=${fetchFeeds} /><//><${Tokens} />
      <${Sessions} /></div></div></div>`;
}
