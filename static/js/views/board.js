// The board of any entity: a pipeline's stages or a choice as columns. Counts
// and sums come from the server and cover the whole filter.
import { html, cx, useState, useEffect, useLayoutEffect, useRef, useComputed } from '../lib/html.js';
import { get } from '../lib/api.js';
import { entity, pipelinesOf, boardFields, fieldOf } from '../lib/meta.js';
import { known, load, rememberAll, rowsOf, valuesOf, create, titleOf, offerUndo, explain } from '../lib/records.js';
import { listState, expression, quote } from '../lib/query.js';
import { route, wentBack, pastDay } from '../lib/router.js';
import { setWalk } from '../lib/walk.js';
import { dragged, over } from '../lib/dnd.js';
import { soon, watch } from '../lib/live.js';
import { toast } from '../lib/toast.js';
import { t, noun, rare } from '../lib/i18n.js';
import { moneyShort, percent, number, parseDecimal } from '../lib/format.js';
import { PageHead } from '../ui/page.js';
import { Icon, IconButton, Failed, FailedLine, Later, SkeletonLines, useLatest, useLoad } from '../ui/basics.js';
import { ViewTabs, ViewBar } from '../ui/viewbar.js';
import { PastBanner } from '../ui/asof.js';
import { startCreate } from '../ui/open.js';
import { moveTo, valueIn, NO_VALUE } from '../ui/stages.js';
import { Card, cardFields, cardColumns } from '../ui/card.js';

const PAGE = 50;
/** Cards of a column that are drawn first; those further down, out of sight, follow once these are painted. */
const SIGHT = 16;
/** Boards up to this size come in one call. */
const SMALL = 200;
/** The most one call answers. */
const MOST = 500;
/** New cards that are kept in sight, wherever their place is. */
const PINS = 20;
const NEAR_PX = 240;
/** Boards as they were left, by address. */
const places = new Map();

/** What the board groups by: { field, stages, ends, pipe } from pipeline or choice, as address or view say. */
function grouping(e, state) {
  const pipe = pipelinesOf(e).find((p) => p.id === state.pipeline) ?? pipelinesOf(e)[0];
  const by = fieldOf(e, state.by)?.type === 'choice' ? fieldOf(e, state.by) : null;
  if (pipe && !by) return { pipe, field: fieldOf(e, pipe.field), stages: pipe.stages.filter((s) => s.kind === 'open'), ends: ['lost', 'won'].map((k) => pipe.stages.find((s) => s.kind === k)).filter(Boolean) };
  const field = by ?? boardFields(e).find((f) => f.type === 'choice');
  return { pipe: null, field, stages: [NO_VALUE, ...field.options], ends: [] };
}

/** The column a record is in. */
const columnIn = (g, r) => r[g.field.name] ?? NO_VALUE.id;

/** Where cards can be moved to; a required field is never without a value. */
const targetsOf = (g) => g.stages.filter((s) => s !== NO_VALUE || !g.field.required);

const both = (...parts) => parts.filter(Boolean).map((p, _, all) => (all.length > 1 ? `(${p})` : p)).join(' and ');

/** Condition of one column; a stage belongs to its pipeline only. */
function inStage(e, g, s) {
  const pipe = g.pipe && e.fields.find((f) => f.type === 'pipeline');
  return both(pipe && `${pipe.name} = ${quote(g.pipe.id)}`, s === NO_VALUE ? `${g.field.name} is empty` : `${g.field.name} = ${quote(s.id)}`);
}

/** Totals by column: { id: { count, sum, weighted } }. */
async function totalsOf(e, g, filter, as_of, options) {
  if (g.pipe) {
    const answer = await get(`/boards/${g.pipe.id}`, { filter, as_of }, options);
    return Object.fromEntries(answer.stages.map((s) => [s.id, s]));
  }
  const answer = await get(`/${e.plural}`, { filter, as_of, group: g.field.name, limit: 1, fields: 'title' }, options);
  const amount = cardFields(e).amount?.name;
  return Object.fromEntries((answer.groups ?? []).map((x) => [x.value ?? NO_VALUE.id, { count: x.count, sum: x.sums?.[amount] }]));
}

/** Condition of all columns together. */
function inBoard(e, g) {
  const pipe = g.pipe && e.fields.find((f) => f.type === 'pipeline');
  const named = `${g.field.name} in (${g.stages.filter((s) => s !== NO_VALUE).map((s) => quote(s.id)).join(', ')})`;
  return both(pipe && `${pipe.name} = ${quote(g.pipe.id)}`, g.stages.includes(NO_VALUE) ? `${named} or ${g.field.name} is empty` : named);
}

