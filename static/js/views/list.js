// The list of any entity: saved views, filters, sorting, inline edit, ticking
// and bulk actions, pages by cursor. Everything is drawn from metadata.
import { html, useState, useEffect, useRef, useLayoutEffect } from '../lib/html.js';
import { get } from '../lib/api.js';
import { entity, fieldOf, fieldsParam, isPerson, pictureOf, insteadOf, standIns } from '../lib/meta.js';
import { known, load, rememberAll, rowsOf, titleOf } from '../lib/records.js';
import { ALL, listState, expression, cleared, isNarrowed } from '../lib/query.js';
import { route, setQuery, wentBack, pastDay, onDay, go, Link } from '../lib/router.js';
import { hand } from '../lib/handed.js';
import { setWalk } from '../lib/walk.js';
import { watch } from '../lib/live.js';
import { t, tn, noun } from '../lib/i18n.js';
import { number, countText } from '../lib/format.js';
import { PageHead } from '../ui/page.js';
import { Icon, Avatar, Empty, Failed, SkeletonRows, useLoad, Later } from '../ui/basics.js';
import { Value, text } from '../ui/field.js';
import { LateText, lateFields } from '../ui/late.js';
import { ViewTabs, ViewBar, Columns, GroupBy, Order } from '../ui/viewbar.js';
import { PastBanner } from '../ui/asof.js';
import { startCreate } from '../ui/open.js';
import { Grid, Tick } from '../ui/grid.js';
import { BulkBar, selectable } from '../ui/bulkbar.js';
import { Export, shown } from '../ui/export.js';

const PAGE = 50;
const FRESH_MS = 2000;
/** Lists as they were left, by address, so that Back finds its place. */
const left = new Map();

const fieldsFor = (e, state) => fieldsParam(e, ['title', 'owner', 'team', ...state.columns.slice(1), ...lateFields(e), ...standIns(e), ...e.fields.filter((f) => f.type === 'phones').map((f) => f.name)]);

/**
 * Loads one page at a time and keeps the cursors of those before it. Rows of a
 * past day stay with the list; those of today are shared by id.
 */
function useRows(e, state) {
  const filter = expression(state);
  const as_of = pastDay();
  const query = { filter, sort: state.sort, as_of, fields: fieldsFor(e, state) };
  const key = JSON.stringify(query);
  const url = useRef('');
  const was = useRef(wentBack.peek() ? left.get(route.value.url) : null).current;
  url.current = route.value.url;
  const [page, setPage] = useState(was?.key === key ? was.page : { key, cursors: [''], at: 0 });
  const [list, setList] = useState(was?.key === key ? was.list : { ids: null });
  const [error, setError] = useState(null);
  const [round, setRound] = useState(0);
  const now = page.key === key ? page : { key, cursors: [''], at: 0 };
  useEffect(() => {
    const stop = new AbortController();
    const cursor = now.cursors[now.at];
    get(`/${e.plural}`, { ...query, limit: PAGE, cursor }, { signal: stop.signal }).then((answer) => {
      if (!as_of) rememberAll(e.name, answer.items);
      const fresh = { ids: answer.items.map((r) => r.id), past: as_of && new Map(answer.items.map((r) => [r.id, r])), next: answer.next, count: answer.count, more: answer.count_more };
      setList(fresh);
      setError(null);
      setWalk({ kind: e.name, ids: fresh.ids, start: now.at * PAGE, before: now.cursors.slice(0, now.at), count: fresh.count, more: fresh.more, next: fresh.next, query: { filter, sort: state.sort, as_of }, back: route.peek().url });
    }, (bad) => bad.name !== 'AbortError' && setError(bad));
    return () => stop.abort();
  }, [key, now.at, round, rowsOf(e.name)]);
  useEffect(() => { /* what is late by now changes without a change */
    if (as_of || !/\bnow\(\)/.test(filter)) return undefined;
    const timer = setInterval(() => document.visibilityState === 'visible' && setRound((n) => n + 1), 60000);
    return () => clearInterval(timer);
  }, [filter, as_of]);
  const turn = (by) => {
    const cursors = by > 0 ? [...now.cursors.slice(0, now.at + 1), list.next] : now.cursors;
    setPage({ key, cursors, at: now.at + by });
  };
  const records = (list.ids ?? []).map((id) => (list.past ? list.past.get(id) : known(e.name, id))).filter(Boolean);
  return { ...list, records, error, at: now.at, turn, again: () => { setError(null); setRound((n) => n + 1); }, keep: (more) => left.set(url.current, { key, page: now, list, ...more }), was };
}

