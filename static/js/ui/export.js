// Link that downloads a list as CSV, with a menu of other files. The whole of a kind needs a password given
// lately, and a link cannot ask for one: the page does before it follows.
import { html } from '../lib/html.js';
import { apiUrl, get, post } from '../lib/api.js';
import { entity, fieldOf } from '../lib/meta.js';
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
async function compare(e, { filter, as_of }, count, more) {
  const file = await get(`/${e.plural}`, { filter, as_of, exportable: 1, limit: 1, fields: 'title' });
  if (file.count < count) toast(t('{n} of {total} are exported: your role allows no others.', { n: number(file.count), total: countText(count, more) }));
}

/** Whose records a column like "company.city" shows: every entity on its way. */
function linkedBy(e, name) {
  const [head, ...rest] = name.split('.');
  const to = rest.length ? entity(e.fields.find((f) => f.name === head)?.to) : null;
  return to ? [to, ...linkedBy(to, rest.join('.'))] : [];
}

/** Rows, order and columns of a list as it stands on the screen; `left` are columns of linked records the reader may not export, `partly`: not all of them. */
export function shown(e, state, filter, as_of) {
  const left = state.columns.filter((c) => linkedBy(e, c).some((to) => to.can?.export === false));
  const kept = state.columns.filter((c) => !left.includes(c));
  return { asked: { filter, sort: state.sort, fields: kept.join(','), as_of }, left: left.map((c) => t(fieldOf(e, c).label)), partly: kept.some((c) => linkedBy(e, c).some((to) => to.can.export_scope !== 'all')) };
}

function sayLeft({ left, partly }) {
  if (left.length) toast(t('Without {columns}: your role may not export these.', { columns: left.join(', ') }));
  if (partly) toast(t('Of linked records the file holds what your role may export; other cells are empty.'));
}

/** `list`: as shown() makes it; `count` (`more` than that) as the list says. */
export function Export({ entity: e, list, count, more, class: cls }) {
  const { asked } = list;
  const to = (format) => apiUrl(`/${e.plural}/export`, { format, ...asked, ...(format === 'csv' ? { delimiter: delimiter() } : {}), ...(format === 'vcf' ? { fields: undefined } : {}) });
  const ask = async (format) => {
    try {
      if (!asked.filter || more || count > e.can.export_unasked) await post('/session/confirm');
      await compare(e, asked, count, more);
      if (format !== 'vcf') sayLeft(list);
      location.assign(to(format));
    } catch (bad) { toast(explain(bad), { bad: true }); }
  };
  return html`<span class=${`row${cls.includes('wide-only') ? ' wide-only' : ''}`}><a class=${cls} href=${to('csv')} download onClick=${(ev) => { ev.preventDefault(); ask('csv'); }}><${Icon} name="download" />${t('Export')}</a>
    <${MenuButton} class=${`${cls} btn-icon`} icon="chevron-down" title=${t('Export as another file')}>${FILES.filter(([id]) => id !== 'vcf' || e.card).map(([id, icon, label]) => html`<${MenuItem} key=${id} icon=${icon} label=${t(label)} onClick=${() => ask(id)} />`)}<//></span>`;
}
