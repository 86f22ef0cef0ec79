// Says that there is no connection, and what is kept here meanwhile; goes on by itself.
import { html, useState, useEffect, asset } from '../lib/html.js';
import { allDrafts } from '../lib/drafts.js';
import { t, locale } from '../lib/i18n.js';

const PING_MS = 5000;
const LENGTH = 140;

const reached = () => fetch('/healthz', { cache: 'no-store' }).then((r) => r.ok, () => false);

/** What of a draft can be read: its text, or the words of a form. */
const words = ({ left }) => (typeof left === 'string' ? left : Object.values(left.values ?? {}).filter((v) => typeof v === 'string').join(', ')).slice(0, LENGTH);

/** Loads the page that was asked for as soon as the server answers. */
function useReturn() {
  const [busy, setBusy] = useState(false);
  const again = async () => { setBusy(true); if (await reached()) location.reload(); else setBusy(false); };
  useEffect(() => {
    const timer = setInterval(again, PING_MS);
    addEventListener('online', again);
    return () => { clearInterval(timer); removeEventListener('online', again); };
  }, []);
  return { busy, again };
}

const Kept = ({ list }) => html`<section class="card offline-kept"><h2>${t('Kept on this device')}</h2>
  <p class="dim">${t('Not saved yet. It is here again when you open the same place.')}</p>
  <ul>${list.map((d) => html`<li key=${d.name}><strong>${d.title}</strong>
    <span class="dim">${words(d)}</span>
    <time class="tiny faint" datetime=${new Date(d.at).toISOString()}>${new Date(d.at).toLocaleString(locale.value, { dateStyle: 'medium', timeStyle: 'short' })}</time></li>`)}</ul></section>`;

export default function Offline() {
  const { busy, again } = useReturn();
  const list = allDrafts();
  useEffect(() => { document.title = `${t('No connection')} · Kontor`; }, []);
  return html`<main class="offline-page"><img src=${asset('img/logo.svg')} alt="" width="48" height="48" />
    <h1>${t('No connection')}</h1>
    <p>${t('Kontor cannot be reached. Check that you are on the office network or VPN.')} ${t('This page goes on by itself as soon as it answers.')}</p>
    <button type="button" class="btn btn-primary" aria-disabled=${busy} onClick=${again}>${t('Try again')}</button>
    ${list.length > 0 && html`<${Kept} list=${list} />`}</main>`;
}
