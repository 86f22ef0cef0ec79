// The frame around every view: sidebar or tab bar, layers, toasts, shortcuts.
import { html, cx, asset, useEffect } from '../lib/html.js';
import { route, go, Link, pastDay } from '../lib/router.js';
import { me, isAdmin, prefs, setPref, signOut, lostSession, unconfirmed } from '../lib/store.js';
import { online } from '../lib/api.js';
import { meta, byPlural, entities, isPerson, menu, rank } from '../lib/meta.js';
import { conflict, planning, reach } from '../lib/records.js';
import { ACTIVITY } from '../lib/names.js';
import { toasts, dismiss, undoNewest } from '../lib/toast.js';
import { bindAll } from '../lib/keys.js';
import { t, key, locale, rare } from '../lib/i18n.js';
import { Icon, IconButton, Avatar, Kbd, Later } from './basics.js';
import { MenuButton, MenuItem, MenuHead, MenuRule } from './layers.js';
import { paletteOpen, helpOpen, creating, asking, finishing, drawer, startCreate } from './open.js';
import { anyKind } from './page.js';
import { fresh } from './bell.js';

/** The palette is fetched when somebody points at the search or presses the first of its keys, so that it opens at once. */
const fetchPalette = rare(() => import('./palette.js'));
const fetchCreate = rare(() => import('./quick-create.js'));
const fetchReminders = rare(() => import('./reminders.js'));
const fetchFinish = rare(() => import('./finish.js'));
const foresee = (e) => { if (['Control', 'Meta'].includes(e.key)) fetchPalette().catch(() => null); };

const at = (to) => route.value.path === to || route.value.path.startsWith(`${to}/`);
const closeDrawer = () => { drawer.value = false; };

/** First letter that is still free, for the "g x" shortcuts. */
function letters(items) {
  const taken = new Set(items.map((i) => i.key));
  return items.map((item) => {
    const key = item.key ?? [...item.label.toLowerCase()].find((c) => /[a-z]/.test(c) && !taken.has(c));
    taken.add(key);
    return { ...item, keys: key && `g ${key}` };
  });
}

const item = (e) => ({ icon: e.icon || 'folder', label: t(e.label_plural), to: `/${e.plural}` });
/** The kinds of records of the menu, activities last: what of them is still to be done has pages of its own. */
const entityItems = (custom) => [...menu(custom)].sort((a, b) => (a.name === ACTIVITY) - (b.name === ACTIVITY)).map(item);
const dayItems = () => [home(), ...menu().filter((e) => e.name === ACTIVITY).flatMap(() => [{ icon: 'list-todo', label: t('Tasks'), to: '/tasks', key: 't' }, { icon: 'calendar', label: t('Calendar'), to: '/calendar', key: 'a' }])];

const footItems = () => [
  { icon: 'trash-2', label: t('Bin'), to: '/trash' },
  ...(isAdmin() ? [{ icon: 'circle-user-round', label: t('People'), to: '/people' }, { icon: 'settings', label: t('Settings'), to: '/settings' }] : []),
];

const home = () => ({ icon: 'house', label: t('Home'), to: '/home' });

const NavLink = ({ item }) => html`<li>
  <${Link} to=${item.to} class="nav-link" title=${item.label} aria-current=${at(item.to) ? 'page' : undefined} onClick=${closeDrawer}>
    ${item.hue ? html`<span class=${`dot hue-${item.hue}`}></span>` : html`<${Icon} name=${item.icon} />`}
      <span class="nav-text clip">${item.label}</span><//></li>`;

const Group = ({ title, items }) => items.length > 0 && html`<div class="nav-group">${title && html`<h2 class="nav-title nav-text">${title}</h2>`}
  <ul>${items.map((i) => html`<${NavLink} key=${i.to} item=${i} />`)}</ul></div>`;

const Brand = () => html`<div class="brand"><img src=${asset('img/logo.svg')} alt="" width="26" height="26" />
  <div class="grow nav-text">
    <div class="strong clip">Kontor</div><div class="tiny faint clip">${meta.value.company?.name}</div></div>
  <span class="wide-only">
    <${IconButton} small icon="panel-left" label=${t('Collapse the sidebar')} onClick=${() => setPref({ rail: !prefs.value.rail })} /></span>
  <span class="phone-only"><${IconButton} small icon="x" label=${t('Close menu')} onClick=${closeDrawer} /></span></div>`;

/** A pinned view by the name it has now; null while it is not there, or not shared with the reader. */
function pinned(pin) {
  const { pathname, searchParams } = new URL(pin.to, location.href);
  const e = byPlural(pathname.slice(1));
  const id = searchParams.get('view') ?? 'all';
  const view = e?.views?.find((v) => String(v.id) === id);
  return e && (view || id === 'all') ? { ...pin, label: view ? t(view.label) : pin.label } : null;
}

