// The session ended while somebody was working: ask for the password over the
// page; what was about to be saved is sent afterwards.
import { html } from '../lib/html.js';
import { me, signInAgain, signOut } from '../lib/store.js';
import { t } from '../lib/i18n.js';
import { AskPassword } from './ask-password.js';

export default function Again() {
  return html`<${AskPassword} title=${t('Your session has ended')} send=${signInAgain} label=${t('Sign in')} leave=${signOut} leaveLabel=${t('Sign out')}
    text=${t('Sign in again as {name}. What you typed is kept and sent afterwards.', { name: me().name })} />`;
}
