// The question a move through a pipeline may need, see stages.js.
import { html, useRef, useState } from '../lib/html.js';
import { entity, fieldOf, pathOf } from '../lib/meta.js';
import { explain, titleOf } from '../lib/records.js';
import { LOST_REASON, ACTIVITY, DUE, DONE, kindIcon } from '../lib/names.js';
import { toast } from '../lib/toast.js';
import { t, rare } from '../lib/i18n.js';
import { dayIn } from '../lib/workday.js';
import { Icon, Later, Notice } from './basics.js';
import { Dialog } from './layers.js';
import { asking } from './open.js';
import { isEmpty } from './field.js';
import { Field } from './input.js';
import { depthOf } from './inputs.js';
import { leftIn, useDraft } from './kept.js';
import { errorsOf, missingOf, send } from './stages.js';

const TITLE_LENGTH = 160;
const close = () => { asking.value = null; };

function Reason({ field: f, value, error, onInput }) {
  if (!f.options) return html`<${Field} field=${f} value=${value} error=${error} prefix="move" required onInput=${onInput} />`;
  return html`<fieldset class="choices" aria-describedby=${error ? 'reason-e' : undefined}><legend class="sr-only">${t(f.label)}</legend>${f.options.map((o) => html`<label key=${o.id} class=${depthOf(f, o) ? `choice-sub-${depthOf(f, o)}` : undefined}>
    <input type="radio" name="reason" value=${o.id} checked=${value === o.id} onChange=${() => onInput(o.id)} />${t(o.label)}</label>`)}
    ${error && html`<span class="error" id="reason-e" role="alert"><${Icon} name="circle-alert" />${error}</span>`}</fieldset>`;
}

const nowIso = () => new Date().toISOString().replace(/\.\d+Z$/, 'Z');

/** What would be written down for an activity that a gate wants. */
const writtenDown = (a, label) => ({ ...a, subject: label, at: a.done ? nowIso() : dayIn(1), error: null });

const kindLabel = (kind) => t(fieldOf(entity(ACTIVITY), 'kind')?.options?.find((o) => o.id === kind)?.label ?? entity(ACTIVITY).label);

/** What such an activity is called until somebody says it better. */
const subjectFor = (kind, record) => [kindLabel(kind), record.title].filter(Boolean).join(': ').slice(0, TITLE_LENGTH);

/** An activity that a gate wants, in words. */
const wants = (a) => (a.done ? t('{kind} (done)', { kind: kindLabel(a.kind) }) : t('{kind} (planned or done)', { kind: kindLabel(a.kind) }));

/** What a stage wants, in one sentence. */
const Needs = ({ stage, name, what }) => html`<p>${t('To enter {stage}, {name} needs: {what}.', { stage: t(stage.label), name, what: what.join(', ') })}</p>`;

/** Writes down here and now what a gate wants done or planned. */
function Activity({ draft: a, at: i, onInput }) {
  const e = entity(ACTIVITY);
  const when = fieldOf(e, a.done ? DONE : DUE);
  return html`<fieldset class="dialog-part"><legend class="row"><${Icon} name=${kindIcon(a.kind)} /><span class="strong">${wants(a)}</span></legend>
    <${Field} prefix=${`gate${i}`} field=${fieldOf(e, e.title[0])} value=${a.subject} error=${a.error} onInput=${(v) => onInput({ ...a, subject: v, error: null })} />
    ${when && html`<${Field} prefix=${`gate${i}`} field=${when} value=${a.at} required onInput=${(v) => onInput({ ...a, at: v })} />`}</fieldset>`;
}

