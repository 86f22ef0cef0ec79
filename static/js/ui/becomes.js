// What a record becomes (a lead: company, contact, deal): the button that converts it, and afterwards the way to what was made.
import { html, useEffect } from '../lib/html.js';
import { may, pathOf } from '../lib/meta.js';
import { Link } from '../lib/router.js';
import { me } from '../lib/store.js';
import { bind } from '../lib/keys.js';
import { t } from '../lib/i18n.js';
import { Icon } from './basics.js';
import { asking } from './open.js';

/** The links that hold what a record became. */
export const heldBy = (e) => e.fields.filter((f) => f.becomes === true);

/** Was it converted already? */
export const isConverted = (e, r) => heldBy(e).some((f) => r[f.name]);

const convert = (e, record) => { asking.value = { e, record, convert: true }; };

/** Under the head of a record that can become others. */
export default function Becomes({ e, record }) {
  const held = heldBy(e).filter((f) => record[f.name]);
  const open = !held.length && may(e, 'edit', record, me());
  useEffect(() => (open ? bind('v', () => convert(e, record), t('Convert')) : undefined), [open, record]);
  if (held.length) {
    return html`<p class="row wrap small rec-became"><${Icon} name="arrow-right" /><span>${t('Became')}</span>${held.map((f) => html`<span class="row" key=${f.name}>
      ${record[f.name].hidden ? t('Hidden') : html`<${Link} class="strong" to=${`${pathOf(f.to)}/${record[f.name].id}`}>${record[f.name].title}<//>`}</span>`)}</p>`;
  }
  return open && html`<p class="row rec-became"><button type="button" class="btn btn-primary btn-sm" onClick=${() => convert(e, record)}><${Icon} name="arrow-right" />${t('Convert')}</button></p>`;
}
