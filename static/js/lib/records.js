// Loaded records by kind and id, and the one way to change them: show at once,
// save behind, offer Undo, put back if the server refuses.
import { signal, batch } from './html.js';
import { get, post, patch, del } from './api.js';
import { entity, fieldOf, loadMeta, pathOf } from './meta.js';
import { ACTIVITY, DONE, TAG, VIEW } from './names.js';
import { me } from './store.js';
import { toast } from './toast.js';
import { t, tn } from './i18n.js';

const cache = new Map();
const queues = new Map();
const revisions = new Map();

/** Conflict being asked about: { kind, id, change, theirs, by, at, answer } or null. */
export const conflict = signal(null);

/** Asked about something that repeats: { gone, answer } or null. */
export const reach = signal(null);

const slot = (kind, id) => {
  const key = `${kind}:${id}`;
  if (!cache.has(key)) cache.set(key, signal(null));
  return cache.get(key);
};

/** The record as known now, or null. Redraws its reader when it changes. */
export const known = (kind, id) => slot(kind, id).value;

/** Takes what the server said about a record into the cache. */
export function remember(kind, record) {
  const s = slot(kind, record.id);
  const old = s.peek();
  if (old && record.version && old.version > record.version) return old;
  s.value = { ...old, ...record, ...linked(old, record) };
  return s.value;
}

/** What is known of the records it links to stays while the links do: not every answer tells it. */
function linked(old, record) {
  const kept = {};
  for (const [k, v] of Object.entries(old ?? {})) {
    if (v?.record && record[k] && !record[k].record && String(v.id) === String(record[k].id)) kept[k] = { ...record[k], record: v.record };
  }
  return kept;
}

/** Takes a whole page of a list. */
export const rememberAll = (kind, items) => batch(() => items.forEach((r) => remember(kind, r)));

/** Loads one record; `query` may limit the fields. */
export async function load(kind, id, query, options) {
  const record = await get(`${pathOf(kind)}/${id}`, query, options);
  return remember(kind, record);
}

const counter = (key) => {
  if (!revisions.has(key)) revisions.set(key, signal(0));
  return revisions.get(key);
};

/** Counts up whenever records of the kind came, went or changed in bulk. */
export const rowsOf = (kind) => counter(`rows ${kind}`).value;
/** Counts up on every change of the kind, for sums and related lists. */
export const valuesOf = (kind) => counter(`values ${kind}`).value;

/** Says that records of a kind changed; `values` alone leaves rows in place. */
export function touch(kind, values) {
  counter(`values ${kind}`).value += 1;
  if (!values) counter(`rows ${kind}`).value += 1;
}

/** Value as the server takes it: links go as ids. */
export function toWire(value) {
  if (Array.isArray(value)) return value.map((v) => (v?.id !== undefined && v.entity ? { entity: v.entity, id: v.id } : v));
  return value && typeof value === 'object' && 'id' in value ? value.id : value;
}

/** Values as the server takes them. */
export const wire = (values) => Object.fromEntries(Object.entries(values).map(([k, v]) => [k, v === '' ? null : toWire(v)]));

/** The answer to what is refused before it is sent. */
export const FORBIDDEN = { status: 403 };

/** Why the signed-in user may not change a record: whose it is, and what the role may. */
export function whyLocked(e, record) {
  const name = record.owner?.title;
  if (name && e.can?.edit === 'own') return t('It belongs to {name}. Your role may change only your own records.', { name });
  if (name && e.can?.edit === 'team') return t('It belongs to {name}. Your role may change only records of your team.', { name });
  return t('Your role may read this, not change it.');
}

/** Text for people of any failure of a write. */
export function explain(error) {
  if (error.left) return t('Nothing was changed.');
  if (error.status === 0) return t('Not saved: no connection. Your change was put back.');
  if (error.code === 'confirm') return t('Nothing was done: it needs your password.');
  if (error.status === 403) return t('You may not change this. Ask an administrator for the right.');
  if (error.status === 404) return t('This record is gone. It was deleted, or you may no longer see it.');
  if (error.fields?.length) return error.fields.map((f) => f.text).join(' ');
  return error.message || t('The server refused the change. Nothing was saved.');
}

const KEPT_TOLD = 3;

/** What an undo left alone: records with their fields, the first few. */
const keptText = (list) => list.slice(0, KEPT_TOLD).map((k) => {
  const names = (k.fields ?? []).map((f) => t((entity(k.entity) && fieldOf(entity(k.entity), f)?.label) ?? f)).join(', ');
  return `${k.title || `#${k.id}`}${names && ` (${names})`}`;
}).join('; ') + (list.length > KEPT_TOLD ? ' …' : '');

