// What is written in the composer becomes a note or an activity; loaded when it is saved.
import { entity } from '../lib/meta.js';
import { create, offerUndo, touch } from '../lib/records.js';
import { NOTE, ACTIVITY, SHARE } from '../lib/names.js';
import { parse, zoned } from '../lib/format.js';
import { t } from '../lib/i18n.js';

const TITLE_LENGTH = 160;
const recordsField = (e) => e.fields.find((f) => f.type === 'records');

/** Due on a day, or at a time of it. */
function dueFrom(day, time) {
  if (!day) return undefined;
  return time ? zoned(`${day}T${time}`) : day;
}

/** First line as subject, the rest as what came of it, or as what it is about. */
function activityOf(kind, text, form) {
  const a = entity(ACTIVITY);
  const [first, ...more] = text.trim().split('\n');
  const rest = [first.slice(TITLE_LENGTH), ...more].join('\n').trim();
  const due = dueFrom(form.get('day'), form.get('time'));
  const past = kind === 'call' || (kind !== 'task' && (!due || parse(due) < new Date()));
  return { kind, subject: first.slice(0, TITLE_LENGTH), due, ...(rest && long ? { [long.name]: rest } : {}), ...(past ? { done_at: new Date().toISOString().replace(/\.\d+Z$/, 'Z') } : {}) };
}

/** Saves what stands in the composer: a note, or an activity with its day and time. */
export async function write(kind, typed, form, about, users) {
  const text = kind === 'note' || !typed.includes('[') ? typed : (await import('../lib/refs.js')).shownText(typed)[0];
  const to = kind === 'note' ? NOTE : ACTIVITY;
  const values = kind === 'note' ? { text: text.trim() } : activityOf(kind, text, form);
  const made = await create(to, { ...values, [recordsField(entity(to)).name]: [about], ...(users.length ? { share_with: users } : {}) });
  const done = { note: t('Note added'), task: t('Task planned'), call: t('Call logged'), meeting: t('Meeting saved') }[kind] ?? t('Saved');
  offerUndo(done, made.change, to);
  if (users.length) touch(SHARE);
}