/** Patches rows others change, counts rows others add. */
function useLive(e, rows, state) {
  const [added, setAdded] = useState(0);
  const [fresh, setFresh] = useState(null);
  useEffect(() => watch(e.name, (event) => {
    if (rows.past) return;
    if (!event) { rows.again(); return; }
    if (event.op === 'create') setAdded((n) => n + 1);
    else if (!rows.ids?.some((id) => String(id) === String(event.id))) return;
    else if (event.op === 'update') {
      load(e.name, event.id, { fields: fieldsFor(e, state) }).then((r) => { setFresh(r.id); setTimeout(() => setFresh(null), FRESH_MS); }, rows.again);
    } else rows.again();
  }), [e.name, rows.ids]);
  return { added, fresh, show: () => { setAdded(0); rows.again(); } };
}

/** The ticks with one more or one less. */
const toggled = (picked, id) => { const next = new Set(picked); if (!next.delete(id)) next.add(id); return next; };

const Phone = ({ r }) => {
  const number_ = r.phones?.[0]?.value ?? r.phones?.[0];
  return number_ && html`<a class="btn btn-quiet btn-icon" href=${`tel:${String(number_).replace(/[^\d+]/g, '')}`} aria-label=${t('Call {name}', { name: r.title })}><${Icon} name="phone" /></a>`;
};

/** Two-line rows for phones: name and status, then the next columns. With `picked` a touch ticks a row instead of opening it. */
function Cards({ entity: e, records, state, fresh, picked, pick }) {
  const columns = state.columns.slice(1).map((n) => fieldOf(e, n));
  const status = columns.find((f) => f.type === 'stage' || f.type === 'choice');
  const others = columns.filter((f) => f !== status);
  const last = others.find((f) => ['money', 'date', 'instant', 'localtime'].includes(f.type)) ?? others.slice(1).at(-1);
  const second = others.find((f) => f !== last);
  const row = (r, inner) => (picked ? html`<label class="plain"><input type="checkbox" class="check" aria-label=${t('Select {name}', { name: titleOf(e.name, r) })} checked=${picked.has(r.id)} onChange=${() => pick(toggled(picked, r.id))} />${inner}</label>`
    : html`<${Tick} e=${e} r=${r} /><${Link} to=${onDay(`/${e.plural}/${r.id}`)} class="plain">${inner}<//><${Phone} r=${r} />`);
  return html`<ul class="list-cards">${records.map((r) => html`<li key=${r.id} class=${fresh === r.id ? 'is-fresh' : ''}>
    ${row(r, html`${isPerson(e) && html`<${Avatar} name=${r.title} id=${r.id} picture=${pictureOf(e, r)} size="lg" square=${e.title?.length === 1} />`}
      <span class="grow"><span class="row"><b class="strong clip">${titleOf(e.name, r)}</b>${status && r[status.name] && html`<span class="push small"><${Value} field=${status} record=${r} /></span>`}</span>
        <span class="row small faint"><span class="clip">${second ? text(insteadOf(e, second, r), r) : ''}</span>
          <span class="push num nowrap">${last?.clock && r[last.name] ? html`<${Value} field=${last} record=${r} />` : last ? html`<${LateText} e=${e} f=${last} r=${r} />` : ''}</span></span></span>`)}</li>`)}</ul>`;
}

/** How many records the list would show, were they not in the bin: { n, more }, null while nobody knows. */
function useBin(e, state) {
  const bin = useLoad((o) => get(`/${e.plural}`, { trash: 1, filter: expression(state), limit: 1, fields: 'title' }, o), [e.name, expression(state)]);
  return bin.error ? { n: 0 } : bin.data && { n: bin.data.count, text: countText(bin.data.count, bin.data.count_more) };
}

const OpenBin = ({ entity: e, children }) => html`<${Link} class="btn" to=${`/trash?kind=${e.name}`}><${Icon} name="trash-2" />${children}<//>`;

/** What fits, but is in the bin now. */
function InBin({ entity: e, state }) {
  const bin = useBin(e, state);
  return bin?.n > 0 && !pastDay() && html`<${OpenBin} entity=${e}>${t('{n} in the bin', { n: bin.text })}<//>`;
}

const NoMatch = ({ entity: e, state, query }) => html`<${Empty} icon="search" title=${t('Nothing matches')} text=${t('Remove a filter or search for something else.')}>
  <button type="button" class="btn" onClick=${() => setQuery(cleared(query))}>${t('Clear filters')}</button><${InBin} entity=${e} state=${state} /><//>`;

