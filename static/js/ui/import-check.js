// Step 3 of an import: what the trial found. It ran for real on a copy; counts and
// cells are those of the run to come.
import { html, cx, useState } from '../lib/html.js';
import { get } from '../lib/api.js';
import { entity, fieldOf } from '../lib/meta.js';
import { explain } from '../lib/records.js';
import { t, tn, key, noun } from '../lib/i18n.js';
import { number } from '../lib/format.js';
import { begin, atWork, fieldAt } from '../lib/imports.js';
import { Icon, Failed, Notice, SkeletonLines, useLoad } from './basics.js';
import { text } from './field.js';
import { Progress } from './import-progress.js';

const RESULT = { created: ['badge-good', 'plus', key('New')], updated: ['badge-info', 'pencil', key('Updates')], unchanged: ['', 'check', key('Unchanged')], rejected: ['badge-bad', 'circle-alert', key('Rejected')] };

export const Counts = ({ of: x }) => html`<ul class="card counts">${[['created', t('new')], ['updated', t('updated')], ['unchanged', t('unchanged')], ['rejected', t('rejected')]].map(([k, label]) => html`<li key=${k} class=${cx(k === 'rejected' && x[k] > 0 && 'is-bad')}>
  <b class="num">${number(x[k])}</b><span class="small dim">${label}</span></li>`)}</ul>`;

const named = (l) => noun(entity(l.entity)?.[l.count === 1 ? 'label' : 'label_plural'] ?? l.plural);

/** Records that come along: companies of contacts, notes. */
export const Linked = ({ of: x }) => x.linked?.length > 0 && html`<p class="small dim">${t('Along with them:')} ${x.linked.map((l) => `${number(l.count)} ${named(l)}`).join(', ')}</p>`;

/** Which column of the file fills a field. */
function headersOf(e, map) {
  const found = new Map();
  for (const [header, target] of Object.entries(map.columns ?? {})) {
    const names = target === 'name' ? e.title ?? [] : [fieldAt(e, target)].filter((at) => at?.e === e).map((at) => at.f.name);
    for (const n of names) if (!found.has(n)) found.set(n, header);
  }
  return found;
}

function Cell({ e, row, name, header, at }) {
  const f = fieldOf(e, name);
  if (row.result === 'rejected') {
    const why = row.errors.filter((x) => x.column === header);
    return html`<td class=${cx(why.length && 'cell-bad')}>${row.cells[at] || html`<span class="faint">—</span>`}${why.map((x, i) => html`<span class="cell-why" key=${i}>
      <${Icon} name="circle-alert" />${x.text}</span>`)}</td>`;
  }
  const now = text(f, row.after);
  const was = row.before && name in row.before;
  return html`<td class="clip">${was ? html`<del>${text(f, row.before) || '—'}</del><ins>${now || t('empty')}</ins>` : now || html`<span class="faint">—</span>`}</td>`;
}

function Rows({ e, data, map, only }) {
  const headers = headersOf(e, map);
  const names = [...headers.keys()].filter((n) => fieldOf(e, n));
  const rows = data.rows.filter((r) => !only || r.result === 'rejected').sort((a, b) => a.line - b.line).slice(0, 200);
  const loose = (r) => (r.errors ?? []).filter((x) => ![...headers.values()].includes(x.column));
  return html`<div class="preview-scroll" tabindex="0" role="region" aria-label=${t('Preview of the rows')}><table class="table preview"><thead><tr><th scope="col">${t('Row')}</th><th scope="col">${t('Result')}</th>${names.map((n) => html`<th scope="col" key=${n}>${t(fieldOf(e, n).label)}</th>`)}</tr></thead>
    <tbody>${rows.map((r) => html`<tr key=${r.line}><th scope="row" class="num faint">${number(r.line)}</th><td><span class=${cx('badge', RESULT[r.result][0])}><${Icon} name=${RESULT[r.result][1]} />${t(RESULT[r.result][2])}</span>
        ${loose(r).map((x, i) => html`<span class="cell-why" key=${i}>${x.text}</span>`)}</td>
      ${names.map((n) => html`<${Cell} key=${n} e=${e} row=${r} name=${n} header=${headers.get(n)} at=${data.header.indexOf(headers.get(n))} />`)}</tr>`)}</tbody></table></div>`;
}

export default function Check({ it, e, steps, done, change, leave }) {
  const x = it.check;
  const running = atWork(x);
  const [only, setOnly] = useState(false);
  const [busy, setBusy] = useState(false);
  const [bad, setBad] = useState(null);
  const shown = useLoad((o) => (running ? Promise.resolve(null) : get(`/imports/${x.id}/preview`, {}, o)), [x.id, running]);
  const good = x.created + x.updated + x.unchanged;
  const map = JSON.parse(it.asked.map ?? '{}');
  const go = async () => {
    setBusy(true);
    try { done(await begin(it.id, 'run')); } catch (error) { setBad(error); setBusy(false); }
  };
  return html`<div class="page-body import" tabindex="-1">${steps}
      ${bad && html`<${Notice} tone="bad" icon="circle-alert" alert>${explain(bad)}<//>`}
      ${x.state === 'failed' && html`<${Notice} tone="bad" icon="circle-alert" alert>${x.error}<//>`}
      ${running ? html`<${Progress} x=${x} title=${t('The trial runs on a copy of the data')} />` : html`<${Counts} of=${x} /><${Linked} of=${x} />
      ${x.keyless > 0 && html`<${Notice} tone="warn" icon="triangle-alert">${tn('{n} row has nothing by which a record could be found: it makes a new one.', '{n} rows have nothing by which a record could be found: each makes a new one.', x.keyless)}<//>`}
      ${x.closed_now > 0 && html`<${Notice} tone="warn" icon="triangle-alert">${tn('{n} deal counts as won or lost today, for want of a date.', '{n} deals count as won or lost today, for want of a date.', x.closed_now)}<//>`}
      <section aria-labelledby="h-pre" class="card"><div class="card-head"><h2 id="h-pre">${t('How the rows will turn out')}</h2>
          ${x.rejected > 0 && html`<button type="button" class="btn btn-quiet btn-sm push" aria-pressed=${only} onClick=${() => setOnly(!only)}><${Icon} name="triangle-alert" />${only ? t('Show all') : t('Show only problems')}</button>`}</div>
        ${shown.error ? html`<${Failed} title=${t('The preview could not be loaded')} text=${shown.error.message} retry=${shown.again} />` : !shown.data ? html`<${SkeletonLines} lines=${8} />` : html`<${Rows} e=${e} data=${shown.data} map=${map} only=${only} />`}</section>`}
    </div>
    <footer class="actionbar"><div class="grow small row wrap">${!running && html`<span class="strong num">${tn('{n} row ready', '{n} rows ready', good)}</span>${x.rejected > 0 && html`<span class="import-bad num">
        <${Icon} name="circle-alert" />${tn('{n} row will be left out', '{n} rows will be left out', x.rejected)}</span>`}`}</div>
      <button type="button" class="btn btn-quiet wide-only" onClick=${leave}>${t('Leave import')}</button>
      <button type="button" class="btn" onClick=${change}>${t('Change columns')}</button>
      <button type="button" class="btn btn-primary" disabled=${running || busy || good === 0} onClick=${go}>${tn('Import {n} row', 'Import {n} rows', good)}</button></footer>`;
}
