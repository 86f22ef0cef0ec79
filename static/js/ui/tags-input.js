// The input that takes several tags: type, choose with the arrows or type a new
// one, Enter or a comma takes it, Backspace takes the last away.
import { html, cx, useState, useLayoutEffect, useRef, useId } from '../lib/html.js';
import { entity } from '../lib/meta.js';
import { TAG } from '../lib/names.js';
import { tags, tagKey } from '../lib/tags.js';
import { t } from '../lib/i18n.js';
import { Icon } from './basics.js';
import { place } from './layers.js';
import { Tag } from './tags.js';

const SHOWN = 8;

function Options({ id, found, at, pick, opener }) {
  const box = useRef(null);
  useLayoutEffect(() => { place(box.current, opener.current); }, [found.length]);
  return html`<ul class="menu lookup-list" id=${id} role="listbox" aria-label=${t('Tags')} ref=${box}>${found.map((x, i) => html`
    <li key=${x.make ? '+' : x.name} id=${`${id}-${i}`} class="menu-item" role="option" aria-selected=${i === at} onPointerDown=${(e) => { e.preventDefault(); pick(x.name); }}>
      ${x.make ? html`<${Icon} name="plus" /><span class="clip">${t('Create “{name}”', { name: x.name })}</span>` : html`<${Tag} name=${x.name} />`}</li>`)}</ul>`;
}

/** What is offered for a text: tags that begin with it, those that hold it, a new one. */
function useFound(text, on, fixed) {
  const has = new Set(on.map(tagKey));
  const part = tagKey(text);
  const free = tags().filter((x) => !has.has(tagKey(x.name)) && tagKey(x.name).includes(part));
  const sorted = [...free.filter((x) => tagKey(x.name).startsWith(part)), ...free.filter((x) => !tagKey(x.name).startsWith(part))].slice(0, SHOWN);
  const known = has.has(part) || tags().some((x) => tagKey(x.name) === part);
  return part && !known && !fixed && entity(TAG)?.can?.create ? [...sorted, { make: true, name: text.trim() }] : sorted;
}

/** Any number of tags; `fixed`: only those there are. */
export function TagsInput({ field: f, value, id, small, fixed, onInput, onBlur, onKeyDown, ...rest }) {
  const on = value ?? [];
  const [text, setText] = useState('');
  const [open, setOpen] = useState(false);
  const [moved, setAt] = useState(null);
  const input = useRef(null);
  const list = useId();
  const found = useFound(text, on, fixed);
  const at = moved ?? (text.trim() ? 0 : -1);
  const shown = open && found.length > 0;
  const pick = (name) => {
    setText('');
    setAt(null);
    setOpen(false);
    if (!on.some((x) => tagKey(x) === tagKey(name))) onInput([...on, name]);
    input.current.focus();
  };
  const type = (e) => {
    const parts = e.target.value.split(/[;,\n]/);
    const whole = parts.slice(0, -1).map((x) => x.trim()).filter((x) => tagKey(x) && (!fixed || tags().some((y) => tagKey(y.name) === tagKey(x))));
    if (whole.length) onInput([...on, ...whole.map((x) => tags().find((y) => tagKey(y.name) === tagKey(x))?.name ?? x).filter((x, i, all) => ![...on, ...all.slice(0, i)].some((y) => tagKey(y) === tagKey(x)))]);
    setText(parts[parts.length - 1]);
    setAt(null);
    setOpen(true);
  };
  const key = (e) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[e.key];
    if (step) { e.preventDefault(); setOpen(true); if (found.length) setAt((at + step + found.length) % found.length); }
    else if (e.key === 'Enter' && (text.trim() || (shown && found[at]))) { e.preventDefault(); e.stopPropagation(); if (found[at]) pick(found[at].name); }
    else if (e.key === 'Escape' && shown) { e.preventDefault(); e.stopPropagation(); setOpen(false); }
    else if (e.key === 'Backspace' && !text && on.length) onInput(on.slice(0, -1));
    else onKeyDown?.(e);
  };
  const leave = () => { setOpen(false); onBlur?.(); };
  return html`<span class=${cx('tags-input input', small && 'input-sm')} onPointerDown=${(e) => { if (e.target === e.currentTarget) { e.preventDefault(); input.current.focus(); setOpen(true); } }}>${on.map((x) => html`<${Tag} key=${x} name=${x}>
      <button type="button" class="tag-x" aria-label=${t('Remove {value}', { value: x })} onClick=${() => { onInput(on.filter((y) => y !== x)); input.current.focus(); }}><${Icon} name="x" /></button><//>`)}
    <input ref=${input} ...${rest} id=${id} type="text" role="combobox" autocomplete="off" spellcheck="false" maxlength="60" aria-expanded=${shown} aria-controls=${shown ? list : undefined} aria-autocomplete="list"
      aria-activedescendant=${shown && found[at] ? `${list}-${at}` : undefined} placeholder=${on.length ? '' : t('Type to search')} value=${text} onClick=${() => setOpen(true)} onInput=${type} onKeyDown=${key} onBlur=${leave} />
    ${shown && html`<${Options} id=${list} found=${found} at=${at} pick=${pick} opener=${input} />`}</span>`;
}
