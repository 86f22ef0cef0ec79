// Ctrl-K: search records, jump to pages, run commands. An ARIA combobox.
import { html, useState, useRef, useEffect } from '../lib/html.js';
import { get } from '../lib/api.js';
import { entities, entity, menu, pathOf, isPerson } from '../lib/meta.js';
import { recent } from '../lib/recent.js';
import { prefs, setPref, signOut, isAdmin } from '../lib/store.js';
import { go } from '../lib/router.js';
import { ACTIVITY } from '../lib/names.js';
import { t, noun } from '../lib/i18n.js';
import { fold, marked } from '../lib/marks.js';
import { Icon, Avatar } from './basics.js';
import { Dialog } from './layers.js';
import { NotFound, useFound } from './found.js';
import { paletteOpen, helpOpen, startCreate } from './open.js';

const TYPE_MS = 120;
const HITS = 12;
const RECENT = 4;

const isDark = () => (prefs.value.theme === 'system' ? matchMedia('(prefers-color-scheme: dark)').matches : prefs.value.theme === 'dark');

const doing = () => [
  ...[...menu(), ...menu(true)].filter((e) => e.can?.create).map((e) => ({ icon: 'plus', label: t('New {thing}', { thing: noun(e.label) }), run: () => startCreate(e.name) })),
  { icon: isDark() ? 'sun' : 'moon', label: t('Switch between light and dark'), run: () => setPref({ theme: isDark() ? 'light' : 'dark' }) },
  { icon: 'rows-4', label: t('Switch compact rows'), run: () => setPref({ density: prefs.value.density === 'compact' ? 'normal' : 'compact' }) },
  { icon: 'keyboard', label: t('Keyboard shortcuts'), run: () => { helpOpen.value = true; } },
  { icon: 'log-out', label: t('Sign out'), run: signOut },
].map((c) => ({ ...c, group: t('Do') }));

const pages = () => [
  ['house', t('Home'), '/home'],
  ...(entity(ACTIVITY) ? [['list-todo', t('Tasks'), '/tasks'], ['calendar', t('Calendar'), '/calendar']] : []),
  ...[...menu(), ...menu(true)].map((e) => [e.icon || 'folder', t(e.label_plural), `/${e.plural}`]),
  ...entities().flatMap((e) => (e.views ?? []).map((v) => ['layout-list', `${t(e.label_plural)}: ${t(v.label)}`, `/${e.plural}?view=${v.id}`])),
  ['trash-2', t('Bin'), '/trash'],
  ...(entities().some((e) => e.can?.import) ? [['upload', t('Import'), '/import']] : []),
  ['user', t('My profile'), '/profile'],
  ...(isAdmin() ? [['circle-user-round', t('People'), '/people'], ['settings', t('Settings'), '/settings']] : []),
].map(([icon, label, to]) => ({ group: t('Go to'), icon, label, run: () => go(to) }));

/** A record as an entry of the list. */
const entry = (group, r) => ({ group, kind: r.kind ?? r.entity, id: r.id, icon: entity(r.kind ?? r.entity)?.icon || 'folder', label: r.title, picture: r.picture, detail: r.detail ?? r.snippet ?? r.about ?? t(entity(r.kind ?? r.entity)?.label ?? ''), run: () => go(`${pathOf(r.kind ?? r.entity)}/${r.id}`) });

const NONE = { items: [], suggestions: [] };

/** What the server finds for the text, a moment after typing stops. */
function useHits(text) {
  const q = text.trim() || null;
  const { key, data, failed, again } = useFound((o) => get('/search', { q, limit: HITS }, o), q, TYPE_MS);
  const { items, suggestions } = (q && data) || NONE;
  return { items, meant: suggestions ?? [], settled: key === q, failed, again };
}

/** The page with all of it, and other words that find something. */
const onward = (text, { items, meant }, type) => [
  ...meant.map((w) => ({ group: t('Did you mean'), icon: 'search', label: w, stay: true, run: () => type(w) })),
  ...(items.length ? [{ group: t('Search'), icon: 'list-filter', label: t('All results for “{text}”', { text }), run: () => go(`/search?q=${encodeURIComponent(text)}`) }] : []),
];

function results(text, hits, type) {
  const { items } = hits;
  const q = fold(text.trim());
  if (!q) return [...recent.value.slice(0, RECENT).map((r) => entry(t('Recent'), r)), ...doing(), ...pages()];
  const order = [...new Set(items.map((i) => i.entity))];
  const found = order.flatMap((kind) => items.filter((i) => i.entity === kind).map((i) => entry(t(entity(kind)?.label_plural ?? kind), i)));
  return [...found, ...onward(text.trim(), hits, type), ...[...doing(), ...pages()].filter((c) => fold(c.label).includes(q))];
}

const Option = ({ r, q, i, on, point, run }) => html`<div class="menu-item" id=${`pal-${i}`} role="option" aria-selected=${on} onPointerMove=${point} onClick=${run}>
  ${r.kind && isPerson(entity(r.kind) ?? { fields: [] }) ? html`<${Avatar} name=${r.label} id=${r.id} picture=${r.picture} size="sm" square=${entity(r.kind).title?.length === 1} />` : html`<${Icon} name=${r.icon} />`}
  <span class="clip">${r.kind ? marked(r.label, q) : r.label}</span>${r.detail && html`<span class="faint small push clip">${marked(r.detail, q)}</span>`}</div>`;

export default function Palette() {
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const list = useRef(null);
  const hits = useHits(text);
  const type = (words) => { setText(words); setAt(0); };
  const found = results(text, hits, type);
  const close = () => { paletteOpen.value = false; };
  const run = (r) => { if (!r.stay) close(); r.run(); };
  useEffect(() => { list.current.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' }); }, [at]);
  const key = (e) => {
    if (e.key === 'ArrowDown') setAt((at + 1) % found.length);
    else if (e.key === 'ArrowUp') setAt((at - 1 + found.length) % found.length);
    else if (e.key === 'Enter' && found[at]) run(found[at]);
    else return;
    e.preventDefault();
  };
  return html`<${Dialog} title=${t('Search or jump to')} class="palette" onClose=${close}>
    <div class="row-in"><${Icon} name="search" size="lg" />
      <input type="text" role="combobox" aria-expanded="true" aria-autocomplete="list" aria-controls="palette-list" aria-activedescendant=${found[at] ? `pal-${at}` : undefined} aria-label=${t('Search or jump to')}
        placeholder=${t('Name, e-mail, phone, deal or command')} autocomplete="off" spellcheck="false" autofocus value=${text} onInput=${(e) => type(e.target.value)} onKeyDown=${key} /></div>
    <div class="palette-list" id="palette-list" role="listbox" aria-label=${t('Results')} ref=${list} tabindex="0">
      ${found.map((r, i) => html`${r.group !== found[i - 1]?.group && html`<div class="menu-head" role="presentation" key=${`h${i}`}>${r.group}</div>`}
        <${Option} key=${i} r=${r} q=${text} i=${i} on=${i === at} point=${() => at !== i && setAt(i)} run=${() => run(r)} />`)}
      ${hits.failed && html`<${NotFound} again=${hits.again} />`}
      ${!found.length && hits.settled && html`<div class="state" role="presentation">
        <p>${t('Nothing found for “{text}”.', { text })}</p></div>`}
    </div>
    <div class="palette-foot"><span>↑↓ ${t('choose')}</span><span>Enter ${t('open')}</span><span>Esc ${t('close')}</span></div>
  <//>`;
}
