// Possible doubles of one kind: groups with score and reasons, decided one by one
// or many at once. Nothing is merged before somebody saw what would happen.
import { html, asset, useState, useEffect, useRef } from '../lib/html.js';
import { get, post } from '../lib/api.js';
import { entity, entities, fieldOf, fieldsParam } from '../lib/meta.js';
import { explain, offerUndo, touch, rowsOf, titleOf, undo } from '../lib/records.js';
import { go, Link, route } from '../lib/router.js';
import { toast } from '../lib/toast.js';
import { t, tn, noun } from '../lib/i18n.js';
import { WHY } from '../lib/why.js';
import { number } from '../lib/format.js';
import { PageHead } from '../ui/page.js';
import { Icon, Empty, Failed, SkeletonRows, useLoad } from '../ui/basics.js';
import { Dialog, MenuButton, MenuItem } from '../ui/layers.js';
import { Value, isEmpty } from '../ui/field.js';

const PAGE = 30;
const CERTAIN = 85;
const LIKELY = 65;
const MOST = 5;

const keyOf = (g) => g.ids.join();
const able = (g) => g.mergeable && g.ids.length <= MOST;
const sure = (g) => (g.score >= CERTAIN ? ['badge-good', t('Certain')] : g.score >= LIKELY ? ['badge-info', t('Likely')] : ['', t('Possible')]);

/** Pages of groups, one after the other, with what the list shows of their records. */
async function load(e, cursor, o) {
  let groups = [];
  let next = cursor;
  do {
    const page = await get('/duplicates', { entity: e.name, limit: PAGE, cursor: next }, o);
    groups = groups.concat(page.items);
    next = page.next;
  } while (next && groups.length < PAGE);
  const ids = groups.flatMap((g) => g.ids);
  const rows = new Map();
  for (let i = 0; i < ids.length; i += 200) {
    const { items } = await get(`/${e.plural}`, { filter: `id in (${ids.slice(i, i + 200).join(', ')})`, limit: 200, fields: fieldsParam(e, ['title', 'updated_at', ...facts(e).map((f) => f.name)]) }, o);
    items.forEach((r) => rows.set(r.id, r));
  }
  return { groups, next, rows };
}

/** What tells two of them apart: addresses, town, what they belong to. */
const facts = (e) => e.fields.filter((f) => ['emails', 'phones'].includes(f.type) || f.name === 'city' || (f.type === 'link' && f.name !== 'team' && f.to !== e.name) || (e.title?.length === 1 && f.type === 'links')).slice(0, 5);

function RecordLine({ e, r }) {
  const told = facts(e).filter((f) => !isEmpty(r[f.name]));
  return html`<li class="dup-record"><${Link} class="strong clip" to=${`/${e.plural}/${r.id}`}>${titleOf(e.name, r)}<//>
    <span class="small dim dup-facts">${told.map((f) => html`<span class="clip" key=${f.name}><${Value} field=${f} record=${r} /></span>`)}</span></li>`;
}

const reason = (w) => (w.value ? `${t(WHY[w.kind])}: ${w.value}` : t(WHY[w.kind]));

function Group({ e, g, rows, on, toggle, open, dismiss }) {
  const [tone, word] = sure(g);
  const records = g.ids.map((id) => rows.get(id)).filter(Boolean);
  const label = records.map((r) => r.title).join(', ');
  return html`<li class="dup" data-key=${keyOf(g)}>
    ${able(g) && html`<input type="checkbox" class="check" aria-label=${t('Select {name}', { name: label })} checked=${on} onChange=${toggle} />`}
    <div class="dup-main"><p class="row wrap dup-why"><span class=${`badge ${tone}`}>${word} <span class="num">${g.score} %</span></span>
        <span class="small dim">${g.why.map(reason).join(' · ')}</span></p>
      <ul class="plain-list">${records.map((r) => html`<${RecordLine} key=${r.id} e=${e} r=${r} />`)}</ul>
      ${g.more && html`<p class="small dim">${t('There are more like these; they show when these are merged.')}</p>`}</div>
    <span class="row dup-actions">${g.mergeable && html`<button type="button" class="btn btn-sm" onClick=${open}><${Icon} name="merge" />${t('Compare')}<span class="sr-only"> ${label}</span></button>`}
      ${g.mergeable && html`<button type="button" class="btn btn-quiet btn-sm" onClick=${dismiss}>${t('Not the same')}<span class="sr-only"> ${label}</span></button>`}</span></li>`;
}

/** The records that stay, as the merge page proposes them, and what the server says about all. */
const bodyOf = (g) => ({ into: Math.min(...g.ids), from: g.ids.filter((id) => id !== Math.min(...g.ids)) });

