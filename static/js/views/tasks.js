// Tasks: what is open, mine or the team's, by when it is due. Every row is ticked
// off, put off, handed on and opened by key and by thumb.
import { html, cx, useState, useEffect, useLayoutEffect, useRef } from '../lib/html.js';
import { get } from '../lib/api.js';
import { entity, fieldOf, fieldsParam, isPerson, may, menu, pathOf, toDo } from '../lib/meta.js';
import { rowsOf, valuesOf, touch, create, update, offerUndo, explain } from '../lib/records.js';
import { ACTIVITY, KINDS, USER, kindIcon } from '../lib/names.js';
import { quote } from '../lib/query.js';
import { me } from '../lib/store.js';
import { Link, go, route, setQuery } from '../lib/router.js';
import { bindAll } from '../lib/keys.js';
import { startSwipe } from '../lib/swipe.js';
import { toast } from '../lib/toast.js';
import { watchSoon } from '../lib/live.js';
import { t, tn } from '../lib/i18n.js';
import { understand } from '../lib/quickadd.js';
import { now, parse, passed, isoDay, clock, countText, date, due as dueText, dueFull, dueDay, daysFromNow } from '../lib/format.js';
import { dueAt, elsewhere } from '../lib/caldays.js';
import { PageHead } from '../ui/page.js';
import { Icon, Empty, Failed, Repeats, SkeletonRows, UserAvatar, useLatest, useLoad } from '../ui/basics.js';
import { Dialog, MenuButton, MenuHead, MenuItem, MenuRule } from '../ui/layers.js';
import { Input } from '../ui/input.js';
import { Lookup } from '../ui/lookup.js';
import { finish, tick } from '../ui/tick.js';

const FIRST = 100;
const MOST = 500;
const WEEK = 7;
const TYPE_MS = 250;
const NAMED = 20;

const e = () => entity(ACTIVITY);
const aboutField = () => e().fields.find((f) => f.type === 'records')?.name;
const quoted = (d) => `"${d.toISOString()}"`;

/** Midnight so many days from today, here. */
const midnight = (days) => { const d = now(); d.setHours(0, 0, 0, 0); d.setDate(d.getDate() + days); return d; };

/** The groups in their order: name, words, and whether a number of days from today belongs to it. */
const GROUPS = () => [
  ['late', t('Overdue'), (n) => n < 0],
  ['today', t('Today'), (n) => n === 0],
  ['next', t('Next 7 days'), (n) => n > 0 && n <= WEEK],
  ['later', t('Later'), (n) => n > WEEK && n < Infinity],
  ['none', t('No date'), (n) => n === Infinity],
];

/** The same for the server, which counts what is not loaded. */
const BOUNDS = {
  late: () => `due < ${quoted(midnight(0))}`,
  today: () => `due >= ${quoted(midnight(0))} and due < ${quoted(midnight(1))}`,
  next: () => `due >= ${quoted(midnight(1))} and due < ${quoted(midnight(WEEK + 1))}`,
  later: () => `due >= ${quoted(midnight(WEEK + 1))}`,
  none: () => 'due is empty',
};

/** Teams the reader leads; who leads none has his own tasks only. */
const led = () => me().leads ?? [];
const WHO = { mine: () => 'owner = me', team: () => `team in (${led().map((x) => x.id).join(', ')})` };

/** Open tasks by due date, then those without one; what is beyond the page is counted by the server. */
function useTasks(who) {
  const [limit, setLimit] = useState(FIRST);
  const fields = fieldsParam(e(), ['title', 'kind', 'subject', 'due', 'done_at', 'priority', 'owner', 'team', 'series', 'version', aboutField()]);
  const list = useLoad(async (o) => {
    const open = `${WHO[who]()} and ${toDo()}`;
    const ask = (filter, size) => get(pathOf(ACTIVITY), { filter: `${open} and ${filter}`, sort: 'due', limit: size, fields }, o);
    const [dated, bare] = await Promise.all([ask('due is not empty', limit), ask('due is empty', limit)]);
    const items = [...dated.items, ...bare.items].map((x) => ({ ...x, about: x[aboutField()] ?? [] }));
    const counts = { none: countText(bare.count, bare.count_more) };
    if (dated.next) {
      const beyond = Object.keys(BOUNDS).filter((k) => k !== 'none');
      const answers = await Promise.all(beyond.map((k) => get(pathOf(ACTIVITY), { filter: `${open} and ${BOUNDS[k]()}`, limit: 1, fields: 'title' }, o)));
      beyond.forEach((k, i) => { counts[k] = countText(answers[i].count, answers[i].count_more); });
    }
    return { items, counts, total: dated.count + bare.count, more: dated.count_more || bare.count_more, rest: Boolean(dated.next || bare.next) };
  }, [who, limit, rowsOf(ACTIVITY), valuesOf(ACTIVITY)]);
  return { ...list, limit, grow: () => setLimit(MOST) };
}

