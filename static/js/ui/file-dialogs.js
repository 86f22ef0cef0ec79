// What opens over the list of a record's files: a picture in full, another name.
import { html, useState, useEffect } from '../lib/html.js';
import { update, touch } from '../lib/records.js';
import { FILE } from '../lib/names.js';
import { fileUrl, isPicture } from '../lib/files.js';
import { t } from '../lib/i18n.js';
import { fileSize } from '../lib/format.js';
import { Icon, IconButton } from './basics.js';
import { Dialog } from './layers.js';

/** Another name for a file. */
export function Rename({ file, onClose }) {
  const [name, setName] = useState(file.name);
  const save = (ev) => { ev.preventDefault(); const to = name.trim(); if (to && to !== file.name) update(FILE, file.id, { name: to }, { message: t('Renamed to {name}', { name: to }), version: file.version }).then(() => touch(FILE), () => null); onClose(); };
  return html`<${Dialog} title=${t('Rename')} onClose=${onClose} foot=${html`<button type="submit" form="file-rename" class="btn btn-primary">${t('Save')}</button>`}>
    <form id="file-rename" class="dialog-body" onSubmit=${save}><div class="field"><label for="file-name">${t('Name')}</label>
      <input class="input" id="file-name" maxlength="200" required value=${name} onInput=${(ev) => setName(ev.target.value)} /></div></form><//>`;
}

/** A picture or PDF in full, with those before and behind it. */
export function Preview({ files, at, onMove, onClose }) {
  const file = files[at];
  const key = (ev) => { const to = { ArrowLeft: at - 1, ArrowRight: at + 1 }[ev.key]; if (files[to]) { ev.preventDefault(); onMove(to); } };
  useEffect(() => { addEventListener('keydown', key); return () => removeEventListener('keydown', key); });
  return html`<${Dialog} class="dialog-picture" title=${file.name} onClose=${onClose} foot=${html`<span class="faint small num">${fileSize(file.size)}</span><span class="push row">
      <${IconButton} icon="chevron-left" label=${t('Previous file')} disabled=${!at} onClick=${() => onMove(at - 1)} />
      <${IconButton} icon="chevron-right" label=${t('Next file')} disabled=${at === files.length - 1} onClick=${() => onMove(at + 1)} />
      <a class="btn" href=${fileUrl(file)} download=${file.name}><${Icon} name="download" />${t('Download')}</a></span>`}>
    <div class="dialog-body picture-box">${isPicture(file) ? html`<img key=${file.id} src=${fileUrl(file, true)} alt=${file.name} />` : html`<iframe key=${file.id} src=${fileUrl(file, true)} title=${file.name}></iframe>`}</div><//>`;
}
