// Link that downloads a list as CSV. The whole of a kind needs a password given
// lately, and a link cannot ask for one: the page does before it follows.
import { html } from '../lib/html.js';
import { apiUrl, get, post } from '../lib/api.js';
import { explain } from '../lib/records.js';
import { toast } from '../lib/toast.js';
import { t } from '../lib/i18n.js';
import { number, countText } from '../lib/format.js';
import { delimiter } from '../lib/store.js';
import { Icon } from './basics.js';

/** Says when the file will hold less than the list: one may see more than one may export. */
async function compare(entity, filter, count, more) {
  const file = await get(`/${entity.plural}`, { filter, exportable: 1, limit: 1, fields: 'title' });
  if (file.count < count) toast(t('{n} of {total} are exported: your role allows no others.', { n: number(file.count), total: countText(count, more) }));
}

/** `filter` and `fields` as the server takes them; `count` (`more` than that) as the list says. */
export function Export({ entity, filter, fields, count, more, class: cls }) {
  const href = apiUrl(`/${entity.plural}/export`, { format: 'csv', filter, fields, delimiter: delimiter() });
  const ask = async (e) => {
    e.preventDefault();
    try {
      if (!filter) await post('/session/confirm');
      await compare(entity, filter, count, more);
      location.assign(href);
    } catch (bad) { toast(explain(bad), { bad: true }); }
  };
  return html`<a class=${cls} href=${href} download onClick=${ask}><${Icon} name="download" />${t('Export')}</a>`;
}
