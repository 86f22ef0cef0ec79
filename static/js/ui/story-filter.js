// What a timeline is filtered by: kinds, a person, what belongs to the record.
import { html, useEffect, useRef } from '../lib/html.js';
import { USER } from '../lib/names.js';
import { know, titleOf } from '../lib/refs.js';
import { setQuery } from '../lib/router.js';
import { t } from '../lib/i18n.js';
import { Icon } from './basics.js';
import { Lookup } from './lookup.js';

export default function FilterForm({ e, ask, kinds, kindName, withName }) {
  const on = ask.kind.split(',').filter(Boolean);
  const flip = (k) => setQuery({ kind: (on.includes(k) ? on.filter((x) => x !== k) : [...on, k]).join(',') });
  const who = ask.by ? { id: Number(ask.by), title: titleOf(Number(ask.by))?.title ?? '' } : null;
  const first = useRef(null);
  useEffect(() => { first.current?.querySelector('input')?.focus({ preventScroll: true }); }, []);
  return html`<div class="stack tl-filter" ref=${first}><fieldset class="stack-tight"><legend class="label">${t('Kinds')}</legend>
      ${kinds.map((k, i) => html`<label class="row small" key=${k}><input type="checkbox" class="check" data-first=${i === 0 ? '' : undefined} checked=${on.includes(k)} onChange=${() => flip(k)} />${kindName(k)}</label>`)}</fieldset>
    <div class="field"><label for="tl-by" id="tl-by-l">${t('Person')}</label>
      <${Lookup} id="tl-by" aria-labelledby="tl-by-l" field=${{ type: 'user', to: USER, everyone: true }} key=${who && !who.title ? 'unknown' : 'known'} value=${who} onInput=${(v) => { if (v) know([{ ...v, entity: USER }]); setQuery({ by: v?.id ?? '' }); }} /></div>
    ${e.timeline_with?.length > 0 && html`<label class="row small"><input type="checkbox" class="check" checked=${Boolean(ask.with)} onChange=${(ev) => setQuery({ with: ev.target.checked ? 'related' : '' })} />${withName(e)}</label>`}</div>`;
}

const Chip = ({ label, off }) => html`<span class="chip"><span>${label}</span><button type="button" class="chip-x" aria-label=${t('Remove filter {name}', { name: label })} onClick=${off}><${Icon} name="x" /></button></span>`;

/** What is filtered by, each to be taken away. */
export function Chips({ e, ask, kindName, withName }) {
  const on = ask.kind.split(',').filter(Boolean);
  const all = [...on.map((k) => [k, kindName(k), { kind: on.filter((x) => x !== k).join(',') }]),
    ask.by && ['by', t('by {name}', { name: titleOf(Number(ask.by))?.title ?? '…' }), { by: '' }],
    ask.with && ['with', withName(e), { with: '' }]].filter(Boolean);
  return all.length > 0 && html`<div class="row wrap tl-chips">${all.map(([k, label, change]) => html`<${Chip} key=${k} label=${label} off=${() => setQuery(change)} />`)}</div>`;
}
