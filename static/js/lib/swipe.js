// A row pushed sideways by a finger: far enough to one side does something, less
// lets it slide back. Up and down stays the scrolling of the browser, which takes
// the finger away from us as soon as it scrolls (touch-action: pan-y).
import { say } from './toast.js';

/** So far sideways before it is a swipe at all, and so much more sideways than up or down. */
const BEGIN = 14;
const STEEP = 2;
/** From here on letting go does it; on narrow rows a third of the row. */
const FAR = 112;
/** The rim of the screen belongs to the browser: back and forward. */
const RIM = 20;

const farFor = (row) => Math.min(FAR, row.clientWidth / 3);

/**
 * Follows a finger from its pointerdown on a row. `onRight` and `onLeft` run when it is let go far enough; the sheet of the view
 * draws what stands beside the row out of data-swipe (right, left), data-far (far enough) and --swipe (how far, in pixels).
 */
export function startSwipe(e, { onRight, onLeft, words }) {
  if (e.pointerType !== 'touch' || !e.isPrimary || e.clientX < RIM || e.clientX > innerWidth - RIM || e.target.closest('.menu, dialog')) return;
  const row = e.currentTarget;
  const from = { x: e.clientX, y: e.clientY };
  let by = null;

  const show = () => {
    const side = by > 0 ? 'right' : 'left';
    const far = Math.abs(by) >= farFor(row);
    if (far && !row.hasAttribute('data-far')) say(words[side]);
    row.dataset.swipe = side;
    row.toggleAttribute('data-far', far);
    row.style.setProperty('--swipe', `${by}px`);
  };

  function move(ev) {
    if (ev.pointerId !== e.pointerId) return;
    const [x, y] = [ev.clientX - from.x, ev.clientY - from.y];
    if (by === null) {
      if (Math.hypot(x, y) < BEGIN) return;
      if (Math.abs(x) < STEEP * Math.abs(y)) { end(); return; }
    }
    by = x;
    show();
  }

  function end(ev) {
    if (ev && ev.pointerId !== e.pointerId && ev.type !== 'pointerdown') return;
    for (const [name, run] of Object.entries(LISTENS)) removeEventListener(name, run, true);
    const run = ev?.type === 'pointerup' && row.hasAttribute('data-far') ? (by > 0 ? onRight : onLeft) : null;
    delete row.dataset.swipe;
    row.removeAttribute('data-far');
    row.style.removeProperty('--swipe');
    run?.();
  }

  /* A second finger means something else. */
  const LISTENS = { pointermove: move, pointerup: end, pointercancel: end, pointerdown: end };
  for (const [name, run] of Object.entries(LISTENS)) addEventListener(name, run, true);
}
