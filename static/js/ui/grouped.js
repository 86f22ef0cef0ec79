// A list by groups: each with its count and sums over the whole filter, as the
// server says, and its first records when it is opened. Loaded when a list is
// grouped for the first time.
import { html, useEffect, useRef, useState } from '../lib/html.js';
import { get } from '../lib/api.js';
import { fieldOf } from '../lib/meta.js';
import { known, rememberAll, rowsOf, valuesOf } from '../lib/records.js';
import { expression, groupOf, quote } from '../lib/query.js';
import { route, setQuery } from '../lib/router.js';
import { setWalk } from '../lib/walk.js';
import { t, tn } from '../lib/i18n.js';
import { countText, isoDay, money, month, number } from '../lib/format.js';
import { Failed, Icon, SkeletonRows } from './basics.js';
import { Value, isEmpty, withOptions } from './field.js';

/** Records an opened group shows, groups on the page, and records of all groups together. */
const FIRST = 20;
const GROUPS = 60;
const ROWS = 40;
/** Groups left open, by address. */
const left = new Map();

/** The condition of a group, in the filter's language. */
function conditionOf(g, f, byMonth) {
  const v = g.value?.id ?? (g.value?.hidden ? null : g.value);
  if (v === null || v === undefined || v === '') return `${f.name} is empty`;
  if (byMonth) return `${f.name} >= ${quote(`${v}-01`)} and ${f.name} <= ${quote(isoDay(new Date(Number(v.slice(0, 4)), Number(v.slice(5)), 0)))}`;
  if (typeof v === 'boolean') return `${f.name} = ${v}`;
  return `${f.name} = ${['link', 'number'].includes(f.kind) ? v : quote(v)}`;
}

const keyOf = (g) => JSON.stringify(g.value?.id ?? g.value ?? null);

/** As people look for them: options in their order, months from the last, else as many as there are. */
function inOrder(groups, f, byMonth) {
  const options = withOptions(f, null).options?.map((o) => o.id);
  const at = (g) => { const i = options.indexOf(g.value); return i < 0 ? options.length : i; };
  if (byMonth || f.kind === 'date') return [...groups].sort((a, b) => String(b.value ?? '').localeCompare(String(a.value ?? '')));
  return options ? [...groups].sort((a, b) => at(a) - at(b)) : groups;
}

const Name = ({ g, f, byMonth }) => (isEmpty(g.value) || g.value?.hidden ? html`<span class="faint">${t('Without {field}', { field: t(f.label) })}</span>` : byMonth ? month(`${g.value}-01`) : html`<${Value} field=${f.type === 'link' || f.type === 'user' ? { ...f, type: 'text' } : f} record=${{ [f.name]: g.value?.title ?? g.value }} />`);

/** Groups of a filter, and which are open with their records. */
export function useGroups(e, state, fields) {
  const { field: f, byMonth } = groupOf(e, state.group);
  const filter = expression(state);
  const key = JSON.stringify([e.name, filter, state.group, state.sort, fields]);
  const url = useRef('');
  url.current = route.value.url;
  const [data, setData] = useState({});
  const [chosen, setOpen] = useState({ group: state.group, keys: left.get(route.value.url) ?? null });
  const open = chosen.group === state.group ? chosen.keys : null;
  const [rows, setRows] = useState({});
  const [round, setRound] = useState(0);
  useEffect(() => {
    const stop = new AbortController();
    get(`/${e.plural}`, { filter, group: state.group, limit: 1, fields: 'title' }, { signal: stop.signal }).then(
      (a) => setData({ key, groups: inOrder(a.groups, f, byMonth), more: a.groups_more, count: a.count }),
      (error) => error.name !== 'AbortError' && setData({ key, error }),
    );
    return () => stop.abort();
  }, [key, round, rowsOf(e.name), valuesOf(e.name)]);
  const now = data.key === key ? data : {};
  const shown = now.groups?.slice(0, GROUPS) ?? [];
  const opened = open ?? (shown.length ? [keyOf(shown[0])] : []);
  useEffect(() => {
    const stop = new AbortController();
    for (const g of shown.filter((x) => opened.includes(keyOf(x)))) {
      const condition = conditionOf(g, f, byMonth);
      const query = { filter: filter ? `(${filter}) and (${condition})` : condition, sort: state.sort, fields };
      get(`/${e.plural}`, { ...query, limit: FIRST }, { signal: stop.signal }).then((a) => {
        rememberAll(e.name, a.items);
        setRows((all) => ({ ...all, [`${key} ${keyOf(g)}`]: { ids: a.items.map((r) => r.id), next: a.next, query } }));
      }, () => null);
    }
    return () => stop.abort();
  }, [key, opened.join(), now.groups, rowsOf(e.name)]);
  const toggle = (g) => {
    const k = keyOf(g);
    let next = opened.includes(k) ? opened.filter((x) => x !== k) : [...opened, k];
    while (next.length * FIRST > ROWS) next = next.slice(1); /* what was opened first closes, so that the page stays quick */
    left.set(url.current, next);
    setOpen({ group: state.group, keys: next });
  };
  const sections = shown.map((g) => {
    const found = rows[`${key} ${keyOf(g)}`];
    const on = opened.includes(keyOf(g));
    return { g, key: keyOf(g), on, ids: on ? found?.ids ?? [] : [], rest: on && found ? g.count - found.ids.length : 0, found, records: on && found ? found.ids.map((id) => known(e.name, id)).filter(Boolean) : [] };
  });
  return { ...now, f, byMonth, sections, toggle, again: () => setRound((n) => n + 1) };
}

