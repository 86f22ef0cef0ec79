// What the server says exists: entities, fields, pipelines, roles. Read-only
// here; everything on screen is drawn from it.
import { signal } from './html.js';
import { get } from './api.js';
import { key, t } from './i18n.js';
import { ACTIVITY, KINDS, LOST_FROM } from './names.js';

/** Kinds of activities have the icons and words the model gives them. */
function nameKinds(found) {
  for (const o of found.entities.find((e) => e.name === ACTIVITY)?.fields.find((f) => f.name === 'kind')?.options ?? []) KINDS[o.id] = [o.icon ?? KINDS[o.id]?.[0] ?? 'circle-check', o.label];
}

/** The answer of /meta, or null before it is loaded. */
export const meta = signal(null);

/** Loads or refreshes the metadata. */
export async function loadMeta() {
  const found = await get('/meta');
  for (const e of found.entities) for (const f of e.fields) if (f.type === 'stage' || f.type === 'pipeline' || f.name === LOST_FROM) f.entity = e.name; /* whose pipelines are meant */
  for (const e of found.entities) for (const f of e.fields) if (e.score?.hot && f.name === e.score.field) f.hot = e.score.hot;
  nameKinds(found);
  meta.value = found;
}

/** The server-made title stands for the name in lists, whatever fields it is made of. */
const TITLE = { name: 'title', label: key('Name'), type: 'text', kind: 'text', readonly: true, system: true, sort: true };
/** Answered beside the fields where they apply. */
const EXTRAS = ['title', 'next_step', 'idle_days'];
/** System fields nobody puts into a list. */
const INNER = ['title', 'version', 'deleted_at', 'deleted_by'];

/** Every entity the user may see. */
export const entities = () => meta.value?.entities ?? [];
/** Entity by name; undefined when it is unknown or not to be seen. */
export const entity = (name) => entities().find((e) => e.name === name);
/** Entity by the plural in addresses. */
export const byPlural = (plural) => entities().find((e) => e.plural === plural);
/** Entities whose records stand in the timelines of what they point to. */
export const stories = () => entities().filter((e) => e.story !== false && e.can?.see !== 'none' && e.fields.some((f) => f.type === 'records'));
/** Path of an entity, in the application and in the API. */
export const pathOf = (name) => `/${entity(name)?.plural ?? name}`;

/** A field of what a record links to, "company.city", as a column of its own that is only read. */
function linkedField(e, name) {
  const [head, ...rest] = name.split('.');
  const link = e.fields.find((f) => f.name === head);
  const f = link?.to && link.type !== 'records' && entity(link.to) && fieldOf(entity(link.to), rest.join('.'));
  return f ? { ...f, name, path: [head, ...rest], label: `${t(link.label)} · ${t(f.label)}`, readonly: true, system: false, sort: f.sort && f.kind !== 'list' } : undefined;
}

/** The file that stands in place of a record's initials; undefined if it has none. */
export const pictureOf = (e, r) => { const v = e?.picture && r[e.picture]; return v?.id && !v.deleted ? v : undefined; };

/** Field of an entity by name, system fields and those of linked records included; undefined if unknown. */
export const fieldOf = (e, name) => (name === 'title' ? TITLE : name?.includes('.') ? linkedField(e, name) : e.fields.find((f) => f.name === name));
/** Open activities as one works them off: of what repeats what is due and what comes next. */
export const toDo = () => `done_at is empty${fieldOf(entity(ACTIVITY), 'series') ? ' and next_of(series)' : ''}`;

/** The record a column shows a field of, and the value there. */
export const recordOf = (f, r) => (f.path ? f.path.slice(0, -1).reduce((x, n) => x?.[n]?.record, r) : r);
export const valueOf = (f, r) => recordOf(f, r)?.[f.path ? f.path.at(-1) : f.name];

/** Every field a list can show: the entity's own, then the system's. */
export const listable = (e) => e.fields.filter((f) => !INNER.includes(f.name)).sort((a, b) => Number(Boolean(a.system)) - Number(Boolean(b.system)));

/** A column's name; that of the title is its only field's. */
export const columnLabel = (e, f) => t((f.name === 'title' && e.title?.length === 1 && fieldOf(e, e.title[0])?.label) || f.label);

