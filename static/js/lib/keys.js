// Keyboard shortcuts: single keys and two-key sequences ("g d"). They are
// ignored while typing and can be switched off (WCAG 2.1.4).
import { prefs } from './store.js';

const SEQUENCE_MS = 900;
const bindings = new Map();
let pending = '';
let timer = 0;

/** bind('g d', run, 'Go to deals') returns a function that unbinds. */
export function bind(keys, run, label) {
  const before = bindings.get(keys);
  const mine = { run, label };
  bindings.set(keys, mine);
  return () => {
    if (bindings.get(keys) !== mine) return;
    if (before) bindings.set(keys, before); else bindings.delete(keys);
  };
}

/** Binds several [keys, run, label] and returns one function that unbinds all. */
export function bindAll(list) {
  const off = list.map((b) => bind(...b));
  return () => off.forEach((f) => f());
}

/** What is bound now, for the help dialog. */
export const shortcuts = () => [...bindings].filter(([, b]) => b.label).map(([keys, b]) => ({ keys, label: b.label }));

const typing = (el) => el.closest?.('input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable], [role=menu]');

function fire(seq, e) {
  pending = '';
  const b = bindings.get(seq);
  if (!b) return;
  e.preventDefault();
  b.run(e);
}

addEventListener('keydown', (e) => {
  const mod = (e.ctrlKey || e.metaKey) && !e.altKey && `mod+${e.key.toLowerCase()}`;
  if (mod === 'mod+k') { fire(mod, e); return; }
  if (e.altKey || typing(e.target) || document.querySelector('dialog[open]')) return;
  if (mod === 'mod+z' && !e.shiftKey) { fire(mod, e); return; }
  if (mod || !prefs.value.keys) return;
  const seq = pending ? `${pending} ${e.key}` : e.key;
  clearTimeout(timer);
  if (bindings.has(seq)) { fire(seq, e); return; }
  pending = [...bindings.keys()].some((k) => k.startsWith(`${seq} `)) ? seq : '';
  timer = setTimeout(() => { pending = ''; }, SEQUENCE_MS);
});
