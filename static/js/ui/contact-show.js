// What a record can be reached by, as its page shows it: e-mails, phones and links with
// label and marks, addresses as they stand on an envelope. Loaded where there are such.
import { html } from '../lib/html.js';
import { t, key } from '../lib/i18n.js';
import { toast } from '../lib/toast.js';
import { Icon, IconButton } from './basics.js';

/** Words of labels that are shown in the reader's language; others as they are. */
export const WORDS = { work: key('work'), home: key('home'), office: key('office'), invoices: key('invoices'), mobile: key('mobile'), fax: key('fax'), website: key('website'), profile: key('profile'), shop: key('shop'), billing: key('billing'), delivery: key('delivery'), branch: key('branch') };

/** A label as it is read. */
export const labelText = (x) => (WORDS[x] ? t(WORDS[x]) : x);

const asItem = (x) => (typeof x === 'string' ? { value: x } : x);

const Badges = ({ of: x }) => html`${x.opt_out && html`<span class="badge badge-warn">${t('Opt-out')}</span>`}${x.invalid && html`<span class="badge badge-bad">${t('Invalid')}</span>`}`;

/** All of them as lines, with label and marks. */
export const Points = ({ list, show }) => html`<ul class="points">${list.map(asItem).map((x) => html`<li key=${x.value} class="row">${show(x)}
  ${x.label && html`<span class="faint small">${labelText(x.label)}</span>`}${x.primary && list.length > 1 && html`<span class="faint" title=${t('Primary')}><${Icon} name="star" /><span class="sr-only">${t('Primary')}</span></span>`}
  <${Badges} of=${x} /></li>`)}</ul>`;

/** Addresses as they stand on an envelope, each to be copied. */
export function Addresses({ list, title }) {
  const copy = async (x) => { await navigator.clipboard?.writeText(`${title ? `${title}\n` : ''}${x.text}`); toast(t('Address copied')); };
  return html`<ul class="addresses">${list.map((x, i) => html`<li key=${i}><span class="grow">
      ${(x.label || x.opt_out || x.invalid || (x.primary && list.length > 1)) && html`<span class="faint small row">${x.label && labelText(x.label)}${x.primary && list.length > 1 && html`<${Icon} name="star" /><span class="sr-only">${t('Primary')}</span>`}<${Badges} of=${x} /></span>`}
      <address class="long">${x.text ?? [x.street, `${x.postcode ?? ''} ${x.city ?? ''}`.trim(), x.region, x.country].filter(Boolean).join('\n')}</address></span>
    <${IconButton} small icon="copy" label=${t('Copy the address {place}', { place: x.city || x.label })} onClick=${() => copy(x)} /></li>`)}</ul>`;
}
