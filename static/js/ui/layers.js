// What opens over the page: menus, popovers and dialogs. Esc closes the top
// layer, a press outside closes it, focus goes back to where it came from.
import { html, cx, useEffect, useLayoutEffect, useRef, useState } from '../lib/html.js';
import { t } from '../lib/i18n.js';
import { Icon, IconButton } from './basics.js';

const GAP = 4;
const EDGE = 8;

/** Puts a fixed layer under (or over) the element that opened it. */
export function place(layer, opener, { match } = {}) {
  const b = opener.getBoundingClientRect();
  if (match) layer.style.width = `${b.width}px`;
  const left = Math.max(EDGE, Math.min(b.left, innerWidth - layer.offsetWidth - EDGE));
  const below = b.bottom + GAP + layer.offsetHeight < innerHeight;
  layer.style.left = `${left}px`;
  layer.style.top = below ? `${b.bottom + GAP}px` : `${Math.max(EDGE, b.top - layer.offsetHeight - GAP)}px`;
}

/** State of a layer with its opener: { open, setOpen, button, layer, close }. */
function useLayer(first) {
  const [open, setOpen] = useState(false);
  const button = useRef(null);
  const layer = useRef(null);
  useLayoutEffect(() => {
    if (!open) return undefined;
    place(layer.current, button.current);
    layer.current.querySelector(first)?.focus({ preventScroll: true });
    const away = (e) => { if (layer.current && !layer.current.contains(e.target) && !button.current.contains(e.target)) setOpen(false); };
    const moved = () => layer.current && place(layer.current, button.current);
    const grown = new ResizeObserver(moved);
    grown.observe(layer.current);
    addEventListener('pointerdown', away, true);
    addEventListener('resize', moved);
    return () => { grown.disconnect(); removeEventListener('pointerdown', away, true); removeEventListener('resize', moved); };
  }, [open]);
  const close = () => { setOpen(false); button.current?.focus(); };
  return { open, setOpen, button, layer, close };
}

/** Button with a menu of `MenuItem`s; arrows move, Esc returns the focus. */
export function MenuButton({ label, icon, children, class: cls = 'btn', chevron, title, name, ...rest }) {
  const { open, setOpen, button, layer, close } = useLayer('.menu-item');
  const key = (e) => {
    const items = [...layer.current.querySelectorAll('.menu-item')];
    const i = items.indexOf(document.activeElement);
    const to = { ArrowDown: (i + 1) % items.length, ArrowUp: (i - 1 + items.length) % items.length, Home: 0, End: items.length - 1 }[e.key];
    if (to !== undefined) { e.preventDefault(); items[to].focus(); }
    else if (e.key === 'Escape') { e.preventDefault(); e.stopPropagation(); close(); }
    else if (e.key === 'Tab') setOpen(false);
  };
  return html`
    <button type="button" ref=${button} class=${cls} aria-haspopup="menu" aria-expanded=${open} aria-label=${title} title=${title} onClick=${() => setOpen(!open)} ...${rest}>
      ${icon && html`<${Icon} name=${icon} />`}${label}${chevron && html`<${Icon} name="chevron-down" />`}
    </button>
    ${open && html`<div ref=${layer} class="menu" role="menu" aria-label=${name ?? title ?? (typeof label === 'string' ? label : undefined)} onKeyDown=${key} onClick=${(e) => e.target.closest('.menu-item') && close()}>${children}</div>`}`;
}

/** One entry of a menu; with `checked` it is a tick. */
export const MenuItem = ({ icon, label, keys, checked, danger, ...rest }) => html`
  <button type="button" class=${cx('menu-item', danger && 'is-danger')} role=${checked === undefined ? 'menuitem' : 'menuitemcheckbox'} aria-checked=${checked} ...${rest}>
    ${icon && html`<${Icon} name=${icon} />`}
      <span class="clip">${label}</span>${keys && html`<kbd class="kbd">${keys}</kbd>`}</button>`;

/** Heading and rule inside a menu. */
export const MenuHead = ({ children }) => html`<div class="menu-head" role="presentation">${children}</div>`;
/** A rule between groups of entries. */
export const MenuRule = () => html`<div class="menu-sep" role="separator"></div>`;

/** Button with a small panel named `name`; `children` is a function that gets close(). */
export function Popover({ label, icon, title, name, wide, class: cls = 'btn', children, ...rest }) {
  const { open, setOpen, button, layer, close } = useLayer('[data-first], input, select, button');
  /* Who goes on with Tab has left it. */
  const leave = () => { const at = document.activeElement; if (at !== button.current && !layer.current?.contains(at) && !at?.closest('dialog')) setOpen(false); };
  const key = (e) => { if (e.key === 'Escape') { e.preventDefault(); e.stopPropagation(); close(); } else if (e.key === 'Tab') setTimeout(leave); };
  return html`
    <button type="button" ref=${button} class=${cls} aria-haspopup="dialog" aria-expanded=${open} aria-label=${title} title=${title} onClick=${() => setOpen(!open)} onKeyDown=${open ? key : undefined} ...${rest}>
      ${icon && html`<${Icon} name=${icon} />`}${label}</button>
    ${open && html`<div ref=${layer} class=${cx('menu popover', wide && 'popover-wide')} role="dialog" aria-label=${name ?? title ?? (typeof label === 'string' ? label : undefined)} onKeyDown=${key}>${children(close)}</div>`}`;
}

/** Ctrl+Enter sends the form of the dialog on top, wherever in it the focus is, or when what had it is gone. */
function useSend(ref) {
  useEffect(() => {
    const send = (e) => {
      if (e.key !== 'Enter' || !(e.ctrlKey || e.metaKey) || e.defaultPrevented || [...document.querySelectorAll('dialog:modal')].at(-1) !== ref.current) return;
      const form = e.target.closest('dialog form') ?? ref.current.querySelector('form');
      if (form) { e.preventDefault(); form.requestSubmit(); }
    };
    addEventListener('keydown', send);
    return () => removeEventListener('keydown', send);
  }, []);
}

/** Modal dialog on the native element; a bottom sheet on phones. */
export function Dialog({ title, onClose, children, foot, class: cls }) {
  const ref = useRef(null);
  useSend(ref);
  useEffect(() => {
    const opener = document.activeElement;
    ref.current.showModal();
    (ref.current.querySelector('[autofocus], [data-first] :is(input, select, textarea)') ?? ref.current.querySelector('.dialog-body :is(input, select, textarea):not(.kind-more)') ?? ref.current.querySelector('.dialog-body button[aria-pressed=true]'))?.focus();
    return () => { if (opener?.isConnected) opener.focus({ preventScroll: true }); };
  }, []);
  const outside = (e) => { if (e.target === ref.current) ref.current.close(); };
  /* The browser tells of the end a moment after Esc; a key typed in that moment must find the dialog gone. */
  const left = useRef(false);
  const leave = (e) => { if (e.target === ref.current && !left.current) { left.current = true; onClose?.(); } };
  return html`
    <dialog ref=${ref} class=${cx('dialog', cls)} aria-label=${title} onCancel=${leave} onClose=${leave} onPointerDown=${outside}>
      ${foot !== undefined && html`<div class="dialog-head"><h2>${title}</h2><span class="push">
          <${IconButton} icon="x" label=${t('Close')} onClick=${() => ref.current.close()} /></span></div>`}
      ${children}
      ${foot && html`<div class="dialog-foot">${foot}</div>`}
    </dialog>`;
}