/** What others do is shown soon, at most twice a second. */
function useLive() {
  useEffect(() => watchSoon(ACTIVITY, () => touch(ACTIVITY, true)), []);
}

/* --- putting off, handing on --- */

/** The same time of day on another day, in the zone it was agreed on in; what has no time keeps none. */
function onDay(due, day) {
  const d = due && due.length > 10 ? parse(due) : null;
  return d ? dueAt(new Date(`${day}T${String(d.getHours()).padStart(2, '0')}:${String(d.getMinutes()).padStart(2, '0')}`), due) : day;
}

/** Three hours on, at the full quarter of an hour, but not past today and not before it is due. */
function laterToday(due) {
  const d = now();
  d.setMinutes(Math.ceil((d.getMinutes() + 180) / 15) * 15, 0, 0);
  return isoDay(d) === isoDay() && !(due?.length > 10 && parse(due) >= d) ? dueAt(d, due) : null;
}

const tomorrow = () => isoDay(midnight(1));
const nextWeek = () => { const d = midnight(1); while (d.getDay() !== 1) d.setDate(d.getDate() + 1); return isoDay(d); };

const put = (k, change, message) => update(ACTIVITY, k.id, change, { message, version: k.version }).catch(() => null);
const putOff = (k, due) => put(k, { due }, t('{task}: {when}', { task: k.subject ?? k.title, when: dueText(due) }));
const prioritise = (k, priority) => put(k, { priority }, t('{task}: priority {priority}', { task: k.subject ?? k.title, priority: priorityText(priority) }));
const priorities = () => fieldOf(e(), 'priority')?.options ?? [];
const priorityText = (id) => t(priorities().find((o) => o.id === id)?.label ?? id ?? '');

/** One question in a dialog: another day, or another person. */
function Ask({ what, task: k, leave }) {
  const [value, setValue] = useState(what === 'when' ? k.due : k.owner);
  const save = (ev) => {
    ev.preventDefault();
    leave();
    if (!value) return;
    if (what === 'when') putOff(k, value);
    else if (value.id !== k.owner?.id) put(k, { owner: value }, t('{task} is now with {name}', { task: k.subject ?? k.title, name: value.title }));
  };
  const title = what === 'when' ? t('Put off') : t('Hand on');
  return html`<${Dialog} title=${title} onClose=${leave} foot=${html`<button type="button" class="btn" onClick=${leave}>${t('Cancel')}</button>
      <button type="submit" form="task-ask" class="btn btn-primary">${title}</button>`}>
    <form id="task-ask" class="dialog-body stack" onSubmit=${save} novalidate><p class="dim">${k.subject ?? k.title}</p>
      <div class="field"><label for="task-value">${what === 'when' ? t('Due') : t('Owner')}</label>
        ${what === 'when' ? html`<${Input} field=${fieldOf(e(), 'due')} id="task-value" value=${value} onInput=${setValue} />` : html`<${Lookup} field=${{ type: 'user', to: USER, name: 'owner' }} id="task-value" value=${value} onInput=${setValue} />`}</div></form><//>`;
}

function Snooze({ task: k, ask }) {
  const soon = laterToday(k.due);
  return html`<${MenuButton} class="btn btn-quiet btn-icon task-snooze" icon="alarm-clock" title=${t('Put off')} name=${t('Put off')}>
    ${soon && html`<${MenuItem} icon="clock" label=${t('Later today, {time}', { time: clock(soon) })} onClick=${() => putOff(k, soon)} />`}
    <${MenuItem} icon="sun" label=${t('Tomorrow')} onClick=${() => putOff(k, onDay(k.due, tomorrow()))} />
    <${MenuItem} icon="calendar" label=${t('Next week, {day}', { day: date(nextWeek()) })} onClick=${() => putOff(k, onDay(k.due, nextWeek()))} />
    <${MenuItem} icon="calendar-days" label=${t('Pick a day…')} onClick=${() => ask('when', k)} /><//>`;
}

