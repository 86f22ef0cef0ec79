// Somebody else changed the same field meanwhile: show both, let the user take
// one. Other fields were saved already.
import { html } from '../lib/html.js';
import { conflict } from '../lib/records.js';
import { entity, fieldOf } from '../lib/meta.js';
import { ago } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { Dialog } from './layers.js';
import { Value } from './field.js';

const Side = ({ title, field, record }) => html`<div class="conflict-side"><p class="label">${title}</p>
  <div class="conflict-value"><${Value} field=${field} record=${record} /></div></div>`;

export default function Conflict() {
  const c = conflict.value;
  const e = entity(c.kind);
  const last = (name) => c.changed?.[name] ?? { by: c.theirs.updated_by, at: c.theirs.updated_at };
  return html`<${Dialog} title=${t('Changed by somebody else')} onClose=${() => conflict.value?.answer(false)} foot=${html`
      <button type="button" class="btn" onClick=${() => c.answer(false)}>${t('Use theirs')}</button>
      <button type="button" class="btn btn-primary" onClick=${() => c.answer(true)}>${t('Use mine')}</button>`}>
    <div class="dialog-body">${c.fields.map((name) => {
      const f = fieldOf(e, name);
      return html`<section key=${name}><p>${t('{name} changed {field} {when}.', { name: last(name).by?.title ?? t('Somebody'), field: t(f.label), when: ago(last(name).at) })}</p>
        <div class="conflict"><${Side} title=${t('Theirs')} field=${f} record=${c.theirs} />
          <${Side} title=${t('Yours')} field=${f} record=${{ ...c.theirs, ...c.mine }} /></div></section>`;
    })}</div><//>`;
}
