// What a record can be reached by, in full: e-mails, phones and links with label and
// marks, addresses as blocks. Loaded when the first one is opened.
import { html, cx, useEffect, useId } from '../lib/html.js';
import { t, key, locale } from '../lib/i18n.js';
import { Icon, IconButton } from './basics.js';
import { useAdded } from './inputs.js';
import { WORDS, labelText } from './contact-show.js';

const KIND = { emails: ['email', key('Add e-mail')], phones: ['tel', key('Add phone')], links: ['url', key('Add link')] };
const POINT_LABELS = { emails: ['work', 'home', 'office', 'invoices'], phones: ['work', 'mobile', 'home', 'fax'], links: ['website', 'profile', 'shop'] };
const ADDRESS_LABELS = ['billing', 'delivery', 'branch', 'home', 'work'];
const asItem = (x) => (typeof x === 'string' ? { value: x } : x);

/** Begins at the first control once it is there, and at that of each entry added. */
function useStart(begin, count) {
  const [box, added] = useAdded(count, '.point, .address-edit');
  useEffect(() => { if (begin && !box.current.contains(document.activeElement)) box.current.querySelector('input, textarea')?.focus(); }, []);
  return [box, added];
}

const Labels = ({ id, list }) => html`<datalist id=${id}>${list.map((x) => html`<option key=${x} value=${labelText(x)} />`)}</datalist>`;
/** What was chosen in the reader's language is kept as the word every language knows. */
const keep = (text) => Object.keys(WORDS).find((k) => t(WORDS[k]).toLowerCase() === text.trim().toLowerCase()) ?? text;
const Mark = ({ on, icon, label, onClick }) => html`<button type="button" class=${cx('btn btn-quiet btn-icon btn-sm mark', on && 'is-on')} aria-pressed=${Boolean(on)} title=${label} aria-label=${label} onClick=${onClick}><${Icon} name=${icon} /></button>`;
const Marks = ({ of: x, primary, onPrimary, onChange }) => html`<${Mark} on=${primary} icon="star" label=${t('Primary')} onClick=${onPrimary} />
  <${Mark} on=${x.opt_out} icon="lock" label=${t('Opt-out: not to be used for mailings')} onClick=${() => onChange({ opt_out: !x.opt_out })} />
  <${Mark} on=${x.invalid} icon="triangle-alert" label=${t('Invalid: it does not reach anybody')} onClick=${() => onChange({ invalid: !x.invalid })} />`;
const LabelInput = ({ value, list, what, onInput }) => html`<input class="input input-sm label-input" type="text" maxlength="100" list=${list} placeholder=${t('Label')} aria-label=${`${t('Label')}, ${what}`} value=${labelText(value ?? '')} onInput=${(e) => onInput(keep(e.target.value))} />`;

/** Exactly one is the primary one. */
const single = (list, i) => list.map((x, k) => ({ ...x, primary: k === i }));
const settled = (list) => (list.length && !list.some((x) => x.primary) ? single(list, 0) : list);

/** Several e-mails, phones or links, each with label, primary, opt-out and invalid. */
export function PointsInput({ field: f, value, id, small, onInput, onKeyDown, 'aria-label': label, ...rest }) {
  const list = (value?.length ? value : [{ value: '' }]).map(asItem);
  const [type, add] = KIND[f.type];
  const labels = useId();
  const [box, added] = useStart(small, list.length);
  const put = (next) => onInput(settled(next.length === 1 && !next[0].value ? [] : next));
  const change = (i, what) => put(list.map((x, k) => (k === i ? { ...x, ...what } : x)));
  const name = label ?? t(f.label);
  return html`<div ref=${box} class="list-input points-input"><${Labels} id=${labels} list=${POINT_LABELS[f.type]} />${list.map((x, i) => html`<div class="point" role="group" aria-label=${`${name} ${i + 1}`} key=${i}>
      <div class="row"><input class="input input-sm" id=${i ? undefined : id} type=${type} autocomplete="off" value=${x.value} onInput=${(e) => change(i, { value: e.target.value })} onKeyDown=${onKeyDown} ...${i ? { 'aria-label': `${name} ${i + 1}` } : { 'aria-label': name, ...rest, onBlur: undefined }} />
        <${IconButton} small icon="x" label=${t('Remove {value}', { value: x.value || name })} onClick=${() => put(list.filter((_, k) => k !== i))} /></div>
      <div class="row"><${LabelInput} value=${x.label} list=${labels} what=${`${name} ${i + 1}`} onInput=${(v) => change(i, { label: v })} />
        <${Marks} of=${x} primary=${x.primary ?? i === 0} onPrimary=${() => put(single(list, i))} onChange=${(m) => change(i, m)} /></div></div>`)}
    ${list[list.length - 1].value && html`<button type="button" class="btn btn-quiet btn-sm list-add" onClick=${() => { added(); onInput([...list, { value: '' }]); }}><${Icon} name="plus" />${t(add)}</button>`}</div>`;
}

