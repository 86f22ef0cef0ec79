// With whom a record is shared: users whose role would not show it to them.
import { html, useState, useEffect } from '../lib/html.js';
import { get } from '../lib/api.js';
import { entity, fieldsParam } from '../lib/meta.js';
import { rowsOf, valuesOf } from '../lib/records.js';
import { watch } from '../lib/live.js';
import { SHARE } from '../lib/names.js';
import { t, rare } from '../lib/i18n.js';
import { Icon, IconButton, FailedLine, Later, useLoad } from './basics.js';

const fetchLines = rare(() => import('./share-lines.js'));

export default function Shares({ entity: e, record }) {
  const [adding, setAdding] = useState(false);
  const own = entity(SHARE);
  const list = useLoad((o) => get(`/${own.plural}`, { filter: `records contains ${record.id}`, limit: 100, fields: fieldsParam(own, ['version', 'user', 'until', 'owner', 'team']) }, o), [record.id, rowsOf(SHARE), valuesOf(SHARE)]);
  useEffect(() => watch(SHARE, () => list.again()), []);
  const items = list.data?.items ?? [];
  const title = t('Shared with');
  return html`<section class="panel joined" aria-label=${title}><header class="row"><${Icon} name="user-plus" /><h2>${title}</h2>
      <span class="faint small num">${items.length || ''}</span>
      <span class="push">${own.can?.create && html`<${IconButton} small icon="plus" label=${t('Share with a colleague')} onClick=${() => setAdding(true)} />`}</span></header>
    ${list.error && html`<${FailedLine} text=${t('{things} could not be loaded.', { things: title })} retry=${list.again} />`}
    ${(adding || items.length > 0) && html`<${Later} load=${fetchLines} e=${e} record=${record} items=${items} again=${list.again} adding=${adding} done=${() => { setAdding(false); list.again(); }} />`}
    ${list.data && !items.length && !adding && html`<p class="small faint">${t('Nobody besides those who see it anyway')}</p>`}</section>`;
}
