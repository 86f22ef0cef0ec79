// What the server says exists: entities, fields, pipelines, roles. Read-only
// here; everything on screen is drawn from it.
import { signal } from './html.js';
import { get } from './api.js';
import { key } from './i18n.js';

/** The answer of /meta, or null before it is loaded. */
export const meta = signal(null);

/** Loads or refreshes the metadata. */
export async function loadMeta() { meta.value = await get('/meta'); }

/** Fields every record has, whether the model lists them or not. */
const SYSTEM = {
  id: { name: 'id', label: key('Number'), type: 'integer', readonly: true, sort: true },
  title: { name: 'title', label: key('Name'), type: 'text', readonly: true, sort: true },
  owner: { name: 'owner', label: key('Owner'), type: 'user', to: 'user', sort: true, filter: true },
  team: { name: 'team', label: key('Team'), type: 'link', to: 'team', sort: true, filter: true },
  created_at: { name: 'created_at', label: key('Created'), type: 'instant', readonly: true, sort: true, filter: true },
  updated_at: { name: 'updated_at', label: key('Changed'), type: 'instant', readonly: true, sort: true, filter: true },
  created_by: { name: 'created_by', label: key('Created by'), type: 'user', to: 'user', readonly: true, filter: true },
};

export const entities = () => meta.value?.entities ?? [];
export const entity = (name) => entities().find((e) => e.name === name);
export const byPlural = (plural) => entities().find((e) => e.plural === plural);
export const pathOf = (name) => `/${entity(name)?.plural ?? name}`;

/** Field of an entity by name, system fields included; undefined if unknown. */
export const fieldOf = (e, name) => e.fields.find((f) => f.name === name) ?? SYSTEM[name];

/** Every field a list can show: the entity's own, then the system's. */
export function listable(e) {
  const own = e.fields.filter((f) => f.type !== 'records');
  const rest = Object.values(SYSTEM).filter((s) => s.name !== 'title' && !own.some((f) => f.name === s.name));
  return [...own, ...rest];
}

/** Is the field shown by the record's title (so that lists need not repeat it)? */
export const inTitle = (e, name) => name === 'title' || (e.title ?? []).includes(name);

export const pipelinesOf = (e) => (meta.value?.pipelines ?? []).filter((p) => p.entity === e.name);
export const pipeline = (id) => meta.value?.pipelines.find((p) => p.id === id);

/** The stage of a pipeline; without a pipeline the first stage of that id. */
export function stageOf(e, id, pipe) {
  const from = pipe ? [pipeline(pipe)].filter(Boolean) : pipelinesOf(e);
  for (const p of from) {
    const hit = p.stages.find((s) => s.id === id);
    if (hit) return hit;
  }
  return null;
}

/** Field by which a board can group: a stage, or a choice with few options. */
export const boardFields = (e) => e.fields.filter((f) => f.type === 'stage' || (f.type === 'choice' && f.options?.length <= 8 && !f.readonly));

export const firstOf = (e, ...types) => e.fields.find((f) => types.includes(f.type) && !f.readonly);

/** People and organisations have addresses, so they get an avatar. */
export const isPerson = (e) => e.fields.some((f) => f.type === 'emails' || f.type === 'phones');

const OWN = { all: () => true, team: (r, me) => r.owner?.id === me.id || (me.team && r.team?.id === me.team.id), own: (r, me) => r.owner?.id === me.id, none: () => false };

/** May `me` do `action` (edit, delete) with this record? The server decides in the end. */
export function may(e, action, record, me) {
  const right = e.can?.[action];
  if (typeof right === 'boolean') return right;
  return (OWN[right] ?? OWN.none)(record, me);
}
