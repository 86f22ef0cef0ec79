// The tags there are, with their colours: asked for once, and again when somebody changes them.
import { signal } from './html.js';
import { get } from './api.js';
import { entity, pathOf } from './meta.js';
import { watch } from './live.js';
import { TAG } from './names.js';

const PAGE = 500;
const MOST = 4; /* pages */

/** { list: [{ id, name, colour, version }], byKey: Map } or null before they are there. */
const all = signal(null);
let asked = null;

/** The same for all spellings of one tag: letters and digits, without case and accents. */
export const tagKey = (text) => String(text).normalize('NFKD').toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');

async function fetchAll() {
  const list = [];
  let cursor;
  for (let i = 0; i < MOST && cursor !== null; i++) {
    const page = await get(pathOf(TAG), { fields: 'name,colour,version', sort: 'title', limit: PAGE, cursor });
    list.push(...page.items);
    cursor = page.next;
  }
  all.value = { list, byKey: new Map(list.map((x) => [tagKey(x.name), x])) };
}

/** Asks for the tags anew. */
export const reloadTags = () => { asked = fetchAll().catch(() => { asked = null; }); return asked; };

/** Every tag, in order of their names; asks for them when first called. */
export function tags() {
  if (!asked && entity(TAG)) { reloadTags(); watch(TAG, reloadTags); }
  return all.value?.list ?? [];
}

/** The tag of this name; undefined while unknown. */
export const tagOf = (name) => { tags(); return all.value?.byKey.get(tagKey(name)); };

/** Class of a tag's colour. */
export function tagHue(name, colour = tagOf(name)?.colour) {
  const i = entity(TAG)?.fields.find((f) => f.name === 'colour')?.options?.findIndex((o) => o.id === colour) ?? -1;
  return i < 0 ? '' : `hue-${i + 1}`;
}
