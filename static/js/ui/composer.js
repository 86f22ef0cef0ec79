// Writing on a record: note, task, call or meeting. Unsaved text is kept as a
// draft for the record.
import { html, useState, useEffect, useLayoutEffect, useRef } from '../lib/html.js';
import { entity, fieldOf, pathOf } from '../lib/meta.js';
import { explain, known, titleOf } from '../lib/records.js';
import { NOTE, ACTIVITY, FILE, KINDS } from '../lib/names.js';
import { draftOf, keepDraft } from '../lib/drafts.js';
import { me } from '../lib/store.js';
import { bindAll } from '../lib/keys.js';
import { fetched, toast } from '../lib/toast.js';
import { t, key, rare } from '../lib/i18n.js';
import { FailedLine, Icon, IconButton, Later } from './basics.js';
import { finishing } from './open.js';

/** Kinds that are not the firm's own. */
const BUILT_IN = ['task', 'call', 'meeting', 'email'];

const HINT = { note: key('Write a note'), call: key('What did you talk about?'), meeting: key('Agenda or minutes'), task: key('What is to be done?') };

/** Kinds the user may write here. */
function kinds() {
  const a = entity(ACTIVITY);
  const known = a ? fieldOf(a, 'kind')?.options?.map((o) => o.id) ?? [] : [];
  const acts = [...['task', 'call', 'meeting'].filter((k) => known.includes(k)), ...known.filter((k) => !BUILT_IN.includes(k))].filter(() => a.can?.create !== false);
  return [...(entity(NOTE)?.can?.create ? ['note'] : []), ...acts];
}

/** Can it lie ahead? */
const isPlanned = (kind) => kind !== 'note' && kind !== 'call';

/** Day and time; kept, but not sent, while another kind is chosen. */
function When({ kind }) {
  const off = !isPlanned(kind);
  return html`<span class="row composer-when" hidden=${off}>
  <label class="sr-only" for="composer-day">${kind === 'task' ? t('Due') : t('Date')}</label>
  <input class="input input-sm composer-pick" type="date" name="day" id="composer-day" disabled=${off} />
  <input class="input input-sm composer-pick" type="time" name="time" aria-label=${t('Time')} disabled=${off} /></span>`;
}

const fetchWrite = rare(() => import('./write-down.js'));
const fetchMention = rare(() => import('./mention.js'));

/** The text; suggestions come with the first focus, or a draft that needs them. */
function Area({ off, about, onMention, area, onInput, ...rest }) {
  const [Part, setPart] = useState(null);
  const caret = useRef(null);
  const [failed, setFailed] = useState(false);
  const wake = () => fetchMention().then((m) => {
    caret.current = document.activeElement === area.current ? area.current.selectionStart : null;
    setPart(() => m.default);
  }, () => setFailed(true));
  useEffect(() => { if (rest.value.includes('[')) wake(); }, [rest.value.includes('[')]);
  useLayoutEffect(() => {
    if (!Part || caret.current === null) return;
    area.current.focus();
    area.current.setSelectionRange(caret.current, caret.current);
  }, [Part]);
  return Part ? html`<${Part} off=${off} about=${about} onMention=${onMention} area=${area} onInput=${onInput} ...${rest} />`
    : html`<textarea ref=${area} onFocus=${wake} onInput=${(ev) => onInput(ev.target.value)} ...${rest}></textarea>
      ${failed && /[@#]/.test(rest.value) && html`<${FailedLine} text=${t('This part could not be loaded.')} retry=${() => area.current.focus()} />`}`;
}

const fetchAttach = rare(() => import('./attach.js'));

/** Chooses pictures or files for a note; a phone offers its camera. */
function Pick({ onFiles }) {
  const input = useRef(null);
  return html`<${IconButton} small icon="camera" label=${t('Add a picture or file')} onClick=${() => input.current.click()} />
    <input ref=${input} type="file" multiple hidden aria-label=${t('Add a picture or file')} onChange=${(ev) => { onFiles([...ev.target.files]); ev.target.value = ''; }} />`;
}

const fetchBlind = rare(() => import('./blind.js'));

