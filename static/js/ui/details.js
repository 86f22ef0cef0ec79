// Left column of a record: its fields by group, one edited at a time.
import { html, cx, useState, useEffect, useRef } from '../lib/html.js';
import { entity, fieldOf, isAddressPart, may, stageOf } from '../lib/meta.js';
import { update, explain } from '../lib/records.js';
import { ACTIVITY, OF_SERIES, STAGE_SAYS } from '../lib/names.js';
import { me } from '../lib/store.js';
import { t, key, rare } from '../lib/i18n.js';
import { moment } from '../lib/format.js';
import { Icon, Later } from './basics.js';
import { FullValue, isEmpty, isWide } from './field.js';
import { Cell } from './late.js';
import { changePipeline, moveTo } from './open.js';

const same = (a, b) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

/** Saves one field; a refused value keeps its editor open with the reason. */
function useEdit(e, record, f) {
  const [edit, setEdit] = useState(false);
  const [value, setValue] = useState(null);
  const [error, setError] = useState('');
  const seen = useRef(record);
  const begin = () => { seen.current = record; setValue(record[f.name] ?? null); setError(''); setEdit(true); };
  const save = async (v = value) => {
    if (same(v, seen.current[f.name])) { setEdit(false); return; }
    setEdit(false);
    if (v && f.type === 'pipeline') { changePipeline(e, record, f, v); return; }
    if (v && f.type === 'stage') { moveTo(e, record, f, stageOf(e, v, record.pipeline)); return; }
    try {
      await update(e.name, record.id, { [f.name]: v }, { message: t('{field} changed', { field: t(f.label) }), quiet: true, version: seen.current.version });
    } catch (bad) {
      setValue(v);
      setError(explain(bad));
      setEdit(true);
    }
  };
  return { edit, setEdit, value, setValue, error, begin, save };
}

/** The editor is fetched when somebody points at the details, and this long after the start, so that it is there without a connection. */
const IDLE_MS = 4000;
const fetchEditor = rare(() => import('./detail-editor.js'));
const fetchRepeat = rare(() => import('./repeat.js'));
const foresee = () => fetchEditor().catch(() => null);

/** One field: label, value, pencil; the pencil shows on hover, focus and touch. */
function Detail({ entity: e, record, field: f, locked, summed }) {
  const state = useEdit(e, record, f);
  const fixed = locked || f.readonly || f.computed;
  const button = useRef(null);
  const was = useRef(false);
  useEffect(() => { if (was.current && !state.edit) button.current?.focus({ preventScroll: true }); was.current = state.edit; }, [state.edit]);
  return html`<div class=${cx('detail', ((f.type === 'longtext' && !isEmpty(record[f.name])) || (state.edit && isWide(f))) && 'detail-wide')} onDblClick=${(ev) => !fixed && !state.edit && !ev.target.closest('a') && state.begin()}><dt title=${f.help && t(f.help)}>${t(f.label)}</dt><dd>
    ${state.edit ? html`<${Later} load=${fetchEditor} leave=${f.type !== 'file' && (() => state.setEdit(false))} e=${e} record=${record} field=${f} state=${state} />`
      : html`<${FullValue} field=${f} record=${record}><${Cell} e=${e} f=${f} r=${record} /><//>${!fixed && html`<button type="button" ref=${button} class="detail-edit" aria-label=${t('Edit {field}', { field: t(f.label) })} onClick=${state.begin}>
        <${Icon} name="pencil" /></button>`}`}
    ${summed && html`<span class="tiny faint detail-note">${t('What the lines come to')}</span>`}
    ${f.remind && record[f.name] && !state.edit && html`<${Later} load=${() => import('./reminder.js')} field=${f} record=${record} />`}</dd></div>`;
}

const OTHERS = key('More');

/** Groups of the layout, and one for fields it does not place. */
function groupsOf(e, hidden) {
  const placed = new Set((e.detail ?? []).flatMap((g) => g.fields));
  const others = e.fields.filter((f) => !placed.has(f.name) && !f.system && !isAddressPart(e, f) && f.type !== 'records' && !hidden.includes(f.name)).map((f) => f.name);
  const groups = [...(e.detail ?? []), ...(others.length ? [{ label: e.detail?.length ? OTHERS : e.label, fields: others }] : [])];
  return groups.map((g) => ({ ...g, fields: g.fields.filter((n) => !hidden.includes(n)).map((n) => fieldOf(e, n)).filter((f) => f && !(g.label === OTHERS && isAddressPart(e, f))) })).filter((g) => g.fields.length);
}

const History = ({ record: r }) => html`<section><h2 class="side-title">${t('History')}</h2>
  <p class="tiny faint">${r.created_by ? t('Created {when} by {name}', { when: moment(r.created_at), name: r.created_by.title ?? t('somebody') }) : t('Created {when}', { when: moment(r.created_at) })}<br />
    ${r.updated_by ? t('Changed {when} by {name}', { when: moment(r.updated_at), name: r.updated_by.title ?? t('somebody') }) : t('Changed {when}', { when: moment(r.updated_at) })}
    ${(r.external ?? []).map((x) => html`<br key=${x.system + x.id} />${t('Id in {program}: {id}', { program: x.system, id: x.id })}`)}</p></section>`;

/** Does the record have no use for the field now? The server says so while one may edit. */
const isIdle = (f, record, draft) => isEmpty(record[f.name]) && ((f.visible_if && !draft) || (f.readonly && !f.computed));

/** Does the field say again what the stage of the record says? */
const isSaid = (e, f) => (e.name === ACTIVITY && OF_SERIES.includes(f.name)) || (f.name === STAGE_SAYS && f.computed && f.type === 'bool' && e.fields.some((x) => x.type === 'stage'));

/** All details of a record. `draft` says which fields are hidden or locked now. */
export const Details = ({ entity: e, record, draft, frozen }) => {
  const locked = frozen || !may(e, 'edit', record, me());
  useEffect(() => { const timer = setTimeout(foresee, IDLE_MS); return () => clearTimeout(timer); }, []);
  return html`<aside class="rec-side" aria-label=${t('Details')} onPointerEnter=${foresee} onFocusIn=${foresee}>
    ${groupsOf(e, [...draft?.hidden ?? [], ...e.fields.filter((f) => isIdle(f, record, draft) || isSaid(e, f)).map((f) => f.name)]).map((g) => html`<section key=${g.label}>
      <h2 class="side-title">${t(g.label)}</h2>
      <dl>${g.fields.map((f) => html`<${Detail} key=${f.name} entity=${e} record=${record} field=${f} locked=${locked || draft?.readonly?.includes(f.name)} summed=${e.lined_by && draft?.readonly?.includes(f.name) && f.name === entity(e.lined_by)?.lines.sum && !f.readonly} />`)}</dl></section>`)}
    ${e.name === ACTIVITY && !frozen && html`<${Later} load=${fetchRepeat} record=${record} locked=${locked} />`}
    ${record.created_at && !frozen && html`<${History} record=${record} />`}</aside>`;
};
