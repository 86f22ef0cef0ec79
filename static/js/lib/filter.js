// A filter as rows and groups, and as text of the expression language. The
// server parses (GET /<plural>/filter); here its tree becomes a group, and a
// group becomes text again. What no row can show stays a row of text.
//
//   group { how: 'all'|'any'|'none', parts: [group|leaf|raw] }
//   leaf  { path: [link, …], field, op, value } or { path, list, fn, field, where: group, op, value }
//   raw   { text }
import { entity, fieldOf, pipelinesOf } from './meta.js';
import { get } from './api.js';
import { t, key, noun } from './i18n.js';

const quote = (s) => `"${String(s).replace(/\\/g, '\\\\').replace(/"/g, '\\"')}"`;
const isNumber = (s) => /^-?\d+(\.\d+)?$/.test(s);

/* --- what can be asked of a field --- */

const STAGE_KINDS = { name: 'kind', label: key('Open, won or lost'), type: 'choice', kind: 'choice', options: [{ id: 'open', label: key('Open') }, { id: 'won', label: key('Won') }, { id: 'lost', label: key('Lost') }] };

/** What a leaf asks about: { e: entity of its last step, f: field or null, list, steps: labels of the way }. Undefined: no such thing. */
export function subject(root, leaf) {
  let e = root;
  const steps = [];
  for (const name of leaf.path) {
    const f = e && fieldOf(e, name);
    if (f?.type === 'stage' && leaf.field === 'kind') return { e, f: STAGE_KINDS, steps: [...steps, f.label] };
    if (!f?.to || f.type === 'records') return undefined;
    steps.push(f.label);
    e = entity(f.to);
  }
  if (!e) return undefined;
  if (!leaf.list) { const f = fieldOf(e, leaf.field); return f && { e, f, steps }; }
  const list = (e.related ?? []).find((r) => r.name === leaf.list);
  const of = list && entity(list.entity);
  const f = of && leaf.fn !== 'count' ? fieldOf(of, leaf.field) : null;
  return of && (f || leaf.fn === 'count') ? { e, f, list, of, steps } : undefined;
}

/** How a field is compared: text, number, date, choice, tags, texts, link, bool; '' not at all. */
export function classOf(f) {
  if (f === null) return 'number'; /* a count */
  if (f.type === 'records') return '';
  if (f.kind === 'list') return f.options || f.type === 'tags' ? 'tags' : 'texts';
  return { link: 'link', choice: 'choice', number: 'number', money: 'number', date: 'date', instant: 'date', bool: 'bool', text: f.options || f.name === 'role' ? 'choice' : 'text' }[f.kind] ?? '';
}

const SPAN = { day: '1 days', week: '7 days', month: '1 months', quarter: '3 months', year: '12 months' };
const link = (v) => (v === 'me' || v === 'my_team' || isNumber(v) ? v : quote(v));
const oneOf = (x, v, lit) => (v.length === 1 ? `${x} = ${lit(v[0])}` : `${x} in (${v.map(lit).join(', ')})`);
const each = (x, v, word) => (v.length === 1 ? `${x} contains ${quote(v[0])}` : `(${v.map((one) => `${x} contains ${quote(one)}`).join(` ${word} `)})`);
const cmp = (sign, lit = quote) => (x, v) => `${x} ${sign} ${lit(v)}`;
const plain = (v) => v;

/**
 * The operators: label to choose, sentence for chips, classes they are for, what
 * their value is (none, text, number, pair, list, amount of units, a unit), and
 * how they are written.
 */
