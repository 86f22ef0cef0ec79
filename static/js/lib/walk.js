// The list a record was opened from, so that its page can go to the previous
// and next one and say "3 of 87". Further pages are fetched when reached.
import { signal } from './html.js';
import { get } from './api.js';
import { pathOf } from './meta.js';

const PAGE = 50;

/** { kind, ids, start, count, more, next, query, back } or null. */
export const walk = signal(null);

/** Remembers the order a list shows. */
export const setWalk = (list) => { walk.value = list; };

/** Place of a record in the list: { at, count } or null. */
export function placeOf(kind, id) {
  const w = walk.value;
  const i = w?.kind === kind ? w.ids.findIndex((x) => String(x) === String(id)) : -1;
  return i < 0 ? null : { at: w.start + i + 1, count: w.count, more: w.more, first: i === 0, last: i === w.ids.length - 1 && !w.next };
}

/** Id of the record `by` places further, or null at the end. */
export async function neighbour(kind, id, by) {
  const w = walk.value;
  if (w?.kind !== kind) return null;
  const i = w.ids.findIndex((x) => String(x) === String(id)) + by;
  if (i >= 0 && i < w.ids.length) return w.ids[i];
  if (by < 0 || !w.next) return null;
  const page = await get(pathOf(kind), { ...w.query, fields: 'title', limit: PAGE, cursor: w.next });
  walk.value = { ...w, ids: [...w.ids, ...page.items.map((r) => r.id)], next: page.next };
  return page.items[0]?.id ?? null;
}
