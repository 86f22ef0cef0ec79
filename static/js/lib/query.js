// What a list shows, as kept in the address: view, chips (f.<field>=op:value),
// text to find, own expression (filter, beside what the view says; whole, in its
// place), sort, columns; and how it becomes a filter.
import { fieldOf, inTitle, listable } from './meta.js';
import { prefs, setPref } from './store.js';
import { now, isoDay } from './format.js';
import { ALL, viewOf } from './opens.js';

export * from './opens.js';

/** Text as a literal of the expression language. */
export const quote = (s) => `"${String(s).replace(/\\/g, '\\\\').replace(/"/g, '\\"')}"`;

const literal = (v) => (v === 'me' || /^-?\d+(\.\d+)?$/.test(v) ? v : quote(v));
const oneOf = (name, list, lit) => (list.length === 1 ? `${name} = ${lit(list[0])}` : `${name} in (${list.map(lit).join(', ')})`);
const isLink = (f) => f.kind === 'link';
const isDate = (f) => f.kind === 'date' || f.kind === 'instant';
const SPAN = { day: '1 days', week: '7 days', month: '1 months', quarter: '3 months', year: '12 months' };

/** Operators: how each turns (field, value) into an expression. */
export const OPS = {
  in: (f, v) => oneOf(f.name, v.split('|'), isLink(f) ? literal : quote),
  not: (f, v) => `not (${oneOf(f.name, v.split('|'), isLink(f) ? literal : quote)})`,
  any: (f, v) => `(${v.split('|').map((x) => `${f.name} contains ${quote(x)}`).join(' or ')})`,
  every: (f, v) => v.split('|').map((x) => `${f.name} contains ${quote(x)}`).join(' and '),
  none: (f, v) => `not (${v.split('|').map((x) => `${f.name} contains ${quote(x)}`).join(' or ')})`,
  has: (f, v) => `${f.name} contains ${quote(v)}`,
  range: (f, v) => {
    const lit = isDate(f) ? quote : (x) => x;
    const [from, to] = v.split('..');
    return [from && `${f.name} >= ${lit(from)}`, to && `${f.name} <= ${lit(to)}`].filter(Boolean).join(' and ');
  },
  last: (f, v) => `${f.name} >= today() - ${v} days and ${f.name} < today() + 1 days`,
  next: (f, v) => `${f.name} >= today() and ${f.name} <= today() + ${v} days`,
  older: (f, v) => `${f.name} < today() - ${v} days`,
  this: (f, v) => `${f.name} >= start_of(${v}) and ${f.name} < start_of(${v}) + ${SPAN[v] ?? SPAN.day}`,
  bool: (f, v) => `${f.name} = ${v === 'no' ? 'false' : 'true'}`,
  empty: (f) => `${f.name} is empty`,
  some: (f) => `${f.name} is not empty`,
};

/** Where a reader's columns and widths of a view are kept. */
const listKey = (e, view) => `${e.name}/${view?.id ?? ALL}`;

/** Keeps columns or widths of a view for the reader; undefined takes the own choice away. */
export function arrange(e, view, change) {
  const key = listKey(e, view);
  const next = { ...prefs.value.lists?.[key], ...change };
  for (const k of Object.keys(next)) if (next[k] === undefined) delete next[k];
  const { [key]: _, ...others } = prefs.value.lists ?? {};
  setPref({ lists: Object.keys(next).length ? { ...others, [key]: next } : others });
}

const LEAST = 56;
const MOST = 900;

/** Widths of columns as views and addresses have them, "title:220,company.city:140", and back. */
export const widthsText = (widths) => Object.entries(widths).map(([name, px]) => `${name}:${px}`).join(',');
const widthsOf = (text) => Object.fromEntries(text.split(',').map((s) => s.split(':')).filter(([, px]) => px >= LEAST && px <= MOST).map(([name, px]) => [name, Math.round(px)]));

/** Keeps the width of a column for the reader; without one it is as wide as what stands in it. */
export function widen(e, state, name, width) {
  const { [name]: was, ...widths } = state.widths;
  if (width) widths[name] = Math.round(Math.max(LEAST, Math.min(MOST, width)));
  arrange(e, state.view, { widths: widthsText(widths) === widthsText(state.view?.widths ?? {}) ? undefined : widths });
}

