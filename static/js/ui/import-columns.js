// Step 2 of an import: what each column becomes, how the file is read, how records
// that are there already are found. All of it is kept by the server at once.
import { html, cx, useState, useEffect, useRef } from '../lib/html.js';
import { entity } from '../lib/meta.js';
import { isAdmin } from '../lib/store.js';
import { explain } from '../lib/records.js';
import { toast } from '../lib/toast.js';
import { t, tn, locale } from '../lib/i18n.js';
import { fillable, look, say, begin, idOf, targetOf, fieldAt, labelOf, groupsOf, optionsOf, unclear, withValues, others, yaml, keep } from '../lib/imports.js';
import { Icon, Failed, SkeletonLines, Notice, Later, useLoad, useLatest } from './basics.js';
import { Values } from './import-values.js';
import { LeftColumns } from './import-left.js';
import { labelText } from './contact-show.js';

const HOW = { exact: ['badge-good', 'check', 'Matched'], guess: ['badge-info', 'sliders-horizontal', 'Suggested'], none: ['', 'x', 'Left out'], own: ['badge-accent', 'check', 'Chosen'], linked: ['', 'link', 'Of a linked record: left out'] };
const words = () => ({ exact: t('Matched'), guess: t('Suggested'), none: t('Left out'), own: t('Chosen'), linked: t('Of a linked record: left out') });
const ENCODINGS = ['UTF-8', 'UTF-16LE', 'UTF-16BE', 'Windows-1252', 'Windows-1250', 'Windows-1251', 'ISO-8859-15'];
const SAVE_MS = 400;

/* ---- how the file is read ---- */

const Choice = ({ label, value, found, options, onChange }) => html`<label>${label}
  <select class="select select-sm" value=${value ?? ''} onChange=${(e) => onChange(e.target.value || null)}>
    <option value="" selected=${!value}>${found}</option>${options.map(([v, l]) => html`<option key=${v} value=${v} selected=${v === value}>${l}</option>`)}</select></label>`;

/** What the columns of some types agree on, by the server's look at their cells. */
function agreed(e, data, map, what, types) {
  const said = new Set((data && map ? data.columns : []).filter((c) => c[what] && c.filled && types.includes(fieldAt(e, map.columns[c.header] ?? 'skip')?.f.type)).map((c) => c[what]));
  return said.size === 1 ? [...said][0] : null;
}

function Reading({ it, e, data, map, asked, onSay }) {
  const f = it.found ?? {};
  const signs = { ',': t('Comma'), ';': t('Semicolon'), '\t': t('Tab'), '|': t('Bar') };
  const dates = { DMY: '21.11.2026', MDY: '11/21/2026', YMD: '2026-11-21' };
  const found = (text) => (text ? t('{what} (found)', { what: text }) : t('Find out'));
  const sign = { '.': '1,234.50', ',': '1.234,50' }[agreed(e, data, map, 'decimal', ['money', 'decimal', 'percent', 'integer'])];
  const day = dates[agreed(e, data, map, 'dates', ['date', 'instant', 'localtime'])];
  const csv = !f.format || f.format === 'csv';
  const written = f.format !== 'calendar'; /* calendars write both in one way */
  return html`<div class="card row wrap import-file"><${Icon} name="file-check" size="lg" /><div class="grow"><b class="strong">${it.file_name}</b>
      <p class="small faint">${tn('{n} row', '{n} rows', it.rows)}${f.sheet && f.sheets?.length < 2 ? ` · ${f.sheet}` : ''}</p></div>
    ${f.sheets?.length > 1 && html`<${Choice} label=${t('Sheet')} value=${asked.sheet} found=${found(f.sheet)} options=${f.sheets.map((x) => [x, x])} onChange=${(v) => onSay({ sheet: v, map: null })} />`}
    ${csv && html`<${Choice} label=${t('Encoding')} value=${asked.encoding} found=${found(f.encoding)} options=${ENCODINGS.map((x) => [x, x])} onChange=${(v) => onSay({ encoding: v })} />
    <${Choice} label=${t('Columns parted by')} value=${asked.delimiter} found=${found(signs[f.delimiter])} options=${Object.entries(signs)} onChange=${(v) => onSay({ delimiter: v })} />`}
    ${!written ? '' : html`<${Choice} label=${t('Numbers')} value=${asked.decimal} found=${found(sign)} options=${[['point', '1,234.50'], ['comma', '1.234,50']]} onChange=${(v) => onSay({ decimal: v })} />
    <${Choice} label=${t('Dates')} value=${asked.dates} found=${found(asked.dates ? null : day)} options=${Object.entries(dates)} onChange=${(v) => onSay({ dates: v })} />`}</div>`;
}

