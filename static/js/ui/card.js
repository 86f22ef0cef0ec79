// One card of a board: name, what it belongs to, value, date, next step, idle
// badge; drag, keys and a menu move it.
import { html, cx, useRef, useComputed } from '../lib/html.js';
import { firstOf, fieldOf, fieldsParam, may, stageOf, insteadOf, standIns } from '../lib/meta.js';
import { kindIcon } from '../lib/names.js';
import { titleOf, explain, FORBIDDEN } from '../lib/records.js';
import { Link, go, onDay } from '../lib/router.js';
import { dragged, startDrag } from '../lib/dnd.js';
import { me } from '../lib/store.js';
import { toast } from '../lib/toast.js';
import { t, tn } from '../lib/i18n.js';
import { money, percent, dayMonth, dueDay, overdue, passed, daysFromNow } from '../lib/format.js';
import { Icon, UserAvatar } from './basics.js';
import { MenuButton, MenuItem, MenuHead, MenuRule } from './layers.js';
import { text } from './field.js';
import { closingDay, isLate } from './late.js';

/** The fields a card of this entity shows, by role; whose team it is tells less than the words that may stand for it. */
export function cardFields(e) {
  const listed = (types) => e.list?.map((n) => fieldOf(e, n)).find((f) => f && types.includes(f.type)) ?? firstOf(e, ...types);
  const link = listed(['link']);
  return { link: link?.name === 'team' ? undefined : link, amount: listed(['money']), day: closingDay(e), word: listed(['choice', 'text']) };
}

/** What a record belongs to, else the word that says most of it. */
export const under = (e, r, { link, word }) => (link && r[link.name] ? text(link, r) : word && !e.title?.includes(word.name) ? text(word, r) : '');

/** What a card of a board shows: what its pipeline says, else what stands for the entity; `more` in small words. */
function shown(e, g) {
  const named = g?.pipe?.card?.map((n) => fieldOf(e, n)).filter(Boolean);
  if (!named) return { ...cardFields(e), more: [] };
  const first = (...types) => named.find((f) => types.includes(f.type));
  const parts = { link: first('link'), amount: first('money'), day: first('date', 'instant', 'localtime') };
  return { ...parts, more: named.filter((f) => !Object.values(parts).includes(f)) };
}

/** The chance of a record, where somebody gave it another than that of its stage. */
const ownChance = (e, g) => (g?.pipe ? e.fields.find((f) => f.type === 'percent' && f.name === 'percent') : undefined);

/** Field names to ask the server for; g: what the board groups by, or the name of its field. */
export const cardColumns = (e, g) => fieldsParam(e, ['title', g.field?.name ?? g, 'owner', 'team', ...standIns(e), ...Object.values(shown(e, g)).flat().filter(Boolean).map((f) => f.name), ownChance(e, g)?.name, ...e.fields.filter((f) => f.type === 'pipeline' || f.type === 'stage').map((f) => f.name), 'next_step', 'idle_days']);

/** What comes next: overdue, today, planned, or missing. Never colour alone. */
function NextStep({ step }) {
  if (!step) return html`<span class="next next-none"><${Icon} name="circle-dashed" />${t('No next step')}</span>`;
  const n = step.due ? daysFromNow(step.due) : null;
  const late = step.due && passed(step.due);
  return html`<span class=${cx('next', late ? 'next-late' : n === 0 && 'next-today')} title=${step.subject}>
    <${Icon} name=${late ? 'triangle-alert' : kindIcon(step.kind)} />
      <span class="clip">${late ? overdue(step.due) : step.due ? dueDay(step.due) : step.subject}</span></span>`;
}

const Idle = ({ days, limit }) => html`<span class="badge badge-warn" title=${t('Longer than the {n} days this stage allows', { n: limit })}>
  <${Icon} name="hourglass" />${tn('{n} d idle', '{n} d idle', days)}</span>`;

const near = (ev, el) => { if (el) { ev.preventDefault(); el.focus(); } };

/** Arrows walk over the cards; with Shift they move the card. */
function keysOf({ node, stages, at, move, open }) {
  const cards = (column) => [...(column?.querySelectorAll('[data-card]') ?? [])];
  return (ev) => {
    if (ev.target !== node.current || ev.ctrlKey || ev.metaKey || ev.altKey) return;
    const column = node.current.closest('[data-column]');
    const list = cards(column);
    const i = list.indexOf(node.current);
    const side = { ArrowRight: 1, ArrowLeft: -1 }[ev.key];
    if (ev.shiftKey && side) { ev.preventDefault(); if (stages[at + side]) move(stages[at + side]); }
    else if (ev.key === 'ArrowDown') near(ev, list[i + 1]);
    else if (ev.key === 'ArrowUp') near(ev, list[i - 1]);
    else if (side) {
      const columns = [...document.querySelectorAll('[data-column]')];
      const next = cards(columns[columns.indexOf(column) + side]);
      near(ev, next[Math.min(i, next.length - 1)]);
    } else if (ev.key === 'Enter') open();
    else if (ev.key === 'w' || ev.key === 'x') { const end = move.end(ev.key === 'w' ? 'won' : 'lost'); if (end) { ev.preventDefault(); move(end); } }
  };
}

