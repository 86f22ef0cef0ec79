// The head of a list's table: a click sorts, with Shift it sorts after what sorts
// already; columns are moved and widened by dragging, or by Ctrl and Shift with
// the arrow keys.
import { html, cx } from '../lib/html.js';
import { setQuery } from '../lib/router.js';
import { columnLabel } from '../lib/meta.js';
import { arrange, sortsOf, sortText, SORTS_MAX, widen } from '../lib/query.js';
import { say } from '../lib/toast.js';
import { t } from '../lib/i18n.js';
import { Icon } from './basics.js';
import { isNumeric } from './field.js';

const STEP = 16;
const LEAST = 56;
const FAR = 5;

/** Style of a cell in a column of so many pixels. */
export const sized = (width) => (width ? { width: `${width}px`, minWidth: `${width}px`, maxWidth: `${width}px` } : undefined);

const headOf = (name) => document.querySelector(`th[data-col="${CSS.escape(name)}"]`);
const focusHead = (name) => requestAnimationFrame(() => headOf(name)?.querySelector('button')?.focus());

/** The order after a click on a column: of this one alone, or (`more`) of it after the others. */
export function sortedBy(e, sort, name, more) {
  const sorts = sortsOf(sort).map((s) => ({ ...s, by: s.by === e.title?.[0] ? 'title' : s.by }));
  const on = sorts.find((s) => s.by === name);
  if (!more) return sortText([{ by: name, desc: Boolean(on) && on === sorts[0] && !on.desc }]);
  if (!on) return sortText([...sorts.slice(0, SORTS_MAX - 1), { by: name, desc: false }]);
  return sortText(on.desc && sorts.length > 1 ? sorts.filter((s) => s !== on) : sorts.map((s) => (s === on ? { ...s, desc: !s.desc } : s)));
}

/** Puts a column before another, or at the end. */
function putBefore(e, state, name, other) {
  const cols = state.columns.slice(1).filter((c) => c !== name);
  const at = other === undefined ? -1 : cols.indexOf(other);
  cols.splice(at < 0 ? cols.length : at, 0, name);
  setQuery({ cols: '' });
  arrange(e, state.view, { cols });
}

/** Moves a column so many places. */
export function moveColumn(e, state, name, by) {
  const cols = state.columns.slice(1);
  const to = cols.indexOf(name) + by;
  if (to < 0 || to >= cols.length) return;
  const rest = cols.filter((c) => c !== name);
  putBefore(e, state, name, rest[to]);
  say(t('Column {n} of {total}', { n: to + 2, total: cols.length + 1 }));
}

const setWidth = (e, state, name, width) => { setQuery({ widths: '' }); widen(e, state, name, width); };

/** Widens a column with the pointer; kept when it is let go. */
function pull(ev, e, state, name) {
  ev.preventDefault();
  ev.stopPropagation();
  const th = headOf(name);
  const from = { x: ev.clientX, width: th.offsetWidth };
  const side = getComputedStyle(th).direction === 'rtl' ? -1 : 1;
  const now = (x) => from.width + side * (x - from.x);
  const cells = [th, ...th.closest('table').querySelectorAll(`tbody tr > :nth-child(${th.cellIndex + 1})`)];
  const move = (m) => { for (const cell of cells) Object.assign(cell.style, sized(Math.max(LEAST, now(m.clientX)))); };
  const end = (m) => {
    removeEventListener('pointermove', move);
    removeEventListener('pointerup', end);
    removeEventListener('pointercancel', end);
    if (m.type === 'pointerup' && Math.abs(m.clientX - from.x) > 2) setWidth(e, state, name, now(m.clientX));
  };
  addEventListener('pointermove', move);
  addEventListener('pointerup', end);
  addEventListener('pointercancel', end);
}

/** Drags a column before another one. */
function drag(ev, e, state, name) {
  if (ev.button !== 0 || ev.pointerType === 'touch' || name === 'title') return;
  const from = ev.clientX;
  let over = null;
  let begun = false;
  const mark = (th) => { if (over === th) return; over?.classList.remove('is-drop'); over = th; over?.classList.add('is-drop'); };
  const move = (m) => {
    if (!begun && Math.abs(m.clientX - from) < FAR) return;
    begun = true;
    document.body.classList.add('is-dragging');
    const th = document.elementFromPoint(m.clientX, m.clientY)?.closest('th[data-col]');
    mark(th && th.dataset.col !== 'title' ? th : null);
  };
  const end = (m) => {
    for (const [k, f] of [['pointermove', move], ['pointerup', end], ['pointercancel', end], ['keydown', escape]]) removeEventListener(k, f, true);
    document.body.classList.remove('is-dragging');
    const to = over?.dataset.col;
    mark(null);
    if (!begun) return;
    addEventListener('click', swallow, { capture: true, once: true });
    setTimeout(() => removeEventListener('click', swallow, true));
    const cols = state.columns;
    if (m.type === 'pointerup' && to && to !== name) putBefore(e, state, name, cols.indexOf(to) > cols.indexOf(name) ? cols[cols.indexOf(to) + 1] : to);
  };
  const swallow = (c) => { c.preventDefault(); c.stopPropagation(); };
  const escape = (k) => { if (k.key === 'Escape') end(k); };
  for (const [k, f] of [['pointermove', move], ['pointerup', end], ['pointercancel', end], ['keydown', escape]]) addEventListener(k, f, true);
}

function keyOnHead(ev, e, state, name) {
  const by = { ArrowLeft: -1, ArrowRight: 1 }[ev.key];
  if (!by || ev.altKey || ev.metaKey || ev.ctrlKey === ev.shiftKey) return;
  ev.preventDefault();
  if (ev.shiftKey) { setWidth(e, state, name, (state.widths[name] ?? headOf(name).offsetWidth) + by * STEP); return; }
  if (name === 'title') return;
  moveColumn(e, state, name, by);
  focusHead(name);
}

/** One column's head; without `plain` it sorts and can be moved and widened. */
export function Head({ e, f, state, first }) {
  const sorts = sortsOf(state.sort).map((s) => (s.by === e.title?.[0] ? { ...s, by: 'title' } : s));
  const at = sorts.findIndex((s) => s.by === f.name);
  const on = sorts[at];
  const name = columnLabel(e, f);
  const sort = (ev) => setQuery({ sort: sortedBy(e, state.sort, f.name, ev.shiftKey) });
  return html`<th scope="col" data-col=${f.name} style=${sized(state.widths[f.name])} class=${cx(isNumeric(f) && 'end', first && 'cell-first')} aria-sort=${at === 0 ? (on.desc ? 'descending' : 'ascending') : undefined}
      onPointerDown=${(ev) => drag(ev, e, state, f.name)} onKeyDown=${(ev) => keyOnHead(ev, e, state, f.name)}>
    <button type="button" aria-disabled=${f.sort === false ? 'true' : undefined} onClick=${(ev) => f.sort !== false && sort(ev)}><span class="clip">${name}</span>${on && html`<${Icon} name=${on.desc ? 'arrow-down' : 'arrow-up'} />`}${on && sorts.length > 1 && html`<span class="sort-rank"><span class="sr-only">${t('Order')} </span>${at + 1}</span>`}</button>
    <span class="col-grip" aria-hidden="true" onPointerDown=${(ev) => pull(ev, e, state, f.name)} onClick=${(ev) => ev.stopPropagation()} onDblClick=${(ev) => { ev.stopPropagation(); setWidth(e, state, f.name); }}></span></th>`;
}
