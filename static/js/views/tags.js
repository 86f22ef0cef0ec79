// Tags: how often each is used, its name and colour; several become one. What is
// changed here is changed at every record, in one step that can be undone.
import { html, cx, useState, useEffect } from '../lib/html.js';
import { get, post } from '../lib/api.js';
import { entity, entities, fieldOf, loadMeta } from '../lib/meta.js';
import { update, explain, offerUndo, rowsOf, touch } from '../lib/records.js';
import { TAG } from '../lib/names.js';
import { tags, tagKey, tagHue, reloadTags } from '../lib/tags.js';
import { quote } from '../lib/query.js';
import { Link } from '../lib/router.js';
import { t, tn } from '../lib/i18n.js';
import { number } from '../lib/format.js';
import { PageHead } from '../ui/page.js';
import { Icon, Empty, Failed, SkeletonRows, Notice, useLoad } from '../ui/basics.js';
import { Dialog, MenuButton, MenuItem, MenuHead, MenuRule } from '../ui/layers.js';
import { Tag } from '../ui/tags.js';

const whole = (what) => entity(TAG)?.can?.[what] === true || entity(TAG)?.can?.[what] === 'all';

/** Changes tags everywhere; says what happened, with Undo. */
async function replace(body, message) {
  const { body: done, change } = await post('/tags/replace', body);
  await Promise.all([reloadTags(), done.views ? loadMeta() : null]);
  for (const e of entities()) if (e.fields.some((f) => f.type === 'tags')) touch(e.name);
  offerUndo(`${message(done.changed)}${done.views ? ` ${tn('{n} saved view names it as well.', '{n} saved views name it as well.', done.views)}` : ''}`, change ?? done.change, TAG, undefined, true);
}

const told = (n) => tn('{n} record was changed', '{n} records were changed', n);

/** Asks for one thing and does it; a refusal stays in the dialog. */
function Ask({ title, label, run, onClose, danger, children }) {
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const send = async (ev) => {
    ev.preventDefault();
    setBusy(true);
    try { await run(new FormData(ev.target)); onClose(true); } catch (bad) { setError(explain(bad)); setBusy(false); }
  };
  return html`<${Dialog} title=${title} onClose=${() => onClose(false)} foot=${html`<button type="button" class="btn" onClick=${() => onClose(false)}>${t('Cancel')}</button>
      <button type="submit" form="tag-form" class=${cx('btn', danger ? 'btn-danger' : 'btn-primary')} disabled=${busy}>${label}</button>`}>
    <form id="tag-form" class="dialog-body stack" onSubmit=${send}>${error && html`<${Notice} tone="bad" icon="circle-alert" alert>${error}<//>`}${children}</form><//>`;
}

const used = (n) => tn('{n} record has it.', '{n} records have it.', n);

const Rename = ({ tag, count, onClose }) => html`<${Ask} title=${t('Rename {name}', { name: tag.name })} label=${t('Rename')} onClose=${onClose}
  run=${(form) => { const name = form.get('name').trim(); return replace({ from: [tag.id], name }, (n) => `${t('{old} is now {name}', { old: tag.name, name })}. ${told(n)}`); }}>
  <label class="field"><span class="label">${t('Name')}</span><input class="input" name="name" maxlength="60" required autofocus value=${tag.name} /></label>
  <p class="small dim">${count === undefined ? '' : used(count)}</p><//>`;

function Merge({ list, onClose }) {
  const [into, setInto] = useState(list[0].id);
  const stays = list.find((x) => x.id === into);
  return html`<${Ask} title=${tn('Merge {n} tag', 'Merge {n} tags', list.length)} label=${t('Merge')} onClose=${onClose}
    run=${() => replace({ from: list.filter((x) => x.id !== into).map((x) => x.id), into }, (n) => `${t('Merged into {name}', { name: stays.name })}. ${told(n)}`)}>
    <fieldset class="choices"><legend class="label">${t('Which one stays?')}</legend>${list.map((x) => html`<label key=${x.id}>
      <input type="radio" name="into" class="check" checked=${x.id === into} onChange=${() => setInto(x.id)} /><${Tag} name=${x.name} colour=${x.colour} /></label>`)}</fieldset>
    <p class="small dim">${t('Records that have one of the others get this one. It can be undone.')}</p><//>`;
}

const Remove = ({ list, count, onClose }) => html`<${Ask} danger title=${tn('Delete {n} tag', 'Delete {n} tags', list.length)} label=${t('Delete')} onClose=${onClose}
  run=${() => replace({ from: list.map((x) => x.id), delete: true }, (n) => `${tn('{n} tag deleted', '{n} tags deleted', list.length)}. ${told(n)}`)}>
  <p class="tags">${list.map((x) => html`<${Tag} key=${x.id} name=${x.name} colour=${x.colour} />`)}</p>
  <p class="small dim">${count === undefined ? '' : `${used(count)} `}${t('They lose it; nothing else of them is changed. It can be undone.')}</p><//>`;

