// One small form for what was done and what comes next: logs a call, or ticks off
// a planned step. Both are one change-set, so one Undo takes both back.
import { html, useEffect, useLayoutEffect, useRef, useState } from '../lib/html.js';
import { entity, fieldOf, pathOf } from '../lib/meta.js';
import { create, known, load, offerUndo, titleOf, update } from '../lib/records.js';
import { ACTIVITY, DONE, DUE, KINDS } from '../lib/names.js';
import { due, now, zoned } from '../lib/format.js';
import { dayIn } from '../lib/workday.js';
import { draftOf, keepDraft } from '../lib/drafts.js';
import { me } from '../lib/store.js';
import { t } from '../lib/i18n.js';
import { Icon, Notice } from './basics.js';
import { Dialog } from './layers.js';
import { finishing } from './open.js';
import { Input } from './input.js';
import { explainKept, useAnswering } from './kept.js';

const TITLE_LENGTH = 160;
const close = () => { finishing.value = null; };
const nowIso = () => now().toISOString().replace(/\.\d+Z$/, 'Z');
const field = (name) => fieldOf(entity(ACTIVITY), name);
const optionsOf = (name) => field(name)?.options ?? [];
const labelOf = (name, id) => t(optionsOf(name).find((o) => o.id === id)?.label ?? id ?? '');
const text = () => fieldOf(entity(ACTIVITY), 'outcome') ?? entity(ACTIVITY).fields.find((f) => f.type === 'longtext' && !f.readonly);

/** The step a form begins with that wants one. */
export const fresh = () => ({ kind: 'task', subject: '', [DUE]: dayIn(1) });

/** A suggestion of follow_ups.yaml as a step. */
const stepOf = (u, done) => ({ kind: u.kind, subject: t(u.subject ?? '') || done.subject || labelOf('kind', u.kind), [DUE]: u.at ? zoned(`${dayIn(u.days)}T${u.at}`) : dayIn(u.days) });

/** What follow_ups.yaml says may follow, what fits best first. */
const fitting = (kind, result) => (entity(ACTIVITY).follow_ups ?? []).filter((u) => (!u.after || u.after === kind) && (!u.result || u.result === result))
  .sort((a, b) => Boolean(b.result) - Boolean(a.result) || Boolean(b.after) - Boolean(a.after));

function Results({ value, put }) {
  if (!field('result') || field('result').readonly) return null;
  return html`<fieldset class="choices choices-row"><legend class="label">${t(field('result').label)}</legend>${optionsOf('result').map((o) => html`<label key=${o.id}>
    <input type="radio" name="result" value=${o.id} checked=${value === o.id} onClick=${() => put(value === o.id ? null : o.id)} />${t(o.label)}</label>`)}</fieldset>`;
}

/** What comes next: a suggestion, or kind, words and day. */
export function Next({ kind, result, done, step, put, needed, first }) {
  const offers = fitting(kind, result);
  const set = (change) => put({ ...fresh(), ...step, ...change });
  return html`<fieldset class="choices"><legend class="label">${t('Next step')}</legend>
    ${offers.length > 0 && html`<div class="row wrap">${offers.map((u) => { const s = stepOf(u, done); return html`<button type="button" class="btn btn-sm" key=${`${u.kind}${u.subject}${u.days}`} aria-pressed=${step?.subject === s.subject && step?.[DUE] === s[DUE]} onClick=${() => put(s)}>
      <${Icon} name=${KINDS[u.kind]?.[0] ?? 'circle-check'} />${s.subject}, ${due(s[DUE])}</button>`; })}</div>`}
    <div class="row wrap"><select class="select select-sm" aria-label=${t('Next step')} value=${step?.kind ?? ''} onChange=${(ev) => (ev.target.value ? set({ kind: ev.target.value }) : put(null))}>
      <option value="">${needed ? t('Choose') : t('None')}</option>${optionsOf('kind').map((o) => html`<option key=${o.id} value=${o.id} selected=${o.id === step?.kind}>${t(o.label)}</option>`)}</select>
    ${step && html`<input class="input input-sm grow" type="text" autofocus=${first} aria-label=${t('What is to be done?')} placeholder=${t('What is to be done?')} value=${step.subject} onInput=${(ev) => set({ subject: ev.target.value })} />
      <${Input} field=${field(DUE)} small value=${step[DUE]} aria-label=${t(field(DUE).label)} onInput=${(v) => set({ [DUE]: v })} />`}</div></fieldset>`;
}

/** The step as it is saved; without words it is called like its kind and what it is about. */
export const toSave = (step, about) => ({ ...step, subject: step.subject.trim() || [labelOf('kind', step.kind), about].filter(Boolean).join(': ').slice(0, TITLE_LENGTH) });

