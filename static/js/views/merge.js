// Merging two to five records: side by side, a choice per field that differs,
// what stays and what is dropped in words. The server says what would happen.
import { html, asset, useState, useEffect } from '../lib/html.js';
import { get, post } from '../lib/api.js';
import { entity, may, firstOf, isAddressPart } from '../lib/meta.js';
import { explain, offerUndo, touch, titleOf } from '../lib/records.js';
import { me } from '../lib/store.js';
import { route, go, setQuery, Link } from '../lib/router.js';
import { t, tn, noun } from '../lib/i18n.js';
import { ago, moment, number } from '../lib/format.js';
import { PageHead } from '../ui/page.js';
import { Icon, IconButton, Empty, Failed, Notice, SkeletonLines, useLoad } from '../ui/basics.js';
import { Value, isEmpty, text } from '../ui/field.js';
import { Lookup } from '../ui/lookup.js';

const MOST = 5;
const SOON_MS = 250;
const ALL = 'all'; /* a list: of all of them together */

const same = (a, b) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null) || (isEmpty(a) && isEmpty(b));
const isList = (f) => f.kind === 'list';
const value = (r, f) => r[f.name];

/** Fields a merge lets one choose. */
const choosable = (e) => e.fields.filter((f) => !f.system && !f.computed && !f.readonly && !isAddressPart(e, f) && f.type !== 'records' && f.type !== 'number' && f.type !== 'pipeline');

/** The record changed last that says anything: its value fills what the one that stays lacks. */
const newest = (records, f) => [...records].sort((a, b) => b.updated_at.localeCompare(a.updated_at)).find((r) => !isEmpty(value(r, f)));

/** Whose value is taken before anybody chooses: that of the one that stays, as the server does it. */
const keeper = (records, into, f) => (isEmpty(value(records.find((r) => r.id === into), f)) ? newest(records, f)?.id ?? into : into);

/** What is chosen before anybody chooses; lists are taken together. */
const proposed = (e, records, into) => Object.fromEntries(choosable(e).map((f) => [f.name, isList(f) ? ALL : keeper(records, into, f)]));

/** Those asked for, in the order of the address; an id that was merged already is none of them. */
async function loadAll(e, ids, o) {
  const { items } = await get(`/${e.plural}`, { filter: `id in (${ids.join(', ')})`, limit: MOST }, o);
  return ids.map((id) => items.find((r) => r.id === id)).filter(Boolean);
}

/** What the server is asked to do. */
function bodyOf(e, records, into, choice) {
  const fields = {};
  for (const f of choosable(e)) {
    const from = choice[f.name];
    const winner = records.find((r) => r.id === from);
    if (winner && from !== into && !same(value(winner, f), value(records.find((r) => r.id === into), f)) && !isEmpty(value(winner, f))) fields[f.name] = from;
    if (winner && isList(f)) fields[f.name] = from;
  }
  return { into, from: records.map((r) => r.id).filter((id) => id !== into), fields };
}

/** What a list holds, in words: all of it, for all of it matters here. */
const entries = (f, r) => (f.type === 'choices' ? [text(f, r)] : (value(r, f) ?? []).map((x) => x.value ?? x.text ?? x.title ?? x));

const Shown = ({ f, r }) => (isList(f) && !isEmpty(value(r, f)) && f.type !== 'tags' ? html`<span>${entries(f, r).join(', ')}</span>` : html`<${Value} field=${f} record=${r} />`);

/** One value to choose, as a radio. */
function Option({ f, r, on, pick, name }) {
  const nothing = isEmpty(value(r, f));
  return html`<label class=${`merge-option${on ? ' is-on' : ''}${nothing ? ' is-empty' : ''}`}>
    <input type="radio" class="check check-round" name=${`m-${f.name}`} checked=${on} disabled=${nothing} onChange=${pick} />
    <span class="grow"><span class="merge-whose tiny faint clip">${name}</span><${Shown} f=${f} r=${r} /></span></label>`;
}

/** A list of all: every entry once. */
const joined = (f, records) => [...new Map(records.flatMap((r) => entries(f, r)).map((x) => [String(x).toLowerCase(), x]).reverse()).values()].reverse();

function FieldRow({ e, f, records, choice, choose }) {
  const label = t(f.label);
  return html`<fieldset class="merge-row"><legend class="merge-label">${label}</legend>
    ${isList(f) && html`<label class=${`merge-option merge-all${choice === ALL ? ' is-on' : ''}`}><input type="radio" class="check check-round" name=${`m-${f.name}`} checked=${choice === ALL} onChange=${() => choose(ALL)} />
      <span class="grow"><span class="tiny faint">${t('All of them together')}</span><span class="merge-list">${joined(f, records).join(', ')}</span></span></label>`}
    <div class="merge-options">${records.map((r) => html`<${Option} key=${r.id} f=${f} r=${r} name=${titleOf(e.name, r)} on=${choice === r.id} pick=${() => choose(r.id)} />`)}</div></fieldset>`;
}

