// The time left until an enquiry is to be answered; what is late says so.
import { html, useEffect, useState } from '../lib/html.js';
import { t, tn } from '../lib/i18n.js';
import { moment } from '../lib/format.js';

const MINUTE = 60000;
const span = (ms) => { const n = Math.max(1, Math.round(ms / MINUTE)); return n < 120 ? tn('{n} minute', '{n} minutes', n) : n < 2880 ? tn('{n} hour', '{n} hours', Math.round(n / 60)) : tn('{n} day', '{n} days', Math.round(n / 1440)); };

/** Counts down by the minute, and to the moment. */
export default function Clock({ until }) {
  const left = new Date(until) - Date.now();
  const [round, tick] = useState(0);
  useEffect(() => { const timer = setTimeout(() => tick((n) => n + 1), left > 0 ? Math.min(left + 1, MINUTE) : MINUTE); return () => clearTimeout(timer); }, [round, until]);
  return html`<time class=${`badge ${left < 0 ? 'badge-bad' : left < 60 * MINUTE ? 'badge-warn' : ''}`} datetime=${until} title=${moment(until)}>${left < 0 ? t('late by {time}', { time: span(-left) }) : t('{time} left', { time: span(left) })}</time>`;
}
