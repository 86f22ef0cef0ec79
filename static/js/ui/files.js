// Files of a record: a list with previews, drop and paste anywhere on the page,
// progress and errors for each file. Loaded when a record is open.
import { html, cx, useState, useEffect, useRef } from '../lib/html.js';
import { get } from '../lib/api.js';
import { entity, may } from '../lib/meta.js';
import { rowsOf, valuesOf, touch, update, remove, explain, undo, load } from '../lib/records.js';
import { FILE } from '../lib/names.js';
import { upload } from '../lib/upload.js';
import { me } from '../lib/store.js';
import { pastDay, onDay, go } from '../lib/router.js';
import { toast } from '../lib/toast.js';
import { t, tn } from '../lib/i18n.js';
import { moment, ago, fileSize } from '../lib/format.js';
import { Icon, IconButton, FailedLine, SkeletonLines, useLoad, useLatest } from './basics.js';
import { MenuButton, MenuItem, MenuRule, Dialog } from './layers.js';
import { fileUrl, isPicture, isShown } from './fileview.js';

const SHOWN = 8;
const MOST = 100;
const ICONS = [[/^image\//, 'camera'], [/^text\/|json|xml|yaml/, 'file-text'], [/pdf|word|document/, 'file-text'], [/sheet|excel|csv/, 'table-2'], [/zip|gzip/, 'archive']];
const iconOf = (type) => ICONS.find(([like]) => like.test(type))?.[1] ?? 'paperclip';

/* --- sending --- */

/** Files on their way: [{ key, name, share, error, file }]. */
function useSending(e, record) {
  const [list, setList] = useState([]);
  const next = useRef(0);
  const put = (key, change) => setList((all) => all.map((x) => (x.key === key ? { ...x, ...change } : x)));
  const drop = (key) => setList((all) => all.filter((x) => x.key !== key));
  const one = async (item) => {
    try {
      const sent = await upload(e.name, record.id, item.file, { name: item.name, signal: item.stop.signal, onProgress: (share) => put(item.key, { share }) });
      drop(item.key);
      touch(FILE);
      return sent;
    } catch (bad) {
      if (bad.name === 'AbortError') drop(item.key);
      else put(item.key, { error: bad.status === 0 ? t('No connection.') : bad.status === 403 ? t('Your role may not add files.') : explain(bad) });
      return null;
    }
  };
  const run = async (items) => {
    const done = [];
    for (const item of items) done.push(await one(item));
    const sent = done.filter(Boolean);
    if (!sent.length) return;
    const back = () => sent.reduce((before, s) => before.then(() => undo(s.change, FILE)), Promise.resolve());
    toast(sent.length === 1 ? t('{name} is attached', { name: sent[0].body.title ?? sent[0].body.name }) : tn('{n} file is attached', '{n} files are attached', sent.length), { action: t('Undo'), run: back });
  };
  const send = (files) => {
    const items = [...files].slice(0, MOST).map((file) => ({ key: next.current++, file, name: file.name, share: 0, stop: new AbortController() }));
    setList((all) => [...all, ...items]);
    run(items);
  };
  const again = (item) => { const fresh = { ...item, error: '', share: 0, stop: new AbortController() }; put(item.key, fresh); run([fresh]); };
  return { list, send, again, drop };
}

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

function Sending({ item, on }) {
  const share = Math.round(item.share * 100);
  return html`<li class=${cx('file-row', item.error && 'is-bad')}><span class="file-mark"><${Icon} name=${item.error ? 'triangle-alert' : 'upload'} /></span>
    <span class="grow"><span class="clip file-name">${item.name || t('Picture')}</span>
      ${item.error ? html`<span class="small error" role="alert">${item.error}</span>` : html`<progress class="file-progress" max="100" value=${share} aria-label=${t('{name} is being sent', { name: item.name || t('Picture') })}></progress>`}</span>
    ${item.error && html`<${IconButton} small icon="refresh-cw" label=${t('Try again')} onClick=${() => on.again(item)} />`}
    <${IconButton} small icon="x" label=${item.error ? t('Dismiss') : t('Cancel')} onClick=${() => (item.error ? on.drop(item.key) : item.stop.abort())} /></li>`;
}

/* --- the list --- */

function Rename({ file, onClose }) {
  const [name, setName] = useState(file.name);
  const save = (ev) => { ev.preventDefault(); const to = name.trim(); if (to && to !== file.name) update(FILE, file.id, { name: to }, { message: t('Renamed to {name}', { name: to }), version: file.version }).then(() => touch(FILE), () => null); onClose(); };
  return html`<${Dialog} title=${t('Rename')} onClose=${onClose} foot=${html`<button type="submit" form="file-rename" class="btn btn-primary">${t('Save')}</button>`}>
    <form id="file-rename" class="dialog-body" onSubmit=${save}><div class="field"><label for="file-name">${t('Name')}</label>
      <input class="input" id="file-name" maxlength="200" required value=${name} onInput=${(ev) => setName(ev.target.value)} /></div></form><//>`;
}

/** A picture in full, with those before and behind it. */
function Preview({ files, at, onMove, onClose }) {
  const file = files[at];
  const key = (ev) => { const to = { ArrowLeft: at - 1, ArrowRight: at + 1 }[ev.key]; if (files[to]) { ev.preventDefault(); onMove(to); } };
  useEffect(() => { addEventListener('keydown', key); return () => removeEventListener('keydown', key); });
  return html`<${Dialog} class="dialog-picture" title=${file.name} onClose=${onClose} foot=${html`<span class="faint small num">${fileSize(file.size)}</span><span class="push row">
      <${IconButton} icon="chevron-left" label=${t('Previous picture')} disabled=${!at} onClick=${() => onMove(at - 1)} />
      <${IconButton} icon="chevron-right" label=${t('Next picture')} disabled=${at === files.length - 1} onClick=${() => onMove(at + 1)} />
      <a class="btn" href=${fileUrl(file)} download=${file.name}><${Icon} name="download" />${t('Download')}</a></span>`}>
    <div class="dialog-body picture-box"><img src=${fileUrl(file, true)} alt=${file.name} /></div><//>`;
}

function Row({ file, fixed, onShow, onRename }) {
  const e = entity(FILE);
  const shown = isShown(file);
  const name = isPicture(file) ? html`<button type="button" class="clip file-name" onClick=${onShow}>${file.name}</button>`
    : html`<a class="clip file-name" href=${fileUrl(file, shown)} target=${shown ? '_blank' : undefined} rel="noopener" download=${shown ? undefined : file.name}>${file.name}</a>`;
  return html`<li class="file-row">${isPicture(file) ? html`<button type="button" class="file-mark file-thumb" tabindex="-1" aria-hidden="true" onClick=${onShow}><img src=${fileUrl(file, true)} alt="" loading="lazy" /></button>`
    : html`<span class="file-mark"><${Icon} name=${iconOf(file.media_type)} /></span>`}
    <span class="grow">${name}<span class="tiny faint num file-facts">${fileSize(file.size)} · <time datetime=${file.created_at} title=${moment(file.created_at)}>${ago(file.created_at)}</time></span></span>
    <${MenuButton} class="btn btn-quiet btn-icon btn-sm" icon="ellipsis" title=${t('Actions for {name}', { name: file.name })}>
      ${shown && html`<${MenuItem} icon="eye" label=${t('Open')} onClick=${isPicture(file) ? onShow : () => open(fileUrl(file, true), '_blank', 'noopener')} />`}
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
  const list = useLoad((o) => get('/files', { filter: `links contains ${record.id}`, sort: '-created_at', fields: FIELDS, limit, as_of }, o), [record.id, limit, as_of, rowsOf(FILE), valuesOf(FILE)]);
  const sending = useSending(e, record);
  const adds = !as_of && entity(FILE)?.can?.create;
  const over = usePage(adds, sending.send);
  const input = useRef(null);
  const camera = useRef(null);
  const chosen = (ev) => { sending.send(ev.target.files); ev.target.value = ''; };
  const files = list.data?.items ?? [];
  const pictures = files.filter(isPicture);
  useEffect(() => { if (e.picture && rowsOf(FILE)) load(e.name, record.id).catch(() => null); }, [rowsOf(FILE)]); /* an Undo may have taken the photo */
  return html`<section class="panel files" aria-label=${t('Files')}>
    <header class="row"><${Icon} name="paperclip" /><h2>${t('Files')}</h2><span class="faint small num">${list.data?.count || ''}</span>
      ${adds && html`<span class="push row"><span class="touch-only"><${IconButton} small icon="camera" label=${t('Take a picture')} onClick=${() => camera.current.click()} /></span>
        <${IconButton} small icon="plus" label=${t('Add files')} onClick=${() => input.current.click()} /></span>
        <input ref=${input} type="file" multiple hidden aria-label=${t('Add files')} onChange=${chosen} />
        <input ref=${camera} type="file" accept="image/*" capture="environment" hidden aria-label=${t('Take a picture')} onChange=${chosen} />`}</header>
    ${list.error && html`<${FailedLine} text=${t('{things} could not be loaded.', { things: t('Files') })} retry=${list.again} />`}
    ${!list.data && !list.error && html`<${SkeletonLines} lines=${2} />`}
    <ul>${sending.list.map((item) => html`<${Sending} key=${`s${item.key}`} item=${item} on=${sending} />`)}
      ${files.map((file) => html`<${Row} key=${file.id} file=${file} fixed=${Boolean(as_of)} onShow=${() => setPicture(pictures.indexOf(file))} onRename=${() => setRenamed(file)} />`)}</ul>
    ${list.data?.next && html`<button type="button" class="btn btn-sm" onClick=${() => setLimit(limit + MOST)}>${t('Show more')}</button>`}
    ${list.data && !files.length && !sending.list.length && html`<p class="small faint">${adds ? t('None yet. Drop files anywhere on this page, or paste a picture.') : t('None yet')}</p>`}
    ${over && html`<div class="drop-page" aria-hidden="true"><div><${Icon} name="upload" size="xl" /><b>${t('Drop to attach')}</b><span class="clip">${record.title}</span></div></div>`}
    ${pictures[picture] && html`<${Preview} files=${pictures} at=${picture} onMove=${setPicture} onClose=${() => setPicture(-1)} />`}
    ${renamed && html`<${Rename} file=${renamed} onClose=${() => setRenamed(null)} />`}</section>`;
}
