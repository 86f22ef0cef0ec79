// The zone of a time, out of those that the server knows; loaded when somebody asks for it.
import { html, useLayoutEffect, useRef } from '../lib/html.js';
import { get } from '../lib/api.js';
import { inZone } from '../lib/caldays.js';
import { moment, myZone } from '../lib/format.js';
import { key, locale, t } from '../lib/i18n.js';
import { useLoad } from './basics.js';

const AREAS = { Africa: key('Africa'), America: key('America'), Antarctica: key('Antarctica'), Arctic: key('Arctic'), Asia: key('Asia'), Atlantic: key('Atlantic'), Australia: key('Australia'), Europe: key('Europe'), Indian: key('Indian Ocean'), Pacific: key('Pacific') };

/** "Buenos Aires, Argentina": the town first, for who types its name. */
const townOf = (zone) => zone.split('/').slice(zone.includes('/') ? 1 : 0).reverse().join(', ').replaceAll('_', ' ');

/** The moment at which it is so late there. */
function momentOf(wall, zone) {
  const asUtc = Date.parse(`${wall}Z`);
  const east = (at) => Date.parse(`${inZone(new Date(at), zone)}Z`) - at;
  return new Date(asUtc - east(asUtc - east(asUtc)));
}

/** What a browser does not know by this name has no time by the clock here. */
const here = (wall, zone) => { try { return moment(momentOf(wall, zone).toISOString()); } catch { return ''; } };

function groupsOf(zones) {
  const by = new Map();
  for (const z of zones) { const area = z.split('/')[0]; by.set(area, [...by.get(area) ?? [], z]); }
  return [...by].map(([area, list]) => [t(AREAS[area] ?? area), list.map((z) => [z, townOf(z)]).sort((a, b) => a[1].localeCompare(b[1], locale.value))]).sort((a, b) => a[0].localeCompare(b[0], locale.value));
}

/** Enter in the open list chooses, and only then saves what is edited. */
const choosing = (el) => { try { return el.matches(':open'); } catch { return false; } };

export default function ZonePick({ wall, zone, small, label, onPick }) {
  const box = useRef(null);
  useLayoutEffect(() => box.current.focus(), []);
  const known = useLoad((o) => get('/calendar/zones', {}, o), []);
  const own = myZone();
  const now = zone || own;
  const zones = [...new Set([now, ...known.data?.zones ?? []])].filter((z) => z !== own);
  const by = now === own ? '' : here(wall, now);
  return html`<select ref=${box} class=${`select${small ? ' select-sm' : ''}`} aria-label=${label} value=${now} aria-busy=${!known.data && !known.error} onChange=${(ev) => onPick(ev.target.value)} onKeyDown=${(ev) => ev.key === 'Enter' && choosing(ev.target) && ev.stopPropagation()}>
      <option value=${own} selected=${now === own}>${t('{zone} (yours)', { zone: townOf(own) })}</option>
      ${groupsOf(zones).map(([area, list]) => html`<optgroup key=${area} label=${area}>${list.map(([z, town]) => html`<option key=${z} value=${z} selected=${z === now}>${town}</option>`)}</optgroup>`)}</select>
    ${by && html`<span class="small faint" role="status">${t('{when} by your clock', { when: by })}</span>`}`;
}
