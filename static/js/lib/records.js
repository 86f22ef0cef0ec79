// Loaded records by kind and id, and the one way to change them: show at once,
// save behind, offer Undo, put back if the server refuses.
import { signal, batch } from './html.js';
import { get, post, patch, del } from './api.js';
import { entity, fieldOf, pathOf } from './meta.js';
import { ACTIVITY, DONE } from './names.js';
import { me } from './store.js';
import { toast } from './toast.js';
import { t, rare } from './i18n.js';

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

/** Asked for a next step (planned.js): { needed, step, answer } or null. */
export const planning = signal(null);

/** Runs a write; where it would leave something open without a next step, that is asked for and goes along with it. */
export const planned = (run) => run({}).catch(async (bad) => {
  const part = bad.fields?.some((f) => /\.then\b/.test(f.where)) && await import('./planned.js').catch(() => null);
  if (!part) throw bad; /* without a connection the question does not come: what the server says stands */
  return part.again(run, bad);
});

/** The answer to what is refused before it is sent. */
export const FORBIDDEN = { status: 403 };

/** Why the signed-in user may not change a record: whose it is, and what the role may. */
export function whyLocked(e, record) {
  const name = record.owner?.title;
  if (name && e.can?.edit === 'own') return t('It belongs to {name}. Your role may change only your own records.', { name });
  if (name && e.can?.edit === 'team') return t('It belongs to {name}. Your role may change only records of your team.', { name });
  return t('Your role may read this, not change it.');
}

/** Text for people of any failure of a write; `kept`: what was typed stays where it is. */
export function explain(error, kept) {
  if (error.left) return t('Nothing was changed.');
  if (error.status === 0) return t('Not saved: no connection.') + (kept ? '' : ` ${t('Your change was put back.')}`);
  if (error instanceof TypeError && /module/i.test(error.message)) return t('This part could not be loaded.');
  if (error.code === 'confirm') return t('Nothing was done: it needs your password.');
  if (error.status === 403) return t('You may not change this. Ask an administrator for the right.');
  if (error.status === 404) return t('This record is gone. It was deleted, or you may no longer see it.');
  if (error.fields?.length) return error.fields.map((f) => f.text).join(' ');
  return error.message || t('The server refused the change. Nothing was saved.');
}

const fetchUndo = rare(() => import('./undo.js'));

/** Takes a change-set back and refreshes what it touched. */
export const undo = (change, kind, id) => fetchUndo().then((m) => m.undo(change, kind, id), () => toast(explain({ status: 0 }), { bad: true }));

/** Toast with Undo for a change-set; `lasting` where it was about many records, `also` offers something more, see toast(). */
export const offerUndo = (message, change, kind, id, lasting, also) => toast(message, change ? { lasting, action: t('Undo'), run: () => undo(change, kind, id), also } : {});

const same = (a, b) => JSON.stringify(toWire(a) ?? null) === JSON.stringify(toWire(b) ?? null);

function askConflict(kind, id, change, { current, base, changed }) {
  const mine = (k) => (changed?.[k]?.by ?? current?.updated_by)?.id === me()?.id; /* written on another page */
  const clash = Object.keys(change).filter((k) => !mine(k) && !same(current?.[k], base?.[k]) && !same(current?.[k], change[k]));
  if (!clash.length) return Promise.resolve(true);
  return new Promise((answer) => {
    conflict.value = { kind, id, mine: change, theirs: current, changed, fields: clash, answer: (mine) => { conflict.value = null; answer(mine); } };
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

async function save(kind, id, change, version, { alone, steps }, far) {
  const how = far ?? await reachOf(kind, id, change);
  const then = (more) => (steps || more ? { then: [...(steps ?? []), ...(more ?? [])] } : {});
  const send = (extra) => patch(`${pathOf(kind)}/${id}`, { ...wire(change), ...extra, ...then(extra?.then) }, { ...how, headers: { 'If-Match': version ? `"${version}"` : '*' } });
  try {
    return await (alone ? send({}) : planned(send));
  } catch (e) {
    if (e.status !== 412) throw e;
    const current = e.body?.current;
    const mine = await askConflict(kind, id, change, e.body ?? {});
    if (!mine) { slot(kind, id).value = { ...slot(kind, id).peek(), ...current }; return { body: current, change: null }; }
    return save(kind, id, change, current?.version, { alone, steps }, how);
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
 * began; `also` says what is offered beside Undo, out of the saved record. Resolves
 * to that; rejects after the rollback (and, unless `quiet`, after an error toast). `alone`:
 * who calls asks for a next step himself.
 */
export function update(kind, id, change, { message, quiet, version, also, alone, steps } = {}) {
  const s = slot(kind, id);
  const before = s.peek() ?? { id };
  const old = Object.fromEntries(Object.keys(change).map((k) => [k, before[k]]));
  s.value = { ...before, ...change };
  return inOrder(`${kind}:${id}`, async () => {
    try {
      const answer = await save(kind, id, change, version ?? s.peek().version, { alone, steps });
      if (answer.body) remember(kind, answer.body);
      if (message && answer.change) offerUndo(message, answer.change, kind, id, false, also?.(s.peek()));
      touch(kind, !change.then); /* next steps are new rows */
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
  const { body, change } = await planned((extra) => post(pathOf(kind), { ...wire(values), ...extra }, { headers: { 'Idempotency-Key': crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}` }, ...options }));
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

/** Deletes it, with the next step that is wanted in place of it. */
export const removeAlone = (kind, id, options) => planned((extra) => del(`${pathOf(kind)}/${id}`, { ...options, headers: { 'If-Match': '*' }, ...(extra.then && { body: extra }) }));

/** Moves one record to the bin, with Undo. */
export async function remove(kind, record) {
  try {
    const { change } = await removeAlone(kind, record.id, await reachOf(kind, record.id));
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
  const { body: { kept = [], ...body } = {}, change } = await planned((extra) => post(`${pathOf(kind)}/${id}/restore`, { ...what, ...extra }));
  if (body.id) remember(kind, body); else await load(kind, id).catch(() => null);
  touch(kind);
  offerUndo(message, change ?? body.change, kind, id);
  const label = (name) => t(fieldOf(entity(kind), name)?.label ?? name);
  if (kept.length) toast(t('Not all of it came back. {what}', { what: kept.map((k) => `${label(k.fields[0])}: ${k.text}`).join(' ') }), { bad: true });
}

/** Title of a record for messages, from what is known. */
export const titleOf = (kind, record) => record?.title || `${t(entity(kind)?.label ?? kind)} ${record?.id ?? ''}`;
