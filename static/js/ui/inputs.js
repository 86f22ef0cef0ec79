// The controls behind Input(): each gets { field, value, id, small, onInput }
// and hands back a value in the shape records carry.
import { html, cx, useState, useLayoutEffect, useRef } from '../lib/html.js';
import { t, key, rare } from '../lib/i18n.js';
import { parseDecimal, currencySign, isoDay, myZone, zoneOf } from '../lib/format.js';
import { fetched } from '../lib/toast.js';
import { Icon, IconButton, useChanged } from './basics.js';

const cls = (base, small) => cx(base, small && `${base}-sm`);

/** One line of text. */
export const TextInput = ({ field, value, small, onInput, ...rest }) => html`
  <input class=${cls('input', small)} type="text" autocomplete="off" value=${value ?? ''} onInput=${(e) => onInput(e.target.value)} ...${rest} />`;

/** Text with line breaks. */
export const LongInput = ({ field, value, small, onInput, ...rest }) => html`
  <textarea class="area" rows="3" value=${value ?? ''} onInput=${(e) => onInput(e.target.value)} ...${rest}></textarea>`;

/** Keeps what is typed as typed, hands on the number it means. */
function useTyped(shown, hand) {
  const [typed, setTyped] = useState(shown ?? '');
  useChanged(shown, () => { if (String(parseDecimal(String(typed))) !== String(shown ?? '')) setTyped(shown ?? ''); });
  return [typed, (e) => { setTyped(e.target.value); hand(parseDecimal(e.target.value)); }];
}

/** Whole number, decimal or percent, as people type it. */
export function NumberInput({ field: f, value, small, onInput, ...rest }) {
  const [typed, type] = useTyped(value, (v) => onInput(f.type === 'integer' && /^-?\d+$/.test(v) ? Number(v) : v));
  return html`<span class="affix"><input class=${cx(cls('input', small), 'num')} type="text" inputmode="decimal" autocomplete="off" value=${typed} onInput=${type} ...${rest} />${f.type === 'percent' && html`<span class="affix-text" aria-hidden="true">%</span>`}</span>`;
}

/** An amount; its currency stays. */
export function MoneyInput({ field, value, small, onInput, ...rest }) {
  const code = value?.currency;
  const [typed, type] = useTyped(value?.value ?? value ?? '', (v) => onInput(v === '' ? null : code ? { value: v, currency: code } : v));
  return html`<span class="affix"><input class=${cx(cls('input', small), 'num')} type="text" inputmode="decimal" autocomplete="off" value=${typed} onInput=${type} ...${rest} /><span class="affix-text" aria-hidden="true">${currencySign(code)}</span></span>`;
}

/** A day. */
export const DateInput = ({ field, value, small, onInput, ...rest }) => html`
  <input class=${cls('input', small)} type="date" value=${value ?? ''} onInput=${(e) => onInput(e.target.value || null)} ...${rest} />`;

const localMoment = (iso) => { const d = new Date(iso); return `${isoDay(d)}T${String(d.getHours()).padStart(2, '0')}:${String(d.getMinutes()).padStart(2, '0')}`; };
const utcMoment = (local) => (local ? new Date(local).toISOString().replace(/\.\d+Z$/, 'Z') : null);

/** A moment, shown in local time and kept in UTC. */
export const InstantInput = ({ field, value, small, onInput, ...rest }) => html`
  <input class=${cls('input', small)} type="datetime-local" value=${value ? localMoment(value) : ''} onInput=${(e) => onInput(utcMoment(e.target.value))} ...${rest} />`;

const zonePick = rare(() => import('./zone-pick.js'));

/** A day and, if wanted, a time: in this browser's zone, or in the one it was agreed on in; another can be chosen. */
export function LocalInput({ field: f, value, small, onInput, onBlur, id, ...rest }) {
  const wall = !value || value.length === 10 ? value ?? '' : value.endsWith(']') ? value : localMoment(value);
  const [day, setDay] = useState(wall.slice(0, 10));
  const [time, setTime] = useState(wall.slice(11, 16));
  const [Pick, setPick] = useState(null);
  const zone = useRef(''); /* stays while a time is typed anew */
  if (!value || value.length > 10) zone.current = wall.match(/\[(.*)\]/)?.[1] ?? '';
  useChanged(value, () => { if (value) { setDay(wall.slice(0, 10)); setTime(wall.slice(11, 16)); } else { setDay(''); setTime(''); } });
  const put = (d, c, z = zone.current) => { setDay(d); setTime(c); onInput(!d ? null : !c ? d : `${d}T${c}[${z || myZone()}]`); };
  const leave = (ev) => { if (!ev.currentTarget.contains(ev.relatedTarget)) onBlur?.(ev); };
  const there = time && value ? zoneOf(value) : '';
  const clock = useRef(null);
  /* What has the focus when it goes away would have been left: the focus waits beside it. */
  const choose = () => { clock.current.focus(); fetched(zonePick, (m) => setPick(() => m.default)); };
  return html`<span class="row local-input" onFocusOut=${leave}>
    <input class=${cls('input', small)} type="date" id=${id} value=${day} onInput=${(e) => put(e.target.value, time)} ...${rest} />
    <input ref=${clock} class=${cls('input', small)} type="time" value=${time} disabled=${!day} aria-label=${`${t(f.label)}: ${t('Time')}`} onInput=${(e) => put(day, e.target.value)} />
    ${time && (Pick ? html`<${Pick} wall=${`${day}T${time}`} zone=${zone.current} small=${small} label=${`${t(f.label)}: ${t('Zone')}`} onPick=${(z) => put(day, time, z)} />` : html`<button type="button" class="btn btn-quiet btn-sm" aria-label=${`${t(f.label)}: ${t('Zone')}${there && `, ${there}`}`} onMouseDown=${(e) => e.preventDefault()} onKeyDown=${(e) => e.key === 'Enter' && !e.ctrlKey && !e.metaKey && e.stopPropagation()} onClick=${choose}>
      <${Icon} name="globe" />${there || t('Zone')}</button>`)}</span>`;
}