function Sidebar() {
  const pins = (prefs.value.pins ?? []).map(pinned).filter(Boolean).map((p, i) => ({ ...p, hue: (i % 6) + 1 }));
  return html`
    <nav class=${cx('sidebar', drawer.value && 'is-open')} aria-label=${t('Main')} onKeyDown=${(e) => { if (e.key === 'Escape') closeDrawer(); }}>
      <${Brand} />
      <button type="button" class="nav-search" onPointerEnter=${fetchPalette} onFocus=${fetchPalette} onClick=${() => { closeDrawer(); paletteOpen.value = true; }} title=${t('Search or jump to')}>
        <${Icon} name="search" /><span class="nav-text">${t('Search or jump to')}</span><span class="push nav-text wide-only">
          <${Kbd} keys="mod+k" /></span></button>
      <div class="side-groups">
        <${Group} items=${dayItems()} />
        <${Group} title=${t('Records')} items=${entityItems(false)} />
        <${Group} title=${t('More')} items=${entityItems(true)} />
        <${Group} title=${t('Pinned')} items=${pins} />
      </div>
      <ul class="side-foot">${footItems().map((i) => html`<${NavLink} key=${i.to} item=${i} />`)}
        <li><${UserMenu} /></li></ul>
    </nav>
    ${drawer.value && html`<div class="scrim phone-only" onClick=${closeDrawer}></div>`}`;
}

const THEMES = () => [['system', 'monitor', t('As the system')], ['light', 'sun', t('Light')], ['dark', 'moon', t('Dark')]];

function UserMenu() {
  const u = me();
  const { theme, density } = prefs.value;
  const other = locale.value.startsWith('en') ? ['de', 'Deutsch'] : ['en', 'English'];
  const label = html`<${Avatar} name=${u.name} id=${u.id} /><span class="nav-text clip">${u.name}
    <span class="sr-only">, ${t('your account')}</span></span>
    <span class="nav-text push"><${Icon} name="chevrons-up-down" /></span>`;
  return html`<${MenuButton} class="nav-link" label=${label}>
    <${MenuItem} icon="user" label=${t('My profile')} onClick=${() => go('/profile')} />
    <${MenuItem} icon="history" label=${t('My steps, with Undo')} onClick=${() => go('/steps')} /><${MenuRule} />
    <${MenuHead}>${t('Theme')}<//>
    ${THEMES().map(([id, icon, text]) => html`<${MenuItem} key=${id} icon=${theme === id ? 'check' : icon} label=${text} checked=${theme === id} onClick=${() => setPref({ theme: id })} />`)}
    <${MenuRule} />
    <${MenuItem} icon=${density === 'compact' ? 'check' : 'rows-4'} label=${t('Compact rows')} checked=${density === 'compact'} onClick=${() => setPref({ density: density === 'compact' ? 'normal' : 'compact' })} />
    <${MenuItem} icon="languages" label=${other[1]} onClick=${() => setPref({ language: other[0] })} />
    <${MenuItem} icon="keyboard" label=${t('Keyboard shortcuts')} keys="?" onClick=${() => { helpOpen.value = true; }} />
    <${MenuRule} />
    <${MenuItem} icon="log-out" label=${t('Sign out')} onClick=${signOut} />
  <//>`;
}

/** The two kinds a thumb needs first: whom one knows and what one sells, or the first of the menu where the firm has neither. */
function front() {
  const all = [...menu(), ...menu(true)].filter((e) => e.name !== ACTIVITY);
  const sold = all.find((e) => rank(e) === 0 && !isPerson(e)) ?? all[0];
  const rest = all.filter((e) => e !== sold);
  return [rest.find((e) => rank(e) === 1) ?? rest.find((e) => rank(e) === 2) ?? rest[0], sold].filter(Boolean).map(item);
}

