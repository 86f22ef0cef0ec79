// What lists and boards have in common above their rows: saved views as tabs,
// text to find, filter chips, list/board switch, order, columns. On a phone all
// of it is one line: a menu of views, the text, filters, and a panel for the rest.
import { html, cx, styled, useState, useEffect, useRef } from '../lib/html.js';
import { route, setQuery, urlWith, go, onDay, Link } from '../lib/router.js';
import { expression, firstView, hasForecast, groupable, groupOf, isChanged, isSaved, isUnseen, modeOf, plainView, sortsOf, sortText, SORTS_MAX, ALL } from '../lib/query.js';
import { boardFields, columnLabel, fieldOf, loadMeta, pipeline, pipelinesOf } from '../lib/meta.js';
import { prefs, setPref } from '../lib/store.js';
import { bind } from '../lib/keys.js';
import { ACTIVITY } from '../lib/names.js';
import { fetched } from '../lib/toast.js';
import { t, noun, rare } from '../lib/i18n.js';
import { Icon, IconButton, Later, Notice } from './basics.js';
import { MenuButton, MenuItem, Popover } from './layers.js';
import { Filters } from './filters.js';
import { AsOf, AsOfForm } from './asof.js';

const FIND_MS = 220;
/** Where the arrow leads from the search: the first row of a table, or card. */
const ROWS = '.table tbody th a, [data-card]';
const path = (e) => `/${e.plural}`;

/* --- saved views --- */

const edits = rare(() => import('./view-edit.js'));
const save = () => edits().then((m) => ({ default: m.SaveForm }));

const pinned = (to) => (prefs.value.pins ?? []).some((p) => p.to === to);
const togglePin = (to, label) => setPref({ pins: pinned(to) ? prefs.value.pins.filter((p) => p.to !== to) : [...(prefs.value.pins ?? []), { to, label }] });

/** Tabs in the order the reader gave them; what has no place in it keeps its own. */
function inOrder(e, tabs) {
  const order = prefs.value.tabs?.[e.name] ?? [];
  const at = (v, i) => (order.includes(String(v.id)) ? order.indexOf(String(v.id)) : order.length + i);
  return tabs.map((v, i) => [at(v, i), v]).sort((a, b) => a[0] - b[0]).map(([, v]) => v);
}

/** Moves the tab shown one place to the left (-1) or right. */
function moveTab(e, state, by) {
  const ids = tabsOf(e, state).map((v) => String(v.id));
  const at = tabsOf(e, state).findIndex((v) => v.on);
  const [id] = ids.splice(at, 1);
  ids.splice(Math.max(0, at + by), 0, id);
  setPref({ tabs: { ...prefs.value.tabs, [e.name]: ids } });
}

const opensFirst = (e, state) => String(firstView(e)?.id ?? ALL) === String(state.view?.id ?? ALL);
const openFirst = (e, id) => setPref({ first: { ...prefs.value.first, [e.name]: id } });

/** What can be done with the view shown: [icon, label, run]; show({ kind }) opens a dialog. */
function viewActions(e, state, query, show) {
  const { view } = state;
  const tabs = tabsOf(e, state);
  const at = tabs.findIndex((v) => v.on);
  const later = (name) => (...args) => fetched(edits, (m) => m[name](...args));
  return [
    ...(view?.record && isChanged(query, state) ? [['save', t('Update this view'), () => later('updateView')(e, state)]] : []),
    ...(view?.record ? [['pencil', t('Rename or share …'), () => show({ kind: 'edit' })]] : []),
    ['copy', t('Duplicate'), () => later('duplicateView')(e, state)],
    ['link', t('Copy link'), () => later('copyLink')(e, state, (link) => show({ kind: 'link', link }))],
    ...(view?.id && (e.name === ACTIVITY || pipelinesOf(e).length > 0) ? [['calendar', t('Subscribe in a calendar …'), () => go(`/profile?feed=${e.plural}:${view.id}`)]] : []),
    ...(opensFirst(e, state) ? [] : [['house', t('Open this list with it'), () => openFirst(e, String(view?.id ?? ALL))]]),
    ...(at > 0 ? [['arrow-left', t('Move tab left'), () => moveTab(e, state, -1)]] : []),
    ...(at >= 0 && at < tabs.length - 1 ? [['arrow-right', t('Move tab right'), () => moveTab(e, state, 1)]] : []),
    ['pin', pinned(route.value.url) ? t('Take off the sidebar') : t('Pin to sidebar'), () => togglePin(route.value.url, view?.label ?? t(e.label_plural))],
    ...(view?.record ? [['trash-2', t('Delete this view'), () => later('dropView')(e, view)]] : []),
  ];
}

