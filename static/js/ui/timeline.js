// Centre column of a record: next steps, then what happened, newest first by
// month. Field changes carry "Restore this value".
import { html, cx, useState } from '../lib/html.js';
import { get } from '../lib/api.js';
import { entity, fieldOf, pathOf, may } from '../lib/meta.js';
import { known, update, remove, restore, rowsOf, valuesOf, explain } from '../lib/records.js';
import { NOTE, ACTIVITY, KINDS, WRITTEN, kindIcon } from '../lib/names.js';
import { me } from '../lib/store.js';
import { go } from '../lib/router.js';
import { toast } from '../lib/toast.js';
import { t, tn } from '../lib/i18n.js';
import { ago, due, relDay, moment, month, daysFromNow } from '../lib/format.js';
import { Icon, Empty, Failed, SkeletonLines, useLoad } from './basics.js';
import { MenuButton, MenuItem } from './layers.js';
import { text, isEmpty } from './field.js';
import { Composer } from './composer.js';

const PAGE = 30;
const FOLD = 3;
/** What is dated earlier was there from the start. */
const FIRST_MONTH = '1990';
const MOST = 200;
const LATER = '9999';
const nowIso = () => new Date().toISOString().replace(/\.\d+Z$/, 'Z');

/** Marks an activity as done at once, with Undo. */
export const tick = (step) => update(ACTIVITY, step.id, { done_at: nowIso() }, { message: t('Done: {task}', { task: step.subject ?? step.title }) }).catch(() => null);

/** Due badge of a next step: overdue and today in words and colour. */
export function DueBadge({ kind, at }) {
  if (!at) return html`<span class="badge"><${Icon} name=${kindIcon(kind)} />${t('no date')}</span>`;
  const d = daysFromNow(at);
  return html`<span class=${cx('badge num', d < 0 ? 'badge-bad' : 'badge-accent')}>
    <${Icon} name=${d < 0 ? 'triangle-alert' : kindIcon(kind)} />${d < 0 ? t('Overdue {when}', { when: relDay(at) }) : due(at)}</span>`;
}

function Steps({ path, kind }) {
  const steps = useLoad((o) => get(`${path}/timeline`, { kind: 'open', limit: MOST }, o), [path, rowsOf(ACTIVITY), valuesOf(ACTIVITY), valuesOf(kind)]);
  const [done, setDone] = useState([]);
  const items = (steps.data?.items ?? []).filter((s) => !done.includes(s.id)).sort((a, b) => (a.due ?? LATER).localeCompare(b.due ?? LATER));
  const check = async (s) => { setDone([...done, s.id]); await tick(s); setDone((d) => d.filter((x) => x !== s.id)); };
  return html`<section aria-label=${t('Next steps')}><h2 class="side-title">${t('Next steps')}</h2>
    ${steps.data && items.length === 0 && html`<div class="notice notice-warn"><${Icon} name="circle-dashed" />
      <span>${t('No next step is planned.')}</span></div>`}
    <ul class="steps">${items.map((s) => html`<li key=${s.id}>
      <input type="checkbox" class="check check-round" id=${`step-${s.id}`} disabled=${!writes(ACTIVITY)} onChange=${() => check(s)} />
      <label for=${`step-${s.id}`} class="grow clip">${s.subject}</label>
        <${DueBadge} kind=${s.kind} at=${s.due} /></li>`)}</ul></section>`;
}

/* --- one entry --- */

/** May the user change some records of a kind at all? */
const writes = (kind) => entity(kind)?.can?.edit !== 'none';

const shown = (f, v) => (isEmpty(v) ? '—' : text(f, { [f.name]: v }) || '—');

