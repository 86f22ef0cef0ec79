// The question a move through a pipeline may need, see stages.js.
import { html, useState } from '../lib/html.js';
import { fieldOf } from '../lib/meta.js';
import { explain, titleOf } from '../lib/records.js';
import { LOST_REASON } from '../lib/names.js';
import { toast } from '../lib/toast.js';
import { t } from '../lib/i18n.js';
import { Icon } from './basics.js';
import { Dialog } from './layers.js';
import { asking } from './open.js';
import { isEmpty } from './field.js';
import { Field } from './input.js';
import { errorsOf, send } from './stages.js';

const close = () => { asking.value = null; };

function Reason({ field: f, value, error, onInput }) {
  if (!f.options) return html`<${Field} field=${f} value=${value} error=${error} prefix="move" required onInput=${onInput} />`;
  return html`<fieldset class="choices" aria-describedby=${error ? 'reason-e' : undefined}><legend class="sr-only">${t(f.label)}</legend>${f.options.map((o) => html`<label key=${o.id}>
    <input type="radio" name="reason" value=${o.id} checked=${value === o.id} onChange=${() => onInput(o.id)} />${t(o.label)}</label>`)}
    ${error && html`<span class="error" id="reason-e" role="alert"><${Icon} name="circle-alert" />${error}</span>`}</fieldset>`;
}

/** The question a move may need: the reason for losing, or what a gate asks for. */
export default function Question() {
  const move = asking.value;
  const { e, record, field, stage, lost } = move;
  const [say, setSay] = useState(move.say);
  const [names, setNames] = useState(move.names);
  const [values, setValues] = useState(() => Object.fromEntries(move.names.map((n) => [n, record[n] ?? null])));
  const [errors, setErrors] = useState(move.errors);
  const set = (n, v) => { setValues({ ...values, [n]: v }); setErrors({ ...errors, [n]: undefined }); };
  const submit = async (ev) => {
    ev.preventDefault();
    if (lost && isEmpty(values[LOST_REASON])) { setErrors({ ...errors, [LOST_REASON]: t('Choose a reason.') }); return; }
    try {
      await send(move, Object.fromEntries(Object.entries(values).filter(([n, v]) => !isEmpty(v) || !isEmpty(record[n]))));
      close();
    } catch (error) {
      const { [field.name]: gate, ...bad } = errorsOf(e, error);
      setSay(gate ?? say);
      if (error.status !== 422 || !Object.keys(bad).length) { toast(explain(error), { bad: true }); close(); return; }
      setErrors(bad);
      setNames([...new Set([...names, ...Object.keys(bad)])]);
    }
  };
  const title = lost ? t('Why was it lost?') : t('Before {stage}', { stage: t(stage.label) });
  return html`<${Dialog} title=${title} onClose=${close} foot=${html`<button type="button" class="btn" onClick=${close}>${t('Cancel')}</button>
      <button type="submit" form="move" class="btn btn-primary">${lost ? t('Mark as lost') : t('Move')}</button>`}>
    <form id="move" class="dialog-body" onSubmit=${submit} novalidate><p class="dim">${titleOf(e.name, record)}</p>
      ${say && html`<p class="strong">${say}</p>`}
      ${names.map((n) => (lost && n === LOST_REASON ? html`<${Reason} key=${n} field=${fieldOf(e, n)} value=${values[n]} error=${errors[n]} onInput=${(v) => set(n, v)} />`
        : html`<${Field} key=${n} prefix="move" field=${fieldOf(e, n)} record=${record} value=${values[n]} error=${errors[n]} required onInput=${(v) => set(n, v)} />`))}</form><//>`;
}
