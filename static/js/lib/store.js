// Who is signed in, and personal preferences. Records are in records.js,
// metadata in meta.js.
import { signal, computed } from './html.js';
import { get, post, patch, del, setCsrf, onSessionLost, onUnconfirmed } from './api.js';
import { meta, loadMeta } from './meta.js';
import { hideDrafts } from './drafts.js';
import { locale, setLanguage, browserLanguage } from './i18n.js';

/** The signed-in user { id, name, role, team, prefs } or null. */
export const session = signal(null);
/** The signed-in user; only asked inside the application. */
export const me = () => session.value;
/** May the user see people, settings and the state of the server? */
export const isAdmin = () => session.value?.admin ?? session.value?.role === 'admin';
/** 'boot', then 'out' (sign in), 'setup' (first run), 'in' or 'failed'. */
export const phase = signal('boot');
/** Signed in, and the metadata is there. */
export const ready = computed(() => phase.value === 'in' && meta.value !== null);

const KEY = 'kontor.prefs';
const stored = (() => { try { return JSON.parse(localStorage.getItem(KEY)) ?? {}; } catch { return {}; } })();

/** Preferences: kept on the server, mirrored locally for theme-boot.js. */
export const prefs = signal({ theme: 'system', density: 'normal', keys: true, rail: false, language: '', pins: [], cols: {}, ...stored });

function applyPrefs() {
  const { theme, density, rail } = prefs.value;
  const root = document.documentElement;
  if (theme === 'system') delete root.dataset.theme; else root.dataset.theme = theme;
  root.dataset.density = density;
  if (rail) root.dataset.rail = 'true'; else delete root.dataset.rail;
  try { localStorage.setItem(KEY, JSON.stringify(prefs.value)); } catch { /* storage is off */ }
}

/** What stands between the cells of a file for a spreadsheet: German ones want semicolons. */
export const delimiter = () => prefs.value.delimiter || (locale.value.startsWith('de') ? ';' : ',');

let unsent = null; /* preferences the server has not been told yet */
let sending = false;

/* One after the other: of two under way at once the older may come last. What fails goes with the next change. */
async function sendPrefs() {
  if (sending || !unsent || !session.value) return;
  const change = unsent;
  unsent = null;
  sending = true;
  const failed = await patch('/me', { prefs: change }, { keepalive: true }).then(() => false, () => true);
  sending = false;
  if (failed) unsent = { ...change, ...unsent }; else sendPrefs();
}
addEventListener('pagehide', () => { if (sending && unsent) { sending = false; sendPrefs(); } });

/** Changes preferences at once and keeps them on the server. */
export function setPref(change) {
  prefs.value = { ...prefs.value, ...change };
  applyPrefs();
  if ('language' in change) setLanguage(change.language || browserLanguage());
  unsent = { ...unsent, ...change };
  sendPrefs();
}

async function enter({ user, csrf }) {
  setCsrf(csrf);
  session.value = user;
  prefs.value = { ...prefs.value, ...user.prefs };
  applyPrefs();
  await Promise.all([loadMeta(), setLanguage(prefs.value.language || browserLanguage())]);
  phase.value = 'in';
}

/** Name of the company, for who is not signed in; may be empty. */
export const company = signal('');

/** First call of the page: is somebody signed in, is set-up needed? */
export async function boot() {
  const language = setLanguage(prefs.value.language || browserLanguage());
  try {
    const answer = await get('/session', null, { anonymous: true });
    if (answer?.user) { await enter(answer); return; }
    await language;
    company.value = answer?.company ?? '';
    phase.value = answer?.setup ? 'setup' : 'out';
  } catch (e) {
    await language;
    phase.value = e.status === 401 ? await firstRun() : 'failed';
  }
}

async function firstRun() {
  const answer = await get('/setup', null, { anonymous: true }).catch(() => null);
  return answer?.needed ? 'setup' : 'out';
}

/** Signs in with e-mail and password; rejects with the server's error. */
export const signIn = async (email, password) => enter((await post('/session', { email, password }, { anonymous: true })).body);

/** Sets a password by one-time link and signs in. */
export const signInByLink = async (code, password) => enter((await post('/session/link', { code, password }, { anonymous: true })).body);

/** Rejects when a one-time link is not good any more. */
export const checkLink = (code) => post('/session/link', { code, check: true }, { anonymous: true });

/** Creates company and first administrator. */
export const setUp = async (values) => enter((await post('/setup', values, { anonymous: true })).body);

/** While the session is lost: { done, settle }; requests wait for `done`. */
export const lostSession = signal(null);

onSessionLost(() => {
  if (!lostSession.value) {
    let settle;
    const done = new Promise((ok) => { settle = ok; });
    lostSession.value = { done, settle };
  }
  return lostSession.value.done;
});

/** Renews a lost session without leaving the page. */
export async function signInAgain(password) {
  const { body } = await post('/session', { email: session.value.email, password }, { anonymous: true });
  setCsrf(body.csrf);
  lostSession.value.settle();
  lostSession.value = null;
}

/** While the password is asked for once more: { done, settle, refuse }; requests wait for `done`. */
export const unconfirmed = signal(null);

onUnconfirmed(() => {
  if (!unconfirmed.value) {
    let settle;
    let refuse;
    const done = new Promise((ok, no) => { settle = ok; refuse = no; });
    unconfirmed.value = { done, settle, refuse };
  }
  return unconfirmed.value.done;
});

/** Gives the password once more; what waited for it is sent. */
export async function confirmPassword(password) {
  const { body } = await post('/session/confirm', { password }, { anonymous: true });
  setCsrf(body.csrf);
  unconfirmed.value.settle();
  unconfirmed.value = null;
}

/** Leaves it; what waited for it fails. */
export function refuseConfirm() {
  unconfirmed.value?.refuse(Object.assign(new Error(), { status: 403, code: 'confirm', fields: [] }));
  unconfirmed.value = null;
}

/** Ends the session and shows the sign-in page. */
export async function signOut() {
  await del('/session', { anonymous: true }).catch(() => { /* it is gone either way */ });
  hideDrafts();
  location.assign('/signin');
}

/** Changes the own user record's name. */
export async function saveMe(change) {
  const { body } = await patch('/me', change);
  session.value = { ...session.value, ...body };
}
