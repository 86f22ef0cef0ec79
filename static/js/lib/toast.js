// Short messages over the heading of the page, where nothing is worked on, and the
// polite live region for screen readers.
import { signal } from './html.js';
import { t } from './i18n.js';

const SHOW_MS = 8000;
const LASTING_MS = 20000;
const AGAIN_MS = 1000;

/** What is on screen now, at most two. */
export const toasts = signal([]);
let next = 1;

/** Speaks a message without showing it. */
export function say(message) {
  document.getElementById('live').textContent = message;
}

/** Goes when its time is over, but not under the pointer or while the focus is in it. */
function expire(id) {
  if (document.querySelector('.toasts:is(:hover, :focus-within)')) setTimeout(expire, AGAIN_MS, id);
  else dismiss(id);
}

/**
 * Shows a message for 8 s, a `lasting` one for 20 s; errors stay until dismissed, and the same one
 * again takes its place. `also`: { action, run }, a second button.
 */
export function toast(message, { action, run, bad, lasting, icon = 'undo-2', also } = {}) {
  const id = next++;
  const others = toasts.value.filter((x) => !(bad && x.bad && x.message === message));
  const kept = others.findLast((x) => x.lasting) ?? others.at(-1);
  toasts.value = [...(kept ? [kept] : []), { id, message, action, run, bad, lasting, icon, also }];
  if (!bad) {
    say(message);
    setTimeout(expire, lasting ? LASTING_MS : SHOW_MS, id);
  }
}

/** Fetches a part of the program and uses it; where it does not come, that is said, and can be tried again. */
export const fetched = (load, use) => load().then(use, () => toast(t('This part could not be loaded.'), { bad: true, icon: 'refresh-cw', action: t('Try again'), run: () => fetched(load, use) }));

/** Takes a message away. */
export function dismiss(id) {
  toasts.value = toasts.value.filter((x) => x.id !== id);
}

/** Takes back what the newest message offers to. */
export function undoNewest() {
  const x = toasts.peek().findLast((m) => m.action === t('Undo'));
  if (x) { dismiss(x.id); x.run(); }
}
