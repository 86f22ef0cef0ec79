// Who belongs together with a role and dates, seen from either side: the positions
// of a person, the people of a company, the participants of a deal. A record that
// only joins two others is a line here, added, changed and ended in place; the one
// that is named on the record itself stands first, and what has ended is folded.
import { html, cx, useState } from '../lib/html.js';
import { get } from '../lib/api.js';
import { entity, fieldOf, fieldsParam, firstOf, isPerson, may, pathOf, pictureOf } from '../lib/meta.js';
import { update, remove, rowsOf, valuesOf } from '../lib/records.js';
import { me } from '../lib/store.js';
import { Link, onDay } from '../lib/router.js';
import { t, tn, rare } from '../lib/i18n.js';
import { date, isoDay, now } from '../lib/format.js';
import { Icon, Avatar, FailedLine, Later, useLoad } from './basics.js';
import { MenuButton, MenuItem, MenuRule } from './layers.js';
import { startCreate } from './open.js';

const MOST = 100;
const today = () => isoDay(now());

/** The parts of what joins: { other, role, since, until }, by the link it is seen from. */
export function partsOf(e, via) {
  const links = e.fields.filter((f) => f.type === 'link' && !f.system && f.name !== 'team');
  const [other, ...more] = links.filter((f) => f.name !== via);
  const day = (name) => e.fields.find((f) => f.type === 'date' && f.name === name);
  return !e.menu && other && !more.length ? { other, role: e.fields.find((f) => f.type === 'text' && !f.system), since: day('since'), until: day('until') } : null;
}

/** How the other kind is named on the record itself, or names the record: { own } or { theirs }. */
export function directOf(e, parts) {
  const own = e.fields.find((f) => f.type === 'link' && f.to === parts.other.to && !f.system);
  const theirs = isPerson(entity(parts.other.to)) && entity(parts.other.to).fields.find((f) => f.type === 'link' && f.to === e.name && !f.system);
  return own ? { own } : theirs ? { theirs } : {};
}

const fetchForm = rare(() => import('./joined-form.js'));
const Form = (p) => html`<${Later} load=${fetchForm} leave=${p.onDone} ...${p} />`;

function span(parts, r) {
  const [from, to] = [parts.since && r[parts.since.name], parts.until && r[parts.until.name]];
  if (from && to) return t('{from} to {to}', { from: date(from), to: date(to) });
  return from ? t('since {date}', { date: date(from) }) : to ? t('until {date}', { date: date(to) }) : '';
}

const Who = ({ kind, r, role, note, children }) => html`<span class="row"><${Link} to=${onDay(`${pathOf(kind)}/${r.id}`)} class="plain grow"><span class="row">
    ${isPerson(entity(kind)) && html`<${Avatar} name=${r.title} id=${r.id} picture=${pictureOf(entity(kind), r.record ?? r)} size="sm" square=${entity(kind).title?.length === 1} />`}<b class="strong clip">${r.title}</b></span>
    <span class="small faint joined-note">${[role, note].filter(Boolean).join(' · ')}</span><//>${children}</span>`;

function Line({ e, parts, row, record, own, direct, again }) {
  const [edit, setEdit] = useState(false);
  const target = row[parts.other.name];
  const name = target.title;
  const over = parts.until && row[parts.until.name] && row[parts.until.name] <= today();
  const change = (values, message) => update(e.name, row.id, values, { message }).then(again, () => null);
  const locked = !may(e, 'edit', row, me());
  const main = direct.own && !over && record[direct.own.name]?.id !== target.id && may(own, 'edit', record, me()) && !fieldOf(own, direct.own.name).readonly;
  if (edit) return html`<li><${Form} e=${e} parts=${parts} record=${row} onDone=${() => { setEdit(false); again(); }} /></li>`;
  return html`<li class=${cx(over && 'is-over')}><${Who} kind=${parts.other.to} r=${target} role=${parts.role && row[parts.role.name]} note=${span(parts, row)}>
    ${!locked && html`<${MenuButton} class="btn btn-quiet btn-icon btn-sm" icon="ellipsis" title=${t('Actions for {name}', { name })}>
      <${MenuItem} icon="pencil" label=${t('Change role and dates')} onClick=${() => setEdit(true)} />
      ${parts.until && !over && html`<${MenuItem} icon="calendar-check" label=${t('End today')} onClick=${() => change({ [parts.until.name]: today() }, t('{name}: ended', { name }))} />`}
      ${parts.until && over && html`<${MenuItem} icon="undo-2" label=${t('Goes on')} onClick=${() => change({ [parts.until.name]: null }, t('{name}: goes on', { name }))} />`}
      ${main && html`<${MenuItem} icon="star" label=${t('Make primary')} onClick=${() => update(own.name, record.id, { [direct.own.name]: { id: target.id, title: name } }, { message: t('{field} changed', { field: t(direct.own.label) }) }).catch(() => null)} />`}
      <${MenuRule} /><${MenuItem} danger icon="trash-2" label=${t('Remove')} onClick=${() => remove(e.name, { ...row, title: name }).then(again)} /><//>`}<//></li>`;
}