/** Records of a group alone, as a list. */
function showAll(e, state, groups, g) {
  const condition = conditionOf(g, groups.f, groups.byMonth);
  setQuery({ group: 'none', filter: state.own ? `(${state.own}) and (${condition})` : condition });
}

/** Remembers the order of a group for previous and next, before a record of it is opened. */
export function walkGroup(e, groups, id) {
  const s = groups.sections.find((x) => x.ids.some((one) => String(one) === String(id)));
  if (s?.found) setWalk({ kind: e.name, ids: s.ids, start: 0, before: [], count: s.g.count, next: s.found.next, query: s.found.query, back: route.peek().url });
}

const Sums = ({ e, g }) => Object.entries(g.sums ?? {}).filter(([n, v]) => Number(v) && fieldOf(e, n)).slice(0, 3).map(([n, v]) => html`<span class="group-sum" key=${n}><span class="faint">${t(fieldOf(e, n).label)}</span> <span class="num">${money(v)}</span></span>`);

/** The head of a group: opens and closes it, tells count and sums. */
export function GroupHead({ e, groups, section: s }) {
  return html`<button type="button" class="group-toggle" aria-expanded=${s.on} onClick=${() => groups.toggle(s.g)}><${Icon} name=${s.on ? 'chevron-down' : 'chevron-right'} />
      <span class="clip strong"><${Name} g=${s.g} f=${groups.f} byMonth=${groups.byMonth} /></span><span class="num faint">${number(s.g.count)}</span></button>
    <span class="group-sums"><${Sums} e=${e} g=${s.g} /></span>`;
}

/** Leads to what an open group does not show. */
export const GroupRest = ({ e, state, groups, section: s }) => s.rest > 0 && html`<button type="button" class="btn btn-quiet btn-sm" onClick=${() => showAll(e, state, groups, s.g)}>${t('Show all {n}', { n: number(s.g.count) })}</button>`;

const Foot = ({ groups }) => html`<footer class="pager"><span class="num faint">${t('{n} in {groups}', { n: number(groups.groups.reduce((sum, g) => sum + g.count, 0)), groups: tn('{n} group', '{n} groups', groups.groups.length) })}${(groups.more || groups.groups.length > GROUPS) && html`, ${t('the {n} largest are shown', { n: countText(groups.sections.length) })}`}</span></footer>`;

/** The body of a grouped list: `draw` draws rows of sections as a table, `cards` those of one section for a phone. */
export default function Grouped({ e, state, fields, draw, cards, seen }) {
  const groups = useGroups(e, state, fields);
  useEffect(() => { seen(groups.sections.flatMap((s) => s.ids)); }, [groups.sections.flatMap((s) => s.ids).join()]);
  if (groups.error) return html`<${Failed} title=${t('The list could not be loaded')} text=${groups.error.message} retry=${groups.again} />`;
  if (!groups.groups) return html`<${SkeletonRows} cols=${state.columns.length + 1} />`;
  const opens = (ev) => { const row = ev.target.closest('a') && ev.target.closest('[data-row]'); if (row) walkGroup(e, groups, row.dataset.row); };
  return html`<div onClickCapture=${opens} onKeyDownCapture=${(ev) => ev.key === 'Enter' && opens(ev)}>
    <div class="wide-only">${draw(groups.sections.map((s) => ({ ...s, head: html`<${GroupHead} e=${e} groups=${groups} section=${s} />`, foot: s.rest > 0 && html`<${GroupRest} e=${e} state=${state} groups=${groups} section=${s} />` })))}</div>
    <div class="phone-only">${groups.sections.map((s) => html`<section key=${s.key} class="group-cards"><h2 class="group-line"><${GroupHead} e=${e} groups=${groups} section=${s} /></h2>${s.on && cards(s.records)}<${GroupRest} e=${e} state=${state} groups=${groups} section=${s} /></section>`)}</div>
    <${Foot} groups=${groups} /></div>`;
}