/** Columns whose numbers can be read two ways: asked here, with what each would mean. */
function Unclear({ list, onSay }) {
  if (!list.length) return null;
  const as = (x) => new Intl.NumberFormat(locale.value, { minimumFractionDigits: 2, maximumFractionDigits: 6 }).format(Number(x));
  return html`<${Notice} tone="warn" icon="triangle-alert"><span class="row wrap"><span class="grow"><b class="strong">${t('How are the numbers of this file written?')}</b><br />
      ${list.slice(0, 3).map((x) => t('“{text}” in the column “{column}” is {point} with a decimal point, {comma} with a decimal comma.', { text: x.text, column: x.column, point: as(x.point), comma: as(x.comma) })).join(' ')}</span>
    <button type="button" class="btn btn-sm" onClick=${() => onSay({ decimal: 'point' })}>${t('Decimal point: {n}', { n: as(list[0].point) })}</button>
    <button type="button" class="btn btn-sm" onClick=${() => onSay({ decimal: 'comma' })}>${t('Decimal comma: {n}', { n: as(list[0].comma) })}</button></span><//>`;
}

/** One value for all rows, in place of a column. */
function Fixed({ e, f, value, onSet }) {
  const options = optionsOf({ e, f });
  const label = t('{field} of all rows', { field: t(f.label) });
  return html`<label class="row small"><span class="nowrap">${label}</span>${options ? html`<select class="select select-sm" value=${value} onChange=${(ev) => onSet(ev.target.value)}><option value="" selected=${!value}></option>${options.map(([id, name]) => html`<option key=${id} value=${id} selected=${id === value}>${name}</option>`)}</select>`
    : html`<input class="input" value=${value} maxlength="200" onInput=${(ev) => onSet(ev.target.value)} />`}</label>`;
}

/** Fields a new record cannot be without, that no column fills: said before a trial rejects every row for it. */
function Needed({ e, map, onMap }) {
  const targets = Object.values(map.columns ?? {});
  const whole = targets.some((x) => (x.field ?? x) === 'name' && !x.of);
  const filled = new Set(targets.map((x) => fieldAt(e, x)).filter((at) => at?.e === e).map((at) => at.f.name));
  const open = fillable(e).filter((f) => f.required && f.default == null && !filled.has(f.name) && !(whole && e.title.includes(f.name)));
  const put = (f, text) => {
    const { set, ...rest } = map;
    const all = others(set, f.name);
    if (text.trim()) all[f.name] = text;
    onMap(Object.keys(all).length ? { ...rest, set: all } : rest);
  };
  return open.length > 0 && html`<${Notice} tone=${open.every((f) => map.set?.[f.name]) ? 'info' : 'warn'} icon="triangle-alert"><span><b class="strong">${t('No column fills: {fields}', { fields: open.map((f) => t(f.label)).join(', ') })}</b><br />
    ${t('A new record needs this, so rows that find none will be rejected. Choose it for one of the columns below, or say here what all rows get.')}</span>
    <span class="row wrap">${open.map((f) => html`<${Fixed} key=${f.name} e=${e} f=${f} value=${map.set?.[f.name] ?? ''} onSet=${(v) => put(f, v)} />`)}</span><//>`;
}

/* ---- columns ---- */