/** The address names a view that is not shown: says so, and what is shown in its place. */
export function UnseenView({ entity: e, query }) {
  const unseen = isUnseen(e, query);
  useEffect(() => { if (unseen) loadMeta(); }, [unseen && query.view]); /* it may have been shared by now */
  return unseen && html`<div class="unseen"><${Notice} icon="eye-off">${t('The view of this link is not shared with you, or it is gone. Ask whoever sent the link to share it. Here is what you may see.')} <${Link} to=${`${path(e)}?view=${ALL}&mode=list`}>${t('All {things}', { things: noun(e.label_plural) })}<//><//></div>`;
}

/** Board or list is kept from tab to tab; a saved view has its own, and records that came to an end are in no column. */
const modeInTab = (v, state, own) => (isSaved(v) ? own : /\.kind = "(won|lost)"/.test(v.filter ?? '') ? 'list' : state.mode);

/** Saved views in the order of their tabs, with their addresses; the one a list opens with is first. */
function tabsOf(e, state) {
  const views = e.views ?? [];
  const all = plainView(e) ?? { id: ALL, label: t('All {things}', { things: noun(e.label_plural) }) };
  const first = firstView(e) ?? all;
  const others = views.filter((v) => v !== first && v !== all);
  const now = String(state.view?.id ?? all.id);
  const query = (v) => {
    const here = v === first ? {} : { view: String(v.id) };
    const mode = modeInTab(v, state, modeOf(e, here));
    return new URLSearchParams(mode === modeOf(e, here) ? here : { ...here, mode }).toString();
  };
  const address = (v) => onDay(query(v) ? `${path(e)}?${query(v)}` : path(e));
  return inOrder(e, first === all ? [first, ...others] : [first, ...others, all]).map((v) => ({ ...v, on: String(v.id) === now, to: address(v) }));
}

/** Saved views as tabs; on a phone they are a menu of the toolbar. */
export function ViewTabs({ entity: e, state, count }) {
  const [open, show] = useState(null);
  return html`<nav class="viewtabs row wide-only" aria-label=${t('Saved views')}>
    <div class="tabs grow">${tabsOf(e, state).map((v) => html`<${Link} key=${v.id} to=${v.to} class="tab" aria-current=${v.on ? 'page' : undefined}>${v.audience === 'team' && html`<${Icon} name="users" /><span class="sr-only">${t('Team')}: </span>`}${t(v.label)} ${v.on && count && html`<span class="count">${count}</span>`}<//>`)}</div>
    <${MenuButton} class="btn btn-quiet btn-icon btn-sm" icon="ellipsis" title=${t('More for this view')}>
      ${viewActions(e, state, route.value.query, show).map(([icon, label, run]) => html`<${MenuItem} key=${icon} icon=${icon} label=${label} onClick=${run} />`)}<//></nav>
    <${UnseenView} entity=${e} query=${route.value.query} />
    ${open && html`<${Later} load=${edits} e=${e} state=${state} what=${open} close=${() => show(null)} />`}`;
}

function ViewPick({ entity: e, state }) {
  const tabs = tabsOf(e, state);
  const label = html`<span class="sr-only">${t('Saved views')}: </span><span class="clip">${t((tabs.find((v) => v.on) ?? tabs[0]).label)}</span>`;
  return html`<${MenuButton} class="btn btn-sm phone-only view-pick" label=${label} name=${t('Saved views')} chevron>
    ${tabs.map((v) => html`<${MenuItem} key=${v.id} icon=${v.on ? 'check' : 'circle'} checked=${v.on} label=${t(v.label)} onClick=${() => go(v.to)} />`)}<//>`;
}

