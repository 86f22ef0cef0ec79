// How a file is shown on its own page, and chosen as the value of a field.
import { html, useRef, useState } from '../lib/html.js';
import { get } from '../lib/api.js';
import { entities } from '../lib/meta.js';
import { touch, explain } from '../lib/records.js';
import { FILE } from '../lib/names.js';
import { fileUrl, isPicture } from '../lib/files.js';
import { upload, small } from '../lib/upload.js';
import { t } from '../lib/i18n.js';
import { fileSize } from '../lib/format.js';
import { Icon, useLoad } from './basics.js';

/** Edits a field of type file: sends one to the record and puts it in. */
export default function FileInput({ field, value, record, small: compact, onInput, onBlur, ...rest }) {
  const [state, setState] = useState({ share: -1, error: '' });
  const input = useRef(null);
  const e = entities().find((x) => x.fields.includes(field));
  if (!record?.id || !e) return html`<span class="small faint">${t('Files can be added once it is saved.')}</span>`;
  const choose = async (ev) => {
    const chosen = ev.target.files[0];
    if (!chosen) return;
    setState({ share: 0, error: '' });
    try {
      const file = e.picture === field.name ? await small(chosen) : chosen;
      const { body } = await upload(e.name, record.id, file, { onProgress: (share) => setState({ share, error: '' }) });
      touch(FILE);
      setState({ share: -1, error: '' });
      onInput({ id: body.id, title: body.name });
    } catch (bad) {
      setState({ share: -1, error: bad.status === 0 ? t('No connection.') : explain(bad) });
    }
  };
  return html`<span class="row wrap file-input"><input ref=${input} type="file" hidden accept=${e.picture === field.name ? 'image/*' : undefined} onChange=${choose} aria-label=${t(field.label)} />
    <button type="button" class="btn btn-sm" disabled=${state.share >= 0} onClick=${() => input.current.click()} ...${rest}><${Icon} name="upload" />${value ? t('Choose another') : t('Choose a file')}</button>
    ${value && html`<button type="button" class="btn btn-quiet btn-sm" onClick=${() => onInput(null)}>${t('Take away')}</button>`}
    ${state.share >= 0 && html`<progress class="file-progress" max="1" value=${state.share} aria-label=${t('Sending')}></progress>`}
    ${state.error && html`<span class="error" role="alert">${state.error}</span>`}</span>`;
}

/** What search knows of a text. */
function Text({ record: r }) {
  const text = useLoad((o) => get(`/files/${r.id}`, { fields: 'content' }, o), [r.id, r.version]);
  return text.data?.content ? html`<pre class="file-text" tabindex="0" aria-label=${t('Contents')}>${text.data.content}</pre>` : null;
}

/** The bytes behind the record of a file: the picture or text, and the way to all of it. */
export function FileActions({ record: r, head }) {
  if (head) return html`${r.media_type === 'application/pdf' && html`<a class="btn" href=${fileUrl(r, true)} target="_blank" rel="noopener"><${Icon} name="eye" />${t('Open')}</a>`}
    <a class="btn" href=${fileUrl(r)} download=${r.name}><${Icon} name="download" />${t('Download')}<span class="sr-only"> (${fileSize(r.size)})</span></a>`;
  if (/^text\/|json|xml|yaml/.test(r.media_type)) return html`<${Text} record=${r} />`;
  return isPicture(r) && html`<div class="picture-box"><img src=${fileUrl(r, true)} alt=${r.name} /></div>`;
}