export const OPS = {
  has: { label: key('contains'), says: key('{field} contains {value}'), of: 'text texts', value: 'text', put: cmp('contains') },
  hasnot: { label: key('does not contain'), says: key('{field} does not contain {value}'), of: 'text texts', value: 'text', put: (x, v) => `not ${x} contains ${quote(v)}` },
  is: { label: key('is exactly'), says: key('{field} is {value}'), of: 'text', value: 'text', put: cmp('=') },
  isnot: { label: key('is anything but'), says: key('{field} is not {value}'), of: 'text', value: 'text', put: cmp('!=') },
  starts: { label: key('starts with'), says: key('{field} starts with {value}'), of: 'text', value: 'text', put: cmp('starts with') },
  in: { label: key('is one of'), says: key('{field} is {value}'), of: 'choice link', value: 'list', put: (x, v, c) => oneOf(x, v, c === 'link' ? link : quote) },
  notin: { label: key('is none of'), says: key('{field} is not {value}'), of: 'choice link', value: 'list', put: (x, v, c) => `not (${oneOf(x, v, c === 'link' ? link : quote)})` },
  under: { label: key('is within'), says: key('{field} is within {value}'), of: 'choice', value: 'list', put: (x, v) => v.map((one) => `within(${x}, ${quote(one)})`).join(' or ').replace(/^(.* or .*)$/, '($1)') },
  named: { label: key('is named'), says: key('{field} is {value}'), of: 'link', value: 'text', put: cmp('=') },
  any: { label: key('has any of'), says: key('{field} has {value}'), of: 'tags', value: 'list', put: (x, v) => each(x, v, 'or') },
  all: { label: key('has all of'), says: key('{field} has {value}'), of: 'tags', value: 'list', both: true, put: (x, v) => each(x, v, 'and') },
  none: { label: key('has none of'), says: key('{field} has not {value}'), of: 'tags', value: 'list', put: (x, v) => `not (${each(x, v, 'or').replace(/^\(|\)$/g, '')})` },
  eq: { label: key('is'), says: key('{field} is {value}'), of: 'number date', value: 'one', put: (x, v, c) => `${x} = ${c === 'date' ? quote(v) : v}` },
  ne: { label: key('is not'), says: key('{field} is not {value}'), of: 'number', value: 'one', put: cmp('!=', plain) },
  gt: { label: key('is more than'), says: key('{field} is more than {value}'), of: 'number', value: 'one', put: cmp('>', plain) },
  ge: { label: key('is at least'), says: key('{field} is at least {value}'), of: 'number', value: 'one', put: cmp('>=', plain) },
  lt: { label: key('is less than'), says: key('{field} is less than {value}'), of: 'number', value: 'one', put: cmp('<', plain) },
  le: { label: key('is at most'), says: key('{field} is at most {value}'), of: 'number', value: 'one', put: cmp('<=', plain) },
  between: { label: key('is between'), says: key('{field} is from {value}'), of: 'number date', value: 'pair', put: (x, v, c) => `(${x} >= ${c === 'date' ? quote(v[0]) : v[0]} and ${x} <= ${c === 'date' ? quote(v[1]) : v[1]})` },
  this: { label: key('is within this'), says: key('{field} is {value}'), of: 'date', value: 'unit', put: (x, v) => `(${x} >= start_of(${v}) and ${x} < start_of(${v}) + ${SPAN[v]})` },
  last: { label: key('is in the last'), says: key('{field} in the last {value}'), of: 'date', value: 'amount', put: (x, v) => `(${x} >= today() - ${v[0]} ${v[1]}s and ${x} < today() + 1 days)` },
  next: { label: key('is in the next'), says: key('{field} in the next {value}'), of: 'date', value: 'amount', put: (x, v) => `(${x} >= today() and ${x} <= today() + ${v[0]} ${v[1]}s)` },
  older: { label: key('is longer ago than'), says: key('{field} longer ago than {value}'), of: 'date', value: 'amount', put: (x, v) => `${x} < today() - ${v[0]} ${v[1]}s` },
  later: { label: key('is further away than'), says: key('{field} further away than {value}'), of: 'date', value: 'amount', put: (x, v) => `${x} > today() + ${v[0]} ${v[1]}s` },
  newer: { label: key('is at most so long ago'), says: key('{field} at most {value} ago'), of: 'date', value: 'amount', put: (x, v) => `${x} >= today() - ${v[0]} ${v[1]}s` },
  nearer: { label: key('is at most so far away'), says: key('{field} at most {value} away'), of: 'date', value: 'amount', put: (x, v) => `${x} <= today() + ${v[0]} ${v[1]}s` },
  from: { label: key('is from then on'), says: key('{field} from {value} on'), of: 'date', value: 'one', put: cmp('>=') },
  upto: { label: key('is until then'), says: key('{field} until {value}'), of: 'date', value: 'one', put: cmp('<=') },
  before: { label: key('is before'), says: key('{field} before {value}'), of: 'date', value: 'one', put: cmp('<') },
  after: { label: key('is after'), says: key('{field} after {value}'), of: 'date', value: 'one', put: cmp('>') },
  past: { label: key('is in the past'), says: key('{field} is in the past'), of: 'date', value: '', put: (x, v, c, f) => `${x} < ${f.kind === 'instant' ? 'now()' : 'today()'}` },
  future: { label: key('is in the future'), says: key('{field} is in the future'), of: 'date', value: '', put: (x, v, c, f) => `${x} > ${f.kind === 'instant' ? 'now()' : 'today()'}` },
  yes: { label: key('Yes'), says: key('{field}: yes'), of: 'bool', value: '', put: (x) => `${x} = true` },
  no: { label: key('No'), says: key('{field}: no'), of: 'bool', value: '', put: (x) => `${x} = false` },
  empty: { label: key('Is empty'), says: key('{field} is empty'), of: 'text texts choice link tags number date bool', value: '', put: (x) => `${x} is empty` },
  some: { label: key('Is not empty'), says: key('{field} is not empty'), of: 'text texts choice link tags number date bool', value: '', put: (x) => `${x} is not empty` },
};