function Heads({ e, records, into, setInto, drop }) {
  const mail = firstOf(e, 'emails');
  return html`<fieldset class="merge-row merge-heads"><legend class="merge-label">${t('Which one stays?')}</legend><div class="merge-options">${records.map((r) => html`<div class=${`merge-option merge-head${into === r.id ? ' is-on' : ''}`} key=${r.id}>
    <label class="row grow"><input type="radio" class="check check-round" name="m-into" checked=${into === r.id} onChange=${() => setInto(r.id)} />
      <span class="grow"><b class="strong clip">${titleOf(e.name, r)}</b><span class="small faint clip">${mail && !isEmpty(r[mail.name]) ? text(mail, r) : ''}</span>
        <span class="tiny faint"><time datetime=${r.updated_at} title=${moment(r.updated_at)}>${t('Changed {when}', { when: ago(r.updated_at) })}</time></span></span></label>
    ${records.length > 2 && html`<${IconButton} small icon="x" label=${t('Leave {name} out', { name: titleOf(e.name, r) })} onClick=${() => drop(r.id)} />`}</div>`)}</div></fieldset>`;
}

/** The same in all of them, folded. */
function Equal({ fields, records }) {
  const told = fields.filter((f) => records.some((r) => !isEmpty(value(r, f))));
  return told.length > 0 && html`<details class="merge-equal"><summary>${tn('{n} field is the same', '{n} fields are the same', told.length)}</summary>
    <dl class="merge-same">${told.map((f) => html`<div key=${f.name}><dt class="faint">${t(f.label)}</dt><dd><${Shown} f=${f} r=${records.find((r) => !isEmpty(value(r, f)))} /></dd></div>`)}</dl></details>`;
}

/** What would happen, from the server. */
function usePreview(e, body) {
  const [state, setState] = useState({ data: null, error: null });
  const key = JSON.stringify(body);
  useEffect(() => {
    if (!body || body.from.length === 0) return undefined;
    const stop = new AbortController();
    const timer = setTimeout(() => post(`/${e.plural}/merge`, body, { query: { dry_run: 1 }, signal: stop.signal })
      .then(({ body: data }) => setState({ data, error: null }), (error) => error.name !== 'AbortError' && setState({ data: null, error })), SOON_MS);
    return () => { clearTimeout(timer); stop.abort(); };
  }, [key]);
  return state;
}

const said = (f, r) => (isList(f) ? entries(f, r).join(', ') : text(f, r));

/** "12 activities, 3 deals" */
const counted = (list) => list.map((m) => { const x = entity(m.entity); return `${number(m.count)} ${noun(t(m.count === 1 ? x?.label ?? m.entity : x?.label_plural ?? m.entity))}`; }).join(', ');

function Outcome({ e, preview, stays }) {
  if (preview.error) return html`<${Notice} tone="bad" icon="circle-alert" alert>${explain(preview.error)}<//>`;
  if (!preview.data) return html`<${Notice} icon="merge">${t('Looking at what would happen…')}<//>`;
  const { moved, dropped, folded, record } = preview.data;
  const names = dropped.map((d) => `${t(d.label)} (${d.values.map((v) => said(e.fields.find((f) => f.name === d.field), { [d.field]: v.value })).join(', ')})`);
  return html`<div class="notice merge-outcome" role="status"><${Icon} name="merge" /><div class="grow stack">
    <p>${t('“{name}” stays. All activities, notes, files and history are kept; old addresses lead to it.', { name: stays })}${record?.title && record.title !== stays && ` ${t('It is called “{name}” then.', { name: record.title })}`}</p>
    ${moved.length > 0 && html`<p>${t('Moves along: {what}.', { what: counted(moved) })}${folded > 0 && ` ${tn('{n} link that says the same goes.', '{n} links that say the same go.', folded)}`}</p>`}
    ${names.length > 0 ? html`<p><b class="strong">${t('Dropped:')}</b> ${names.join(', ')}</p>` : html`<p>${t('No value is dropped.')}</p>`}</div></div>`;
}

/** Adds one more record to those that become one. */
const Add = ({ e, ids }) => html`<div class="field merge-add"><span class="label" id="merge-add">${ids.length < 2 ? t('Merge with') : t('Add another one')}</span>
  <${Lookup} key=${ids.join()} field=${{ name: 'other', type: 'link', to: e.name, label: e.label }} aria-labelledby="merge-add" onInput=${(r) => r && !ids.includes(r.id) && setQuery({ ids: [...ids, r.id].join(',') })} /></div>`;

