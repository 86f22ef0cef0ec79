// Link that downloads a list as CSV. The whole of a kind needs a password given
// lately, and a link cannot ask for one: the page does before it follows.
import { html } from '../lib/html.js';
import { apiUrl, post } from '../lib/api.js';
import { explain } from '../lib/records.js';
import { toast } from '../lib/toast.js';
import { t } from '../lib/i18n.js';
import { delimiter } from '../lib/store.js';
import { Icon } from './basics.js';

/** `filter` and `fields` as the server takes them. */
export function Export({ entity, filter, fields, class: cls }) {
  const href = apiUrl(`/${entity.plural}/export`, { format: 'csv', filter, fields, delimiter: delimiter() });
  const ask = (e) => {
    if (filter) return;
    e.preventDefault();
    post('/session/confirm').then(() => location.assign(href), (bad) => toast(explain(bad), { bad: true }));
  };
  return html`<a class=${cls} href=${href} download onClick=${ask}><${Icon} name="download" />${t('Export')}</a>`;
}
