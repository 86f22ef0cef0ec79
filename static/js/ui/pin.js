// An entry on top of a record's timeline, or back among the others; loaded when somebody asks for it.
import { entity } from '../lib/meta.js';
import { load, update, explain } from '../lib/records.js';
import { toast } from '../lib/toast.js';
import { t } from '../lib/i18n.js';

/** Pins the entry `a` of a kind to the record `about`, or takes it off. */
export async function pin(kind, a, about) {
  const f = entity(kind).pin;
  const record = await load(kind, a.id).catch((bad) => toast(explain(bad), { bad: true }));
  if (!record?.id) return;
  const rest = (record[f] ?? []).filter((x) => x.id !== about.id);
  await update(kind, a.id, { [f]: a.pinned ? rest : [...rest, about] }, { message: a.pinned ? t('No longer pinned') : t('Pinned to the top') }).catch(() => null);
}
