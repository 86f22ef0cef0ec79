// What can be done with the ticked rows of a list; every action offers Undo.
import { html, useState } from '../lib/html.js';
import { bulk } from '../lib/many.js';
import { explain } from '../lib/records.js';
import { expression } from '../lib/query.js';
import { fieldOf, stories } from '../lib/meta.js';
import { FILE } from '../lib/names.js';
import { Link } from '../lib/router.js';
import { toast } from '../lib/toast.js';
import { t, tn, rare } from '../lib/i18n.js';
import { countText } from '../lib/format.js';
import { Icon, IconButton, Later } from './basics.js';
import { Export, shown } from './export.js';

/** More than so many are not deleted before it is told what that means. */
const ASKS_ABOVE = 25;
/** So many become one at most. */
const MERGED_MAX = 5;

/** What the server is told: the ticked ids, the whole filter, or all. */
const target = (picked, all, state) => (!all ? { ids: [...picked] } : expression(state) ? { filter: expression(state) } : { all: true });

const dialog = rare(() => import('./bulk-dialog.js'));

/** May entries be added to something? */
const hasLists = (e) => e.fields.some((f) => f.kind === 'list' && !f.readonly && !f.computed);

/** May the reader do anything at all with many records? */
export const selectable = (e) => e.can?.edit !== 'none' || e.can?.delete !== 'none' || e.can?.export !== false;

/** Toolbar that appears with the first tick; on a phone with Select. */
export function BulkBar({ entity: e, state, picked, all, setAll, count, more, pageFull, pickPage, clear }) {
  const [action, act] = useState('');
  const n = all ? count : picked.size;
  const edits = e.can?.edit !== 'none';
  const drop = async () => {
    if (n > ASKS_ABOVE) { act('delete'); return; }
    try { await bulk(e.name, { ...target(picked, all, state), delete: true }, (m) => tn('{n} record moved to the bin', '{n} records moved to the bin', m), n); clear(); } catch (bad) { toast(explain(bad), { bad: true }); }
  };
  const button = (name, icon, label) => html`<button type="button" class="btn btn-sm" onFocus=${dialog} onPointerEnter=${dialog} onClick=${() => act(name)}><${Icon} name=${icon} />${label}</button>`;
  return html`<div class="bulkbar" role="toolbar" aria-label=${t('Actions for the selection')}>
    <span class="strong num nowrap">${tn('{n} selected', '{n} selected', n)}</span>
    ${!pageFull && html`<button type="button" class="btn btn-quiet btn-sm phone-only" onClick=${pickPage}>${t('Select all on this page')}</button>`}
    ${pageFull && !all && count > picked.size && html`<button type="button" class="btn btn-quiet btn-sm" onClick=${() => setAll(true)}>${t('Select all {n}', { n: countText(count, more) })}</button>`}
    ${n > 0 && html`<span class="bulk-actions">
    ${fieldOf(e, 'owner') && edits && button('assign', 'user', t('Assign'))}
    ${edits && button('set', 'pencil', t('Set field'))}
    ${edits && hasLists(e) && button('lists', 'tag', t('Tags and lists'))}
    ${stories().some((x) => x.can?.create && x.name !== e.name && x.name !== FILE) && e.timeline !== false && button('make', 'sticky-note', t('Note or task'))}
    ${!all && n >= 2 && n <= MERGED_MAX && edits && e.doubles && html`<${Link} class="btn btn-sm" to=${`/merge/${e.name}?ids=${[...picked].join(',')}`}><${Icon} name="merge" />${t('Merge')}<//>`}
    ${e.can?.export !== false && html`<${Export} class="btn btn-sm" entity=${e} list=${shown(e, state, all ? expression(state) : `id in (${[...picked].join(', ')})`)} count=${n} more=${all && more} />`}
    ${e.can?.delete !== 'none' && html`<button type="button" class="btn btn-sm btn-danger" onClick=${drop}>
      <${Icon} name="trash-2" />${t('Delete')}</button>`}</span>`}
    <${IconButton} small icon="x" label=${t('Clear selection')} onClick=${clear} /></div>
    ${action && html`<${Later} key=${action} load=${dialog} e=${e} action=${action} target=${target(picked, all, state)} n=${n} more=${all && more} done=${clear} close=${() => act('')} />`}`;
}