const PARTS = [['street', key('Street'), 'street-address'], ['postcode', key('Postal code'), 'postal-code'], ['city', key('City'), 'address-level2'], ['region', key('Region'), 'address-level1'], ['country', key('Country'), 'country-name']];
const EMPTY = { label: '', street: '', postcode: '', city: '', region: '', country: '', primary: false };

let names = null;
/** Names of countries in the reader's language. */
function countries() {
  const lang = locale.value;
  if (names?.lang !== lang) {
    const of = new Intl.DisplayNames([lang], { type: 'region', fallback: 'none' });
    const list = new Set();
    for (let a = 65; a < 91; a++) for (let b = 65; b < 91; b++) { const n = of.of(String.fromCharCode(a, b)); if (n) list.add(n); }
    names = { lang, list: [...list].sort((a, b) => a.localeCompare(b, lang)) };
  }
  return names.list;
}

/** Addresses, a block each. */
export function AddressesInput({ field: f, value, id, small, onInput, onKeyDown, 'aria-label': label }) {
  const list = value?.length ? value : [{ ...EMPTY, primary: true }];
  const labels = useId();
  const lands = useId();
  const [box, added] = useStart(small, list.length);
  const clean = (x) => { const { text, country_code: code, ...rest } = x; return rest; };
  const put = (next) => onInput(settled(next.map(clean)));
  const change = (i, what) => put(list.map((x, k) => (k === i ? { ...x, ...what } : x)));
  const name = label ?? t(f.label);
  const lines = (e) => { if (e.key === 'Enter') e.stopPropagation(); else onKeyDown?.(e); };
  return html`<div ref=${box} class="list-input" id=${id} tabindex="-1"><${Labels} id=${labels} list=${ADDRESS_LABELS} /><datalist id=${lands}>${countries().map((c) => html`<option key=${c} value=${c} />`)}</datalist>
    ${list.map((x, i) => html`<fieldset class="address-edit" key=${i}><legend class="sr-only">${`${name} ${i + 1}`}</legend>
      <div class="row"><${LabelInput} value=${x.label} list=${labels} what=${`${name} ${i + 1}`} onInput=${(v) => change(i, { label: v })} /><${Marks} of=${x} primary=${x.primary} onPrimary=${() => put(single(list, i))} onChange=${(m) => change(i, m)} />
        <${IconButton} small icon="x" label=${t('Remove {value}', { value: x.city || `${name} ${i + 1}` })} onClick=${() => put(list.filter((_, k) => k !== i))} /></div>
      ${PARTS.map(([part, text, auto]) => html`<label key=${part} class=${`address-${part}`}><span class="small dim">${t(text)}</span>${part === 'street'
        ? html`<textarea class="area area-sm" rows=${Math.min(4, Math.max(1, (x.street ?? '').split('\n').length))} autocomplete="off" value=${x.street ?? ''} onKeyDown=${lines} onInput=${(e) => change(i, { street: e.target.value })}></textarea>`
        : html`<input class="input input-sm" type="text" autocomplete="off" data-part=${auto} list=${part === 'country' ? lands : undefined} value=${x[part] ?? ''} onKeyDown=${onKeyDown} onInput=${(e) => change(i, { [part]: e.target.value })} />`}</label>`)}</fieldset>`)}
    <button type="button" class="btn btn-quiet btn-sm list-add" onClick=${() => { added(); onInput([...list, EMPTY]); }}><${Icon} name="plus" />${t('Add address')}</button></div>`;
}