/** The question a move may need: the reason for losing, or what a gate asks for. */
function Question() {
  const move = asking.value;
  const { e, record, field, pipe } = move;
  const [stage, setStage] = useState(move.stage);
  const lost = move.lost || (pipe && stage.kind === 'lost' && !isEmpty(fieldOf(e, LOST_REASON)) && isEmpty(record[LOST_REASON]));
  const [say, setSay] = useState(move.say);
  const place = `move.${e.name}.${record.id}.${move.stage.id}`;
  const [left] = useState(() => leftIn(place));
  const [more] = useState(() => Object.keys(left?.values ?? {}).filter((n) => !move.names.includes(n) && n !== LOST_REASON && fieldOf(e, n))); /* came up after a refusal */
  const [names, setNames] = useState([...move.names, ...more]);
  const [first] = useState(() => Object.fromEntries(move.names.map((n) => [n, record[n] ?? null])));
  const [asks] = useState(() => (move.missing ?? []).map((a) => writtenDown(a, subjectFor(a.kind, record))));
  const [values, setValues] = useState(() => ({ ...first, ...Object.fromEntries(Object.entries(left?.values ?? {}).filter(([n]) => names.includes(n) || (move.lost && n === LOST_REASON))) }));
  const [errors, setErrors] = useState(move.errors);
  const [work, setWork] = useState(() => asks.map((a) => ({ ...a, ...left?.work.find((w) => w.kind === a.kind && w.done === a.done), error: null })));
  const drop = useDraft(place, { values, work }, { values: first, work: asks }, { title: titleOf(e.name, record), path: `${pathOf(e.name)}/${record.id}` });
  const put = (i, a) => setWork((all) => all.map((x, k) => (k === i ? a : x)));
  const busy = useRef(false);
  const steps = () => work.map((a) => ({ ...(a.kind ? { kind: a.kind } : {}), [entity(ACTIVITY).title[0]]: a.subject, [a.done ? DONE : DUE]: a.at }));
  /* The server does not say which of them is wrong: the first whose value would be. */
  const blame = (error) => {
    const bad = error.fields?.find((f) => f.where.startsWith(`${e.name}.then`));
    if (!bad) return false;
    const name = bad.where.split('.').pop();
    const at = Math.max(0, steps().findIndex((s) => name in s && isEmpty(s[name])));
    put(at, { ...work[at], error: bad.text });
    return true;
  };
  const set = (n, v) => { setValues({ ...values, [n]: v }); setErrors({ ...errors, [n]: undefined }); };
  const submit = async (ev) => {
    ev.preventDefault();
    if (lost && isEmpty(values[LOST_REASON])) { setErrors({ ...errors, [LOST_REASON]: t('Choose a reason.') }); return; }
    if (busy.current) return;
    busy.current = true;
    try {
      await send({ ...move, stage }, Object.fromEntries(Object.entries(values).filter(([n, v]) => !isEmpty(v) || !isEmpty(record[n]))), work.length ? steps() : undefined);
      drop();
      close();
    } catch (error) {
      busy.current = false;
      if (error.left || (work.length && blame(error))) return;
      const { [field.name]: gate, ...bad } = errorsOf(e, error);
      setSay(gate ?? say);
      const missing = error.status === 422 ? missingOf(e, field, stage, error) : [];
      const wanted = (a) => work.find((w) => w.kind === a.kind && w.done === a.done);
      if (missing.length) setWork([...work, ...missing.filter((a) => !wanted(a)).map((a) => writtenDown(a, subjectFor(a.kind, record)))]);
      if (error.status !== 422 || !(Object.keys(bad).length || missing.length)) { toast(explain(error), { bad: true }); close(); return; }
      setErrors(bad);
      setNames([...new Set([...names, ...Object.keys(bad)])]);
    }
  };
  const name = titleOf(e.name, record);
  const title = pipe ? t('Move to {stage}', { stage: t(pipe.label) }) : lost ? t('Why was it lost?') : t('Move to {stage}', { stage: t(stage.label) });
  return html`<${Dialog} title=${title} onClose=${close} foot=${html`<button type="button" class="btn" onClick=${() => { drop(); close(); }}>${t('Cancel')}</button>
      <button type="submit" form="move" class="btn btn-primary">${lost && !pipe ? t('Mark as lost') : t('Move')}</button>`}>
    <form id="move" class="dialog-body" onSubmit=${submit} novalidate>${lost || pipe ? html`<p class="dim">${name}</p>` : html`<${Needs} stage=${stage} name=${name} what=${[...names.map((n) => t(fieldOf(e, n).label)), ...work.map(wants)]} />`}
      ${pipe && html`<div class="field"><label for="move-stage">${t(field.label)}</label><select id="move-stage" class="select" value=${stage.id} onChange=${(ev) => setStage(pipe.stages.find((s) => s.id === ev.currentTarget.value))}>
        ${pipe.stages.map((s) => html`<option key=${s.id} value=${s.id} selected=${s.id === stage.id}>${t(s.label)}</option>`)}</select></div>`}
      ${say && html`<${Notice} tone="info" icon="info">${say}<//>`}
      ${(lost && !names.includes(LOST_REASON) ? [...names, LOST_REASON] : names).map((n) => (lost && n === LOST_REASON ? html`<${Reason} key=${n} field=${fieldOf(e, n)} value=${values[n]} error=${errors[n]} onInput=${(v) => set(n, v)} />`
        : html`<${Field} key=${n} prefix="move" field=${fieldOf(e, n)} record=${record} value=${values[n]} error=${errors[n]} required=${!move.optional?.includes(n)} onInput=${(v) => set(n, v)} />`))}
      ${work.map((a, i) => html`<${Activity} key=${`${a.kind} ${a.done}`} draft=${a} at=${i} onInput=${(x) => put(i, x)} />`)}</form><//>`;
}

const fetchConvert = rare(() => import('./convert.js'));

/** What lies over the page because a move waits for an answer. */
export default function Asking() {
  return asking.value.convert ? html`<${Later} load=${fetchConvert} leave=${close} />` : html`<${Question} />`;
}