/** Asks the server about every group, then for a yes. */
function Ask({ e, groups, rows, run, close }) {
  const previews = useLoad((o) => Promise.all(groups.map((g) => post(`/${e.plural}/merge`, bodyOf(g), { query: { dry_run: 1 }, ...o }).then((x) => x.body, (error) => ({ error })))), []);
  const bad = (previews.data ?? []).filter((p) => p.error).length;
  const dropped = (p) => p.dropped.map((d) => `${t(d.label)}: ${d.values.map((v) => v.value?.title ?? v.value?.value ?? (typeof v.value === 'object' ? '…' : v.value)).join(', ')}`).join(' · ');
  return html`<${Dialog} wide title=${tn('Merge {n} group?', 'Merge {n} groups?', groups.length)} onClose=${close} foot=${html`<button type="button" class="btn" onClick=${close}>${t('Cancel')}</button>
      <button type="button" class="btn btn-primary" disabled=${!previews.data || bad === groups.length} onClick=${() => { close(); run(); }}><${Icon} name="merge" />${tn('Merge {n} group', 'Merge {n} groups', groups.length - bad)}</button>`}>
    <div class="dialog-body stack"><p>${t('Of each group the oldest record stays and gets what it lacks from the others; lists are joined. Everything that belongs to them moves along. Undo takes them apart again.')}</p>
      <ul class="plain-list dup-preview">${groups.map((g, i) => { const p = previews.data?.[i]; return html`<li key=${keyOf(g)}><b class="strong">${rows.get(Math.min(...g.ids))?.title}</b> <span class="faint">← ${g.ids.filter((id) => id !== Math.min(...g.ids)).map((id) => rows.get(id)?.title).join(', ')}</span>
        <span class="small dim">${!p ? '…' : p.error ? explain(p.error) : dropped(p) ? t('Dropped: {what}', { what: dropped(p) }) : t('No value is dropped.')}</span></li>`; })}</ul></div><//>`;
}

/** Merges many groups, each a change of its own; one Undo for all. */
async function mergeAll(e, groups) {
  const done = [];
  let failed = '';
  for (const g of groups) {
    try {
      const { body, change } = await post(`/${e.plural}/merge`, bodyOf(g));
      done.push(change ?? body.change);
    } catch (bad) { failed ||= explain(bad); }
  }
  touch(e.name);
  if (done.length === 1) offerUndo(t('1 group merged'), done[0], e.name, undefined, true);
  else if (done.length) toast(tn('{n} group merged', '{n} groups merged', done.length), { lasting: true, action: t('Undo'), run: async () => { for (const c of done.reverse()) await undo(c, e.name); } });
  if (failed) toast(tn('{n} group was left as it was. {why}', '{n} groups were left as they were. {why}', groups.length - done.length, { why: failed }), { bad: true });
}

async function setApart(e, groups, dismissed) {
  try {
    for (const g of groups) await post('/duplicates/dismiss', { ids: g.ids, dismissed });
    touch(e.name);
    if (dismissed) toast(tn('{n} group is not the same; remembered', '{n} groups are not the same; remembered', groups.length), { action: t('Undo'), run: () => setApart(e, groups, false) });
  } catch (bad) { toast(explain(bad), { bad: true }); }
}

const Kinds = ({ e }) => html`<select class="select select-sm kind-more" aria-label=${t('Kind')} onChange=${(ev) => go(`/duplicates/${ev.target.value}`)}>${entities().filter((x) => x.doubles).map((x) => html`<option key=${x.name} value=${x.name} selected=${x === e}>${t(x.label_plural)}</option>`)}</select>`;

function Bar({ groups, busy, merge, apart, clear }) {
  return html`<div class="bulkbar" role="toolbar" aria-label=${t('Actions for the selection')} aria-busy=${busy}>
    <span class="strong num nowrap">${tn('{n} selected', '{n} selected', groups.length)}</span>
    <span class="bulk-actions"><button type="button" class="btn btn-sm btn-primary" disabled=${busy} onClick=${merge}><${Icon} name="merge" />${t('Merge')}</button>
      <button type="button" class="btn btn-sm" disabled=${busy} onClick=${apart}>${t('Not the same')}</button></span>
    <button type="button" class="btn btn-quiet btn-icon btn-sm" aria-label=${t('Clear selection')} onClick=${clear}><${Icon} name="x" /></button></div>`;
}

