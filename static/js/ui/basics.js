// Small building blocks used everywhere.
import { html, cx, asset, useEffect, useLayoutEffect, useRef, useState } from '../lib/html.js';
import { apiUrl } from '../lib/api.js';
import { initials } from '../lib/format.js';
import { t } from '../lib/i18n.js';

const SPRITE = asset('vendor/lucide/icons.svg');
const HUES = 6;
const WAIT_MS = 150;

/** An icon of the sprite, hidden from screen readers. */
export const Icon = ({ name, size }) => html`<svg class=${cx('icon', size && `icon-${size}`)} aria-hidden="true">
  <use href=${`${SPRITE}#${name}`}></use></svg>`;

/** Beside one of what repeats. */
export const Repeats = () => html`<span class="faint" title=${t('Repeats')}><${Icon} name="refresh-cw" /><span class="sr-only">${t('Repeats')}</span></span>`;

/** Button that shows only an icon; the label is its name. */
export const IconButton = ({ icon, label, small, ...rest }) => html`
  <button type="button" class=${cx('btn btn-quiet btn-icon', small && 'btn-sm')} aria-label=${label} title=${label} ...${rest}>
    <${Icon} name=${icon} /></button>`;

/** Keys as on a keyboard; "mod+k" is Ctrl K, "mod+z" Ctrl Z. */
export const Kbd = ({ keys }) => html`<span class="row">${keys.split(' ').map((k) => html`<kbd class="kbd" key=${k}>${k.replace(/mod\+(.)/, (_, x) => `Ctrl ${x.toUpperCase()}`)}</kbd>`)}</span>`;

/** One of six hues that always is the same for the same key. */
export function hueOf(key) {
  let n = 0;
  for (const c of String(key ?? '')) n = (n * 31 + c.codePointAt(0)) % 9973;
  return (n % HUES) + 1;
}

/** Initials on a tint, or the `picture` there is; the name stands beside it. */
export const Avatar = ({ name, id, size, square, picture }) => html`
  <span class=${cx('avatar', `hue-${hueOf(id ?? name)}`, size && `avatar-${size}`, square && 'avatar-square')} aria-hidden="true">${initials(name)}${picture && html`<img key=${picture.id} src=${apiUrl(`/files/${picture.id}`, { inline: 1 })} alt="" loading="lazy" onError=${(e) => { e.target.hidden = true; }} />`}</span>`;

/** A user link { id, title } as avatar, with the name shown or only spoken. */
export function UserAvatar({ user, size, label }) {
  if (!user || user.hidden) return null;
  return html`<span class="row" title=${user.title}>
    <${Avatar} name=${user.title} id=${user.id} size=${size} />${label ? html`<span class="clip">${user.title}</span>` : html`<span class="sr-only">${user.title}</span>`}</span>`;
}

/** A status as dot and word: readable without colour, quiet in a list. */
export const Status = ({ label, tone, hue, pill }) => html`<span class=${cx('status', pill && 'badge', tone && `is-${tone}`)}>
  <i class=${cx('dot', hue && `hue-${hue}`)}></i><span class="clip">${label}</span></span>`;

/* --- empty, loading and error states --- */

/** Nothing to show: what will appear here, and the first action. */
export const Empty = ({ icon, title, text, children }) => html`
  <div class="state"><div class="state-mark"><${Icon} name=${icon} size="xl" /></div>
    <h2>${title}</h2>${text && html`<p>${text}</p>`}<div class="row wrap">${children}</div></div>`;

/** Loading failed: cause, and the way out. */
export const Failed = ({ title, text, retry }) => html`
  <div class="state state-bad" role="alert"><div class="state-mark"><${Icon} name="triangle-alert" size="xl" /></div>
    <h2>${title}</h2><p>${text}</p>
    <div class="row">${retry && html`<button type="button" class="btn" onClick=${retry}>
        <${Icon} name="refresh-cw" />${t('Try again')}</button>`}</div></div>`;

/** The same in one line, for a part of a page. */
export const FailedLine = ({ text, retry }) => html`<p class="row small failed-line" role="alert"><${Icon} name="triangle-alert" />
  <span class="grow">${text}</span><button type="button" class="btn btn-sm" onClick=${retry}>${t('Try again')}</button></p>`;

/** Draws its children only when loading takes longer than a blink. */
export function AfterBlink({ children }) {
  const [late, setLate] = useState(false);
  useEffect(() => { const timer = setTimeout(() => setLate(true), WAIT_MS); return () => clearTimeout(timer); }, []);
  return late ? children : null;
}

/** Grey rows while a table loads. */
export const SkeletonRows = ({ rows = 12, cols = 5 }) => html`<${AfterBlink}>
  <table class="table" aria-busy="true" aria-label=${t('Loading')}>
    <tbody>${Array.from({ length: rows }, (_, r) => html`<tr key=${r}>${Array.from({ length: cols }, (_, c) => html`<td key=${c}>
          <div class=${`skeleton skeleton-w${((r * 3 + c * 2) % 4) + 1}`}></div></td>`)}</tr>`)}</tbody></table><//>`;