function Form({ e, records, ids }) {
  const [into, setInto] = useState(Math.min(...records.map((r) => r.id)));
  const [chosen, setChosen] = useState({});
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState(null);
  const stay = records.some((r) => r.id === into) ? into : records[0].id;
  const choice = { ...proposed(e, records, stay), ...chosen };
  const fields = choosable(e);
  const differing = fields.filter((f) => records.some((r) => !same(value(r, f), value(records[0], f))));
  const body = bodyOf(e, records, stay, choice);
  const preview = usePreview(e, body);
  const back = () => (history.length > 1 ? history.back() : go(`/${e.plural}`));
  const run = async () => {
    if (busy || records.length < 2) return;
    setBusy(true);
    try {
      const { body: done, change } = await post(`/${e.plural}/merge`, body, { headers: { 'Idempotency-Key': crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}` } });
      touch(e.name);
      go(route.value.query.back?.startsWith('/') ? route.value.query.back : `/${e.plural}/${done.id}`, { replace: true });
      offerUndo(tn('{n} record merged into {name}', '{n} records merged into {name}', records.length - 1, { name: done.record?.title ?? '' }), change ?? done.change, e.name, done.id, true);
    } catch (bad) { setError(bad); setBusy(false); }
  };
  const send = (ev) => { if ((ev.ctrlKey || ev.metaKey) && ev.key === 'Enter') { ev.preventDefault(); run(); } };
  return html`<div class="page-body merge" tabindex="-1" onKeyDown=${send}>
    <${Heads} e=${e} records=${records} into=${stay} setInto=${setInto} drop=${(id) => setQuery({ ids: ids.filter((x) => x !== id).join(',') })} />
    <${Outcome} e=${e} preview=${preview} stays=${titleOf(e.name, records.find((r) => r.id === stay))} />
    ${differing.map((f) => html`<${FieldRow} key=${f.name} e=${e} f=${f} records=${records} choice=${choice[f.name]} choose=${(id) => setChosen({ ...chosen, [f.name]: id })} />`)}
    <${Equal} fields=${fields.filter((f) => !differing.includes(f))} records=${records} />
    ${ids.length < MOST && html`<${Add} e=${e} ids=${ids} />`}
    ${error && html`<${Notice} tone="bad" icon="circle-alert" alert>${explain(error)}<//>`}</div>
    <footer class="pager"><span class="small faint wide-only">${t('It can be undone, also later, in the history.')}</span><span class="push row"><button type="button" class="btn" onClick=${back}>${t('Cancel')}</button>
      <button type="button" class="btn btn-primary" disabled=${busy || Boolean(preview.error)} onClick=${run}><${Icon} name="merge" />${t('Merge {n} {things}', { n: records.length, things: noun(t(e.label_plural)) })}</button></span></footer>`;
}

/** Which of them the reader may not merge away. */
const locked = (e, records) => records.filter((r) => !may(e, 'edit', r, me()) || !may(e, 'delete', r, me()));

function Body({ e, ids }) {
  const list = useLoad((o) => loadAll(e, ids, o), [ids.join()]);
  if (list.error) return html`<div class="page-body"><${Failed} title=${t('The records could not be loaded')} text=${list.error.message} retry=${list.again} /></div>`;
  if (!list.data) return html`<div class="page-body merge"><${SkeletonLines} lines=${8} /></div>`;
  const shut = locked(e, list.data);
  if (shut.length > 1) return html`<div class="page-body"><${Empty} icon="lock" title=${t('You may not merge these')} text=${t('Merging needs the right to change and to delete them.')}><${Link} class="btn" to=${`/${e.plural}`}>${t(e.label_plural)}<//><//></div>`;
  if (list.data.length < 2) {
    return html`<div class="page-body merge"><p class="dim">${list.data.length ? t('Which other record is the same as {name}?', { name: titleOf(e.name, list.data[0]) }) : t('Choose two to five records that are the same.')}</p><${Add} e=${e} ids=${list.data.map((r) => r.id)} /></div>`;
  }
  return html`<${Form} key=${list.data.map((r) => r.id).join()} e=${e} records=${list.data} ids=${list.data.map((r) => r.id)} />`;
}

const Style = () => html`<link rel="stylesheet" href=${asset('css/merge.css')} />`;

export default function Merge({ kind }) {
  const e = entity(kind);
  const ids = [...new Set((route.value.query.ids ?? '').split(',').map(Number).filter((n) => n > 0))].slice(0, MOST);
  if (!e?.merge) return html`<div class="page"><${PageHead} title=${t('Merge')} /><${Empty} icon="merge" title=${t('These are not merged')} text=${t('Accounts, views and tags have pages of their own.')} /></div>`;
  return html`<div class="page"><${Style} /><${PageHead} title=${t('Merge')} crumb=${[t(e.label_plural), `/${e.plural}`]} create=${false} /><${Body} e=${e} ids=${ids} /></div>`;
}
