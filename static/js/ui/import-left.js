// Which columns of a file an import leaves out, in words: nothing is lost without being told.
import { html } from '../lib/html.js';
import { t, tn } from '../lib/i18n.js';
import { leftOut } from '../lib/imports.js';
import { Notice } from './basics.js';

const NAMED = 8;

/** map: of the import; columns: of the file, as the server looked at them. */
export function LeftColumns({ map, columns }) {
  const left = leftOut(map, columns);
  if (!left.length) return null;
  const names = left.slice(0, NAMED).map((h) => `“${h || '—'}”`).join(', ');
  const rest = left.length - NAMED;
  return html`<${Notice} tone="info" icon="info"><span>${tn('{n} column of the file is left out: {names}.', '{n} columns of the file are left out: {names}.', left.length, { names: rest > 0 ? tn('{names} and {n} more', '{names} and {n} more', rest, { names }) : names })}</span><//>`;
}
