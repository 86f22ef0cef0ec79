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

const failed = (bad) => toast(explain(bad), { bad: true });
const copy = (text) => navigator.clipboard?.writeText(text).then(() => toast(t('Copied')), () => toast(t('Could not be copied'), { bad: true }));

/** What can stand in a calendar: [value, label]; one's own activities first. */
const choices = () => [['activities:', t('My activities')],
  ...meta.value.entities.filter((e) => e.name === ACTIVITY || pipelinesOf(e).length > 0)
    .flatMap((e) => (e.views ?? []).filter((v) => v.id).map((v) => [`${e.plural}:${v.id}`, `${t(e.label_plural)}: ${t(v.label)}`]))];

function nameOf(feed) {
  const wanted = `${feed.entity}:${feed.view ?? ''}`;
  return choices().find(([value]) => value === wanted)?.[1] ?? t(entity(feed.entity)?.label_plural ?? feed.entity);
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

/** The part of the profile about calendars. */
export default function Feeds() {
  const [made, setMade] = useState('');
  useEffect(() => { if (route.value.query.feed) document.getElementById('pr-feeds')?.scrollIntoView(); }, []);
  const list = useLoad((o) => get('/feeds', {}, o), [made]);
  const drop = (x) => del(`/feeds/${x.id}`).then(() => { toast(t('The address is revoked')); setMade(''); list.again(); }, failed);
  return html`${made && html`<${Notice} tone="good" icon="calendar-check">${t('Copy it now, it is shown only once:')} <code class="token">${made}</code>
      <button type="button" class="btn btn-sm" onClick=${() => copy(made)}><${Icon} name="copy" />${t('Copy')}</button><//>`}
    ${list.error && html`<${FailedLine} text=${t('The calendars could not be loaded.')} retry=${list.again} />`}
    ${!list.data && !list.error && html`<${SkeletonLines} lines=${2} />`}
    <ul class="plain-list">${(list.data?.items ?? []).map((x) => html`<li key=${x.id} class="row"><${Icon} name="calendar" />
      <span class="grow"><b class="strong">${nameOf(x)}</b><br />
      <span class="small faint">${x.used_at ? t('read {when}', { when: ago(x.used_at) }) : t('not read yet')}</span></span>
      <${IconButton} small icon="trash-2" label=${t('Revoke {name}', { name: nameOf(x) })} onClick=${() => drop(x)} /></li>`)}</ul>
    <${NewFeed} onMade=${setMade} />`;
}