/** Operators of a class, in the order they are offered; a count is never empty. */
export const opsOf = (f) => Object.keys(OPS).filter((op) => OPS[op].of.split(' ').includes(classOf(f)) && !(f === null && ['empty', 'some'].includes(op)) && (op !== 'under' || f.options?.some((o) => o.parent)));

/** A value to begin with. */
export const blank = (op) => ({ list: [], pair: ['', ''], unit: 'month', amount: ['14', 'day'] }[OPS[op].value] ?? '');

/** Is there enough to ask? */
function isComplete(leaf) {
  const v = leaf.value;
  const { value: kind } = OPS[leaf.op];
  if (kind === 'list') return v.length > 0;
  if (kind === 'pair') return Boolean(v[0] && v[1]);
  if (kind === 'amount') return Number(v[0]) > 0;
  return !kind || v !== '';
}

/* --- a group as text --- */

function leafText(root, leaf) {
  const s = subject(root, leaf);
  if (!s || !leaf.op || !isComplete(leaf)) return '';
  const where = leaf.where && groupText(s.of, leaf.where);
  const way = [...leaf.path, ...(leaf.list ? [leaf.list] : []), ...(leaf.field ? [leaf.field] : [])].join('.');
  const x = leaf.list ? `${leaf.fn}(${way}${where ? ` where ${where}` : ''})` : way;
  return OPS[leaf.op].put(x, leaf.value, classOf(s.f), s.f);
}

/** The text of one part; '' while it says nothing. */
export function partText(root, part) {
  if (part.text !== undefined) return part.text.trim() && `(${part.text.trim()})`;
  if (part.op === undefined && part.parts) { const inner = groupText(root, part); return inner && (part.how === 'none' ? inner : `(${inner})`); }
  return leafText(root, part);
}

/** The text of a group, without brackets around it; '' when it is empty. */
export function groupText(root, group) {
  const parts = group.parts.map((p) => [p, partText(root, p)]).filter(([, x]) => x);
  if (!parts.length) return '';
  if (group.how === 'none') return `not (${parts.map(([, x]) => x).join(' or ')})`;
  if (parts.length === 1) return parts[0][1].replace(/^\((.*)\)$/s, (all, inner) => (parts[0][0].parts || parts[0][0].text !== undefined ? inner : all));
  return parts.map(([, x]) => x).join(group.how === 'any' ? ' or ' : ' and ');
}

/* --- the server's tree as a group --- */

const same = (a, b) => a?.op === 'field' && b?.op === 'field' && a.names.join('.') === b.names.join('.');
const call = (n, name) => n?.op === 'call' && n.name === name;
const isDay = (n) => n?.op === 'text' && /^\d{4}-\d\d-\d\d/.test(n.value);

/** today() ± n units -> [n, unit], else null. */
function fromToday(n, sign) {
  return n?.op === sign && call(n.args[0], 'today') && n.args[1].op === 'duration' ? [String(n.args[1].amount), n.args[1].unit] : null;
}

const pathOf = (root, names) => {
  const leaf = { path: names.slice(0, -1), field: names.at(-1) };
  return subject(root, leaf) ? leaf : null;
};

/** What is compared: a field or an aggregate, as the beginning of a leaf. */
function readSubject(root, n) {
  if (n.op === 'field') return pathOf(root, n.names);
  if (!['count', 'sum', 'min', 'max', 'avg'].includes(n.op)) return null;
  const names = n.op === 'count' ? n.names : n.names.slice(0, -1);
  const leaf = { path: names.slice(0, -1), list: names.at(-1), fn: n.op, field: n.op === 'count' ? undefined : n.names.at(-1) };
  const s = subject(root, leaf);
  if (!s) return null;
  if (n.where) leaf.where = asGroup(readNode(s.of, n.where));
  return leaf;
}