/** A column of cards that are here already; those beyond `room` wait. */
const columnOf = (items, room = PAGE) => ({ items: items.slice(0, room), rest: items.slice(room), next: items.length > room });

/** All cards of a column that are here: the loaded ones, then new ones that belong further down. */
const cardsOf = (p) => (p?.pinned ? [...p.items, ...p.pinned.filter((r) => !p.items.some((x) => x.id === r.id))] : p?.items ?? []);

/**
 * Loads the cards: a small board in one call, a large one a page for every
 * column; more when a column is scrolled. Loading again keeps as many as were there.
 * A card given to pin() is there even if its place is beyond those loaded.
 */
function useCards(e, g, filter, as_of) {
  const ask = async (condition, more, options) => {
    const sort = g.pipe && !as_of ? 'urgency' : '-updated_at';
    const query = { filter: both(filter, condition), as_of, limit: PAGE, sort, fields: cardColumns(e, g), ...more };
    const answer = await get(`/${e.plural}`, query, options);
    if (!as_of) rememberAll(e.name, answer.items);
    return answer;
  };
  const page = (s, more, options) => ask(inStage(e, g, s), more, options);
  const key = `${e.name} ${g.field.name} ${g.pipe?.id} ${filter} ${as_of}`;
  const had = useRef({});
  const pins = useRef({});
  const room = (s) => Math.min(MOST, Math.max(PAGE, had.current.key === key ? had.current.data?.[s.id]?.items.length ?? 0 : 0));
  const pin = (id) => { pins.current = { key, ids: [...(pins.current.key === key ? pins.current.ids : []), id].slice(-PINS) }; };
  const withPins = async (data, o) => {
    const ids = (pins.current.key === key ? pins.current.ids : []).filter((id) => !Object.values(data).some((p) => p.items.some((r) => r.id === id)));
    if (!ids.length) return data;
    const { items } = await ask(both(inBoard(e, g), `id in (${ids.join(', ')})`), {}, o);
    return Object.fromEntries(Object.entries(data).map(([id, p]) => [id, { ...p, pinned: items.filter((r) => columnIn(g, r) === id) }]));
  };
  const pages = async (o) => {
    const whole = await ask(inBoard(e, g), { limit: SMALL }, o);
    if (!whole.next) return Object.fromEntries(g.stages.map((s) => [s.id, columnOf(whole.items.filter((r) => columnIn(g, r) === s.id), room(s))]));
    return Object.fromEntries(await Promise.all(g.stages.map(async (s) => [s.id, await page(s, { limit: room(s) }, o)])));
  };
  const start = async (o) => withPins(await pages(o), o);
  const all = useLoad(start, [e.name, g.field.name, g.pipe?.id, filter, as_of, rowsOf(e.name)]);
  useEffect(() => { had.current = { key, data: all.data }; }, [all.data]);
  const more = async (s) => {
    const now = all.data[s.id];
    if (!now.next || now.busy) return;
    now.busy = true;
    const next = now.rest ? columnOf(now.rest) : await page(s, { cursor: now.next }).catch(() => null);
    now.busy = false;
    if (next) all.set({ ...all.data, [s.id]: { ...next, items: [...now.items, ...next.items], pinned: now.pinned } });
  };
  return { ...all, more, pin };
}

/** Cards of a column now: own ones, and those moved here since loading on top. */
function cardsIn(e, g, s, data, frozen) {
  if (!data) return [];
  const own = cardsOf(data[s.id]);
  if (frozen) return own;
  const fresh = (r) => known(e.name, r.id) ?? r;
  const here = (r) => columnIn(g, r) === s.id;
  const moved = Object.entries(data).filter(([id]) => id !== s.id).flatMap(([, p]) => cardsOf(p)).map(fresh).filter(here);
  const seen = new Set(own.map((r) => r.id));
  return [...moved.filter((r) => !seen.has(r.id)), ...own.map(fresh).filter(here)];
}

function useBoardLive(e, g, cards, totals) {
  const at = useLatest({ cards, totals });
  useEffect(() => {
    const later = soon((others) => { at.current.totals.again(); if (others.includes(true)) at.current.cards.again(); });
    const stop = watch(e.name, (event) => {
      const loaded = event && Object.values(at.current.cards.data ?? {}).some((p) => cardsOf(p).some((r) => String(r.id) === String(event.id)));
      if (loaded && event.op === 'update') load(e.name, event.id, { fields: cardColumns(e, g) }).catch(at.current.cards.again);
      later.add(!loaded || event.op !== 'update');
    });
    return () => { stop(); later.stop(); };
  }, [e.name, g.field.name]);
}

