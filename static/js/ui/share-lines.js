// One share of a record each: with whom, until when, by whom; and the form that
// makes one or changes its last day. Loaded once there is something to show.
import { html, useState, useEffect, useRef } from '../lib/html.js';
import { entity, fieldOf, may } from '../lib/meta.js';
import { create, update, remove, explain } from '../lib/records.js';
import { SHARE } from '../lib/names.js';
import { me } from '../lib/store.js';
import { t } from '../lib/i18n.js';
import { date, isoDay, now } from '../lib/format.js';
import { Notice, UserAvatar } from './basics.js';
import { Field } from './input.js';
import { MenuButton, MenuItem, MenuRule } from './layers.js';

/** User and last day of a new share, or the day of one there is. */
function Form({ e, record, share, onDone }) {
  const [values, setValues] = useState(share ? { until: share.until } : {});
  const [error, setError] = useState('');
  const box = useRef(null);
  useEffect(() => { box.current.querySelector('input')?.focus(); }, []);
  const save = async (ev) => {
    ev.preventDefault();
    try {
      if (share) await update(SHARE, share.id, { until: values.until ?? null }, { message: t('{name}: changed', { name: share.user.title }), quiet: true });
      else await create(SHARE, { ...values, records: [{ entity: e.name, id: record.id }] });
      onDone();
    } catch (bad) { setError(explain(bad)); }
  };
  return html`<form ref=${box} class="joined-form" onSubmit=${save} onKeyDown=${(ev) => { if (ev.key === 'Escape') { ev.stopPropagation(); onDone(); } }}>
    ${error && html`<${Notice} tone="bad" icon="circle-alert" alert>${error}<//>`}
    ${(share ? ['until'] : ['user', 'until']).map((n) => html`<${Field} key=${n} prefix=${`share${share?.id ?? ''}`} field=${fieldOf(entity(SHARE), n)} value=${values[n] ?? null} onInput=${(v) => setValues((x) => ({ ...x, [n]: v }))} />`)}
    <span class="row"><button type="submit" class="btn btn-primary btn-sm">${share ? t('Save') : t('Share')}</button><button type="button" class="btn btn-quiet btn-sm" onClick=${onDone}>${t('Cancel')}</button></span></form>`;
}

function Line({ e, record, share: s, again }) {
  const [edit, setEdit] = useState(false);
  const over = s.until && s.until < isoDay(now());
  const name = s.user.title ?? t('Hidden');
  const said = [s.until && (over ? t('ended on {date}', { date: date(s.until) }) : t('until {date}', { date: date(s.until) })), s.owner?.title && t('by {name}', { name: s.owner.title })].filter(Boolean).join(' · ');
  if (edit) return html`<li><${Form} e=${e} record=${record} share=${s} onDone=${() => { setEdit(false); again(); }} /></li>`;
  return html`<li class=${over ? 'is-over' : ''}><span class="row"><span class="grow"><b class="strong"><${UserAvatar} user=${s.user} size="sm" label /></b>
      <span class="small faint joined-note">${said}</span></span>
    ${may(entity(SHARE), 'edit', s, me()) && html`<${MenuButton} class="btn btn-quiet btn-icon btn-sm" icon="ellipsis" title=${t('Actions for {name}', { name })}>
      <${MenuItem} icon="calendar-check" label=${t('Change the end date')} onClick=${() => setEdit(true)} />
      <${MenuRule} /><${MenuItem} danger icon="trash-2" label=${t('Stop sharing')} onClick=${() => remove(SHARE, { ...s, title: name }).then(again)} /><//>`}</span></li>`;
}

/** All of them; `adding` asks for one more. */
export default function Lines({ e, record, items, again, adding, done }) {
  return html`${adding && html`<${Form} e=${e} record=${record} onDone=${done} />`}
    <ul class="joined">${items.map((s) => html`<${Line} key=${s.id} e=${e} record=${record} share=${s} again=${again} />`)}</ul>`;
}