/** Takes a change-set back and refreshes what it touched. */
export async function undo(change, kind, id) {
  try {
    const { body } = await post(`/changes/${change}/undo`);
    if (id !== undefined) await load(kind, id).catch(() => null);
    if (kind === VIEW || kind === TAG) await loadMeta();
    touch(kind);
    const kept = body?.kept_count ?? body?.kept?.length ?? 0;
    const why = body?.undone ? null : body?.kept?.find((r) => r.text)?.text;
    if (why) toast(why, { bad: true });
    else if (kept) toast(tn('Undone; {n} record was changed since and keeps that: {what}', 'Undone; {n} records were changed since and keep that: {what}', kept, { what: keptText(body.kept) }), { lasting: true });
    else toast(t('Undone'));
  } catch (e) {
    toast(explain(e), { bad: true });
  }
}

/** Toast with Undo for a change-set; `lasting` where it was about many records. */
export const offerUndo = (message, change, kind, id, lasting) => toast(message, change ? { lasting, action: t('Undo'), run: () => undo(change, kind, id) } : {});

const same = (a, b) => JSON.stringify(toWire(a) ?? null) === JSON.stringify(toWire(b) ?? null);

function askConflict(kind, id, change, { current, base }) {
  if (current?.updated_by?.id === me()?.id) return Promise.resolve(true);
  const clash = Object.keys(change).filter((k) => !same(current?.[k], base?.[k]) && !same(current?.[k], change[k]));
  if (!clash.length) return Promise.resolve(true);
  return new Promise((answer) => {
    conflict.value = { kind, id, mine: change, theirs: current, fields: clash, answer: (mine) => { conflict.value = null; answer(mine); } };
  });
}

/** What concerns one occurrence alone. */
const OWN = [DONE, 'outcome', 'result'];

/** How far a change (null: a deletion) of an activity reaches; rejects when it is left. */
async function reachOf(kind, id, change) {
  if (kind !== ACTIVITY || (change && Object.keys(change).every((k) => OWN.includes(k)))) return {};
  const series = known(kind, id)?.series;
  if (series === undefined ? !(await get(`${pathOf(kind)}/${id}`, { fields: 'series' })).series : !series) return {};
  const scope = await new Promise((answer) => { reach.value = { gone: !change, answer: (s) => { reach.value = null; answer(s); } }; });
  if (!scope) throw { left: true }; /* not an error: somebody thought better of it */
  return { query: { scope } };
}

async function save(kind, id, change, version, far) {
  const how = far ?? await reachOf(kind, id, change);
  try {
    return await patch(`${pathOf(kind)}/${id}`, wire(change), { ...how, headers: { 'If-Match': version ? `"${version}"` : '*' } });
  } catch (e) {
    if (e.status !== 412) throw e;
    const current = e.body?.current;
    const mine = await askConflict(kind, id, change, e.body ?? {});
    if (!mine) { slot(kind, id).value = { ...slot(kind, id).peek(), ...current }; return { body: current, change: null }; }
    return save(kind, id, change, current?.version, how);
  }
}

const inOrder = (key, run) => {
  const next = (queues.get(key) ?? Promise.resolve()).catch(() => null).then(run);
  queues.set(key, next);
  return next;
};

/**
 * Changes fields of a record: shows them at once, saves, offers Undo with
 * `message`, rolls back on failure. `version` is what the user saw when the edit
 * began. Resolves to the saved record; rejects after the rollback (and, unless
 * `quiet`, after an error toast).
 */
export function update(kind, id, change, { message, quiet, version } = {}) {
  const s = slot(kind, id);
  const before = s.peek() ?? { id };
  const old = Object.fromEntries(Object.keys(change).map((k) => [k, before[k]]));
  s.value = { ...before, ...change };
  return inOrder(`${kind}:${id}`, async () => {
    try {
      const answer = await save(kind, id, change, version ?? s.peek().version);
      if (answer.body) remember(kind, answer.body);
      if (message && answer.change) offerUndo(message, answer.change, kind, id);
      touch(kind, true);
      return s.peek();
    } catch (e) {
      s.value = { ...s.peek(), ...old };
      if (!quiet && !e.left) toast(explain(e), { bad: true });
      throw e;
    }
  });
}