/** `still` is set for the one scroll that brings the new card into sight: it asks for no more cards. */
function QuickAdd({ e, g, stage, pin, still }) {
  const [open, setOpen] = useState(false);
  const first = useRef(null);
  const amount = cardFields(e).amount;
  useLayoutEffect(() => { if (open) first.current.focus(); }, [open]);
  /* It is shown when the column has it. */
  const fresh = useRef(null);
  useLayoutEffect(() => {
    const card = fresh.current && document.getElementById(`card-${fresh.current}`);
    if (card) { fresh.current = null; still.current = true; card.scrollIntoView({ block: 'nearest' }); }
  });
  const pipe = e.fields.find((f) => f.type === 'pipeline');
  const preset = { [g.field.name]: valueIn(stage), ...(g.pipe && pipe ? { [pipe.name]: g.pipe.id } : {}) };
  const save = async (ev) => {
    ev.preventDefault();
    const form = ev.target;
    const name = form.elements.name.value.trim();
    if (!name) { first.current.focus(); return; }
    const values = { ...preset, [e.title[0]]: name, ...(amount && form.elements.amount.value ? { [amount.name]: parseDecimal(form.elements.amount.value) } : {}) };
    try {
      const made = await create(e.name, values);
      offerUndo(t('{name} created', { name: titleOf(e.name, made) }), made.change, e.name);
      pin(made.id);
      fresh.current = made.id;
      form.reset();
      first.current.focus();
    } catch (bad) {
      if (bad.status === 422) { setOpen(false); startCreate(e.name, values); } else toast(explain(bad), { bad: true });
    }
  };
  if (!open) return html`<button type="button" class="btn btn-quiet btn-sm quick-add" aria-label=${t('Add {thing}: {stage}', { thing: noun(e.label), stage: t(stage.label) })} onClick=${() => (e.title?.length === 1 ? setOpen(true) : startCreate(e.name, preset))}>
    <${Icon} name="plus" />${t('Add {thing}', { thing: noun(e.label) })}</button>`;
  return html`<form class="deal quick-form" onSubmit=${save} onKeyDown=${(ev) => ev.key === 'Escape' && setOpen(false)}>
    <input ref=${first} name="name" class="input input-sm" autocomplete="off" placeholder=${t(fieldOf(e, e.title[0]).label)} aria-label=${t(fieldOf(e, e.title[0]).label)} />
    ${amount && html`<input name="amount" class="input input-sm num" inputmode="decimal" autocomplete="off" placeholder=${t(amount.label)} aria-label=${t(amount.label)} />`}
    <div class="row"><button type="submit" class="btn btn-primary btn-sm">${t('Add')}</button>
      <button type="button" class="btn btn-quiet btn-sm" onClick=${() => setOpen(false)}>${t('Cancel')}</button></div></form>`;
}

const ColumnHead = ({ stage: s, total }) => html`<header class="column-head"><div class="row">
  <h2 id=${`col-${s.id}`} class="clip">${t(s.label)}</h2>
    <span class="badge badge-count">${total ? number(total.count) : '…'}</span>
    ${s.percent !== undefined && html`<span class="push tiny faint num" title=${t('Probability')}>${percent(s.percent / 100)}</span>`}</div>
  ${total?.sum && html`<p class="small num">
    <b class="strong">${moneyShort(total.sum)}</b> ${total.weighted && html`<span class="faint">${t('{v} weighted', { v: moneyShort(total.weighted) })}</span>`}</p>`}</header>`;

function Column({ stage: s, board, total, cards, list }) {
  const here = useComputed(() => over.value === s.id).value; /* only the two columns it concerns are drawn anew */
  const still = useRef(false);
  const scroll = (ev) => { const b = ev.currentTarget; if (still.current) still.current = false; else if (b.scrollHeight - b.scrollTop - b.clientHeight < NEAR_PX) cards.more(s); };
  return html`<section class=${cx('column', here && 'column-over')} data-column=${s.id} data-drop=${s.id} aria-labelledby=${`col-${s.id}`}>
    <${ColumnHead} stage=${s} total=${total} />
    <div class="column-body" onScroll=${scroll} tabindex="-1">${!cards.data && html`<${SkeletonLines} lines=${5} />`}
      ${list.map((r) => html`<${Card} key=${r.id} record=${r} stage=${s} board=${board} />`)}
      ${cards.data && !list.length && !here && html`<p class="column-empty">${t('Nothing in this column')}</p>`}
      ${cards.data?.[s.id]?.next && html`<button type="button" class="btn btn-quiet btn-sm" onClick=${() => cards.more(s)}>${t('Show more')}</button>`}</div>
    ${!board.frozen && board.e.can?.create && html`<footer class="column-foot"><${QuickAdd} e=${board.e} g=${board.g} stage=${s} pin=${cards.pin} still=${still} /></footer>`}</section>`;
}

