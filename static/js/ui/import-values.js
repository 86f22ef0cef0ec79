// Texts of a file that are no option of their field: what each is taken for, what all
// others are, and for administrators the lines that make them options.
import { html, useState } from '../lib/html.js';
import { post } from '../lib/api.js';
import { loadMeta } from '../lib/meta.js';
import { explain } from '../lib/records.js';
import { Link } from '../lib/router.js';
import { isAdmin } from '../lib/store.js';
import { toast } from '../lib/toast.js';
import { t, tn } from '../lib/i18n.js';
import { number } from '../lib/format.js';
import { optionsOf, optionLines } from '../lib/imports.js';
import { Icon } from './basics.js';
import { Dialog } from './layers.js';

const Options = ({ at, value }) => optionsOf(at).map(([id, label]) => html`<option key=${id} value=${id} selected=${value === id}>${label}</option>`);

/** One text, with what it is taken for. */
const One = ({ at, v, rest, onPick }) => html`<label><span class="map-text"><span class="clip">${v.text} <span class="faint num">${number(v.count)}</span></span>${v.near && html`<span class="small import-near">${t('Suggested')}</span>`}</span>
    <${Icon} name=${v.id ? 'arrow-right' : 'circle-alert'} /><select class="select select-sm" aria-label=${t('Meaning of {text}', { text: v.text })} onChange=${(ev) => onPick(v.text, ev.target.value)}>
      ${rest === undefined && html`<option value="?" selected=${v.id === undefined}>${t('Reject the row')}</option>`}<option value="" selected=${v.id === ''}>${t('Leave empty')}</option>
      <${Options} at=${at} value=${v.id} /></select></label>`;

/** What all of them are taken for that have no meaning of their own; rest: "empty", an option, undefined. */
const All = ({ at, rest, onRest }) => html`<label class="map-all"><span class="strong">${t('All unknown values')}</span>
    <select class="select select-sm" aria-label=${t('All unknown values of {thing}', { thing: t(at.f.label) })} onChange=${(ev) => onRest(ev.target.value === '?' ? undefined : ev.target.value)}>
      <option value="?" selected=${rest === undefined}>${t('Reject the row')}</option><option value="empty" selected=${rest === 'empty'}>${t('Leave empty')}</option>
      <optgroup label=${t('Take as')}><${Options} at=${at} value=${rest} /></optgroup></select></label>`;

/** The configuration is read again, and used where nothing is lost by that. */
async function applied() {
  const { body } = await post('/config/check');
  const risky = body.problems?.length > 0 || (body.plan ?? []).some((p) => p.loses || p.kind === 'refuse');
  if (risky) return t('The configuration has problems, or would lose something: see Settings.');
  if (!body.differs) return t('The files are as before.');
  await post('/config/apply');
  await loadMeta();
  return '';
}

function AddOptions({ at, texts, close }) {
  const [bad, setBad] = useState('');
  const lines = optionLines(at, texts);
  const take = async () => {
    try {
      const why = await applied();
      if (!why) { toast(t('The configuration is in use')); close(); }
      setBad(why);
    } catch (error) { setBad(explain(error)); }
  };
  return html`<${Dialog} title=${t('New options for {thing}', { thing: t(at.f.label) })} onClose=${close} foot=${html`<${Link} class="btn btn-quiet" to="/settings">${t('Settings')}<//>
      <button type="button" class="btn btn-primary" onClick=${take}>${t('I have added them')}</button>`}>
    <div class="dialog-body stack"><p>${lines.line ? t('Add these lines to the options in {file}, line {n}:', { file: lines.file, n: lines.line }) : t('Options stand in the configuration. Add these lines to {file} on the server:', { file: lines.file })}</p>
      <pre class="import-lines" tabindex="0" aria-label=${t('Lines of the configuration')}>${lines.text}</pre>
      <div class="row"><button type="button" class="btn btn-sm" onClick=${async () => { await navigator.clipboard?.writeText(lines.text); toast(t('Copied')); }}><${Icon} name="copy" />${t('Copy')}</button></div>
      ${bad && html`<p class="error" role="alert"><${Icon} name="circle-alert" />${bad}</p>`}</div><//>`;
}

/** list: of unclear(); rest: what the target says of unknown texts. */
export function Values({ at, list, rest, onPick, onRest }) {
  const [adds, setAdds] = useState(false);
  const unknown = list.filter((v) => !v.near);
  const may = isAdmin() && unknown.length > 0 && ['choice', 'choices'].includes(at.f.type);
  return html`<div class="map-values">${(list.length > 1 || !list.length) && html`<${All} at=${at} rest=${rest} onRest=${onRest} />`}
      ${list.map((v) => html`<${One} key=${v.text} at=${at} v=${v} rest=${rest} onPick=${onPick} />`)}</div>
    ${may && html`<button type="button" class="btn btn-quiet btn-sm" onClick=${() => setAdds(true)}><${Icon} name="plus" />${tn('Make it an option', 'Make them options', unknown.length)}</button>`}
    ${adds && html`<${AddOptions} at=${at} texts=${unknown.map((v) => v.text)} close=${() => setAdds(false)} />`}`;
}
