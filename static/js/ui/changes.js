// Changes as sentences, for the home page and the list of steps.
import { html } from '../lib/html.js';
import { entity, pathOf, stageOf } from '../lib/meta.js';
import { known, undo } from '../lib/records.js';
import { DID, MANY } from '../lib/names.js';
import { Link } from '../lib/router.js';
import { t, noun, woven } from '../lib/i18n.js';
import { number, ago, moment } from '../lib/format.js';
import { Icon, Avatar } from './basics.js';
import { MenuButton, MenuItem } from './layers.js';

/** What a change of one record did: [sentence, its words]. */
function did(c) {
  if (c.undo_of) return [DID.undo, {}];
  if (c.source === 'merge') return [DID.merge, {}];
  const e = entity(c.record.entity);
  const s = c.stage && e && stageOf(e, c.stage);
  if (s) return [DID[s.kind], { stage: t(s.label) }];
  const word = (c.summary ?? '').split(`${c.record.title}: `).pop();
  return DID[word] ? [DID[word], {}] : [DID.fields, { fields: word.split(', ').map((w) => t(w)).join(', ') }];
}

/** How many of what a change is about: "35 users, 3 teams". */
const things = (c) => (c.parts ?? [c]).map((p) => t('{n} {things}', { n: number(p.count) + (c.count_more ? '+' : ''), things: noun(entity(p.entity)?.label_plural ?? p.entity) })).join(', ');

/** What a change of many did. */
function told(c) {
  if (c.source === 'config') return t('changed the configuration');
  if (!c.count) return t('changed nothing');
  if (!c.by && c.source === 'import' && c.entity && c.count > 1) return t('imported');
  if (!c.entity || !(c.count > 1)) return t(c.summary ?? '');
  return t(MANY[c.op ?? c.source] ?? MANY.ui, { things: things(c) });
}

/** A change as a sentence. */
function Words({ c }) {
  const who = html`<b class="strong">${actor(c)}</b>`;
  if (!c.record) return html`${who} <span class="dim">${told(c)}</span>`;
  const name = known(c.record.entity, c.record.id)?.title ?? c.record.title;
  const [sentence, words] = did(c);
  return html`<span class="dim">${woven(sentence, { ...words, who, record: html`<${Link} to=${`${pathOf(c.record.entity)}/${c.record.id}`}>${name}<//>` })}</span>`;
}

const SOURCE = { config: 'settings', import: 'upload', cli: 'server', rule: 'sliders-horizontal', api: 'link', form: 'inbox' };

/** Who did it; an import from the command line is named by what it brought. */
function actor(c) {
  if (c.source === 'form') return t('Web form');
  if (c.by || c.source !== 'import') return c.by?.title ?? t('The system');
  return c.record || !(c.count > 1) || !c.entity ? t('Import') : things(c);
}

/** One change as a line of a list, with the way back where there is one. */
export function ChangeEntry({ c }) {
  const who = actor(c);
  return html`<li>${SOURCE[c.source] ? html`<span class="avatar">
    <${Icon} name=${SOURCE[c.source]} /></span>` : html`<${Avatar} name=${who} id=${c.by?.id} />`}<p class="grow small clip-2">
    <span class=${c.undone_by ? 'is-undone' : ''}><${Words} c=${c} /></span>
    ${c.undone_by && html` <span class="badge">${t('undone')}</span>`}</p>
    <time class="tiny faint num nowrap" datetime=${c.at} title=${moment(c.at)}>${ago(c.at)}</time>
    ${c.undoable && html`<${MenuButton} class="btn btn-quiet btn-icon btn-sm feed-menu" icon="ellipsis" title=${t('Actions for this change')}>
      <${MenuItem} icon="undo-2" label=${t('Undo this change')} onClick=${() => undo(c.id, c.record?.entity ?? c.entity, c.record?.id)} /><//>`}</li>`;
}

/** What the system did before anybody was there is not told, and its configuration once in a row. */
export const worthTelling = (c, i, all) => (c.at || c.by) && !(c.source === 'config' && all[i - 1]?.source === 'config' && all[i - 1].by?.id === c.by?.id);
