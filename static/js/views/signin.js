// Sign-in with e-mail and password, or setting a password by one-time link.
import { html, useState, useEffect, useRef } from '../lib/html.js';
import { signIn, signInByLink, checkLink, company } from '../lib/store.js';
import { route } from '../lib/router.js';
import { t } from '../lib/i18n.js';
import { Outside, Password, FormError, passwordRules } from '../ui/outside.js';

/** What went wrong, in words that help. */
function reason(e) {
  if (e.status === 0) return t('The server does not answer.');
  if (e.status === 429) return t('Too many tries. Wait {n} seconds and try again.', { n: e.after || 60 });
  if (e.status === 401) return t('E-mail address or password is not right. After several tries the account pauses for a while.');
  return e.fields?.map((f) => f.text).join(' ') || e.message;
}

/** Runs a sign-in, keeping busy and error. */
function useAttempt(run) {
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const submit = async (ev) => {
    ev.preventDefault();
    if (busy) return;
    setError('');
    setBusy(true);
    try { await run(new FormData(ev.target), setError); } catch (e) { setError(reason(e)); ev.target.elements.password.select(); }
    setBusy(false);
  };
  return { error, busy, submit };
}

const Head = ({ title, children }) => html`<div><h1>${title}</h1>
  ${company.value && html`<p class="dim">${company.value}</p>`}${children}</div>`;

function Form() {
  const first = useRef(null);
  useEffect(() => first.current.focus(), []);
  const { error, busy, submit } = useAttempt(async (f, setError) => {
    if (!f.get('email') || !f.get('password')) { setError(t('Enter your e-mail address and password.')); return; }
    await signIn(f.get('email').trim(), f.get('password'));
  });
  return html`<form class="stack" onSubmit=${submit} novalidate>
    <${Head} title=${t('Sign in')} /><${FormError} text=${error} />
    <div class="field"><label for="email">${t('E-mail address')}</label>
      <input ref=${first} class="input" id="email" name="email" type="email" autocomplete="username" /></div>
    <${Password} id="password" label=${t('Password')} autocomplete="current-password" />
    <button type="submit" class="btn btn-primary" aria-disabled=${busy}>${busy ? t('Signing in…') : t('Sign in')}</button>
    <p class="small faint">${t('Forgotten it? An administrator can send you a one-time link.')}</p></form>`;
}

function LinkForm({ code }) {
  const { error, busy, submit } = useAttempt(async (f, setError) => {
    if (!f.get('password')) { setError(t('Choose a password.')); return; }
    await signInByLink(code, f.get('password'));
  });
  const [dead, setDead] = useState('');
  useEffect(() => { checkLink(code).catch((e) => e.status === 422 && setDead(reason(e))); }, [code]);
  if (dead) return html`<div class="stack"><${Head} title=${t('Choose your password')} /><${FormError} text=${dead} /></div>`;
  return html`<form class="stack" onSubmit=${submit} novalidate>
    <${Head} title=${t('Choose your password')}><p class="dim">${t('This link works once. You are signed in afterwards.')}</p><//><${FormError} text=${error} />
    <${Password} id="password" label=${t('New password')} autocomplete="new-password" hint=${passwordRules()} autofocus />
    <button type="submit" class="btn btn-primary" aria-disabled=${busy}>${t('Save and sign in')}</button></form>`;
}

export default function SignIn() {
  const code = route.value.path === '/signin' && route.value.query.code;
  useEffect(() => { document.title = t('Sign in'); }, []);
  return html`<${Outside}>${code ? html`<${LinkForm} code=${code} />` : html`<${Form} />`}<//>`;
}
