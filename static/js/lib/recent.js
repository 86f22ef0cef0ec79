// Records looked at lately on this device, for the search palette.
import { signal } from './html.js';

const KEY = 'kontor.recent';
const KEPT = 8;
const stored = (() => { try { return JSON.parse(localStorage.getItem(KEY)) ?? []; } catch { return []; } })();

/** Newest first: [{ kind, id, title, detail }]. */
export const recent = signal(stored);

/** Notes that a record was opened. */
export function visited(item) {
  recent.value = [item, ...recent.value.filter((r) => r.kind !== item.kind || r.id !== item.id)].slice(0, KEPT);
  try { localStorage.setItem(KEY, JSON.stringify(recent.value)); } catch { /* storage is off */ }
}