/** Up and down move between groups, Space ticks, Enter compares, n says "not the same". */
function keys(ev, list, act) {
  if (ev.target.closest('input, button, a, select') && !['ArrowDown', 'ArrowUp'].includes(ev.key)) return;
  const rows = [...list.current.querySelectorAll('.dup')];
  const at = rows.indexOf(ev.target.closest('.dup'));
  const to = { ArrowDown: rows[at + 1], ArrowUp: rows[at - 1] }[ev.key];
  if (to) { ev.preventDefault(); to.querySelector('input, button, a')?.focus(); }
  else if (at >= 0 && act[ev.key]) { ev.preventDefault(); act[ev.key](rows[at].dataset.key); }
}

function Groups({ e }) {
  const [cursor, setCursor] = useState('');
  const [picked, setPicked] = useState(new Set());
  const [asks, setAsks] = useState(null);
  const [busy, setBusy] = useState(false);
  const list = useRef(null);
  const page = useLoad((o) => load(e, cursor, o), [e.name, cursor, rowsOf(e.name)]);
  useEffect(() => { setCursor(''); setPicked(new Set()); }, [e.name]);
  if (page.error) return html`<div class="page-body"><${Failed} title=${t('The duplicates could not be loaded')} text=${page.error.message} retry=${page.again} /></div>`;
  if (!page.data) return html`<div class="page-body"><${SkeletonRows} cols=${3} /></div>`;
  const { groups, rows, next } = page.data;
  const chosen = groups.filter((g) => picked.has(keyOf(g)) && able(g));
  const certain = groups.filter((g) => able(g) && g.score >= CERTAIN);
  const clear = () => setPicked(new Set());
  const work = async (run) => { setBusy(true); await run(); setBusy(false); clear(); };
  const toggle = (g) => { const s = new Set(picked); if (!s.delete(keyOf(g))) s.add(keyOf(g)); setPicked(s); };
  const open = (g) => go(`/merge/${e.name}?ids=${g.ids.slice(0, MOST).join(',')}&back=${encodeURIComponent(route.value.url)}`);
  const find = (run) => (k) => { const g = groups.find((x) => keyOf(x) === k); if (g) run(g); };
  const act = { Enter: find(open), ' ': find((g) => able(g) && toggle(g)), n: find((g) => g.mergeable && setApart(e, [g], true)) };
  const count = number(groups.length) + (next ? '+' : '');
  return html`<div class="toolbar"><${Kinds} e=${e} /><p class="small dim">${tn('{n} group that may be the same', '{n} groups that may be the same', groups.length, { n: count })}</p>
      ${certain.length > 0 && html`<button type="button" class="btn btn-sm push" onClick=${() => setPicked(new Set(certain.map(keyOf)))}><${Icon} name="check" />${t('Select the certain ones ({n})', { n: certain.length })}</button>`}</div>
    <div class="page-body" tabindex="-1">${groups.length ? html`<ul class="plain-list dups" ref=${list} onKeyDown=${(ev) => keys(ev, list, act)}>${groups.map((g) => html`<${Group} key=${keyOf(g)} e=${e} g=${g} rows=${rows} on=${picked.has(keyOf(g))} toggle=${() => toggle(g)} open=${() => open(g)} dismiss=${() => setApart(e, [g], true)} />`)}</ul>`
      : html`<${Empty} icon="circle-check" title=${t('No duplicates found')} text=${t('No two {things} share an address, a number, or a name and a place.', { things: noun(t(e.label_plural)) })} />`}</div>
    ${chosen.length > 0 && html`<${Bar} groups=${chosen} busy=${busy} merge=${() => setAsks(chosen)} apart=${() => work(() => setApart(e, chosen, true))} clear=${clear} />`}
    ${(next || cursor) && html`<footer class="pager"><span class="push row">${cursor && html`<button type="button" class="btn btn-sm" onClick=${() => setCursor('')}>${t('First page')}</button>`}
      <button type="button" class="btn btn-sm" disabled=${!next} onClick=${() => setCursor(next)}>${t('Next')}<${Icon} name="chevron-right" /></button></span></footer>`}
    ${asks && html`<${Ask} e=${e} groups=${asks} rows=${rows} close=${() => setAsks(null)} run=${() => work(() => mergeAll(e, asks))} />`}`;
}

const Style = () => html`<link rel="stylesheet" href=${asset('css/merge.css')} />`;

export default function Duplicates({ kind }) {
  const e = entity(kind);
  if (!e?.doubles) return html`<div class="page"><${PageHead} title=${t('Duplicates')} /><${Empty} icon="merge" title=${t('Nothing to compare here')} text=${t('Duplicates are found among records with e-mail addresses or phone numbers.')} /></div>`;
  return html`<div class="page"><${Style} /><${PageHead} title=${t('Duplicates')} crumb=${[t(e.label_plural), `/${e.plural}`]} create=${false} /><${Groups} key=${e.name} e=${e} /></div>`;
}
