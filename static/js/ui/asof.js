// Looking at a past day: the control that picks it and the banner that says so.
// The day is kept in the address; what is shown then can only be read.
import { html } from '../lib/html.js';
import { pastDay, setQuery } from '../lib/router.js';
import { t } from '../lib/i18n.js';
import { date, isoDay } from '../lib/format.js';
import { Icon } from './basics.js';
import { Popover } from './layers.js';

const back = () => setQuery({ as_of: '' });

/** Asks for the day. */
export function AsOfForm({ close }) {
  const day = pastDay();
  const show = (ev) => {
    ev.preventDefault();
    const wanted = new FormData(ev.target).get('day');
    close();
    setQuery({ as_of: wanted < isoDay() ? wanted : '' });
  };
  return html`<form class="filter-form" onSubmit=${show}>
    <label class="field"><span class="label">${t('Show it as it was on')}</span>
      <input class="input input-sm" type="date" name="day" data-first required max=${isoDay()} value=${day} /></label>
    <div class="row">${day && html`<button type="button" class="btn btn-quiet btn-sm" onClick=${() => { close(); back(); }}>${t('Back to today')}</button>`}
      <button type="submit" class="btn btn-primary btn-sm push">${t('Show')}</button></div></form>`;
}

/** Button that asks for the day; `small` shows only its icon. */
export function AsOf({ small, ...rest }) {
  const day = pastDay();
  const label = html`<span class=${small ? 'sr-only' : ''}>${day ? date(day) : t('As of')}</span>`;
  return html`<${Popover} ...${rest} icon="history" label=${label} name=${t('As of a past day')}>${(close) => html`<${AsOfForm} close=${close} />`}<//>`;
}

/** Says that a past day is shown, with the way back; `children` are more buttons. */
export const PastBanner = ({ children }) => pastDay() && html`<div class="offline past" role="status">
  <${Icon} name="history" /><span class="grow">${t('As it was on {day}. Nothing can be changed here.', { day: date(pastDay()) })}</span>
  <span class="row">${children}<button type="button" class="btn btn-sm" onClick=${back}>${t('Back to today')}</button></span></div>`;
