// What a form says when it could not be sent: in it nothing is put back, what was typed stands there still.
import { useEffect } from '../lib/html.js';
import { online } from '../lib/api.js';
import { explain } from '../lib/records.js';
import { t } from '../lib/i18n.js';

const unsent = () => t('Not saved: the server does not answer. What you typed is still here.');

/** As explain(), for what keeps what was typed. */
export const explainKept = (bad) => (bad.status === 0 ? unsent() : explain(bad));

/** Calls `clear` when the server answers again and the form still says that it does not. */
export function useAnswering(said, clear) {
  const up = online.value;
  useEffect(() => { if (up && said === unsent()) clear(); }, [up]);
}
