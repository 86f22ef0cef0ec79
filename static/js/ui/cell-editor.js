// The editor of one cell of a list.
import { html, useState, useLayoutEffect, useRef } from '../lib/html.js';
import { columnLabel, stageOf } from '../lib/meta.js';
import { typeInto } from '../lib/early.js';
import { update, titleOf, explain } from '../lib/records.js';
import { toast } from '../lib/toast.js';
import { t } from '../lib/i18n.js';
import { Icon } from './basics.js';
import { isPick } from './field.js';
import { Input } from './input.js';
import { changePipeline, moveTo } from './open.js';

/** What the server says is wrong with the value of a field. */
const saidOf = (f, bad) => (bad.fields ?? []).filter((x) => x.where.split('.').pop() === f.name).map((x) => x.text).join(' ') || explain(bad);

/** `refused`: the value the server did not take, and why; it is edited on. `typed` takes the place of what was there. */
export default function CellEditor({ e, f, r, refused, typed, onDone, onNext, onRefused }) {
  const [value, setValue] = useState(refused ? refused.value : r[f.name] ?? null);
  const box = useRef(null);
  const closed = useRef(false);
  const seen = useRef(r).current;
  const close = (next) => {
    if (closed.current) return;
    closed.current = true;
    onDone();
    if (next && f.type === 'pipeline') { changePipeline(e, r, f, next); return; }
    if (next && f.type === 'stage') { moveTo(e, r, f, stageOf(e, next, r.pipeline)); return; }
    if (next !== undefined && JSON.stringify(next ?? null) !== JSON.stringify(seen[f.name] ?? null)) {
      update(e.name, r.id, { [f.name]: next }, { quiet: true, message: t('{field} of {name} changed', { field: columnLabel(e, f), name: titleOf(e.name, r) }), version: seen.version })
        .catch((bad) => (bad.status === 422 || bad.status === 400 ? onRefused({ value: next, text: saidOf(f, bad) }) : toast(explain(bad), { bad: true })));
    }
  };
  const key = (ev) => {
    const parts = f.type === 'localtime' ? [...box.current.querySelectorAll('input:enabled, select, button')] : [];
    const part = ev.key === 'Tab' && parts[parts.indexOf(ev.target) + (ev.shiftKey ? -1 : 1)];
    if (part) { ev.preventDefault(); part.focus(); } else if (ev.key === 'Enter') { ev.preventDefault(); close(value); } else if (ev.key === 'Tab') { ev.preventDefault(); close(value); onNext(ev.shiftKey ? -1 : 1); } else if (ev.key === 'Escape') { ev.stopPropagation(); close(); }
  };
  useLayoutEffect(() => {
    const control = box.current.querySelector('input, select');
    control?.focus();
    if (typed && !control?.matches('select')) typeInto(control, typed, true);
  }, []);
  const same = refused && JSON.stringify(value) === JSON.stringify(refused.value);
  const leave = () => requestAnimationFrame(() => { if (!same) close(value); });
  const note = same ? `refused-${r.id}-${f.name}` : undefined;
  const change = (v) => { setValue(v); if (isPick(f) && f.type !== 'date') close(v); };
  return html`<div ref=${box} onKeyDown=${key}>
    <${Input} field=${f} record=${r} small value=${value} aria-label=${`${columnLabel(e, f)}, ${titleOf(e.name, r)}`} aria-invalid=${same ? 'true' : undefined} aria-describedby=${note} onInput=${change} onBlur=${leave} />
    ${same && html`<span class="error" id=${note} role="alert"><${Icon} name="circle-alert" />${refused.text}</span>`}</div>`;
}
