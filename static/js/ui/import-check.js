// Step 3 of an import: what the trial found. It ran for real on a copy; counts and
// cells are those of the run to come.
import { html, cx, useState } from '../lib/html.js';
import { get } from '../lib/api.js';
import { entity, fieldOf } from '../lib/meta.js';
import { explain } from '../lib/records.js';
import { t, tn, key, noun } from '../lib/i18n.js';
import { number } from '../lib/format.js';
import { begin, look, say, atWork, fieldAt, isPicture } from '../lib/imports.js';
import { NOTE } from '../lib/names.js';
import { Icon, Failed, Notice, SkeletonLines, useLoad } from './basics.js';
import { text } from './field.js';
import { Progress } from './import-progress.js';
import { LeftColumns } from './import-left.js';

const RESULT = { created: ['badge-good', 'plus', key('New')], updated: ['badge-info', 'pencil', key('Updates')], unchanged: ['', 'check', key('Unchanged')], rejected: ['badge-bad', 'circle-alert', key('Rejected')], left_out: ['', 'x', key('Left out')] };

export const Counts = ({ of: x }) => html`<ul class="card counts">${[['created', t('new')], ['updated', t('updated')], ['unchanged', t('unchanged')], ['rejected', t('rejected')]].map(([k, label]) => html`<li key=${k} class=${cx(k === 'rejected' && x[k] > 0 && 'is-bad')}>
  <b class="num">${number(x[k])}</b><span class="small dim">${label}</span></li>`)}</ul>`;

const named = (l) => noun(entity(l.entity)?.[l.count === 1 ? 'label' : 'label_plural'] ?? l.plural);

/** Records that come along: companies of contacts, notes. */
export const Linked = ({ of: x }) => x.linked?.length > 0 && html`<p class="small dim">${t('Along with them:')} ${x.linked.map((l) => `${number(l.count)} ${named(l)}`).join(', ')}</p>`;

/* What columns of a calendar fill. */
const OF_CALENDAR = { people: 'participants', alarms: 'reminders' };

/** What the preview shows, in columns: [{ e, f, headers, own }], by record and in the order of the file; notes last. */
function shownColumns(e, map, rows) {
  const found = new Map();
  const put = (x, f, header) => {
    const id = `${x.name}.${f.name}`;
    if (!found.has(id)) found.set(id, { id, e: x, f, headers: [], own: x === e });
    if (header !== undefined) found.get(id).headers.push(header);
  };
  const about = entity(NOTE);
  for (const [header, target] of Object.entries(map.columns ?? {})) {
    const at = fieldAt(e, target);
    const of = (target.of && entity(target.of)) || e;
    if (at) put(at.e, at.f, header);
    else if ((target.field ?? target) === 'name') (of.title ?? []).map((n) => fieldOf(of, n)).filter(Boolean).forEach((f) => put(of, f, header));
    else if (target === 'calendar' && fieldOf(e, OF_CALENDAR[header])) put(e, fieldOf(e, OF_CALENDAR[header]), header);
    else if (target === 'note' && about) put(about, fieldOf(about, about.title[0]), header);
  }
  for (const o of rows.flatMap((r) => r.others ?? []).filter((x) => !x.via)) {
    const x = entity(o.entity);
    if (x && ![...found.values()].some((c) => c.e === x)) put(x, fieldOf(x, x.title[0]));
  }
  const order = [...new Set([...found.values()].map((c) => c.e))].sort((x, y) => (y === e) - (x === e) || (x === about) - (y === about));
  return order.flatMap((x) => [...found.values()].filter((c) => c.e === x));
}

/** Which record of a row a column is about. */
const recordIn = (row, { e, own }) => (own ? row : (row.others ?? []).find((o) => o.entity === e.name && !o.via));

/** All entries of a list, as they will stand there. */
const whole = (f, row) => (Array.isArray(row?.[f.name]) && typeof row[f.name][0] === 'object' && f.type !== 'records' ? row[f.name].map((x) => text(f, { [f.name]: [x] })).join(', ') : text(f, row));

/* One plain address stands in fields of its own, not in the list. */
const PARTS = ['street', 'postcode', 'city', 'country'];
const gathered = (f, row) => (f.type === 'addresses' && row && !row[f.name]?.length && PARTS.some((n) => row[n]) ? { ...row, [f.name]: [Object.fromEntries(PARTS.map((n) => [n, row[n]]))] } : row);
const ofParts = (f, row) => Object.fromEntries(f.type === 'addresses' ? PARTS.filter((n) => n in row).map((n) => [n, row[n]]) : []);

