// Step 4 of an import: how far the run is, what came of it, the way back, and the
// rows it rejected, to be put right in place.
import { html, cx, useState } from '../lib/html.js';
import { get, post, apiUrl } from '../lib/api.js';
import { entity, pathOf } from '../lib/meta.js';
import { explain, touch } from '../lib/records.js';
import { go, Link } from '../lib/router.js';
import { toast } from '../lib/toast.js';
import { t, tn, noun } from '../lib/i18n.js';
import { atWork, again, csv, isPicture } from '../lib/imports.js';
import { Icon, Notice, useLoad } from './basics.js';
import { Dialog } from './layers.js';
import { Counts, Emptied, Linked, LeftOut, Notes } from './import-check.js';
import { Progress } from './import-progress.js';

const OURS = /^rejected_(column|value|reason)$/;

/** What is in stays, or is taken back. */
const End = ({ close, end }) => html`<${Dialog} title=${t('End this import?')} onClose=${close} foot=${html`<button type="button" class="btn btn-quiet" onClick=${close}>${t('Go on importing')}</button>
    <button type="button" class="btn" onClick=${() => end(false)}>${t('Keep what is in')}</button><button type="button" class="btn btn-danger" onClick=${() => end(true)}>${t('Take it back')}</button>`}>
  <div class="dialog-body"><p>${t('Some rows are in already. They can stay, or be taken back as if nothing had been imported.')}</p></div><//>`;

/** Fields that were changed since and stayed as they are. */
const Kept = ({ list, count }) => html`<${Notice} tone="info" icon="info"><b class="strong">${tn('{n} record was changed since and kept that:', '{n} records were changed since and kept that:', count)}</b>
  <ul class="problems">${list.slice(0, 20).map((k) => html`<li key=${`${k.entity}${k.id}`}><${Link} to=${`${pathOf(k.entity)}/${k.id}`}>${k.title || `#${k.id}`}<//>${k.fields?.length ? `: ${k.fields.map((f) => t(entity(k.entity)?.fields.find((x) => x.name === f)?.label ?? f)).join(', ')}` : ''}</li>`)}</ul><//>`;

/** Rejected rows as a grid; corrected ones come in as an import of their own. */
function Fix({ data, run, it, e }) {
  const rows = data.rows.filter((r) => r.result === 'rejected');
  const wrong = (h) => rows.some((r) => r.errors.some((x) => x.column === h));
  const header = data.header.filter((h) => !OURS.test(h)).sort((a, b) => wrong(b) - wrong(a)); /* what is wrong comes first */
  const at = header.map((h) => data.header.indexOf(h));
  const [cells, setCells] = useState(() => rows.map((r) => at.map((i) => r.cells[i] ?? '')));
  const [busy, setBusy] = useState(false);
  const put = (i, k, v) => setCells(cells.map((row, n) => (n === i ? row.map((x, m) => (m === k ? v : x)) : row)));
  const drop = (i) => setCells(cells.map((row, n) => (n === i ? null : row)));
  const left = cells.filter(Boolean);
  const send = async () => {
    setBusy(true);
    try {
      go(`/import/${await again(csv([header, ...left]), it.asked ?? {}, run, e.name, t('Corrected rows of {file}', { file: it.file_name }))}`);
    } catch (bad) { toast(bad.fields?.[0]?.text ?? explain(bad), { bad: true }); setBusy(false); }
  };
  return html`<section class="card" aria-labelledby="h-fix"><div class="card-head row wrap"><h2 id="h-fix">${t('Rejected rows')}</h2><span class="small faint">${rows.length < run.rejected ? t('the first {n}', { n: rows.length }) : ''}</span>
      <a class="btn btn-quiet btn-sm push" href=${apiUrl(`/imports/${run.id}/rejects`)} download><${Icon} name="download" />${t('Download with reasons')}</a>
      <button type="button" class="btn btn-primary btn-sm" disabled=${busy || !left.length} onClick=${send}>${tn('Import {n} corrected row', 'Import {n} corrected rows', left.length)}</button></div>
    <div class="preview-scroll" tabindex="0" role="region" aria-label=${t('Rejected rows as a table')}><table class="table preview fix"><thead><tr><th scope="col">${t('Row')}</th>${header.map((h, k) => html`<th scope="col" key=${k}>${h}</th>`)}<th scope="col"><span class="sr-only">${t('Actions')}</span></th></tr></thead>
      <tbody>${rows.slice(0, 200).map((r, i) => cells[i] && html`<tr key=${r.line}><th scope="row" class="num faint">${r.line}${r.errors.filter((x) => !header.includes(x.column)).map((x, n) => html`<span class="cell-why" key=${n}>${x.text}</span>`)}</th>
        ${header.map((h, k) => { const why = r.errors.filter((x) => x.column === h); return html`<td key=${k} class=${cx(why.length && 'cell-bad')}>${isPicture(cells[i][k]) ? t('Picture') : html`<input class="input" aria-label=${t('{column}, row {n}', { column: h, n: r.line })} aria-invalid=${why.length ? 'true' : undefined} value=${cells[i][k]} onInput=${(ev) => put(i, k, ev.target.value)} />`}
          ${why.map((x, n) => html`<span class="cell-why" key=${n}><${Icon} name="circle-alert" />${x.text}</span>`)}</td>`; })}
        <td><button type="button" class="btn btn-quiet btn-icon btn-sm" aria-label=${t('Leave out row {n}', { n: r.line })} title=${t('Leave out row {n}', { n: r.line })} onClick=${() => drop(i)}><${Icon} name="x" /></button></td></tr>`)}</tbody></table></div></section>`;
}

