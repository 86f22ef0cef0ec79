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
const ICONS = { step: 'alarm-clock', mention: 'message-square', share: 'user-plus', reminder: 'alarm-clock', assigned: 'circle-user-round', rule: 'sliders-horizontal', late_answer: 'alarm-clock', import: 'upload' };

function imported({ file, entity: kind, failed, created, updated, rejected }) {
  const name = file || t(entity(kind)?.label_plural ?? 'Import');
  if (failed) return [t('The import of {name} failed; nothing of it was kept.', { name })];
  return [t('{name} is imported', { name }), [created > 0 && tn('{n} created', '{n} created', created, { n: number(created) }),
    updated > 0 && tn('{n} updated', '{n} updated', updated, { n: number(updated) }), rejected > 0 && tn('{n} rejected', '{n} rejected', rejected, { n: number(rejected) })].filter(Boolean).join(', ')];
}

/** A notification in words: [what, more]. */
const WORDS = {
  mention: (n) => [t('{name} mentioned you', { name: n.by?.title ?? t('Somebody') }), n.entry?.title],
  share: (n) => [t('{name} shared this with you', { name: n.by?.title ?? t('Somebody') })],
  reminder: (n) => [`${t(n.label)}: ${date(n.about.date)}`, relDay(n.about.date)],
  step: (n) => [n.about.due ? due(n.about.due) : t('Due'), n.record?.title],
  assigned: (n) => [n.by ? t('{name} assigned this to you', { name: n.by.title }) : t('This was assigned to you'), n.about.why],
  late_answer: () => [t('Nobody has answered this in time')],
  rule: (n) => [n.about.text],
  import: (n) => imported(n.about),
};

const target = (n) => (n.about.job ? `/import/${n.about.job}` : n.record ? `${pathOf(n.record.entity)}/${n.record.id}` : `/${entity(n.about.entity)?.plural ?? 'home'}`);

function Notice({ notice: n, read, close }) {
  const [what, more] = WORDS[n.kind]?.(n) ?? [n.kind];
  return html`<li class=${cx('notice-item', !n.seen && 'is-new')}>
    <${Link} to=${target(n)} class="notice-link" onClick=${() => { if (!n.seen) read({ id: n.id }); close(); }}>
      <${Icon} name=${ICONS[n.kind] ?? 'bell'} />
      <span class="grow"><span class="notice-what">${what}</span>${more && html`<span class="notice-more dim">${more}</span>`}
        <time class="tiny faint" datetime=${n.at} title=${moment(n.at)}>${ago(n.at)}</time></span>
      ${!n.seen && html`<span class="dot notice-dot"></span><span class="sr-only">${t('new')}</span>`}<//>
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

function Group({ group: g, read, close }) {
  const fresh = g.items.filter((n) => !n.seen).length;
  return html`<section class="notice-group" aria-label=${g.record?.title}>
    ${g.record && html`<h3 class="row small"><${Icon} name=${entity(g.record.entity)?.icon ?? 'folder'} />
      <${Link} to=${`${pathOf(g.record.entity)}/${g.record.id}`} class="grow clip" onClick=${close}>${g.record.title}<//>
      ${fresh > 1 && html`<${IconButton} small icon="check" label=${t('Mark all about {name} as read', { name: g.record.title })} onClick=${() => read({ id: g.items[0].id, group: true })} />`}</h3>`}
    <ul>${g.items.map((n) => html`<${Notice} key=${n.id} notice=${n} read=${read} close=${close} />`)}</ul></section>`;
}

export default function Notices({ close }) {
  const [limit, setLimit] = useState(PAGE);
  const list = useLoad((o) => get('/notifications', { limit: Math.min(limit, 100) }, o).then((a) => { counts(a.unseen); return a; }), [told.value, limit]);
  const head = useRef(null);
  useEffect(() => { head.current?.focus({ preventScroll: true }); }, []);
  const items = list.data?.items;
  const read = (which) => {
    if (items) list.set({ ...list.data, items: items.map((n) => (which.all || n.id === which.id || (which.group && n.record?.id === items.find((x) => x.id === which.id)?.record?.id) ? { ...n, seen: true } : n)) });
    post('/notifications/seen', which).then(recount, (bad) => toast(explain(bad), { bad: true }));
  };
  return html`<div class="notices"><div class="row notices-head"><h2 class="grow" tabindex="-1" ref=${head}>${t('Notifications')}</h2>
      ${items?.some((n) => !n.seen) && html`<button type="button" class="btn btn-quiet btn-sm" onClick=${() => { read({ all: true }); head.current.focus(); }}>${t('Mark all as read')}</button>`}
      <${Link} to="/profile#notify" class="btn btn-quiet btn-icon btn-sm" aria-label=${t('What you are told')} title=${t('What you are told')} onClick=${close}><${Icon} name="settings" /><//></div>
    ${list.error && html`<${FailedLine} text=${t('The notifications could not be loaded.')} retry=${list.again} />`}
    ${!items && !list.error && html`<${SkeletonLines} lines=${4} />`}
    ${items?.length === 0 && html`<${Empty} icon="bell" title=${t('Nothing new')} text=${t('Mentions, shared records, reminders and finished imports show up here.')} />`}
    ${items && groups(items).map((g) => html`<${Group} key=${g.key} group=${g} read=${read} close=${close} />`)}
    ${list.data?.next && limit < 100 && html`<button type="button" class="btn btn-sm" onClick=${() => setLimit(100)}>${t('Show more')}</button>`}</div>`;
}