const SIGNS = { number: { '=': 'eq', '!=': 'ne', '>': 'gt', '>=': 'ge', '<': 'lt', '<=': 'le' }, text: { '=': 'is', '!=': 'isnot' }, date: { '=': 'eq', '<': 'before', '>': 'after', '>=': 'from', '<=': 'upto' } };
const LINKS = { me: 'me', my_team: 'my_team' };

function literal(c, y) {
  if (c === 'link') return y.op === 'call' ? LINKS[y.name] : y.op === 'number' ? y.value : undefined;
  return ['text', 'number'].includes(y.op) ? y.value : undefined;
}

function readDate(x, n, f) {
  const y = n.args[1];
  const ago = fromToday(y, '-');
  const away = fromToday(y, '+');
  const span = { '<': ['older', ago], '>=': ['newer', ago], '>': ['later', away], '<=': ['nearer', away] }[n.op];
  if (span?.[1]) return { ...x, op: span[0], value: span[1] };
  if (call(y, f.kind === 'instant' ? 'now' : 'today') && (n.op === '<' || n.op === '>')) return { ...x, op: n.op === '<' ? 'past' : 'future', value: '' };
  return isDay(y) && y.value.length === 10 && SIGNS.date[n.op] ? { ...x, op: SIGNS.date[n.op], value: y.value } : null;
}

function readTest(root, n) {
  const x = readSubject(root, n.args[0]);
  if (!x) return null;
  const { f } = subject(root, x);
  const c = classOf(f);
  const y = n.args[1];
  if (n.op === 'empty') return { ...x, op: 'empty', value: '' };
  if (n.op === 'contains' && y.op === 'text') return c === 'tags' ? { ...x, op: 'any', value: [y.value] } : ['text', 'texts'].includes(c) ? { ...x, op: 'has', value: y.value } : null;
  if (n.op === 'starts' && y.op === 'text' && c === 'text') return { ...x, op: 'starts', value: y.value };
  if (c === 'bool' && y?.op === 'bool') return ['=', '!='].includes(n.op) ? { ...x, op: (n.op === '=') === y.value ? 'yes' : 'no', value: '' } : null;
  if (c === 'date') return n.op === 'in' ? null : readDate(x, n, f);
  if (c === 'choice' || c === 'link') {
    const list = n.args.slice(1).map((one) => literal(c, one));
    if (n.op === '=' && c === 'link' && y.op === 'text') return { ...x, op: 'named', value: y.value };
    return ['=', '!=', 'in'].includes(n.op) && list.every((v) => v !== undefined) ? { ...x, op: n.op === '!=' ? 'notin' : 'in', value: list } : null;
  }
  const op = SIGNS[c]?.[n.op];
  const value = op && literal(c, y);
  return value !== undefined ? { ...x, op, value } : null;
}

/** Two comparisons of one field that are one row: a span of time, from and to. */
function readPair(root, n) {
  const [a, b] = n.args;
  if (n.op !== 'and' || n.args.length !== 2 || a.op !== '>=' || !['<', '<='].includes(b.op) || !same(a.args[0], b.args[0])) return null;
  const x = readSubject(root, a.args[0]);
  if (!x) return null;
  const c = classOf(subject(root, x).f);
  const [from, to] = [a.args[1], b.args[1]];
  if (c === 'number' && b.op === '<=' && from.op === 'number' && to.op === 'number') return { ...x, op: 'between', value: [from.value, to.value] };
  if (c !== 'date') return null;
  if (b.op === '<=' && isDay(from) && isDay(to)) return { ...x, op: 'between', value: [from.value, to.value] };
  if (call(from, 'start_of') && from.args.length === 1 && to.op === '+' && call(to.args[0], 'start_of') && to.args[1].op === 'duration') {
    const unit = from.args[0].names?.[0];
    return b.op === '<' && SPAN[unit]?.startsWith(`${to.args[1].amount} ${to.args[1].unit}`) ? { ...x, op: 'this', value: unit } : null;
  }
  const ahead = fromToday(to, '+');
  if (fromToday(from, '-') && ahead?.join() === '1,day') return { ...x, op: 'last', value: fromToday(from, '-') };
  return call(from, 'today') && b.op === '<=' && ahead ? { ...x, op: 'next', value: ahead } : null;
}

