// What the bell opens: notifications by the record they are about, newest
// first. A press on one goes to its record and marks it as read.
import { html, cx, useEffect, useRef, useState } from '../lib/html.js';
import { get, post, apiUrl } from '../lib/api.js';
import { told } from '../lib/live.js';
import { entity, pathOf } from '../lib/meta.js';
import { Link } from '../lib/router.js';
import { explain } from '../lib/records.js';
import { toast } from '../lib/toast.js';
import { t, tn } from '../lib/i18n.js';
import { ago, date, due, moment, number, relDay } from '../lib/format.js';
import { counts, recount } from './bell.js';
import { Icon, IconButton, Empty, FailedLine, SkeletonLines, useLoad } from './basics.js';

const PAGE = 30;
const MOST = 500;
const ICONS = { step: 'alarm-clock', mention: 'message-square', share: 'user-plus', reminder: 'alarm-clock', assigned: 'circle-user-round', rule: 'sliders-horizontal', late_answer: 'alarm-clock', gate: 'triangle-alert', import: 'upload', digest: 'layout-list' };

function imported({ file, entity: kind, failed, created, updated, rejected }) {
  const name = file || t(entity(kind)?.label_plural ?? 'Import');
  if (failed) return [t('The import of {name} failed; nothing of it was kept.', { name })];
  return [t('{name} is imported', { name }), [created > 0 && tn('{n} created', '{n} created', created, { n: number(created) }),
    updated > 0 && tn('{n} updated', '{n} updated', updated, { n: number(updated) }), rejected > 0 && tn('{n} rejected', '{n} rejected', rejected, { n: number(rejected) })].filter(Boolean).join(', ')];
}

/** How many others it is about, too. */
const others = (n) => (n.about.count > 1 ? tn('and {n} more', 'and {n} more', n.about.count - 1, { n: number(n.about.count - 1) }) : null);

/** A notification in words: [what, more]. */
const WORDS = {
  mention: (n) => [t('{name} mentioned you', { name: n.by?.title ?? t('Somebody') }), n.entry?.title],
  share: (n) => [t('{name} shared this with you', { name: n.by?.title ?? t('Somebody') })],
  reminder: (n) => [`${t(n.label)}: ${date(n.about.date)}`, relDay(n.about.date)],
  step: (n) => [n.about.due ? due(n.about.due) : t('Due'), n.record?.title],
  assigned: (n) => (n.about.part ? [t('{name} wants you to take part', { name: n.by?.title ?? t('Somebody') })]
    : [n.by ? t('{name} assigned this to you', { name: n.by.title }) : t('This was assigned to you'), others(n) ?? n.about.why]),
  late_answer: () => [t('Nobody has answered this in time')],
  gate: (n) => [t('Moved to {stage} without what it asks for', { stage: t(n.about.stage) }), n.about.count > 1 && tn('and {n} more of yours', 'and {n} more of yours', n.about.count - 1, { n: number(n.about.count - 1) })],
  rule: (n) => [n.about.text, others(n)],
  import: (n) => imported(n.about),
  digest: (n) => [t('Your digest'), tn('{n} notification', '{n} notifications', n.count, { n: number(n.count) })],
};

const target = (n) => (n.about.job ? `/import/${n.about.job}` : n.record ? `${pathOf(n.record.entity)}/${n.record.id}` : `/${entity(n.about.entity)?.plural ?? 'home'}`);

function Said({ notice: n }) {
  const [what, more] = WORDS[n.kind]?.(n) ?? [n.kind];
  return html`<${Icon} name=${ICONS[n.kind] ?? 'bell'} />
    <span class="grow"><span class="notice-what">${what}</span>${n.undone && html`<span class="badge">${t('Taken back')}</span>`}${more && html`<span class="notice-more dim">${more}</span>`}
      <time class="tiny faint" datetime=${n.at} title=${moment(n.at)}>${ago(n.at)}</time></span>
    ${!n.seen && html`<span class="dot notice-dot"></span><span class="sr-only">${t('new')}</span>`}`;
}

