// The panel that chooses the columns of a list: own fields and those of linked
// records, in the order wanted; loaded when it is opened.
import { html, useLayoutEffect, useRef, useState } from '../lib/html.js';
import { setQuery } from '../lib/router.js';
import { entity, fieldOf, inTitle, listable } from '../lib/meta.js';
import { arrange } from '../lib/query.js';
import { t } from '../lib/i18n.js';
import { Icon, IconButton } from './basics.js';
import { moveColumn } from './head.js';

const linked = (e) => e.fields.filter((f) => f.to && f.type !== 'records' && !f.system && entity(f.to)?.fields.some((x) => !x.system));

/** The chosen ones, to be moved and taken away. */
function Chosen({ e, state, put }) {
  const box = useRef(null);
  const cols = state.columns.slice(1);
  const move = (name, by) => {
    moveColumn(e, state, name, by);
    requestAnimationFrame(() => box.current?.querySelector(`[data-move="${CSS.escape(`${name} ${by}`)}"]:not(:disabled), [data-move^="${CSS.escape(`${name} `)}"]:not(:disabled)`)?.focus());
  };
  return html`<ol class="col-list" ref=${box}>${cols.map((name, i) => {
    const label = t(fieldOf(e, name).label);
    return html`<li class="row" key=${name}><span class="grow clip">${label}</span>
      <button type="button" class="btn btn-quiet btn-icon btn-sm" data-move=${`${name} -1`} aria-label=${t('Move {name} up', { name: label })} disabled=${!i} onClick=${() => move(name, -1)}><${Icon} name="arrow-up" /></button>
      <button type="button" class="btn btn-quiet btn-icon btn-sm" data-move=${`${name} 1`} aria-label=${t('Move {name} down', { name: label })} disabled=${i === cols.length - 1} onClick=${() => move(name, 1)}><${Icon} name="arrow-down" /></button>
      <${IconButton} small icon="x" label=${t('Remove {value}', { value: label })} onClick=${() => put(cols.filter((c) => c !== name))} /></li>`;
  })}</ol>`;
}

const Choice = ({ name, label, of, on, toggle }) => html`<label><input type="checkbox" class="check" aria-label=${of && `${of} · ${label}`} checked=${on} onChange=${() => toggle(name)} />${label}</label>`;

export default function ColumnsPanel({ e, state }) {
  const [text, setText] = useState('');
  const box = useRef(null);
  useLayoutEffect(() => { if (!box.current.closest('details')) box.current.querySelector('input')?.focus({ preventScroll: true }); }, []);
  const cols = state.columns.slice(1);
  const put = (next) => { setQuery({ cols: '' }); arrange(e, state.view, { cols: next }); };
  const toggle = (n) => put(cols.includes(n) ? cols.filter((x) => x !== n) : [...cols, n]);
  const fits = (label) => label.toLowerCase().includes(text.toLowerCase());
  const own = listable(e).filter((f) => !inTitle(e, f.name) && fits(t(f.label)));
  const groups = linked(e).map((link) => ({ link, fields: listable(entity(link.to)).filter((f) => !f.system && !(inTitle(entity(link.to), f.name) && entity(link.to).title.length === 1) && (fits(t(f.label)) || fits(t(link.label)))) })).filter((g) => g.fields.length);
  const reset = () => { setQuery({ cols: '', widths: '' }); arrange(e, state.view, { cols: undefined, widths: undefined }); };
  return html`<div class="stack col-panel" ref=${box}>
    <${Chosen} e=${e} state=${state} put=${put} />
    <input type="search" class="input input-sm" aria-label=${t('Find a field')} placeholder=${t('Find a field')} value=${text} onInput=${(ev) => setText(ev.target.value)} />
    <div class="choices filter-options">${own.map((f) => html`<${Choice} key=${f.name} name=${f.name} label=${t(f.label)} on=${cols.includes(f.name)} toggle=${toggle} />`)}
      ${groups.map(({ link, fields }) => html`<details key=${link.name} open=${Boolean(text) || fields.some((f) => cols.includes(`${link.name}.${f.name}`))}><summary>${t(link.label)} …</summary>
        <div class="choices">${fields.map((f) => { const n = `${link.name}.${f.name}`; return html`<${Choice} key=${n} name=${n} label=${t(f.label)} of=${t(link.label)} on=${cols.includes(n)} toggle=${toggle} />`; })}</div></details>`)}</div>
    <button type="button" class="btn btn-quiet btn-sm" disabled=${!state.arranged} onClick=${reset}><${Icon} name="undo-2" />${t('Reset columns')}</button></div>`;
}
