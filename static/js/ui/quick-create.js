// One dialog to create anything. The form comes from metadata; while typing the
// server is asked what it would say (a dry run), so messages, required fields
// and possible duplicates appear before saving.
import { html, useState, useEffect, useRef } from '../lib/html.js';
import { entity, menu, fieldOf, pathOf, pipelinesOf } from '../lib/meta.js';
import { create, draft, offerUndo, titleOf, wire } from '../lib/records.js';
import { draftOf, keepDraft } from '../lib/drafts.js';
import { me } from '../lib/store.js';
import { go } from '../lib/router.js';
import { ACTIVITY, DUE } from '../lib/names.js';
import { t, noun, rare } from '../lib/i18n.js';
import { Later, Notice, useLatest } from './basics.js';
import { Dialog } from './layers.js';
import { isEmpty } from './field.js';
import { Field, Given } from './input.js';
import { explainKept, useAnswering } from './kept.js';
import { creating, startCreate } from './open.js';
import { dayIn } from '../lib/query.js';
import { Twins } from './twins.js';

const TYPE_MS = 350;
const TABS = 4;

/** How an activity repeats is asked once it has a day. */
const fetchRepeat = rare(() => import('./repeat.js').then((m) => ({ default: m.RepeatForm })));

const close = () => { creating.value = null; };

/** What was typed and not saved is kept by kind and what was filled in before: opening it again shows it. */
const keyOf = (kind, preset) => `new ${kind} ${JSON.stringify(wire(preset))}`;
const keep = (kind, preset, left) => keepDraft(me().id, keyOf(kind, preset), left, { title: t('New {thing}', { thing: noun(entity(kind).label) }), path: `/${entity(kind).plural}` });

/** Leaves it for good; Esc and a press outside only put it aside. */
const cancel = () => { keep(creating.value.kind, creating.value.values, null); close(); };