/** Names as a `fields` parameter, without those the caller may not see. */
export const fieldsParam = (e, names) => [...new Set(names.includes('title') && e.picture ? [...names, e.picture] : names)].filter((n) => EXTRAS.includes(n) || fieldOf(e, n)).join(',');

/** Is the field shown by the record's title (so that lists need not repeat it)? */
export const inTitle = (e, name) => name === 'title' || (e.title ?? []).includes(name);

/** Fields of these types that tell of a record beside its name, as far as it `has` them: what lists show goes before an address. */
export function factsOf(e, types, has) {
  const all = e.fields.filter((f) => types.includes(f.type) && !f.system && !inTitle(e, f.name) && has(f));
  const listed = all.filter((f) => (e.list ?? []).includes(f.name));
  return listed.length ? listed : all;
}

/** Pipelines of an entity, those of the reader's team first. */
export const pipelinesOf = (e) => (meta.value?.pipelines ?? []).filter((p) => p.entity === e.name);
/** Pipeline by id. */
export const pipeline = (id) => meta.value?.pipelines.find((p) => p.id === id);

/** The field that stands for `f` in a record of a pipeline that is about people: the person for the company. */
export function insteadOf(e, f, record) {
  const pipe = f?.type === 'link' && pipeline(record.pipeline);
  return pipe && pipe.person && pipe.firm === f.name && !record[f.name] ? e.fields.find((x) => x.name === pipe.person) ?? f : f;
}
/** Fields that may have to stand for others. */
export const standIns = (e) => pipelinesOf(e).map((p) => p.person).filter(Boolean);

/** The stage of a pipeline; without a pipeline the first stage of that id. */
export function stageOf(e, id, pipe) {
  const from = pipe ? [pipeline(pipe)].filter(Boolean) : pipelinesOf(e);
  for (const p of from) {
    const hit = p.stages.find((s) => s.id === id);
    if (hit) return hit;
  }
  return null;
}

/** The links that hold what a record became. */
export const heldBy = (e) => e.fields.filter((f) => f.becomes === true);

/** Was it converted, and is not set back into an open stage, where there are others? */
export const isConverted = (e, r) => heldBy(e).some((f) => r[f.name]) && !(stageOf(e, r.stage, r.pipeline)?.kind === 'open' && pipeline(r.pipeline)?.stages.some((s) => s.kind === 'won'));

/** Field by which a board can group: a stage, or a choice with few options. */
export const boardFields = (e) => e.fields.filter((f) => f.type === 'stage' || (f.type === 'choice' && f.options?.length <= 8 && !f.readonly));

/** The entity's first own field of one of the types. */
export const firstOf = (e, ...types) => e.fields.find((f) => types.includes(f.type) && !f.readonly && !f.system);

const ADDRESS_PARTS = ['street', 'postcode', 'city', 'region', 'country'];
/** Is the field a part of the primary address, which is shown as a whole? */
export const isAddressPart = (e, f) => f.type === 'text' && !f.computed && ADDRESS_PARTS.includes(f.name) && e.fields.some((x) => x.type === 'addresses');

/** People and organisations have addresses, so they get an avatar. */
export const isPerson = (e) => e.fields.some((f) => f.type === 'emails' || f.type === 'phones');

const OWN = { all: () => true, team: (r, me) => r.owner?.id === me.id || (me.team && r.team?.id === me.team.id), own: (r, me) => r.owner?.id === me.id, none: () => false };

/** People first by what they sell, then whom they know, then the rest as the model has it. */
export const rank = (e) => (pipelinesOf(e).length ? 0 : isPerson(e) ? (e.title?.length > 1 ? 1 : 2) : 3);

/** Entities of the menu in the order people look for them; `custom` ones are apart. */
export const menu = (custom = false) => entities().filter((e) => e.menu && Boolean(e.custom) === custom && e.can?.see !== 'none').sort((a, b) => rank(a) - rank(b));

/** May `me` do `action` (edit, delete) with this record? The server decides in the end. */
export function may(e, action, record, me) {
  const right = e.can?.[action];
  if (typeof right === 'boolean') return right;
  return (OWN[right] ?? OWN.none)(record, me);
}
