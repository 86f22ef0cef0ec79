// In the head of an activity: ticks it off, or opens it again.
import { html } from '../lib/html.js';
import { update } from '../lib/records.js';
import { ACTIVITY, DONE } from '../lib/names.js';
import { t } from '../lib/i18n.js';
import { Icon } from './basics.js';
import { finish, tick } from './tick.js';

/** Ticks an activity off, or opens it again. */
export default function Done({ record: r }) {
  const open = () => update(ACTIVITY, r.id, { [DONE]: null }, { message: t('Open again') }).catch(() => null);
  return r[DONE] ? html`<button type="button" class="btn" onClick=${open}><${Icon} name="undo-2" />${t('Not done after all')}</button>`
    : html`<button type="button" class="btn rec-done" onClick=${() => tick(r)}><${Icon} name="check" />${t('Mark as done')}</button>
      <button type="button" class="btn rec-done" onClick=${() => finish(r)}><${Icon} name="calendar-clock" />${t('Done, and what comes next')}</button>`;
}
