// What happened to a record, newest first: pinned entries on top, filtered by
// kind, person and words, on request with what belongs to it. The filter lives
// in the address; on a phone it is a sheet.
import { html, useEffect, useRef, useState } from '../lib/html.js';
import { get } from '../lib/api.js';
import { entity, stories } from '../lib/meta.js';
import { rowsOf, valuesOf } from '../lib/records.js';
import { NOTE, ACTIVITY, KINDS } from '../lib/names.js';
import { route, setQuery } from '../lib/router.js';
import { t, rare } from '../lib/i18n.js';
import { isoDay, parse } from '../lib/format.js';
import { Icon, Empty, Failed, Later, SkeletonLines, useLoad } from './basics.js';
import { Dialog, Popover } from './layers.js';

const PAGE = 30;
const MOST = 200;
const TYPE_MS = 250;
const WITH = 'related';

/** By what a timeline can be filtered. */
const kinds = () => ['note', 'task', 'call', 'meeting', 'email', ...stories().map((s) => s.name).filter((n) => n !== NOTE && n !== ACTIVITY), 'change'];
const kindName = (k) => t(KINDS[k]?.[1] ?? entity(k)?.label ?? k);
const withName = (e) => t('With {things}', { things: e.timeline_with.map((n) => t(entity(n)?.label_plural ?? n)).join(', ') });

/** What the address asks for, as the server takes it. */
function asked() {
  const { kind = '', by = '', find = '', with: more = '' } = route.value.query;
  return { kind, by: /^\d+$/.test(by) ? by : '', q: find, with: more === WITH ? WITH : '' };
}

/** The story as it stood at the end of a past day. */
async function storyUntil(path, ask, day, limit, options) {
  const items = [];
  let cursor = '';
  do {
    const page = await get(`${path}/timeline`, { ...ask, limit: MOST, cursor }, options);
    items.push(...page.items.filter((x) => isoDay(parse(x.at)) <= day));
    cursor = page.next;
  } while (cursor && items.length <= limit);
  return { items: items.slice(0, limit), next: cursor || items.length > limit };
}

function Search({ value }) {
  const [text, setText] = useState(value);
  const timer = useRef(0);
  useEffect(() => { setText(value); }, [value]);
  const type = (v) => { setText(v); clearTimeout(timer.current); timer.current = setTimeout(() => setQuery({ find: v.trim() }), TYPE_MS); };
  return html`<span class="tl-find"><${Icon} name="search" /><input class="input input-sm" type="search" aria-label=${t('Search in the timeline')} placeholder=${t('Search')} value=${text} onInput=${(ev) => type(ev.target.value)} /></span>`;
}

const fetchForm = rare(() => import('./story-filter.js'));
const fetchChips = () => fetchForm().then((m) => ({ default: m.Chips }));
const Chips = (p) => html`<${Later} load=${fetchChips} kindName=${kindName} withName=${withName} ...${p} />`;
const Form = (p) => html`<${Later} load=${fetchForm} kinds=${kinds()} kindName=${kindName} withName=${withName} ...${p} />`;

function FilterButtons({ e, ask }) {
  const [sheet, setSheet] = useState(false);
  const label = html`<${Icon} name="funnel" /><span>${t('Filter')}</span>`;
  return html`<span class="wide-only"><${Popover} class="btn btn-sm" label=${label} name=${t('Filter the timeline')}>${() => html`<${Form} e=${e} ask=${ask} />`}<//></span>
    <button type="button" class="btn btn-sm phone-only" aria-haspopup="dialog" onClick=${() => setSheet(true)}>${label}</button>
    ${sheet && html`<${Dialog} title=${t('Filter the timeline')} onClose=${() => setSheet(false)} foot=${html`<button type="button" class="btn btn-primary" onClick=${(ev) => ev.target.closest('dialog').close()}>${t('Show')}</button>`}><div class="dialog-body"><${Form} e=${e} ask=${ask} /></div><//>`}`;
}

const Nothing = ({ filtered }) => (filtered
  ? html`<${Empty} icon="funnel" title=${t('Nothing fits this filter')}><button type="button" class="btn" onClick=${() => setQuery({ kind: '', by: '', find: '', with: '' })}>${t('Show everything')}</button><//>`
  : html`<${Empty} icon="history" title=${t('Nothing here yet')} text=${t('Notes, tasks, calls and changes show up here.')} />`);

/** The story of a record; `entries` draws a list of items. */
export function Story({ e, path, day, entries: Entries, ...rest }) {
  const ask = asked();
  const key = JSON.stringify(ask);
  const [limit, setLimit] = useState(PAGE);
  const told = [...stories(), ...(ask.with ? e.timeline_with.map(entity) : [])].map((s) => `${rowsOf(s.name)} ${valuesOf(s.name)}`).join();
  const load = (o) => (day ? storyUntil(path, ask, day, limit, o) : get(`${path}/timeline`, { ...ask, limit }, o));
  const story = useLoad(load, [path, key, limit, day, told, valuesOf(e.name)]);
  const pinned = day ? [] : story.data?.pinned ?? [];
  const items = story.data?.items.filter((x) => !pinned.some((p) => p.entity === x.entity && p.id === x.id));
  return html`<section aria-label=${t('Timeline')}>
    <div class="row tl-head"><h2 class="side-title grow">${t('Timeline')}</h2><${Search} value=${ask.q} /><${FilterButtons} e=${e} ask=${ask} /></div>
    ${(ask.kind || ask.by || ask.with) && html`<${Chips} e=${e} ask=${ask} />`}
    ${story.error && html`<${Failed} title=${t('The timeline could not be loaded')} text=${story.error.message} retry=${story.again} />`}
    ${!items && !story.error && html`<${SkeletonLines} lines=${6} />`}
    ${items?.length === 0 && pinned.length === 0 && html`<${Nothing} filtered=${key !== JSON.stringify({ kind: '', by: '', q: '', with: '' })} />`}
    ${pinned.length > 0 && html`<h3 class="row small tl-pins"><${Icon} name="pin" />${t('Pinned')}</h3><ol class="timeline" aria-label=${t('Pinned')}><${Entries} e=${e} day=${day} items=${pinned} flat ...${rest} /></ol>`}
    ${items?.length > 0 && html`<ol class="timeline"><${Entries} e=${e} day=${day} items=${items} ...${rest} /></ol>`}
    ${story.data?.next && html`<button type="button" class="btn btn-sm" onClick=${() => setLimit(limit + PAGE * 2)}>${t('Show more')}</button>`}
  </section>`;
}
