// What was typed into a form stays: over a reload as a draft on this device, and when it could
// not be sent the form says so, nothing in it is put back.
import { useEffect, useLayoutEffect, useRef } from '../lib/html.js';
import { online } from '../lib/api.js';
import { draftOf, keepDraft } from '../lib/drafts.js';
import { explain } from '../lib/records.js';
import { me } from '../lib/store.js';
import { t } from '../lib/i18n.js';

const unsent = () => t('Not saved: the server does not answer. What you typed is still here.');

/** As explain(), for what keeps what was typed. */
export const explainKept = (bad) => (bad.status === 0 ? unsent() : explain(bad));

/** Calls `clear` when the server answers again and the form still says that it does not. */
export function useAnswering(said, clear) {
  const up = online.value;
  useEffect(() => { if (up && said === unsent()) clear(); }, [up]);
}

/** What was left in the form of that name, or null. */
export const leftIn = (place) => draftOf(me().id, place);

/**
 * Keeps `left` under a name as long as it is not what the form began with (`fresh`: as it is without
 * a draft). `about`: the title and the address where it goes on. Returns what lets go of it.
 */
export function useDraft(place, left, fresh, about) {
  const start = useRef(JSON.stringify(fresh));
  const text = JSON.stringify(left);
  const drop = () => keepDraft(me().id, place, null);
  useLayoutEffect(() => { /* with the key, not a frame later */
    if (text !== start.current) keepDraft(me().id, place, left, about);
    else drop();
  }, [place, text]);
  return drop;
}
