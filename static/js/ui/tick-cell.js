// Beside the name of an activity in a list: ticks it off, or opens it again; by mouse, thumb, or x and d on the name.
import { html } from '../lib/html.js';
import { entity, may } from '../lib/meta.js';
import { titleOf, update } from '../lib/records.js';
import { ACTIVITY, DONE } from '../lib/names.js';
import { me } from '../lib/store.js';
import { t } from '../lib/i18n.js';
import { IconButton } from './basics.js';
import { finish, tick } from './tick.js';

const again = (r) => update(ACTIVITY, r.id, { [DONE]: null }, { message: t('Open again') }).catch(() => null);

export default function TickCell({ record: r }) {
  const done = Boolean(r[DONE]);
  const locked = !may(entity(ACTIVITY), 'edit', r, me());
  return html`<input type="checkbox" class="check check-round" aria-label=${t('Done: {task}', { task: titleOf(ACTIVITY, r) })} checked=${done} disabled=${locked} onChange=${() => (done ? again(r) : tick(r))} />
    ${!done && !locked && html`<${IconButton} small icon="calendar-clock" label=${t('Done, and what comes next')} onClick=${() => finish(r)} />`}`;
}
