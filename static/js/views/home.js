// My day: what is due, what needs attention, how the pipelines stand, what the
// team did. In an empty system a checklist shows the first steps instead.
import { html, styled, useState, useEffect } from '../lib/html.js';
import { get } from '../lib/api.js';
import { entities, entity, isPerson, menu, fieldsParam, meta, pathOf, pipelinesOf, stageOf, fieldOf, toDo } from '../lib/meta.js';
import { rowsOf, valuesOf, rememberAll, known, touch } from '../lib/records.js';
import { ACTIVITY, SAMPLE, kindIcon } from '../lib/names.js';
import { me, isAdmin } from '../lib/store.js';
import { Link } from '../lib/router.js';
import { watchSoon } from '../lib/live.js';
import { t, tn, rare } from '../lib/i18n.js';
import { hasForecast } from '../lib/opens.js';
import { now, longDay, dueDay, clock, money, passed, daysFromNow } from '../lib/format.js';
import { PageHead } from '../ui/page.js';
import { Icon, Empty, Failed, FailedLine, Later, Repeats, SkeletonLines, useLoad } from '../ui/basics.js';
import { tick } from '../ui/tick.js';
import { cardFields, cardColumns, under } from '../ui/card.js';
import { Outlook, Pipeline, Stall, Stepless } from '../ui/home-sales.js';
import { ChangeEntry, worthTelling } from '../ui/changes.js';

const TASKS = 40;
/** Of what is overdue: the latest, so that today is in sight. */
const LATE = 8;
const SHOWN = 5;
const FEED = 12;
/** Own open records of a pipeline that are looked at for what they lack. */
const LOOKED_AT = 200;
/** Changes looked at: whether there are sample data, and whether the system is new. */
const LOOKED = 20;

const greeting = () => { const h = now().getHours(); return h < 11 ? t('Good morning') : h < 17 ? t('Good afternoon') : t('Good evening'); };

const Card = ({ id, title, extra, children }) => html`<section class="card" aria-labelledby=${id}>
  <div class="card-head"><h2 id=${id}>${title}</h2>${extra}</div>${children}</section>`;

/* --- my open tasks --- */

function Task({ task: k, onDone, done }) {
  const late = k.due && passed(k.due);
  const about = k.records ?? k.about ?? [];
  const when = !k.due ? '' : daysFromNow(k.due) ? dueDay(k.due) : k.due.length > 10 ? clock(k.due) : t('today');
  return html`<li class="task">
    <input type="checkbox" class="check check-round" id=${`task-${k.id}`} checked=${done} onChange=${() => onDone(k)} />
    <div class="grow"><label for=${`task-${k.id}`} class=${done ? 'task-text is-done' : 'task-text'}>${k.subject ?? k.title}</label>
      <div class="row small faint"><${Icon} name=${kindIcon(k.kind)} />${k.series && Repeats()}
        <span class="clip">${about.map((r, i) => html`${i > 0 && ' · '}
        <${Link} class="plain" key=${r.id} to=${`${pathOf(r.entity)}/${r.id}`}>${r.title}<//>`)}${!about.length && html`<${Link} class="plain" to=${`${pathOf(ACTIVITY)}/${k.id}`}>${t('Details')}<//>`}</span></div></div>
    <span class=${late ? 'task-when task-late num' : 'task-when num'}>${when}</span></li>`;
}

const Tasks = ({ title, late, list, ...rest }) => list.length > 0 && html`<h3 class=${late ? 'group-head group-late' : 'group-head'}>${title}</h3>
  <ul class="tasks">${list.map((x) => html`<${Task} key=${x.id} task=${x} done=${rest.done.includes(x.id)} onDone=${rest.onDone} />`)}</ul>`;

function useTasks() {
  const f = entity(ACTIVITY)?.fields.find((x) => x.type === 'records')?.name;
  const list = useLoad(async (o) => {
    if (!entity(ACTIVITY)) return { items: [], count: 0 };
    const from = now();
    from.setHours(0, 0, 0, 0);
    const ask = (test, sort, limit) => get(pathOf(ACTIVITY), { filter: `owner = me and ${toDo()}${test}`, sort, limit, fields: fieldsParam(entity(ACTIVITY), ['kind', 'subject', 'due', 'done_at', 'title', 'series', f]) }, o);
    const all = await ask('', 'due', TASKS);
    if (!all.next || !all.items.some((x) => x.due && daysFromNow(x.due) < 0)) return all;
    const [late, rest] = await Promise.all([ask(` and due < "${from.toISOString()}"`, '-due', LATE), ask(` and not due < "${from.toISOString()}"`, 'due', TASKS)]);
    return { items: [...late.items.reverse(), ...rest.items], count: late.count + rest.count, older: late.count - late.items.length };
  }, [rowsOf(ACTIVITY), valuesOf(ACTIVITY)]);
  const items = (list.data?.items ?? []).map((x) => ({ ...x, about: x[f] ?? [] }));
  return { ...list, items };
}

function MyDay() {
  const tasks = useTasks();
  const [more, setMore] = useState(false);
  const [done, setDone] = useState([]);
  const onDone = async (k) => { setDone((s) => [...s, k.id]); await tick(k); setDone((s) => s.filter((id) => id !== k.id)); };
  const day = (x) => (x.due ? daysFromNow(x.due) : 9999);
  const by = (test) => tasks.items.filter((x) => test(day(x)));
  const [late, today, later] = [by((d) => d < 0), by((d) => d === 0), by((d) => d > 0)];
  const older = (tasks.data?.older ?? 0) + Math.max(0, late.length - LATE);
  return html`<${Card} id="h-day" title=${t('My day')} extra=${html`<span class="faint small">${tasks.data && tn('{n} open task', '{n} open tasks', tasks.data.count ?? tasks.items.length)}</span><${Link} class="push small" to="/tasks">${t('All tasks')}<//>`}>
    ${tasks.error && html`<${Failed} title=${t('The tasks could not be loaded')} text=${tasks.error.message} retry=${tasks.again} />`}
    ${!tasks.data && !tasks.error && html`<div class="card-body"><${SkeletonLines} /></div>`}
    ${tasks.data && !late.length && !today.length && html`<${Empty} icon="circle-check" title=${t('Nothing due today')} text=${t('Plan tomorrow, or give an idle deal a next step.')} />`}
    <${Tasks} title=${t('Overdue')} late list=${late.slice(-LATE)} done=${done} onDone=${onDone} />
    ${older > 0 && html`<div class="card-foot"><${Link} class="small" to="/tasks">${tn('{n} older one', '{n} older ones', older)}<//></div>`}
    <${Tasks} title=${t('Today')} list=${today} done=${done} onDone=${onDone} />
    ${more && html`<${Tasks} title=${t('Next')} list=${later} done=${done} onDone=${onDone} />`}
    ${later.length > 0 && html`<div class="card-foot">
      <button type="button" class="btn btn-quiet btn-sm" onClick=${() => setMore(!more)} aria-expanded=${more}>${more ? t('Hide the next days') : tn('{n} more in the next days', '{n} more in the next days', later.length)}</button></div>`}
  <//>`;
}

