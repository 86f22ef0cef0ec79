// What comes in when: a column for each month with its figures and cards, or a
// table by owner or team. Moving a card to another month moves its closing day.
import { html, cx, useEffect, useRef } from '../lib/html.js';
import { get } from '../lib/api.js';
import { entity, pipelinesOf, fieldOf } from '../lib/meta.js';
import { known, rememberAll, rowsOf, valuesOf, update, titleOf, explain } from '../lib/records.js';
import { listState, expression } from '../lib/query.js';
import { CLOSE, dayInMonth, listAddress, monthsFrom, openIn, SPAN, stepped, thisMonth } from '../lib/forecast.js';
import { route, pastDay, setQuery, Link } from '../lib/router.js';
import { over } from '../lib/dnd.js';
import { watchSoon } from '../lib/live.js';
import { toast } from '../lib/toast.js';
import { t, rare, key } from '../lib/i18n.js';
import { month as monthName, money, moneyShort, number } from '../lib/format.js';
import { PageHead } from '../ui/page.js';
import { Icon, IconButton, Failed, FailedLine, Later, SkeletonLines, useLoad } from '../ui/basics.js';
import { ViewTabs, ViewBar } from '../ui/viewbar.js';
import { PastBanner } from '../ui/asof.js';
import { moveTo } from '../ui/stages.js';
import { Card, cardColumns } from '../ui/card.js';
import { CellBar, Figures, amountOf, leads } from '../ui/outlook.js';

const SMALL = 200;
const PAGE = 50;
/** The column of what is open without a month that is still to come. */
const NOWHERE = 'none';
const BYS = [['', key('By month')], ['owner', key('By owner')], ['team', key('By team')]];
const groups = rare(() => import('../ui/outlook-groups.js'), 'rows');

const both = (...parts) => parts.filter(Boolean).map((p, _, all) => (all.length > 1 ? `(${p})` : p)).join(' and ');
const isMonth = (s) => /^\d{4}-(0[1-9]|1[0-2])$/.test(s ?? '');

/** What the page shows, as the address or its view says. */
function asked(e, query, state) {
  const from = isMonth(query.from) ? query.from : (pastDay() || thisMonth()).slice(0, 7);
  const pipe = pipelinesOf(e).find((p) => p.id === state.pipeline) ?? pipelinesOf(e)[0];
  return { from, months: monthsFrom(from), pipe, by: BYS.some(([b]) => b === state.group) ? state.group : '' };
}

/** Cards by month: in one call while they are few, else a page of each column. */
async function loadCards(e, a, filter, as_of, options) {
  const ask = async (condition, limit) => {
    const answer = await get(`/${e.plural}`, { filter: both(filter, condition), as_of, limit, sort: CLOSE, fields: cardColumns(e, a.pipe.field) }, options);
    if (!as_of) rememberAll(e.name, answer.items);
    return answer;
  };
  const last = a.months.at(-1);
  const [whole, none] = await Promise.all([ask(openIn(e, a.pipe, a.from, last), SMALL), ask(openIn(e, a.pipe, a.from), PAGE)]);
  const of = (m) => whole.items.filter((r) => r[CLOSE]?.startsWith(m));
  const pages = whole.next ? await Promise.all(a.months.map(async (m) => [m, (await ask(openIn(e, a.pipe, m, m), PAGE)).items])) : a.months.map((m) => [m, of(m)]);
  return Object.fromEntries([[NOWHERE, none.items], ...pages]);
}

/** The column a record belongs to now. */
const columnOf = (a, r) => (!r[CLOSE] || r[CLOSE] < `${a.from}-01` ? NOWHERE : r[CLOSE].slice(0, 7));

/** Cards of a column: those loaded that are still there, and those moved here since. */
function cardsIn(e, a, id, data, frozen) {
  if (!data) return [];
  if (frozen) return data[id] ?? [];
  const open = new Set(a.pipe.stages.filter((s) => s.kind === 'open').map((s) => s.id));
  const all = new Map(Object.values(data).flat().map((r) => [r.id, known(e.name, r.id) ?? r]));
  return [...all.values()].filter((r) => columnOf(a, r) === id && open.has(r[a.pipe.field])).sort((x, y) => String(x[CLOSE] ?? '').localeCompare(String(y[CLOSE] ?? '')));
}

