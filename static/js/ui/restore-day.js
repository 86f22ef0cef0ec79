// On a record as of a past day: puts every field back to what it was then.
import { html, useState } from '../lib/html.js';
import { may } from '../lib/meta.js';
import { titleOf } from '../lib/records.js';
import { me } from '../lib/store.js';
import { setQuery } from '../lib/router.js';
import { date } from '../lib/format.js';
import { t, rare } from '../lib/i18n.js';
import { Icon, Later } from './basics.js';

/** Puts every field back to what it was on the day shown. */
export default function RestoreAll({ e, now, day }) {
  const [asks, setAsks] = useState(false);
  if (!now || !may(e, 'edit', now, me())) return null;
  const message = t('{name} is as it was on {day}', { name: titleOf(e.name, now), day: date(day) });
  return html`<button type="button" class="btn btn-sm" onClick=${() => setAsks(true)}><${Icon} name="undo-2" />${t('Restore this state')}</button>
    ${asks && html`<${Later} load=${rare(() => import('./restore-ask.js'))} e=${e} record=${now} at=${day} message=${message} done=${() => setQuery({ as_of: '' })} close=${() => setAsks(false)} />`}`;
}
