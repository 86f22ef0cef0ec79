// Who else has this record open, and who of them edits it. The page says what it
// shows over its stream of live changes, and says it anew on the next one.
import { html, useState, useEffect } from '../lib/html.js';
import { post } from '../lib/api.js';
import { pathOf } from '../lib/meta.js';
import { stream, present } from '../lib/live.js';
import { t } from '../lib/i18n.js';
import { Avatar, Icon } from './basics.js';

const SHOWN = 3;
const REST_MS = 400; /* from one field to the next the editing goes on */
const tab = Math.random().toString(36).slice(2, 10);
const EDITS = '.detail :is(input, textarea, select), [data-edits] :is(input, textarea, select)';

/** Says that this tab shows the record, while it does, and whether one of its fields is being edited. */
function useSaying(kind, id) {
  const on = stream.value;
  useEffect(() => {
    if (!on) return undefined;
    let editing = false;
    let rest = 0;
    const say = (more) => post(`${pathOf(kind)}/${id}/present`, { stream: on, tab, editing, ...more }, { anonymous: true, keepalive: true }).catch(() => null);
    const show = () => say(document.visibilityState === 'visible' ? {} : { gone: true });
    const edits = (now) => { clearTimeout(rest); if (editing !== now) rest = setTimeout(() => { editing = now; show(); }, now ? 0 : REST_MS); };
    const into = (e) => edits(Boolean(e.target.closest?.(EDITS)));
    const out = (e) => { if (!e.relatedTarget) edits(false); };
    show();
    document.addEventListener('visibilitychange', show);
    document.addEventListener('focusin', into);
    document.addEventListener('focusout', out);
    return () => {
      clearTimeout(rest);
      document.removeEventListener('visibilitychange', show);
      document.removeEventListener('focusin', into);
      document.removeEventListener('focusout', out);
      say({ gone: true });
    };
  }, [kind, id, on]);
}

const names = (people) => people.map((p) => p.title).join(', ');

export default function Here({ kind, id }) {
  const [people, setPeople] = useState([]);
  const said = present.value;
  useSaying(kind, id);
  useEffect(() => setPeople([]), [kind, id, stream.value]);
  useEffect(() => { if (said && String(said.id) === String(id)) setPeople(said.people); }, [said]);
  if (!people.length) return null;
  const editing = people.filter((p) => p.editing);
  const of = editing.length ? editing : people;
  const n = of.length;
  const name = names(of);
  const text = editing.length ? (n > 1 ? t('{n} are editing', { n }) : t('{name} is editing', { name })) : n > 1 ? t('{n} are here too', { n }) : t('{name} is here too', { name });
  return html`<span class="here" role="status" title=${n > 1 ? `${text}: ${name}` : text}>
    ${people.slice(0, SHOWN).map((p) => html`<${Avatar} key=${p.id} name=${p.title} id=${p.id} size="sm" />`)}
    <span class=${editing.length ? 'here-edits' : 'here-reads'}>${editing.length > 0 && html`<${Icon} name="pencil" />`}<span class="clip">${text}</span></span></span>`;
}
