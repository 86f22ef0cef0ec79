// Many records at once: changed, deleted, or taken out of the bin, as one change with one Undo.
import { post } from './api.js';
import { pathOf } from './meta.js';
import { explain, offerUndo, touch } from './records.js';
import { toast } from './toast.js';
import { t, tn } from './i18n.js';

/** Why records were left alone: what the server says, or that they are not one's own. */
const refusal = (body, what) => body.errors?.[0]?.text || (what.delete ? t('You may not delete them. Ask an administrator for the right.') : t('You may not change them. Ask an administrator for the right.'));

/** Changes or deletes many; `what` is { ids }, { filter } or { all } with set or delete, `meant` how many the user saw. */
export async function bulk(kind, what, message, meant) {
  const { body, change } = await post(`${pathOf(kind)}/bulk`, what);
  const left = Math.max(body.errors?.length ?? 0, !what.ids && (what.delete || !body.changed) ? meant - body.changed : 0);
  touch(kind);
  if (body.changed) offerUndo(message(body.changed), change ?? body.change, kind, undefined, true);
  else if (!left) toast(t('Nothing had to be changed.'));
  if (left) toast(tn('{n} record was left as it was. {why}', '{n} records were left as they were. {why}', left, { why: refusal(body, what) }), { bad: true });
  return body;
}

/** Takes several change-sets back: [{ kind, change }]. */
async function undoEach(changes) {
  try {
    for (const { kind, change } of changes) {
      await post(`/changes/${change}/undo`);
      touch(kind);
    }
    toast(t('Undone'));
  } catch (e) {
    toast(explain(e), { bad: true });
  }
}

/** Takes records of any kinds out of the bin, a kind at a time, and says what came back and what did not. */
export async function restoreMany(items) {
  const changes = [];
  const sum = { back: 0, left: 0, why: '' };
  for (const kind of new Set(items.map((x) => x.entity))) {
    const ids = items.filter((x) => x.entity === kind).map((x) => x.id);
    try {
      const { body } = await post(`${pathOf(kind)}/bulk`, { ids, restore: true });
      sum.back += body.changed;
      sum.left += body.errors.length;
      sum.why ||= body.errors[0]?.text ?? '';
      if (body.change) changes.push({ kind, change: body.change });
    } catch (bad) {
      sum.left += ids.length;
      sum.why ||= explain(bad);
    }
  }
  changes.forEach((c) => touch(c.kind));
  if (sum.back) toast(tn('{n} record is back', '{n} records are back', sum.back), { lasting: true, action: t('Undo'), run: () => undoEach(changes) });
  if (sum.left) toast(tn('{n} record stays in the bin. {why}', '{n} records stay in the bin. {why}', sum.left, { why: sum.why }), { bad: true });
}
