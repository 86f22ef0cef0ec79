// Right column of a record: what it belongs to, and records that link to it.
import { html, useEffect, useState } from '../lib/html.js';
import { watch } from '../lib/live.js';
import { get } from '../lib/api.js';
import { entity, factsOf, fieldOf, fieldsParam, firstOf, isPerson, pictureOf, rank, stageOf, pathOf, pipeline } from '../lib/meta.js';
import { rowsOf, valuesOf, titleOf } from '../lib/records.js';
import { NOTE, ACTIVITY, FILE, SHARE } from '../lib/names.js';
import { Link, onDay, pastDay } from '../lib/router.js';
import { t, rare } from '../lib/i18n.js';
import { money, dayMonth, countText } from '../lib/format.js';
import { Icon, IconButton, Avatar, FailedLine, Later, useLoad } from './basics.js';
import { startCreate } from './open.js';
import { Binned, Value, text } from './field.js';

const SHOWN = 5;
const words = (e) => e.fields.filter((f) => f.type === 'text' && !f.system);

const Panel = ({ icon, title, count, to, onAdd, label, children }) => html`<section class="panel" aria-label=${label}>
  <header class="row"><${Icon} name=${icon} />
  <h2>${to ? html`<${Link} to=${to} class="plain">${title}<//>` : title}</h2>
    <span class="faint small num">${count}</span><span class="push">
    ${onAdd && html`<${IconButton} small icon="plus" label=${t('Add: {title}', { title })} onClick=${onAdd} />`}</span></header>${children}</section>`;

/** How far along its pipeline a record is, as dots and word. */
function StageDots({ e, record: r, field: f }) {
  const s = stageOf(e, r[f.name], r.pipeline);
  const stages = (pipeline(r.pipeline) ?? { stages: s ? [s] : [] }).stages.filter((x) => x.kind === 'open');
  const i = stages.findIndex((x) => x.id === s?.id);
  if (i < 0) return html`<${Value} field=${f} record=${r} />`;
  return html`<span class="stage-dots" role="img" aria-label=${t('Stage {i} of {n}', { i: i + 1, n: stages.length })}>${stages.map((x, k) => html`<i key=${x.id} class=${k <= i ? 'on' : ''}></i>`)}</span>
    <span class="clip">${t(s.label)}</span>`;
}

/** Name of a row; a record that only joins two others is named after the other one. */
function nameOf(e, r, via) {
  const other = !e.menu && via && e.fields.find((f) => f.type === 'link' && f.name !== via && r[f.name]?.title);
  return other ? [r[other.name].title, r.title, onDay(`${pathOf(other.to)}/${r[other.name].id}`)] : [titleOf(e.name, r), '', onDay(`${pathOf(e.name)}/${r.id}`)];
}

function Row({ e, record: r, via }) {
  const [name, role, to] = nameOf(e, r, via);
  const amount = firstOf(e, 'money');
  const stage = firstOf(e, 'stage');
  const status = stage ?? firstOf(e, 'choice');
  const day = firstOf(e, 'date');
  const word = words(e).find((f) => !e.title?.includes(f.name) && r[f.name]);
  return html`<li><${Link} to=${to} class="plain"><span class="row">
      ${isPerson(e) && html`<${Avatar} name=${r.title} id=${r.id} picture=${pictureOf(e, r)} size="sm" square=${e.title?.length === 1} />`}
        <b class="strong clip">${name}</b>
      <span class="push num nowrap">${role && html`<span class="faint small">${role}</span>`}${amount && r[amount.name] ? money(r[amount.name]) : isPerson(e) && word ? html`<span class="faint small">${r[word.name]}</span>` : ''}</span></span>
    ${!isPerson(e) && !role && html`<span class="row small faint">${stage && r[stage.name] ? html`<${StageDots} e=${e} record=${r} field=${stage} />` : status && r[status.name] ? html`<${Value} field=${status} record=${r} />` : ''}
      <span class="push nowrap">${day && r[day.name] ? dayMonth(r[day.name]) : ''}</span></span>`}<//></li>`;
}

const wanted = (e) => fieldsParam(e, ['title', ...(e.menu ? [] : e.fields.filter((f) => f.type === 'link').map((f) => f.name)), ...['money', 'stage', 'choice', 'date', 'pipeline'].map((type) => firstOf(e, type)?.name), ...words(e).slice(0, 4).map((f) => f.name)]);

