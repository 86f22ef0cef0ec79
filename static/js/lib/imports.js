// Imports: the calls, and what a mapping is between the server's JSON and the page.
// A mapping is a map of columns to targets; a target is "skip", "note", "name", "deleted",
// a field, or an object with options (conf/README.md lists them).
import { get, post, patch, upload } from './api.js';
import { entity, entities, pipelinesOf } from './meta.js';
import { ACCOUNTS } from './names.js';
import { t, key } from './i18n.js';

/** A new import whose file waits for its person; resolves to its id. */
export async function take(file, kind, onProgress, signal) {
  const { body } = await post('/imports', { wizard: true, entity: kind, file_name: file.name });
  await upload(`/imports/${body.id}/data`, file, onProgress, signal);
  return body.id;
}

/** Rejected rows of a run that come again: by its mapping, read as its file was. */
export async function again(text, said, run, kind, name) {
  const asked = { ...said, dates: said.dates ?? run.found?.dates, decimal: said.decimal ?? { ',': 'comma', '.': 'point' }[run.found?.decimal] };
  const { body } = await post('/imports', { entity: kind, file_name: name, corrects: run.id, ...Object.fromEntries(['map', 'match', 'decimal', 'dates', 'rules', 'create_links', 'clear'].filter((k) => asked[k]).map((k) => [k, asked[k]])) });
  await upload(`/imports/${body.id}/data`, new Blob([text], { type: 'text/csv' }));
  return body.id;
}

export const status = (id, o) => get(`/imports/${id}`, {}, o);
export const look = (id, o) => get(`/imports/${id}/file`, {}, o);
export const say = (id, body) => patch(`/imports/${id}`, body).then((r) => r.body);
export const begin = (id, what) => post(`/imports/${id}/${what}`).then((r) => r.body);

const isOver = (x) => ['done', 'failed', 'cancelled'].includes(x?.state);
/** A draft without trial and run is not at work; its parts may be. */
export const atWork = (x) => Boolean(x) && !isOver(x) && !['open', 'draft'].includes(x.state);

/** A cell that holds a picture, which goes along and is not read by people. */
export const isPicture = (text) => /^data:image\//i.test(text);

/* ---- targets ---- */

/** Fields of an entity that a file may fill. */
export const fillable = (e) => e.fields.filter((f) => !f.readonly && !f.computed && !f.system);

/** Who works here is not made by a file that names them. */
const isAccount = (e) => ACCOUNTS.includes(e.name);
const makes = (to) => Boolean(entity(to)?.can?.create && !isAccount(entity(to)));
/** What a list of records of any kind may be given by name. */
const named = (e) => entities().filter((x) => x.menu && x !== e && !isAccount(x)).map((x) => x.name);

/** Other entities whose records a row of this one may bring along. */
export const beside = (e) => entities().filter((x) => x !== e && x.can?.create && !isAccount(x) && fillable(x).length
  && (x.fields.some((f) => f.type === 'link' && f.to === e.name && x.menu) || e.fields.some((f) => f.type === 'link' && f.to === x.name && !f.system && x.menu) || (x.fields.some((f) => f.type === 'records') && x.fields.some((f) => f.name === 'due'))));

/** A target as one text, for a select: "skip", "first_name", "company/name", "links>company", "#ref", "company#ref". */
export const idOf = (x) => (typeof x === 'string' ? x : `${x.of ? `${x.of}/` : ''}${x.field ?? ''}${x.to ? `>${x.to}` : ''}${x.ref ? '#ref' : ''}`);

