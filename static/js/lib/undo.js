// Undo: a change-set is taken back, and what it could not take back is told.
import { post } from './api.js';
import { entity, fieldOf, loadMeta } from './meta.js';
import { explain, load, touch } from './records.js';
import { VIEW, TAG } from './names.js';
import { toast } from './toast.js';
import { t, tn } from './i18n.js';

const KEPT_TOLD = 3;

/** What an undo left alone: records with their fields, the first few. */
const keptText = (list) => list.slice(0, KEPT_TOLD).map((k) => {
  const names = (k.fields ?? []).map((f) => t((entity(k.entity) && fieldOf(entity(k.entity), f)?.label) ?? f)).join(', ');
  return `${k.title || `#${k.id}`}${names && ` (${names})`}`;
}).join('; ') + (list.length > KEPT_TOLD ? ' …' : '');

/** Takes a change-set back and refreshes what it touched. */
export async function undo(change, kind, id) {
  try {
    const { body } = await post(`/changes/${change}/undo`);
    if (id !== undefined) await load(kind, id).catch(() => null);
    if (kind === VIEW || kind === TAG) await loadMeta();
    touch(kind);
    const kept = body?.kept_count ?? body?.kept?.length ?? 0;
    const why = body?.undone ? null : body?.kept?.find((r) => r.text)?.text;
    if (why) toast(why, { bad: true });
    else if (kept) toast(tn('Undone; {n} record was changed since and keeps that: {what}', 'Undone; {n} records were changed since and keep that: {what}', kept, { what: keptText(body.kept) }), { lasting: true });
    else toast(t('Undone'));
  } catch (e) {
    toast(explain(e), { bad: true });
  }
}
