// The only door to the server: JSON under /api/v1, cookie session, CSRF header
// on writes. A lost session asks for the password once and repeats the request,
// and so does what changes accounts when the password was given too long ago;
// a GET that fails on the network is tried once more.
import { signal } from './html.js';
import { rare } from './i18n.js';

const ROOT = '/api/v1';
const RETRY_MS = 500;
const PING_MS = 5000;

let csrf = '';
let relogin = null;
let confirm = null;
let pinging = 0;

/** False while the server does not answer. */
export const online = signal(navigator.onLine);

/** Change-sets this tab made itself; live.js skips their echo. */
export const ownChanges = new Set();

/** Writes under way; their echo may come before their answer. */
export const writes = new Set();

/** Remembers the token that goes with every write. */
export const setCsrf = (token) => { csrf = token ?? csrf; };

/** What goes with a write that something else sends (lib/upload.js). */
export const csrfHeader = () => csrf;

/** `ask` returns a promise that ends when the user has signed in again. */
export const onSessionLost = (ask) => { relogin = ask; };

/** Somebody noticed that the session is over: asks, and ends when the user has signed in again. */
export const sessionLost = () => relogin?.();

/** `ask` returns a promise: the password was given once more, or it is refused. */
export const onUnconfirmed = (ask) => { confirm = ask; };

const wait = (ms) => new Promise((done) => setTimeout(done, ms));

/** Adds query parameters, leaving out empty ones. */
export function withQuery(path, query) {
  const pairs = Object.entries(query ?? {}).filter(([, v]) => v !== undefined && v !== null && v !== '' && v !== false);
  return pairs.length ? `${path}?${new URLSearchParams(pairs)}` : path;
}

/** Address of an API path, for links such as a CSV download. */
export const apiUrl = (path, query) => ROOT + withQuery(path, query);

function failure(status, body, text) {
  const error = body?.error ?? {};
  return Object.assign(new Error(error.text || text), { status, code: error.code, fields: error.fields ?? [], body });
}

async function ping() {
  try {
    await fetch('/healthz', { cache: 'no-store' });
    online.value = true;
    pinging = 0;
  } catch {
    pinging = setTimeout(ping, PING_MS);
  }
}

function lost() {
  online.value = false;
  pinging ||= setTimeout(ping, PING_MS);
}

addEventListener('online', () => { clearTimeout(pinging); ping(); });
addEventListener('offline', lost);

async function transport(method, path, { body, query, signal: abort, keepalive, headers = {} }, again = method === 'GET') {
  const all = { Accept: 'application/json', ...headers };
  if (body !== undefined) all['Content-Type'] = 'application/json';
  if (method !== 'GET' && csrf) all['X-CSRF-Token'] = csrf;
  try {
    const res = await fetch(apiUrl(path, query), { method, headers: all, signal: abort, keepalive, body: body === undefined ? undefined : JSON.stringify(body) });
    online.value = true;
    return res;
  } catch (e) {
    if (e.name === 'AbortError') throw e;
    if (again) { await wait(RETRY_MS); return transport(method, path, { body, query, signal: abort, headers }, false); }
    lost();
    throw failure(0, null, 'offline');
  }
}

/**
 * One request. Resolves to { body, change, status }; rejects with an Error that
 * carries status (0 = no answer), code, fields [{ where, text }] and body.
 */
export function send(method, path, options = {}) {
  const answer = answered(method, path, options);
  if (method !== 'GET') {
    const over = () => writes.delete(answer);
    writes.add(answer);
    answer.then(over, over);
  }
  return answer;
}

const fetchLeft = rare(() => import('../ui/left.js'));

async function answered(method, path, options) {
  const res = await transport(method, path, options);
  if (res.status === 401 && relogin && !options.anonymous) {
    await relogin();
    return send(method, path, { ...options, anonymous: true });
  }
  const text = res.status === 204 ? '' : await res.text();
  let body = null;
  try { body = text ? JSON.parse(text) : null; } catch { body = null; }
  if (res.status === 403 && body?.error?.code === 'confirm' && confirm && !options.anonymous) {
    await confirm();
    return send(method, path, { ...options, anonymous: true });
  }
  if (!res.ok) throw Object.assign(failure(res.status, body, res.statusText), { after: Number(res.headers.get('Retry-After')) || 0 });
  const change = res.headers.get('X-Kontor-Change') ?? body?.change ?? null;
  if (change) ownChanges.add(String(change));
  const left = res.headers.get('X-Kontor-Left');
  if (left) fetchLeft().then((m) => m.default(Number(left)));
  return { body, change, status: res.status };
}

/** GET that returns the body. */
export const get = async (path, query, options) => (await send('GET', path, { ...options, query })).body;

/** POST; resolves to { body, change }. */
export const post = (path, body = {}, options) => send('POST', path, { ...options, body });
/** PATCH; resolves to { body, change }. */
export const patch = (path, body, options) => send('PATCH', path, { ...options, body });
/** DELETE; resolves to { body, change }. */
export const del = (path, options) => send('DELETE', path, options);

/** Sends a file as it is; onProgress gets the share that is under way. Resolves to the body. */
export function upload(path, file, onProgress, signal) {
  return new Promise((done, fail) => {
    const call = new XMLHttpRequest();
    const read = () => { try { return JSON.parse(call.responseText); } catch { return null; } };
    call.open('PUT', apiUrl(path));
    call.setRequestHeader('Accept', 'application/json');
    call.setRequestHeader('Content-Type', 'application/octet-stream');
    if (csrf) call.setRequestHeader('X-CSRF-Token', csrf);
    call.upload.onprogress = (e) => e.lengthComputable && onProgress?.(e.loaded / e.total);
    call.onload = () => (call.status < 300 ? done(read()) : fail(failure(call.status, read(), call.statusText)));
    call.onerror = () => fail(failure(0, null, 'offline'));
    call.onabort = () => fail(Object.assign(new Error('aborted'), { name: 'AbortError' }));
    signal?.addEventListener('abort', () => call.abort());
    call.send(file);
  });
}
