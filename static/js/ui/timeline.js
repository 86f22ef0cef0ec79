// Centre column of a record: next steps, then what happened, newest first by
// month. Field changes carry "Restore this value".
import { html, cx, useState } from '../lib/html.js';
import { apiUrl, get } from '../lib/api.js';
import { entity, fieldOf, pathOf, may, stageOf } from '../lib/meta.js';
import { update, remove, restore, rowsOf, valuesOf, explain } from '../lib/records.js';
import { ACTIVITY, FILE, KINDS, LOST_REASON, MOVED_ALONG, PLACE, kindIcon } from '../lib/names.js';
import { me } from '../lib/store.js';
import { go, Link, onDay } from '../lib/router.js';
import { toast } from '../lib/toast.js';
import { t, tn, rare } from '../lib/i18n.js';
import { ago, due, dueFull, overdue, passed, moment, month, parse } from '../lib/format.js';
import { Icon, IconButton, Failed, Later, Repeats, useLoad } from './basics.js';
import { MenuButton, MenuItem } from './layers.js';
import { text, isEmpty } from './field.js';
import { tick, finish } from './tick.js';
import { Composer } from './composer.js';
import { Story } from './story.js';

const FOLD = 3;
const MOST = 200;
/** When it is late: a day when it is over. */
const endOf = (at) => (!at ? Infinity : at.length > 10 ? +parse(at) : +new Date(`${at}T23:59:59`));
/** Due badge of a next step: overdue and today in words and colour. */
export function DueBadge({ kind, at }) {
  if (!at) return html`<span class="badge"><${Icon} name=${kindIcon(kind)} />${t('no date')}</span>`;
  const late = passed(at);
  return html`<span class=${cx('badge num', late ? 'badge-bad' : 'badge-accent')} title=${dueFull(at)}>
    <${Icon} name=${late ? 'triangle-alert' : kindIcon(kind)} />${late ? overdue(at) : due(at)}</span>`;
}

/** What is missing when nothing is planned: a warning where something is to be won, else a fact. */
function NoStep({ e, record }) {
  const stage = e.fields.find((f) => f.type === 'stage');
  const kind = stage && stageOf(e, record[stage.name], record.pipeline)?.kind;
  if (kind === 'open') return html`<div class="notice notice-warn"><${Icon} name="circle-dashed" /><span>${t('No next step is planned.')}</span></div>`;
  return html`<p class="small faint">${kind ? t('Nothing is left to do.') : t('No next step is planned.')}</p>`;
}

/** In the head: what comes next. Where others' count, too, the record says when: what is planned with whoever has left is not meant. */
export function NextStep({ e, record: r }) {
  const first = useLoad(async (o) => {
    const path = `${pathOf(e.name)}/${r.id}`;
    const step = (with_, limit) => get(`${path}/timeline`, { kind: 'open', limit, with: with_ }, o).then((a) => a.items);
    if (!e.timeline_with?.length) return step(undefined, 1);
    const at = (await get(path, { fields: 'next_activity_at' }, o)).next_activity_at;
    return at ? (await step('related', MOST)).filter((s) => endOf(s.due) === endOf(at)) : [];
  }, [e.name, r.id, rowsOf(ACTIVITY), valuesOf(ACTIVITY)]);
  if (!first.data || (stageOf(e, r.stage, r.pipeline)?.kind ?? 'open') !== 'open') return null;
  const step = first.data[0];
  return step ? html`<span class="row"><span class="sr-only">${t('Next step')}: </span><${DueBadge} kind=${step.kind} at=${step.due} /><${Link} class="plain clip" to=${`${pathOf(ACTIVITY)}/${step.id}`}>${step.subject}<//></span>`
    : html`<span class="next next-none"><${Icon} name="circle-dashed" />${t('No next step')}</span>`;
}