function More({ task: k, ask }) {
  return html`<${MenuButton} class="btn btn-quiet btn-icon task-more" icon="ellipsis" title=${t('More actions')} name=${t('More actions')}>
    <${MenuItem} icon="circle-check" label=${t('Done, with outcome and next step')} onClick=${() => finish(k)} />
    <${MenuItem} icon="user" label=${t('Hand on…')} onClick=${() => ask('who', k)} />
    <${MenuItem} icon="arrow-right" label=${t('Open')} onClick=${() => go(`${pathOf(ACTIVITY)}/${k.id}`)} />
    ${priorities().length > 0 && html`<${MenuRule} /><${MenuHead}>${t('Priority')}<//>
      ${priorities().map((o) => html`<${MenuItem} key=${o.id} icon=${o.id === k.priority ? 'check' : 'flag'} label=${t(o.label)} checked=${o.id === k.priority} onClick=${() => prioritise(k, o.id)} />`)}`}<//>`;
}

/* --- rows --- */

function whenText(k) {
  if (!k.due) return '';
  const day = daysFromNow(k.due) === 0 ? '' : dueDay(k.due);
  return k.due.length > 10 ? [day, clock(k.due), elsewhere(k.due)].filter(Boolean).join(', ') : day || t('today');
}

function Row({ task: k, who, done, onDone, ask }) {
  const title = k.subject ?? k.title;
  const editable = may(e(), 'edit', k, me());
  const swipe = (ev) => { const later = ev.currentTarget.querySelector('.task-snooze'); startSwipe(ev, { words: { right: t('Done'), left: t('Put off') }, onRight: () => onDone(k), onLeft: () => later.click() }); };
  return html`<li class="task" data-task=${k.id} data-right=${t('Done')} data-left=${t('Put off')} onPointerDown=${editable && !done ? swipe : undefined}>
    <span class="task-check"><input type="checkbox" class="check check-round" aria-label=${t('Done: {task}', { task: title })} checked=${done} disabled=${!editable} onChange=${() => onDone(k)} /></span>
    <div class="grow"><${Link} class=${cx('task-text plain', done && 'is-done')} to=${`${pathOf(ACTIVITY)}/${k.id}`}>${title}<//>
      <div class="row small faint"><${Icon} name=${kindIcon(k.kind)} /><span class=${k.about.length ? 'sr-only' : ''}>${t((KINDS[k.kind] ?? KINDS.task)[1])}</span>${k.series && Repeats()}
        <span class="clip">${k.about.map((r, i) => html`${i > 0 && ' · '}${r.hidden ? t('hidden') : html`<${Link} class="plain" key=${r.id} to=${`${pathOf(r.entity)}/${r.id}`}>${r.title}<//>`}`)}</span></div></div>
    ${k.priority === 'high' && html`<span class="badge badge-warn">${priorityText('high')}</span>`}
    ${who === 'team' && html`<${UserAvatar} user=${k.owner} size="sm" />`}
    <span class=${cx('task-when num', k.due && passed(k.due) && 'task-late')} title=${k.due ? dueFull(k.due) : undefined}>${whenText(k)}</span>
    ${editable && html`<span class="row task-tools"><${Snooze} task=${k} ask=${ask} /><${More} task=${k} ask=${ask} /></span>`}</li>`;
}

function Group({ id, title, items, count, ...rest }) {
  if (!items.length) return null;
  return html`<section class="card task-group" aria-labelledby=${`tg-${id}`}><h2 id=${`tg-${id}`} class=${cx('group-head', id === 'late' && 'group-late')}>${title} <span class="num task-count">${count}</span></h2>
    <ul class="tasks">${items.map((k) => html`<${Row} key=${k.id} ...${rest} task=${k} done=${rest.done.has(k.id)} />`)}</ul></section>`;
}

/* --- writing one down --- */

const wordsOf = (text) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().split(/[^\p{L}\p{N}]+/u).filter(Boolean);