/** On a phone one column is in sight: tabs name the others, with how many are in each. */
function ColumnTabs({ columns, totals, scroller, children }) {
  const [at, setAt] = useState(0);
  const row = useRef(null);
  useEffect(() => {
    const b = scroller.current;
    const note = () => setAt(Math.round(b.scrollLeft / Math.max(1, b.clientWidth)));
    b.addEventListener('scroll', note, { passive: true });
    note();
    return () => b.removeEventListener('scroll', note);
  }, []);
  useEffect(() => { row.current.querySelector('[aria-pressed=true]')?.scrollIntoView({ block: 'nearest', inline: 'center' }); }, [at]);
  const show = (i) => { const b = scroller.current; b.scrollTo({ left: i * b.clientWidth, behavior: 'instant' }); };
  return html`<div class="row board-tabs phone-only"><div ref=${row} class="tabs grow" role="group" aria-label=${t('Columns')}>${columns.map(({ stage: s }, i) => html`<button type="button" key=${s.id} class=${cx('tab', over.value === s.id && 'is-over')} data-drop=${s.id} aria-pressed=${i === at} onClick=${() => show(i)}>
    ${t(s.label)} <span class="count">${totals?.[s.id] ? number(totals[s.id].count) : ''}</span></button>`)}</div>${children}</div>`;
}

const DropZones = ({ ends }) => ends.length > 0 && html`<div class=${cx('zones', dragged.value !== null && 'is-on')} aria-hidden="true">${ends.map((s) => html`
  <div key=${s.id} class=${cx(`zone zone-${s.kind}`, over.value === s.id && 'is-over')} data-drop=${s.id}>
    <${Icon} name=${s.kind === 'won' ? 'trophy' : 'thumbs-down'} size="lg" />${t(s.label)}</div>`)}</div>`;

/** Ways to group the board. */
const groupsOf = (e, g) => [
  ...pipelinesOf(e).map((p) => ({ label: t(p.label), on: g.pipe?.id === p.id, query: { pipeline: p.id, by: '' } })),
  ...boardFields(e).filter((f) => f.type === 'choice').map((f) => ({ label: t('By {field}', { field: t(f.label) }), on: !g.pipe && g.field === f, query: { by: f.name, pipeline: '' } })),
];

function headline(g, totals) {
  const sum = (key) => g.stages.reduce((a, s) => a + Number(totals?.[s.id]?.[key]?.value ?? 0), 0);
  const currency = totals && Object.values(totals).find((x) => x.sum?.currency)?.sum.currency;
  return currency ? `${t('{v} open', { v: moneyShort({ value: sum('sum'), currency }) })} · ${t('{v} weighted', { v: moneyShort({ value: sum('weighted'), currency }) })}` : undefined;
}

/** The card, and its place in its column, that has the focus now. */
function focused() {
  const card = document.activeElement?.closest('[data-card]');
  const column = card?.closest('[data-column]');
  return card && { id: card.id, column: column.dataset.column, at: [...column.querySelectorAll('[data-card]')].indexOf(card) };
}

/**
 * A card that a redraw puts elsewhere is taken out of the page for a moment and
 * loses the focus: it gets it back. When it is gone, its neighbour gets it.
 */
function useKeptFocus() {
  const had = focused();
  useLayoutEffect(() => {
    if (!had || document.activeElement !== document.body) return;
    const left = document.querySelectorAll(`[data-column="${CSS.escape(had.column)}"] [data-card]`);
    (document.getElementById(had.id) ?? left[Math.min(had.at, left.length - 1)])?.focus({ preventScroll: true });
  });
}

/**
 * Keeps where board and columns are scrolled to and which card was used, by address:
 * Back takes them up again. Returns the listener that notes it.
 */
function usePlace(scroller, ready) {
  const { url } = route.value;
  const was = useRef(wentBack.peek() ? places.get(url) : null).current;
  useLayoutEffect(() => {
    if (!was || !ready) return;
    scroller.current.scrollLeft = was.x;
    scroller.current.querySelectorAll('.column-body').forEach((c, i) => { c.scrollTop = was.tops[i] ?? 0; });
    document.getElementById(was.card)?.focus({ preventScroll: true });
  }, [ready]);
  return () => {
    const b = scroller.current;
    places.set(url, { x: b.scrollLeft, tops: [...b.querySelectorAll('.column-body')].map((c) => c.scrollTop), card: document.activeElement?.closest('[data-card]')?.id });
  };
}