const NotYet = () => html`<${Empty} icon="history" title=${t('Nothing was there yet')} text=${t('On that day there were none of these.')} />`;

const AddFirst = ({ entity: e }) => e.can?.create && html`<button type="button" class="btn btn-primary" onClick=${() => startCreate(e.name)}>
    <${Icon} name="plus" />${t('Add the first one')}</button>`;

/** A saved view that nothing fits now. */
const NoneInView = ({ entity: e, state }) => html`<${Empty} icon=${e.icon || 'folder'} title=${t('Nothing in “{view}”', { view: t(state.view.label) })} text=${t('Whatever fits this view appears here.')}>
  <${Link} class="btn" to=${`/${e.plural}?view=${ALL}&mode=list`}>${t('All {things}', { things: noun(e.label_plural) })}<//><${InBin} entity=${e} state=${state} /><//>`;

function NoRecords({ entity: e, state }) {
  const bin = useBin(e, state);
  const things = noun(e.label_plural);
  if (!bin) return null;
  if (!bin.n) return html`<${Empty} icon=${e.icon || 'folder'} title=${t('No {things} yet', { things })} text=${t('What you add or import appears here, with views, filters and sums.')}><${AddFirst} entity=${e} />${e.can?.import && html`<${Link} class="btn" to=${`/import?entity=${e.name}`}><${Icon} name="upload" />${t('Import')}<//>`}<//>`;
  return html`<${Empty} icon="trash-2" title=${t('All {things} are in the bin', { things })} text=${tn('{n} record is kept there until it is restored.', '{n} records are kept there until they are restored.', bin.n, { n: bin.text })}>
    <${OpenBin} entity=${e}>${t('Open the bin')}<//><${AddFirst} entity=${e} /><//>`;
}

function Pager({ rows }) {
  const from = rows.at * PAGE + 1;
  const label = t('{from}–{to} of {total}', { from: number(from), to: number(from + rows.ids.length - 1), total: countText(rows.count, rows.more) });
  return html`<footer class="pager"><span class="num faint">${label}</span>
    <span class="push row"><button type="button" class="btn btn-sm" disabled=${rows.at === 0} onClick=${() => rows.turn(-1)}>
        <${Icon} name="chevron-left" /><span class="wide-only">${t('Previous')}</span>
          <span class="sr-only phone-only">${t('Previous page')}</span></button>
      <button type="button" class="btn btn-sm" disabled=${!rows.next} onClick=${() => rows.turn(1)}>
        <span class="wide-only">${t('Next')}</span><span class="sr-only phone-only">${t('Next page')}</span>
          <${Icon} name="chevron-right" /></button></span></footer>`;
}

/** Keeps scroll position and ticks when the page is left. */
function useKeep(rows, body, picked) {
  const now = useRef(null);
  const scroll = useRef(0);
  now.current = () => rows.keep({ scroll: scroll.current, picked });
  useEffect(() => () => now.current(), []);
  useLayoutEffect(() => { if (rows.was?.scroll) body.current.scrollTop = rows.was.scroll; }, []);
  useEffect(() => { if (!rows.was) body.current.scrollTop = 0; }, [rows.at]);
  return (ev) => { scroll.current = ev.currentTarget.scrollTop; };
}

const groupedView = () => import('../ui/grouped.js');

function Body({ e, rows, state, query, picked, pick, choosing, fresh, seen }) {
  if (rows.error) return html`<${Failed} title=${t('The list could not be loaded')} text=${t('{reason} Your filters are kept.', { reason: rows.error.status === 0 ? t('The server does not answer.') : rows.error.message })} retry=${rows.again} />`;
  if (!rows.ids) return html`<${SkeletonRows} cols=${state.columns.length + 1} />`;
  if (!rows.ids.length && isNarrowed(state)) return html`<${NoMatch} entity=${e} state=${state} query=${query} />`;
  if (!rows.ids.length) return state.view?.filter ? html`<${NoneInView} entity=${e} state=${state} />` : rows.past ? html`<${NotYet} />` : html`<${NoRecords} entity=${e} state=${state} />`;
  if (state.group && !rows.past) {
    const shared = { entity: e, state, picked: selectable(e) ? picked : null, setPicked: pick, fresh };
    return html`<${Later} key=${e.name} load=${groupedView} e=${e} state=${state} fields=${fieldsFor(e, state)} seen=${seen} draw=${(sections) => html`<${Grid} ...${shared} records=${sections.flatMap((s) => s.records)} sections=${sections} />`}
      cards=${(records) => html`<${Cards} entity=${e} records=${records} state=${state} fresh=${fresh} picked=${choosing ? picked : null} pick=${pick} />`} />`;
  }
  return html`<div class="wide-only"><${Grid} entity=${e} records=${rows.records} frozen=${Boolean(rows.past)} state=${state} picked=${!rows.past && selectable(e) ? picked : null} setPicked=${pick} fresh=${fresh} /></div>
    <div class="phone-only"><${Cards} entity=${e} records=${rows.records} state=${state} fresh=${fresh} picked=${choosing && !rows.past ? picked : null} pick=${pick} /></div>`;
}

