// The page of an installed Kontor, or of any open one, that cannot be reached:
// offline-worker.js answers with it in place of the one that was asked for.
import { html, render } from './lib/html.js';
import { rare, setLanguage, browserLanguage } from './lib/i18n.js';

const prefs = (() => { try { return JSON.parse(localStorage.getItem('kontor.prefs')) ?? {}; } catch { return {}; } })();

const page = rare(() => import('./ui/offline.js'), 'offline');
Promise.all([page(), setLanguage(prefs.language || browserLanguage())]).then(([{ default: Offline }]) => render(html`<${Offline} />`, document.getElementById('app')));
