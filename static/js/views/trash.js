// The bin: what was deleted, by whom, and the way back.
import { html, useState } from '../lib/html.js';
import { get } from '../lib/api.js';
import { entity, entities } from '../lib/meta.js';
import { restore, explain, rowsOf, touch } from '../lib/records.js';
import { toast } from '../lib/toast.js';
import { t } from '../lib/i18n.js';
import { ago, moment } from '../lib/format.js';
import { PageHead } from '../ui/page.js';
import { Icon, Empty, Failed, SkeletonRows, useLoad } from '../ui/basics.js';

const PAGE = 100;

function Row({ item: x, gone }) {
  const e = entity(x.entity);
  const back = async () => {
    try {
      await restore(x.entity, x.id, {}, t('{name} is back', { name: x.title }));
      gone(x);
    } catch (bad) { toast(explain(bad), { bad: true }); }
  };
  return html`<tr><th scope="row" class="cell-name"><span class="row"><${Icon} name=${e?.icon || 'folder'} />
    <b class="strong clip">${x.title || `#${x.id}`}</b></span></th>
    <td>${t(e?.label ?? x.entity)}</td><td class="num">
      <time datetime=${x.deleted_at} title=${moment(x.deleted_at)}>${ago(x.deleted_at)}</time></td>
      <td class="wide-only">${x.deleted_by?.title ?? '—'}</td>
    <td class="end">${x.restorable && html`<button type="button" class="btn btn-sm" onClick=${back}><${Icon} name="undo-2" />
      <span>${t('Restore')}</span><span class="sr-only"> ${x.title}</span></button>`}</td></tr>`;
}

function Table({ items, gone }) {
  return html`<table class="table bin-table"><caption class="sr-only">${t('Deleted records')}</caption>
    <thead><tr><th scope="col" class="cell-first">${t('Name')}</th><th scope="col">${t('Kind')}</th>
      <th scope="col">${t('Deleted')}</th><th scope="col" class="wide-only">${t('By')}</th><th scope="col">
      <span class="sr-only">${t('Actions')}</span></th></tr></thead>
    <tbody>${items.map((x) => html`<${Row} key=${`${x.entity}${x.id}`} item=${x} gone=${gone} />`)}</tbody></table>`;
}

export default function Trash() {
  const [kind, setKind] = useState('');
  const [cursor, setCursor] = useState('');
  const list = useLoad((o) => get('/trash', { limit: PAGE, cursor }, o), [cursor, rowsOf('trash')]);
  const items = (list.data?.items ?? []).filter((x) => !kind || x.entity === kind);
  const gone = (x) => { list.set({ ...list.data, items: list.data.items.filter((y) => y !== x) }); touch(x.entity); };
  return html`<div class="page"><${PageHead} title=${t('Bin')} />
    <div class="toolbar"><select class="select select-sm kind-more" aria-label=${t('Kind')} onChange=${(ev) => setKind(ev.target.value)}>
      <option value="">${t('Everything')}</option>${entities().map((e) => html`<option key=${e.name} value=${e.name}>${t(e.label_plural)}</option>`)}</select>
      <p class="small faint">${t('Restored records come back with their links and history.')}</p></div>
    <div class="page-body" tabindex="-1">${list.error ? html`<${Failed} title=${t('The bin could not be loaded')} text=${list.error.message} retry=${list.again} />`
      : !list.data ? html`<${SkeletonRows} />` : !items.length ? html`<${Empty} icon="trash-2" title=${t('The bin is empty')} text=${t('Deleted records wait here until they are restored or removed for good.')} />`
      : html`<${Table} items=${items} gone=${gone} />`}</div>
    ${(list.data?.next || cursor) && html`<footer class="pager">
      <span class="push row">${cursor && html`<button type="button" class="btn btn-sm" onClick=${() => setCursor('')}>${t('First page')}</button>`}
      <button type="button" class="btn btn-sm" disabled=${!list.data?.next} onClick=${() => setCursor(list.data.next)}>${t('Next')}<${Icon} name="chevron-right" /></button></span></footer>`}
  </div>`;
}
