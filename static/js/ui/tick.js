// Ticking an activity off, wherever one is shown.
import { update } from '../lib/records.js';
import { ACTIVITY } from '../lib/names.js';
import { t } from '../lib/i18n.js';
import { finishing } from './open.js';

const nowIso = () => new Date().toISOString().replace(/\.\d+Z$/, 'Z');

/** Marks an activity as done at once, with Undo. */
export const tick = (step) => update(ACTIVITY, step.id, { done_at: nowIso() }, { message: t('Done: {task}', { task: step.subject ?? step.title }) }).catch(() => null);

/** Asks how it went and what comes next. */
export const finish = (step) => { finishing.value = { step }; };