/** Records of one kind that link here. */
function Linking({ record, rel }) {
  const e = entity(rel.entity);
  const filter = `${rel.field} = ${record.id}`;
  const as_of = pastDay();
  const list = useLoad((o) => get(`/${rel.plural}`, { filter, limit: SHOWN, sort: '-updated_at', as_of, fields: wanted(e) }, o), [as_of, rel.plural, rel.field, record.id, rowsOf(e.name), valuesOf(e.name)]);
  const items = list.data?.items ?? [];
  const all = onDay(`/${rel.plural}?view=all&mode=list&f.${rel.field}=in:${record.id}`);
  const add = e.can?.create && !as_of ? () => startCreate(e.name, { [rel.field]: { id: record.id, title: record.title } }) : null;
  return html`<${Panel} icon=${e.icon || 'folder'} title=${t(rel.label)} count=${countText(list.data?.count, list.data?.count_more)} to=${all} onAdd=${add}>
    ${list.error && html`<${FailedLine} text=${t('{things} could not be loaded.', { things: t(rel.label) })} retry=${list.again} />`}
    <ul>${items.map((r) => html`<${Row} key=${r.id} e=${e} record=${r} via=${rel.field} />`)}</ul>
    ${list.data?.next && html`<${Link} to=${all} class="small">${t('Show all')}<//>`}
    ${list.data && !items.length && e.menu && html`<p class="small faint">${t('None yet')}</p>`}<//>`;
}

/** The record this one belongs to, with others that belong there too. */
function Belongs({ entity: own, field: f, record }) {
  const e = entity(f.to);
  const target = record[f.name];
  const path = `${pathOf(f.to)}/${target.id}`;
  const as_of = pastDay();
  const one = useLoad((o) => get(path, { as_of }, o), [path, as_of]);
  const mates = useLoad((o) => (isPerson(own) ? get(pathOf(own.name), { filter: `${f.name} = ${target.id} and id != ${record.id}`, limit: SHOWN, as_of, fields: wanted(own) }, o) : Promise.resolve({ items: [] })), [path, as_of, record.id, rowsOf(own.name)]);
  const facts = one.data ? factsOf(e, ['choice', 'text'], (x) => text(x, one.data)).map((x) => text(x, one.data)).slice(0, 3) : [];
  return html`<${Panel} icon=${e.icon || 'folder'} title=${t(f.label)} count="">
    <${Link} to=${onDay(path)} class="plain row"><${Avatar} name=${target.title} id=${target.id} picture=${one.data && pictureOf(e, one.data)} size="lg" square=${e.title?.length === 1} /><span class="grow"><b class="strong clip">${target.title}</b>
      <span class="small faint clip panel-facts">${facts.join(' · ')}</span></span><//>
    ${mates.data?.items.length > 0 && html`<ul class="mates">${mates.data.items.map((r) => html`<${Row} key=${r.id} e=${own} record=${r} />`)}</ul>`}<//>`;
}

/** Records a field names, of any kind. */
const Concerned = ({ field: f, list }) => html`<${Panel} icon="link" title=${t(f.label)} count=${list.length}>
  <ul>${list.map((r) => html`<li key=${`${r.entity}${r.id}`}>${r.hidden ? html`<span class="faint">${t('Hidden')}</span>` : r.deleted ? html`<${Binned} kind=${r.entity} v=${r} />` : html`<${Link} to=${onDay(`${pathOf(r.entity)}/${r.id}`)} class="plain row">
    <${Icon} name=${entity(r.entity)?.icon || 'folder'} /><b class="strong clip">${r.title}</b><span class="push small faint">${t(entity(r.entity)?.label ?? '')}</span><//>`}</li>`)}</ul><//>`;

/** What is sold first, then people, then others of its own kind, then mere connections. */
const JOINING = 9;
const place = (e, rel) => (!entity(rel.entity).menu ? JOINING : rel.entity === e.name ? 5 : rank(entity(rel.entity)));

/** Does it only join this kind with one other, as positions and participants do? */
function joins(rel) {
  const e = entity(rel.entity);
  return !e.menu && !e.lines && e.fields.filter((f) => f.type === 'link' && !f.system && f.name !== 'team').length === 2;
}

