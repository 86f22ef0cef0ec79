// What lists and boards have in common above their rows: saved views as tabs,
// text to find, filter chips, list/board switch, columns.
import { html, useState, useEffect, useRef } from '../lib/html.js';
import { route, setQuery, urlWith, go, onDay, Link } from '../lib/router.js';
import { isChanged, expression, ALL } from '../lib/query.js';
import { boardFields, listable, inTitle, loadMeta } from '../lib/meta.js';
import { post, del } from '../lib/api.js';
import { explain } from '../lib/records.js';
import { prefs, setPref } from '../lib/store.js';
import { toast } from '../lib/toast.js';
import { bind } from '../lib/keys.js';
import { t, noun } from '../lib/i18n.js';
import { number } from '../lib/format.js';
import { Icon } from './basics.js';
import { MenuButton, MenuItem, Popover } from './layers.js';
import { Filters } from './filters.js';
import { AsOf } from './asof.js';

const FIND_MS = 220;
const path = (e) => `/${e.plural}`;

async function saveView(e, state, name, shared) {
  const by = boardFields(e)[0]?.name;
  const { body } = await post('/views', { name, entity: e.name, filter: expression(state), sort: state.sort, columns: state.columns.filter((c) => c !== 'title'), mode: state.mode, by: state.mode === 'board' ? by : undefined, shared });
  await loadMeta();
  toast(t('View “{name}” saved', { name }));
  go(`${path(e)}?view=${body.view ?? body.id}`);
}

function SaveView({ entity: e, state, close }) {
  const [error, setError] = useState('');
  const submit = (ev) => {
    ev.preventDefault();
    const f = new FormData(ev.target);
    saveView(e, state, f.get('name').trim(), f.get('shared') === 'on').then(close, (bad) => setError(explain(bad)));
  };
  return html`<form class="filter-form" onSubmit=${submit}>
    <label class="field"><span class="label">${t('Name of the view')}</span>
      <input class="input input-sm" name="name" data-first required /></label>
    <label class="row small"><input type="checkbox" class="check" name="shared" />${t('Show it to everybody')}</label>
    ${error && html`<span class="error" role="alert">${error}</span>`}
    <div class="row"><button type="submit" class="btn btn-primary btn-sm push">${t('Save view')}</button></div></form>`;
}

const pinned = (to) => (prefs.value.pins ?? []).some((p) => p.to === to);
const togglePin = (to, label) => setPref({ pins: pinned(to) ? prefs.value.pins.filter((p) => p.to !== to) : [...(prefs.value.pins ?? []), { to, label }] });

async function dropView(e, view) {
  try {
    await del(`/views/${view.record}`, { headers: { 'If-Match': '*' } });
    await loadMeta();
    toast(t('View “{name}” deleted', { name: view.label }));
    go(path(e));
  } catch (bad) { toast(explain(bad), { bad: true }); }
}

/** Saved views as tabs; the first is everything. */
export function ViewTabs({ entity: e, state, count }) {
  const views = e.views ?? [];
  const all = views.find((v) => !v.filter) ?? { id: ALL, label: t('All {things}', { things: noun(e.label_plural) }) };
  const first = views.find((v) => v.default) ?? all;
  const others = views.filter((v) => v !== first && v !== all);
  const tabs = first === all ? [first, ...others] : [first, ...others, all];
  const now = String(state.view?.id ?? all.id);
  const here = route.value.url;
  return html`<nav class="viewtabs row" aria-label=${t('Saved views')}>
    <div class="tabs grow">${tabs.map((v) => html`<${Link} key=${v.id} to=${onDay(v === first ? path(e) : `${path(e)}?view=${v.id}`)} class="tab" aria-current=${String(v.id) === now ? 'page' : undefined}>${t(v.label)} ${String(v.id) === now && count && html`<span class="count">${count}</span>`}<//>`)}</div>
    <${MenuButton} class="btn btn-quiet btn-icon btn-sm" icon="ellipsis" title=${t('More for this view')}>
      <${MenuItem} icon="pin" label=${pinned(here) ? t('Take off the sidebar') : t('Pin to sidebar')} onClick=${() => togglePin(here, state.view?.label ?? t(e.label_plural))} />
      ${state.view?.record && html`<${MenuItem} icon="trash-2" label=${t('Delete this view')} onClick=${() => dropView(e, state.view)} />`}<//></nav>`;
}

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
  return html`<div class="searchbox"><${Icon} name="search" />
    <input ref=${box} type="search" class="input input-sm" placeholder=${t('Find in this view')} aria-label=${t('Find in this view')} value=${text} onInput=${type} /></div>`;
}

const ModeSwitch = ({ mode }) => html`<div class="segments" role="group" aria-label=${t('Layout')}>
  <button type="button" class="btn btn-sm" aria-pressed=${mode === 'board'} onClick=${() => go(urlWith({ mode: 'board' }))}>
    <${Icon} name="kanban" /><span class="wide-only">${t('Board')}</span>
    <span class="sr-only phone-only">${t('Board')}</span></button>
  <button type="button" class="btn btn-sm" aria-pressed=${mode === 'list'} onClick=${() => go(urlWith({ mode: 'list' }))}>
    <${Icon} name="table-2" /><span class="wide-only">${t('List')}</span>
    <span class="sr-only phone-only">${t('List')}</span></button></div>`;

/** Which columns a list shows; kept as the user's choice for the entity. */
export function Columns({ entity: e, state }) {
  const shown = state.columns.filter((c) => c !== 'title');
  const toggle = (n) => {
    const next = shown.includes(n) ? shown.filter((x) => x !== n) : [...shown, n];
    setPref({ cols: { ...prefs.value.cols, [e.name]: next } });
    setQuery({ cols: state.view?.columns?.length ? next.join(',') : '' });
  };
  return html`<${Popover} class="btn btn-quiet btn-sm" icon="columns-3" label=${t('Columns')}>${() => html`<div class="choices filter-options">
    ${listable(e).filter((f) => !inTitle(e, f.name)).map((f) => html`<label key=${f.name}>
      <input type="checkbox" class="check" checked=${shown.includes(f.name)} onChange=${() => toggle(f.name)} />${t(f.label)}</label>`)}</div>`}<//>`;
}

/** The toolbar under the tabs; `lead` comes before its search box. */
export function ViewBar({ entity: e, state, query, lead, children }) {
  return html`<div class="toolbar" role="search" aria-label=${t('Filter')}>
    ${boardFields(e).length > 0 && html`<${ModeSwitch} mode=${state.mode} />`}
    ${lead}
    <${FindBox} q=${state.q} />
    <${Filters} entity=${e} state=${state} query=${query} />
    ${isChanged(query) && html`<${Popover} class="btn btn-quiet btn-sm" icon="save" label=${html`<span class="tool-text">${t('Save view')}</span>`} name=${t('Save view')}>${(close) => html`<${SaveView} entity=${e} state=${state} close=${close} />`}<//>`}
    <${AsOf} class="btn btn-quiet btn-sm" />
    ${children}
  </div>`;
}

/** "1,284", or "10,000+" when the server stopped counting. */
export const countText = (n, more) => (n === undefined || n === null ? '' : number(n) + (more ? '+' : ''));
