// The bin: what was deleted, by whom, and the way back, for one record or many.
import { html, useState, useEffect } from '../lib/html.js';
import { get } from '../lib/api.js';
import { entity, entities } from '../lib/meta.js';
import { restoreMany } from '../lib/many.js';
import { restore, explain, rowsOf } from '../lib/records.js';
import { route, setQuery } from '../lib/router.js';
import { toast } from '../lib/toast.js';
import { t, tn, noun } from '../lib/i18n.js';
import { ago, moment, number } from '../lib/format.js';
import { PageHead } from '../ui/page.js';
import { Icon, IconButton, Empty, Failed, SkeletonRows, useLoad } from '../ui/basics.js';

const PAGE = 100;
const keyOf = (x) => `${x.entity}${x.id}`;

const Pick = ({ item: x, on, toggle }) => html`<td class="cell-pick">${x.restorable && html`<input type="checkbox" class="check" aria-label=${t('Select {name}', { name: x.title })} checked=${on} onChange=${() => toggle(x)} />`}</td>`;

/** "3 deals" */
const linked = (l) => `${number(l.count)} ${noun(t(l.count === 1 ? entity(l.entity)?.label ?? l.entity : entity(l.entity)?.label_plural ?? l.entity))}`;

function Row({ item: x, pick, on, toggle }) {
  const e = entity(x.entity);
  const back = () => restore(x.entity, x.id, {}, t('{name} is back', { name: x.title })).catch((bad) => toast(explain(bad), { bad: true }));
  return html`<tr aria-selected=${on}>${pick && html`<${Pick} item=${x} on=${on} toggle=${toggle} />`}<th scope="row" class="cell-name"><span class="row"><${Icon} name=${e?.icon || 'folder'} />
    <b class="strong clip">${x.title || `#${x.id}`}</b></span>${x.links?.length > 0 && html`<span class="small faint bin-links">${t('{what} point to it and are linked again', { what: x.links.map(linked).join(', ') })}</span>`}</th>
    <td>${t(e?.label ?? x.entity)}</td><td class="num">
      <time datetime=${x.deleted_at} title=${moment(x.deleted_at)}>${ago(x.deleted_at)}</time></td>
      <td class="wide-only">${x.deleted_by?.title ?? '—'}</td>
    <td class="end">${x.restorable && html`<button type="button" class="btn btn-sm" onClick=${back}><${Icon} name="undo-2" />
      <span>${t('Restore')}</span><span class="sr-only"> ${x.title}</span></button>`}</td></tr>`;
}

function Table({ items, picked, setPicked }) {
  const able = items.filter((x) => x.restorable).map(keyOf);
  const all = able.length > 0 && able.every((k) => picked.has(k));
  const toggle = (x) => { const next = new Set(picked); if (!next.delete(keyOf(x))) next.add(keyOf(x)); setPicked(next); };
  return html`<table class="table bin-table"><caption class="sr-only">${t('Deleted records')}</caption>
    <thead><tr>${able.length > 0 && html`<th class="cell-pick" scope="col"><input type="checkbox" class="check" aria-label=${t('Select all on this page')} checked=${all} indeterminate=${!all && picked.size > 0} onChange=${() => setPicked(new Set(all ? [] : able))} /></th>`}
      <th scope="col" class=${able.length ? '' : 'cell-first'}>${t('Name')}</th><th scope="col">${t('Kind')}</th>
      <th scope="col">${t('Deleted')}</th><th scope="col" class="wide-only">${t('By')}</th><th scope="col">
      <span class="sr-only">${t('Actions')}</span></th></tr></thead>
    <tbody>${items.map((x) => html`<${Row} key=${keyOf(x)} item=${x} pick=${able.length > 0} on=${picked.has(keyOf(x))} toggle=${toggle} />`)}</tbody></table>`;
}

/** What can be done with the ticked rows. */
function Bar({ items, clear }) {
  const [busy, setBusy] = useState(false);
  const run = async () => { setBusy(true); await restoreMany(items); setBusy(false); clear(); };
  return html`<div class="bulkbar" role="toolbar" aria-label=${t('Actions for the selection')} aria-busy=${busy}>
    <span class="strong num nowrap">${tn('{n} selected', '{n} selected', items.length)}</span>
    <span class="bulk-actions"><button type="button" class="btn btn-sm" disabled=${busy} onClick=${run}><${Icon} name="undo-2" />${busy ? t('Restoring…') : t('Restore selected')}</button></span>
    <${IconButton} small icon="x" label=${t('Clear selection')} onClick=${clear} /></div>`;
}

const Nothing = ({ kind }) => html`<${Empty} icon="trash-2" title=${kind ? t('No {things} in the bin', { things: noun(kind.label_plural) }) : t('The bin is empty')} text=${t('Deleted records wait here until they are restored.')} />`;

function Kinds({ kind, choose }) {
  return html`<select class="select select-sm kind-more" aria-label=${t('Kind')} onChange=${(ev) => choose(ev.target.value)}>
      <option value="" selected=${!kind}>${t('Everything')}</option>${entities().map((e) => html`<option key=${e.name} value=${e.name} selected=${e === kind}>${t(e.label_plural)}</option>`)}</select>`;
}

export default function Trash() {
  const kind = entity(route.value.query.kind);
  const [cursor, setCursor] = useState('');
  const [picked, setPicked] = useState(new Set());
  const turn = (to) => { setPicked(new Set()); setCursor(to); };
  const choose = (name) => { turn(''); setQuery({ kind: name }); };
  const list = useLoad((o) => get('/trash', { limit: PAGE, cursor, entity: kind?.name, links: 1 }, o), [cursor, kind?.name, entities().map((e) => rowsOf(e.name)).join()]);
  const items = list.data?.items ?? [];
  const chosen = items.filter((x) => picked.has(keyOf(x)));
  useEffect(() => { if (cursor && list.data && !items.length) turn(''); }, [list.data]); /* all of this page is restored */
  return html`<div class="page"><${PageHead} title=${t('Bin')} />
    <div class="toolbar"><${Kinds} kind=${kind} choose=${choose} />
      <p class="small faint">${t('Restored records come back with their links and history.')}</p></div>
    <div class="page-body" tabindex="-1">${list.error ? html`<${Failed} title=${t('The bin could not be loaded')} text=${list.error.message} retry=${list.again} />`
      : !list.data ? html`<${SkeletonRows} />` : !items.length ? html`<${Nothing} kind=${kind} />`
      : html`<${Table} items=${items} picked=${picked} setPicked=${setPicked} />`}</div>
    ${chosen.length > 0 && html`<${Bar} items=${chosen} clear=${() => setPicked(new Set())} />`}
    ${(list.data?.next || cursor) && html`<footer class="pager">
      <span class="push row">${cursor && html`<button type="button" class="btn btn-sm" onClick=${() => turn('')}>${t('First page')}</button>`}
      <button type="button" class="btn btn-sm" disabled=${!list.data?.next} onClick=${() => turn(list.data.next)}>${t('Next')}<${Icon} name="chevron-right" /></button></span></footer>`}
  </div>`;
}
