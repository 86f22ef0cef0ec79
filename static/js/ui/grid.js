// The table of a list: sorting, ticking with ranges, moving and editing cells
// by keyboard. Cells are plain functions; only the one being edited has state, in a part of its own.
import { html, cx, useState, useEffect, useLayoutEffect, useRef } from '../lib/html.js';
import { Link, onDay, pastDay } from '../lib/router.js';
import { fieldOf, isPerson, may, pictureOf, insteadOf } from '../lib/meta.js';
import { titleOf } from '../lib/records.js';
import { ACTIVITY } from '../lib/names.js';
import { me } from '../lib/store.js';
import { toast } from '../lib/toast.js';
import { t, rare } from '../lib/i18n.js';
import { Avatar, Later } from './basics.js';
import { Head, sized } from './head.js';
import { isWide, isNumeric } from './field.js';
import { Cell as Shown } from './late.js';

const ONE_LINE = ['emails', 'phones', 'links'];
/** May this cell be edited in place? */
function isLocked(e, f, r) {
  if (f.readonly || f.computed || !may(e, 'edit', r, me())) return true;
  return isWide(f) && !(ONE_LINE.includes(f.type) && (r[f.name] ?? []).length < 2);
}

const fetchTick = rare(() => import('./tick-cell.js'));

/** An activity is ticked off where it is listed. */
export const Tick = ({ e, r }) => e.name === ACTIVITY && !pastDay() && html`<span class="cell-tick"><${Later} load=${fetchTick} record=${r} /></span>`;

const NameCell = ({ e, r, width }) => html`<th scope="row" class="cell-name" style=${sized(width)}>
  <span class="row cell-who"><${Tick} e=${e} r=${r} />${isPerson(e) && html`<${Avatar} name=${r.title} id=${r.id} picture=${pictureOf(e, r)} square=${e.title?.length === 1} />`}
  <${Link} class="plain strong clip" to=${onDay(`/${e.plural}/${r.id}`)}>${titleOf(e.name, r)}<//></span></th>`;

const Cell = ({ e, f, r, frozen, width }) => html`<td style=${sized(width)} data-cell=${`${r.id} ${f.name}`} class=${cx(!frozen && !isLocked(e, f, r) && 'cell-edit', isNumeric(f) && 'end')} tabindex="-1"><${Shown} e=${e} f=${insteadOf(e, f, r)} r=${r} /></td>`;

/** The editor is fetched when somebody comes near the table, and this long after the start, so that it is there without a connection. */
const IDLE_MS = 4000;
const fetchEditor = rare(() => import('./cell-editor.js'));
const foresee = () => fetchEditor().catch(() => null);

/** Arrow keys move from cell to cell, as in a spreadsheet. */
function moveFocus(ev) {
  const cell = ev.target.closest('td, th');
  const [down, right] = { ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1] }[ev.key];
  const rows = [...cell.closest('table').querySelectorAll('tbody tr[data-row]')];
  const to = rows[rows.indexOf(cell.parentElement) + down]?.cells[cell.cellIndex + right];
  if (!to || !rows.includes(cell.parentElement)) return;
  ev.preventDefault();
  (to.matches('[data-cell]') ? to : to.querySelector('a, input')).focus();
}

/** Ticks one row, or with Shift all rows since the last tick. */
function ticked(picked, ids, id, anchor, range) {
  const next = new Set(picked);
  const on = !next.has(id);
  const [a, b] = [ids.indexOf(anchor), ids.indexOf(id)].sort((x, y) => x - y);
  for (const one of range && a >= 0 ? ids.slice(a, b + 1) : [id]) if (on) next.add(one); else next.delete(one);
  return next;
}

const PickCell = ({ r, name, on, toggle }) => html`<td class="cell-pick">
  <input type="checkbox" class="check" data-pick=${r.id} aria-label=${t('Select {name}', { name })} checked=${on} onClick=${(ev) => toggle(r.id, ev.shiftKey)} /></td>`;

/**
 * The table; `picked` is a Set of ids kept by the list, null when there is nothing to tick for; a
 * `frozen` one is only read. `sections` [{ key, head, records, foot }] stand for groups of records.
 */
