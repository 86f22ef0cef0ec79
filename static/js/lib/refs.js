// Mentions and links inside texts: "@[12 Max Muster]" is a person, "#[77]" a
// record. People write and read "@Max Muster" and "#Alster GmbH".
import { signal } from './html.js';
import { get } from './api.js';

const REF = /([@#])\[(\d{1,18})(?: ([^\][\r\n]*))?\]/g;
const MOST = 100;
const titles = signal({});
let wanted = new Set();

/** Parts of a text: strings, and { sign, id, name, raw } for what it refers to. */
export function parts(text) {
  const out = [];
  let at = 0;
  for (const m of text.matchAll(REF)) {
    out.push(text.slice(at, m.index), { sign: m[1], id: Number(m[2]), name: m[3], raw: m[0] });
    at = m.index + m[0].length;
  }
  out.push(text.slice(at));
  return out.filter((p) => p !== '');
}

async function fetchWanted() {
  const ids = [...wanted].slice(0, MOST);
  wanted = new Set();
  const { items } = await get('/titles', { ids: ids.join(',') }).catch(() => ({ items: [] }));
  titles.value = { ...titles.value, ...Object.fromEntries(items.map((x) => [x.id, x])) };
}

/** What is known of a record by its id alone: { id, title, entity } or { hidden }; undefined while it is asked for. */
export function titleOf(id) {
  const hit = titles.value[id];
  if (!hit && !wanted.has(id)) {
    if (!wanted.size) setTimeout(fetchWanted, 0);
    wanted.add(id);
  }
  return hit;
}

/** Takes what came along with an answer. */
export const know = (refs) => { if (refs?.some((r) => titles.peek()[r.id]?.title !== r.title)) titles.value = { ...titles.peek(), ...Object.fromEntries(refs.map((r) => [r.id, r])) }; };

/** The text as it is written, and what stands for its references: [shown, Map label -> reference]. */
export function shownText(text) {
  const labels = new Map();
  const shown = parts(text).map((p) => {
    if (typeof p === 'string') return p;
    const label = `${p.sign}${titleOf(p.id)?.title ?? p.name ?? p.id}`;
    labels.set(label, p.raw);
    return label;
  }).join('');
  return [shown, labels];
}

const escaped = (s) => s.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** What was written, with references in place of their labels. */
export function storedText(shown, labels) {
  if (!labels.size) return shown;
  const any = [...labels.keys()].sort((a, b) => b.length - a.length).map(escaped).join('|');
  return shown.replace(new RegExp(`(?:${any})(?![\\p{L}\\p{N}])`, 'gu'), (label) => labels.get(label));
}