/** Several "contains" of one list of tags, or branches of one choice, are one row. */
function readTags(parts, n) {
  const { op } = parts[0];
  if (op === 'under' && n.op !== 'or') return null;
  if (!parts.every((p) => ['any', 'under'].includes(op) && p.op === op && p.value.length === 1 && !p.list && p.field === parts[0].field && p.path.join() === parts[0].path.join())) return null;
  return { ...parts[0], op: n.op === 'or' ? op : 'all', value: parts.flatMap((p) => p.value) };
}

const INVERSE = { in: 'notin', notin: 'in', has: 'hasnot', empty: 'some', any: 'none', yes: 'no', no: 'yes', eq: 'ne' };

function readNot(root, n) {
  const inner = readNode(root, n.args[0]);
  const op = INVERSE[inner.op];
  if (op && OPS[op].of.includes(classOf(subject(root, inner).f))) return { ...inner, op };
  return { how: 'none', parts: inner.how === 'any' ? inner.parts : [inner] };
}

function readNode(root, n) {
  const raw = { text: n.text ?? '' };
  if (n.op === 'and' || n.op === 'or') {
    const pair = readPair(root, n);
    if (pair) return pair;
    const parts = n.args.map((one) => readNode(root, one));
    return readTags(parts, n) ?? { how: n.op === 'and' ? 'all' : 'any', parts };
  }
  if (n.op === 'not') return readNot(root, n);
  if (n.op === 'field') {
    const x = pathOf(root, n.names);
    return x && classOf(subject(root, x).f) === 'bool' ? { ...x, op: 'yes', value: '' } : raw;
  }
  if (call(n, 'within') && n.args[0].op === 'field' && n.args[1].op === 'text') {
    const x = pathOf(root, n.args[0].names);
    return x && classOf(subject(root, x).f) === 'choice' ? { ...x, op: 'under', value: [n.args[1].value] } : raw;
  }
  return (n.args?.length && readTest(root, n)) || raw;
}

const asGroup = (node) => (node.parts && node.how !== 'none' ? node : { how: 'all', parts: [node] });

/** A fresh group. */
export const emptyGroup = () => ({ how: 'all', parts: [] });

/** The group a tree of the server stands for. */
export const readTree = (root, tree) => (tree ? asGroup(readNode(root, tree)) : emptyGroup());

/** Parses a text on the server: resolves to its group, rejects with what is wrong. */
export async function parseFilter(root, text, options) {
  if (!text.trim()) return emptyGroup();
  return readTree(root, (await get(`/${root.plural}/filter`, { text }, options)).tree);
}

/** Character of a filter's text a message is about: "at 12: …" -> 11; -1 if it does not say. */
export const positionIn = (message) => Number(/\bat (\d+):/.exec(message)?.[1] ?? 0) - 1;

/** Stages of all pipelines of an entity, each id once. */
export const stagesOf = (e) => [...new Map(pipelinesOf(e).flatMap((p) => p.stages).map((s) => [s.id, { id: s.id, label: s.label }])).values()];

/** "Company · City", "Number of deals": the name of what a leaf asks about. */
export function subjectName(root, leaf) {
  const s = subject(root, leaf);
  if (!s) return '';
  const last = s.list ? aggregateName(s, leaf.fn) : t(s.f.label);
  return [...s.steps.map((x) => t(x)), last].join(' · ');
}

const FN = { count: key('Number of {things}'), sum: key('Sum of {field} of {things}'), min: key('Smallest {field} of {things}'), max: key('Largest {field} of {things}'), avg: key('Average {field} of {things}') };
const FN_DATE = { min: key('Earliest {field} of {things}'), max: key('Latest {field} of {things}') };
const aggregateName = (s, fn) => t((classOf(s.f) === 'date' && FN_DATE[fn]) || FN[fn], { field: s.f ? t(s.f.label) : '', things: noun(s.list.label) });

/** What can be asked of a related list: [fn, field, label]. */
export function aggregates(e, list) {
  const of = entity(list.entity);
  const out = [['count', undefined, aggregateName({ list, f: null }, 'count')]];
  for (const f of of?.fields ?? []) {
    const c = classOf(f);
    const fns = f.name === 'id' || f.name === 'version' ? [] : c === 'number' && !f.serial ? ['sum', 'avg', 'max', 'min'] : c === 'date' ? ['max', 'min'] : [];
    for (const fn of fns) out.push([fn, f.name, aggregateName({ list, f }, fn)]);
  }
  return out;
}
