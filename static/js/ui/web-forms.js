// Public forms in the settings: how visitors see them, how a website shows them,
// what came in by them and what was turned away.
import { html, cx, useState } from '../lib/html.js';
import { get } from '../lib/api.js';
import { entity } from '../lib/meta.js';
import { Link } from '../lib/router.js';
import { toast } from '../lib/toast.js';
import { t, tn, key } from '../lib/i18n.js';
import { ago, moment, number } from '../lib/format.js';
import { Icon, Empty, Failed, SkeletonLines, Notice, useLoad } from './basics.js';

/** Why an entry was turned away, as lib/core/form.c tells it. */
const WHY = {
  refused: key('asked again, for something was missing or wrong'), trapped: key('a machine filled in the hidden field'), early: key('sent quicker than a person can'),
  expired: key('open for too long'), forged: key('without a valid token'), replayed: key('sent a second time'), too_much: key('too many from one address'),
  unreadable: key('not readable'), too_large: key('too large'), failed: key('could not be stored'),
};

const escape = (s) => s.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
const addressOf = (f) => f.address ?? `${location.origin}${f.path}`;
const frameOf = (f) => `<iframe src="${addressOf(f)}" title="${escape(f.title)}" width="100%" height="800"></iframe>`;
const copy = (text) => navigator.clipboard?.writeText(text).then(() => toast(t('Copied')), () => toast(t('Could not be copied'), { bad: true }));

const Figure = ({ label, children }) => html`<div><dt>${label}</dt><dd class="num">${children}</dd></div>`;

function Figures({ f, days }) {
  const away = f.turned_away.filter((x) => x.why !== 'refused').reduce((n, x) => n + x.count, 0);
  const rows = `/submissions?filter=${encodeURIComponent(`form = "${f.name}"`)}`;
  return html`<dl class="keys"><${Figure} label=${t('Received')}>${f.entries ? html`<${Link} to=${rows}>${number(f.entries)}<//>` : number(0)}<//>
      <${Figure} label=${tn('Last {n} day', 'Last {n} days', days)}>${number(f.entries_lately)}<//>
      <${Figure} label=${t('The last one')}>${f.last_at ? html`<time datetime=${f.last_at} title=${moment(f.last_at)}>${ago(f.last_at)}</time>` : t('none')}<//>
      <${Figure} label=${tn('Turned away in {n} day', 'Turned away in {n} days', days)}>${number(away)}<//></dl>
    ${f.turned_away.length > 0 && html`<ul class="small dim form-away">${f.turned_away.map((x) => html`<li key=${x.why}><span class="num">${number(x.count)}</span> × ${t(WHY[x.why] ?? x.why)}</li>`)}</ul>`}`;
}

/** A text to be taken elsewhere, with the button that takes it. */
const Take = ({ label, text }) => html`<div class="form-take"><span class="small faint">${label}</span>
  <code class="small">${text}</code>
  <button type="button" class="btn btn-sm" aria-label=${`${t('Copy')}: ${label}`} onClick=${() => copy(text)}><${Icon} name="copy" />${t('Copy')}</button></div>`;

function WebForm({ f, days }) {
  const [shown, setShown] = useState(false);
  return html`<section class="card" aria-labelledby=${`form-${f.name}`}><div class="card-head"><h3 id=${`form-${f.name}`}>${f.title}</h3>
      <span class="push badge">${t(entity(f.entity)?.label ?? f.entity)}</span></div>
    <div class="card-body stack">
      ${f.problems.map((p) => html`<${Notice} key=${p.where} tone="warn" icon="triangle-alert">${t('{where}: nobody and nothing is called “{value}”; entries come without {field}.', { ...p, field: t(p.field) })}<//>`)}
      <${Figures} f=${f} days=${days} />
      <${Take} label=${t('Link')} text=${addressOf(f)} />
      ${f.embed.length > 0 ? html`<${Take} label=${t('For your website')} text=${frameOf(f)} /><p class="small dim">${t('It shows on {sites} alone.', { sites: f.embed.join(', ') })}</p>`
    : html`<p class="small dim">${t('No website may show it in a frame. Name those that may under “embed” in forms.yaml.')}</p>`}
      <div class="row wrap"><button type="button" class="btn" aria-expanded=${shown} onClick=${() => setShown(!shown)}><${Icon} name=${shown ? 'eye-off' : 'eye'} />${shown ? t('Hide the preview') : t('Preview')}</button>
        <a class="btn" href=${f.path} target="_blank" rel="noopener"><${Icon} name="external-link" />${t('Open it')}</a></div>
      ${shown && html`<p class="small dim">${t('As visitors see it; nothing is sent from here.')}</p><iframe class=${cx('form-preview')} src=${f.path} title=${t('Preview of {name}', { name: f.title })} sandbox="allow-same-origin"></iframe>`}
    </div></section>`;
}

export default function WebForms() {
  const forms = useLoad((o) => get('/forms', {}, o), []);
  const { items, days } = forms.data ?? {};
  return html`<header><h2 class="settings-title">${t('Web forms')}</h2>
      <p class="dim small">${t('Forms of forms.yaml that visitors of your website fill in. What they send becomes a record at once; what looks like spam is counted and not kept.')}</p></header>
    ${forms.error && html`<${Failed} title=${t('The forms could not be loaded')} text=${forms.error.message} retry=${forms.again} />`}
    ${!items && !forms.error && html`<${SkeletonLines} lines=${6} />`}
    ${items?.length === 0 && html`<${Empty} icon="inbox" title=${t('No forms yet')} text=${t('Write forms.yaml into the configuration folder; its README has an example.')} />`}
    ${items?.map((f) => html`<${WebForm} key=${f.name} f=${f} days=${days} />`)}`;
}