function Change({ e, id, item, locked }) {
  const [open, setOpen] = useState(item.fields.length <= FOLD);
  const name = item.by?.title ?? (item.source === 'import' ? t('Import') : t('Somebody'));
  const back = (what, message) => restore(e.name, id, what, message).catch((bad) => toast(explain(bad), { bad: true }));
  const list = item.fields.map((x) => ({ ...x, field: fieldOf(e, x.name) ?? { name: x.name, label: x.label ?? x.name, type: 'text' } }));
  return html`<li class="tl tl-change"><span class="tl-mark"><${Icon} name="history" /></span>
    <div class="grow"><p class="row small dim">
      <span class="grow">${open ? t('{name} changed', { name }) : tn('{name} changed {n} field', '{name} changed {n} fields', list.length, { name })}
        ${!open && html` <button type="button" class="btn btn-quiet btn-sm" onClick=${() => setOpen(true)}>${t('Show')}</button>`}</span>
        <time class="tiny faint num nowrap" datetime=${item.at} title=${moment(item.at)}>${ago(item.at)}</time></p>
      ${open && html`<ul class="tl-fields">${list.map(({ name, field, before, after }) => html`<li key=${name}>
        <span class="grow clip"><span class="faint">${t(field.label)}</span> <span class="tl-before">${shown(field, before)}</span> <span class="faint" aria-label=${t('became')}>→</span> ${shown(field, after)}</span>
        ${item.change && !locked && !field.readonly && !field.computed && html`<${MenuButton} class="btn btn-quiet btn-icon btn-sm" icon="undo-2" title=${t('Restore {field}', { field: t(field.label) })}>
          <${MenuItem} icon="undo-2" label=${t('Restore this value')} onClick=${() => back({ change: item.change, field: name }, t('{field} restored', { field: t(field.label) }))} />
          <${MenuItem} icon="history" label=${t('Restore everything to before this')} onClick=${() => back({ at: new Date(new Date(item.at) - 1000).toISOString().replace(/\.\d+Z$/, 'Z') }, t('Restored'))} /><//>`}</li>`)}</ul>`}</div></li>`;
}

const Quiet = ({ item }) => html`<li class="tl tl-quiet"><span class="tl-mark"><${Icon} name=${kindIcon(item.kind)} /></span>
  <p class="small dim grow">${t(item.subject ?? KINDS[item.kind]?.[1] ?? 'Change')}${item.by && html` <span class="faint">· ${item.by.title}</span>`}</p>
  <time class="tiny faint num" datetime=${item.at} title=${moment(item.at)}>${ago(item.at)}</time></li>`;

function Entry({ item: a }) {
  const kind = a.kind === 'note' ? NOTE : ACTIVITY;
  const about = a.record?.title;
  return html`<li class="tl"><span class=${cx('tl-mark', `tl-${a.kind}`)}><${Icon} name=${kindIcon(a.kind)} /></span>
    <article class="tl-card"><header class="row"><h3 class="clip">${a.subject || t(KINDS[a.kind]?.[1] ?? a.kind)}</h3>
        ${a.done_at && a.kind === 'task' && html`<span class="badge badge-good"><${Icon} name="check" />${t('Done')}</span>`}
        <time class="push tiny faint num nowrap" datetime=${a.at} title=${moment(a.at)}>${ago(a.at)}</time>
        ${writes(kind) && html`<${MenuButton} class="btn btn-quiet btn-icon btn-sm tl-menu" icon="ellipsis" title=${t('Actions for this entry')}>
          <${MenuItem} icon="pencil" label=${t('Open and edit')} onClick=${() => go(`${pathOf(kind)}/${a.id}`)} />
          ${a.kind !== 'note' && a.done_at && html`<${MenuItem} icon="undo-2" label=${t('Not done after all')} onClick=${() => update(ACTIVITY, a.id, { done_at: null }, { message: t('Open again') }).catch(() => null)} />`}
          <${MenuItem} danger icon="trash-2" label=${t('Delete')} onClick=${() => remove(kind, { id: a.id, title: a.subject || t(KINDS[a.kind]?.[1]) })} /><//>`}</header>
      <p class="small faint">${a.by?.title}${about && ` · ${about}`}</p>
      ${a.text && html`<p class="tl-text">${a.text}</p>`}</article></li>`;
}

/** Entries with a heading wherever a new month begins. */
function byMonth(items) {
  let last = '';
  return items.map((a) => { const m = a.at.slice(0, 7); const head = m !== last && m > FIRST_MONTH; last = m; return { ...a, head }; });
}

function Entries({ e, id, items }) {
  const record = known(e.name, id);
  const locked = !may(e, 'edit', record ?? {}, me());
  return byMonth(items).map((a) => html`${a.head && html`<li class="tl-month" key=${`m${a.at}`}>${month(a.at)}</li>`}
    ${a.kind === 'change' && a.fields?.length ? html`<${Change} key=${a.id} e=${e} id=${id} item=${a} locked=${locked} />` : !WRITTEN.includes(a.kind) ? html`<${Quiet} key=${`${a.kind}${a.id}`} item=${a} />` : html`<${Entry} key=${`${a.kind}${a.id}`} item=${a} />`}`);
}

function Story({ e, id, path }) {
  const [only, setOnly] = useState('');
  const [limit, setLimit] = useState(PAGE);
  const story = useLoad((o) => get(`${path}/timeline`, { kind: only, limit }, o), [path, only, limit, rowsOf(NOTE), rowsOf(ACTIVITY), valuesOf(NOTE), valuesOf(ACTIVITY), valuesOf(e.name)]);
  const items = story.data?.items;
  return html`<section aria-label=${t('Timeline')}>
    <div class="row tl-head"><h2 class="side-title">${t('Timeline')}</h2><div class="push">
      <select class="select select-sm" aria-label=${t('Show')} value=${only} onChange=${(ev) => setOnly(ev.target.value)}>
        <option value="">${t('Everything')}</option>${['note', 'task', 'call', 'meeting', 'change'].map((k) => html`<option key=${k} value=${k}>${t(KINDS[k][1])}</option>`)}</select></div></div>
    ${story.error && html`<${Failed} title=${t('The timeline could not be loaded')} text=${story.error.message} retry=${story.again} />`}
    ${!items && !story.error && html`<${SkeletonLines} lines=${6} />`}
    ${items?.length === 0 && html`<${Empty} icon="history" title=${t('Nothing here yet')} text=${t('Notes, tasks, calls and changes show up here.')} />`}
    ${items && html`<ol class="timeline"><${Entries} e=${e} id=${id} items=${items} /></ol>`}
    ${story.data?.next && html`<button type="button" class="btn btn-sm" onClick=${() => setLimit(limit + PAGE * 2)}>${t('Show more')}</button>`}
  </section>`;
}

/** Composer, next steps and timeline of a record. */
export function Timeline({ kind, id }) {
  const path = `${pathOf(kind)}/${id}`;
  const e = entity(kind);
  return html`<div class="rec-main">${e.timeline !== false && html`<${Composer} kind=${kind} id=${id} />
    <${Steps} path=${path} kind=${kind} />`}<${Story} e=${e} id=${id} path=${path} /></div>`;
}
