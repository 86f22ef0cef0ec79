// Who took which records out: a table for administrators in the settings.
import { html, useState } from '../lib/html.js';
import { get } from '../lib/api.js';
import { explain } from '../lib/records.js';
import { toast } from '../lib/toast.js';
import { t } from '../lib/i18n.js';
import { moment, number } from '../lib/format.js';
import { Empty, Failed, SkeletonLines, useLoad } from './basics.js';

const NAMES = { csv: 'CSV', xlsx: 'XLSX', ndjson: 'NDJSON', vcf: 'vCard', zip: 'ZIP' };

const Row = ({ x }) => html`<tr><td class="num">${moment(x.at)}</td><td>${x.by}</td><td>${x.entity ? t(x.label ?? x.entity) : t('Everything')}</td>
  <td class="num">${number(x.records)}</td><td>${NAMES[x.format] ?? x.format}</td><td>${x.filter ? html`<code class="small">${x.filter}</code>` : html`<span class="faint">${t('none')}</span>`}</td></tr>`;

/** The newest first; more on demand. */
export function ExportLog() {
  const [more, setMore] = useState([]);
  const first = useLoad((o) => get('/exports', { limit: 20 }, o), []);
  const pages = first.data ? [first.data, ...more] : [];
  const items = pages.flatMap((p) => p.items);
  const next = pages.at(-1)?.next;
  const load = () => get('/exports', { limit: 50, cursor: next }).then((page) => setMore([...more, page]), (bad) => toast(explain(bad), { bad: true }));
  return html`<section class="card"><div class="card-head"><h2 id="export-log">${t('Exports')}</h2></div>
    ${first.error && html`<${Failed} title=${t('The list of exports could not be loaded')} text=${first.error.message} retry=${first.again} />`}
    ${!first.data && !first.error && html`<${SkeletonLines} lines=${3} />`}
    ${first.data && !items.length && html`<${Empty} icon="download" title=${t('Nothing was exported yet')} text=${t('Here stands who takes which records out.')} />`}
    ${items.length > 0 && html`<div class="table-scroll" tabindex="0" role="region" aria-labelledby="export-log"><table class="table"><thead><tr><th scope="col">${t('When')}</th><th scope="col">${t('By')}</th><th scope="col">${t('What')}</th><th scope="col">${t('Records')}</th><th scope="col">${t('File')}</th><th scope="col">${t('Filter')}</th></tr></thead>
      <tbody>${items.map((x) => html`<${Row} key=${x.id} x=${x} />`)}</tbody></table></div>`}
    ${next && html`<div class="card-body"><button type="button" class="btn" onClick=${load}>${t('Show more')}</button></div>`}</section>`;
}