function Steps({ e, record, path }) {
  const steps = useLoad((o) => get(`${path}/timeline`, { kind: 'open', limit: MOST }, o), [path, rowsOf(ACTIVITY), valuesOf(ACTIVITY), valuesOf(e.name)]);
  const [done, setDone] = useState([]);
  const items = (steps.data?.items ?? []).filter((s) => !done.includes(s.id)).sort((a, b) => endOf(a.due) - endOf(b.due));
  const check = async (s) => { setDone([...done, s.id]); await tick(s); setDone((d) => d.filter((x) => x !== s.id)); };
  return html`<section aria-label=${t('Next steps')}><h2 class="side-title">${t('Next steps')}</h2>
    ${steps.error && html`<${Failed} title=${t('The next steps could not be loaded')} text=${steps.error.message} retry=${steps.again} />`}
    ${steps.data && items.length === 0 && html`<${NoStep} e=${e} record=${record} />`}
    <ul class="steps">${items.map((s) => html`<li key=${s.id}>
      <input type="checkbox" class="check check-round" id=${`step-${s.id}`} disabled=${!writes(ACTIVITY)} onChange=${() => check(s)} />
      <label for=${`step-${s.id}`} id=${`step-t-${s.id}`} class="grow clip">${s.subject}</label>${s.repeats && Repeats()}
        <${DueBadge} kind=${s.kind} at=${s.due} />${writes(ACTIVITY) && html`<${IconButton} small icon="calendar-clock" label=${t('Done, and what comes next')} aria-describedby=${`step-t-${s.id}`} onClick=${() => finish(s)} />`}</li>`)}</ul></section>`;
}

/* --- one entry --- */

/** May the user change some records of a kind at all? */
const writes = (kind) => entity(kind)?.can?.edit !== 'none';

const shown = (f, v) => (isEmpty(v) ? '—' : f.type === 'instant' || f.name === PLACE ? dueFull(v) : text(f, { [f.name]: v }) || '—');

/** What a rule did: "rule NAME: why"; the clock of first answers is called what it is. */
function byRule(reason) {
  if (/^rule first-answer\b/.test(reason)) return t('by the clock of first answers');
  const [, name, why] = /^rule ([^:]+)(?:: (.*))?$/s.exec(reason ?? '') ?? [];
  return name && (why ? t('by rule {name}: {why}', { name, why }) : t('by rule {name}', { name }));
}

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

/** An address, e-mail or the like in full, with label and marks. */
function entryText(x, alone) {
  const marks = [x.label && t(x.label), x.primary && !alone && t('Primary'), x.opt_out && t('Opt-out'), x.invalid && t('Invalid')].filter(Boolean).join(', ');
  const what = x.value ?? x.text?.replace(/\n/g, ', ');
  return what && marks ? `${what} (${marks})` : what || marks;
}

/** A value of a change; of a list of addresses and the like only what the other value does not have. */
function changed(f, v, other) {
  if (!Array.isArray(v) || !v.length || typeof v[0] !== 'object' || 'id' in v[0]) return shown(f, v);
  return v.filter((x) => !(other ?? []).some((y) => same(x, y))).map((x) => entryText(x, v.length < 2)).join(' · ') || '—';
}

const actor = (item) => item.by?.title ?? (item.source === 'import' ? t('Import') : item.source === 'form' ? t('Web form') : item.source === 'rule' ? 'Kontor' : t('Somebody'));

/** A move through the pipeline in words: [icon, mark, text]. */
function moveWords(e, item, stage, pipe) {
  const moved = item.fields.find((x) => fieldOf(e, x.name)?.type === 'pipeline');
  const at = (id, p) => stageOf(e, id, p) ?? stageOf(e, id); /* the record may have been in another one then */
  const [from, to] = [at(stage.before, moved?.before ?? pipe), at(stage.after, moved?.after ?? pipe)];
  const why = item.fields.find((x) => x.name === LOST_REASON)?.after;
  const reason = why && shown(fieldOf(e, LOST_REASON), why);
  const name = actor(item);
  if (to?.kind === 'won' && !e.fields.some((f) => f.becomes === true)) return ['trophy', 'won', t('{name} marked it as won', { name })];
  if (to?.kind === 'lost') return ['thumbs-down', 'lost', reason ? t('{name} marked it as lost: {reason}', { name, reason }) : t('{name} marked it as lost', { name })];
  const words = { name, from: t(from?.label ?? stage.before ?? '—'), to: t(to?.label ?? stage.after ?? '—') };
  return ['arrow-right', 'moved', from && from.kind !== 'open' ? t('{name} opened it again in {to}', words) : t('{name} moved it from {from} to {to}', words)];
}

/** What follows from a move by itself and need not be told. */
const follows = (e, x) => MOVED_ALONG.includes(x.name) || fieldOf(e, x.name)?.readonly;

