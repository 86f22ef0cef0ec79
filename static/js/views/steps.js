// What was done, step by step over all records: one's own, or everybody's as far
// as one may see it, each with the way back.
import { html, useState, useEffect } from '../lib/html.js';
import { get } from '../lib/api.js';
import { entities } from '../lib/meta.js';
import { valuesOf, undo } from '../lib/records.js';
import { route, setQuery } from '../lib/router.js';
import { t } from '../lib/i18n.js';
import { longDay, parse, isoDay } from '../lib/format.js';
import { PageHead } from '../ui/page.js';
import { Icon, Empty, Failed, SkeletonRows, useLoad } from '../ui/basics.js';
import { ChangeEntry, worthTelling } from '../ui/changes.js';

const PAGE = 50;

/** Steps by the day they were made. */
function byDay(items) {
  const days = new Map();
  for (const c of items) {
    const day = c.at ? isoDay(parse(c.at)) : '';
    days.set(day, [...(days.get(day) ?? []), c]);
  }
  return [...days];
}

/** The newest step that can be taken back, in one press. */
function Last({ items }) {
  const last = items.find((c) => c.undoable && !c.undo_of);
  return last && html`<button type="button" class="btn btn-sm push" onClick=${() => undo(last.id, last.record?.entity ?? last.entity, last.record?.id)}><${Icon} name="undo-2" />${t('Undo the last step')}</button>`;
}

export default function Steps() {
  const all = route.value.query.who === 'all';
  const [more, setMore] = useState({ items: [], next: null });
  const list = useLoad((o) => get('/changes', { limit: PAGE, mine: all ? undefined : 1 }, o), [all, entities().map((e) => valuesOf(e.name)).join()]);
  useEffect(() => setMore({ items: [], next: list.data?.next }), [list.data]);
  const add = async () => { const page = await get('/changes', { limit: PAGE, mine: all ? undefined : 1, cursor: more.next }); setMore({ items: [...more.items, ...page.items], next: page.next }); };
  const items = [...(list.data?.items ?? []), ...more.items].filter(worthTelling);
  const who = (value, label) => html`<button type="button" class="btn btn-sm" aria-pressed=${(value === 'all') === all} onClick=${() => setQuery({ who: value })}>${label}</button>`;
  return html`<div class="page"><${PageHead} title=${t('Steps')} create=${false} />
    <div class="toolbar"><div class="segments" role="group" aria-label=${t('Whose steps')}>${who('', t('Mine'))}${who('all', t('Everybody'))}</div>${!all && html`<${Last} items=${items} />`}</div>
    <div class="page-body" tabindex="-1">${list.error ? html`<${Failed} title=${t('The changes could not be loaded')} text=${list.error.message} retry=${list.again} />`
      : !list.data ? html`<${SkeletonRows} cols=${3} />` : !items.length ? html`<${Empty} icon="history" title=${t('No steps yet')} text=${t('What you change appears here and can be taken back.')} />`
      : byDay(items).map(([day, steps]) => html`<section class="steps-day" key=${day}><h2 class="group-head">${day ? longDay(parse(day)) : t('Before')}</h2><ul class="feed">${steps.map((c) => html`<${ChangeEntry} key=${c.id} c=${c} />`)}</ul></section>`)}
      ${more.next && html`<p class="steps-more"><button type="button" class="btn btn-sm" onClick=${add}>${t('Show more')}</button></p>`}</div></div>`;
}