/** True once the first cards are painted, and from the start where Back takes up an earlier place. */
function useWhole(ready) {
  const [whole, setWhole] = useState(() => wentBack.peek() === true);
  useEffect(() => {
    if (!ready || whole) return undefined;
    const later = setTimeout(() => setWhole(true), 50); /* after the paint, and what was pressed meanwhile first */
    return () => clearTimeout(later);
  }, [ready]);
  return whole;
}

const fetchReport = rare(() => import('../ui/stage-report.js'));

/** Opens the figures of the stages; what a view asks of the stage itself does not narrow them. */
function Report({ e, pipe, state }) {
  const [open, setOpen] = useState(false);
  const filter = expression({ ...state, base: /\bopen\b|\bstage\b/.test(state.base) ? '' : state.base });
  return html`<${IconButton} small icon="chart-column" label=${t('Time in stage')} onClick=${() => setOpen(true)} />
    ${open && html`<${Later} load=${fetchReport} leave=${() => setOpen(false)} e=${e} pipe=${pipe} filter=${filter} onClose=${() => setOpen(false)} />`}`;
}

export default function Board({ kind }) {
  const e = entity(kind);
  const { query } = route.value;
  const state = { ...listState(e, query), mode: 'board' };
  const g = grouping(e, state);
  const filter = expression(state);
  const frozen = pastDay();
  const scroller = useRef(null);
  const cards = useCards(e, g, filter, frozen);
  const totals = useLoad((o) => totalsOf(e, g, filter, frozen, o), [e.name, g.field.name, g.pipe?.id, filter, frozen, valuesOf(e.name), rowsOf(e.name)]);
  useBoardLive(e, g, cards, totals);
  useKeptFocus();
  const note = usePlace(scroller, Boolean(cards.data) && !cards.error);
  const whole = useWhole(Boolean(cards.data));
  const columns = g.stages.map((s) => ({ stage: s, list: cardsIn(e, g, s, cards.data, frozen) }))
    .filter(({ stage: s, list }) => targetsOf(g).includes(s) || list.length || totals.data?.[s.id]?.count);
  useEffect(() => { if (cards.data) setWalk({ kind, ids: columns.flatMap((c) => c.list.map((r) => r.id)), start: 0, count: columns.flatMap((c) => c.list).length, query: { filter }, back: route.peek().url }); }, [cards.data]);
  const move = (r, s) => moveTo(e, known(kind, r.id) ?? r, g.field, s);
  const drop = ({ id, zone }) => { const s = [...targetsOf(g), ...g.ends].find((x) => x.id === zone); if (s) move(known(kind, id), s); };
  const board = { e, g, stages: targetsOf(g), ends: g.ends, scroller, frozen, move, drop };
  return html`<div class="page">
    <${PageHead} title=${t(e.label_plural)} create=${kind} count=${html`<span class="wide-only">${headline(g, totals.data)}</span>`} />
    <${ViewTabs} entity=${e} state=${state} />
    <${ViewBar} entity=${e} state=${state} query=${query} groups=${groupsOf(e, g)}>${g.pipe && html`<span class="wide-only"><${Report} e=${e} pipe=${g.pipe} state=${state} /></span>`}
      <p id="board-help" class="push tiny faint wide-only">${frozen || e.can?.edit === 'none' ? '' : t('Shift with arrow keys moves a card')}</p><//>
    <${PastBanner} />
    ${totals.error && !cards.error && html`<${FailedLine} text=${t('The sums could not be loaded.')} retry=${totals.again} />`}
    ${cards.error ? html`<${Failed} title=${t('The board could not be loaded')} text=${cards.error.status === 0 ? t('The server does not answer.') : cards.error.message} retry=${() => { cards.again(); totals.again(); }} />`
      : html`<${ColumnTabs} columns=${columns} totals=${totals.data} scroller=${scroller}>${g.pipe && html`<${Report} e=${e} pipe=${g.pipe} state=${state} />`}<//><div class="board" ref=${scroller} tabindex="0" role="group" aria-label=${t('Board')} onScrollCapture=${note} onFocusIn=${note}>${columns.map((c) => html`<${Column} key=${c.stage.id} stage=${c.stage} board=${board} total=${totals.data ? totals.data[c.stage.id] ?? { count: 0 } : null} cards=${cards} list=${whole ? c.list : c.list.slice(0, SIGHT)} />`)}</div>`}
    <${DropZones} ends=${g.ends} />
  </div>`;
}
