// The bell: how many notifications are new, on every page; the list is loaded
// when it is opened.
import { html, useEffect, signal } from '../lib/html.js';
import { get, post } from '../lib/api.js';
import { told } from '../lib/live.js';
import { prefs, session } from '../lib/store.js';
import { t, tn, rare } from '../lib/i18n.js';
import { Later, Icon } from './basics.js';
import { Popover } from './layers.js';

const MOST = 99;
const unseen = signal(null);
let counted = 0;

/** Asks how many are new. */
export const recount = () => get('/notifications/count').then((a) => { unseen.value = a.unseen; }).catch(() => null);

/** Takes a count that came with a list. */
export const counts = (n) => { unseen.value = n; };

/** How many are new, as far as it is known. */
export const fresh = () => unseen.value ?? session.value?.unseen ?? 0;

/** Who looks at a record has read what he was told of it, or will be. */
export function readAbout(id) {
  const { notify = {}, quiet } = prefs.value;
  if (fresh() > 0 || quiet || Object.values(notify).includes('digest')) post('/notifications/seen', { record: Number(id) }).catch(() => null);
}

export function Bell() {
  const n = fresh();
  useEffect(() => {
    if (told.value === counted) return;
    counted = told.value;
    recount();
  }, [told.value]);
  const title = n ? tn('Notifications, {n} new', 'Notifications, {n} new', n) : t('Notifications');
  const label = html`<${Icon} name="bell" />${n > 0 && html`<span class="bell-count num" aria-hidden="true">${n > MOST ? `${MOST}+` : n}</span>`}`;
  return html`<${Popover} class="btn btn-quiet btn-icon bell" label=${label} title=${title} name=${t('Notifications')} wide>
    ${(close) => html`<${Later} load=${rare(() => import('./notices.js'))} close=${close} />`}<//>`;
}
