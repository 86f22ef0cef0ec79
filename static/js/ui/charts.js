// Charts as plain SVG: themed by CSS, sharp in print, readable without colour.
import { html } from '../lib/html.js';

/** A single horizontal bar; `parts` are [class, share 0..1] side by side. */
export function Bar({ parts, label }) {
  let x = 0;
  return html`<svg class="bar" role="img" aria-label=${label} preserveAspectRatio="none">${parts.map(([cls, share]) => {
    const rect = html`<rect class=${cls} x=${`${x * 100}%`} width=${`${Math.max(share, 0) * 100}%`} height="100%" />`;
    x += share;
    return rect;
  })}</svg>`;
}
