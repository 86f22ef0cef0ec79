// Adds or changes a record that joins two others: the other one, role and dates.
import { html, useState, useEffect, useRef } from '../lib/html.js';
import { create, update, explain } from '../lib/records.js';
import { t } from '../lib/i18n.js';
import { Notice } from './basics.js';
import { Field } from './input.js';

/** Saves on Enter, leaves on Escape; a refusal stays beside the form. */
export default function Form({ e, parts, record: r, via, onDone }) {
  const [values, setValues] = useState(r ? { role: r[parts.role?.name], since: r[parts.since?.name], until: r[parts.until?.name] } : { since: null });
  const [error, setError] = useState('');
  const box = useRef(null);
  useEffect(() => { box.current.querySelector('input')?.focus(); }, []);
  const named = Object.fromEntries(Object.entries({ other: parts.other, role: parts.role, since: parts.since, until: r && parts.until }).filter(([, f]) => f));
  const save = async (ev) => {
    ev.preventDefault();
    const wire = Object.fromEntries(Object.entries(named).filter(([k]) => k in values).map(([k, f]) => [f.name, values[k] ?? null]));
    try {
      if (r) await update(e.name, r.id, wire, { message: t('{thing} changed', { thing: t(e.label) }), quiet: true });
      else await create(e.name, { ...wire, [via.field]: via.record.id });
      onDone();
    } catch (bad) { setError(explain(bad)); }
  };
  const key = (ev) => { if (ev.key === 'Escape') { ev.stopPropagation(); onDone(); } };
  return html`<form ref=${box} class="joined-form" onSubmit=${save} onKeyDown=${key}>${error && html`<${Notice} tone="bad" icon="circle-alert" alert>${error}<//>`}
    ${Object.entries(named).filter(([k]) => k !== 'other' || !r).map(([k, f]) => html`<${Field} key=${k} prefix=${`j${r?.id ?? ''}-${e.name}`} field=${{ ...f, required: k === 'other' }} value=${values[k] ?? null} onInput=${(v) => setValues((x) => ({ ...x, [k]: v }))} />`)}
    <span class="row"><button type="submit" class="btn btn-primary btn-sm">${t('Save')}</button><button type="button" class="btn btn-quiet btn-sm" onClick=${onDone}>${t('Cancel')}</button></span></form>`;
}
