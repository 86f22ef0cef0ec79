// How far an import is: rows, rows a second, time left.
import { html, useRef } from '../lib/html.js';
import { t, tn } from '../lib/i18n.js';
import { number } from '../lib/format.js';

const WINDOW_MS = 5000;

/** Rows a second over the last seconds, from what came with each answer. */
function useSpeed(rows) {
  const seen = useRef([]);
  const now = Date.now();
  if (seen.current.at(-1)?.rows !== rows) seen.current = [...seen.current.filter((s) => now - s.at < WINDOW_MS), { at: now, rows }];
  const [first, last] = [seen.current[0], seen.current.at(-1)];
  return last.at > first.at ? Math.max(0, (last.rows - first.rows) / ((last.at - first.at) / 1000)) : 0;
}

const left = (s) => (s < 60 ? tn('{n} second left', '{n} seconds left', Math.max(1, Math.round(s))) : tn('{n} minute left', '{n} minutes left', Math.round(s / 60)));

export function Progress({ x, title, children }) {
  const speed = useSpeed(x.done_rows);
  const rest = x.rows - x.done_rows;
  return html`<section class="drop" aria-label=${title}><h2>${title}</h2>
    <progress class="meter" max=${Math.max(1, x.rows)} value=${x.done_rows} aria-label=${title}></progress>
    <p class="num dim">${t('{n} of {m} rows', { n: number(x.done_rows), m: number(x.rows) })}${speed > 0 && html` · ${t('{n} rows a second', { n: number(Math.round(speed)) })} · ${left(rest / speed)}`}</p>
    ${x.error && html`<p class="small dim">${x.error}</p>`}${children}</section>`;
}