/* --- what needs me --- */

/** Why a record in a pipeline needs its owner: [icon, tone, words, rank] or null. */
function reason(e, r) {
  const s = stageOf(e, r.stage, r.pipeline);
  const { day } = cardFields(e);
  if (day && r[day.name] && daysFromNow(r[day.name]) < 0) return ['calendar-days', 'bad', t('Close date passed'), 0];
  if (s?.idle_after && r.idle_days > s.idle_after) return ['hourglass', 'warn', tn('Idle for {n} day', 'Idle for {n} days', r.idle_days), 1];
  return r.next_step ? null : ['circle-dashed', 'warn', t('No next step'), 2];
}

function Attention({ entity: e }) {
  const p = pipelinesOf(e)[0];
  const { amount, day, ...about } = cardFields(e);
  const [all, setAll] = useState(false);
  const list = useLoad(async (o) => {
    const answer = await get(pathOf(e.name), { filter: `owner = me and ${p.field}.kind = "open"`, sort: day?.name ?? 'urgency', limit: LOOKED_AT, fields: cardColumns(e, p.field) }, o);
    rememberAll(e.name, answer.items);
    return answer.items.map((r) => r.id);
  }, [e.name, rowsOf(e.name), valuesOf(ACTIVITY)]);
  const rows = (list.data ?? []).map((id) => known(e.name, id)).filter(Boolean).map((r) => ({ r, why: reason(e, r) })).filter((x) => x.why && stageOf(e, x.r[p.field], x.r.pipeline)?.kind === 'open')
    .sort((a, b) => a.why[3] - b.why[3]);
  const shown = all ? rows : rows.slice(0, SHOWN);
  if (list.data && !rows.length) return null;
  return html`<${Card} id=${`h-need-${e.name}`} title=${t('{things} that need you', { things: t(e.label_plural) })} extra=${html`<${Link} to=${`/${e.plural}?f.owner=in:me&mode=board`} class="push small">${t('Show on board')}<//>`}>
    ${list.error && html`<div class="card-body"><${FailedLine} text=${t('{things} could not be loaded.', { things: t(e.label_plural) })} retry=${list.again} /></div>`}
    ${!list.data && !list.error && html`<div class="card-body"><${SkeletonLines} /></div>`}
    <ul class="attention">${shown.map(({ r, why: [icon, tone, words] }) => html`<li key=${r.id}>
      <span class=${`badge badge-${tone}`}><${Icon} name=${icon} />${words}</span>
      <${Link} to=${`/${e.plural}/${r.id}`} class="clip strong plain">${r.title}<//>
      <span class="faint clip wide-only">${under(e, r, about)}</span>
        <span class="num end">${amount && r[amount.name] ? money(r[amount.name]) : ''}</span></li>`)}</ul>
    ${rows.length > SHOWN && html`<div class="card-foot"><button type="button" class="btn btn-quiet btn-sm" aria-expanded=${all} onClick=${() => setAll(!all)}>${all ? t('Show fewer') : tn('{n} more', '{n} more', rows.length - SHOWN)}</button></div>`}<//>`;
}