/** Companies and people with all these words in their names; of too many to tell, all. */
async function named(kind, words, signal) {
  const filter = words.map((w) => `title contains ${quote(w)}`).join(' and ');
  const list = await get(pathOf(kind), { filter, fields: 'title', limit: NAMED }, { signal });
  return list.items.filter((r) => list.next || words.every((w) => wordsOf(r.title).includes(w))).map((r) => ({ entity: kind, id: r.id, title: r.title }));
}

/** The one company or person whose name has the words of a line, a moment after typing stops; null: none, or several. */
function useMeant(name) {
  const [found, setFound] = useState({});
  useEffect(() => {
    const words = wordsOf(name);
    if (!words.length) return undefined;
    const stop = new AbortController();
    const kinds = menu().filter((x) => isPerson(x) && !x.fields.some((f) => f.type === 'stage'));
    const timer = setTimeout(() => Promise.all(kinds.map((x) => named(x.name, words, stop.signal))).then(
      (lists) => { const all = lists.flat(); setFound({ name, one: all.length === 1 ? all[0] : null }); },
      () => null,
    ), TYPE_MS);
    return () => { clearTimeout(timer); stop.abort(); };
  }, [name]);
  return found.name === name ? found.one : null;
}

/** Says what a line is taken for and whom it is about, before Enter makes it. */
function QuickAdd({ line: box }) {
  const [line, setLine] = useState('');
  const [busy, setBusy] = useState(false);
  const [without, setWithout] = useState(null);
  const kinds = fieldOf(e(), 'kind')?.options?.map((o) => o.id) ?? [];
  const { name, ...meant } = understand(line, kinds);
  const one = useMeant(name);
  const about = one && one.id !== without ? one : null;
  const drop = () => { setWithout(about.id); box.current?.focus(); };
  const save = async (ev) => {
    ev.preventDefault();
    if (!meant.subject || busy) return;
    setBusy(true);
    try {
      const made = await create(ACTIVITY, { ...meant, ...(about ? { [aboutField()]: [about] } : {}) });
      setLine('');
      setWithout(null);
      offerUndo(t('{name} created', { name: meant.subject }), made.change, ACTIVITY);
    } catch (bad) { toast(explain(bad), { bad: true }); }
    setBusy(false);
  };
  return html`<form class="task-add" onSubmit=${save}><${Icon} name="plus" />
    <input ref=${box} class="input" type="text" maxlength="300" autocomplete="off" aria-label=${t('New task')} aria-describedby="task-meant" placeholder=${t('Call Nordwind tomorrow 10:00')} value=${line} onInput=${(ev) => setLine(ev.target.value)} />
    <button type="submit" class="btn" disabled=${!meant.subject} aria-disabled=${busy}>${t('Add')}</button>
    <p id="task-meant" class="small faint" aria-live="polite">${meant.subject && t('{kind}: {subject}, {when}', { kind: t((KINDS[meant.kind] ?? KINDS.task)[1]), subject: meant.subject, when: meant.due ? dueFull(meant.due) : t('no date') })}
      ${about && html` <span class="badge task-about"><${Icon} name=${entity(about.entity).icon} />${about.title}<button type="button" class="btn btn-quiet btn-icon btn-sm" aria-label=${t('Without {name}', { name: about.title })} title=${t('Without {name}', { name: about.title })} onClick=${drop}><${Icon} name="x" /></button></span>`}</p></form>`;
}

/* --- keys --- */

const rows = () => [...document.querySelectorAll('[data-task]')];
const current = () => document.activeElement?.closest?.('[data-task]');

let place = -1; /* of the row that had the focus last */
const focusRow = (i) => { const all = rows(); all[Math.max(0, Math.min(all.length - 1, i))]?.querySelector('.task-text')?.focus(); };

function step(by) {
  const at = rows().indexOf(current());
  if (at < 0 && place >= 0) focusRow(place);
  else focusRow(at < 0 && by < 0 ? Infinity : at + by);
}

