// The signed-in user's password, asked for over the page; what he was doing stays.
import { html, useState } from '../lib/html.js';
import { me } from '../lib/store.js';
import { t } from '../lib/i18n.js';
import { Dialog } from './layers.js';
import { Notice } from './basics.js';

/** `send(password)` rejects with the server's error; `leave` is the other way out. */
export function AskPassword({ title, text, label, send, leave, leaveLabel }) {
  const [error, setError] = useState('');
  const submit = async (e) => {
    e.preventDefault();
    try {
      await send(new FormData(e.target).get('password'));
    } catch (bad) {
      setError(bad.status === 429 ? t('Too many tries. Wait a few minutes.') : t('The password is not right.'));
    }
  };
  return html`<${Dialog} title=${title} onClose=${leave} foot=${html`
      <button type="button" class="btn" onClick=${leave}>${leaveLabel}</button>
      <button type="submit" form="again" class="btn btn-primary">${label}</button>`}>
    <form id="again" class="dialog-body" onSubmit=${submit}>
      <p class="dim">${text}</p>
      ${error && html`<${Notice} tone="bad" icon="circle-alert" alert>${error}<//>`}
      <input type="text" class="sr-only" autocomplete="username" value=${me().email} tabindex="-1" aria-hidden="true" readonly />
      <div class="field"><label for="again-password">${t('Password')}</label>
        <input class="input" id="again-password" name="password" type="password" autocomplete="current-password" autofocus /></div>
    </form><//>`;
}