/* --- recent changes --- */

function Feed({ list }) {
  const items = list.data?.items.filter(worthTelling);
  return html`<${Card} id="h-feed" title=${t('What the team did')}>
    ${list.error && html`<${Failed} title=${t('The changes could not be loaded')} text=${list.error.message} retry=${list.again} />`}
    ${!list.data && !list.error && html`<div class="card-body"><${SkeletonLines} lines=${6} /></div>`}
    ${items?.length === 0 && html`<p class="card-body small faint">${t('Nothing has been changed yet.')}</p>`}
    <ul class="feed">${(items ?? []).slice(0, FEED).map((c) => html`<${ChangeEntry} key=${c.id} c=${c} />`)}</ul>
    ${items?.length > 0 && html`<p class="card-body small"><${Link} to="/steps">${t('All steps, with Undo')}<//></p>`}<//>`;
}

/* --- first run --- */

/** Is there anything yet in the entities people work with? */
const mainEntities = () => menu().filter((e) => e.name !== ACTIVITY && (!isPerson(e) || !pipelinesOf(e).length)).slice(0, 3).reverse();

const fetchFirst = rare(() => import('../ui/first-run.js'));

const fetchSample = rare(() => import('../ui/sample-data.js'));
/** Sample data that were not taken back yet. */
const samples = (list) => list.filter((c) => c.reason?.startsWith(SAMPLE) && !c.undone_by && (isAdmin() || c.by?.id === me().id));

/** Redraws on everything others do, at most twice a second. */
function useRound() {
  const [round, setRound] = useState(0);
  useEffect(() => watchSoon('*', (kinds) => {
    setRound((n) => n + 1);
    for (const kind of kinds.includes(null) ? entities().map((e) => e.name) : kinds) touch(kind, true);
  }), []);
  return round;
}

/** Counts of the main entities, asked only while little has happened yet. */
function useCounts(list, quiet) {
  const counts = useLoad((o) => (quiet ? Promise.all(list.map((e) => get(`/${e.plural}`, { limit: 1, fields: 'title' }, o).then((a) => a.count ?? a.items.length))) : Promise.resolve(null)), [quiet, list.map((e) => rowsOf(e.name)).join()]);
  return counts.data;
}

const changedPart = styled('changed', rare(() => import('../ui/whatchanged.js'), 'home'));
const changed = () => changedPart().then((m) => ({ default: m.ChangedCard }));

export default function Home() {
  const round = useRound();
  const list = mainEntities();
  const pipes = (meta.value.pipelines ?? []).filter((p) => entity(p.entity)?.fields.some((f) => f.type === 'money'));
  const changes = useLoad((o) => get('/changes', { limit: LOOKED }, o), [round, list.map((e) => valuesOf(e.name)).join()]);
  const later = changes.data || changes.error;
  const counts = useCounts(list, changes.data?.items.length < LOOKED);
  const empty = counts?.filter((n) => n === 0).length >= Math.max(1, list.length - 1);
  const selling = entities().find((e) => hasForecast(e) && e.can?.see !== 'none');
  const staged = entities().filter((e) => pipelinesOf(e).length && fieldOf(e, pipelinesOf(e)[0].field));
  return html`<div class="page">
    <${PageHead} title=${`${greeting()}, ${me().name.split(' ')[0]}`} count=${longDay(now())} />
    <div class="page-body home" tabindex="-1"><div class="home-col">${samples(changes.data?.items ?? []).length > 0 && html`<${Later} load=${fetchSample} sets=${samples(changes.data.items)} />`}${empty && html`<${Later} load=${fetchFirst} list=${list} counts=${counts} />`}<${MyDay} />
        ${later && !empty && staged.map((e) => html`<${Attention} key=${e.name} entity=${e} />`)}
        ${later && !empty && entity(ACTIVITY) && selling && html`<${Stepless} entity=${selling} />`}
        ${later && !empty && selling && html`<${Later} load=${changed} e=${selling} />`}</div>
      <div class="home-col">${selling && !empty && html`<${Outlook} entity=${selling} />`}
        ${later && pipes.map((p) => html`<${Pipeline} key=${p.id} pipe=${{ ...p, many: pipes.length > 1 }} />`)}
        ${later && !empty && pipes.map((p) => html`<${Stall} key=${p.id} pipe=${{ ...p, many: pipes.length > 1 }} />`)}
        <${Feed} list=${changes} /></div></div>
  </div>`;
}
