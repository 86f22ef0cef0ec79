// Link that downloads a list as CSV, with a menu of other files. The whole of a kind needs a password given
// lately, and a link cannot ask for one: the page does before it follows.
import { html } from '../lib/html.js';
import { apiUrl, get, post } from '../lib/api.js';
import { explain } from '../lib/records.js';
import { toast } from '../lib/toast.js';
import { t, key } from '../lib/i18n.js';
import { number, countText } from '../lib/format.js';
import { delimiter } from '../lib/store.js';
import { Icon } from './basics.js';
import { MenuButton, MenuItem } from './layers.js';

/** Other files than CSV; cards for whom the server has any. */
const FILES = [['xlsx', 'table-2', key('Excel workbook')], ['vcf', 'contact', key('vCards')], ['ndjson', 'file-text', key('JSON, a line for each')]];

/** Says when the file will hold less than the list: one may see more than one may export. */
async function compare(entity, { filter, as_of }, count, more) {
  const file = await get(`/${entity.plural}`, { filter, as_of, exportable: 1, limit: 1, fields: 'title' });
  if (file.count < count) toast(t('{n} of {total} are exported: your role allows no others.', { n: number(file.count), total: countText(count, more) }));
}

/** Rows, order and columns of a list as it stands on the screen. */
export const shown = (state, filter, as_of) => ({ filter, sort: state.sort, fields: state.columns.filter((c) => !c.includes('.')).join(','), as_of });

/** `list`: filter, sort, fields and as_of as the server takes them; `count` (`more` than that) as the list says. */
export function Export({ entity, list, count, more, class: cls }) {
  const to = (format) => apiUrl(`/${entity.plural}/export`, { format, ...list, ...(format === 'csv' ? { delimiter: delimiter() } : {}), ...(format === 'vcf' ? { fields: undefined } : {}) });
  const ask = async (format) => {
    try {
      if (!list.filter) await post('/session/confirm');
      await compare(entity, list, count, more);
      location.assign(to(format));
    } catch (bad) { toast(explain(bad), { bad: true }); }
  };
  return html`<span class=${`row${cls.includes('wide-only') ? ' wide-only' : ''}`}><a class=${cls} href=${to('csv')} download onClick=${(e) => { e.preventDefault(); ask('csv'); }}><${Icon} name="download" />${t('Export')}</a>
    <${MenuButton} class=${`${cls} btn-icon`} icon="chevron-down" title=${t('Export as another file')}>${FILES.filter(([id]) => id !== 'vcf' || entity.card).map(([id, icon, label]) => html`<${MenuItem} key=${id} icon=${icon} label=${t(label)} onClick=${() => ask(id)} />`)}<//></span>`;
}