/** Yes or no. */
export const BoolInput = ({ field, value, small, onInput, onBlur, ...rest }) => html`
  <input class="check" type="checkbox" checked=${Boolean(value)} onChange=${(e) => onInput(e.target.checked)} ...${rest} />`;

/** One of the options. */
export const ChoiceInput = ({ field: f, value, small, onInput, ...rest }) => html`
  <select class=${cls('select', small)} value=${value ?? ''} onChange=${(e) => onInput(e.target.value || null)} ...${rest}>
    ${!(f.required && value) && html`<option value="">—</option>`}${(f.options ?? []).map((o) => html`<option key=${o.id} value=${o.id} selected=${o.id === value}>${'\u2003'.repeat(depthOf(f, o))}${t(o.label)}</option>`)}</select>`;

/** How many options one stands under. */
export const depthOf = (f, o) => { const up = o.parent && f.options.find((x) => x.id === o.parent); return up ? 1 + depthOf(f, up) : 0; };

/** Any number of the options. */
export function ChoicesInput({ field: f, value, id, onInput, small, onBlur, 'aria-labelledby': by, 'aria-label': label }) {
  const on = value ?? [];
  const toggle = (o) => onInput(on.includes(o) ? on.filter((x) => x !== o) : [...on, o]);
  return html`<div class="choices choices-row" role="group" id=${id} tabindex="-1" aria-labelledby=${by} aria-label=${label}>${(f.options ?? []).map((o) => html`<label key=${o.id}>
    <input type="checkbox" class="check" checked=${on.includes(o.id)} onChange=${() => toggle(o.id)} />${t(o.label)}</label>`)}</div>`;
}

const KIND = { emails: ['email', key('Add e-mail')], phones: ['tel', key('Add phone')], links: ['url', key('Add link')] };
const asItem = (x) => (typeof x === 'string' ? { value: x } : x);

/** For lists that grow by a button: what is typed next belongs to the entry just added, not to the page. */
export function useAdded(count, entry) {
  const box = useRef(null);
  const asked = useRef(false);
  useLayoutEffect(() => {
    if (asked.current) [...box.current.querySelectorAll(entry)].pop()?.querySelector('input, textarea')?.focus();
    asked.current = false;
  }, [count]);
  return [box, () => { asked.current = true; }];
}

/** Several addresses of one kind; the first one is the main one. */
export function ListInput({ field: f, value, id, small, onInput, onBlur, onKeyDown, 'aria-label': label, ...rest }) {
  const list = (value?.length ? value : [{ value: '' }]).map(asItem);
  const [type, add] = KIND[f.type];
  const put = (next) => onInput(next.length === 1 && !next[0].value ? [] : next);
  const change = (i, v) => put(list.map((x, k) => (k === i ? { ...x, value: v } : x)));
  const [box, added] = useAdded(list.length, '.row');
  return html`<div ref=${box} class="list-input">${list.map((x, i) => html`<div class="row" key=${i}>
      <input class=${cls('input', small)} id=${i ? undefined : id} type=${type} autocomplete="off" value=${x.value} onInput=${(e) => change(i, e.target.value)} onKeyDown=${onKeyDown}
        ...${i ? { 'aria-label': `${label ?? t(f.label)} ${i + 1}` } : { 'aria-label': label, ...rest }} />
      ${list.length > 1 && html`<${IconButton} small icon="x" label=${t('Remove {value}', { value: x.value || t(f.label) })} onClick=${() => put(list.filter((_, k) => k !== i))} />`}</div>`)}
    ${list[list.length - 1].value && html`<button type="button" class="btn btn-quiet btn-sm list-add" onClick=${() => { added(); onInput([...list, { value: '' }]); }}>
      <${Icon} name="plus" />${t(add)}</button>`}</div>`;
}