const Menu = ({ name, stages, now, ends, move }) => html`<${MenuButton} class="btn btn-quiet btn-icon btn-sm deal-menu" icon="ellipsis" title=${t('Actions for {name}', { name })}>
  <${MenuHead}>${t('Move to')}<//>${stages.map((s) => html`<${MenuItem} key=${s.id} label=${t(s.label)} checked=${s.id === now} icon=${s.id === now ? 'check' : 'arrow-right'} onClick=${() => move(s)} />`)}
  ${ends.length > 0 && html`<${MenuRule} />${ends.map((s) => html`<${MenuItem} key=${s.id} icon=${s.kind === 'won' ? 'trophy' : 'thumbs-down'} label=${s.kind === 'won' ? t('Mark as won') : t('Mark as lost')} keys=${s.kind === 'won' ? 'w' : 'x'} onClick=${() => move(s)} />`)}`}<//>`;

function Middle({ e, r, g, stage }) {
  const { link: usual, amount, day, word, more } = shown(e, g);
  const chance = ownChance(e, g);
  const own = chance && stage.kind === 'open' && r[chance.name] !== null && r[chance.name] !== undefined && Number(r[chance.name]) !== stage.percent;
  const words = more.map((f) => [f, text(f, r)]).filter(([, v]) => v);
  const link = insteadOf(e, usual, r);
  const late = isLate(e, day, r);
  const binned = link && r[link.name]?.deleted;
  return html`<div class="row"><p class=${cx('small dim clip grow', binned && 'is-binned')} title=${binned && t('In the bin')}>${under(e, r, { link, word })}</p><${UserAvatar} user=${r.owner} size="sm" /></div>
    ${words.length > 0 && html`<p class="small faint clip" title=${words.map(([f, v]) => `${t(f.label)}: ${v}`).join(', ')}>${words.map(([, v]) => v).join(' · ')}</p>`}
    ${(amount || day) && html`<div class="row deal-mid">
      <b class="num strong">${amount && r[amount.name] ? money(r[amount.name]) : ''}</b>${own && html`<span class="badge" title=${t('Own probability, the stage has {p} %', { p: stage.percent })}>${percent(Number(r[chance.name]) / 100)}</span>`}
      ${day && r[day.name] && html`<span class=${cx('small num push nowrap', late ? 'deal-late' : 'faint')}>${late && html`<${Icon} name="calendar-days" />`}${dayMonth(r[day.name])}${late && html`<span class="sr-only">, ${t('past')}</span>`}</span>`}</div>`}`;
}

/** What lies on a card and has a meaning of its own. */
const OWN = 'a, button, input, select, textarea, label, .menu';

/** A plain click anywhere on a card opens it as its title does; what asks for another window is left to the title. */
const opensBy = (open) => (ev) => {
  if (ev.defaultPrevented || ev.button !== 0 || ev.ctrlKey || ev.metaKey || ev.shiftKey || ev.altKey || ev.target.closest(OWN)) return;
  if (getSelection().toString() && getSelection().containsNode(ev.currentTarget, true)) return; /* it marked words */
  open();
};

/** A card; `board` carries { e, stages, ends, scroller, frozen, move(record, stage) }. */
export function Card({ record: r, stage, board }) {
  const { e, stages, ends, scroller, frozen } = board;
  const node = useRef(null);
  const away = useComputed(() => dragged.value === r.id).value; /* no other card is drawn anew */
  const name = titleOf(e.name, r);
  const fixed = frozen || !may(e, 'edit', r, me());
  const to = onDay(`/${e.plural}/${r.id}`);
  const refuse = () => toast(explain(FORBIDDEN), { bad: true });
  const move = Object.assign((s) => {
    if (!fixed) board.move(r, s);
    else if (!frozen) refuse();
  }, { end: (kind) => ends.find((s) => s.kind === kind) });
  const open = () => go(to);
  const key = keysOf({ node, stages, at: stages.findIndex((s) => s.id === stage.id), move, open });
  const idle = stage.idle_after && r.idle_days > stage.idle_after;
  const at = e.fields.filter((f) => f.type === 'stage').map((f) => stageOf(e, r[f.name], r.pipeline));
  const going = at.every((s) => s?.kind === 'open');
  const ended = board.g && !board.g.pipe && at.find((s) => s && s.kind !== 'open'); /* no column says so */
  return html`<article ref=${node} id=${`card-${r.id}`} data-card=${r.id} tabindex="0" class=${cx('deal', away && 'deal-away')} aria-label=${name} aria-describedby="board-help"
      onKeyDown=${key} onClick=${opensBy(open)} onPointerDown=${(ev) => !frozen && startDrag(ev, { id: r.id, scroller: scroller.current, onDrop: board.drop, refuse: fixed && refuse })}>
    <div class="row deal-top"><h3 class="clip grow">
      <${Link} to=${to} class="plain" title=${name} data-grip draggable="false" tabindex="-1">${name}<//></h3>
      ${!fixed && html`<${Menu} name=${name} stages=${stages} now=${stage.id} ends=${ends} move=${move} />`}</div>
    <${Middle} e=${e} r=${r} g=${board.g} stage=${stage} />
    ${'next_step' in r && going && !frozen && html`<div class="row deal-foot">
      <${NextStep} step=${r.next_step} />${idle && html`<${Idle} days=${r.idle_days} limit=${stage.idle_after} />`}</div>`}
    ${ended && html`<div class="row deal-foot"><span class=${cx('badge', ended.kind === 'won' ? 'badge-good' : 'badge-bad')}>${t(ended.label)}</span></div>`}
  </article>`;
}