/** The way back from a change of one field. */
function Back({ item, field, run, ask }) {
  const label = t(field.label);
  return html`<${MenuButton} class="btn btn-quiet btn-icon btn-sm" icon="undo-2" title=${t('Restore {field}', { field: label })}>
    <${MenuItem} icon="undo-2" label=${t('Restore this value')} onClick=${() => run({ change: item.change, field: field.name }, t('{field} restored', { field: label }))} />
    ${item.at && html`<${MenuItem} icon="history" label=${t('Restore everything to before this')} onClick=${() => ask(new Date(new Date(item.at) - 1000).toISOString().replace(/\.\d+Z$/, 'Z'))} />`}<//>`;
}

function Change({ e: own, record, item, locked }) {
  const e = (item.of && entity(item.of[0].entity)) ?? own; /* of what belongs to the record */
  const pipe = item.fields.find((x) => x.name === 'pipeline')?.after ?? (e === own ? record.pipeline : undefined);
  const stage = item.fields.find((x) => fieldOf(e, x.name)?.type === 'stage');
  const list = item.fields.filter((x) => !stage || (x !== stage && !follows(e, x))).map((x) => ({ ...x, field: fieldOf(e, x.name) ?? { name: x.name, label: x.label ?? x.name, type: 'text' } }));
  const [open, setOpen] = useState(list.length <= FOLD);
  const of = item.of ?? (stage && item.fields.filter((x) => fieldOf(e, x.name)?.becomes === true && x.after).map((x) => ({ entity: fieldOf(e, x.name).to, ...x.after })));
  const name = actor(item);
  const run = (what, message) => restore(e.name, record.id, what, message).catch((bad) => toast(explain(bad), { bad: true }));
  const [asks, setAsks] = useState(null);
  const fixed = (f) => !item.change || locked || item.merged || item.of || f.readonly || f.computed;
  const [icon, mark, words] = item.source === 'merge' ? ['merge', 'fields', t('{name} merged records', { name })] : stage ? moveWords(e, item, stage, pipe) : ['history', 'fields', open ? t('{name} changed', { name }) : tn('{name} changed {n} field', '{name} changed {n} fields', list.length, { name })];
  return html`<li class="tl tl-change"><span class=${`tl-mark tl-${mark}`}><${Icon} name=${icon} /></span>
    <div class="grow"><p class=${cx('row small', !stage && 'dim')}>
      <span class="grow">${words}${item.reason && html` <span class="faint">${byRule(item.reason)}</span>`}${item.merged && html` <span class="faint">(${item.merged.title ?? t('Hidden')})</span>`}
        ${!open && html` <button type="button" class="btn btn-quiet btn-sm" onClick=${() => setOpen(true)}>${t('Show')}</button>`}</span>
        <time class="tiny faint num nowrap" datetime=${item.at} title=${moment(item.at)}>${ago(item.at)}</time>
        ${stage && !fixed(fieldOf(e, stage.name)) && html`<${Back} item=${item} field=${fieldOf(e, stage.name)} run=${run} ask=${setAsks} />`}</p>
      ${of?.length > 0 && html`<${Owners} of=${of} />`}
      ${open && list.length > 0 && html`<ul class="tl-fields">${list.map(({ name, field, before, after }) => html`<li key=${name}>
        <span class="grow clip"><span class="faint">${t(field.label)}</span> <span class="tl-before">${changed(field, before, after)}</span> <span class="faint" aria-label=${t('became')}>→</span> ${changed(field, after, before)}</span>
        ${!fixed(field) && html`<${Back} item=${item} field=${field} run=${run} ask=${setAsks} />`}</li>`)}</ul>`}
      ${asks && html`<${Later} load=${rare(() => import('./restore-ask.js'))} e=${e} record=${record} at=${asks} message=${t('Restored')} close=${() => setAsks(null)} />`}</div></li>`;
}

const Quiet = ({ item }) => html`<li class="tl tl-quiet"><span class="tl-mark"><${Icon} name=${kindIcon(item.kind)} /></span>
  <div class="grow"><p class="small dim">${t(item.subject ?? KINDS[item.kind]?.[1] ?? 'Change')}${item.by && html` <span class="faint">· ${item.by.title}</span>`}</p>${item.of && html`<${Owners} of=${item.of} />`}</div>
  <time class="tiny faint num" datetime=${item.at} title=${moment(item.at)}>${ago(item.at)}</time></li>`;

/** What an entry is, in words: a known kind, the option of a choice, else what its entity is called. */
const word = (a) => t(KINDS[a.kind]?.[1] ?? entity(a.entity)?.fields.flatMap((f) => f.options ?? []).find((o) => o.id === a.kind)?.label ?? entity(a.entity)?.label ?? a.kind);
const fetchPin = rare(() => import('./pin.js').then((m) => m.pin));
const icon = (a) => KINDS[a.kind]?.[0] ?? entity(a.entity)?.icon ?? KINDS.note[0];

