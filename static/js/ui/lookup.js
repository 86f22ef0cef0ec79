// Finding a record to link: an ARIA combobox that asks the server while typing.
import { html, cx, useState, useEffect, useLayoutEffect, useRef, useId } from '../lib/html.js';
import { get } from '../lib/api.js';
import { entity, fieldOf, pathOf } from '../lib/meta.js';
import { USER } from '../lib/names.js';
import { create, explain } from '../lib/records.js';
import { quote } from '../lib/query.js';
import { me } from '../lib/store.js';
import { toast } from '../lib/toast.js';
import { t } from '../lib/i18n.js';
import { Icon, IconButton, useLatest, useChanged } from './basics.js';
import { place } from './layers.js';
import { NoHit, NotFound, useFound } from './found.js';

const TYPE_MS = 140;
const SHOWN = 8;
const MANY = 50;

const shape = (kind) => (r) => ({ id: r.id, title: r.title, entity: r.entity ?? kind });

/** Few of them, as people and teams are: all can be looked through. */
const isFew = (kind) => entity(kind)?.menu === false;

/** Who may no longer sign in is not offered, but can be asked for in filters. */
const onlyActive = (kind) => kind === USER && fieldOf(entity(USER), 'active') && 'active = true';

async function find(kind, text, signal, everyone) {
  const q = text.trim();
  if (!kind) return q ? (await get('/search', { q, limit: SHOWN }, { signal })).items.map(shape()) : [];
  const filter = [q && `title contains ${quote(q)}`, !everyone && onlyActive(kind)].filter(Boolean).join(' and ');
  const list = await get(pathOf(kind), { filter, fields: 'title', sort: q || isFew(kind) ? 'title' : '-updated_at', limit: isFew(kind) ? MANY : SHOWN }, { signal });
  return list.items.map(shape(kind));
}

/** May a missing record be created from its name alone? */
const canMake = (kind) => kind && entity(kind)?.can?.create && entity(kind).title?.length === 1 && kind !== USER;

function Options({ id, found, at, pick, opener, kind }) {
  const box = useRef(null);
  useLayoutEffect(() => { place(box.current, opener.current, { match: true }); }, [found.length]);
  return html`<ul class="menu lookup-list" id=${id} role="listbox" aria-label=${t('Results')} ref=${box}>${found.map((r, i) => html`
    <li key=${`${r.entity}${r.id}`} id=${`${id}-${i}`} class="menu-item" role="option" aria-selected=${i === at} onPointerDown=${(e) => { e.preventDefault(); pick(r); }}>
      ${r.make && html`<${Icon} name="plus" />`}
        <span class="clip">${r.label ?? r.title}</span>${!kind && html`<span class="push faint small">${t(entity(r.entity)?.label ?? '')}</span>`}</li>`)}</ul>`;
}

