// What putting a whole record back to a moment would change, told before it is done.
import { html } from '../lib/html.js';
import { post } from '../lib/api.js';
import { fieldOf, pathOf } from '../lib/meta.js';
import { explain, restore, toWire } from '../lib/records.js';
import { toast } from '../lib/toast.js';
import { t, tn } from '../lib/i18n.js';
import { Icon, FailedLine, SkeletonLines, useLoad } from './basics.js';
import { Dialog } from './layers.js';
import { isEmpty, text } from './field.js';

const same = (a, b) => JSON.stringify(toWire(a) ?? null) === JSON.stringify(toWire(b) ?? null) || (isEmpty(a) && isEmpty(b));
const words = (f, v) => (isEmpty(v) ? '—' : text(f, { [f.name]: v }) || '—');

/** Fields that would be other than they are. */
const changes = (e, now, then) => e.fields.filter((f) => !f.system && !f.computed && f.name in then && !same(now[f.name], then[f.name]));

/** Asks, then restores: { at }; `message` for the toast, done() afterwards. */
export default function RestoreAsk({ e, record, at, message, done, close }) {
  const dry = useLoad((o) => post(`${pathOf(e.name)}/${record.id}/restore`, { at }, { query: { dry_run: 1 }, ...o }).then((x) => x.body), [at]);
  const list = dry.data ? changes(e, record, dry.data) : [];
  const run = () => { close(); restore(e.name, record.id, { at }, message).then(done, (bad) => toast(explain(bad), { bad: true })); };
  return html`<${Dialog} title=${t('Restore this state')} onClose=${close} foot=${html`<button type="button" class="btn" autofocus onClick=${close}>${t('Cancel')}</button>
      <button type="button" class="btn btn-primary" disabled=${!list.length} onClick=${run}><${Icon} name="undo-2" />${tn('Restore {n} field', 'Restore {n} fields', list.length)}</button>`}>
    <div class="dialog-body stack">${dry.error && html`<${FailedLine} text=${explain(dry.error)} retry=${dry.again} />`}
      ${!dry.data && !dry.error && html`<${SkeletonLines} lines=${4} />`}
      ${dry.data && !list.length && html`<p>${t('Everything is as it was then.')}</p>`}
      <ul class="tl-fields">${list.map((f) => html`<li key=${f.name}><span class="grow"><span class="faint">${t(f.label)}</span> <span class="tl-before">${words(f, record[f.name])}</span> <span class="faint" aria-label=${t('becomes')}>→</span> ${words(f, dry.data[f.name])}</span></li>`)}</ul>
      ${(dry.data?.kept ?? []).map((k) => html`<p class="small dim" key=${k.fields?.[0]}>${t('{field} stays: {why}', { field: t(fieldOf(e, k.fields?.[0])?.label ?? k.fields?.[0] ?? ''), why: k.text })}</p>`)}</div><//>`;
}
