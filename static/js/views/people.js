// People: who may sign in, with which role and team; one-time links instead of
// passwords sent around. Users are records, so every change can be undone.
import { html, useState } from '../lib/html.js';
import { get, post } from '../lib/api.js';
import { meta, entity, fieldOf, pathOf, may } from '../lib/meta.js';
import { create, update, explain, rowsOf, known, rememberAll } from '../lib/records.js';
import { USER } from '../lib/names.js';
import { isAdmin, me } from '../lib/store.js';
import { Link } from '../lib/router.js';
import { toast } from '../lib/toast.js';
import { rare, t, tn } from '../lib/i18n.js';
import { moment } from '../lib/format.js';
import { PageHead } from '../ui/page.js';
import { Icon, IconButton, Avatar, Failed, SkeletonRows, Notice, Later, Status, useLoad } from '../ui/basics.js';
import { Dialog, MenuButton, MenuItem, MenuRule } from '../ui/layers.js';
import { Value, isEmpty } from '../ui/field.js';
import { Field, Input } from '../ui/input.js';

const PAGE = 200;
const fetchFeeds = rare(() => import('../ui/feeds.js').then((m) => ({ default: m.FeedsOf })));
const roleField = () => ({ ...fieldOf(entity(USER), 'role'), type: 'choice', options: meta.value.roles, required: true });

async function linkFor(user) {
  const { body } = await post(`${pathOf(USER)}/${user.id}/link`);
  return { ...body, user, link: new URL(body.link, location.origin).href };
}

function LinkDialog({ data, onClose }) {
  const copy = async () => { await navigator.clipboard?.writeText(data.link); toast(t('Link copied')); };
  return html`<${Dialog} title=${t('One-time link for {name}', { name: data.user.title ?? data.user.name })} onClose=${onClose} foot=${html`<button type="button" class="btn" onClick=${onClose}>${t('Done')}</button>`}>
    <div class="dialog-body"><p class="dim">${t('Give this link to {name} on a way you trust. It works once and shows nothing of the password.', { name: data.user.title ?? data.user.name })}</p>
      <div class="row"><input class="input mono" readonly value=${data.link} aria-label=${t('One-time link')} onFocus=${(e) => e.target.select()} /><${IconButton} icon="copy" label=${t('Copy')} onClick=${copy} /></div>
      ${data.expires_at && html`<p class="small faint">${t('Valid until {when}', { when: moment(data.expires_at) })}</p>`}</div><//>`;
}

function AddDialog({ onClose, onLink }) {
  const e = entity(USER);
  const [values, setValues] = useState({ role: meta.value.roles.find((r) => r.id === 'member')?.id ?? meta.value.roles[0]?.id });
  const [errors, setErrors] = useState({});
  const fields = [fieldOf(e, 'name'), { ...fieldOf(e, 'email'), required: true }, roleField(), fieldOf(e, 'team')].filter((f) => f?.name);
  const set = (n, v) => { setValues((x) => ({ ...x, [n]: v })); setErrors({ ...errors, [n]: undefined }); };
  const save = async (ev) => {
    ev.preventDefault();
    const missing = fields.filter((f) => f.required && isEmpty(values[f.name]));
    if (missing.length) {
      setErrors(Object.fromEntries(missing.map((f) => [f.name, t('{field} is required.', { field: t(f.label) })])));
      requestAnimationFrame(() => document.querySelector('#person [aria-invalid="true"]')?.focus());
      return;
    }
    try {
      const made = await create(USER, Object.fromEntries(Object.entries(values).filter(([, v]) => !isEmpty(v))));
      onLink(await linkFor(made));
    } catch (bad) {
      const list = Object.fromEntries((bad.fields ?? []).map((f) => [f.where.replace(`${USER}.`, ''), f.text]));
      setErrors(Object.keys(list).length ? list : { '': explain(bad) });
    }
  };
  return html`<${Dialog} title=${t('Add a person')} onClose=${onClose} foot=${html`<button type="button" class="btn" onClick=${onClose}>${t('Cancel')}</button>
      <button type="submit" form="person" class="btn btn-primary">${t('Add and make a link')}</button>`}>
    <form id="person" class="dialog-body" onSubmit=${save} novalidate>${errors[''] && html`<${Notice} tone="bad" icon="circle-alert" alert>${errors['']}<//>`}
      <div class="form-grid">${fields.map((f) => html`<${Field} key=${f.name} prefix="p" field=${f} value=${values[f.name]} error=${errors[f.name]} onInput=${(v) => set(f.name, v)} />`)}</div></form><//>`;
}

/** State of an account as word and dot. */
const State = ({ user: u }) => (u.active === false ? html`<${Status} label=${t('Disabled')} />` : u.email ? html`<${Status} label=${t('Active')} tone="good" />` : html`<${Status} label=${t('Cannot sign in')} tone="warn" />`);

