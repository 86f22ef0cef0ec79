// What should have happened by now: activities past their due moment, and open
// records of a pipeline past their closing day.
import { html } from '../lib/html.js';
import { fieldOf, firstOf, stageOf } from '../lib/meta.js';
import { ACTIVITY, DUE, DONE } from '../lib/names.js';
import { pastDay } from '../lib/router.js';
import { isoDay, parse, passed } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { Icon } from './basics.js';
import { Value, text } from './field.js';

/** The day a record of a pipeline is to be closed on, as lists and cards show it. */
export const closingDay = (e) => e.list?.map((n) => fieldOf(e, n)).find((f) => f?.type === 'date') ?? firstOf(e, 'date');

/** Fields that say whether a row is late; lists ask for them too. */
export const lateFields = (e) => (e.name === ACTIVITY ? [DUE, DONE] : e.fields.filter((f) => ['stage', 'pipeline'].includes(f.type)).map((f) => f.name));

/** Had the moment passed, seen from the day the page shows? */
function over(when) {
  const day = pastDay();
  if (day) return isoDay(parse(when)) < day;
  return passed(when);
}

/** Should what the field dates have happened already? */
export function isLate(e, f, r) {
  if (!f || !r[f.name]) return false;
  if (e.name === ACTIVITY && f.name === DUE) return !r[DONE] && over(r[DUE]);
  const stage = e.fields.find((x) => x.type === 'stage');
  return Boolean(stage) && f === closingDay(e) && stageOf(e, r[stage.name], r.pipeline)?.kind === 'open' && over(r[f.name]);
}

/** A value in words that says so when it is late. */
export const LateText = ({ e, f, r }) => (isLate(e, f, r) ? html`<span class="late"><${Icon} name="triangle-alert" />${text(f, r)}<span class="sr-only">, ${t('Overdue')}</span></span>` : text(f, r));

/** The same in a cell of a list. */
export const Cell = ({ e, f, r }) => (isLate(e, f, r) ? html`<${LateText} e=${e} f=${f} r=${r} />` : html`<${Value} field=${f} record=${r} />`);
