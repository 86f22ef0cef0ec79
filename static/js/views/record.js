// One record, the whole picture: details left, timeline in the middle, related
// records right; tabs on phones. Drawn from metadata for every entity.
import { html, useState, useEffect, useLayoutEffect, useRef } from '../lib/html.js';
import { entity, boardFields, factsOf, isPerson, pictureOf, pipeline, pipelinesOf, may, fieldOf, stories } from '../lib/meta.js';
import { known, load, draft, remove, titleOf, whyLocked, rowsOf, touch } from '../lib/records.js';
import { get } from '../lib/api.js';
import { toast } from '../lib/toast.js';
import { walk, placeOf, neighbour } from '../lib/walk.js';
import { ACTIVITY, FILE } from '../lib/names.js';
import { route, setQuery, go, pastDay, onDay } from '../lib/router.js';
import { visited } from '../lib/recent.js';
import { soon, watch } from '../lib/live.js';
import { me } from '../lib/store.js';
import { bindAll } from '../lib/keys.js';
import { t, tn, rare } from '../lib/i18n.js';
import { number } from '../lib/format.js';
import { PageHead } from '../ui/page.js';
import { readAbout } from '../ui/bell.js';
import { AsOf, PastBanner } from '../ui/asof.js';
import { Icon, IconButton, Avatar, SkeletonLines, Later, useLatest, useLoad } from '../ui/basics.js';
import { MenuButton, MenuItem, MenuRule } from '../ui/layers.js';
import { Value, isEmpty } from '../ui/field.js';
import { Details } from '../ui/details.js';
import { NextStep, Timeline } from '../ui/timeline.js';
import { Related } from '../ui/related.js';
import { finishing, moveTo } from '../ui/open.js';

const conditional = (e) => e.fields.some((f) => f.visible_if || f.required_if);

/** The record, loaded in full, kept fresh while others change it. */
function useRecord(e, id) {
  const [error, setError] = useState(null);
  const [flags, setFlags] = useState(null);
  const [full, setFull] = useState(false);
  const [merged, setMerged] = useState(null);
  const record = known(e.name, id);
  const again = () => load(e.name, id).then((r) => { setError(null); setFull(true); setMerged(r?.merged_into); }, (bad) => { if (bad.status === 404) setFull(false); setError(bad); });
  useEffect(() => { again(); }, [e.name, id, rowsOf(e.name)]); /* what is shown stays until the answer is here */
  useEffect(() => { if (full) readAbout(id); }, [e.name, id, full]);
  useEffect(() => { if (full && conditional(e) && may(e, 'edit', record, me())) draft(e.name, id, {}).then((d) => setFlags(d.draft), () => null); }, [full, record?.version]);
  useEffect(() => {
    const later = soon((kinds) => kinds.forEach((kind) => touch(kind, true)));
    const stop = watch('*', (event) => {
      if (!event) { again(); touch(e.name, true); return; }
      if (stories().some((s) => s.name === event.kind && s !== e) || (route.value.query.with && e.timeline_with.includes(event.kind))) later.add(event.kind);
      else if (event.kind === e.name && String(event.id) === String(id)) {
        if (event.op === 'delete') { setFull(false); setError({ status: 404 }); return; }
        again();
        later.add(e.name);
      }
    });
    return () => { stop(); later.stop(); };
  }, [e.name, id]);
  return { record, error, full, flags, merged, again };
}

/** The record as it was at the end of a past day, beside the one of today. */
const usePast = (e, id, day) => useLoad((o) => (day ? get(`/${e.plural}/${id}`, { as_of: day }, o) : Promise.resolve(null)), [e.name, id, day]);

const address = (list) => { const x = list?.find((v) => v.primary) ?? list?.[0]; return typeof x === 'string' ? x : x?.value; };
const valueOf = (e, r, type) => { const f = e.fields.find((x) => x.type === type); return f && address(r[f.name]); };

