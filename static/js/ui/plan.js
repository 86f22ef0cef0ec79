// A change would leave something open without a next step: it is asked for where one stands, and
// goes along with the change.
import { html, useState } from '../lib/html.js';
import { planning } from '../lib/records.js';
import { t } from '../lib/i18n.js';
import { Notice } from './basics.js';
import { Dialog } from './layers.js';
import { Next, fresh, toSave } from './finish.js';

export default function Plan() {
  const { needed, step: before, answer } = planning.value;
  const [step, setStep] = useState(before ?? fresh());
  const about = /“(.+)”/.exec(needed)?.[1]; /* the server names it so */
  const submit = (ev) => { ev.preventDefault(); if (step) answer(toSave(step, about)); };
  return html`<${Dialog} title=${t('What comes next?')} onClose=${() => answer(null)} foot=${html`<button type="button" class="btn" onClick=${() => answer(null)}>${t('Cancel')}</button>
      <button type="submit" form="plan" class="btn btn-primary">${t('Plan it')}</button>`}>
    <form id="plan" class="dialog-body stack" onSubmit=${submit} novalidate>
      <${Notice} tone="info" icon="circle-dashed">${needed}<//>
      <${Next} done=${{}} step=${step} put=${setStep} needed first /></form><//>`;
}