/** Whose an entry is, when others' stand among those of the record. */
const Owners = ({ of }) => html`<p class="row wrap small tl-of">${of.map((r) => html`<span class="row" key=${r.id}><${Icon} name=${entity(r.entity)?.icon ?? 'folder'} /><${Link} to=${onDay(`${pathOf(r.entity)}/${r.id}`)}>${r.title}<//></span>`)}</p>`;

function Entry({ item: a, locked, about }) {
  const kind = a.entity;
  const said = [a.subject && !KINDS[a.kind] && word(a), a.by?.title].filter(Boolean);
  return html`<li class="tl"><span class=${cx('tl-mark', `tl-${a.kind}`)}><${Icon} name=${icon(a)} /></span>
    <article class="tl-card"><header class="row"><h3 class="clip">${kind === FILE ? html`<a href=${apiUrl(`/files/${a.id}`)} download>${a.subject}</a>` : a.subject || word(a)}</h3>
        ${a.done_at && a.kind === 'task' && html`<span class="badge badge-good"><${Icon} name="check" />${t('Done')}</span>`}
        <time class="push tiny faint num nowrap" datetime=${a.at} title=${moment(a.at)}>${ago(a.at)}</time>
        ${!locked && writes(kind) && html`<${MenuButton} class="btn btn-quiet btn-icon btn-sm tl-menu" icon="ellipsis" title=${t('Actions for this entry')}>
          <${MenuItem} icon="pencil" label=${t('Open and edit')} onClick=${() => go(`${pathOf(kind)}/${a.id}`)} />
          ${entity(kind).pin && html`<${MenuItem} icon=${a.pinned ? 'pin-off' : 'pin'} label=${a.pinned ? t('Unpin') : t('Pin to the top')} onClick=${() => fetchPin().then((pin) => pin(kind, a, about))} />`}
          ${kind === ACTIVITY && a.done_at && html`<${MenuItem} icon="undo-2" label=${t('Not done after all')} onClick=${() => update(ACTIVITY, a.id, { done_at: null }, { message: t('Open again') }).catch(() => null)} />`}
          <${MenuItem} danger icon="trash-2" label=${t('Delete')} onClick=${() => remove(kind, { id: a.id, title: a.subject || word(a) })} /><//>`}</header>
      ${a.of && html`<${Owners} of=${a.of} />`}
      <p class="small faint">${said.join(' · ')}</p>
      ${a.text && html`<p class="tl-text">${a.refs ? html`<${Later} load=${() => import('./reftext.js')} text=${a.text} refs=${a.refs} />` : a.text}</p>`}</article></li>`;
}

/** Entries with a heading wherever a new month begins. */
function byMonth(items) {
  let last = '';
  return items.map((a) => { const m = a.at?.slice(0, 7) ?? ''; const head = m !== last && m !== ''; last = m; return { ...a, head }; });
}

/** One step may have changed several records. */
const keyOf = (a) => `${a.kind}${a.id}.${a.of?.[0].id ?? ''}`;

function Entries({ e, record, items, day, flat }) {
  const locked = Boolean(day) || !may(e, 'edit', record, me());
  return (flat ? items : byMonth(items)).map((a) => html`${a.head && html`<li class="tl-month" key=${`m${a.at}`}>${month(a.at)}</li>`}
    ${a.kind === 'change' && a.fields?.length ? html`<${Change} key=${keyOf(a)} e=${e} record=${record} item=${a} locked=${locked} />` : a.entity ? html`<${Entry} key=${`${a.kind}${a.id}`} item=${a} locked=${Boolean(day)} about=${{ entity: e.name, id: record.id }} />` : html`<${Quiet} key=${keyOf(a)} item=${a} />`}`);
}

/** Composer, next steps and timeline of a record; a past `day` shows only the story until then. */
export function Timeline({ entity: e, record, day }) {
  const path = `${pathOf(e.name)}/${record.id}`;
  return html`<div class="rec-main">${e.timeline !== false && !day && html`<${Composer} kind=${e.name} id=${record.id} />
    <${Steps} e=${e} record=${record} path=${path} />`}<${Story} e=${e} record=${record} path=${path} day=${day} entries=${Entries} /></div>`;
}