export default function Finish() {
  const { step: old, kind: first, about, needed, note: words, saved } = finishing.value;
  const place = old ? `done.${old.id}` : `log.${(about ?? []).map((a) => a.id).join('.')}`;
  const [left] = useState(() => draftOf(me().id, place));
  const [kind, setKind] = useState(left?.kind ?? old?.kind ?? first ?? 'call');
  const [result, setResult] = useState(left?.result ?? null);
  const [note, setNote] = useState(left?.values.note || words || '');
  const [step, setStep] = useState(left?.step ?? (needed ? fresh() : null));
  const drop = () => keepDraft(me().id, place, null);
  const typed = note.trim() || step?.subject;
  useLayoutEffect(() => { /* at once: who reloads right after a key has typed it, too */
    if (typed) keepDraft(me().id, place, { kind, result, step, values: { note, next: step?.subject ?? '' } }, { title: old ? old.subject ?? titleOf(ACTIVITY, old) : t('Log what was done'), path: old ? `${pathOf(ACTIVITY)}/${old.id}` : about?.[0]?.entity ? `${pathOf(about[0].entity)}/${about[0].id}` : '/tasks' });
    else drop();
  }, [kind, result, note, step]);
  const [error, setError] = useState('');
  useAnswering(error, () => setError(''));
  const [busy, setBusy] = useState(false);
  const before = useRef(null);
  useEffect(() => { before.current = old && load(ACTIVITY, old.id).catch(() => null); }, []);
  const long = text();
  const save = async (ev) => {
    ev.preventDefault();
    if (busy) return;
    setBusy(true);
    const [line, ...more] = note.trim().split('\n');
    const was = await before.current ?? (old && await load(ACTIVITY, old.id).catch(() => null)); /* without it, what stood there would be lost */
    const name = old ? was?.links?.[0]?.title ?? old.subject : known(about?.[0]?.entity, about?.[0]?.id)?.title;
    const next = step && toSave(step, name);
    const then = next ? { then: [next] } : {};
    const how = result ? { result } : {};
    try {
      if (old) {
        const said = [was?.[long?.name], note.trim()].filter(Boolean).join('\n\n');
        await update(ACTIVITY, old.id, { [DONE]: old[DONE] ?? nowIso(), ...how, ...(note.trim() && long ? { [long.name]: said } : {}), ...then }, { quiet: true, alone: true, message: next ? t('Done: {task}. Next: {next}', { task: old.subject ?? old.title, next: next.subject }) : t('Done: {task}', { task: old.subject ?? old.title }) });
      } else {
        const subject = line.slice(0, TITLE_LENGTH) || [labelOf('kind', kind), result && labelOf('result', result)].filter(Boolean).join(': ');
        const rest = [line.slice(TITLE_LENGTH), ...more].join('\n').trim();
        const made = await create(ACTIVITY, { kind, subject, [DONE]: nowIso(), ...how, ...(rest && long ? { [long.name]: rest } : {}), links: about, ...then });
        offerUndo(step ? t('{kind} logged, next step planned', { kind: labelOf('kind', kind) }) : t('{kind} logged', { kind: labelOf('kind', kind) }), made.change, ACTIVITY);
      }
      drop();
      saved?.();
      close();
    } catch (bad) {
      setError(bad.fields?.map((f) => f.text).join(' ') || explainKept(bad));
      setBusy(false);
    }
  };
  return html`<${Dialog} title=${old ? t('Done') : t('Log what was done')} onClose=${close} foot=${html`<button type="button" class="btn" onClick=${() => { drop(); close(); }}>${t('Cancel')}</button>
      <button type="submit" form="finish" class="btn btn-primary" aria-disabled=${busy}>${old ? t('Done') : t('Save')}</button>`}>
    <form id="finish" class="dialog-body stack" onSubmit=${save} novalidate>
      ${old ? html`<p class="dim">${old.subject ?? titleOf(ACTIVITY, old)}</p>` : html`<div class="segments" role="group" aria-label=${t('What was done')}>${optionsOf('kind').filter((o) => o.id !== 'task').map((o) => html`<button type="button" class="btn" key=${o.id} aria-pressed=${o.id === kind} onClick=${() => setKind(o.id)}>
        <${Icon} name=${KINDS[o.id]?.[0] ?? 'circle-check'} />${t(o.label)}</button>`)}</div>`}
      ${needed && html`<${Notice} tone="info" icon="circle-dashed">${needed}<//>`}
      ${error && html`<${Notice} tone="bad" icon="circle-alert" alert>${error}<//>`}
      <textarea class="area" rows="3" autofocus aria-label=${t('What came of it?')} placeholder=${t('What came of it?')} value=${note} onInput=${(ev) => setNote(ev.target.value)}></textarea>
      <${Results} value=${result} put=${setResult} />
      <${Next} kind=${kind} result=${result} done=${{ subject: old?.subject ?? note.trim().split('\n')[0] }} step=${step} put=${setStep} needed=${needed} />
    </form><//>`;
}
