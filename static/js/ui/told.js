// What one is told, how and when: kinds by ways, the time of the digest, quiet
// hours. Every choice is kept at once; the times are those of the zone below.
import { html, useEffect, useState } from '../lib/html.js';
import { patch } from '../lib/api.js';
import { prefs } from '../lib/store.js';
import { meta } from '../lib/meta.js';
import { explain } from '../lib/records.js';
import { toast } from '../lib/toast.js';
import { t, key, locale } from '../lib/i18n.js';
import { myZone } from '../lib/format.js';
import { Icon } from './basics.js';

/** What there is to be told of, in words. */
const TOLD = { mention: key('Somebody mentions you in a note'), share: key('Somebody shares a record with you'), reminder: key('A date is coming up that you are to be reminded of'), import: key('An import that took a while is finished'), assigned: key('A record is assigned to you'), late_answer: key('Nobody has answered an enquiry in time'), gate: key('A record of yours entered a stage unchecked'), rule: key('A rule of the firm tells you something'), step: key('Something you planned is due soon') };
const WAYS = [['on', key('At once')], ['digest', key('Digest')], ['off', key('Off')]];
const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const EVENINGS = { from: '19:00', to: '07:00', days: ['mon', 'tue', 'wed', 'thu', 'fri'], free: true };
const MORNING = { at: '08:00', days: 'working' };

/** Monday to Sunday, written out or short. */
const dayName = (i, weekday) => new Date(2024, 0, i + 1).toLocaleDateString(locale.value, { weekday });

/** Keeps a change; the first one also says whose clock the times are by. */
function keep(change) {
  const all = { ...change, ...(prefs.value.zone || change.zone ? {} : { zone: myZone() }) };
  const before = prefs.value;
  prefs.value = { ...before, ...all };
  patch('/me', { prefs: all }).catch((bad) => { prefs.value = before; toast(explain(bad), { bad: true }); });
}

const kinds = () => meta.value.notifications ?? [];
const wayOf = (k) => prefs.value.notify?.[k.id] ?? (k.on ? 'on' : 'off');

function Ways() {
  const set = (k, way) => keep({ notify: Object.fromEntries(kinds().map((x) => [x.id, x.id === k.id ? way : wayOf(x)])) });
  return html`<table class="ways"><thead><tr><th scope="col"><span class="sr-only">${t('Kind')}</span></th>${WAYS.map(([id, label]) => html`<th scope="col" key=${id}>${t(label)}</th>`)}</tr></thead>
    <tbody>${kinds().map((k) => html`<tr key=${k.id} role="radiogroup" aria-labelledby=${`told-${k.id}`}><th scope="row" id=${`told-${k.id}`}>${t(TOLD[k.id] ?? k.label)}</th>
      ${WAYS.map(([id, label]) => html`<td key=${id}>${id === 'digest' && !k.digest ? html`<span class="faint" title=${t('This cannot wait for a digest.')}>–</span>`
        : html`<label><input type="radio" class="check check-round" name=${`told-${k.id}`} aria-label=${t(label)} checked=${wayOf(k) === id} onChange=${() => set(k, id)} /></label>`}</td>`)}</tr>`)}</tbody></table>`;
}

/** A time of the day, kept when it is one. */
const Time = ({ label, value, onPick }) => html`<label class="field told-time"><span class="label">${label}</span>
  <input type="time" class="input num" value=${value} onChange=${(e) => { if (e.target.value && e.target.value !== value) onPick(e.target.value.slice(0, 5)); }} /></label>`;

function Digest() {
  const digest = { ...MORNING, ...prefs.value.digest };
  return html`<fieldset class="told-part"><legend>${t('The digest')}</legend>
    <p class="small dim">${t('What is to come as a digest is collected and stands in the bell as one entry.')}</p>
    <div class="row wrap"><${Time} label=${t('At')} value=${digest.at} onPick=${(at) => keep({ digest: { ...digest, at } })} />
      <label class="field"><span class="label">${t('Days')}</span><select class="select" onChange=${(e) => keep({ digest: { ...digest, days: e.target.value } })}>
        ${[['working', t('Working days')], ['all', t('Every day')]].map(([id, label]) => html`<option key=${id} value=${id} selected=${digest.days === id}>${label}</option>`)}</select></label></div></fieldset>`;
}

function Evenings({ quiet, set }) {
  const toggle = (day) => set({ days: DAYS.filter((d) => (d === day ? !quiet.days.includes(d) : quiet.days.includes(d))) });
  const [same, setSame] = useState(false);
  const time = (change) => {
    const next = { ...quiet, ...change };
    setSame(next.from === next.to);
    if (next.from !== next.to) set(change);
  };
  return html`<div class="row wrap"><${Time} label=${t('From')} value=${quiet.from} onPick=${(from) => time({ from })} />
      <${Time} label=${t('To')} value=${quiet.to} onPick=${(to) => time({ to })} />
      <div class="field"><span class="label" id="told-days">${t('Days on which they begin')}</span>
        <div class="segments told-days" role="group" aria-labelledby="told-days">${DAYS.map((d, i) => html`
          <button type="button" class="btn" key=${d} aria-pressed=${quiet.days.includes(d)} title=${dayName(i, 'long')} onClick=${() => toggle(d)}>${dayName(i, 'short')}</button>`)}</div></div></div>
    ${same && html`<p class="small error" role="alert">${t('From and to must differ.')}</p>`}
    <label class="row small"><input type="checkbox" class="check" checked=${quiet.free} onChange=${(e) => set({ free: e.target.checked })} />${t('All day when nobody works: weekends and holidays')}</label>`;
}

function Quiet() {
  const { quiet } = prefs.value;
  return html`<fieldset class="told-part"><legend>${t('Quiet hours')}</legend>
    <label class="row small"><input type="checkbox" class="check" checked=${Boolean(quiet)} onChange=${(e) => keep({ quiet: e.target.checked ? EVENINGS : null })} />${t('Tell me nothing at certain hours')}</label>
    ${quiet && html`<${Evenings} quiet=${quiet} set=${(change) => keep({ quiet: { ...quiet, ...change } })} />
      <p class="small dim">${t('What comes meanwhile stands in the bell when they end. Reminders of your own appointments within them are told all the same.')}</p>`}</fieldset>`;
}

const readable = (zone) => zone.replaceAll('_', ' ');

function Zone() {
  const kept = prefs.value.zone ?? meta.value.company.zone;
  const here = myZone();
  return html`<p class="row wrap small dim"><${Icon} name="clock" /><span class="grow">${t('Times are by the clock of {zone}.', { zone: readable(kept ?? here) })}</span>
    ${kept && kept !== here && html`<button type="button" class="btn btn-sm" onClick=${() => keep({ zone: here })}>${t('Use {zone}', { zone: readable(here) })}</button>`}</p>`;
}

export default function Told() {
  useEffect(() => { if (location.hash === '#notify') document.getElementById('pr-told')?.scrollIntoView(); }, []);
  const digest = kinds().some((k) => wayOf(k) === 'digest');
  return html`<${Ways} />${digest && html`<${Digest} />`}<${Quiet} />${(digest || prefs.value.quiet) && html`<${Zone} />`}`;
}