function Notice({ notice: n, read, close, open }) {
  const press = () => { if (!n.seen) read({ id: n.id }); close(); };
  return html`<li class=${cx('notice-item', !n.seen && 'is-new')}>
    ${n.kind === 'digest' ? html`<button type="button" class="notice-link" onClick=${() => open(n)}><${Said} notice=${n} /></button>`
      : html`<${Link} to=${target(n)} class="notice-link" onClick=${press}><${Said} notice=${n} /><//>`}
    ${n.about.rejected > 0 && html`<a class="small notice-file" href=${apiUrl(`/imports/${n.about.job}/rejects`)} download>${t('Rejected rows as a file')}</a>`}</li>`;
}

/** Those about one record stand together, where the newest of them would. */
function groups(items) {
  const all = new Map();
  for (const n of items) {
    const k = n.record ? `r${n.record.id}` : `n${n.id}`;
    if (!all.has(k)) all.set(k, { key: k, record: n.record, items: [] });
    all.get(k).items.push(n);
  }
  return [...all.values()];
}

function Group({ group: g, read, close, open }) {
  const fresh = g.items.filter((n) => !n.seen).length;
  return html`<section class="notice-group" aria-label=${g.record?.title}>
    ${g.record && html`<h3 class="row small"><${Icon} name=${entity(g.record.entity)?.icon ?? 'folder'} />
      <${Link} to=${`${pathOf(g.record.entity)}/${g.record.id}`} class="grow clip" onClick=${close}>${g.record.title}<//>
      ${fresh > 1 && html`<${IconButton} small icon="check" label=${t('Mark all about {name} as read', { name: g.record.title })} onClick=${() => read({ id: g.items[0].id, group: true })} />`}</h3>`}
    <ul>${g.items.map((n) => html`<${Notice} key=${n.id} notice=${n} read=${read} close=${close} open=${open} />`)}</ul></section>`;
}

/** From one to the next by the arrows. */
function step(e) {
  const by = { ArrowDown: 1, ArrowUp: -1 }[e.key];
  if (!by) return;
  const all = [...e.currentTarget.querySelectorAll('.notice-link')];
  const at = all.indexOf(document.activeElement);
  e.preventDefault();
  (all[at < 0 && by < 0 ? all.length - 1 : at + by] ?? document.activeElement).focus();
}

/** The first so many, a hundred at a time. */
async function loadMany(which, most, o) {
  const items = [];
  let page = null;
  for (let cursor = ''; cursor !== null && items.length < most; cursor = page.next) {
    page = await get('/notifications', { ...which, limit: Math.min(100, most - items.length), ...(cursor ? { cursor } : {}) }, o);
    items.push(...page.items);
  }
  return { ...page, items };
}

/** All that a digest holds, read the moment it is shown. */
async function loadDigest(digest, o) {
  const { items } = await loadMany({ digest: digest.id }, MOST, o);
  if (!digest.seen) post('/notifications/seen', { id: digest.id }).then(recount, () => null);
  return { items };
}

const loadAll = (limit, o) => loadMany({}, limit, o).then((a) => { counts(a.unseen); return a; });

function Head({ digest, fresh, head, back, readAll, close }) {
  return html`<div class="row notices-head">${digest && html`<${IconButton} small icon="chevron-left" label=${t('All notifications')} onClick=${back} />`}
    <h2 class="grow" tabindex="-1" ref=${head}>${digest ? t('Digest of {day}', { day: date(digest.at) }) : t('Notifications')}</h2>
    ${fresh && html`<button type="button" class="btn btn-quiet btn-sm" onClick=${readAll}>${t('Mark all as read')}</button>`}
    <${Link} to="/profile#notify" class="btn btn-quiet btn-icon btn-sm" aria-label=${t('What you are told')} title=${t('What you are told')} onClick=${close}><${Icon} name="settings" /><//></div>`;
}

export default function Notices({ close }) {
  const [limit, setLimit] = useState(PAGE);
  const [digest, setDigest] = useState(null);
  const list = useLoad((o) => (digest ? loadDigest(digest, o) : loadAll(limit, o)), [digest ? digest.id : told.value, limit]);
  const head = useRef(null);
  useEffect(() => { head.current?.focus({ preventScroll: true }); }, [digest]);
  const items = list.data?.items;
  const read = (which) => {
    if (items) list.set({ ...list.data, items: items.map((n) => (which.all || n.id === which.id || (which.group && n.record?.id === items.find((x) => x.id === which.id)?.record?.id) ? { ...n, seen: true } : n)) });
    post('/notifications/seen', which).then(recount, (bad) => toast(explain(bad), { bad: true }));
  };
  const turn = (to) => { list.set(null); setDigest(to); };
  return html`<div class="notices" onKeyDown=${step}><${Head} digest=${digest} fresh=${!digest && items?.some((n) => !n.seen)} head=${head} back=${() => turn(null)} close=${close} readAll=${() => { read({ all: true }); head.current.focus(); }} />
    ${list.error && html`<${FailedLine} text=${t('The notifications could not be loaded.')} retry=${list.again} />`}
    ${!items && !list.error && html`<${SkeletonLines} lines=${4} />`}
    ${items?.length === 0 && html`<${Empty} icon="bell" title=${t('Nothing new')} text=${t('Mentions, shared records, reminders and finished imports show up here.')} />`}
    ${items && groups(items).map((g) => html`<${Group} key=${g.key} group=${g} read=${read} close=${close} open=${turn} />`)}
    ${list.data?.next && html`<button type="button" class="btn btn-sm" onClick=${() => setLimit(limit + 100)}>${t('Show more')}</button>`}</div>`;
}
