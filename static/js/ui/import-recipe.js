// A mapping is kept under a name, for the next file with these columns: in the
// browser it is picked by itself, kontor import takes it by --map NAME.
import { html, useState } from '../lib/html.js';
import { post } from '../lib/api.js';
import { explain } from '../lib/records.js';
import { t } from '../lib/i18n.js';
import { Icon } from './basics.js';
import { Dialog } from './layers.js';

export default function Recipe({ e, map, header, yaml, keep, close, saved }) {
  const [name, setName] = useState('');
  const [shared, setShared] = useState(false);
  const [error, setError] = useState('');
  const text = () => yaml(map, header);
  const submit = async (ev) => {
    ev.preventDefault();
    if (!name.trim()) { setError(t('Give it a name.')); return; }
    try {
      await post('/imports/recipes', { name: name.trim(), shared, map: text() });
      saved();
      close();
    } catch (bad) { setError(bad.fields?.[0]?.text ?? explain(bad)); }
  };
  return html`<${Dialog} title=${t('Save mapping')} onClose=${close} foot=${html`<button type="button" class="btn btn-quiet" onClick=${() => keep(`${e.plural}.yaml`, text())}><${Icon} name="download" />${t('As a file')}</button>
      <button type="submit" form="recipe" class="btn btn-primary">${t('Save')}</button>`}>
    <form id="recipe" class="dialog-body" onSubmit=${submit} novalidate><p class="dim small">${t('It is used by itself for files with the same columns, and by kontor import --map NAME. As a file it goes into conf/imports.')}</p>
      <div class="field"><label for="recipe-name">${t('Name')}</label><input class="input" id="recipe-name" maxlength="100" value=${name} aria-invalid=${error ? 'true' : undefined} aria-describedby=${error ? 'recipe-e' : undefined} onInput=${(ev) => setName(ev.target.value)} />
        ${error && html`<span class="error" id="recipe-e" role="alert"><${Icon} name="circle-alert" />${error}</span>`}</div>
      <label class="row"><input type="checkbox" class="check" checked=${shared} onChange=${(ev) => setShared(ev.target.checked)} />${t('For everybody who imports')}</label></form><//>`;
}