/** The kind at the other end of what joins. */
const otherEnd = (rel) => entity(rel.entity).fields.find((f) => f.type === 'link' && !f.system && f.name !== 'team' && f.name !== rel.field)?.to;

const fetchLines = rare(() => import('./lines.js'));
const fetchShares = rare(() => import('./share-lines.js'));

/** Users to whom the record is shown though their role would not show it. */
function Shared({ entity: e, record }) {
  const [adding, setAdding] = useState(false);
  const own = entity(SHARE);
  const list = useLoad((o) => get(`/${own.plural}`, { filter: `records contains ${record.id}`, fields: fieldsParam(own, ['version', 'user', 'until', 'owner', 'team']) }, o), [record.id, rowsOf(SHARE), valuesOf(SHARE)]);
  useEffect(() => watch(SHARE, list.again), []);
  const items = list.data?.items ?? [];
  const title = t('Shared with');
  return html`<${Panel} icon="user-plus" title=${title} label=${title} count=${items.length || ''} onAdd=${own.can?.create ? () => setAdding(true) : null}>
    ${list.error && html`<${FailedLine} text=${t('{things} could not be loaded.', { things: title })} retry=${list.again} />`}
    ${adding || items.length ? html`<${Later} load=${fetchShares} e=${e} record=${record} items=${items} again=${list.again} adding=${adding} done=${() => { setAdding(false); list.again(); }} />`
      : list.data && html`<p class="small faint">${t('Nobody besides those who see it anyway')}</p>`}<//>`;
}

/** All panels of a record. */
export function Related({ entity: e, record }) {
  const to = e.fields.find((f) => f.type === 'link' && f.name !== 'team' && record[f.name]?.id && !record[f.name].deleted && entity(f.to)?.menu !== false);
  const rels = (e.related ?? []).filter((r) => entity(r.entity) && r.entity !== NOTE && r.entity !== ACTIVITY && r.entity !== e.lined_by && fieldOf(entity(r.entity), r.field)?.type !== 'records').sort((a, b) => place(e, a) - place(e, b));
  const named = e.fields.filter((f) => f.type === 'records' && record[f.name]?.length);
  const joining = pastDay() ? [] : rels.filter((r) => joins(r) && entity(otherEnd(r)));
  const people = joining.map(otherEnd).filter((x) => isPerson(entity(x)));
  const taken = (r) => people.includes(r.entity) && fieldOf(entity(r.entity), r.field)?.type === 'link';
  const Join = (r) => html`<${Later} key=${`${r.entity}.${r.field}`} load=${() => import('./joined.js')} entity=${e} record=${record} rel=${r} />`;
  return html`<aside class="rec-rel" aria-label=${t('Related')}>
    ${named.map((f) => html`<${Concerned} key=${f.name} field=${f} list=${record[f.name]} />`)}
    ${entity(e.lined_by) && html`<${Later} key="lines" load=${fetchLines} entity=${e} record=${record} />`}
    ${joining.filter((r) => people.includes(otherEnd(r))).map(Join)}
    ${rels.filter((r) => place(e, r) < JOINING && !taken(r) && (pastDay() || r.entity !== e.name || r.field !== e.tree)).map((r) => html`<${Linking} key=${`${r.entity}.${r.field}`} record=${record} rel=${r} />`)}
    ${e.tree && !pastDay() && html`<${Later} key="tree" load=${() => import('./tree.js')} entity=${e} record=${record} rel=${rels.find((r) => r.entity === e.name && r.field === e.tree)} />`}
    ${e.timeline !== false && entity(FILE) && html`<${Later} key="files" load=${() => import('./files.js')} entity=${e} record=${record} />`}
    ${e.timeline !== false && entity(SHARE) && !pastDay() && html`<${Shared} key="shares" entity=${e} record=${record} />`}
    ${to && html`<${Belongs} key=${to.name} entity=${e} field=${to} record=${record} />`}
    ${joining.filter((r) => !people.includes(otherEnd(r))).map(Join)}
    ${rels.filter((r) => place(e, r) === JOINING && !joining.includes(r)).map((r) => html`<${Linking} key=${`${r.entity}.${r.field}`} record=${record} rel=${r} />`)}
    ${!rels.length && !to && !named.length && e.timeline === false && html`<p class="panel small faint">${t('Nothing is linked yet.')}</p>`}</aside>`;
}