function Cell({ row, column, data }) {
  const { e, f, headers } = column;
  if (row.cells) {
    const why = (row.errors ?? []).filter((x) => headers.includes(x.column));
    const said = headers.map((h) => row.cells[data.header.indexOf(h)]).filter(Boolean).map((x) => (isPicture(x) ? t('Picture') : x)).join(', ');
    return html`<td class=${cx(why.length ? 'cell-bad' : 'clip')}>${said || html`<span class="faint">—</span>`}${why.map((x, i) => html`<span class="cell-why" key=${i}>
      <${Icon} name="circle-alert" />${x.text}</span>`)}</td>`;
  }
  const record = recordIn(row, column);
  const now = record && whole(f, gathered(f, record.after));
  const changed = record?.before && (f.name in record.before || Object.keys(ofParts(f, record.before)).length > 0);
  const was = changed && whole(f, gathered(f, { ...ofParts(f, record.after), ...record.before }));
  const made = record && row.others?.some((o) => o.via === `${e.name}.${f.name}`);
  const lost = (row.lost ?? []).filter((x) => headers.includes(x.column));
  return html`<td class=${lost.length ? '' : 'clip'}>${changed ? html`<del>${was || '—'}</del><ins>${now || t('empty')}</ins>` : now || html`<span class="faint">—</span>`}
    ${made && html` <span class="badge badge-good"><${Icon} name="plus" />${t('New')}</span>`}${lost.map((x, i) => html`<span class="cell-why lost" key=${i}><${Icon} name="triangle-alert" />${x.several ? t('“{text}” is several records here', { text: x.text }) : t('“{text}” is not known here', { text: x.text })}</span>`)}</td>`;
}

const Badge = ({ result, label }) => html`<span class=${cx('badge', RESULT[result][0])}><${Icon} name=${RESULT[result][1]} />${label && html`<span>${label}</span>`}<span class=${label ? 'sr-only' : ''}>${t(RESULT[result][2])}</span></span>`;

/** What becomes of a row; of one with several records, of each. */
function Result({ e, row, loose }) {
  const others = (row.others ?? []).filter((o) => !o.via && entity(o.entity));
  const name = (x) => t(x.label);
  return html`<td><span class="row results">${others.length ? html`<${Badge} result=${row.main ?? row.result} label=${name(e)} />${others.map((o, i) => html`<${Badge} key=${i} result=${o.result} label=${name(entity(o.entity))} />`)}` : html`<${Badge} result=${row.result} />`}</span>
    ${loose.map((x, i) => html`<span class="cell-why" key=${i}>${x.column ? `${x.column}: ` : ''}${x.text}</span>`)}</td>`;
}

function Rows({ e, data, map, only }) {
  const columns = shownColumns(e, map, data.rows);
  const known = columns.flatMap((c) => c.headers);
  const rows = data.rows.filter((r) => !only || r.result === 'rejected' || r.lost).sort((a, b) => a.line - b.line).slice(0, 200);
  return html`<div class="preview-scroll" tabindex="0" role="region" aria-label=${t('Preview of the rows')}><table class="table preview"><thead><tr><th scope="col">${t('Row')}</th><th scope="col">${t('Result')}</th>${columns.map((c) => html`<th scope="col" key=${c.id}>${c.own ? t(c.f.label) : c.e.title.length === 1 && c.f.name === c.e.title[0] ? t(c.e.label) : t('{thing}: {field}', { thing: t(c.e.label), field: t(c.f.label) })}</th>`)}</tr></thead>
    <tbody>${rows.map((r) => html`<tr key=${r.line}><th scope="row" class="num faint">${number(r.line)}</th><${Result} e=${e} row=${r} loose=${(r.errors ?? []).filter((x) => !known.includes(x.column))} />
      ${columns.map((c) => html`<${Cell} key=${c.id} row=${r} column=${c} data=${data} />`)}</tr>`)}</tbody></table></div>`;
}

const NOTES = [key('Called off'), key('Repeated, and over for more than a year'), key('Repeats in a way activities cannot: taken in one by one, a year ahead'), key('More than a file may have'), key('How it repeats cannot be read: taken in once'), key('The file repeats too much: taken in once'), key('Less than a day: absences are whole days'), key('A task: nobody is away for it'), key('Repeats: taken in one by one, a year ahead')];

/** What of the file comes in otherwise, or not at all. */
export const Notes = ({ of: x }) => x.found?.notes?.length > 0 && html`<${Notice} tone="info" icon="calendar-check"><span>${t('Not taken as it stands in the file:')}<br />
  ${x.found.notes.slice(0, 8).map((n) => html`<span key=${n.text}>${NOTES.includes(n.text) ? t(n.text) : n.text} (${n.count === 1 ? t('line {n}', { n: n.line }) : tn('{n} time', '{n} times', n.count)})<br /></span>`)}</span><//>`;

/** Cells that say what is not known here, of columns that are left empty then. */
export const Emptied = ({ of: x }) => x.emptied > 0 && html`<${Notice} tone="warn" icon="triangle-alert">${tn('{n} row names something that is not known here, or several records: that cell is left empty. Where it is a record, import those first and this file again.', '{n} rows name something that is not known here, or several records: those cells are left empty. Where it is a record, import those first and this file again.', x.emptied)}<//>`;

