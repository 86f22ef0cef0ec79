// Boot: find out who is signed in, mount the shell, choose the view.
import { html, render, styled, asset, useState, useEffect } from './lib/html.js';
import { phase, ready, boot } from './lib/store.js';
import { byPlural } from './lib/meta.js';
import { SPECIAL_VIEWS } from './lib/names.js';
import { modeOf } from './lib/opens.js';
import { startLive } from './lib/live.js';
import { route, match, go, Link } from './lib/router.js';
import { t, rare } from './lib/i18n.js';
import { Shell } from './ui/shell.js';
import { PageHead } from './ui/page.js';
import { Failed, Empty } from './ui/basics.js';

// Views load on first use, so that sign-in and home stay light.
const VIEWS = {
  home: styled('home', rare(() => import('./views/home.js'), 'home')),
  list: styled('rows', rare(() => import('./views/list.js'), 'rows')),
  board: styled('rows', styled('board', rare(() => import('./views/board.js'), 'rows'))),
  forecast: styled('rows', styled('board', styled('forecast', rare(() => import('./views/forecast.js'), 'rows')))),
  record: styled('record', rare(() => import('./views/record.js'), 'record')),
  search: rare(() => import('./views/search.js'), 'search'),
  calendar: styled('calendar', rare(() => import('./views/calendar.js'), 'tasks')),
  tasks: styled('home', styled('tasks', rare(() => import('./views/tasks.js'), 'tasks'))),
  trash: rare(() => import('./views/trash.js'), 'trash'),
  duplicates: rare(() => import('./views/duplicates.js')),
  merge: rare(() => import('./views/merge.js')),
  steps: styled('home', rare(() => import('./views/steps.js'))),
  tags: rare(() => import('./views/tags.js')),
  import: rare(() => import('./views/import.js')),
  people: rare(() => import('./views/people.js')),
  profile: styled('signin', rare(() => import('./views/profile.js'))),
  settings: rare(() => import('./views/settings.js')),
  signin: styled('signin', rare(() => import('./views/signin.js'), 'signin')),
  setup: styled('signin', rare(() => import('./views/setup.js'))),
};
const FIXED = [['/home', 'home'], ['/tasks', 'tasks'], ['/calendar', 'calendar'], ['/trash', 'trash'], ['/steps', 'steps'], ['/search', 'search'], ['/import', 'import'], ['/import/:id', 'import'], ['/people', 'people'], ['/tags', 'tags'], ['/profile', 'profile'], ['/settings', 'settings'], ['/settings/:topic', 'settings'], ['/duplicates/:kind', 'duplicates'], ['/merge/:kind', 'merge']];
const loaded = new Map();

function resolve({ path, query }) {
  for (const [pattern, view] of FIXED) {
    const params = match(pattern, path);
    if (params) return { view, params };
  }
  const one = match('/:plural/:id', path);
  if (one && byPlural(one.plural)) return { view: 'record', params: { kind: byPlural(one.plural).name, id: one.id } };
  const e = byPlural(match('/:plural', path)?.plural);
  if (!e) return null;
  return { view: SPECIAL_VIEWS[e.name] ?? modeOf(e, query), params: { kind: e.name } };
}

function useView(name) {
  const [, redraw] = useState(0);
  useEffect(() => {
    if (name && !loaded.has(name)) VIEWS[name]().then((m) => { loaded.set(name, m.default); redraw((n) => n + 1); });
  }, [name]);
  return loaded.get(name);
}

function View() {
  const hit = resolve(route.value);
  const Page = useView(hit?.view);
  if (!hit) {
    return html`<div class="page"><${PageHead} title=${t('Not found')} />
      <${Empty} icon="map-pin" title=${t('There is no such page')} text=${t('The address may be mistyped, or what it showed was renamed.')}>
      <${Link} class="btn" to="/home">${t('Go to home')}<//><//></div>`;
  }
  return Page ? html`<${Page} ...${hit.params} key=${`${hit.view} ${route.value.path}`} />` : html`<div class="page" aria-busy="true"></div>`;
}

function Outside({ view }) {
  const Page = useView(view);
  return Page ? html`<${Page} />` : null;
}

const INSTALL_MS = 3000;

/** The page for when there is no connection; browsers allow that over HTTPS only. */
const install = () => navigator.serviceWorker?.register(asset('js/offline-worker.js'), { scope: '/' }).catch(() => null);

function App() {
  const now = phase.value;
  useEffect(() => {
    if (!ready.value) return;
    startLive();
    setTimeout(install, INSTALL_MS);
    if (['/signin', '/setup'].includes(route.value.path)) go(route.value.query.next?.startsWith('/') ? route.value.query.next : '/home', { replace: true });
  }, [ready.value]);
  if (now === 'failed') return html`<main><${Failed} title=${t('Kontor cannot reach its server')} text=${t('Check that you are on the office network or VPN.')} retry=${() => location.reload()} /></main>`;
  if (now === 'setup') return html`<${Outside} view="setup" />`;
  if (now === 'out') return html`<${Outside} view="signin" />`;
  if (!ready.value) return null;
  return html`<${Shell}><${View} /><//>`;
}

/** What lists and boards have in common; which of them it is the metadata tell, unless the address does. */
const rows = ({ mode }) => (['list', 'board', 'forecast'].includes(mode) ? VIEWS[mode]() : rare(() => import('./ui/viewbar.js'), 'rows')());

/** Starts loading the view the address needs while the session is asked for. */
function prefetch({ path, query }) {
  const fixed = FIXED.find(([pattern]) => match(pattern, path))?.[1];
  const view = fixed ?? (match('/:plural/:id', path) ? 'record' : ['/signin', '/setup'].includes(path) ? path.slice(1) : null);
  (view ? VIEWS[view]() : rows(query)).catch(() => null);
}

/** A file that is dropped where nothing takes it must not take the page away. */
addEventListener('dragover', (e) => {
  if (e.defaultPrevented || !e.dataTransfer?.types.includes('Files') || e.target.closest?.('input[type=file]')) return;
  e.preventDefault();
  e.dataTransfer.dropEffect = 'none';
});

prefetch(route.value);
render(html`<${App} />`, document.getElementById('app'));
boot();