function Row({ id, onLink, onFeeds }) {
  const u = known(USER, id);
  const self = u.id === me().id;
  const locked = !may(entity(USER), 'edit', u, me());
  const change = (values, message) => update(USER, id, values, { message }).catch(() => null);
  const link = () => linkFor(u).then(onLink, (bad) => toast(explain(bad), { bad: true }));
  return html`<tr class="person"><th scope="row" class="cell-name"><span class="row cell-who"><${Avatar} name=${u.title} id=${u.id} />
    <${Link} class="plain strong clip" to=${`${pathOf(USER)}/${u.id}`}>${u.title}<//>${self && html`<span class="badge">${t('you')}</span>`}</span></th>
    <td class="person-mail">${u.email ? html`<a class="clip" href=${`mailto:${u.email}`}>${u.email}</a>` : html`<span class="faint">—</span>`}</td>
    <td class="cell-control">${locked ? html`<${Value} field=${roleField()} record=${u} />` : html`<${Input} field=${roleField()} small value=${u.role} disabled=${self} aria-label=${t('Role of {name}', { name: u.title })} onInput=${(v) => change({ role: v }, t('Role of {name} changed', { name: u.title }))} />`}</td>
    <td class="cell-control">${locked ? u.team?.title : fieldOf(entity(USER), 'team') && html`<${Input} field=${{ ...fieldOf(entity(USER), 'team'), type: 'link', to: 'team' }} small value=${u.team} aria-label=${t('Team of {name}', { name: u.title })} onInput=${(v) => change({ team: v }, t('Team of {name} changed', { name: u.title }))} />`}</td>
    <td class="person-state"><${State} user=${u} /></td>
    <td class="end person-menu">${!locked && html`<${MenuButton} class="btn btn-quiet btn-icon btn-sm" icon="ellipsis" title=${t('Actions for {name}', { name: u.title })}>
      <${MenuItem} icon="key-round" label=${t('Make a one-time link')} onClick=${link} />
      ${isAdmin() && html`<${MenuItem} icon="calendar" label=${t('Calendar addresses')} onClick=${() => onFeeds(u)} />`}<${MenuRule} />
      ${u.active === false ? html`<${MenuItem} icon="undo-2" label=${t('Let sign in again')} onClick=${() => change({ active: true }, t('{name} may sign in again', { name: u.title }))} />`
        : html`<${MenuItem} danger icon="lock" label=${t('Disable')} disabled=${self} onClick=${() => change({ active: false }, t('{name} is disabled and signed out', { name: u.title }))} />`}<//>`}</td></tr>`;
}

const Table = ({ ids, onLink, onFeeds }) => html`<div class="table-scroll" tabindex="0" role="region" aria-label=${t('People')}>
  <table class="table people-table"><caption class="sr-only">${t('People')}</caption>
  <thead><tr><th scope="col" class="cell-first">${t('Name')}</th><th scope="col">${t('E-mail')}</th>
    <th scope="col">${t('Role')}</th><th scope="col">${t('Team')}</th><th scope="col">${t('State')}</th><th scope="col">
    <span class="sr-only">${t('Actions')}</span></th></tr></thead>
  <tbody>${ids.map((id) => html`<${Row} key=${id} id=${id} onLink=${onLink} onFeeds=${onFeeds} />`)}</tbody></table></div>`;

export default function People() {
  const [adding, setAdding] = useState(false);
  const [link, setLink] = useState(null);
  const [feeds, setFeeds] = useState(null);
  const list = useLoad(async (o) => {
    const answer = await get(pathOf(USER), { sort: 'title', limit: PAGE }, o);
    rememberAll(USER, answer.items);
    return answer;
  }, [rowsOf(USER)]);
  const ids = list.data?.items.map((u) => u.id);
  return html`<div class="page"><${PageHead} title=${t('People')} create=${false} count=${ids && tn('{n} account', '{n} accounts', ids.length)}>
      ${entity('team')?.can?.create && html`<${Link} class="btn btn-quiet wide-only" to=${pathOf('team')}>
        <${Icon} name="users" />${t(entity('team').label_plural)}<//>`}
      ${entity(USER)?.can?.create && html`<button type="button" class="btn btn-primary new-button" onClick=${() => setAdding(true)}>
        <${Icon} name="user-plus" /><span class="new-text">${t('Add a person')}</span></button>`}<//>
    <div class="page-body" tabindex="-1">${list.error ? html`<${Failed} title=${t('The list could not be loaded')} text=${list.error.status === 403 ? t('Only administrators see this page.') : list.error.message} retry=${list.again} />`
      : ids ? html`<${Table} ids=${ids} onLink=${setLink} onFeeds=${setFeeds} />` : html`<${SkeletonRows} rows=${6} />`}</div>
    ${adding && html`<${AddDialog} onClose=${() => setAdding(false)} onLink=${(x) => { setAdding(false); setLink(x); }} />`}
    ${feeds && html`<${Later} load=${fetchFeeds} user=${feeds} onClose=${() => setFeeds(null)} />`}
    ${link && html`<${LinkDialog} data=${link} onClose=${() => setLink(null)} />`}
  </div>`;
}