function Target({ e, column, target, extra, onMap }) {
  const id = idOf(target);
  const groups = groupsOf(e);
  const known = groups.some(([, ids]) => ids.includes(id));
  return html`<select class="select select-sm" aria-label=${t('Field for {column}', { column: column.header || t('the column without a name') })} value=${id} onChange=${(ev) => onMap(ev.target.value)}>
    ${!known && html`<option value=${id} selected>${labelOf(e, id)}</option>`}
    ${groups.map(([label, ids]) => (label ? html`<optgroup key=${label} label=${label}>${ids.map((x) => html`<option key=${x} value=${x} selected=${x === id}>${labelOf(e, x)}</option>`)}</optgroup>`
      : ids.map((x) => html`<option key=${x} value=${x} selected=${x === id}>${labelOf(e, x)}</option>`)))}${extra}</select>`;
}

/** What becomes of texts that name no record yet. */
const Missing = ({ at, target, onSet }) => html`<label class="row small"><span class="dim nowrap">${t('Not there yet')}</span>
  <select class="select select-sm" aria-label=${t('When {thing} is not there yet', { thing: t(at.f.label) })} onChange=${(ev) => onSet(ev.target.value)}>
    ${[['create', t('Make it')], ['empty', t('Leave empty')], ['reject', t('Reject the row')]].map(([v, l]) => html`<option key=${v} value=${v} selected=${v === (target.create === 'true' ? 'create' : target.unknown === 'empty' ? 'empty' : 'reject')}>${l}</option>`)}</select></label>`;

function Row({ e, column, target, given, how, twoWays, onMap, onTarget }) {
  const at = fieldAt(e, target);
  const list = unclear(at, column, target, given);
  const [tone, icon] = HOW[how];
  const open = list.filter((v) => v.id === undefined).length;
  const near = list.filter((v) => v.near).length;
  const isLink = typeof target === 'object' && (at?.f.to || target.to) && !target.ref;
  const missing = (v) => { const { create, unknown, ...rest } = target; onTarget({ ...rest, ...(v === 'create' ? { create: 'true' } : v === 'empty' ? { unknown: 'empty' } : {}) }); };
  const base = typeof target === 'string' ? { field: target } : target;
  const pick = (text, id) => {
    onTarget({ ...base, values: { ...others(base.values, text), [text]: id === '?' ? text : id } }); /* as it stands it is no option: the row is rejected */
  };
  const many = at && optionsOf(at) && column.values === null; /* more than are listed */
  const all = (rest) => {
    const { unknown, values = {}, ...more } = base;
    const kept = Object.fromEntries(Object.entries(values).filter(([text]) => list.find((v) => v.text === text)?.near));
    onTarget({ ...more, ...(Object.keys(kept).length && { values: kept }), ...(rest && { unknown: rest }) });
  };
  return html`<tr class=${target === 'skip' ? 'is-off' : ''}><th scope="row" class="strong">${column.header || '—'}</th>
      <td><span class="samples">${column.samples.slice(0, 3).map((s, k) => html`<span key=${k} class="clip">${s}</span>`)}${!column.samples.length && html`<span class="faint">${t('empty')}</span>`}</span></td>
      <td><${Target} e=${e} column=${column} target=${target} onMap=${onMap} /></td>
      <td><span class="row wrap"><span class=${cx('badge', tone)}><${Icon} name=${icon} />${words()[how]}</span>
        ${target.label && html`<span class="badge">${labelText(target.label)}</span>`}
        ${open > 0 && html`<span class="badge badge-warn"><${Icon} name="triangle-alert" />${tn('{n} unknown value', '{n} unknown values', open)}</span>`}
        ${near > 0 && html`<span class="badge badge-info"><${Icon} name="sliders-horizontal" />${tn('{n} value suggested', '{n} values suggested', near)}</span>`}
        ${twoWays && html`<span class="badge badge-warn"><${Icon} name="triangle-alert" />${t('Numbers unclear')}</span>`}
        ${isLink && html`<${Missing} at=${at} target=${target} onSet=${missing} />`}</span></td></tr>
    ${(list.length > 0 || many) && html`<tr class="map-more"><td colspan="4"><${Values} at=${at} list=${list} rest=${base.unknown} onPick=${pick} onRest=${all} /></td></tr>`}`;
}

