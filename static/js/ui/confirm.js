// What changes accounts wants a password given minutes ago, not hours: a tab left
// open must not be enough to make tokens or administrators.
import { html } from '../lib/html.js';
import { me, confirmPassword, refuseConfirm } from '../lib/store.js';
import { t } from '../lib/i18n.js';
import { AskPassword } from './ask-password.js';

export default function Confirm() {
  return html`<${AskPassword} title=${t('Confirm your password')} send=${confirmPassword} label=${t('Confirm')} leave=${refuseConfirm} leaveLabel=${t('Cancel')}
    text=${t('This needs the password of {name} once more. What you entered is kept and sent afterwards.', { name: me().name })} />`;
}
