// Files on their way to a record: one line each, with progress, error and another
// try; a message with Undo when they are there. Loaded with the first file.
import { html, cx, useState, useEffect, useRef } from '../lib/html.js';
import { touch, explain, undo } from '../lib/records.js';
import { meta } from '../lib/meta.js';
import { FILE } from '../lib/names.js';
import { upload } from '../lib/upload.js';
import { toast } from '../lib/toast.js';
import { t, tn } from '../lib/i18n.js';
import { fileSize } from '../lib/format.js';
import { Icon, IconButton } from './basics.js';

const MOST = 100;

/** Files on their way: [{ key, name, share, error, file }]. */
function useSending(e, record, onSent) {
  const [list, setList] = useState([]);
  const next = useRef(0);
  const put = (key, change) => setList((all) => all.map((x) => (x.key === key ? { ...x, ...change } : x)));
  const drop = (key) => setList((all) => all.filter((x) => x.key !== key));
  const one = async (item) => {
    const most = meta.value.company.file_bytes;
    if (item.file.size > most) { put(item.key, { error: t('The file is larger than {size}, the most one may have.', { size: fileSize(most) }), fixed: true }); return null; }
    try {
      const sent = await upload(e.name, record.id, item.file, { name: item.name, signal: item.stop.signal, onProgress: (share) => put(item.key, { share }) });
      drop(item.key);
      touch(FILE);
      onSent?.(sent.body);
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

function Sending({ item, on }) {
  const share = Math.round(item.share * 100);
  return html`<li class=${cx('file-row', item.error && 'is-bad')}><span class="file-mark"><${Icon} name=${item.error ? 'triangle-alert' : 'upload'} /></span>
    <span class="grow"><span class="clip file-name">${item.name || t('Picture')}</span>
      ${item.error ? html`<span class="small error" role="alert">${item.error}</span>` : html`<progress class="file-progress" max="100" value=${share} aria-label=${t('{name} is being sent', { name: item.name || t('Picture') })}></progress>`}</span>
    ${item.error && !item.fixed && html`<${IconButton} small icon="refresh-cw" label=${t('Try again')} onClick=${() => on.again(item)} />`}
    <${IconButton} small icon="x" label=${item.error ? t('Dismiss') : t('Cancel')} onClick=${() => (item.error ? on.drop(item.key) : item.stop.abort())} /></li>`;
}

/** Sends what comes as `batch` ({ files }), and draws what is under way; `onSent` gets the record of each file that is there. */
export default function Sendings({ entity: e, record, batch, onSent }) {
  const on = useSending(e, record, onSent);
  useEffect(() => { on.send(batch.files); }, [batch]);
  return on.list.map((item) => html`<${Sending} key=${item.key} item=${item} on=${on} />`);
}