/** The target that a choice in the select means; what was said of the same one before stays. */
export function targetOf(e, id, before) {
  if (before !== undefined && idOf(before) === id) return before;
  const [, of, field, kind, ref] = /^(?:([^/#]+)\/)?([^#>]*)(?:>(\w+))?(#ref)?$/.exec(id);
  const f = (of ? entity(of) : e)?.fields.find((x) => x.name === field);
  const to = kind ?? f?.to;
  if (!of && !ref && !to) return field;
  const more = ref ? { ref: 'true' } : to && makes(to) && to !== e.name ? { create: 'true' } : to ? { unknown: 'empty' } : {};
  return { ...(of && { of }), ...(field && { field }), ...(kind && { to: kind }), ...more };
}

/** The field a target fills, with its entity; null for those that are none. */
export function fieldAt(e, x) {
  const of = typeof x === 'object' && x.of ? entity(x.of) : e;
  const f = of?.fields.find((y) => y.name === (typeof x === 'string' ? x : x.field));
  return f ? { e: of, f } : null;
}

/* By these a row of an export of ours is found; they need no field. */
const OWN = ['id', 'created_at'];

/** Columns that hold something nothing is made of: not those that say something of another one, its currency or label. */
export function leftOut({ columns }, file) {
  const told = new Set(Object.values(columns).flatMap((x) => [x.currency, x.label_in, x.opt_out_in]));
  const ours = OWN.every((h) => file.some((c) => c.header === h)) ? OWN : [];
  return file.filter((c) => c.filled && (columns[c.header] ?? 'skip') === 'skip' && !told.has(c.header) && !ours.includes(c.header)).map((c) => c.header);
}

/** What a target is called: "Left out", "E-mail", "Company: Name". */
export function labelOf(e, id) {
  const target = targetOf(e, id);
  const at = fieldAt(e, target);
  const words = { skip: key('Left out'), note: key('Keep as a note'), name: key('Whole name'), deleted: key('Yes leaves the row out'), calendar: key('As the calendar has it'), '#ref': key('Id in the other program') };
  if (!at) return t(words[id.replace(/^.*\//, '')] ?? id);
  const kind = at.f.type === 'records' && target.to && entity(target.to);
  const name = id.endsWith('#ref') ? t('{field}: id in the other program', { field: t(at.f.label) }) : kind ? t('{thing}: {field}', { thing: t(at.f.label), field: t(kind.label) }) : t(at.f.label);
  return at.e === e ? name : t('{thing}: {field}', { thing: t(at.e.label), field: name });
}

/** Choices of the select, in groups: [label, ids]. */
export function groupsOf(e) {
  const own = (x, prefix) => [...(x.title?.length > 1 ? ['name'] : []), ...fillable(x).flatMap((f) => (f.type === 'records' ? [f.name, ...named(x).map((n) => `${f.name}>${n}`)] : f.name))].map((n) => prefix + n);
  return [['', ['skip', 'note', '#ref', 'deleted', ...(e.fields.some((f) => f.type === 'localtime') ? ['calendar'] : [])]], [t(e.label), own(e, '')], ...beside(e).map((x) => [t('Also: {thing}', { thing: t(x.label) }), own(x, `${x.name}/`)])];
}

/* ---- choices: texts of the file and the options they mean ---- */

/** Options of a field as [id, label]; of stages those of all pipelines. */
export function optionsOf({ e, f }) {
  if (f.type === 'stage') return pipelinesOf(e).flatMap((p) => p.stages.map((s) => [s.id, t(s.label), s.label]));
  return ['choice', 'choices'].includes(f.type) ? (f.options ?? []).map((o) => [o.id, t(o.label), o.label]) : null;
}

const tight = (s) => s.normalize('NFKD').replace(/[^\p{L}\p{N}]/gu, '').toLowerCase();

function distance(a, b) {
  let row = [...Array(b.length + 1).keys()];
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) next[j] = Math.min(next[j - 1] + 1, row[j] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
    row = next;
  }
  return row[b.length];
}

/** As the server compares texts that a mapping names. */
const folded = (s) => s.normalize('NFKD').replace(/\p{M}/gu, '').replace(/\s+/gu, ' ').trim().toLowerCase();
/** What a target says of texts, by folded text; an option there is not, as of another firm's pipeline, says nothing. */
const saidOf = (target, options) => {
  const known = (k, v) => { const hit = meant(options, v); return v === '' || /[;,]/.test(v) || (v === k && !hit?.sure) ? v : hit?.sure ? hit.id : undefined; };
  const said = new Map(Object.entries((typeof target === 'object' && target.values) || {}).map(([k, v]) => [folded(k), known(k, v)]));
  return (text) => said.get(folded(text));
};

/** The values of a target, without those of a text. */
export const others = (values, text) => Object.fromEntries(Object.entries(values ?? {}).filter(([k]) => folded(k) !== folded(text)));

const wordsOf = (s) => s.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
const sum = (list) => list.reduce((n, x) => n + x.length, 0);

/** One word in two forms: "qualified", "qualification". */
function akin(a, b) {
  const short = Math.min(a.length, b.length);
  let same = 0;
  while (same < short && a[same] === b[same]) same++;
  return a === b || (same >= 5 && same >= short * 0.7);
}

/* What is said not to be so is near nothing that says it is: "Unqualified", "Not qualified". */
const NOT = /^(?:no|not|non|never|without|nicht|kein\p{L}*|ohne|nie)$/u;
const PREFIX = /^(?:un|in|im|ir|il|ab|de|dis|mis|no|non|not|nicht|kein)$/;
const turns = (word, name) => word !== name && word.endsWith(name) && PREFIX.test(word.slice(0, -name.length));
const denies = (word, name) => turns(word, name) || turns(name, word);
const SHORT = 5; /* letters of a word in which one that differs makes another word: post, lost */

/** The text says "not", which the name does not. */
const refuses = (text, name) => wordsOf(text).some((x) => NOT.test(x) && !wordsOf(name).includes(x));

/** How much of a name is in a text that says more, "Proposal/Price Quote": [part, letters]. */
function share(text, name) {
  const [said, own] = [wordsOf(text), wordsOf(name)];
  const met = sum(own.filter((x) => said.some((y) => akin(x, y))));
  return [met / Math.max(1, sum(own)), met];
}
const most = (list) => list.sort((a, b) => b[0] - a[0] || b[1] - a[1])[0];

/** The option a text means: { id, sure }, by key or label in any language, else by near spelling or by its words; null: none. */
export function meant(options, text) {
  const word = tight(text);
  const hit = options.find((o) => o.some((x) => tight(x) === word));
  if (hit) return { id: hit[0], sure: true };
  if (word.length < 3) return null;
  const says = options.filter((o) => !o.some((x) => refuses(text, x)));
  const far = (x) => (denies(word, x) ? Infinity : distance(x, word));
  const near = says.map((o) => [o[0], Math.min(...o.map((x) => far(tight(x))))]).sort((a, b) => a[1] - b[1])[0];
  if (word.length >= SHORT && near?.[1] <= Math.max(1, Math.floor(word.length / 4))) return { id: near[0], sure: false };
  const best = most(says.map((o) => [...most(o.map((x) => share(text, x))), o[0]]));
  return best?.[0] > 0.5 ? { id: best[2], sure: false } : null;
}

const ENDS = [['lost', /^(?:lost|declined|rejected|abandoned|cancell?ed|disqualified|dead|verloren\p{L}*|abgelehnt|abgesagt|storniert|perdue?|perdido|perso)$/u], ['won', /^(?:won|gewonnen\p{L}*|signed|ordered|beauftragt|gagnee?|ganado|vinto)$/u]];

/** Won and lost by any name: "Closed Won" and "Proposal declined" are near the stage that is so, however it is called. */
const byKind = ({ e, f }, text) => {
  const [kind] = ENDS.find(([, words]) => wordsOf(text).some((x) => words.test(x))) ?? [];
  const stage = f.type === 'stage' && kind && !wordsOf(text).some((x) => NOT.test(x)) && pipelinesOf(e).flatMap((p) => p.stages).find((s) => s.kind === kind);
  return stage ? { id: stage.id, sure: false } : null;
};

/** As meant(), but that what says it is won or lost is nothing else. */
const byWords = (at, options, text) => {
  const hit = meant(options, text);
  return hit?.sure ? hit : byKind(at, text) ?? hit;
};

/** As meant(); of several choices in one cell each must be known. */
const understood = (at, options, text) => {
  const parts = at.f.type === 'choices' ? text.split(/[;,]/).map((x) => x.trim()).filter(Boolean) : [];
  return parts.length > 1 && parts.every((x) => meant(options, x)?.sure) ? { id: text, sure: true } : byWords(at, options, text);
};

/** Texts of a column that are no option as they stand: [{ text, count, id, near }]; near: suggested, by `given` or the words. */
export function unclear(at, column, target, given) {
  const options = at && optionsOf(at);
  if (!options || !column.values) return [];
  const [said, offered] = [saidOf(target, options), saidOf(given, options)];
  const rest = typeof target === 'object' ? { empty: '' }[target.unknown] ?? target.unknown : undefined;
  return column.values.map((v) => ({ ...v, hit: understood(at, options, v.text) })).filter((v) => !v.hit?.sure || said(v.text) !== undefined)
    .map((v) => {
      const own = said(v.text);
      if (own && own === v.text && !v.hit?.sure) return { text: v.text, count: v.count, near: false }; /* meant to be refused, whatever was suggested */
      return { text: v.text, count: v.count, id: own ?? v.hit?.id ?? rest, near: own === undefined ? Boolean(v.hit) : Boolean(own) && own === offered(v.text) };
    });
}

/** Near spellings and labels in the reader's language are taken as they are meant. */
export function withValues(at, column, target) {
  const options = at && optionsOf(at);
  if (!options || !column.values) return target;
  const said = (typeof target === 'object' && target.values) || {};
  const told = saidOf(target, options);
  const found = Object.fromEntries(column.values.map((v) => [v.text, understood(at, options, v.text)]).filter(([text, hit]) => hit && told(text) === undefined && text !== hit.id).map(([text, hit]) => [text, hit.id]));
  const base = typeof target === 'string' ? { field: target } : target;
  return Object.keys(found).length || Object.keys(said).length ? { ...base, values: { ...said, ...found } } : target;
}

/* ---- out ---- */

const plain = (s) => (/^[\p{L}_][\p{L}\p{N}_ .-]*$/u.test(s) && !/^(?:true|false|yes|no|null|on|off)$/i.test(s) && s === s.trim() ? s : JSON.stringify(s));
const flow = (x) => (Array.isArray(x) ? `[${x.map(flow).join(', ')}]` : typeof x === 'object' ? `{${Object.entries(x).map(([k, v]) => `${plain(k)}: ${flow(v)}`).join(', ')}}` : plain(String(x)));

const slug = (text, taken) => {
  const plainly = text.replace(/ß/g, 'ss').normalize('NFKD').replace(/[^\p{L}\p{N}]+/gu, '_').replace(/[^\w]/g, '').replace(/^_+|_+$/g, '').toLowerCase();
  const name = plainly || text.replace(/[;,]/g, ' ').trim();
  let n = 1;
  while (taken.has(n > 1 ? `${name}_${n}` : name)) n++;
  const own = n > 1 ? `${name}_${n}` : name;
  taken.add(own);
  return own;
};

/** What makes these texts options of a field: { file, line, text }; line 0: nothing is said of the field there yet. */
export function optionLines({ e, f }, texts) {
  const taken = new Set(f.options.map((o) => o.id));
  const fresh = texts.map((x) => [slug(x, taken), x]);
  const pair = ([id, label]) => `${plain(id)}: ${plain(label)}`;
  const [, file, line] = /^(.*?):(\d+)/.exec(f.options_at ?? '') ?? [null, '', 0];
  if (file && !file.startsWith('schema/')) return { file, line: Number(line), text: `${fresh.map((x) => `        ${pair(x)}`).join('\n')}\n` };
  const all = [...f.options.map((o) => [o.id, o.label]), ...fresh];
  return { file: 'fields.yaml', line: 0, text: `${e.name}:\n  fields:\n    ${f.name}:\n      of:\n${all.map((x) => `        ${pair(x)}`).join('\n')}\n` };
}

/** A mapping as the text of a YAML file. */
export function yaml(map, header) {
  const { import: kind, columns, ...rest } = map;
  const lines = Object.entries({ ...rest, header }).map(([k, v]) => `${k}: ${flow(v)}`);
  return `import: ${kind}\n${lines.join('\n')}\ncolumns:\n${Object.entries(columns).map(([k, v]) => `  ${plain(k)}: ${flow(v)}`).join('\n')}\n`;
}

const cell = (s) => (/[",\n\r]/.test(s) ? `"${s.replace(/"/g, '""')}"` : s);
/** Rows of texts as CSV. */
export const csv = (rows) => `${rows.map((r) => r.map((x) => cell(x ?? '')).join(',')).join('\r\n')}\r\n`;

/** Lets the browser keep a text as a file. */
export function keep(name, text) {
  const link = Object.assign(document.createElement('a'), { href: URL.createObjectURL(new Blob([text])), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
