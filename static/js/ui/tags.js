// Tags as coloured chips; ui/tags-input.js takes them.
import { html, cx } from '../lib/html.js';
import { tagHue } from '../lib/tags.js';

/** One tag. */
export const Tag = ({ name, colour, children }) => html`<span class=${cx('badge tag', tagHue(name, colour))}><span class="clip">${name}</span>${children}</span>`;

/** The tags of a record, side by side. */
export default function Tags({ list }) {
  return html`<span class="tags">${list.map((x) => html`<${Tag} key=${x} name=${x} />`)}</span>`;
}