/* --- what is found, how it is laid out and ordered --- */

/** Text to find in the list; waits until typing pauses. */
export function FindBox({ q }) {
  const [text, setText] = useState(q);
  const box = useRef(null);
  const timer = useRef(0);
  const asked = useRef(q); /* what the list was last asked for from here, or by the address */
  useEffect(() => bind('/', () => box.current.focus(), t('Find in this view')), []);
  /* An answer to what was typed before must not overwrite what is being typed now. */
  useEffect(() => { if (q !== asked.current) { asked.current = q; setText(q); } }, [q]);
  const type = (e) => {
    setText(e.target.value);
    clearTimeout(timer.current);
    const value = e.target.value;
    timer.current = setTimeout(() => { asked.current = value; setQuery({ q: value }); }, FIND_MS);
  };
  const down = (e) => {
    const first = e.key === 'ArrowDown' && document.querySelector(ROWS);
    if (first) { e.preventDefault(); first.focus(); }
  };
  return html`<div class="searchbox"><${Icon} name="search" />
    <input ref=${box} type="search" class="input input-sm" placeholder=${t('Find in this view')} aria-label=${t('Find in this view')} value=${text} onInput=${type} onKeyDown=${down} /></div>`;
}

const ModeSwitch = ({ entity: e, state, class: cls }) => html`<div class=${cx('segments', cls)} role="group" aria-label=${t('Layout')}>
  <button type="button" class="btn btn-sm" aria-pressed=${state.mode === 'board'} onClick=${() => go(urlWith({ mode: 'board' }))}>
    <${Icon} name="kanban" />${t('Board')}</button>
  <button type="button" class="btn btn-sm" aria-pressed=${state.mode === 'list'} onClick=${() => go(urlWith({ mode: 'list' }))}>
    <${Icon} name="table-2" />${t('List')}</button>
  ${hasForecast(e) && html`<button type="button" class="btn btn-sm" aria-pressed=${state.mode === 'forecast'} onClick=${() => go(urlWith({ mode: 'forecast' }))}>
    <${Icon} name="target" />${t('Forecast')}</button>`}</div>`;

/** What the columns of a board are made of, when there is a choice: [{ label, on, query }]. */
function GroupMenu({ groups }) {
  if (groups.length < 2) return null;
  return html`<span class="wide-only"><${MenuButton} class="btn btn-sm" icon="kanban" label=${html`<span class="clip">${groups.find((g) => g.on)?.label}</span>`} name=${t('Columns of the board')} chevron>
    ${groups.map((g) => html`<${MenuItem} key=${g.label} icon=${g.on ? 'check' : 'circle'} checked=${g.on} label=${g.label} onClick=${() => go(urlWith(g.query))} />`)}<//></span>`;
}

/** What orders a list: [{ by, desc }, …]; the title stands for the fields it is made of. */
export const ordersOf = (e, state) => sortsOf(state.sort).map((s) => ({ ...s, by: s.by === e.title?.[0] ? 'title' : s.by }));

/** Fields to order by: the columns, what orders it now, and when records came and changed. */
const orderable = (e, state) => [...new Set([...state.columns, ...ordersOf(e, state).map((s) => s.by), 'created_at', 'updated_at'])].map((n) => fieldOf(e, n)).filter((f) => f && f.sort !== false);

const orderBy = (sorts) => setQuery({ sort: sortText(sorts) });

/** Says what orders a list when none of its columns does, and lets one choose. */
export function Order({ entity: e, state }) {
  const [first] = ordersOf(e, state);
  if (!first || state.columns.includes(first.by) || !fieldOf(e, first.by)) return null;
  return html`<${Popover} class="btn btn-quiet btn-sm order" icon=${first.desc ? 'arrow-down' : 'arrow-up'} label=${t('Sorted by {field}', { field: columnLabel(e, fieldOf(e, first.by)) })} name=${t('Order')}>${() => html`<${OrderFields} entity=${e} state=${state} />`}<//>`;
}

