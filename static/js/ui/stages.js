// Moving a record from stage to stage: the one way for board and record page.
// Losing asks for the reason; a stage with a gate asks for what it wants
// (question.js).
import { fieldOf, heldBy, isConverted, pipeline } from '../lib/meta.js';
import { draft, update, explain, titleOf } from '../lib/records.js';
import { LOST_REASON, LOST_ASKED, ACTIVITY } from '../lib/names.js';
import { toast } from '../lib/toast.js';
import { t, key } from '../lib/i18n.js';
import { asking } from './open.js';
import { isEmpty } from './field.js';

/** Stands among the options of a choice for none of them. */
export const NO_VALUE = { id: '-', label: key('No value') };

/** What the field of a record in this stage (or choice) holds. */
export const valueIn = (stage) => (stage === NO_VALUE ? null : stage.id);

const said = ({ e, record, field, stage, pipe }) => {
  const name = titleOf(e.name, record);
  if (pipe) return t('{name} moved to {stage}', { name, stage: `${t(pipe.label)}: ${t(stage.label)}` });
  if (stage === NO_VALUE) return t('{field} of {name} changed', { field: t(field.label), name });
  if (stage.kind === 'won') return t('Won: {name}', { name });
  return stage.kind === 'lost' ? t('Lost: {name}', { name }) : t('{name} moved to {stage}', { name, stage: t(stage.label) });
};

/** What the server says is wrong, by field. */
export const errorsOf = (e, error) => Object.fromEntries(error.fields.map((f) => [f.where.replace(`${e.name}.`, ''), f.text]).filter(([n]) => fieldOf(e, n)));

/** What a gate wants planned or done about the record and is not: [{ kind, done, text }]. */
export const missingOf = (e, field, stage, error) => (stage.activities ?? [])
  .map((a) => ({ ...a, text: error.fields.find((f) => f.where === `${e.name}.${field.name}.${a.kind ?? ACTIVITY}`)?.text }))
  .filter((a) => a.text);

/** Sends the move with what was asked for and with the activities that go along. */
export async function send(move, extra, steps) {
  const { e, record, field, stage } = move;
  await update(e.name, record.id, { ...extra, ...(move.pipe && { [move.pipeField]: move.pipe.id }), [field.name]: valueIn(stage) }, { message: said(move), quiet: true, steps });
}

/** What is asked when something is lost: the reason, and what the stage (or else the model) has beside it. */
export function lostAsks(e, stage) {
  const more = (stage.ask ?? LOST_ASKED).filter((n) => n !== LOST_REASON && fieldOf(e, n) && !fieldOf(e, n).readonly && !stage.require?.includes(n));
  const must = (stage.require ?? []).filter((n) => n !== LOST_REASON && fieldOf(e, n));
  return { lost: true, names: [LOST_REASON, ...must, ...more], optional: more };
}

/** Moves a record to another pipeline: says which stage the server proposes there, and asks. */
export async function changePipeline(e, record, f, id) {
  const pipe = pipeline(id);
  const before = pipeline(record[f.name]) ?? {};
  if (!pipe || record[f.name] === id) return;
  const field = fieldOf(e, pipe.field);
  const said = await draft(e.name, record.id, { [f.name]: id }).catch(() => ({}));
  const stage = pipe.stages.find((s) => s.id === said[field.name]) ?? pipe.stages.find((s) => s.id === record[field.name]) ?? pipe.stages[0];
  const about = pipe.person ?? before.firm; /* whom it is about there */
  const names = about && fieldOf(e, about) && isEmpty(record[about]) ? [about] : [];
  asking.value = { e, record, field, stage, pipe, pipeField: f.name, optional: names, names, errors: {} };
}

/** Moves a record to a stage (or another choice); asks only when it must. */
export async function moveTo(e, record, field, stage) {
  if ((record[field.name] ?? null) === valueIn(stage)) return;
  const move = { e, record, field, stage };
  if (stage.kind === 'won' && heldBy(e).length && !isConverted(e, record)) { asking.value = { ...move, convert: true }; return; }
  if (stage.kind === 'lost' && fieldOf(e, LOST_REASON) && !fieldOf(e, LOST_REASON).readonly) { asking.value = { ...move, ...lostAsks(e, stage), errors: {} }; return; }
  try {
    await send(move, {});
  } catch (error) {
    if (error.left) return;
    const { [field.name]: gate, ...errors } = errorsOf(e, error);
    const wrong = Object.entries(errors).filter(([n]) => !isEmpty(record[n])); /* what is only missing is asked for, not blamed */
    const missing = error.status === 422 ? missingOf(e, field, stage, error) : [];
    if (error.status === 422 && (Object.keys(errors).length || missing.length)) asking.value = { ...move, missing, say: gate ?? stage.say, names: Object.keys(errors), errors: Object.fromEntries(wrong) };
    else toast(explain(error), { bad: true });
  }
}