/** Creates a record and resolves to it; rejects with the server's error. */
export async function create(kind, values, options) {
  const { body, change } = await post(pathOf(kind), wire(values), { headers: { 'Idempotency-Key': crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}` }, ...options });
  if (!body?.dry_run) { remember(kind, body); touch(kind); }
  return Object.assign(body, { change });
}

/** Asks the server what it would say to this draft; nothing is kept. What is wrong with it comes as `error`. */
export async function draft(kind, id, values, options) {
  const path = id ? `${pathOf(kind)}/${id}` : pathOf(kind);
  const call = id ? patch : post;
  const { body } = await call(path, wire(values), { query: { dry_run: 'draft' }, headers: id ? { 'If-Match': '*' } : {}, ...options });
  return body;
}

/** Why records were left alone: what the server says, or that they are not one's own. */
const refusal = (body, what) => body.errors?.[0]?.text || (what.delete ? t('You may not delete them. Ask an administrator for the right.') : t('You may not change them. Ask an administrator for the right.'));

/** Changes or deletes many; `what` is { ids }, { filter } or { all } with set or delete, `meant` how many the user saw. */
export async function bulk(kind, what, message, meant) {
  const { body, change } = await post(`${pathOf(kind)}/bulk`, what);
  const left = Math.max(body.errors?.length ?? 0, !what.ids && (what.delete || !body.changed) ? meant - body.changed : 0);
  touch(kind);
  if (body.changed) offerUndo(message(body.changed), change ?? body.change, kind, undefined, true);
  else if (!left) toast(t('Nothing had to be changed.'));
  if (left) toast(tn('{n} record was left as it was. {why}', '{n} records were left as they were. {why}', left, { why: refusal(body, what) }), { bad: true });
  return body;
}

/** Moves one record to the bin, with Undo. */
export async function remove(kind, record) {
  try {
    const { change } = await del(`${pathOf(kind)}/${record.id}`, { ...await reachOf(kind, record.id), headers: { 'If-Match': '*' } });
    touch(kind);
    offerUndo(t('{name} moved to the bin', { name: record.title }), change, kind);
    return true;
  } catch (e) {
    if (!e.left) toast(explain(e), { bad: true });
    return false;
  }
}

/** Restores: { change, field }, { at } or {} out of the bin. */
export async function restore(kind, id, what, message) {
  const { body: { kept = [], ...body } = {}, change } = await post(`${pathOf(kind)}/${id}/restore`, what);
  if (body.id) remember(kind, body); else await load(kind, id).catch(() => null);
  touch(kind);
  offerUndo(message, change ?? body.change, kind, id);
  const label = (name) => t(fieldOf(entity(kind), name)?.label ?? name);
  if (kept.length) toast(t('Not all of it came back. {what}', { what: kept.map((k) => `${label(k.fields[0])}: ${k.text}`).join(' ') }), { bad: true });
}

/** Takes several change-sets back: [{ kind, change }]. */
async function undoEach(changes) {
  try {
    for (const { kind, change } of changes) {
      await post(`/changes/${change}/undo`);
      touch(kind);
    }
    toast(t('Undone'));
  } catch (e) {
    toast(explain(e), { bad: true });
  }
}

/** Takes records of any kinds out of the bin, a kind at a time, and says what came back and what did not. */
export async function restoreMany(items) {
  const changes = [];
  const sum = { back: 0, left: 0, why: '' };
  for (const kind of new Set(items.map((x) => x.entity))) {
    const ids = items.filter((x) => x.entity === kind).map((x) => x.id);
    try {
      const { body } = await post(`${pathOf(kind)}/bulk`, { ids, restore: true });
      sum.back += body.changed;
      sum.left += body.errors.length;
      sum.why ||= body.errors[0]?.text ?? '';
      if (body.change) changes.push({ kind, change: body.change });
    } catch (bad) {
      sum.left += ids.length;
      sum.why ||= explain(bad);
    }
  }
  changes.forEach((c) => touch(c.kind));
  if (sum.back) toast(tn('{n} record is back', '{n} records are back', sum.back), { lasting: true, action: t('Undo'), run: () => undoEach(changes) });
  if (sum.left) toast(tn('{n} record stays in the bin. {why}', '{n} records stay in the bin. {why}', sum.left, { why: sum.why }), { bad: true });
}

/** Title of a record for messages, from what is known. */
export const titleOf = (kind, record) => record?.title || `${t(entity(kind)?.label ?? kind)} ${record?.id ?? ''}`;