/** The fields a list is ordered by, one below the other. */
export function OrderFields({ entity: e, state }) {
  const sorts = ordersOf(e, state);
  const fields = orderable(e, state);
  const left = fields.filter((f) => !sorts.some((s) => s.by === f.name));
  const change = (i, what) => orderBy(sorts.map((s, k) => (k === i ? { ...s, ...what } : s)));
  const way = (s, i, down, icon, label) => html`<button type="button" class="btn btn-icon btn-sm" aria-label=${label} aria-pressed=${s.desc === down} onClick=${() => change(i, { desc: down })}><${Icon} name=${icon} /></button>`;
  return html`<div class="stack order-fields"><span class="label">${t('Order')}</span>${sorts.map((s, i) => html`<div class="row" key=${s.by}>
      <select class="select select-sm" aria-label=${i ? t('Then by') : t('Order')} onChange=${(ev) => change(i, { by: ev.target.value, desc: false })}>${fields.filter((f) => f.name === s.by || left.includes(f)).map((f) => html`<option key=${f.name} value=${f.name} selected=${f.name === s.by}>${columnLabel(e, f)}</option>`)}</select>
      <div class="segments" role="group" aria-label=${t('Direction')}>${way(s, i, false, 'arrow-up', t('Ascending'))}${way(s, i, true, 'arrow-down', t('Descending'))}</div>
      ${sorts.length > 1 && html`<${IconButton} small icon="x" label=${t('Remove')} onClick=${() => orderBy(sorts.filter((_, k) => k !== i))} />`}</div>`)}
    ${sorts.length < SORTS_MAX && left.length > 0 && html`<button type="button" class="btn btn-quiet btn-sm" onClick=${() => orderBy([...sorts, { by: left[0].name, desc: false }])}><${Icon} name="plus" />${t('Then by')}</button>`}</div>`;
}

const changedPart = styled('changed', rare(() => import('./whatchanged.js')));
const changedDialog = () => changedPart().then((m) => ({ default: m.ChangedDialog }));

/** What changed since a day in what the list or board shows, over the page. */
const ChangedHere = ({ entity: e, state, query, close }) => html`<${Later} load=${changedDialog} e=${e} pipe=${state.mode === 'list' ? undefined : pipeline(query.pipeline) ?? pipelinesOf(e)[0]} filter=${expression(state)} close=${close} />`;

function WhatChanged({ entity: e, state, query }) {
  const [open, setOpen] = useState(false);
  return hasForecast(e) && html`<button type="button" class="btn btn-quiet btn-sm wide-only" onClick=${() => setOpen(true)}><${Icon} name="zap" />${t('What changed')}</button>
    ${open && html`<${ChangedHere} entity=${e} state=${state} query=${query} close=${() => setOpen(false)} />`}`;
}

/** What does not fit into the one line of a phone. */
function ViewOptions({ entity: e, state, query, groups, select, file }) {
  const [open, show] = useState(null);
  const [changed, setChanged] = useState(false);
  return html`<${Popover} class="btn btn-quiet btn-icon btn-sm phone-only" icon="sliders-horizontal" title=${t('View options')}>${(close) => html`<div class="stack view-options">
    ${boardFields(e).length > 0 && html`<${ModeSwitch} entity=${e} state=${state} />`}
    ${select && html`<button type="button" class="btn btn-sm" onClick=${() => { close(); select(); }}><${Icon} name="list-todo" />${t('Select records')}</button>`}
    ${file?.('btn btn-sm')}
    ${groups.length > 1 && html`<label class="field"><span class="label">${t('Columns of the board')}</span>
      <select class="select" onChange=${(ev) => { close(); go(urlWith(groups[ev.target.value].query)); }}>${groups.map((g, i) => html`<option key=${g.label} value=${i} selected=${g.on}>${g.label}</option>`)}</select></label>`}
    ${state.mode === 'list' && html`<${OrderFields} entity=${e} state=${state} /><${GroupField} entity=${e} state=${state} /><${FoldedColumns} entity=${e} state=${state} />`}
    <${AsOfForm} close=${close} />
    ${hasForecast(e) && html`<button type="button" class="btn btn-sm" onClick=${() => { close(); setChanged(true); }}><${Icon} name="zap" />${t('What changed')}</button>`}
    ${isChanged(query, state) && html`<${Later} load=${save} e=${e} state=${state} close=${close} />`}
    ${viewActions(e, state, query, show).map(([icon, label, run]) => html`<button type="button" key=${icon} class="btn btn-sm" onClick=${() => { close(); run(); }}><${Icon} name=${icon} />${label}</button>`)}</div>`}<//>${open && html`<${Later} load=${edits} e=${e} state=${state} what=${open} close=${() => show(null)} />`}${changed && html`<${ChangedHere} entity=${e} state=${state} query=${query} close=${() => setChanged(false)} />`}`;
}