/** Rows that were deleted in the program they come from; `take`: takes them in. */
export const LeftOut = ({ of: x, take }) => x.left_out > 0 && html`<${Notice} tone="info" icon="trash-2"><span class="row wrap"><span>${x.program ? tn('{n} row was deleted in {program}: left out.', '{n} rows were deleted in {program}: left out.', x.left_out, { program: x.program })
  : tn('{n} row was deleted where it comes from: left out.', '{n} rows were deleted where they come from: left out.', x.left_out)}</span>${take && html`<button type="button" class="btn btn-sm" onClick=${take}>${tn('Take it as well', 'Take them as well', x.left_out)}</button>`}</span><//>`;

export default function Check({ it, e, steps, done, change, onLeave }) {
  const x = it.check;
  const running = atWork(x);
  const [only, setOnly] = useState(false);
  const [busy, setBusy] = useState(false);
  const [bad, setBad] = useState(null);
  const shown = useLoad((o) => (running ? Promise.resolve(null) : get(`/imports/${x.id}/preview`, {}, o)), [x.id, running]);
  const file = useLoad((o) => (running ? Promise.resolve(null) : look(it.id, o)), [it.id, running]);
  const good = x.created + x.updated + x.unchanged;
  const map = JSON.parse(it.asked.map ?? '{}');
  const go = async () => {
    setBusy(true);
    try { done(await begin(it.id, 'run')); } catch (error) { setBad(error); setBusy(false); }
  };
  const take = async () => {
    const columns = Object.fromEntries(Object.entries(map.columns).map(([h, target]) => [h, target === 'deleted' ? 'skip' : target]));
    setBusy(true);
    try {
      await say(it.id, { map: JSON.stringify({ ...map, columns }) });
      done(await begin(it.id, 'check'));
    } catch (error) { setBad(error); }
    setBusy(false);
  };
  return html`<div class="page-body import" tabindex="-1">${steps}
      ${bad && html`<${Notice} tone="bad" icon="circle-alert" alert>${explain(bad)}<//>`}
      ${x.state === 'failed' && html`<${Notice} tone="bad" icon="circle-alert" alert>${x.error}<//>`}
      ${running ? html`<${Progress} x=${x} title=${t('The trial runs on a copy of the data')} />` : html`<${Counts} of=${x} /><${Linked} of=${x} /><${LeftOut} of=${x} take=${busy ? null : take} /><${Notes} of=${it} />
      ${map.columns && file.data && html`<${LeftColumns} map=${map} columns=${file.data.columns} />`}
      ${x.keyless > 0 && html`<${Notice} tone="warn" icon="triangle-alert">${tn('{n} row has nothing by which a record could be found: it makes a new one.', '{n} rows have nothing by which a record could be found: each makes a new one.', x.keyless)}<//>`}
      ${x.again > 0 && html`<${Notice} tone="warn" icon="triangle-alert">${tn('{n} row is taken for a record that another row of this file makes: look whether it is the same one. If not, go back to the columns: match by more of them, or say which one is the “Id in the other program”.', '{n} rows are taken for a record that another row of this file makes: look whether they are the same one. If not, go back to the columns: match by more of them, or say which one is the “Id in the other program”.', x.again)}<//>`}
      <${Emptied} of=${x} />
      ${x.closed_now > 0 && html`<${Notice} tone="warn" icon="triangle-alert">${tn('{n} deal counts as won or lost today, for want of a date.', '{n} deals count as won or lost today, for want of a date.', x.closed_now)}<//>`}
      <section aria-labelledby="h-pre" class="card"><div class="card-head"><h2 id="h-pre">${t('How the rows will turn out')}</h2>
          ${x.rejected + x.emptied > 0 && html`<button type="button" class="btn btn-quiet btn-sm push" aria-pressed=${only} onClick=${() => setOnly(!only)}><${Icon} name="triangle-alert" />${only ? t('Show all') : t('Show only problems')}</button>`}</div>
        ${shown.error ? html`<${Failed} title=${t('The preview could not be loaded')} text=${shown.error.message} retry=${shown.again} />` : !shown.data ? html`<${SkeletonLines} lines=${8} />` : html`<${Rows} e=${e} data=${shown.data} map=${map} only=${only} />`}</section>`}
    </div>
    <footer class="actionbar"><div class="grow small row wrap">${!running && html`<span class="strong num">${tn('{n} row ready', '{n} rows ready', good)}</span>${x.rejected > 0 && html`<span class="import-bad num">
        <${Icon} name="circle-alert" />${tn('{n} row will be left out', '{n} rows will be left out', x.rejected)}</span>`}`}</div>
      <button type="button" class="btn btn-quiet wide-only" onClick=${onLeave}>${t('Leave import')}</button>
      <button type="button" class="btn" onClick=${change}>${t('Change columns')}</button>
      <button type="button" class="btn btn-primary" disabled=${running || busy || good === 0} onClick=${go}>${tn('Import {n} row', 'Import {n} rows', good)}</button></footer>`;
}
