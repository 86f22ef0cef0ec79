// Possible doubles while a record is typed or edited: who, why, and the way there.
import { html, useState, useEffect } from '../lib/html.js';
import { get } from '../lib/api.js';
import { entity, pathOf } from '../lib/meta.js';
import { draft } from '../lib/records.js';
import { Link } from '../lib/router.js';
import { WHY } from '../lib/why.js';
import { t } from '../lib/i18n.js';
import { Notice, useLoad } from './basics.js';
import { text } from './field.js';

const TYPE_MS = 350;

/** What tells a record from others of its name: the company, an address. */
function Besides({ e, id }) {
  const names = [e.fields.find((f) => f.kind === 'link' && e.list?.includes(f.name)), e.fields.find((f) => f.type === 'emails')].filter(Boolean);
  const { data } = useLoad((o) => (names.length ? get(`${pathOf(e.name)}/${id}`, { fields: names.map((f) => f.name).join(',') }, o) : Promise.resolve(null)), [e.name, id]);
  return names.map((f) => text(f, data)).filter(Boolean).join(' · ');
}

/** Warnings of a draft; `leave` is called when one is opened, `beside` opens it in another tab. */
export const Twins = ({ list, leave, beside }) => list.map((w) => html`<${Notice} key=${`${w.entity}${w.id}`} tone="warn" icon="triangle-alert">
  ${WHY[w.why] ? t('{thing} “{name}”: {why}', { thing: t(entity(w.entity)?.label ?? w.entity), name: w.title, why: t(WHY[w.why]) }) : w.text} ${w.id && html`<span class="dim"><${Besides} e=${entity(w.entity)} id=${w.id} /></span>${' '}
    ${beside ? html`<a href=${`${pathOf(w.entity)}/${w.id}`} target="_blank" rel="noopener" onPointerDown=${(ev) => ev.preventDefault()}>${t('Open it')}<//>` : html`<${Link} to=${`${pathOf(w.entity)}/${w.id}`} onClick=${leave}>${t('Open it')}<//>`}`}<//>`);

/** The same for one field of a record, a moment after typing stops; the editor stays as it is. */
export default function EditTwins({ e, record, f, value }) {
  const [list, setList] = useState([]);
  const asked = JSON.stringify(value ?? null);
  useEffect(() => {
    if (asked === JSON.stringify(record[f.name] ?? null)) { setList([]); return undefined; }
    const stop = new AbortController();
    const timer = setTimeout(() => draft(e.name, record.id, { [f.name]: value }, { signal: stop.signal }).then((d) => setList(d.draft?.warnings ?? []), () => null), TYPE_MS);
    return () => { clearTimeout(timer); stop.abort(); };
  }, [asked]);
  return list.length > 0 && html`<div class="stack" role="status"><${Twins} list=${list} beside /></div>`;
}