const groupLabel = (f, value) => (value.endsWith(':month') ? t('{field} (month)', { field: t(f.label) }) : t(f.label));

/** What a list is grouped by. */
export function GroupBy({ entity: e, state }) {
  const ways = groupable(e);
  const { field } = groupOf(e, state.group);
  const pick = (v) => setQuery({ group: v || (state.view?.group_by ? 'none' : '') });
  return ways.length > 0 && html`<${MenuButton} class="btn btn-quiet btn-sm" icon="layers" label=${field ? t('By {field}', { field: groupLabel(field, state.group) }) : t('Group')} name=${t('Group by')}>
    <${MenuItem} icon=${state.group ? 'circle' : 'check'} checked=${!state.group} label=${t('Not grouped')} onClick=${() => pick('')} />
    ${ways.map(([v, f]) => html`<${MenuItem} key=${v} icon=${v === state.group ? 'check' : 'circle'} checked=${v === state.group} label=${groupLabel(f, v)} onClick=${() => pick(v)} />`)}<//>`;
}

function GroupField({ entity: e, state }) {
  return groupable(e).length > 0 && html`<label class="field"><span class="label">${t('Group by')}</span>
    <select class="select select-sm" aria-label=${t('Group by')} onChange=${(ev) => setQuery({ group: ev.target.value || (state.view?.group_by ? 'none' : '') })}><option value="">${t('Not grouped')}</option>${groupable(e).map(([v, f]) => html`<option key=${v} value=${v} selected=${v === state.group}>${groupLabel(f, v)}</option>`)}</select></label>`;
}

const columns = rare(() => import('./columns.js'));

/** The same on a phone, where rows show the first ones. */
function FoldedColumns({ entity: e, state }) {
  const [open, setOpen] = useState(false);
  return html`<details onToggle=${(ev) => setOpen(ev.currentTarget.open)}><summary class="label">${t('Columns')}</summary>${open && html`<${Later} load=${columns} e=${e} state=${state} />`}</details>`;
}

/** Which columns a list shows, in which order. */
export const Columns = ({ entity: e, state }) => html`<${Popover} class="btn btn-quiet btn-sm" icon="columns-3" label=${t('Columns')}>${() => html`<${Later} load=${columns} e=${e} state=${state} />`}<//>`;

/** The toolbar under the tabs; `groups` are the ways to group a board; on a phone select() begins ticking and file(class) draws the export. */
export function ViewBar({ entity: e, state, query, groups = [], select, file, children }) {
  return html`<div class="toolbar viewbar" role="search" aria-label=${t('Filter')}>
    <${ViewPick} entity=${e} state=${state} />
    ${boardFields(e).length > 0 && html`<${ModeSwitch} entity=${e} state=${state} class="wide-only" />`}
    <${GroupMenu} groups=${groups} />
    <${FindBox} q=${state.q} />
    <${Filters} entity=${e} state=${state} query=${query} />
    ${isChanged(query, state) && html`<${Popover} class="btn btn-quiet btn-sm wide-only" icon="save" label=${t('Save view')}>${(close) => html`<${Later} load=${save} e=${e} state=${state} close=${close} />`}<//>`}
    <${AsOf} class="btn btn-quiet btn-sm wide-only" />
    <${WhatChanged} entity=${e} state=${state} query=${query} />
    <${ViewOptions} entity=${e} state=${state} query=${query} groups=${groups} select=${select} file=${file} />
    ${children}
  </div>`;
}
