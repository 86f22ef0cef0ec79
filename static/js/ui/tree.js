// The tree a record stands in: where it belongs, its branches, and what they
// bring together. The figures are the server's, over all branches.
import { html } from '../lib/html.js';
import { get } from '../lib/api.js';
import { pathOf } from '../lib/meta.js';
import { rowsOf, valuesOf } from '../lib/records.js';
import { t, rare } from '../lib/i18n.js';
import { number } from '../lib/format.js';
import { Icon, IconButton, FailedLine, Later, useLoad } from './basics.js';
import { startCreate } from './open.js';

const fetchBranches = rare(() => import('./tree-branches.js'));

export default function Tree({ entity: e, record, rel }) {
  const tree = useLoad((o) => get(`${pathOf(e.name)}/${record.id}/tree`, {}, o), [record.id, rowsOf(e.name), valuesOf(e.name)]);
  const d = tree.data;
  const below = d?.below;
  const title = t(rel?.label ?? e.label_plural);
  return html`<section class="panel"><header class="row"><${Icon} name=${e.icon || 'folder'} /><h2>${title}</h2>
      <span class="faint small num">${below ? number(below.count) : ''}</span>
      <span class="push">${e.can?.create && html`<${IconButton} small icon="plus" label=${t('Add: {title}', { title })} onClick=${() => startCreate(e.name, { [e.tree]: { id: record.id, title: record.title } })} />`}</span></header>
    ${tree.error && html`<${FailedLine} text=${t('{things} could not be loaded.', { things: title })} retry=${tree.again} />`}
    ${d && (d.items.length > 1 || below?.count > 0) && html`<${Later} load=${fetchBranches} tree=${d} entity=${e} here=${record.id} />`}
    ${d && d.items.length === 1 && html`<p class="small faint">${t('None yet')}</p>`}</section>`;
}
