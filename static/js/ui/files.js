// Files of a record: a list with previews; they may be chosen, dropped anywhere on
// the page or pasted. What sends and shows them is loaded when first needed.
import { html, useState, useEffect, useRef } from '../lib/html.js';
import { get } from '../lib/api.js';
import { entity, may } from '../lib/meta.js';
import { rowsOf, valuesOf, remove, load } from '../lib/records.js';
import { FILE } from '../lib/names.js';
import { fileUrl, isPicture, isShown } from '../lib/files.js';
import { me } from '../lib/store.js';
import { pastDay, onDay, go } from '../lib/router.js';
import { t, rare } from '../lib/i18n.js';
import { moment, ago, fileSize } from '../lib/format.js';
import { Icon, IconButton, FailedLine, Later, SkeletonLines, useLoad, useLatest } from './basics.js';
import { MenuButton, MenuItem, MenuRule } from './layers.js';

const SHOWN = 8;
const MOST = 100;
const ICONS = [[/^image\//, 'camera'], [/^text\/|json|xml|yaml|pdf|word|document/, 'file-text'], [/sheet|excel|csv/, 'table-2'], [/zip/, 'archive']];
const iconOf = (type) => ICONS.find(([like]) => like.test(type))?.[1] ?? 'paperclip';
const sendings = rare(() => import('./sending.js'));
const dialog = (name) => () => rare(() => import('./file-dialogs.js'))().then((m) => ({ default: m[name] }));
const [preview, rename] = [dialog('Preview'), dialog('Rename')];

const hasFiles = (ev) => [...(ev.dataTransfer?.types ?? [])].includes('Files');

/** Drop anywhere on the page, paste of a picture: calls send(files); true while files are over the page. */
function usePage(active, send) {
  const [over, setOver] = useState(false);
  const now = useLatest(send);
  useEffect(() => {
    if (!active) return undefined;
    let depth = 0;
    const show = (n) => { depth = Math.max(0, n); setOver(depth > 0); };
    const stop = new AbortController();
    const on = (type, run) => addEventListener(type, run, { signal: stop.signal });
    const busy = () => Boolean(document.querySelector('dialog[open]'));
    on('dragenter', (ev) => { if (hasFiles(ev) && !busy()) { ev.preventDefault(); show(depth + 1); } });
    on('dragover', (ev) => { if (hasFiles(ev)) { ev.preventDefault(); ev.dataTransfer.dropEffect = busy() ? 'none' : 'copy'; } });
    on('dragleave', (ev) => { if (hasFiles(ev)) show(ev.relatedTarget ? depth - 1 : 0); });
    on('drop', (ev) => { if (hasFiles(ev)) { ev.preventDefault(); show(0); if (!busy() && ev.dataTransfer.files.length) now.current(ev.dataTransfer.files); } });
    on('paste', (ev) => {
      const files = [...(ev.clipboardData?.files ?? [])];
      if (!files.length || busy() || ev.clipboardData.getData('text/plain')) return;
      ev.preventDefault();
      now.current(files);
    });
    return () => stop.abort();
  }, [active]);
  return over;
}

function Row({ file, fixed, onShow, onRename }) {
  const e = entity(FILE);
  const shown = isShown(file);
  const name = shown ? html`<button type="button" class="clip file-name" onClick=${onShow}>${file.name}</button>`
    : html`<a class="clip file-name" href=${fileUrl(file)} download=${file.name}>${file.name}</a>`;
  return html`<li class="file-row">${isPicture(file) ? html`<button type="button" class="file-mark file-thumb" tabindex="-1" aria-hidden="true" onClick=${onShow}><img src=${fileUrl(file, true)} alt="" loading="lazy" /></button>`
    : html`<span class="file-mark"><${Icon} name=${iconOf(file.media_type)} /></span>`}
    <span class="grow">${name}<span class="tiny faint num file-facts">${fileSize(file.size)} · <time datetime=${file.created_at} title=${moment(file.created_at)}>${ago(file.created_at)}</time></span></span>
    <${MenuButton} class="btn btn-quiet btn-icon btn-sm" icon="ellipsis" title=${t('Actions for {name}', { name: file.name })}>
      ${shown && html`<${MenuItem} icon="eye" label=${t('Open')} onClick=${onShow} />`}
      <${MenuItem} icon="download" label=${t('Download')} onClick=${() => Object.assign(document.createElement('a'), { href: fileUrl(file), download: file.name }).click()} />
      <${MenuItem} icon="info" label=${t('Details')} onClick=${() => go(onDay(`/${e.plural}/${file.id}`))} />
      ${!fixed && may(e, 'edit', file, me()) && html`<${MenuItem} icon="pencil" label=${t('Rename')} onClick=${onRename} />`}
      ${!fixed && may(e, 'delete', file, me()) && html`<${MenuRule} /><${MenuItem} danger icon="trash-2" label=${t('Delete')} onClick=${() => remove(FILE, { id: file.id, title: file.name })} />`}<//></li>`;
}

const FIELDS = 'id,version,name,size,media_type,created_at,owner,team';

/** The panel, and what makes the whole page take files. */
export default function Files({ entity: e, record }) {
  const as_of = pastDay();
  const [limit, setLimit] = useState(SHOWN);
  const [picture, setPicture] = useState(-1);
  const [renamed, setRenamed] = useState(null);
  const [batch, setBatch] = useState(null);
  const list = useLoad((o) => get('/files', { filter: `links contains ${record.id}`, sort: '-created_at', fields: FIELDS, limit, as_of }, o), [record.id, limit, as_of, rowsOf(FILE), valuesOf(FILE)]);
  const adds = !as_of && entity(FILE)?.can?.create;
  const send = (files) => setBatch({ files: [...files] });
  const over = usePage(adds, send);
  const input = useRef(null);
  const camera = useRef(null);
  const chosen = (ev) => { send(ev.target.files); ev.target.value = ''; };
  const files = list.data?.items ?? [];
  const shown = files.filter(isShown);
  useEffect(() => { if (e.picture && rowsOf(FILE)) load(e.name, record.id).catch(() => null); }, [rowsOf(FILE)]); /* an Undo may have taken the photo */
  return html`<section class="panel files" aria-label=${t('Files')}>
    <header class="row"><${Icon} name="paperclip" /><h2>${t('Files')}</h2><span class="faint small num">${list.data?.count || ''}</span>
      ${adds && html`<span class="push row"><span class="touch-only"><${IconButton} small icon="camera" label=${t('Take a picture')} onClick=${() => camera.current.click()} /></span>
        <${IconButton} small icon="plus" label=${t('Add files')} onClick=${() => input.current.click()} /></span>
        <input ref=${input} type="file" multiple hidden aria-label=${t('Add files')} onChange=${chosen} />
        <input ref=${camera} type="file" accept="image/*" capture="environment" hidden aria-label=${t('Take a picture')} onChange=${chosen} />`}</header>
    ${list.error && html`<${FailedLine} text=${t('{things} could not be loaded.', { things: t('Files') })} retry=${list.again} />`}
    ${!list.data && !list.error && html`<${SkeletonLines} lines=${2} />`}
    <ul>${batch && html`<${Later} load=${sendings} entity=${e} record=${record} batch=${batch} />`}
      ${files.map((file) => html`<${Row} key=${file.id} file=${file} fixed=${Boolean(as_of)} onShow=${() => setPicture(shown.indexOf(file))} onRename=${() => setRenamed(file)} />`)}</ul>
    ${list.data?.next && html`<button type="button" class="btn btn-sm" onClick=${() => setLimit(limit + MOST)}>${t('Show more')}</button>`}
    ${list.data && !files.length && html`<p class="small faint">${adds ? t('None yet. Drop files anywhere on this page, or paste a picture.') : t('None yet')}</p>`}
    ${over && html`<div class="drop-page" aria-hidden="true"><div><${Icon} name="upload" size="xl" /><b>${t('Drop to attach')}</b><span class="clip">${record.title}</span></div></div>`}
    ${shown[picture] && html`<${Later} load=${preview} files=${shown} at=${picture} onMove=${setPicture} onClose=${() => setPicture(-1)} />`}
    ${renamed && html`<${Later} key=${renamed.id} load=${rename} file=${renamed} onClose=${() => setRenamed(null)} />`}</section>`;
}
