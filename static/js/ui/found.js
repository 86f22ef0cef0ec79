// What is found for a text while it is typed. Where the server does not answer
// that is said, and it can be asked again; typing on asks as well.
import { html, useEffect, useState } from '../lib/html.js';
import { t } from '../lib/i18n.js';
import { FailedLine, useLatest } from './basics.js';

/** Asks run({ signal }) for `key` after `wait` ms, nothing for null: { key, data, failed, again }; `key` is what the data are of. */
export function useFound(run, key, wait) {
  const [state, setState] = useState({ key: null, data: null, failed: false });
  const [round, setRound] = useState(0);
  const now = useLatest(run);
  useEffect(() => {
    if (key === null) { setState({ key: null, data: null, failed: false }); return undefined; }
    const stop = new AbortController();
    const timer = setTimeout(() => now.current({ signal: stop.signal }).then(
      (data) => setState({ key, data, failed: false }),
      (bad) => bad.name !== 'AbortError' && setState((s) => ({ ...s, failed: true })),
    ), wait);
    return () => { clearTimeout(timer); stop.abort(); };
  }, [key, round]);
  return { ...state, again: () => setRound((n) => n + 1) };
}

/** Says so beside the input, which keeps the focus. */
export const NotFound = ({ again }) => html`<div onPointerDown=${(e) => e.preventDefault()}><${FailedLine} text=${t('The server does not answer.')} retry=${again} /></div>`;

/** Says that nothing has this text, to one who types and to one who has left it: what he had typed is gone from the field. */
export const NoHit = ({ text }) => html`<span class="small dim no-hit" role="status">${t('Nothing found for “{text}”.', { text })}</span>`;
