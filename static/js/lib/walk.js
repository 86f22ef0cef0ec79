// The list a record was opened from, so that its page can go to the previous
// and next one and say "3 of 87". Further pages are fetched when reached.
import { signal } from './html.js';
import { get } from './api.js';
import { pathOf } from './meta.js';

const PAGE = 50;

const KEY = 'kontor.walk';
const kept = (() => { try { return JSON.parse(sessionStorage.getItem(KEY)); } catch { return null; } })();

/** { kind, ids, start, before: cursors of earlier pages, count, more, next, query, back } or null; a reload keeps it. */
export const walk = signal(kept);

/** Remembers the order a list shows. */
export function setWalk(list) {
  walk.value = list;
  try { sessionStorage.setItem(KEY, JSON.stringify(list)); } catch { /* storage is off */ }
}

/** Place of a record in the list: { at, count } or null. */
export function placeOf(kind, id) {
  const w = walk.value;
  const i = w?.kind === kind ? w.ids.findIndex((x) => String(x) === String(id)) : -1;
  return i < 0 ? null : { at: w.start + i + 1, count: w.count, more: w.more, first: i === 0 && !w.before?.length, last: i === w.ids.length - 1 && !w.next };
}

const pageAt = (w, cursor) => get(pathOf(w.kind), { ...w.query, fields: 'title', limit: PAGE, cursor });

/** Id of the record `by` places further, or null at the end; pages beyond those known are fetched. */
export async function neighbour(kind, id, by) {
  const w = walk.value;
  if (w?.kind !== kind) return null;
  const i = w.ids.findIndex((x) => String(x) === String(id)) + by;
  if (i >= 0 && i < w.ids.length) return w.ids[i];
  if (by < 0) {
    if (!w.before?.length) return null;
    const { items } = await pageAt(w, w.before.at(-1));
    setWalk({ ...w, ids: [...items.map((r) => r.id), ...w.ids], start: w.start - items.length, before: w.before.slice(0, -1) });
    return items.at(-1)?.id ?? null;
  }
  if (!w.next) return null;
  const page = await pageAt(w, w.next);
  setWalk({ ...w, ids: [...w.ids, ...page.items.map((r) => r.id)], next: page.next });
  return page.items[0]?.id ?? null;
}
