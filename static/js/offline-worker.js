// Service worker. Pages come from the server; where it cannot be reached, the page that says so stands in for
// them, and tries again by itself. Nothing else is answered from here: what is shown is what the server says.
const root = new URL('..', self.location.href).pathname;
const build = root.split('/')[2];
const STORE = `kontor-${build}`;
const PAGE = `${root}offline.html`;
const PARTS = ['css/tokens.css', 'css/base.css', 'css/components.css', 'css/offline.css', 'img/logo.svg',
  'js/theme-boot.js', 'js/offline.js', 'js/ui/offline.js', 'js/lib/html.js', 'js/lib/i18n.js', 'js/lib/drafts.js',
  'vendor/preact/preact.js', 'vendor/preact/hooks.js', 'vendor/preact/signals.js', 'vendor/preact/signals-core.js', 'vendor/htm/htm.js',
  'i18n/de.json', 'i18n/de-offline.json'];
const HEADERS = {
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy': "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
};
const away = new Set(); /* pages that stand in for others: their parts come from here too */

async function fill() {
  const store = await caches.open(STORE);
  await store.addAll(PARTS.map((p) => root + p));
  const text = await (await fetch(PAGE)).text();
  await store.put(PAGE, new Response(text.replaceAll('{{BUILD}}', build), { headers: HEADERS }));
}

const forget = async () => { for (const name of await caches.keys()) if (name !== STORE) await caches.delete(name); };

async function page(e) {
  try {
    return await fetch(e.request);
  } catch {
    away.add(e.resultingClientId);
    return caches.match(PAGE);
  }
}

oninstall = (e) => e.waitUntil(fill().then(() => self.skipWaiting()));
onactivate = (e) => e.waitUntil(forget().then(() => self.clients.claim()));
onfetch = (e) => {
  if (e.request.mode === 'navigate' && e.request.method === 'GET') e.respondWith(page(e));
  else if (away.has(e.clientId) && new URL(e.request.url).pathname.startsWith(root)) e.respondWith(caches.match(e.request).then((kept) => kept ?? fetch(e.request)));
};