/** Grey lines while a card loads. */
export const SkeletonLines = ({ lines = 4 }) => html`<${AfterBlink}><div class="skeleton-lines" aria-busy="true">
  ${Array.from({ length: lines }, (_, i) => html`<div key=${i} class=${`skeleton skeleton-w${(i % 4) + 1}`}></div>`)}</div><//>`;

/** Notice inside the page, for lasting facts. `tone`: warn, bad, good, info. */
export const Notice = ({ tone, icon = 'info', children, alert }) => html`<div class=${cx('notice', tone && `notice-${tone}`)} role=${alert ? 'alert' : undefined}>
  <${Icon} name=${icon} /><span class="grow">${children}</span></div>`;

/** Loads with cancel on leave: useLoad(run, deps) -> { data, error, busy, again }. */
export function useLoad(run, deps) {
  const [state, setState] = useState({ data: null, error: null, busy: true });
  const [round, setRound] = useState(0);
  const alive = useRef(0);
  useEffect(() => {
    const stop = new AbortController();
    const turn = ++alive.current;
    setState((s) => ({ ...s, busy: true, error: null }));
    run({ signal: stop.signal }).then(
      (data) => turn === alive.current && setState({ data, error: null, busy: false }),
      (error) => error.name !== 'AbortError' && turn === alive.current && setState((s) => ({ ...s, error, busy: false })),
    );
    return () => stop.abort();
  }, [...deps, round]);
  return { ...state, again: () => setRound((n) => n + 1), set: (data) => setState({ data, error: null, busy: false }) };
}

const LONGEST_MS = 10000;

/** Keeps what is typed from now on until another control than `before` has the focus, and gives it to that; Escape leaves. Gives the function that ends it. */
function holdKeys(before, leave) {
  const keys = [];
  const isThere = (x) => x !== before && x?.matches('input, textarea, select');
  const key = (e) => {
    const all = (e.ctrlKey || e.metaKey) && e.key === 'a';
    if (!e.isTrusted || e.altKey || ((e.ctrlKey || e.metaKey) && !all) || (e.key.length > 1 && !['Enter', 'Tab', 'Backspace', 'Escape'].includes(e.key))) return;
    e.preventDefault();
    e.stopImmediatePropagation();
    if (e.key === 'Escape') { end(); leave(); } else if (e.key !== 'Backspace') keys.push({ key: all ? 'All' : e.key, shiftKey: e.shiftKey }); else if (keys.at(-1)?.key.length === 1) keys.pop();
  };
  const focus = (e) => {
    if (!isThere(e.target)) return;
    document.removeEventListener('focusin', focus);
    if (keys.length) import('../lib/early.js').then((m) => m.give(keys)).finally(end); else end();
  };
  const timer = setTimeout(end, LONGEST_MS);
  function end() {
    keys.length = 0;
    clearTimeout(timer);
    removeEventListener('keydown', key, true);
    removeEventListener('pointerdown', end, true);
    document.removeEventListener('focusin', focus);
  }
  addEventListener('keydown', key, true);
  addEventListener('pointerdown', end, true);
  document.addEventListener('focusin', focus);
  if (isThere(document.activeElement)) end();
  return end;
}

const there = new WeakMap();

/**
 * Draws a part of another module, loaded when first needed, at once when the same `load` is drawn again; says so when it does not
 * come. `leave`, for a part that is typed into: what is typed before it is there is kept for it, and Escape calls this.
 */
export function Later({ load, leave, ...props }) {
  const before = useRef(document.activeElement);
  const held = useRef(null);
  useLayoutEffect(() => { held.current = leave && holdKeys(before.current, leave); return held.current; }, []);
  const [Part, setPart] = useState(() => there.get(load) ?? null);
  const [failed, setFailed] = useState(false);
  const run = () => { setFailed(false); load().then((m) => { there.set(load, m.default); setPart(() => m.default); }, () => { held.current?.(); setFailed(true); }); };
  useEffect(() => { if (!Part) run(); }, []);
  return failed ? html`<${FailedLine} text=${t('This part could not be loaded.')} retry=${run} />` : Part && html`<${Part} ...${props} />`;
}

/** Runs when a value changes, but not at first: what was typed meanwhile stays. */
export function useChanged(value, run) {
  const seen = useRef(value);
  useEffect(() => {
    if (seen.current === value) return;
    seen.current = value;
    run();
  }, [value]);
}

/** Last value of a function, stable over redraws, for effects and listeners. */
export function useLatest(value) {
  const ref = useRef(value);
  ref.current = value;
  return ref;
}
