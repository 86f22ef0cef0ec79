// The editor of one field among the details of a record.
import { html, useLayoutEffect, useRef } from '../lib/html.js';
import { inTitle } from '../lib/meta.js';
import { t, rare } from '../lib/i18n.js';
import { Later } from './basics.js';
import { isPick, isWide } from './field.js';
import { Input } from './input.js';

/** May a value of the field say that a record is there twice? */
const tells = (e, f) => e.doubles && (inTitle(e, f.name) || f.name === 'city' || ['emails', 'phones', 'links'].includes(f.type));

/** Edits one field in its place among the details; `state` is what useEdit() keeps of it. */
export default function Editor({ e, record, field: f, state }) {
  const box = useRef(null);
  const wide = isWide(f);
  useLayoutEffect(() => { box.current.querySelector('input, select, textarea')?.focus(); }, []);
  const change = (v) => { state.setValue(v); if (isPick(f) && f.type !== 'date') state.save(v); };
  const key = (ev) => {
    if (ev.key === 'Escape') { ev.stopPropagation(); state.setEdit(false); }
    if (ev.key === 'Enter' && (f.type !== 'longtext' || ev.ctrlKey || ev.metaKey)) { ev.preventDefault(); state.save(); }
  };
  return html`<div ref=${box} class="detail-editor" onKeyDown=${key}>
    <${Input} field=${f} record=${record} small full value=${state.value} aria-label=${t(f.label)} aria-invalid=${state.error ? 'true' : undefined} onInput=${change} onBlur=${wide ? undefined : () => requestAnimationFrame(() => state.edit && box.current && !state.error && state.save())} />
    ${state.error && html`<span class="error" role="alert">${state.error}</span>`}
    ${tells(e, f) && html`<${Later} load=${rare(() => import('./twins.js'))} e=${e} record=${record} f=${f} value=${state.value} />`}
    ${(wide || state.error) && html`<span class="row detail-buttons">
      <button type="button" class="btn btn-primary btn-sm" onClick=${() => state.save()}>${t('Save')}</button>
      <button type="button" class="btn btn-quiet btn-sm" onClick=${() => state.setEdit(false)}>${t('Cancel')}</button></span>`}</div>`;
}
