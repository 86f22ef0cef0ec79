// What is done with saved views beside opening them: saved, changed, shared,
// copied, deleted, and the link that leads there. Loaded when it is first needed.
import { html, useLayoutEffect, useRef, useState } from '../lib/html.js';
import { route, go, onDay } from '../lib/router.js';
import { arrange, expression, isSaved, widthsText } from '../lib/query.js';
import { boardFields, entity, fieldOf, loadMeta } from '../lib/meta.js';
import { VIEW } from '../lib/names.js';
import { post, patch, del } from '../lib/api.js';
import { explain, offerUndo } from '../lib/records.js';
import { me } from '../lib/store.js';
import { toast } from '../lib/toast.js';
import { t } from '../lib/i18n.js';
import { Dialog } from './layers.js';

const ANY = { headers: { 'If-Match': '*' } };
const path = (e) => `/${e.plural}`;

/** What a list shows now, as a view says it. */
const shownBy = (e, state) => ({
  filter: expression(state),
  sort: state.sort,
  columns: state.columns.filter((c) => c !== 'title'),
  widths: widthsText(state.widths) || null,
  mode: state.mode,
  by: state.mode === 'board' ? (fieldOf(e, state.by)?.type === 'choice' ? state.by : boardFields(e)[0]?.name) : undefined,
  pipeline: state.mode === 'forecast' || (state.mode === 'board' && fieldOf(e, state.by)?.type !== 'choice') ? state.pipeline || null : null,
  group_by: state.group || null,
});

const audience = (who) => ({ shared: who === 'all', with_team: who === 'team' });

/** May the reader say with which view the lists of others open? */
const mayOpen = () => entity(VIEW) && fieldOf(entity(VIEW), 'opens')?.readonly === false;

/** Who sees a view; team only for who has one. */
function Audience({ value, opens, setOpens, put }) {
  const team = me().team;
  const options = [['me', t('Only me')], ...(team ? [['team', t('My team, {team}', { team: team.title ?? team.name })]] : []), ['all', t('Everybody')]];
  return html`<label class="field"><span class="label">${t('Who sees it')}</span>
      <select class="select" name="audience" onChange=${(ev) => put(ev.target.value)}>${options.map(([v, text]) => html`<option key=${v} value=${v} selected=${v === value}>${text}</option>`)}</select></label>
    ${value !== 'me' && mayOpen() && html`<label class="row small"><input type="checkbox" class="check" name="opens" checked=${opens} onChange=${(ev) => setOpens(ev.target.checked)} />${t('Their lists open with it')}</label>`}`;
}

/** Saves what is shown as a view of its own. */
export function SaveForm({ e, state, close }) {
  const [error, setError] = useState('');
  const [who, setWho] = useState('me');
  const [opens, setOpens] = useState(false);
  const form = useRef(null);
  useLayoutEffect(() => { if (!document.activeElement.closest('.popover')) form.current.querySelector('input').focus(); }, []);
  const submit = async (ev) => {
    ev.preventDefault();
    const name = new FormData(ev.target).get('name').trim();
    try {
      const { body, change } = await post('/views', { name, entity: e.name, ...shownBy(e, state), ...audience(who), ...(opens && mayOpen() ? { opens } : {}) });
      arrange(e, state.view, { cols: undefined, widths: undefined });
      await loadMeta();
      close();
      go(`${path(e)}?view=${body.view ?? body.id}`);
      requestAnimationFrame(() => document.querySelector('.viewtabs [aria-current=page]')?.focus());
      offerUndo(t('View “{name}” saved', { name }), change, VIEW);
    } catch (bad) { setError(explain(bad)); }
  };
  return html`<form class="filter-form" ref=${form} onSubmit=${submit}>
    <label class="field"><span class="label">${t('Name of the view')}</span>
      <input class="input input-sm" name="name" data-first autofocus required /></label>
    <${Audience} value=${who} put=${setWho} opens=${opens} setOpens=${setOpens} />
    ${error && html`<span class="error" role="alert">${error}</span>`}
    <div class="row"><button type="submit" class="btn btn-primary btn-sm push">${t('Save view')}</button></div></form>`;
}

async function write(e, call, message, to) {
  try {
    const { body, change } = await call();
    await loadMeta();
    if (to) go(to(body));
    offerUndo(message, change, VIEW);
  } catch (bad) { toast(explain(bad), { bad: true }); }
}

