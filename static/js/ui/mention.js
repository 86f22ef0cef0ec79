// Writing with "@" for colleagues and "#" for records: suggestions under the
// text, by keys and by touch. The value holds references, the text names.
import { html, useState, useEffect, useLayoutEffect, useRef, useId } from '../lib/html.js';
import { get } from '../lib/api.js';
import { entity, isPerson, pathOf } from '../lib/meta.js';
import { USER } from '../lib/names.js';
import { quote } from '../lib/query.js';
import { parts, shownText, storedText, know } from '../lib/refs.js';
import { t, tn } from '../lib/i18n.js';
import { place } from './layers.js';
import { Avatar, Icon } from './basics.js';
import { NotFound, useFound } from './found.js';

const TYPE_MS = 140;
const SHOWN = 8;
const OPEN = /(?:^|[\s("'])([@#])([^\s@#[\]][^\n@#[\]]{0,39})?$/;

/** What is being written at the caret: { sign, q, from } or null. */
function asked(area) {
  const before = area.value.slice(0, area.selectionStart);
  const m = area.selectionStart === area.selectionEnd && OPEN.exec(before);
  if (!m || (m[2] ?? '').split(/\s+/).length > 4) return null;
  const q = m[2] ?? '';
  return { sign: m[1], q, from: before.length - q.length - 1 };
}

async function find({ sign, q }, about, options) {
  if (sign === '#') return q ? (await get('/search', { q, limit: SHOWN }, options)).items.filter((x) => entity(x.entity)?.timeline !== false) : [];
  if (about) return (await get(`${pathOf(about.entity)}/${about.id}/readers`, { q }, options)).items;
  const filter = [q && `title contains ${quote(q)}`, 'active = true'].filter(Boolean).join(' and ');
  return (await get(pathOf(USER), { filter, fields: 'title', sort: 'title', limit: SHOWN }, options)).items;
}

function Found({ id, found, at, pick, area }) {
  const box = useRef(null);
  useLayoutEffect(() => { place(box.current, area.current, { match: true }); }, [found.length]);
  return html`<ul class="menu lookup-list" id=${id} role="listbox" aria-label=${t('Suggestions')} ref=${box}>${found.map((r, i) => html`
    <li key=${r.id} id=${`${id}-${i}`} class="menu-item" role="option" aria-selected=${i === at} onPointerDown=${(e) => { e.preventDefault(); pick(r); }}>
      ${r.entity && !isPerson(entity(r.entity) ?? { fields: [] }) ? html`<${Icon} name=${entity(r.entity)?.icon ?? 'folder'} />` : html`<${Avatar} name=${r.title} id=${r.id} picture=${r.picture} size="sm" square=${entity(r.entity)?.title?.length === 1} />`}<span class="clip">${r.title}</span>
      <span class="push faint small nowrap">${r.entity ? t(entity(r.entity)?.label ?? '') : r.sees === false ? t('does not see this') : ''}</span></li>`)}</ul>`;
}

/** Keeps what is shown beside the value, which holds references. */
function useShown(value, onInput) {
  const labels = useRef(new Map());
  const own = useRef(null);
  const [decoded, more] = shownText(value ?? '');
  const [shown, setShown] = useState(decoded);
  const now = own.current === (value ?? '') ? shown : decoded;
  if (own.current !== (value ?? '')) for (const [k, v] of more) labels.current.set(k, v);
  const write = (text) => {
    own.current = storedText(text, labels.current);
    setShown(text);
    onInput(own.current);
  };
  return [now, write, labels.current];
}

/** Tells of those a draft mentions already, as if they had just been picked. */
const recall = (value, about, onMention) => parts(value ?? '').filter((p) => p.sign === '@' && p.name).forEach((p) => get(`${pathOf(about.entity)}/${about.id}/readers`, { q: p.name }).then((a) => a.items.filter((u) => u.id === p.id).forEach(onMention), () => null));

/** A textarea; `about` { entity, id } is what the text is about, `onMention` hears of those picked. */
export default function MentionArea({ value, off, onInput, about, onMention, area: given, onBlur, class: cls = 'area', ...rest }) {
  const [shown, write, labels] = useShown(value, onInput);
  const [ask, setAsk] = useState(null);
  const [at, setAt] = useState(0);
  const own = useRef(null);
  const area = given ?? own;
  const id = useId();
  const { data, failed, again } = useFound((o) => find(ask, about, o), ask && `${ask.sign}${ask.q}`, ask?.q ? TYPE_MS : 0);
  const found = (ask && data) || [];
  const look = () => { setAsk(off ? null : asked(area.current)); setAt(0); };
  const close = () => setAsk(null);
  useEffect(() => {
    if (document.activeElement === area.current) look();
    if (about && onMention) recall(value, about, onMention);
  }, []);
  const pick = (r) => {
    const { sign, from, q } = ask;
    let label = `${sign}${r.title}`;
    const ref = sign === '@' ? `@[${r.id}${/[[\]\r\n]/.test(r.title) ? '' : ` ${r.title}`}]` : `#[${r.id}]`;
    if (labels.has(label) && labels.get(label) !== ref) label += ` (${r.id})`;
    labels.set(label, ref);
    know([r.entity ? r : { ...r, entity: USER }]);
    const text = `${shown.slice(0, from)}${label} ${shown.slice(from + 1 + q.length).replace(/^ /, '')}`;
    const caret = from + label.length + 1;
    area.current.value = text;
    area.current.focus();
    area.current.setSelectionRange(caret, caret);
    write(text);
    close();
    if (sign === '@') onMention?.(r);
  };
  const keys = (e) => {
    if (!found.length || e.ctrlKey || e.metaKey || e.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[e.key];
    if (step) { e.preventDefault(); setAt((at + step + found.length) % found.length); }
    else if (e.key === 'Enter' || e.key === 'Tab') { e.preventDefault(); e.stopPropagation(); pick(found[at]); }
    else if (e.key === 'Escape') { e.preventDefault(); e.stopPropagation(); close(); }
  };
  return html`<textarea ref=${area} class=${cls} value=${shown} aria-autocomplete="list" aria-controls=${found.length ? id : undefined} aria-activedescendant=${found.length ? `${id}-${at}` : undefined}
      onInput=${(e) => { write(e.target.value); look(); }} onClick=${look} onKeyDownCapture=${keys} onBlur=${(e) => { close(); onBlur?.(e); }} ...${rest}></textarea>
    <span class="sr-only" role="status">${found.length > 0 && tn('{n} suggestion', '{n} suggestions', found.length)}</span>
    ${failed && ask && html`<${NotFound} again=${again} />`}
    ${found.length > 0 && html`<${Found} id=${id} found=${found} at=${at} pick=${pick} area=${area} />`}`;
}

/** Puts a sign where the caret is and opens the suggestions. */
export function startRef(area, sign) {
  const { selectionStart: a, selectionEnd: b, value } = area;
  const text = `${a > 0 && !/\s/.test(value[a - 1]) ? ' ' : ''}${sign}`;
  area.focus();
  area.setRangeText(text, a, b, 'end');
  area.dispatchEvent(new Event('input', { bubbles: true }));
}