/** The ones that a link of the record, or theirs, names without a role of its own. */
function useDirect(own, direct, record, other) {
  const filter = direct.theirs && `${direct.theirs.name} = ${record.id}`;
  const word = entity(other).fields.find((f) => f.type === 'text' && !f.system && !entity(other).title?.includes(f.name) && entity(other).list?.includes(f.name));
  const state = firstOf(entity(other), 'stage') ?? null;
  const fields = fieldsParam(entity(other), ['title', word?.name, state?.name, 'pipeline'].filter(Boolean));
  const list = useLoad((o) => (filter ? get(pathOf(other), { filter, sort: 'title', limit: MOST, fields }, o) : Promise.resolve(null)), [filter, other, rowsOf(other), valuesOf(other)]);
  if (direct.own) return { list, items: record[direct.own.name]?.id ? [{ ...record[direct.own.name], role: '' }] : [] };
  return { list, items: (list.data?.items ?? []).map((r) => ({ ...r, role: word ? r[word.name] : '' })), count: list.data?.count };
}

const Direct = ({ own, direct, other, r, record }) => {
  const job = direct.own && own.fields.find((f) => f.type === 'text' && own.list?.includes(f.name) && !own.title?.includes(f.name));
  return html`<li><${Who} kind=${other} r=${r} role=${direct.own ? job && record[job.name] : r.role} note=${direct.own ? t('Primary') : ''} /></li>`;
};

export default function Joined({ entity: own, record, rel }) {
  const e = entity(rel.entity);
  const parts = partsOf(e, rel.field);
  const direct = directOf(own, parts);
  const other = parts.other.to;
  const [adding, setAdding] = useState(false);
  const face = entity(other).picture && `${parts.other.name}.${entity(other).picture}`;
  const joined = useLoad((o) => get(`/${rel.plural}`, { filter: `${rel.field} = ${record.id}`, limit: MOST, sort: parts.since ? `-${parts.since.name}` : '-created_at', fields: fieldsParam(e, ['title', 'version', 'owner', 'team', rel.field, parts.other.name, parts.role?.name, parts.since?.name, parts.until?.name, face].filter(Boolean)) }, o), [rel.plural, record.id, rowsOf(e.name), valuesOf(e.name)]);
  const named = useDirect(own, direct, record, other);
  const rows = (joined.data?.items ?? []).filter((r) => r[parts.other.name]?.id);
  const over = rows.filter((r) => parts.until && r[parts.until.name] && r[parts.until.name] <= today());
  const going = rows.filter((r) => !over.includes(r));
  const first = named.items.filter((x) => !going.some((r) => r[parts.other.name].id === x.id));
  const title = direct.theirs ? t(entity(other).label_plural) : t(rel.label);
  const can = e.can?.create;
  const line = (r) => html`<${Line} key=${r.id} e=${e} parts=${parts} row=${r} record=${record} own=${own} direct=${direct} again=${joined.again} />`;
  const fresh = direct.theirs && entity(other).can?.create;
  return html`<section class="panel joined" aria-label=${title}><header class="row"><${Icon} name=${(direct.theirs ? entity(other) : e).icon || 'folder'} /><h2>${direct.theirs ? html`<${Link} class="plain" to=${onDay(`${pathOf(other)}?view=all&mode=list&f.${direct.theirs.name}=in:${record.id}`)}>${title}<//>` : title}</h2>
      <span class="faint small num">${joined.data ? first.length + going.length : ''}</span>
      <span class="push">${(can || fresh) && html`<${MenuButton} class="btn btn-quiet btn-icon btn-sm" icon="plus" title=${t('Add: {title}', { title })}>
        ${fresh && html`<${MenuItem} icon="plus" label=${t('New {thing}', { thing: t(entity(other).label) })} onClick=${() => startCreate(other, { [direct.theirs.name]: { id: record.id, title: record.title } })} />`}
        ${can && html`<${MenuItem} icon="link" label=${t('Add with a role')} onClick=${() => setAdding(true)} />`}<//>`}</span></header>
    ${(joined.error || named.list.error) && html`<${FailedLine} text=${t('{things} could not be loaded.', { things: title })} retry=${() => { joined.again(); named.list.again(); }} />`}
    ${adding && html`<${Form} e=${e} parts=${parts} via=${{ field: rel.field, record }} onDone=${() => { setAdding(false); joined.again(); }} />`}
    <ul>${first.map((r) => html`<${Direct} key=${`d${r.id}`} own=${own} direct=${direct} other=${other} r=${r} record=${record} />`)}${going.map(line)}</ul>
    ${joined.data && !first.length && !going.length && !adding && html`<p class="small faint">${t('None yet')}</p>`}
    ${over.length > 0 && html`<details class="joined-over"><summary>${tn('{n} former', '{n} former', over.length)}</summary><ul>${over.map(line)}</ul></details>`}</section>`;
}
