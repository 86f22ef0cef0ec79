// Calendars by private addresses: made, shown once, revoked.
import { html, useEffect, useState } from '../lib/html.js';
import { get, post, del } from '../lib/api.js';
import { entity, meta, pipelinesOf } from '../lib/meta.js';
import { explain } from '../lib/records.js';
import { route } from '../lib/router.js';
import { toast } from '../lib/toast.js';
import { ACTIVITY } from '../lib/names.js';
import { t } from '../lib/i18n.js';
import { ago } from '../lib/format.js';
import { Icon, IconButton, Notice, FailedLine, SkeletonLines, useLoad } from './basics.js';
import { Dialog } from './layers.js';

const failed = (bad) => toast(explain(bad), { bad: true });
const copy = (text) => navigator.clipboard?.writeText(text).then(() => toast(t('Copied')), () => toast(t('Could not be copied'), { bad: true }));

/** What can stand in a calendar: [value, label]; one's own activities first. */
const choices = () => [['activities:', t('My activities')],
  ...meta.value.entities.filter((e) => e.name === ACTIVITY || pipelinesOf(e).length > 0)
    .flatMap((e) => (e.views ?? []).filter((v) => v.id).map((v) => [`${e.plural}:${v.id}`, `${t(e.label_plural)}: ${t(v.label)}`]))];

function nameOf(feed) {
  const wanted = `${feed.entity}:${feed.view ?? ''}`;
  return choices().find(([value]) => value === wanted)?.[1] ?? (feed.name || t(entity(feed.entity)?.label_plural ?? feed.entity));
}

function NewFeed({ onMade }) {
  const asked = route.value.query.feed;
  const options = choices();
  const save = async (e) => {
    e.preventDefault();
    const f = new FormData(e.target);
    const [plural, view] = f.get('what').split(':');
    const name = options.find(([value]) => value === f.get('what'))[1].slice(0, 100);
    try {
      const { body } = await post('/feeds', { entity: plural, ...(view ? { view } : {}), name });
      onMade(body.url ?? `${location.origin}${body.link}`);
    } catch (bad) { failed(bad); }
  };
  return html`<form class="row wrap token-form" onSubmit=${save}>
    <label class="field grow"><span class="label">${t('What it holds')}</span>
      <select class="select" name="what">${options.map(([value, label]) => html`<option key=${value} value=${value} selected=${value === asked}>${label}</option>`)}</select></label>
    <button type="submit" class="btn">${t('Make an address')}</button></form>`;
}

const stateOf = (x) => (x.ended ? t('has ended: the password was changed or the account disabled') : x.used_at ? t('read {when}', { when: ago(x.used_at) }) : t('not read yet'));

/** Those there are, each to be revoked. */
function Made({ list, drop, name = nameOf, children }) {
  const items = list.data?.items;
  return html`${list.error && html`<${FailedLine} text=${t('The calendars could not be loaded.')} retry=${list.again} />`}
    ${!items && !list.error && html`<${SkeletonLines} lines=${2} />`}
    ${items?.length === 0 && children}
    <ul class="plain-list">${(items ?? []).map((x) => html`<li key=${x.id} class="row"><${Icon} name="calendar" />
      <span class="grow"><b class="strong">${name(x)}</b><br />
      <span class="small faint">${stateOf(x)}</span></span>
      <${IconButton} small icon="trash-2" label=${t('Revoke {name}', { name: name(x) })} onClick=${() => drop(x)} /></li>`)}</ul>`;
}

/** Those of somebody else, for administrators: what there is, never the address itself. */
export function FeedsOf({ user, onClose }) {
  const list = useLoad((o) => get('/feeds', { user: user.id }, o), [user.id]);
  const drop = (x) => del(`/feeds/${x.id}`).then(() => { toast(t('The address is revoked')); list.again(); }, failed);
  return html`<${Dialog} title=${t('Calendar addresses of {name}', { name: user.title })} onClose=${onClose} foot=${html`<button type="button" class="btn" onClick=${onClose}>${t('Close')}</button>`}>
    <div class="dialog-body"><p class="dim small">${t('Programs read these calendars without a password. All of them end when the account is disabled.')}</p>
      <${Made} list=${list} drop=${drop} name=${(x) => (x.view ? nameOf(x) : t('Own activities'))}><p class="small">${t('{name} has no calendar addresses.', { name: user.title })}</p><//></div><//>`;
}

/** The part of the profile about calendars. */
export default function Feeds() {
  const [made, setMade] = useState('');
  useEffect(() => { if (route.value.query.feed) document.getElementById('pr-feeds')?.scrollIntoView(); }, []);
  const list = useLoad((o) => get('/feeds', {}, o), [made]);
  const drop = (x) => del(`/feeds/${x.id}`).then(() => { toast(t('The address is revoked')); setMade(''); list.again(); }, failed);
  return html`${made && html`<${Notice} tone="good" icon="calendar-check">${t('Copy it now, it is shown only once:')} <code class="token">${made}</code>
      <button type="button" class="btn btn-sm" onClick=${() => copy(made)}><${Icon} name="copy" />${t('Copy')}</button><//>`}
    <${Made} list=${list} drop=${drop} /><${NewFeed} onMade=${setMade} />`;
}