/** A file dropped anywhere on a list is one to import. */
const dropping = (e) => (!e.can?.import ? {} : {
  onDragOver: (ev) => { if (ev.dataTransfer?.types.includes('Files')) ev.preventDefault(); },
  onDrop: (ev) => {
    if (!ev.dataTransfer?.files.length) return;
    ev.preventDefault();
    hand(ev.dataTransfer.files[0]);
    go(`/import?entity=${e.name}`);
  },
});

export default function List({ kind }) {
  const e = entity(kind);
  const { query } = route.value;
  const state = { ...listState(e, query), mode: 'list' };
  const rows = useRows(e, state);
  const [picked, setPicked] = useState(rows.was?.picked ?? new Set());
  const [all, setAll] = useState(false);
  const [choosing, setChoosing] = useState(false); /* on a phone */
  const [visible, seen] = useState(null); /* of the groups that are open */
  const body = useRef(null);
  const live = useLive(e, rows, state);
  const onScroll = useKeep(rows, body, picked);
  const pick = (set) => { setAll(false); setPicked(set); };
  const clear = () => { setChoosing(false); pick(new Set()); };
  const frozen = pastDay();
  const onPage = (state.group && !frozen ? visible : rows.ids) ?? [];
  const count = countText(rows.count, rows.more);
  const file = (cls) => e.can?.export !== false && html`<${Export} class=${cls} entity=${e} list=${shown(e, state, expression(state), frozen)} count=${rows.count} more=${rows.more} />`;
  return html`<div class="page" ...${dropping(e)}>
    <${PageHead} title=${t(e.label_plural)} count=${count} create=${kind}>${e.doubles && e.can?.edit !== 'none' && html`<${Link} class="btn btn-quiet btn-icon" to=${`/duplicates/${kind}`} aria-label=${t('Find duplicates')} title=${t('Find duplicates')}><${Icon} name="merge" /><//>`}${e.can?.import && html`<${Link} class="btn btn-quiet wide-only" to=${`/import?entity=${e.name}`}><${Icon} name="upload" />${t('Import')}<//>`}${file('btn btn-quiet wide-only')}<//>
    <${ViewTabs} entity=${e} state=${state} count=${count} />
    <${ViewBar} entity=${e} state=${state} query=${query} file=${file} select=${!frozen && rows.ids?.length && selectable(e) ? () => setChoosing(true) : null}><span class="push row">
      ${live.added > 0 && html`<button type="button" class="btn btn-sm" onClick=${live.show}>
        <${Icon} name="refresh-cw" />${tn('{n} new – show', '{n} new – show', live.added)}</button>`}
      <span class="row wide-only">${!frozen && html`<${GroupBy} entity=${e} state=${state} />`}<${Order} entity=${e} state=${state} /><${Columns} entity=${e} state=${state} /></span></span><//>
    <${PastBanner} />
    <div class="page-body" ref=${body} onScroll=${onScroll} tabindex="-1">
      <${Body} e=${e} rows=${rows} state=${state} query=${query} picked=${picked} pick=${pick} choosing=${choosing || picked.size > 0} fresh=${live.fresh} seen=${seen} /></div>
    ${(picked.size > 0 || choosing) && !frozen && html`<${BulkBar} entity=${e} state=${state} picked=${picked} all=${all} setAll=${setAll} count=${rows.count} more=${rows.more} pageFull=${onPage.every((id) => picked.has(id))} pickPage=${() => pick(new Set([...picked, ...onPage]))} clear=${clear} />`}
    ${rows.ids?.length > 0 && !(state.group && !frozen) && html`<${Pager} rows=${rows} />`}
  </div>`;
}
