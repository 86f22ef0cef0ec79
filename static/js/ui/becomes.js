// What a record is worth and what it becomes (a lead: company, contact, deal): its score with the reasons, the button that
// converts it, and afterwards the way to what was made.
import { html, useEffect } from '../lib/html.js';
import { get } from '../lib/api.js';
import { fieldOf, heldBy, isConverted, may, pathOf } from '../lib/meta.js';
import { me } from '../lib/store.js';
import { bind } from '../lib/keys.js';
import { t } from '../lib/i18n.js';
import { FailedLine, Icon, SkeletonLines, useLoad } from './basics.js';
import { Popover } from './layers.js';
import { Value, isEmpty } from './field.js';
import { number } from '../lib/format.js';
import { asking } from './open.js';

const convert = (e, record) => { asking.value = { e, record, convert: true }; };

const Button = ({ e, record }) => html`<button type="button" class="btn btn-primary btn-sm" onClick=${() => convert(e, record)}><${Icon} name="arrow-right" />${t('Convert')}</button>`;

const Points = ({ p }) => html`<li class=${p.given ? 'row' : 'row faint'}><span class="num point">${p.given ? number(p.points, { signDisplay: 'always' }) : '–'}</span><span>${t(p.say)}</span></li>`;

/** Why a record has its points, and what would give more. */
function Reasons({ e, record }) {
  const list = useLoad((o) => get(`${pathOf(e.name)}/${record.id}/score`, {}, o), [record.id, record[e.score.field], record.version]);
  if (list.error) return html`<${FailedLine} text=${t('The reasons could not be loaded.')} retry=${list.again} />`;
  if (!list.data) return html`<${SkeletonLines} lines=${3} />`;
  const given = list.data.points.filter((p) => p.given);
  const rest = list.data.points.filter((p) => !p.given);
  return html`<ul class="score-points">${given.map((p, i) => html`<${Points} key=${i} p=${p} />`)}</ul>
    ${!given.length && html`<p class="dim">${t('Nothing gives points yet.')}</p>`}
    ${rest.length > 0 && html`<p class="small faint score-rest">${t('Not so, or not known')}</p><ul class="score-points">${rest.map((p, i) => html`<${Points} key=${i} p=${p} />`)}</ul>`}`;
}

function Score({ e, record }) {
  const f = e.score && fieldOf(e, e.score.field);
  if (!f || isEmpty(record[f.name])) return null;
  return html`<span class="score"><${Popover} class="btn btn-sm" label=${html`<span>${t(f.label)}</span> <b><${Value} field=${f} record=${record} /></b>`} name=${t('Why this score')}>
    ${() => html`<div class="score-why"><h2 class="small strong">${t('Why this score')}</h2><${Reasons} e=${e} record=${record} /></div>`}<//></span>`;
}

/** Under the head of a record that can become others. */
export default function Becomes({ e, record }) {
  const held = heldBy(e).filter((f) => record[f.name]);
  const can = heldBy(e).length > 0 && !isConverted(e, record) && may(e, 'edit', record, me());
  useEffect(() => (can ? bind('v', () => convert(e, record), t('Convert')) : undefined), [can, record]);
  if (held.length) {
    return html`<div class="row wrap small rec-became">${can && html`<${Button} e=${e} record=${record} />`}<${Icon} name="arrow-right" /><span>${t('Became')}</span>${held.map((f) => html`<span class="row strong" key=${f.name}><${Value} field=${f} record=${record} /></span>`)}<${Score} e=${e} record=${record} /></div>`;
  }
  return (can || e.score) && html`<div class="row rec-became">${can && html`<${Button} e=${e} record=${record} />`}<${Score} e=${e} record=${record} /></div>`;
}
