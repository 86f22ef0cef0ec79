// In place of a record that cannot be shown: it was deleted, is not to be seen, or did not exist on the day shown.
import { html } from '../lib/html.js';
import { Link } from '../lib/router.js';
import { date } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { Empty, Failed } from './basics.js';

export default ({ e, error, again, day }) => (error.status !== 404
  ? html`<${Failed} title=${t('The record could not be loaded')} text=${error.status === 0 ? t('The server does not answer.') : error.message} retry=${again} />`
  : day ? html`<${Empty} icon="history" title=${t('There was no such record then')} text=${t('On {day} it did not exist, or it was deleted.', { day: date(day) })} />`
  : html`<${Empty} icon=${e.icon || 'folder'} title=${t('This record is gone')} text=${t('It was deleted, or you may no longer see it. The bin keeps deleted records.')}>
      <${Link} to=${`/${e.plural}`} class="btn">${t(e.label_plural)}<//>
        <${Link} to="/trash" class="btn">${t('Open the bin')}<//><//>`);