/** Messages of an error, by field; the rest under ''. */
const byField = (e, error) => Object.fromEntries((error.fields ?? []).map((f) => {
  const name = f.where.replace(`${e.name}.`, '').split(/[.[]/)[0];
  return [fieldOf(e, name) ? name : '', f.text];
}));

/** Asks the server about the draft a moment after typing stops. */
function useDraft(e, values, typed) {
  const [answer, setAnswer] = useState({ errors: {}, draft: null });
  const text = JSON.stringify(values);
  useEffect(() => {
    if (!typed) return undefined;
    const stop = new AbortController();
    const timer = setTimeout(() => draft(e.name, null, filled(values), { signal: stop.signal }).then(
      (d) => setAnswer((a) => ({ errors: d.error ? byField(e, d.error) : {}, draft: d.draft ?? (d.error ? a.draft : null) })),
      () => null,
    ), TYPE_MS);
    return () => { clearTimeout(timer); stop.abort(); };
  }, [e.name, text, typed]);
  return answer;
}

/** Where records of a pipeline begin, under the name of their stage. */
const firstStage = (e, pipe) => Object.fromEntries(pipelinesOf(e).filter((p) => p.id === pipe).map((p) => [p.field, p.stages[0]?.id]));

/** Constant defaults of the model, who asks and today, so that the form shows what would be saved. */
function defaultsOf(e) {
  const own = Object.fromEntries(e.fields.filter((f) => f.default !== undefined && f.default !== null && !f.readonly).map((f) => [f.name, f.default]));
  for (const f of e.fields.filter((x) => !x.readonly)) {
    if (f.default_me) own[f.name] = { id: me().id, title: me().name };
    if (f.default_today) own[f.name] = dayIn(0);
  }
  const pipe = e.fields.find((f) => f.type === 'pipeline')?.name;
  if (pipelinesOf(e).some((p) => p.teams)) own[pipe] = pipelinesOf(e)[0].id; /* that of the reader's team */
  return { ...firstStage(e, own[pipe]), ...own };
}

/** Without what the configuration no longer has. */
const known = (e, values) => Object.fromEntries(Object.entries(values).filter(([n]) => fieldOf(e, n)));

const filled = (values) => Object.fromEntries(Object.entries(values).filter(([, v]) => !isEmpty(v)));

/** The short form; where a pipeline is about people it asks for the person instead of the company. */
function quickOf(e, values) {
  const pipes = pipelinesOf(e);
  const pipe = pipes.find((p) => p.id === values[e.fields.find((f) => f.type === 'pipeline')?.name]) ?? pipes[0];
  if (!pipe?.person) return e.quick;
  const rest = e.quick.filter((n) => n !== pipe.person && n !== pipe.firm);
  return [...rest.slice(0, 1), pipe.person, ...rest.slice(1)];
}

/** Fields to show: the quick ones, those asked for here, those filled in before, or all. */
function fieldsOf(e, all, ask, preset, draftSays, defaults, values) {
  const editable = e.fields.filter((f) => f.serial || (!f.readonly && !f.computed));
  const names = all || !e.quick?.length ? editable.map((f) => f.name) : [...new Set([...quickOf(e, values), ...ask, ...Object.keys(preset), ...(draftSays?.required ?? []).filter((n) => !(n in defaults))])];
  return names.map((n) => fieldOf(e, n)).filter((f) => f && (f.serial || (!f.readonly && !f.computed)) && !(draftSays ? draftSays.hidden?.includes(f.name) : f.visible_if));
}

function KindTabs({ now, switchTo }) {
  const list = [...menu(), ...menu(true)].filter((e) => e.can?.create);
  const front = list.slice(0, TABS).some((e) => e.name === now) ? list.slice(0, TABS) : [entity(now), ...list.slice(0, TABS - 1)];
  const rest = list.filter((e) => !front.includes(e));
  return html`<div class="row wrap"><div class="segments" role="group" aria-label=${t('What to create')}>${front.map((e) => html`<button type="button" class="btn" key=${e.name} aria-pressed=${now === e.name} onClick=${() => switchTo(e.name)}>${t(e.label)}</button>`)}</div>
    ${rest.length > 0 && html`<select class="select select-sm kind-more" aria-label=${t('More kinds')} value="" onChange=${(ev) => ev.target.value && switchTo(ev.target.value)}><option value="">${t('More')}</option>${rest.map((e) => html`<option key=${e.name} value=${e.name}>${t(e.label)}</option>`)}</select>`}</div>`;
}

function Form({ e, preset, how }) {
  const defaults = useRef(defaultsOf(e)).current;
  const fresh = () => ({ ...defaults, ...firstStage(e, preset[e.fields.find((f) => f.type === 'pipeline')?.name]), ...preset });
  const [back, setBack] = useState(() => draftOf(me().id, keyOf(e.name, preset)));
  const [values, setValues] = useState(() => (back ? known(e, back.values) : fresh()));
  const [touched, setTouched] = useState(back?.touched ?? []);
  const [asked, setAsked] = useState(null);
  const [all, setAll] = useState(false);
  const [busy, setBusy] = useState(false);
  const [repeat, setRepeat] = useState(null);
  const answer = useDraft(e, values, touched.length > 0 || all);
  const fields = fieldsOf(e, all, how.ask ?? [], preset, answer.draft, defaults, values);
  const messages = asked ? { ...asked, ...answer.errors } : Object.fromEntries(Object.entries(answer.errors).filter(([n]) => touched.includes(n)));
  useAnswering(asked?.[''], () => setAsked(null));
  const form = useRef(null);
  const state = useLatest({ values, touched });
  const set = (n, v) => {
    const next = { ...state.current.values, ...(fieldOf(e, n).type === 'pipeline' ? firstStage(e, v) : {}), [n]: v };
    const by = [...new Set([...state.current.touched, n])];
    keep(e.name, preset, { values: next, touched: by });
    setValues(next);
    setTouched(by);
    if (asked?.[n]) setAsked({ ...asked, [n]: undefined });
  };
  const startOver = () => {
    keep(e.name, preset, null);
    setBack(null);
    setValues(fresh());
    setTouched([]);
    setAsked(null);
    requestAnimationFrame(() => form.current?.querySelector('.form-grid :is(input, select, textarea)')?.focus());
  };
  const required = (f) => f.required || answer.draft?.required?.includes(f.name);
  const complain = (errors) => {
    setAsked(errors);
    requestAnimationFrame(() => form.current?.querySelector('[aria-invalid="true"]')?.focus());
  };
  const save = async (ev) => {
    ev.preventDefault();
    if (busy) return;
    const missing = fields.filter((f) => required(f) && isEmpty(state.current.values[f.name]) && f.type !== 'stage');
    if (missing.length) { complain(Object.fromEntries(missing.map((f) => [f.name, t('{field} is required.', { field: t(f.label) })]))); return; }
    setBusy(true);
    try {
      const made = await create(e.name, { ...filled(state.current.values), ...(repeat && state.current.values[DUE] ? { repeat } : {}) });
      keep(e.name, preset, null);
      const show = { action: t('Show it'), run: () => go(`${pathOf(e.name)}/${made.id}`) };
      offerUndo(t('{name} created', { name: titleOf(e.name, made) }), made.change, e.name, undefined, false, show);
      close();
    } catch (bad) {
      setBusy(false);
      const errors = byField(e, bad);
      if (Object.keys(errors).some((n) => n && !fields.some((f) => f.name === n))) setAll(true);
      complain(Object.keys(errors).length ? errors : { '': explainKept(bad) });
    }
  };
  return html`<form id="quick" ref=${form} class="stack" onSubmit=${save} novalidate aria-busy=${busy}>
    ${back && html`<${Notice} tone="info" icon="history"><span class="row wrap"><span class="grow">${t('What you had entered before is here again.')}</span>
      <button type="button" class="btn btn-sm" onClick=${startOver}>${t('Start over')}</button></span><//>`}
    ${messages[''] && html`<${Notice} tone="bad" icon="circle-alert" alert>${messages['']}<//>`}
    <${Twins} list=${answer.draft?.warnings ?? []} leave=${close} />
    ${(answer.draft?.offers ?? []).filter((o) => isEmpty(values[o.field]) && fields.some((f) => f.name === o.field)).map((o) => html`<${Notice} key=${o.id} tone="info" icon="link"><span class="row wrap"><span class="grow">${t('{thing} “{name}” has the domain of this address.', { thing: t(entity(o.entity).label), name: o.title })}</span>
      <button type="button" class="btn btn-sm" onClick=${() => set(o.field, { id: o.id, title: o.title })}>${t('Choose it')}</button></span><//>`)}
    <div class="form-grid">${fields.map((f) => f.serial ? html`<${Given} key=${f.name} field=${f} />` : html`<${Field} key=${`${f.name} ${back === null}`} field=${f} record=${values} value=${values[f.name]} required=${required(f)} first=${f.name === how.first} wide=${e.title?.length === 1 && f.name === e.title[0]} error=${messages[f.name]} onInput=${(v) => set(f.name, v)} />`)}</div>
    ${e.name === ACTIVITY && values[DUE] && html`<${Later} key=${values[DUE].slice(0, 10)} load=${fetchRepeat} rule=${repeat} start=${values[DUE]} onInput=${setRepeat} />`}
    ${!all && e.quick?.length > 0 && html`<button type="button" class="btn btn-quiet btn-sm list-add" onClick=${() => setAll(true)}>${t('All fields')}</button>`}
  </form>`;
}

export default function QuickCreate() {
  const { kind, values, how } = creating.value;
  const e = entity(kind);
  return html`<${Dialog} title=${t('New')} onClose=${close} foot=${html`
      <button type="button" class="btn" onClick=${cancel}>${t('Cancel')}</button>
      <button type="submit" form="quick" class="btn btn-primary">${t('Create')}</button>`}>
    <div class="dialog-body"><${KindTabs} now=${kind} switchTo=${(k) => startCreate(k, {})} />
      <${Form} key=${kind} e=${e} preset=${values} how=${how} /></div>
  <//>`;
}