function Contact({ e, record: r }) {
  const phone = valueOf(e, r, 'phones');
  const mail = valueOf(e, r, 'emails');
  return html`${phone && html`<a class="btn" href=${`tel:${phone.replace(/[^\d+]/g, '')}`}>
    <${Icon} name="phone" />${t('Call')}</a>`}
    ${mail && html`<a class="btn" href=${`mailto:${mail}`}><${Icon} name="mail" />${t('E-mail')}</a>`}`;
}

/** Under the name: what kind of record this is, in its own words. */
function subtitle(e, r) {
  const word = isPerson(e) && e.title?.length > 1 ? (e.list ?? []).map((n) => fieldOf(e, n)).find((f) => f?.type === 'text' && !e.title.includes(f.name)) : null;
  const link = e.fields.find((f) => f.type === 'link' && f.name !== 'team' && f.becomes !== true && !isEmpty(r[f.name]));
  const sum = pipelinesOf(e).length ? e.fields.find((f) => f.type === 'money' && !isEmpty(r[f.name]) && !f.computed) : null;
  const plain = !word && !link && !sum ? factsOf(e, ['text'], (f) => !isEmpty(r[f.name])).slice(0, 2) : [];
  return [sum, word, link, ...plain].filter((f) => f && !isEmpty(r[f.name]));
}

const fetchDone = rare(() => import('../ui/done.js'));

/** How long the record stayed, or is, in a stage. */
function Stay({ path, id }) {
  const s = path?.stages.find((x) => x.id === id);
  if (!s?.visits) return null;
  const days = Math.floor(s.stay_s / 86400);
  return html`<span class="stage-stay num"><span aria-hidden="true">${days ? t('{n} d', { n: number(days) }) : t('< 1 d')}</span><span class="sr-only">, ${tn('{n} day in this stage', '{n} days in this stage', days)}</span></span>`;
}

