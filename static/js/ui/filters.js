// Filter chips: one per field, edited in a popover, kept in the address.
import { html, useEffect, useRef, useState } from '../lib/html.js';
import { setQuery } from '../lib/router.js';
import { known, load } from '../lib/records.js';
import { t, key, rare } from '../lib/i18n.js';
import { date, number } from '../lib/format.js';
import { Icon, Later } from './basics.js';
import { Popover } from './layers.js';
import { withOptions, isNumeric } from './field.js';

/** Spans of time a filter offers, as [operator:value, words]. */
export const SPANS = [['this:week', key('This week')], ['this:month', key('This month')], ['this:quarter', key('This quarter')], ['this:year', key('This year')], ['last:7', key('Last 7 days')], ['last:30', key('Last 30 days')], ['last:90', key('Last 90 days')], ['next:7', key('Next 7 days')], ['next:30', key('Next 30 days')], ['older:30', key('More than 30 days ago')], ['older:60', key('More than 60 days ago')], ['older:180', key('More than 180 days ago')]];
/** How several tags are meant, by operator. */
export const TAG_WORDS = { any: key('any of'), every: key('all of'), none: key('none of') };
/** What can be asked of every field. */
export const ALWAYS = [['empty:', key('Is empty')], ['some:', key('Is not empty')]];

/** Title of a linked record named in a filter, loaded when unknown. */
export function Title({ field: f, id }) {
  const kind = f.to ?? f.type;
  const record = known(kind, id);
  useEffect(() => { if (id !== 'me' && !record?.title) load(kind, id, { fields: 'title' }).catch(() => null); }, [kind, id]);
  return id === 'me' ? t('Me') : record?.title ?? `#${id}`;
}

const joined = (parts) => parts.map((p, i) => html`${i > 0 && ', '}${p}`);

function rangeText(f, value) {
  const show = isNumeric(f) ? number : date;
  const [from, to] = value.split('..');
  if (from && to) return t('{from} to {to}', { from: show(from), to: show(to) });
  return from ? t('from {from}', { from: show(from) }) : t('up to {to}', { to: show(to) });
}

/** What a chip says after the field's name. */
function ChipValue({ chip: c }) {
  const f = withOptions(c.field, null);
  const option = (id) => t(f.options?.find((o) => o.id === id)?.label ?? id);
  const span = [...SPANS, ...ALWAYS].find(([k]) => k === `${c.op}:${c.value}`);
  if (span) return t(span[1]);
  if (c.op === 'empty') return t('Is empty');
  if (c.op === 'some') return t('Is not empty');
  if (c.op === 'bool') return c.value === 'no' ? t('No') : t('Yes');
  if (c.op === 'range') return rangeText(f, c.value);
  if (c.op === 'has') return `“${c.value}”`;
  if (f.type === 'tags') return html`${TAG_WORDS[c.op] && `${t(TAG_WORDS[c.op])} `}${c.value.split('|').join(', ')}`;
  const ids = c.value.split('|');
  const names = f.options ? ids.map(option) : ids.map((id) => html`<${Title} key=${id} field=${f} id=${id} />`);
  return html`${c.op === 'not' && `${t('not')} `}${joined(names)}`;
}

const fetchBuilder = rare(() => import('./filter-build.js'));
const fetchEditors = rare(() => import('./filter-edit.js'));

/** A part of what edits filters: fetched when one comes near, drawn when it is opened. */
const editor = (name) => () => fetchEditors().then((m) => ({ default: m[name] }));

const Words = (p) => html`<${Later} load=${() => import('./filter-words.js')} ...${p} />`;

/** The chips of a list and the button that adds one. */
export function Filters({ entity: e, state, query }) {
  const [building, setBuilding] = useState(false);
  const build = () => setBuilding(true);
  const button = useRef(null);
  const close = () => { setBuilding(false); [...(button.current?.querySelectorAll('button') ?? [])].find((b) => b.offsetParent)?.focus(); };
  return html`<span class="chips">${state.chips.map((c) => html`<span class="chip" key=${c.name}>
      <${Popover} class="chip-text" name=${t('Change filter {name}', { name: t(c.field.label) })} label=${html`<span>${t(c.field.label)} <b><${ChipValue} chip=${c} /></b></span>`}>
        ${(close) => html`<${Later} load=${editor('Editor')} field=${c.field} value=${query[`f.${c.name}`]} close=${close} />`}<//>
      <button type="button" class="chip-x" aria-label=${t('Remove filter {name}', { name: t(c.field.label) })} onClick=${() => setQuery({ [`f.${c.name}`]: '' })}>
        <${Icon} name="x" /></button></span>`)}
    ${state.whole && html`<${Words} key="whole" e=${e} text=${state.whole} name="whole" open=${build} />`}
    ${state.own && html`<${Words} key="own" e=${e} text=${state.own} name="filter" open=${build} />`}</span>
    <span ref=${button}><button type="button" class="btn btn-quiet btn-sm phone-only" aria-haspopup="dialog" onClick=${build}><${Icon} name="funnel" /><span class="sr-only">${t('Filter')}</span></button>
    <${Popover} class="btn btn-quiet btn-sm wide-only" icon="funnel" label=${html`<span class="tool-text">${t('Filter')}</span>`} name=${t('Filter')} onFocus=${fetchEditors} onPointerEnter=${fetchEditors}>${(shut) => html`<${Later} load=${editor('Picker')} e=${e} query=${query} close=${shut} build=${build} />`}<//></span>
    ${building && html`<${Later} load=${fetchBuilder} e=${e} state=${state} query=${query} close=${close} />`}`;
}
