// Those mentioned in a note who may not see what it is about: each can be shown
// it along with the note, or taken out of the text.
import { html, useEffect } from '../lib/html.js';
import { t } from '../lib/i18n.js';
import { Icon } from './basics.js';

/** What is offered is meant unless the box is emptied; what nobody was shown is not done. */
function Line({ user: u, on, agree, drop }) {
  useEffect(() => { if (u.share) agree(u, true); }, []);
  return html`<div class="composer-note row wrap small" role="status"><${Icon} name="eye-off" />
  <span class="grow">${u.share ? t('{name} may not see this record.', { name: u.title }) : t('{name} may not see this record. The mention reaches {name} once somebody gives the right to see it.', { name: u.title })}</span>
  ${u.share && html`<label class="row"><input type="checkbox" class="check" checked=${on} onChange=${(ev) => agree(u, ev.target.checked)} />${t('Share it with {name}', { name: u.title })}</label>`}
  <button type="button" class="btn btn-sm" onClick=${() => drop(u)}>${t('Do not mention')}</button></div>`;
}

export default ({ users, agreed, ...rest }) => users.map((u) => html`<${Line} key=${u.id} user=${u} on=${agreed.includes(u.id)} ...${rest} />`);
