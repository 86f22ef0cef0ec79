// Changes made by others, as they happen. Visible tabs share one event stream
// through a SharedWorker where there is one; hidden tabs close theirs.
import { signal } from './html.js';
import { get, ownChanges, sessionLost, writes } from './api.js';
import { loadMeta } from './meta.js';

const REOPEN_MS = 5000;
const SILENT_MS = 60000;
const ECHO_MS = 1000;
const SOON_MS = 500;
const watchers = new Set();

/** Counts up when the user is told something new, or may have been. */
export const told = signal(0);
/** Number of the stream this browser listens on, for what says who is where (ui/here.js); 0: none. */
export const stream = signal(0);
/** What was said last about others at a record: { id, people: [{ id, title, editing }] }. */
export const present = signal(null);

let last = '';
let brokenAt = 0;
let wake = () => {};

/**
 * Calls run({ id, kind, version, op, by, fields, change }) for changes of a kind
 * ('*' for all) and run(null) when what is visible must be fetched again.
 */
export function watch(kind, run) {
  const w = { kind, run };
  watchers.add(w);
  return () => watchers.delete(w);
}

/** Collects what is said and does it together a moment later, so at most twice a second; every kind that was said is done. */
export function soon(run) {
  const said = new Set();
  let timer = 0;
  const add = (what) => {
    said.add(what);
    timer ||= setTimeout(() => { const all = [...said]; timer = 0; said.clear(); run(all); }, SOON_MS);
  };
  return { add, stop: () => clearTimeout(timer) };
}

/** As watch(), at most twice a second: calls run([kinds that changed]), null among them for all of them. */
export function watchSoon(kind, run) {
  const later = soon(run);
  const stop = watch(kind, (event) => later.add(event?.kind ?? null));
  return () => { stop(); later.stop(); };
}

/** Ends when this tab's writes are answered, so that their echo can be told apart. */
const quiet = () => Promise.race([Promise.allSettled([...writes]), new Promise((done) => setTimeout(done, ECHO_MS))]);

const resync = () => { told.value += 1; for (const w of watchers) w.run(null); };

async function changed(id, data) {
  if (writes.size) await quiet();
  if (ownChanges.has(String(id))) return;
  const event = { ...JSON.parse(data), change: id };
  for (const w of watchers) if (w.kind === '*' || w.kind === event.kind) w.run(event);
}

/** A stream that the server refused: perhaps nobody worked here for long, and the session is over. */
async function reopen() {
  const answer = await get('/session', null, { anonymous: true }).catch(() => null);
  if (answer && !answer.user) await sessionLost();
  wake();
}

function receive({ type, id, data, closed }) {
  if (type === 'change') {
    last = id || last;
    changed(id, data);
  } else if (type === 'notification') told.value += 1;
  else if (type === 'hello') {
    last = id || last;
    stream.value = JSON.parse(data).stream;
  }
  else if (type === 'presence') present.value = JSON.parse(data);
  else if (type === 'config') loadMeta();
  else if (type === 'resync') resync();
  else if (type === 'open' && brokenAt) {
    if (Date.now() - brokenAt > SILENT_MS) resync();
    brokenAt = 0;
  } else if (type === 'state') {
    if (last && id !== last) resync();
    last = id || last;
  } else if (type === 'error') {
    brokenAt ||= Date.now();
    if (closed) setTimeout(reopen, REOPEN_MS);
  }
}

function shared() {
  const worker = new SharedWorker(new URL('./live-worker.js', import.meta.url));
  worker.port.onmessage = ({ data }) => receive(data);
  worker.port.start();
  addEventListener('pagehide', () => worker.port.postMessage({ gone: true }));
  return (visible) => worker.port.postMessage({ visible });
}

function own() {
  let source = null;
  return (visible) => {
    if (!visible) { source?.close(); source = null; return; }
    if (source && source.readyState !== 2) return;
    source = new EventSource(`/api/v1/events${last ? `?last_event_id=${encodeURIComponent(last)}` : ''}`);
    for (const type of ['change', 'notification', 'config', 'resync', 'open', 'hello', 'presence']) {
      source.addEventListener(type, (e) => receive({ type, id: e.lastEventId, data: e.data }));
    }
    source.addEventListener('error', () => receive({ type: 'error', closed: source?.readyState === 2 }));
  };
}

/** Starts listening; called once after sign-in. */
export function startLive() {
  const show = typeof SharedWorker === 'function' ? shared() : own();
  wake = () => show(document.visibilityState === 'visible');
  document.addEventListener('visibilitychange', wake);
  addEventListener('pageshow', wake);
  wake();
}