/* ---- how records are found ---- */

const MATCHABLE = ['text', 'emails', 'phones', 'links', 'integer', 'number', 'link', 'date'];

function How({ e, columns, state, asked, onMatch, onSay }) {
  const used = [...new Set(columns.map((c) => state.columns[c.header]).flatMap((x) => (x === 'name' ? e.title : [fieldAt(e, x ?? 'skip')]).map((at) => (typeof at === 'string' ? at : at?.e === e ? at.f.name : null))).filter(Boolean))];
  const fields = used.map((n) => e.fields.find((f) => f.name === n)).filter((f) => f && MATCHABLE.includes(f.type));
  const byId = columns.some((c) => { const x = state.columns[c.header]; return x?.ref && !x.field && !x.of; });
  const toggle = (n) => onMatch(state.match.includes(n) ? state.match.filter((x) => x !== n) : [...state.match, n]);
  const radio = (name, now, list, set) => list.map(([v, l]) => html`<label key=${v}><input type="radio" name=${name} checked=${now === v} onChange=${() => set(v)} />${l}</label>`);
  return html`<div class="card import-how"><fieldset><legend>${t('A record is there already when these are the same')}</legend>
      <div class="choices">${fields.map((f) => html`<label key=${f.name}><input type="checkbox" checked=${state.match.includes(f.name)} onChange=${() => toggle(f.name)} />${t(f.label)}</label>`)}
        ${!state.match.length && html`<p class="small faint">${byId ? t('Records are found by the id the file keeps. Nothing else is compared.') : t('Nothing chosen: every row makes a new record.')}</p>`}</div></fieldset>
    <fieldset><legend>${t('Empty cells')}</legend><div class="choices">${radio('clear', asked.clear, [[false, t('Keep what is there')], [true, t('Empty the field')]], (v) => onSay({ clear: v }))}</div></fieldset>
    <fieldset><legend>${t('Rules')}</legend><div class="choices">${radio('rules', asked.rules, [['none', t('Run none')], ['silent', t('Run them without messages')], ['all', t('Run all')]], (v) => onSay({ rules: v }))}</div></fieldset>
    ${isAdmin() && html`<fieldset><legend>${t('Gates and rules that refuse')}</legend><div class="choices">${radio('no_gates', Boolean(asked.no_gates), [[false, t('Rows that do not pass are rejected')], [true, t('Let every row pass; the history says so')]], (v) => onSay({ no_gates: v }))}</div></fieldset>`}</div>`;
}

/* ---- the whole ---- */

