// A text with its mentions and links drawn: people by their name of now,
// records as links, what may not be seen as hidden.
import { html, Fragment } from '../lib/html.js';
import { pathOf } from '../lib/meta.js';
import { Link, onDay } from '../lib/router.js';
import { parts, titleOf, know } from '../lib/refs.js';
import { fileUrl } from '../lib/files.js';
import { FILE } from '../lib/names.js';
import { t } from '../lib/i18n.js';

const PICTURE = /\.(jpe?g|png|gif|webp)$/i;

/** A picture in the text; one that browsers cannot show is its name. */
const Picture = ({ id, title }) => html`<img class="ref-picture" src=${fileUrl({ id }, true)} alt=${title} loading="lazy" onError=${(e) => e.target.replaceWith(`#${title}`)} />`;

function Ref({ part: p }) {
  const to = titleOf(p.id);
  if (p.sign === '@') return html`<span class="mention">@${to?.title ?? p.name ?? '…'}</span>`;
  if (!to || to.hidden) return html`<span class="faint">#${to ? t('Hidden') : '…'}</span>`;
  const path = to.deleted ? `/trash?kind=${to.entity}` : onDay(`${pathOf(to.entity)}/${p.id}`);
  return html`<${Link} class=${to.deleted ? 'is-binned' : undefined} to=${path} title=${to.deleted ? t('In the bin') : undefined}>${to.entity === FILE && !to.deleted && PICTURE.test(to.title) ? html`<${Picture} id=${p.id} title=${to.title} />` : `#${to.title}`}<//>`;
}

export default function RefText({ text, refs }) {
  know(refs);
  return html`<${Fragment}>${parts(text).map((p, i) => (typeof p === 'string' ? p : html`<${Ref} key=${i} part=${p} />`))}<//>`;
}