/** j and k or arrows choose a row; the rest does something with it. */
function useKeys(find, onDone, ask, line) {
  const at = useLatest({ find, onDone, ask });
  useEffect(() => {
    const on = (run) => () => { const k = at.current.find(Number(current()?.dataset.task)); if (k && may(e(), 'edit', k, me())) run(k); };
    const order = () => priorities().map((o) => o.id);
    return bindAll([
      ['j', () => step(1), t('Next task')], ['k', () => step(-1), t('Previous task')],
      ['ArrowDown', () => step(1)], ['ArrowUp', () => step(-1)],
      ['x', on((k) => at.current.onDone(k)), t('Tick the task off')],
      ['d', on((k) => finish(k)), t('Done, with outcome and next step')],
      ['s', on(() => current()?.querySelector('.task-snooze')?.click()), t('Put the task off')],
      ['a', on((k) => at.current.ask('who', k)), t('Hand the task on')],
      ['p', on((k) => order().length && prioritise(k, order()[(order().indexOf(k.priority) + 1) % order().length])), t('Change the priority')],
      ['n', () => line.current?.focus(), t('Write a task down')],
    ]);
  }, []);
}

/** When the row that had the focus is gone (ticked, put off, handed on), the one that took its place has it. */
function useStay(items) {
  useEffect(() => {
    place = -1;
    const on = (ev) => {
      const row = current();
      if (row) place = rows().indexOf(row);
      else if (!ev.target.closest('dialog')) place = -1;
    };
    document.addEventListener('focusin', on);
    return () => document.removeEventListener('focusin', on);
  }, []);
  useLayoutEffect(() => { if (place >= 0 && document.activeElement === document.body) focusRow(place); }, [items]);
}

const Nothing = ({ who, line }) => html`<${Empty} icon="circle-check" title=${who === 'team' ? t('The team has nothing open') : t('Nothing is open')} text=${t('Tasks, calls and meetings that are planned appear here by when they are due.')}>
  <button type="button" class="btn" onClick=${() => line.current?.focus()}>${t('Write one down')}</button><//>`;

export default function Tasks() {
  const who = route.value.query.who === 'team' && led().length ? 'team' : 'mine';
  const tasks = useTasks(who);
  const [done, setDone] = useState(new Set());
  const [asked, setAsked] = useState(null);
  const line = useRef(null);
  const items = tasks.data?.items ?? [];
  useStay(tasks.data);
  const ask = (what, task) => setAsked({ what, task });
  const onDone = async (k) => { setDone((s) => new Set(s).add(k.id)); await tick(k); setDone((s) => { const rest = new Set(s); rest.delete(k.id); return rest; }); };
  useLive();
  useKeys((id) => items.find((k) => k.id === id), onDone, ask, line);
  const count = tasks.data && tn('{n} open', '{n} open', tasks.data.total, tasks.data.more ? { n: countText(tasks.data.total, true) } : {});
  return html`<div class="page"><${PageHead} title=${t('Tasks')} count=${count} create=${ACTIVITY} />
    <div class="toolbar">${led().length > 0 && html`<div class="segments" role="group" aria-label=${t('Whose tasks')}>${[['mine', t('Mine')], ['team', led().length > 1 ? t('My teams') : t('My team')]].map(([id, text]) => html`<button type="button" class="btn btn-sm" key=${id} aria-pressed=${who === id} onClick=${() => setQuery({ who: id === 'team' ? id : '' })}>${text}</button>`)}</div>`}
      ${e()?.can?.create && html`<${QuickAdd} line=${line} />`}</div>
    <div class="page-body tasks-body" tabindex="-1">
      ${tasks.error && html`<${Failed} title=${t('The tasks could not be loaded')} text=${tasks.error.message} retry=${tasks.again} />`}
      ${!tasks.data && !tasks.error && html`<${SkeletonRows} cols=${3} />`}
      ${tasks.data && !items.length && html`<${Nothing} who=${who} line=${line} />`}
      ${GROUPS().map(([id, title, test]) => { const mine = items.filter((k) => test(k.due ? daysFromNow(k.due) : Infinity)); return html`<${Group} key=${id} id=${id} title=${title} items=${mine} count=${tasks.data?.counts[id] ?? mine.length} who=${who} done=${done} onDone=${onDone} ask=${ask} />`; })}
      ${tasks.data?.rest && (tasks.limit < MOST ? html`<button type="button" class="btn" onClick=${tasks.grow}>${t('Show more')}</button>` : html`<${Link} class="btn" to=${`${pathOf(ACTIVITY)}?mode=list&f.done_at=empty:&sort=due`}>${t('All of them as a list')}<//>`)}
    </div>${asked && html`<${Ask} ...${asked} leave=${() => setAsked(null)} />`}</div>`;
}