/** What a list can be grouped by: [value of `group`, field]. */
export const groupable = (e) => listable(e).flatMap((f) => (f.computed && f.kind !== 'bool' && !f.group_by ? [] : f.kind === 'date' || f.kind === 'instant' ? [[`${f.name}:month`, f]] : f.group_by && !f.unique && (f.kind !== 'text' || (f.index && !inTitle(e, f.name))) && f.kind !== 'number' && f.name !== 'id' ? [[f.name, f]] : []));

/** "close_date:month" -> { field, byMonth }; without a field: the list is not grouped. */
export function groupOf(e, group) {
  const found = groupable(e).find(([v]) => v === group);
  return { field: found?.[1], byMonth: Boolean(found) && group.endsWith(':month') };
}

const groupIn = (e, group) => (group && groupOf(e, group).field ? group : '');

/** Parts of the address that belong to a list. */
export function listState(e, query) {
  const view = viewOf(e, query);
  const chips = Object.entries(query).filter(([k]) => k.startsWith('f.')).map(([k, v]) => {
    const [op, ...rest] = v.split(':');
    return { name: k.slice(2), field: fieldOf(e, k.slice(2)), op, value: rest.join(':') };
  }).filter((c) => c.field && OPS[c.op]);
  const own = prefs.value.lists?.[listKey(e, view)] ?? {};
  const cols = query.cols ? query.cols.split(',') : own.cols ?? (view?.columns?.length ? view.columns : prefs.value.cols?.[e.name] ?? e.list);
  const by = query.by ?? (query.pipeline ? undefined : view?.by);
  const pipeline = query.pipeline ?? (query.by ? undefined : view?.pipeline);
  return { view, by, pipeline, base: query.whole ?? view?.filter ?? '', whole: query.whole ?? '', chips, q: query.q ?? '', own: query.filter ?? '', sort: query.sort || view?.sort || e.sort || 'title', columns: columnsOf(e, cols ?? []), widths: query.widths ? widthsOf(query.widths) : own.widths ?? view?.widths ?? {}, arranged: Boolean(query.cols || own.cols || query.widths || own.widths), group: groupIn(e, query.group ?? view?.group_by) };
}

/** Columns that exist, without those the title already shows, title first. */
function columnsOf(e, names) {
  const known = listable(e).map((f) => f.name);
  return ['title', ...new Set(names.filter((n) => (known.includes(n) || (n.includes('.') && fieldOf(e, n))) && !inTitle(e, n)))];
}

const joined = (parts) => {
  const full = parts.filter((p) => p && p !== 'true');
  return full.length > 1 ? full.map((p) => `(${p})`).join(' and ') : full[0] ?? '';
};

/** What is asked of a list but for the text to find: what its view says (or `whole` in its place), the own filter, the chips. */
export const written = (state) => joined([state.base, state.own, ...state.chips.map((c) => OPS[c.op](c.field, c.value))]);

/** The whole filter of a list as one expression; '' shows everything. */
export const expression = (state) => joined([written(state), state.q.trim() && `found(${quote(state.q.trim())})`]);

/** Has the user changed the view's filter, sort, columns or their widths? */
export const isChanged = (query, state) => Boolean(state?.arranged) || Object.keys(query).some((k) => k.startsWith('f.') || ['filter', 'whole', 'sort', 'cols', 'widths', 'group', 'by', 'pipeline'].includes(k));

/** Does the reader narrow a list beyond its view? */
export const isNarrowed = (state) => Boolean(state.chips.length || state.own || state.whole || state.q.trim());

/** Query parameters that remove every filter. */
export const cleared = (query) => Object.fromEntries(Object.keys(query).filter((k) => k.startsWith('f.') || ['q', 'filter', 'whole'].includes(k)).map((k) => [k, '']));

/** A list is sorted by at most so many fields. */
export const SORTS_MAX = 4;

/** "-amount,name" -> [{ by, desc }, …] */
export const sortsOf = (sort) => sort.split(',').map((s) => s.trim()).filter(Boolean).map((s) => ({ by: s.replace(/^-/, ''), desc: s.startsWith('-') }));
/** The first of them. */
export const sortOf = (sort) => sortsOf(sort)[0] ?? { by: 'title', desc: false };
/** And back. */
export const sortText = (sorts) => sorts.map((s) => `${s.desc ? '-' : ''}${s.by}`).join(',');

/** Number of days a date lies from today, for presets. */
export const dayIn = (n) => { const d = now(); d.setDate(d.getDate() + n); return isoDay(d); };