/** Stages as steps, with the days in each; a press moves the record there. */
function StageSteps({ e, record: r, field: f, frozen }) {
  const p = pipeline(r.pipeline) ?? pipelinesOf(e).find((x) => x.field === f.name);
  const at = p?.stages.findIndex((s) => s.id === r[f.name]) ?? -1;
  const locked = !frozen && !f.readonly && !may(e, 'edit', r, me());
  const move = (s) => (locked ? toast(whyLocked(e, r), { bad: true }) : moveTo(e, r, f, s));
  const list = useRef(null);
  const path = useLoad((o) => (frozen ? Promise.resolve(null) : get(`/${e.plural}/${r.id}/stages`, {}, o)), [e.name, r.id, r[f.name], r.pipeline, r.version, frozen]);
  useLayoutEffect(() => { list.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' }); }, [at, !path.data]); /* the days in each make the stages wider */
  if (!p) return null;
  const before = (i) => i < at && p.stages[at].kind === 'open';
  const skipped = (s, i) => before(i) && path.data?.stages.some((x) => x.id === s.id && !x.visits);
  return html`<ol ref=${list} class="stage-steps" aria-label=${t(f.label)}>${p.stages.map((s, i) => html`<li key=${s.id} class=${skipped(s, i) ? 'is-skipped' : before(i) ? 'is-past' : ''}>
    <button type="button" class=${`stage-step is-${s.kind}`} aria-current=${i === at ? 'step' : undefined} disabled=${frozen || f.readonly} aria-disabled=${locked} title=${skipped(s, i) ? t('Skipped') : undefined} onClick=${() => move(s)}>
      ${s.kind === 'won' ? html`<${Icon} name="trophy" />` : s.kind === 'lost' ? html`<${Icon} name="thumbs-down" />` : ''}
        <span class="clip">${t(s.label)}</span>${s.kind === 'open' && html`<${Stay} path=${path.data} id=${s.id} />`}</button></li>`)}</ol>`;
}

const fetchHere = rare(() => import('../ui/here.js'), 'record');
const fetchBecomes = rare(() => import('../ui/becomes.js'));
const fileActions = () => rare(() => import('../ui/fileview.js'))().then((m) => ({ default: m.FileActions }));

function Head({ e, record: r, frozen }) {
  const status = e.fields.some((f) => f.type === 'stage') ? null : boardFields(e).find((f) => e.list?.includes(f.name));
  const drop = async () => { if (await remove(e.name, r)) go(walk.value?.kind === e.name ? walk.value.back : `/${e.plural}`); };
  const line = subtitle(e, r);
  return html`<div class="rec-head">${isPerson(e) ? html`<${Avatar} name=${r.title} id=${r.id} picture=${pictureOf(e, r)} size="xl" square=${e.title?.length === 1} />` : html`<span class="rec-mark" aria-hidden="true"><${Icon} name=${e.icon || 'folder'} size="lg" /></span>`}
    <div class="rec-id"><div class="row"><h1 class="rec-name clip">${titleOf(e.name, r)}</h1>
        ${status && r[status.name] && html`<span class="badge"><${Value} field=${status} record=${r} /></span>`}</div>
      ${!frozen && fieldOf(e, 'next_activity_at') && html`<div class="small rec-next"><${NextStep} e=${e} record=${r} /></div>`}
      ${line.length > 0 && html`<p class="dim rec-line">${line.map((f, i) => html`<span class="clip" key=${f.name}>${i > 0 && ', '}<${Value} field=${f} record=${r} /></span>`)}</p>`}</div>
    <div class="row rec-actions">${!frozen && e.name === ACTIVITY && may(e, 'edit', r, me()) && html`<${Later} load=${fetchDone} record=${r} />`}<${Contact} e=${e} record=${r} />${e.name === FILE && html`<${Later} load=${fileActions} record=${r} head />`}
      <${AsOf} class="btn btn-icon" small title=${t('As of a past day')} />
      <${MenuButton} class="btn btn-icon" icon="ellipsis" title=${t('More actions')}>
        ${!frozen && e.timeline !== false && entity(ACTIVITY)?.can?.create && html`<${MenuItem} icon="phone" label=${t('Log a call')} onClick=${() => { finishing.value = { kind: 'call', about: [{ entity: e.name, id: r.id }] }; }} />`}
        <${MenuItem} icon="link" label=${t('Copy the address')} onClick=${() => navigator.clipboard?.writeText(location.href)} />
        <${MenuItem} icon="printer" label=${t('Print')} onClick=${() => print()} />
        ${!frozen && e.merge && may(e, 'edit', r, me()) && e.can?.delete !== 'none' && html`<${MenuItem} icon="merge" label=${t('Merge with…')} onClick=${() => go(`/merge/${e.name}?ids=${r.id}`)} />`}
        ${!frozen && may(e, 'delete', r, me()) && html`<${MenuRule} />
          <${MenuItem} danger icon="trash-2" label=${t('Delete')} onClick=${drop} />`}<//></div></div>`;
}

/** "3 of 87" and the way to the previous and next record of the list. */
function Walk({ e, id }) {
  const place = placeOf(e.name, id);
  const step = async (by) => { const to = await neighbour(e.name, id, by); if (to) go(onDay(`/${e.plural}/${to}`)); };
  const now = useLatest(step);
  useLayoutEffect(() => bindAll([['j', () => now.current(1), t('Next record')], ['k', () => now.current(-1), t('Previous record')]]), []);
  if (!place) return null;
  return html`<span class="row"><span class="faint small num nowrap wide-only">${t('{i} of {n}', { i: number(place.at), n: number(place.count) + (place.more ? '+' : '') })}</span>
    <${IconButton} icon="chevron-left" label=${t('Previous record')} disabled=${place.first} onClick=${() => step(-1)} />
    <${IconButton} icon="chevron-right" label=${t('Next record')} disabled=${place.last} onClick=${() => step(1)} /></span>`;
}

const fetchGone = rare(() => import('../ui/gone.js'));

const fetchRestore = rare(() => import('../ui/restore-day.js'));

const TABS = () => [['timeline', t('Timeline')], ['details', t('Details')], ['related', t('Related')]];

/** Remembers what was opened, for the search palette and the window's title. */
function useVisit(e, record) {
  useEffect(() => {
    if (!record?.title) return;
    document.title = record.title;
    visited({ kind: e.name, id: record.id, title: record.title, picture: pictureOf(e, record), detail: subtitle(e, record).filter((f) => f.type === 'link').map((f) => record[f.name].title)[0] ?? t(e.label) });
  }, [record?.title, record && pictureOf(e, record)?.id]);
}

function Page({ e, record, flags, day }) {
  const first = e.timeline === false ? 'details' : 'timeline';
  const tabs = TABS().sort(([a], [b]) => Number(b === first) - Number(a === first));
  const tab = route.value.query.tab ?? first;
  const stage = e.fields.find((f) => f.type === 'stage');
  return html`<${Head} e=${e} record=${record} frozen=${Boolean(day)} />
    ${stage && fieldOf(e, 'stage') && html`<${StageSteps} e=${e} record=${record} field=${stage} frozen=${Boolean(day)} />`}
    ${!day && (e.score || e.fields.some((f) => f.becomes === true)) && html`<${Later} load=${fetchBecomes} e=${e} record=${record} />`}
    ${!day && !may(e, 'edit', record, me()) && html`<p class="row small rec-locked"><${Icon} name="lock" />${whyLocked(e, record)}</p>`}
    <div class="tabs rec-tabs" role="group" aria-label=${t('Sections')}>${tabs.map(([k, label]) => html`<button type="button" key=${k} class="tab" aria-pressed=${tab === k} onClick=${() => setQuery({ tab: k === first ? '' : k })}>${label}</button>`)}</div>
    ${e.name === FILE && html`<${Later} load=${fileActions} record=${record} />`}
    <div class="page-body rec" data-tab=${tab}><${Details} entity=${e} record=${record} draft=${flags} frozen=${Boolean(day)} />
      <${Timeline} key=${`${e.name}${record.id}`} entity=${e} record=${record} day=${day} /><${Related} entity=${e} record=${record} /></div>`;
}

export default function Record({ kind, id }) {
  const e = entity(kind);
  const day = pastDay();
  const now = useRecord(e, id);
  const then = usePast(e, id, day);
  const record = day ? then.data : now.full && now.record;
  const error = day ? then.error : now.error && !now.full && now.error;
  useEffect(() => { if (now.merged && String(now.merged) !== String(id)) go(`/${e.plural}/${now.merged}`, { replace: true }); }, [now.merged]); /* an old address leads on */
  const back = walk.value?.kind === kind ? walk.value.back : onDay(`/${e.plural}`);
  const first = e.related?.[0];
  const own = record && { entity: kind, id: record.id, title: record.title };
  const linked = first && own && { [first.field]: fieldOf(entity(first.entity), first.field)?.type === 'records' ? [own] : own };
  useVisit(e, now.full && now.record);
  return html`<div class="page"><${PageHead} title=${error ? t(e.label) : undefined} crumb=${[t(e.label_plural), back]} create=${first?.entity ?? kind} values=${linked || {}}>${record && !day && html`<${Later} load=${fetchHere} kind=${kind} id=${id} />`}<${Walk} e=${e} id=${id} /><//>
    <${PastBanner}>${day && html`<${Later} load=${fetchRestore} e=${e} now=${record && now.full && now.record} day=${day} />`}<//>
    ${error ? html`<${Later} load=${fetchGone} e=${e} error=${error} again=${day ? then.again : now.again} day=${day} />`
      : record ? html`<${Page} e=${e} record=${record} flags=${day ? null : now.flags} day=${day} />`
      : html`<div class="page-body rec-wait"><h1 class="sr-only">${t(e.label)}</h1><${SkeletonLines} lines=${8} /></div>`}
  </div>`;
}
