// What lies over the page right now. Kept apart so that anything may open it.
import { signal } from '../lib/html.js';
import { rare } from '../lib/i18n.js';
import { fetched } from '../lib/toast.js';

/** True while the search palette is open. */
export const paletteOpen = signal(false);
/** True while the shortcut list is open. */
export const helpOpen = signal(false);
/** True while the phone's navigation drawer is open. */
export const drawer = signal(false);
/** null, or what is being created: { kind, values, how }. */
export const creating = signal(null);

/** null, or the move of a record that waits for an answer (see stages.js). */
export const asking = signal(null);

/** null, or what was done: { step } ticks it off, { kind, about: [{ entity, id }] } logs it,
 * beginning with `note`, and calls saved() (see finish.js). */
export const finishing = signal(null);

/** Opens the create dialog for an entity with some fields filled in; `how`: { ask: more fields, first: that which has the focus }. */
export const startCreate = (kind, values = {}, how = {}) => { creating.value = { kind, values, how }; };

/** Moves a record to a stage, see stages.js: fetched with the first move. */
/** Moves a record to another pipeline, with the question to which stage. */
export const changePipeline = (...move) => fetched(rare(() => import('./stages.js')), (m) => m.changePipeline(...move));
export const moveTo = (...move) => fetched(rare(() => import('./stages.js')), (m) => m.moveTo(...move));