function Result({ it, run, e, done }) {
  const [busy, setBusy] = useState(false);
  const [kept, setKept] = useState(null);
  const bad = useLoad((o) => (run.rejected > 0 && !run.undone && !run.corrected ? get(`/imports/${run.id}/preview`, {}, o) : Promise.resolve(null)), [run.id, run.undone, run.corrected]);
  const undo = async () => {
    setBusy(true);
    try {
      const { body } = await post(`/changes/${run.change}/undo`);
      setKept(body);
      touch(e.name);
      toast(t('The import was taken back'));
      done(await get(`/imports/${it.id}`));
    } catch (error) { toast(explain(error), { bad: true }); }
    setBusy(false);
  };
  const good = run.created + run.updated + run.unchanged;
  const tone = run.state === 'failed' ? 'bad' : run.undone ? 'info' : 'good';
  return html`<${Notice} tone=${tone} icon=${tone === 'bad' ? 'circle-alert' : tone === 'info' ? 'undo-2' : 'circle-check'}><b class="strong">${run.state === 'failed' ? t('The import did not go through') : run.undone ? t('This import was taken back') : run.state === 'cancelled' ? tn('Ended after {n} row', 'Ended after {n} rows', good) : tn('{n} row imported', '{n} rows imported', good)}</b>${run.error && html`<br />${run.error}`}<//>
    <${Counts} of=${run} /><${Linked} of=${run} /><${LeftOut} of=${run} /><${Notes} of=${it} /><${Emptied} of=${run} />
    ${kept?.kept?.length > 0 && html`<${Kept} list=${kept.kept} count=${kept.kept_count ?? kept.kept.length} />`}
    <div class="row wrap"><${Link} class="btn" to=${`/${e.plural}`}><${Icon} name=${e.icon || 'folder'} />${t('Open {things}', { things: noun(e.label_plural) })}<//>
      ${run.change && !run.undone && run.created + run.updated > 0 && html`<button type="button" class="btn" disabled=${busy} onClick=${undo}><${Icon} name="undo-2" />${busy ? t('Taking it back…') : t('Undo import')}</button>
        <span class="small faint">${t('Possible for 30 days; what was changed since stays.')}</span>`}</div>
    ${run.corrected > 0 && !run.undone && html`<${Notice} tone="info" icon="info">${t('Rejected rows of this file were put right and imported.')} <${Link} to=${`/import/${run.corrected}`}>${t('To that import')}<//><//>`}
    ${bad.data && html`<${Fix} data=${bad.data} run=${run} it=${it} e=${e} />`}`;
}

export default function Done({ it, run, e, steps, done }) {
  const [asks, setAsks] = useState(false);
  const end = async (back) => {
    setAsks(false);
    try {
      const { body } = await post(`/imports/${run.id}/cancel`);
      if (back && body.change) await post(`/changes/${body.change}/undo`);
      touch(e.name);
      toast(back ? t('The import was taken back') : t('The import was ended'));
      done(await get(`/imports/${it.id}`));
    } catch (bad) { toast(explain(bad), { bad: true }); }
  };
  return html`<div class="page-body import" tabindex="-1">${steps}
    ${atWork(run) ? html`<${Progress} x=${run} title=${t('The import is running')}><p class="small dim">${t('You can close this page: the import goes on.')}</p>
        <button type="button" class="btn" onClick=${() => setAsks(true)}>${t('End import')}</button><//>` : html`<${Result} it=${it} run=${run} e=${e} done=${done} />`}
    ${asks && html`<${End} close=${() => setAsks(false)} end=${end} />`}</div>`;
}