export function Grid({ entity: e, records, sections, frozen, state, picked, setPicked, fresh }) {
  const [editing, setEditing] = useState('');
  const anchor = useRef(null);
  const ids = records.map((r) => r.id);
  const columns = state.columns.map((n) => fieldOf(e, n));
  const all = ids.length > 0 && ids.every((id) => picked?.has(id));
  const toggle = (id, range) => { setPicked(ticked(picked, ids, id, anchor.current, range)); anchor.current = id; };
  const begin = (ev) => {
    const cell = ev.target.closest('.cell-edit');
    if (cell && (ev.type !== 'dblclick' || !ev.target.closest('a'))) { ev.preventDefault(); if (ev.type === 'dblclick') typed.current = ''; setRefused(null); setEditing(cell.dataset.cell); }
  };
  /* The next cell that can be edited, in the row or the one below; at the end of the page none. */
  const onNext = (by) => {
    const cells = [...document.querySelectorAll('.table tbody :is(.cell-edit, .cell-editing)')];
    const to = cells[cells.findIndex((c) => c.matches('.cell-editing')) + by];
    if (to) setEditing(to.dataset.cell);
  };
  const typed = useRef('');
  const type = (ev) => {
    if (ev.key.length !== 1 || ev.key === ' ' || '/?'.includes(ev.key) || ev.ctrlKey || ev.metaKey || ev.altKey || !ev.target.matches('.cell-edit')) return false;
    ev.stopPropagation();
    typed.current = ev.key;
    begin(ev);
    return true;
  };
  const [refused, setRefused] = useState(null);
  const at = useRef('');
  at.current = editing;
  /* What is being edited by now is not taken away. */
  const keep = (cell, what) => { if (at.current) toast(what.text, { bad: true }); else { setRefused({ cell, ...what }); setEditing(cell); } };
  const left = useRef('');
  const done = () => { typed.current = ''; left.current = editing; setEditing(''); setRefused(null); };
  useLayoutEffect(() => { if (!editing && left.current && document.activeElement === document.body) document.querySelector(`[data-cell="${left.current}"]`)?.focus(); }, [editing]);
  const key = (ev) => {
    if (ev.target.closest('.cell-editing, thead, .menu')) return;
    if (e.name === ACTIVITY && 'xd'.includes(ev.key) && ev.target.closest('.cell-name')) { ev.stopPropagation(); ev.target.closest('.cell-name').querySelector(ev.key === 'x' ? 'input:enabled' : 'button')?.click(); return; }
    if (ev.key.startsWith('Arrow') && !ev.shiftKey) moveFocus(ev);
    else if (ev.key === 'Enter' || ev.key === 'F2') { typed.current = ''; begin(ev); } else if (type(ev)) return;
    else if (ev.key === ' ' && picked && ev.target.matches('[data-cell]')) { ev.preventDefault(); toggle(ids.find((id) => String(id) === ev.target.dataset.cell.split(' ')[0]), ev.shiftKey); }
  };
  const cell = (f, r) => {
    if (f.name === 'title') return html`<${NameCell} key=${f.name} e=${e} r=${r} width=${state.widths[f.name]} />`;
    const here = `${r.id} ${f.name}`;
    if (editing === here) return html`<td key=${f.name} class="cell-editing"><${Later} load=${fetchEditor} leave=${done} e=${e} f=${f} r=${r} refused=${refused?.cell === here ? refused : null} typed=${typed.current} onDone=${done} onNext=${onNext} onRefused=${(what) => keep(here, what)} /></td>`;
    return html`<${Cell} key=${f.name} e=${e} f=${f} r=${r} frozen=${frozen} width=${state.widths[f.name]} />`;
  };
  const row = (r) => html`<tr key=${r.id} data-row=${r.id} aria-selected=${picked?.has(r.id)} class=${cx(fresh === r.id && 'is-fresh')}>
      ${picked && html`<${PickCell} r=${r} name=${titleOf(e.name, r)} on=${picked.has(r.id)} toggle=${toggle} />`}${columns.map((f) => cell(f, r))}</tr>`;
  useEffect(() => { const timer = setTimeout(foresee, IDLE_MS); return () => clearTimeout(timer); }, []);
  return html`<table class="table" onKeyDown=${key} onDblClick=${begin} onPointerEnter=${foresee} onFocusIn=${foresee}>
    <caption class="sr-only">${t('{things}. Arrow keys move between cells, Enter or typing edits, Tab goes on to the next, space ticks a row.', { things: t(e.label_plural) })}</caption>
    <thead><tr>${picked && html`<th class="cell-pick" scope="col">
          <input type="checkbox" class="check" aria-label=${t('Select all on this page')} checked=${all} indeterminate=${!all && picked.size > 0} onChange=${() => setPicked(all ? new Set() : new Set(ids))} /></th>`}
      ${columns.map((f) => html`<${Head} key=${f.name} e=${e} f=${f} state=${state} first=${!picked && f.name === 'title'} />`)}</tr></thead>
    ${sections ? sections.map((s) => html`<tbody key=${s.key}><tr class="group-line"><th scope="rowgroup" colspan=${columns.length + (picked ? 1 : 0)}><span class="row">${s.head}</span></th></tr>${s.records.map(row)}${s.foot && html`<tr class="group-rest"><td colspan=${columns.length + (picked ? 1 : 0)}>${s.foot}</td></tr>`}</tbody>`) : html`<tbody>${records.map(row)}</tbody>`}</table>`;
}
