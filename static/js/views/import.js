// Import: File, Columns, Check, Done. The address names the import; what was said
// about it is kept by the server, so that a closed browser loses nothing.
import { html, cx, useState, useEffect, useRef, asset } from '../lib/html.js';
import { get, post } from '../lib/api.js';
import { entity, entities } from '../lib/meta.js';
import { explain } from '../lib/records.js';
import { route, go, Link } from '../lib/router.js';
import { toast } from '../lib/toast.js';
import { t, tn, key, noun } from '../lib/i18n.js';
import { number, ago, moment } from '../lib/format.js';
import { take, status, atWork } from '../lib/imports.js';
import { handed } from '../lib/handed.js';
import { PageHead } from '../ui/page.js';
import { Icon, Empty, Failed, SkeletonLines, Later, useLoad } from '../ui/basics.js';

const STEPS = [key('File'), key('Columns'), key('Check'), key('Done')];
const POLL_MS = 500;

const Style = () => html`<link rel="stylesheet" href=${asset('css/import.css')} />`;

const Steps = ({ at }) => html`<ol class="steps-bar" aria-label=${t('Steps')}>${STEPS.map((s, i) => html`<li key=${s} class=${cx(i < at && 'is-done')} aria-current=${i === at ? 'step' : undefined}>
    <span class="step-n num">${i < at ? html`<${Icon} name="check" />` : i + 1}</span><span>${t(s)}</span></li>`)}</ol>`;

/* ---- file ---- */

/** What is taken: the last file dropped or chosen, with its way to the server. */
function useFile(kind) {
  const [sending, setSending] = useState(null);
  const [bad, setBad] = useState(null);
  const stop = useRef(null);
  useEffect(() => () => stop.current?.abort(), []);
  const send = async (file) => {
    if (!file) return;
    stop.current = new AbortController();
    setBad(null);
    setSending({ name: file.name, share: 0 });
    try {
      go(`/import/${await take(file, kind, (share) => setSending({ name: file.name, share }), stop.current.signal)}`);
    } catch (e) {
      setSending(null);
      if (e.name !== 'AbortError') setBad(e);
    }
  };
  useEffect(() => { send(handed()); }, []);
  return { sending, bad, send, cancel: () => stop.current?.abort() };
}

function Drop({ file }) {
  const [over, setOver] = useState(false);
  const drop = (e) => { e.preventDefault(); setOver(false); file.send(e.dataTransfer.files[0]); };
  return html`<div class=${cx('drop', over && 'is-over')} onDragOver=${(e) => { e.preventDefault(); setOver(true); }} onDragLeave=${() => setOver(false)} onDrop=${drop}>
    <${Icon} name="upload" /><h2>${t('Drop a file here')}</h2>
    <p class="dim">${t('CSV, Excel, vCard, LDIF or NDJSON: from a spreadsheet or another program.')}</p>
    <input type="file" id="import-file" accept=".csv,.tsv,.txt,.xlsx,.vcf,.ics,.ldif,.ndjson,.jsonl,text/csv" onChange=${(e) => file.send(e.target.files[0])} />
    <label class="btn btn-primary" for="import-file"><${Icon} name="folder" />${t('Choose a file')}</label>
    <p class="small faint">${t('Nothing is written before you have seen what will happen.')}</p></div>`;
}

const Sending = ({ file }) => html`<div class="drop" role="status"><${Icon} name="upload" /><h2>${t('{name} is on its way', { name: file.sending.name })}</h2>
  <progress class="meter" max="1" value=${file.sending.share} aria-label=${t('Upload')}></progress>
  <button type="button" class="btn" onClick=${file.cancel}>${t('Cancel')}</button></div>`;

const Problems = ({ error }) => html`<div class="notice notice-bad" role="alert"><${Icon} name="circle-alert" /><div class="grow"><b class="strong">${t('The file cannot be imported')}</b>
  <ul class="problems">${(error.fields?.length ? error.fields : [{ where: '', text: explain(error) }]).map((x, i) => html`<li key=${i}>${x.where && x.where.includes(':') ? `${x.where}: ` : ''}${x.text}</li>`)}</ul></div></div>`;

const STATES = { open: key('Being sent'), draft: key('Being prepared'), waiting: key('Waiting'), running: key('Running'), done: key('Done'), failed: key('Failed'), cancelled: key('Ended') };
const TONES = { done: 'badge-good', failed: 'badge-bad', running: 'badge-info', draft: 'badge-warn' };

