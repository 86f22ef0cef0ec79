// Ticking an activity off, wherever one is shown.
import { explain, update } from '../lib/records.js';
import { ACTIVITY } from '../lib/names.js';
import { toast } from '../lib/toast.js';
import { t } from '../lib/i18n.js';
import { finishing } from './open.js';

const nowIso = () => new Date().toISOString().replace(/\.\d+Z$/, 'Z');

/** Marks an activity as done at once, with Undo, and offers to say how it went and what comes next. */
export const tick = (step) => update(ACTIVITY, step.id, { done_at: nowIso() }, { quiet: true, alone: true, message: t('Done: {task}', { task: step.subject ?? step.title }), also: (done) => ({ action: t('Next step'), run: () => finish(done) }) }).catch((bad) => {
  if (bad.fields?.some((f) => f.where === `${ACTIVITY}.then`)) finishing.value = { step, needed: bad.fields[0].text };
  else toast(explain(bad), { bad: true });
});

/** Asks how it went and what comes next; of what is done already, too. */
export const finish = (step) => { finishing.value = { step }; };