/** The composer on top of a record's timeline. */
export function Composer({ kind: about, id }) {
  const offered = kinds();
  const [kind, setKind] = useState(offered[0]);
  const [text, setText] = useState(() => draftOf(me().id, `${about}.${id}`) ?? '');
  const [busy, setBusy] = useState(false);
  const [blind, setBlind] = useState([]);
  const [agreed, setAgreed] = useState([]);
  const [batch, setBatch] = useState(null);
  const unseeing = kind === 'note' ? blind.filter((u) => new RegExp(`@\\[${u.id}[ \\]]`).test(text)) : [];
  const area = useRef(null);
  const logCall = (note) => { finishing.value = { kind: 'call', about: [{ entity: about, id }], note, saved: () => note && type('') }; };
  const choose = (k) => { setKind(k); area.current?.focus(); };
  const press = (k) => (k === 'call' && innerWidth < 768 ? logCall(text) : choose(k)); /* a phone has no room for how it went and what comes next */
  useEffect(() => bindAll([['n', 'note', t('Write a note')], ['t', 'task', t('Plan a task')], ['l', 'call', t('Log a call')]].filter(([, k]) => offered.includes(k)).map(([keys, k, label]) => [keys, () => (k === 'call' ? logCall() : choose(k)), label])), []);
  const type = (v) => { setText(v); keepDraft(me().id, `${about}.${id}`, v, { title: titleOf(about, known(about, id)), path: `${pathOf(about)}/${id}` }); };
  const save = async (ev) => {
    ev.preventDefault();
    if (!text.trim() || busy) { area.current.focus(); return; }
    setBusy(true);
    const form = new FormData(area.current.form);
    try {
      await (await fetchWrite()).write(kind, text, form, { entity: about, id }, unseeing.map((u) => u.id).filter((x) => agreed.includes(x)));
      type('');
      setBlind([]);
      setAgreed([]);
      area.current.form.reset();
    } catch (bad) {
      toast(explain(bad, true), { bad: true });
    }
    setBusy(false);
  };
  const add = (ref) => type(`${text}${text && !/\s$/.test(text) ? ' ' : ''}${ref} `);
  const begin = (sign) => { area.current.focus(); fetched(fetchMention, (m) => setTimeout(() => m.startRef(area.current, sign))); };
  if (!offered.length) return null;
  const hint = t(HINT[kind] ?? HINT.task);
  return html`<form class="composer card" onSubmit=${save} onKeyDown=${(ev) => (ev.ctrlKey || ev.metaKey) && ev.key === 'Enter' && save(ev)}>
    <div class="tabs" role="group" aria-label=${t('Add to the timeline')}>${offered.map((k) => html`<button type="button" key=${k} class="tab" aria-pressed=${k === kind} onClick=${() => press(k)}>
        <${Icon} name=${KINDS[k][0]} />${t(KINDS[k][1])}</button>`)}</div>
    <${Area} area=${area} class="composer-area" off=${kind !== 'note'} rows=${text ? 4 : 2} aria-label=${hint} placeholder=${kind === 'note' ? t('Write a note; @ mentions a colleague, # links a record') : hint} value=${text} about=${{ entity: about, id }} onInput=${type} onMention=${(u) => setBlind((b) => (u.sees === false && !b.some((x) => x.id === u.id) ? [...b, u] : b))} />
    ${unseeing.length > 0 && html`<${Later} load=${fetchBlind} users=${unseeing} agreed=${agreed} agree=${(u, on) => setAgreed((list) => [...list.filter((x) => x !== u.id), ...(on ? [u.id] : [])])} drop=${(u) => type(text.replace(new RegExp(`@\\[${u.id}(?: [^\\]]*)?\\] ?`, 'g'), ''))} />`}
    ${batch && html`<${Later} load=${fetchAttach} about=${{ entity: about, id }} batch=${batch} onText=${add} />`}
    <div class="composer-foot">${kind === 'note' && html`<${IconButton} small icon="at-sign" label=${t('Mention a colleague')} onClick=${() => begin('@')} />
      <${IconButton} small icon="hash" label=${t('Link a record')} onClick=${() => begin('#')} />
      ${entity(FILE)?.can?.create && html`<${Pick} onFiles=${(files) => files.length && setBatch({ files })} />`}`}
      ${offered.some(isPlanned) && html`<${When} kind=${kind} />`}
      <span class="push faint tiny wide-only">Ctrl Enter</span>
      <button type="submit" class="btn btn-primary btn-sm" aria-disabled=${busy}>${t('Save')}</button></div>
  </form>`;
}