/** Combobox over records of one kind (or all, without `kind`). */
function Combo({ kind, everyone, only, text, setText, chosen, onPick, onLeave, id, small, placeholder, ...rest }) {
  const [open, setOpen] = useState(false);
  const [typed, setTyped] = useState(false); /* else the text only says what is chosen, and all are offered */
  const [moved, setAt] = useState(null);
  const input = useRef(null);
  const list = useId();
  const asked = typed ? text : '';
  const [left, setLeft] = useState(''); /* what was typed when the field was left, nothing chosen */
  const wanted = open ? asked : left || null;
  const { key: of, data, failed, again } = useFound(({ signal }) => find(kind, wanted, signal, everyone), wanted, asked ? TYPE_MS : 0);
  const hits = data ?? [];
  const fresh = !only && typed && text.trim() && canMake(kind) && !hits.some((h) => h.title?.toLowerCase() === text.trim().toLowerCase());
  const found = fresh ? [...hits, { make: true, entity: kind, id: '+', label: t('Create “{name}”', { name: text.trim() }), title: text.trim() }] : hits;
  const at = moved ?? (typed ? Math.min(0, hits.length - 1) : hits.findIndex((h) => h.id === chosen));
  const show = () => { if (!open) { setTyped(false); setAt(null); setOpen(true); } };
  const unknown = of === wanted && data && !hits.length ? of.trim() : '';
  const leave = () => { if (open) setLeft(asked); setOpen(false); onLeave?.(); };
  const pick = async (r) => { setOpen(false); setLeft(''); onPick(r.make ? await make(kind, r.title) : r); };
  const key = (e) => {
    if (e.key === 'ArrowDown' || e.key === 'ArrowUp') { e.preventDefault(); show(); setAt(found.length ? (at + (e.key === 'ArrowDown' ? 1 : -1) + found.length) % found.length : null); }
    else if (e.key === 'Enter' && open && found[at]) { e.preventDefault(); e.stopPropagation(); pick(found[at]); }
    else if (e.key === 'Escape' && open && found.length) { e.preventDefault(); e.stopPropagation(); setOpen(false); }
    else rest.onKeyDown?.(e);
  };
  return html`<input ref=${input} ...${rest} id=${id} class=${cx('input', small && 'input-sm')} type="text" role="combobox" autocomplete="off" spellcheck="false"
      aria-expanded=${open && found.length > 0} aria-controls=${open && found.length ? list : undefined} aria-autocomplete="list" aria-activedescendant=${open && found[at] ? `${list}-${at}` : undefined}
      placeholder=${placeholder} value=${text} onFocus=${(e) => e.target.select()} onClick=${show} onInput=${(e) => { setText(e.target.value); setTyped(true); setAt(null); setOpen(true); }} onKeyDown=${key} onBlur=${leave} />
    ${unknown && !(open && fresh) && html`<${NoHit} text=${unknown} />`}
    ${open && failed && html`<${NotFound} again=${again} />`}
    ${open && found.length > 0 && html`<${Options} id=${list} found=${found} at=${at} pick=${pick} opener=${input} kind=${kind} />`}`;
}

async function make(kind, title) {
  try {
    const r = await create(kind, { [entity(kind).title[0]]: title });
    toast(t('{name} created', { name: title }));
    return { id: r.id, title: r.title, entity: kind };
  } catch (e) {
    toast(explain(e), { bad: true });
    return null;
  }
}

/** Link to one record. Emptying the text removes the link; `field.everyone` also offers who may no longer sign in. */
export function Lookup({ field: f, value, onInput, onBlur, ...rest }) {
  const kind = f.type === 'user' ? f.to ?? USER : f.to;
  const [text, setText] = useState(value?.title ?? '');
  useChanged(value?.id, () => setText(value?.title ?? ''));
  const now = useLatest({ text, value });
  const leave = () => {
    if (!now.current.text.trim() && now.current.value) onInput(null);
    else setText(now.current.value?.title ?? '');
    onBlur?.();
  };
  const pick = (r) => { if (r) { now.current.value = r; now.current.text = r.title; setText(r.title); onInput({ id: r.id, title: r.title }); } };
  const mine = f.type === 'user' && value?.id !== me()?.id;
  return html`<span class="lookup"><${Combo} ...${rest} kind=${kind} everyone=${f.everyone} only=${f.only} text=${text} setText=${setText} chosen=${value?.id} onPick=${pick} onLeave=${leave} placeholder=${canMake(kind) && isFew(kind) ? t('Choose, or type a new one') : t('Type to search')} />${mine && !rest.small && html`<button type="button" class="btn btn-quiet btn-sm lookup-me" onClick=${() => pick({ id: me().id, title: me().name })}>${t('Me')}</button>`}</span>`;
}

/** Links to several records of any kind. */
export function ManyLookup({ field: f, value, onInput, onBlur, ...rest }) {
  const [text, setText] = useState('');
  const list = value ?? [];
  const pick = (r) => { if (r && !list.some((x) => x.id === r.id && x.entity === r.entity)) onInput([...list, r]); setText(''); };
  return html`<div class="list-input"><span class="row wrap">${list.map((r) => html`<span class="chip" key=${`${r.entity}${r.id}`}><span>${r.title}</span>
      <${IconButton} small icon="x" label=${t('Remove {value}', { value: r.title })} onClick=${() => onInput(list.filter((x) => x !== r))} /></span>`)}</span>
    <${Combo} ...${rest} text=${text} setText=${setText} onPick=${pick} onLeave=${onBlur} placeholder=${t('Type to search')} /></div>`;
}