function useLive(e, again) {
  useEffect(() => watchSoon(e.name, again), [e.name]);
}

/** Moves a record to another month, or to the end of its way. */
async function move(e, a, r, to) {
  const stage = a.pipe.stages.find((s) => s.id === to.id && s.kind !== 'open');
  if (stage) { moveTo(e, r, fieldOf(e, a.pipe.field), stage); return; }
  const day = dayInMonth(r[CLOSE], to.id);
  if (r[CLOSE] === day || !a.months.includes(to.id)) return;
  try {
    await update(e.name, r.id, { [CLOSE]: day }, { message: t('{name} moved to {stage}', { name: titleOf(e.name, r), stage: to.label }), quiet: true });
  } catch (error) { toast(explain(error), { bad: true }); }
}

const Head = ({ id, title, count, children }) => html`<header class="column-head"><div class="row"><h2 id=${`col-${id}`} class="clip">${title}</h2>
  <span class="badge badge-count">${count === undefined ? '…' : number(count)}</span></div>${children}</header>`;

const openCount = (cell) => cell && cell.commit_count + cell.best_count + cell.pipeline_count + cell.omitted_count;

function Column({ id, title, cell, count, list, loaded, board, of, rows }) {
  const here = over.value === id;
  const month = id !== NOWHERE;
  return html`<section class=${cx('column', here && 'column-over', month && id === thisMonth() && 'column-now')} data-column=${id} data-drop=${month ? id : undefined} aria-labelledby=${`col-${id}`}>
    <${Head} id=${id} title=${title} count=${count}>${cell && month && html`<${CellBar} cell=${cell} /><${Figures} cell=${cell} of=${of} />
      ${leads(cell) && html`<p class="tiny faint">${t('At this pace {v} by the end of the month', { v: moneyShort(cell.pace) })}</p>`}`}
      ${!month && html`<p class="tiny faint">${t('Open, but their closing day lies before these months or is missing')}</p>`}<//>
    <div class="column-body" tabindex="-1">${!loaded && html`<${SkeletonLines} lines=${5} />`}
      ${list.map((r) => html`<${Card} key=${r.id} record=${r} stage=${{ id }} board=${board} />`)}
      ${loaded && !list.length && !here && html`<p class="column-empty">${t('Nothing to close in this month')}</p>`}
      ${loaded && count > list.length && html`<${Link} class="btn btn-quiet btn-sm" to=${rows}>${t('Show all {n}', { n: number(count) })}<//>`}</div></section>`;
}

/** The months together, above the columns. */
function Total({ data, of }) {
  const { total } = data;
  return html`<section class="outlook-total" aria-label=${t('All months shown')}><div class="outlook-lead"><${CellBar} cell=${total} />
    <div class="legend"><span class="key"><span class="swatch swatch-accent"></span>${t('Won')}</span><span class="key"><span class="swatch swatch-soft"></span>${t('Commit')}</span><span class="key"><span class="swatch swatch-hatch"></span>${t('Best case')}</span></div></div>
    <${Figures} cell=${total} of=${of} class="outlook-row" /></section>`;
}

const Steps = ({ a }) => html`<div class="row"><${IconButton} small icon="arrow-left" label=${t('Earlier months')} onClick=${() => setQuery({ from: stepped(a.from, -1) })} />
  ${a.from !== thisMonth() && html`<button type="button" class="btn btn-sm" onClick=${() => setQuery({ from: '' })}>${t('This month')}</button>`}
  <${IconButton} small icon="arrow-right" label=${t('Later months')} onClick=${() => setQuery({ from: stepped(a.from, 1) })} /></div>`;

const Ways = ({ by, state }) => html`<div class="segments" role="group" aria-label=${t('Group by')}>${BYS.map(([id, label]) => html`<button type="button" key=${id} class="btn btn-sm" aria-pressed=${id === by} onClick=${() => setQuery({ group: id || (state.view?.group_by ? 'none' : '') })}>${t(label)}</button>`)}</div>`;

