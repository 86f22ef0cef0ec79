// What is changed or deleted repeats: this one, this and those after it, or all?
import { html } from '../lib/html.js';
import { reach } from '../lib/records.js';
import { t } from '../lib/i18n.js';
import { Dialog } from './layers.js';

export default function Reach() {
  const { gone, answer } = reach.value;
  const button = (scope, label, focus) => html`<button type="button" class="btn" autofocus=${focus} onClick=${() => answer(scope)}>${label}</button>`;
  return html`<${Dialog} title=${gone ? t('Delete what repeats') : t('Change what repeats')} onClose=${() => answer(null)}
    foot=${html`<button type="button" class="btn btn-quiet" onClick=${() => answer(null)}>${t('Cancel')}</button>
      ${button('all', t('All of them'))}${button('following', t('This and those after it'))}${button('this', t('Only this one'), true)}`}>
    <div class="dialog-body"><p>${gone ? t('What is done already stays.') : t('What is done already stays, and so does what was changed by itself.')}</p></div><//>`;
}
