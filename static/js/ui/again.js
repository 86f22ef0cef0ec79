// The session ended while somebody was working: ask for the password over the
// page; what was about to be saved is sent afterwards.
import { html, useState } from '../lib/html.js';
import { me, signInAgain, signOut } from '../lib/store.js';
import { t } from '../lib/i18n.js';
import { Dialog } from './layers.js';
import { Notice } from './basics.js';

export default function Again() {
  const [error, setError] = useState('');
  const submit = async (e) => {
    e.preventDefault();
    try {
      await signInAgain(new FormData(e.target).get('password'));
    } catch (bad) {
      setError(bad.status === 429 ? t('Too many tries. Wait a few minutes.') : t('The password is not right.'));
    }
  };
  return html`<${Dialog} title=${t('Your session has ended')} onClose=${signOut} foot=${html`
      <button type="button" class="btn" onClick=${signOut}>${t('Sign out')}</button>
      <button type="submit" form="again" class="btn btn-primary">${t('Sign in')}</button>`}>
    <form id="again" class="dialog-body" onSubmit=${submit}>
      <p class="dim">${t('Sign in again as {name}. What you typed is kept and sent afterwards.', { name: me().name })}</p>
      ${error && html`<${Notice} tone="bad" icon="circle-alert" alert>${error}<//>`}
      <input type="text" class="sr-only" autocomplete="username" value=${me().email} tabindex="-1" aria-hidden="true" readonly />
      <div class="field"><label for="again-password">${t('Password')}</label>
        <input class="input" id="again-password" name="password" type="password" autocomplete="current-password" autofocus /></div>
    </form><//>`;
}
