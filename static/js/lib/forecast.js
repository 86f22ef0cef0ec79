// The forecast: months, what it asks of the server, and the rows behind each
// figure as the filter of a list.
import { fieldOf, pipelinesOf } from './meta.js';
import { quote } from './query.js';
import { isoDay, now } from './format.js';
import { key } from './i18n.js';

/** Fields it stands on. */
export const CLOSE = 'close_date';
const WON_AT = 'won_at';
const SURE = 'forecast';

/** Months at first, and how far one step goes. */
export const SPAN = 6;
const STEP = 3;

/** The month n months after one: ("2026-11", 2) -> "2027-01". */
export function monthAfter(month, n) {
  const at = Number(month.slice(0, 4)) * 12 + Number(month.slice(5, 7)) - 1 + n;
  return `${String(Math.floor(at / 12)).padStart(4, '0')}-${String((at % 12) + 1).padStart(2, '0')}`;
}

export const thisMonth = () => isoDay().slice(0, 7);
export const monthsFrom = (from, n = SPAN) => Array.from({ length: n }, (_, i) => monthAfter(from, i));
export const stepped = (from, by) => monthAfter(from, by * STEP);

/** The first day of a quarter's first month, by any day in it. */
export const quarterOf = (day = isoDay()) => `${day.slice(0, 4)}-Q${Math.ceil(Number(day.slice(5, 7)) / 3)}`;

/**
 * The day in another month: the same where there is one, the month's last else; never before today.
 * Without a day yet it is the last of the month.
 */
export function dayInMonth(day, month) {
  const last = new Date(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5, 7)), 0)).getUTCDate();
  const wanted = `${month}-${String(Math.min(Number(day?.slice(8, 10) ?? 31), last)).padStart(2, '0')}`;
  const today = isoDay(now());
  return month === today.slice(0, 7) && wanted < today ? today : wanted;
}

/** The figures of a cell, in their order. */
export const FIGURES = [
  ['won', key('Won'), 'accent'],
  ['commit', key('Commit'), 'soft'],
  ['best', key('Best case'), 'hatch'],
  ['weighted', key('Weighted')],
  ['target', key('Target')],
  ['gap', key('Gap')],
];

const all = (...parts) => parts.filter(Boolean).map((p, _, list) => (list.length > 1 ? `(${p})` : p)).join(' and ');
const within = (field, from, to) => `${field} >= ${quote(`${from}-01`)} and ${field} < ${quote(`${monthAfter(to, 1)}-01`)}`;
const sure = (e, stage, ...names) => names.map((n) => (fieldOf(e, SURE) ? `${SURE} = ${quote(n)} or ${SURE} is empty and ${stage}.forecast = ${quote(n)}` : `${stage}.forecast = ${quote(n)}`)).join(' or ');

/** What is open: in these months, or (null) before them or in none. */
export function openIn(e, pipe, from, to) {
  const stage = (pipe ?? pipelinesOf(e)[0]).field;
  return all(inPipe(e, pipe), `${stage}.kind = "open"`, to ? within(CLOSE, from, to) : `${CLOSE} is empty or ${CLOSE} < ${quote(`${from}-01`)}`);
}

const inPipe = (e, pipe) => pipe && `${e.fields.find((f) => f.type === 'pipeline').name} = ${quote(pipe.id)}`;

/** The records behind a figure of months from..to, as a filter; '' when there are none of its own. */
export function rowsBehind(e, pipe, figure, from, to) {
  const stage = (pipe ?? pipelinesOf(e)[0]).field;
  const open = (...names) => all(openIn(e, pipe, from, to), sure(e, stage, ...names));
  return {
    won: () => all(inPipe(e, pipe), `${stage}.kind = "won"`, within(WON_AT, from, to)),
    commit: () => open('commit'),
    best: () => open('best'),
    pipeline: () => open('pipeline'),
    weighted: () => open('commit', 'best', 'pipeline'),
    gap: () => open('best', 'pipeline'),
  }[figure]?.() ?? '';
}

/** The address of a list of these records; `day` shows it as of a past one. */
export function listAddress(e, day, ...filters) {
  const q = new URLSearchParams({ view: 'all', mode: 'list', filter: all(...filters), ...(day ? { as_of: day } : {}) });
  return `/${e.plural}?${q}`;
}