const TabBar = () => html`
  <nav class="tabbar phone-only" aria-label=${t('Main, phone')}><ul>
    ${[home(), ...front(), ...dayItems().slice(2)].map(({ icon, label, to }) => html`
      <li key=${to}><${Link} to=${to} aria-current=${at(to) ? 'page' : undefined}>
          <${Icon} name=${icon} size="lg" /><span class="clip">${label}</span><//></li>`)}
    <li><button type="button" onClick=${() => { drawer.value = true; }}><${Icon} name="menu" size="lg" />
        <span>${t('More')}</span></button></li>
  </ul></nav>`;

const Toasts = () => html`
  <div class="toasts" role="region" aria-label=${t('Messages')}>${toasts.value.map((x) => html`<div key=${x.id} class=${cx('toast', x.bad && 'toast-bad')} role=${x.bad ? 'alert' : undefined}>
    <span>${x.message}</span>${x.action && html`<button type="button" class="btn" onClick=${() => { dismiss(x.id); x.run(); }}>
      <${Icon} name=${x.icon} />${x.action}</button>`}${x.also && html`<button type="button" class="btn" onClick=${() => { dismiss(x.id); x.also.run(); }}>${x.also.action}</button>`}
    <button type="button" class="btn btn-icon btn-sm" aria-label=${t('Dismiss')} onClick=${() => dismiss(x.id)}>
      <${Icon} name="x" /></button></div>`)}</div>`;

const Layers = () => html`
  ${paletteOpen.value && html`<${Later} load=${fetchPalette} leave=${() => { paletteOpen.value = false; }} />`}
  ${helpOpen.value && html`<${Later} load=${rare(() => import('./help.js'))} />`}
  ${creating.value && html`<${Later} load=${fetchCreate} leave=${() => { creating.value = null; }} />`}
  ${finishing.value && html`<${Later} load=${fetchFinish} leave=${() => { finishing.value = null; }} />`}
  ${asking.value && html`<${Later} load=${rare(() => import('./question.js'))} />`}
  ${conflict.value && html`<${Later} load=${rare(() => import('./conflict.js'))} />`}
  ${planning.value && html`<${Later} key=${planning.value.needed} load=${rare(() => import('./plan.js'))} leave=${() => planning.value.answer(null)} />`}
  ${reach.value && html`<${Later} load=${rare(() => import('./reach.js'))} />`}
  ${unconfirmed.value && html`<${Later} load=${rare(() => import('./confirm.js'))} />`}
  ${lostSession.value && html`<${Later} load=${rare(() => import('./again.js'))} />`}
  <${Toasts} />`;

/** What is wrong with the server, by the metadata's word for it, and where more of it is told. */
const TROUBLES = {
  disk_full: [key('The disk of the server is full: nothing can be changed.'), '/settings/status'],
  config: [key('The configuration files have problems, or differ from what is in use.'), '/settings'],
  insecure: [key('Browsers reach this server without encryption.'), '/settings/status'],
};

/** Tells administrators, on every page. */
function Trouble() {
  const list = (meta.value?.problems ?? []).filter((p) => TROUBLES[p]);
  if (!list.length) return null;
  const [words, to] = TROUBLES[list[0]];
  return html`<div class="trouble" role="status"><${Icon} name="triangle-alert" /><span>${t(words)} <${Link} to=${list.length > 1 ? '/settings/status' : to}>${t('Open settings')}<//></span></div>`;
}

const shortcuts = () => [
  ...letters([...dayItems(), ...entityItems(false), ...entityItems(true)]).filter((i) => i.keys).map((i) => [i.keys, () => go(i.to), t('Go to {page}', { page: i.label })]),
  ['mod+k', () => { paletteOpen.value = !paletteOpen.value; }, t('Search or jump to')],
  ['mod+z', undoNewest, t('Undo')],
  ['b', () => document.querySelector('.bell')?.click(), t('Notifications')],
  ['?', () => { helpOpen.value = true; }, t('Keyboard shortcuts')],
  ['c', () => { const button = document.querySelector('.new-button'); if (button) button.click(); else if (!pastDay() && anyKind()) startCreate(anyKind()); }, t('Create')],
  ['[', () => setPref({ rail: !prefs.value.rail }), t('Collapse the sidebar')],
];

/** Sidebar, main area and everything that can lie over them. */
export function Shell({ children }) {
  useEffect(closeDrawer, [route.value.path]);
  useEffect(() => bindAll(shortcuts()), [locale.value, meta.value]);
  useEffect(() => { addEventListener('keydown', foresee); return () => removeEventListener('keydown', foresee); }, []);
  return html`
    <a class="skip" href="#main" onClick=${(e) => { e.preventDefault(); document.getElementById('main').focus(); }}>${t('Skip to content')}</a>
    <div class="shell">
      <${Sidebar} />
      <main id="main" class="sheet" tabindex="-1">
        ${!online.value && html`<div class="offline" role="status">
          <${Icon} name="wifi-off" />${t('No connection. You can read what is loaded; a change that cannot be sent is put back.')}</div>`}
        <${Trouble} />
        ${fresh() > 0 && html`<${Later} load=${fetchReminders} />`}
        ${children}
      </main>
      <${TabBar} />
    </div>
    <${Layers} />`;
}