/** Where a tag is used: a number for each kind of record, which leads to them. */
const Uses = ({ tag, uses }) => (uses.length ? html`<span class="row wrap tag-uses">${uses.map((u) => html`<${Link} key=${`${u.entity}${u.field}`} class="nowrap" to=${`/${entity(u.entity).plural}?view=all&mode=list&filter=${encodeURIComponent(`${u.field} contains ${quote(tag.name)}`)}`}>
  <span class="num">${number(u.count)}</span> ${t(u.count === 1 ? entity(u.entity).label : entity(u.entity).label_plural)}<//>`)}</span>` : html`<span class="faint">${t('not used')}</span>`);

function Menu({ tag, open }) {
  const colours = fieldOf(entity(TAG), 'colour')?.options ?? [];
  const paint = (o) => update(TAG, tag.id, { colour: o.id }, { message: t('Colour of {name} changed', { name: tag.name }) }).then(reloadTags, () => null);
  return html`<${MenuButton} class="btn btn-quiet btn-icon btn-sm" icon="ellipsis" title=${t('Actions for {name}', { name: tag.name })}>
    ${whole('edit') && html`<${MenuItem} icon="pencil" label=${t('Rename')} onClick=${() => open('rename', [tag])} />`}
    <${MenuHead}>${t('Colour')}<//>${colours.map((o) => html`<${MenuItem} key=${o.id} checked=${o.id === tag.colour} label=${html`<span class="row"><i class=${`dot ${tagHue('', o.id)}`} />${t(o.label)}</span>`} onClick=${() => paint(o)} />`)}
    ${whole('delete') && html`<${MenuRule} /><${MenuItem} danger icon="trash-2" label=${t('Delete')} onClick=${() => open('remove', [tag])} />`}<//>`;
}

function Table({ list, usesOf, counted, picked, setPicked, open }) {
  const toggle = (id) => setPicked(picked.includes(id) ? picked.filter((x) => x !== id) : [...picked, id]);
  return html`<div class="table-scroll" tabindex="0" role="region" aria-label=${t('Tags')}><table class="table tags-table"><caption class="sr-only">${t('Tags')}</caption>
    <thead><tr>${whole('edit') && html`<th class="cell-pick" scope="col"><span class="sr-only">${t('Selection')}</span></th>`}<th scope="col">${t('Name')}</th>${counted && html`<th scope="col">${t('Used by')}</th>`}
      <th scope="col"><span class="sr-only">${t('Actions')}</span></th></tr></thead>
    <tbody>${list.map((x) => html`<tr key=${x.id} aria-selected=${picked.includes(x.id)}>
      ${whole('edit') && html`<td class="cell-pick"><input type="checkbox" class="check" aria-label=${t('Select {name}', { name: x.name })} checked=${picked.includes(x.id)} onChange=${() => toggle(x.id)} /></td>`}
      <th scope="row" class="cell-name"><${Tag} name=${x.name} colour=${x.colour} /></th>
      ${counted && html`<td><${Uses} tag=${x} uses=${usesOf(x)} /></td>`}
      <td class="end">${entity(TAG).can?.edit !== 'none' && entity(TAG).can?.edit !== false && html`<${Menu} tag=${x} open=${open} />`}</td></tr>`)}</tbody></table></div>`;
}

const DIALOGS = { rename: Rename, merge: Merge, remove: Remove };

export default function TagsPage() {
  const [picked, setPicked] = useState([]);
  const [text, setText] = useState('');
  const [asks, setAsks] = useState(null);
  const uses = useLoad((o) => get('/tags/uses', {}, o), [rowsOf(TAG)]);
  const list = tags().filter((x) => tagKey(x.name).includes(tagKey(text)));
  const usesOf = (x) => (uses.data?.items ?? []).filter((u) => u.key === tagKey(x.name) && entity(u.entity));
  const countOf = (some) => (uses.data ? some.reduce((n, x) => n + usesOf(x).reduce((m, u) => m + u.count, 0), 0) : undefined);
  const chosen = tags().filter((x) => picked.includes(x.id));
  const open = (what, some) => setAsks({ what, list: some });
  const Asked = asks && DIALOGS[asks.what];
  useEffect(() => { reloadTags(); }, [rowsOf(TAG)]);
  return html`<div class="page"><${PageHead} title=${t('Tags')} create=${TAG} count=${uses.data && tn('{n} tag', '{n} tags', tags().length)} />
    <div class="page-body" tabindex="-1">
      ${uses.error ? html`<${Failed} title=${t('The list could not be loaded')} text=${uses.error.message} retry=${uses.again} />`
        : !uses.data ? html`<${SkeletonRows} rows=${6} cols=${3} />`
          : !tags().length ? html`<${Empty} icon="tags" title=${t('No tags yet')} text=${t('Write a word into the field Tags of a record: it becomes one. Here tags get colours, are renamed and merged.')} />`
            : html`<div class="row wrap tags-tools"><span class="searchbox grow"><${Icon} name="search" /><input class="input" type="search" aria-label=${t('Find a tag')} placeholder=${t('Find a tag')} value=${text} onInput=${(e) => setText(e.target.value)} /></span>
                ${chosen.length > 1 && html`<button type="button" class="btn" onClick=${() => open('merge', chosen)}><${Icon} name="merge" />${t('Merge')}</button>`}
                ${chosen.length > 0 && whole('delete') && html`<button type="button" class="btn btn-danger" onClick=${() => open('remove', chosen)}><${Icon} name="trash-2" />${t('Delete')}</button>`}</div>
              <${Table} list=${list} usesOf=${usesOf} counted=${uses.data.items.length > 0} picked=${picked} setPicked=${setPicked} open=${open} />`}</div>
    ${Asked && html`<${Asked} list=${asks.list} tag=${asks.list[0]} count=${countOf(asks.list)} onClose=${(done) => { setAsks(null); if (done) { setPicked([]); uses.again(); } }} />`}</div>`;
}
