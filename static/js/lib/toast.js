// Short messages bottom left, and the polite live region for screen readers.
import { signal } from './html.js';

const SHOW_MS = 8000;

/** What is on screen now, at most two. */
export const toasts = signal([]);
let next = 1;

/** Speaks a message without showing it. */
export function say(message) {
  document.getElementById('live').textContent = message;
}

/** Shows a message for 8 s (errors stay until dismissed; the same one again takes its place). */
export function toast(message, { action, run, bad, icon = 'undo-2' } = {}) {
  const id = next++;
  const others = toasts.value.filter((x) => !(bad && x.bad && x.message === message));
  toasts.value = [...others.slice(-1), { id, message, action, run, bad, icon }];
  if (!bad) {
    say(message);
    setTimeout(() => dismiss(id), SHOW_MS);
  }
}

/** Takes a message away. */
export function dismiss(id) {
  toasts.value = toasts.value.filter((x) => x.id !== id);
}