/** The view shown takes over filter, order and columns as they are on the screen. */
export async function updateView(e, state) {
  const { view } = state;
  await write(e, () => patch(`/views/${view.record}`, shownBy(e, state), ANY), t('View “{name}” changed', { name: view.label }), () => `${path(e)}?view=${view.id}`);
  arrange(e, view, { cols: undefined, widths: undefined });
}

/** Names of views that exist get a number. */
function freeName(e, name) {
  for (let n = 2; ; n++) if (!e.views.some((v) => v.label === `${name} ${n}`)) return `${name} ${n}`;
}

export const duplicateView = (e, state) => write(e, () => post('/views', { name: freeName(e, t(state.view?.label ?? e.label_plural)).slice(0, 100), entity: e.name, ...shownBy(e, state) }), t('View copied'), (body) => `${path(e)}?view=${body.id}`);

export const dropView = (e, view) => write(e, () => del(`/views/${view.record}`, ANY), t('View “{name}” deleted', { name: view.label }), () => path(e));

/** Name and audience of a view. */
export function ViewDialog({ e, view, close }) {
  const [error, setError] = useState('');
  const [text, setText] = useState(view.label);
  const [who, setWho] = useState(view.audience);
  const [opens, setOpens] = useState(view.opens);
  const submit = async (ev) => {
    ev.preventDefault();
    const name = text.trim();
    try {
      const { change } = await patch(`/views/${view.record}`, { name, ...audience(who), ...(mayOpen() ? { opens: who !== 'me' && opens } : {}) }, ANY);
      await loadMeta();
      close();
      offerUndo(t('View “{name}” changed', { name }), change, VIEW);
    } catch (bad) { setError(explain(bad)); }
  };
  const foot = html`<button type="button" class="btn" onClick=${close}>${t('Cancel')}</button><button type="submit" form="view-form" class="btn btn-primary">${t('Save')}</button>`;
  return html`<${Dialog} title=${t('View “{name}”', { name: view.label })} onClose=${close} foot=${foot}>
    <form class="dialog-body" id="view-form" onSubmit=${submit}>
      <label class="field"><span class="label">${t('Name of the view')}</span><input class="input" name="name" required maxlength="100" value=${text} onInput=${(ev) => setText(ev.target.value)} /></label>
      <${Audience} value=${who} put=${setWho} opens=${opens} setOpens=${setOpens} />
      ${error && html`<span class="error" role="alert">${error}</span>`}</form><//>`;
}

/**
 * The address of what is shown, for somebody else: a view others may not see is
 * spelled out, so that they see the same of what they may see.
 */
export function linkOf(e, state, query) {
  const { view } = state;
  const unseen = view && isSaved(view) && view.audience === 'me';
  const now = Object.fromEntries(Object.entries(query).filter(([k]) => k !== 'view' && k !== 'page'));
  const said = { mode: state.mode, sort: state.sort, cols: state.columns.slice(1).join(','), ...(Object.keys(state.widths).length ? { widths: widthsText(state.widths) } : {}) };
  const spelled = unseen ? { ...said, ...now, view: 'all', whole: state.base || 'true' } : { ...(view ? { view: view.id } : {}), ...(state.arranged ? { cols: said.cols, ...(said.widths ? { widths: said.widths } : {}) } : {}), ...now };
  return new URL(onDay(`${path(e)}?${new URLSearchParams(spelled)}`), location.href).href;
}

/** Copies the link, or shows it where the browser does not let us. */
export async function copyLink(e, state, show) {
  const link = linkOf(e, state, route.value.query);
  try {
    await navigator.clipboard.writeText(link);
    toast(t('Link copied. Whoever opens it sees what they may see.'), { icon: 'link' });
  } catch { show(link); }
}

export const LinkDialog = ({ link, close }) => html`<${Dialog} title=${t('Link to this view')} onClose=${close} foot=${html`<button type="button" class="btn" onClick=${close}>${t('Close')}</button>`}>
  <div class="dialog-body"><label class="field"><span class="label">${t('Copy this address')}</span><input class="input mono" readonly autofocus value=${link} onFocus=${(ev) => ev.target.select()} /></label>
    <p class="small faint">${t('Whoever opens it sees what they may see.')}</p></div><//>`;

/** The dialogs a view's menu opens: { kind: 'edit' | 'link', link }. */
export default function ViewLayer({ e, state, what, close }) {
  return what.kind === 'edit' ? html`<${ViewDialog} e=${e} view=${state.view} close=${close} />` : html`<${LinkDialog} link=${what.link} close=${close} />`;
}
