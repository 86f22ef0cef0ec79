// Real paths by the history API. The server answers any path without a dot
// with index.html, so every address can be opened and shared; with 404 where
// lib/web/assets.c (page_status) finds that no page has it.
import { signal, html } from './html.js';

function read() {
  return { path: location.pathname === '/' ? '/home' : location.pathname, query: Object.fromEntries(new URLSearchParams(location.search)), url: location.pathname + location.search };
}

/** The address now: { path, query, url }. */
export const route = signal(read());

/** True when the last move was the browser's back or forward. */
export const wentBack = signal(false);

function changed(before, back) {
  wentBack.value = back;
  route.value = read();
  if (route.value.path !== before) document.querySelector('#main')?.focus({ preventScroll: true });
}

addEventListener('popstate', () => changed(route.value.path, true));

/** Goes to a path inside the application. */
export function go(path, { replace } = {}) {
  const before = route.value.path;
  history[replace ? 'replaceState' : 'pushState'](null, '', path);
  changed(before, false);
}

/** Path and query with some parameters changed; '' removes one. */
export function urlWith(change) {
  const q = new URLSearchParams({ ...route.value.query, ...change });
  for (const [k, v] of [...q]) if (v === '' || v === 'undefined' || v === 'null') q.delete(k);
  return route.value.path + (q.size ? `?${q}` : '');
}

/** Changes query parameters without a new history entry. */
export function setQuery(change) {
  history.replaceState(null, '', urlWith(change));
  wentBack.value = false;
  route.value = read();
}

/** The past day the page shows (`as_of` in the address), or ''. */
export function pastDay() {
  const day = route.value.query.as_of ?? '';
  return /^\d{4}-\d\d-\d\d$/.test(day) && !Number.isNaN(Date.parse(day)) ? day : '';
}

/** A path that stays on the past day shown now. */
export const onDay = (path) => (pastDay() ? `${path}${path.includes('?') ? '&' : '?'}as_of=${pastDay()}` : path);

/** match('/contacts/:id', path) -> { id } or null */
export function match(pattern, path) {
  const names = [];
  const re = new RegExp(`^${pattern.replace(/:(\w+)/g, (_, n) => (names.push(n), '([^/]+)'))}/?$`);
  const m = re.exec(path);
  return m && Object.fromEntries(names.map((n, i) => [n, decodeURIComponent(m[i + 1])]));
}

/** Link inside the application; new-tab clicks are left to the browser. */
export function Link({ to, children, onClick, ...rest }) {
  const click = (e) => {
    onClick?.(e);
    if (e.defaultPrevented || e.button !== 0 || e.ctrlKey || e.metaKey || e.shiftKey || e.altKey) return;
    e.preventDefault();
    go(to);
  };
  return html`<a href=${to} onClick=${click} ...${rest}>${children}</a>`;
}
