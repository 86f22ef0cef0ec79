// Which view a list opens with, and whether it is a list or a board.
import { boardFields, pipelinesOf } from './meta.js';
import { prefs } from './store.js';

/** Address of a list that shows everything, whatever view it opens with. */
export const ALL = 'all';

/** Views people saved, beside those of the configuration. */
export const isSaved = (view) => view.shared !== undefined;

/** The configuration's view of everything; a saved one never stands in for it. */
export const plainView = (e) => e.views?.find((v) => !v.filter && !isSaved(v)) ?? null;

/** The view a list opens with: the reader's choice, the team's, everybody's, that of the configuration. */
export function firstView(e) {
  const views = e.views ?? [];
  const own = prefs.value.first?.[e.name];
  if (own === ALL) return plainView(e);
  return views.find((v) => String(v.id) === String(own)) ?? views.find((v) => v.opens && v.audience === 'team') ?? views.find((v) => v.opens && v.audience === 'all') ?? views.find((v) => v.default) ?? plainView(e);
}

/** Does the address name a view the reader may not see, or that is gone? */
export const isUnseen = (e, query) => Boolean(query.view) && query.view !== ALL && !(e.views ?? []).some((v) => String(v.id) === query.view);

/** The view an address names; without one, the view the list opens with. */
export function viewOf(e, query) {
  const views = e.views ?? [];
  const plain = plainView(e);
  if (query.view === undefined) return firstView(e);
  return views.find((v) => String(v.id) === query.view) ?? (query.view === ALL ? plain : null);
}

/** Do records of this kind close in a month, won or open? */
export const hasForecast = (e) => pipelinesOf(e).length > 0 && ['close_date', 'won_at'].every((n) => e.fields.some((f) => f.name === n));

/** Mode of a list: as the address says, else the view's, else board for pipelines. */
export function modeOf(e, query) {
  const mode = query.mode ?? (query.view && viewOf(e, query)?.mode) ?? firstView(e)?.mode ?? (pipelinesOf(e).length ? 'board' : 'list');
  if (mode === 'forecast' && hasForecast(e)) return mode;
  return mode === 'board' && boardFields(e).length ? 'board' : 'list';
}