function Past({ item: x }) {
  const run = x.run ?? x;
  const e = entity(x.entity);
  return html`<tr><th scope="row" class="cell-name"><${Link} class="strong clip" to=${`/import/${x.id}`}>${x.file_name}<//></th><td>${t(e?.label_plural ?? x.entity)}</td>
    <td><span class=${cx('badge', run.undone ? '' : TONES[run.state])}>${run.undone ? t('Undone') : t(STATES[run.state])}</span></td>
    <td class="num">${run.done_rows ? tn('{n} row', '{n} rows', run.created + run.updated + run.unchanged) : ''}${run.rejected > 0 && html`<span class="import-bad">
      <${Icon} name="circle-alert" />${number(run.rejected)}</span>`}</td>
    <td class="num wide-only"><time datetime=${x.created_at} title=${moment(x.created_at)}>${ago(x.created_at)}</time></td></tr>`;
}

function PastOnes() {
  const list = useLoad((o) => get('/imports', {}, o), []);
  const items = (list.data?.items ?? []).filter((x) => x.state !== 'open' && !x.dry_run && !(x.state === 'cancelled' && !x.change));
  const busy = items.some((x) => atWork(x.run ?? x));
  useEffect(() => { const timer = busy && setTimeout(list.again, 2000); return () => clearTimeout(timer); }, [list.data]);
  return items.length > 0 && html`<section class="card" aria-labelledby="h-past"><div class="card-head"><h2 id="h-past">${t('Imports of the last 30 days')}</h2></div>
    <div class="table-scroll"><table class="table preview"><thead><tr><th scope="col">${t('File')}</th><th scope="col">${t('Kind')}</th><th scope="col">${t('State')}</th><th scope="col">${t('Rows')}</th>
      <th scope="col" class="wide-only">${t('When')}</th></tr></thead><tbody>${items.map((x) => html`<${Past} key=${x.id} item=${x} />`)}</tbody></table></div></section>`;
}

function Begin() {
  const kind = route.value.query.entity;
  const e = entity(kind);
  const file = useFile(e?.name);
  if (!entities().some((x) => x.can?.import)) {
    return html`<div class="page"><${PageHead} title=${t('Import')} create=${false} /><${Empty} icon="lock" title=${t('Your role may not import')} text=${t('Ask an administrator for the right.')} /></div>`;
  }
  return html`<div class="page"><${PageHead} title=${e ? t('Import {things}', { things: noun(e.label_plural) }) : t('Import')} create=${false} />
    <div class="page-body import" tabindex="-1"><${Steps} at=${0} />
      ${file.bad && html`<${Problems} error=${file.bad} />`}
      ${file.sending ? html`<${Sending} file=${file} />` : html`<${Drop} file=${file} />`}
      <${PastOnes} /></div></div>`;
}

/* ---- one import ---- */

/** The import as it stands; asked again while something runs. */
function useImport(id) {
  const [now, setNow] = useState({ data: null, error: null });
  const [round, setRound] = useState(0);
  useEffect(() => {
    const stop = new AbortController();
    let timer = 0;
    const ask = () => status(id, { signal: stop.signal }).then((data) => {
      setNow({ data, error: null });
      if ([data, data.check, data.run].some(atWork)) timer = setTimeout(ask, POLL_MS);
    }, (error) => error.name !== 'AbortError' && setNow((s) => ({ ...s, error })));
    ask();
    return () => { stop.abort(); clearTimeout(timer); };
  }, [id, round]);
  return { ...now, set: (data) => { setNow({ data, error: null }); setRound((n) => n + 1); }, again: () => setRound((n) => n + 1) };
}

function One({ id }) {
  const it = useImport(id);
  const [back, setBack] = useState(false);
  const x = it.data;
  const run = x && (x.run ?? (x.asked && x.state === 'draft' ? null : x));
  const at = !x ? 1 : run ? 3 : x.check && !back ? 2 : 1;
  const e = entity(x?.entity);
  const leave = async () => {
    try {
      await post(`/imports/${id}/cancel`);
      toast(t('The import was left; nothing was written'));
      go('/import');
    } catch (bad) { toast(explain(bad), { bad: true }); }
  };
  const check = (fresh) => { setBack(false); it.set(fresh); };
  const part = { 1: () => import('../ui/import-columns.js'), 2: () => import('../ui/import-check.js'), 3: () => import('../ui/import-done.js') }[at];
  return html`<div class="page"><${PageHead} crumb=${[t('Import'), '/import']} title=${x?.file_name ?? ''} create=${false} />
    ${it.error && !x ? html`<${Failed} title=${t('The import could not be loaded')} text=${it.error.message} retry=${it.again} />`
      : !x ? html`<div class="page-body import"><${SkeletonLines} lines=${8} /></div>`
      : html`<${Later} key=${at} load=${part} it=${x} run=${run} e=${e} steps=${html`<${Steps} at=${at} />`} done=${check} change=${() => setBack(true)} onLeave=${leave} />`}</div>`;
}

export default function Import({ id }) {
  return html`<${Style} />${id ? html`<${One} key=${id} id=${id} />` : html`<${Begin} />`}`;
}
