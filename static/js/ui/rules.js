// The rules of the firm as they are in use, for administrators in the
// settings. They stand in a file; here is all they do, in words of the reader's
// language; expressions and texts stay as they are written.
import { html } from '../lib/html.js';
import { get } from '../lib/api.js';
import { entity, fieldOf, stageOf } from '../lib/meta.js';
import { t, key, woven } from '../lib/i18n.js';
import { Empty, Failed, SkeletonLines, Notice, useLoad } from './basics.js';

const EVENTS = { created: key('{thing}: created'), updated: key('{thing}: any change'), deleted: key('{thing}: deleted'), restored: key('{thing}: restored') };
const HOW = { first: key('Assign to {people}'), round_robin: key('Assign in turn: {people}'), least_busy: key('Assign to the least busy: {people}') };

const Code = ({ text }) => html`<code class="small">${text}</code>`;
const quoted = (text) => t('“{text}”', { text });
const label = (e, name) => t(fieldOf(e, name)?.label ?? name);

/** "deal.stage" as "Deal: Stage". */
function trigger(text) {
  const [kind, what] = text.split('.');
  const e = entity(kind);
  const thing = t(e?.label ?? kind);
  return EVENTS[what] ? t(EVENTS[what], { thing }) : `${thing}: ${e ? label(e, what) : what}`;
}

const Person = ({ p }) => (p.kind === 'team' ? t('Team {name}', { name: p.name }) : p.kind === 'user' ? p.name : html`<${Code} text=${p.name} />`);
const people = (list) => list.map((p, i) => html`${i > 0 && ', '}<${Person} key=${i} p=${p} />`);

/** What a field gets: a value in words, a text, an expression as it is written, or nothing. */
function given(e, s) {
  if (s.as === 'empty') return t('empty');
  if (s.as === 'text') return quoted(s.value);
  if (s.as === 'expression') return html`<${Code} text=${s.value} />`;
  const f = fieldOf(e, s.field);
  return t(f?.options?.find((o) => o.id === s.value)?.label ?? (f?.type === 'stage' && stageOf(e, s.value)?.label) ?? s.value);
}

const Sets = ({ e, list }) => html`<ul class="rule-sets">${list.map((s) => html`<li key=${s.field}><span class="dim">${label(e, s.field)}:</span> ${given(e, s)}</li>`)}</ul>`;

const Assign = ({ x }) => html`<p>${woven(HOW[x.how], { people: people(x.to) })}</p>
  <ul class="rule-sets">${x.if && html`<li><span class="dim">${t('Only who fits:')}</span> <${Code} text=${x.if} /></li>`}
    ${x.by.length > 0 && html`<li><span class="dim">${t('What is open counts of:')}</span> ${x.by.map((n) => t(entity(n)?.label_plural ?? n)).join(', ')}</li>`}
    ${x.otherwise && html`<li><span class="dim">${t('Otherwise:')}</span> <${Person} p=${x.otherwise} /></li>`}</ul>`;

/** One action, complete. */
const ACTIONS = {
  refuse: ({ e, x }) => html`<p>${x.field ? t('Refuse, at {field}: {text}', { field: label(e, x.field), text: quoted(x.text) }) : t('Refuse: {text}', { text: quoted(x.text) })}</p>`,
  assign: Assign,
  set: ({ e, x }) => html`<p>${t('Fill in')}</p><${Sets} e=${e} list=${x.set} />`,
  create: ({ x }) => html`<p>${t('Make: {thing}', { thing: t(entity(x.entity)?.label ?? x.entity) })}</p><${Sets} e=${entity(x.entity)} list=${x.set ?? []} />`,
  notify: ({ x }) => html`<p>${woven(key('Tell {people}'), { people: people(x.to) })}</p><ul class="rule-sets"><li>${quoted(x.text)}</li></ul>`,
};

const Line = ({ word, children }) => html`<div><dt>${word}</dt><dd>${children}</dd></div>`;

const Rule = ({ x }) => html`<li class="card" id=${`rule-${x.name}`}><div class="card-head"><h3>${x.name}</h3></div>
  <div class="card-body stack">${x.help && html`<p>${t(x.help)}</p>`}
    ${x.problems.map((p) => html`<${Notice} key=${p} tone="warn" icon="triangle-alert">${p}<//>`)}
    <dl class="keys"><${Line} word=${x.when === 'before' ? t('Before') : t('After')}>${x.changes.map(trigger).join(' · ')}<//>
      ${x.if && html`<${Line} word=${t('If')}><${Code} text=${x.if} /><//>`}
      ${x.actions.map((d, i) => html`<${Line} key=${i} word=${i ? '' : t('Do')}><${ACTIONS[d.action]} e=${entity(x.entity)} x=${d} /><//>`)}</dl></div></li>`;

/** All of them, in the order in which they act. */
export default function Rules() {
  const list = useLoad((o) => get('/rules', {}, o), []);
  const items = list.data?.items;
  return html`<header><h2 class="settings-title">${t('Rules')}</h2>
      <p class="dim small">${t('What Kontor does by itself when something changes. They stand in rules.yaml; here is what is in use, in the order in which it acts.')}</p></header>
    ${list.error && html`<${Failed} title=${t('The rules could not be loaded')} text=${list.error.message} retry=${list.again} />`}
    ${!items && !list.error && html`<${SkeletonLines} lines=${6} />`}
    ${items && !items.length && html`<${Empty} icon="sliders-horizontal" title=${t('There are no rules yet')} text=${t('Write them into rules.yaml; conf/README.md and the examples show how.')} />`}
    ${items?.length > 0 && html`<ul class="stack rules">${items.map((x) => html`<${Rule} key=${x.name} x=${x} />`)}</ul>`}`;
}