/** The mapping: what was said, else what is suggested; kept by the server as it changes. */
function useMapping(it, data) {
  const parse = (text) => { const m = JSON.parse(text); return { ...m, match: typeof m.match === 'string' ? m.match.split(',').map((x) => x.trim()) : m.match ?? [] }; };
  const [map, setMap] = useState(null);
  const [own, setOwn] = useState(new Set());
  const timer = useRef(0);
  const latest = useLatest(map);
  useEffect(() => { if (data) setMap(parse(it.asked.map && JSON.parse(it.asked.map).import === it.entity ? it.asked.map : data.suggestion.map)); }, [data]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const [open, setOpen] = useState(null);
  const sent = useRef(null);
  const send = () => { clearTimeout(timer.current); timer.current = 0; sent.current = say(it.id, { map: JSON.stringify(latest.current) }).then((fresh) => setOpen(fresh.unclear)); return sent.current; };
  /* what is said last must arrive last */
  const quiet = () => { clearTimeout(timer.current); return Promise.resolve(sent.current).catch(() => null); };
  const put = (next) => { latest.current = next; setMap(next); clearTimeout(timer.current); timer.current = setTimeout(() => send().catch(() => null), SAVE_MS); };
  return { map, own, put, send, quiet, open: open ?? data?.unclear ?? [], setOpen, take: (text) => { setOwn(new Set()); put(parse(text)); }, column: (name, target) => { setOwn(new Set([...own, name])); put({ ...latest.current, columns: { ...latest.current.columns, [name]: target } }); } };
}

/** Near spellings and labels become values of the mapping, so that the server reads them alike. */
const settled = (e, data, map) => ({ ...map, columns: Object.fromEntries(data.columns.map((c) => [c.header, withValues(fieldAt(e, map.columns[c.header] ?? 'skip'), c, map.columns[c.header] ?? 'skip')])) });

function Presets({ data, onTake, onSave }) {
  const mine = data.recipes.filter((r) => r.map && JSON.parse(r.map).import === data.suggestion.entity);
  const source = { shape: data.suggestion.name, recipe: data.suggestion.name, config: data.suggestion.name }[data.suggestion.source];
  const blank = () => JSON.stringify({ import: data.suggestion.entity, match: [], columns: Object.fromEntries(data.columns.map((c) => [c.header, c.inner ? JSON.parse(data.suggestion.map).columns[c.header] : 'skip'])) });
  const choose = (v) => onTake(v === 'suggested' ? data.suggestion.map : v === 'blank' ? blank() : mine.find((r) => String(r.id) === v).map);
  return html`<label class="row small nowrap push"><span class="dim">${t('Mapping')}</span><select class="select select-sm" onChange=${(ev) => choose(ev.target.value)}>
      <option value="suggested">${source ?? t('As suggested')}</option>${mine.filter((r) => r.name !== source).map((r) => html`<option key=${r.id} value=${r.id}>${r.name}</option>`)}<option value="blank">${t('Start fresh')}</option></select></label>
    <button type="button" class="btn btn-quiet btn-sm" onClick=${onSave}><${Icon} name="save" />${t('Save mapping')}</button>`;
}

function Kind({ e, data, onKind }) {
  return html`<label class="row small nowrap"><span class="dim">${t('Each row is')}</span><select class="select select-sm" onChange=${(ev) => onKind(ev.target.value)}>
    ${data.entities.map((n) => html`<option key=${n} value=${n} selected=${n === e.name}>${t(entity(n)?.label ?? n)}</option>`)}</select></label>`;
}

export default function Columns({ it, e, steps, done, onLeave }) {
  const file = useLoad((o) => look(it.id, o), [it.id]);
  const [asked, setAsked] = useState(it.asked);
  const [bad, setBad] = useState(null);
  const [busy, setBusy] = useState(false);
  const [saving, setSaving] = useState(false);
  const m = useMapping(it, file.data);
  const data = file.data;
  const onSay = async (change, whole) => {
    setAsked({ ...asked, ...change });
    try {
      const fresh = await say(it.id, change);
      setBad(null);
      m.setOpen(fresh.unclear);
      if (whole || ['encoding', 'delimiter', 'dates', 'sheet'].some((k) => k in change)) { done(fresh); file.again(); }
    } catch (error) { setAsked(asked); setBad(error); }
  };
  const check = async () => {
    setBusy(true);
    try {
      await m.quiet();
      await say(it.id, { map: JSON.stringify(settled(e, data, m.map)) });
      done(await begin(it.id, 'check'));
    } catch (error) { setBad(error); setBusy(false); }
  };
  if (file.error) return html`<${Failed} title=${t('The file could not be read')} text=${file.error.message} retry=${file.again} />`;
  const how = (c) => (m.own.has(c.header) ? 'own' : (m.map.columns[c.header] ?? 'skip') === 'skip' ? (c.how === 'linked' ? 'linked' : 'none') : ['none', 'linked'].includes(c.how) ? 'own' : c.how);
  const shape = data?.suggestion.source === 'shape' ? JSON.parse(data.suggestion.map) : null;
  /* what only machines read is no choice, as long as it goes where it belongs */
  const inner = (c) => c.inner && ['calendar', '#ref'].includes(idOf(m.map.columns[c.header] ?? 'skip'));
  const columns = data && m.map ? data.columns.filter((c) => !inner(c)) : [];
  const used = data && m.map ? columns.filter((c) => (m.map.columns[c.header] ?? 'skip') !== 'skip').length : 0;
  return html`<div class="page-body import" tabindex="-1">${steps}
      <${Reading} it=${it} e=${e} data=${data} map=${m.map} asked=${asked} onSay=${onSay} />
      <${Unclear} list=${m.open} onSay=${onSay} />
      ${bad && html`<${Notice} tone="bad" icon="circle-alert" alert><b class="strong">${t('This does not work yet')}</b><ul class="problems">${(bad.fields?.length ? bad.fields : [{ text: explain(bad) }]).map((x, i) => html`<li key=${i}>${x.text}</li>`)}</ul><//>`}
      ${data?.suggestion.source === 'shape' && html`<${Notice} tone="info" icon="info">${t('This looks like a file of {program}. Its columns are mapped already.', { program: data.suggestion.name })}<//>`}
      ${it.found?.format === 'calendar' && html`<${Notice} tone="info" icon="calendar-check"><span>${data?.columns.some((c) => c.header === 'until') ? t('Events of whole days, or that fill one, become days of absence, of whoever is invited, else of whom you say. What repeats comes in one by one, from a month ago to a year ahead.') : t('Single events come in however old they are, and count as done when they are over. What repeats is made from a year ago to a year ahead.')}
        ${columns.length < data?.columns.length && html`<br />${t('How events repeat and which one is which is taken as the calendar has it.')}`}</span><//>`}
      ${m.map && data && html`<${Needed} e=${e} map=${m.map} onMap=${m.put} />`}
      ${data && m.map && html`<${LeftColumns} map=${m.map} columns=${data.columns} />`}
      ${!data || !m.map ? html`<${SkeletonLines} lines=${10} />` : html`<section aria-labelledby="h-map" class="card"><div class="card-head row wrap"><h2 id="h-map">${t('Columns')}</h2>
          <span class="small faint">${t('{n} of {m} used', { n: used, m: columns.length })}</span><${Kind} e=${e} data=${data} onKind=${(n) => onSay({ entity: n, map: null }, true)} />
          <${Presets} data=${data} onTake=${m.take} onSave=${() => setSaving(true)} /></div>
        <div class="table-scroll"><table class="table map"><caption class="sr-only">${t('Which column becomes which field')}</caption>
          <thead><tr><th scope="col">${t('Column in the file')}</th><th scope="col">${t('First values')}</th><th scope="col">${t('Becomes')}</th><th scope="col">${t('Check')}</th></tr></thead>
          <tbody>${columns.map((c, i) => html`<${Row} key=${i} e=${e} column=${c} target=${m.map.columns[c.header] ?? 'skip'} given=${shape?.columns[c.header]} how=${how(c)} twoWays=${m.open.some((x) => x.column === c.header)}
            onMap=${(id) => m.column(c.header, targetOf(e, id, m.map.columns[c.header]))} onTarget=${(x) => m.column(c.header, x)} />`)}</tbody></table></div></section>
        <${How} e=${e} columns=${data.columns} state=${m.map} asked=${asked} onMatch=${(match) => m.put({ ...m.map, match })} onSay=${onSay} />`}
    </div>
    <footer class="actionbar"><div class="grow small dim wide-only">${t('Next: a trial that shows what will happen. Nothing is written.')}</div>
      <button type="button" class="btn btn-quiet" onClick=${onLeave}>${t('Leave import')}</button>
      <button type="button" class="btn btn-primary" disabled=${busy || !m.map || used === 0 || m.open.length > 0} onClick=${check}>${busy ? t('Reading…') : t('Check')}</button></footer>
    ${saving && html`<${Later} load=${() => import('./import-recipe.js')} e=${e} map=${settled(e, data, m.map)} header=${data.columns.map((c) => c.header)} close=${() => setSaving(false)} saved=${() => { toast(t('Mapping saved')); file.again(); }} yaml=${yaml} keep=${keep} />`}`;
}