/** What stands below the toolbar: columns of months, or the table of people. */
function Months({ e, a, data, cards, filter, frozen }) {
  const scroller = useRef(null);
  const ends = ['lost', 'won'].map((k) => a.pipe.stages.find((s) => s.kind === k)).filter(Boolean);
  const targets = a.months.map((m) => ({ id: m, label: monthName(`${m}-01`) }));
  const go = (r, to) => move(e, a, known(e.name, r.id) ?? r, to);
  const drop = ({ id, zone }) => { const to = targets.find((x) => x.id === zone); if (to) go(known(e.name, id), to); };
  const board = { e, stages: targets, ends, scroller, frozen, move: go, drop };
  const nowhere = data ? openCount(data.before) + openCount(data.undated) : 0;
  const of = (from, to) => ({ e, pipe: a.pipe, filter, from, to, day: frozen, last: data?.last_on });
  const col = (id, title, cell, count) => html`<${Column} key=${id} id=${id} title=${title} cell=${cell} count=${count} list=${cardsIn(e, a, id, cards.data, frozen)} loaded=${Boolean(cards.data)} board=${board} of=${of(id, id)} rows=${listAddress(e, frozen, filter, id === NOWHERE ? openIn(e, a.pipe, a.from) : openIn(e, a.pipe, id, id))} />`;
  return html`${data && amountOf(data.total.won) + amountOf(data.total.commit) + amountOf(data.total.best) + amountOf(data.total.target) > 0 && html`<${Total} data=${data} of=${of(a.from, a.months.at(-1))} />`}
    <div class="board outlook-board" ref=${scroller} tabindex="0" role="group" aria-label=${t('Forecast')}>
      ${nowhere > 0 && col(NOWHERE, t('No month'), null, nowhere)}
      ${targets.map((m, i) => col(m.id, m.label, data?.months[i], openCount(data?.months[i])))}</div>`;
}

export default function Forecast({ kind }) {
  const e = entity(kind);
  const { query } = route.value;
  const state = { ...listState(e, query), mode: 'forecast' };
  const a = asked(e, query, state);
  const filter = expression(state);
  const frozen = pastDay();
  const what = { pipeline: a.pipe.id, from: a.from, to: a.months.at(-1), filter, as_of: frozen };
  const deps = [e.name, a.pipe.id, a.from, filter, frozen, rowsOf(e.name)];
  const data = useLoad((o) => get('/forecast', { ...what, by: a.by || undefined }, o), [...deps, a.by, valuesOf(e.name)]);
  const cards = useLoad((o) => (a.by ? Promise.resolve(null) : loadCards(e, a, filter, frozen, o)), [...deps, a.by]);
  const again = useRef(null);
  again.current = () => { data.again(); cards.again(); };
  useLive(e, () => again.current());
  const shown = data.data?.from === a.from && (data.data.by === (a.by || 'month')) ? data.data : null;
  const pipes = pipelinesOf(e).map((p) => ({ label: t(p.label), on: p.id === a.pipe.id, query: { pipeline: p.id } }));
  return html`<div class="page">
    <${PageHead} title=${t(e.label_plural)} create=${kind} count=${shown?.total.won && html`<span class="wide-only">${t('{v} won', { v: moneyShort(shown.total.won) })} · ${t('{v} weighted', { v: moneyShort(shown.total.weighted) })}</span>`} />
    <${ViewTabs} entity=${e} state=${state} />
    <${ViewBar} entity=${e} state=${state} query=${query} groups=${pipes}><div class="row wide-only"><${Ways} by=${a.by} state=${state} /><${Steps} a=${a} /></div>
      <p id="board-help" class="sr-only">${frozen || e.can?.edit === 'none' ? '' : t('Shift with arrow keys moves a card')}</p><//>
    <div class="row outlook-ways phone-only"><${Ways} by=${a.by} state=${state} /><${Steps} a=${a} /></div>
    <${PastBanner} />
    ${cards.error && !data.error && html`<${FailedLine} text=${t('The cards could not be loaded.')} retry=${cards.again} />`}
    ${data.error ? html`<${Failed} title=${t('The forecast could not be loaded')} text=${data.error.status === 0 ? t('The server does not answer.') : data.error.message} retry=${() => again.current()} />`
      : a.by ? html`<${Later} load=${groups} e=${e} a=${a} data=${shown} filter=${filter} frozen=${frozen} />`
      : html`<${Months} e=${e} a=${a} data=${shown} cards=${cards} filter=${filter} frozen=${frozen} />`}
  </div>`;
}
