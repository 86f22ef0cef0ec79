// Shows in a text where it holds what was searched for: folded as the server does, digits whatever stands between them.
import { html } from './html.js';

const PLAIN = { ø: 'o', ł: 'l', đ: 'd', ð: 'd', ħ: 'h', ı: 'i', æ: 'ae', œ: 'oe', þ: 'th', ß: 'ss', '’': "'", '–': '-' };
const NUMBER = /^[\d\s+()/.-]+$/;

/** Folded for comparing: no case, no marks. */
export const fold = (s) => s.toLowerCase().normalize('NFKD').replace(/\p{M}/gu, '').replace(/[øłđðħıæœþß’–]/g, (c) => PLAIN[c]);

/** The letters of a text that count, each with the place it comes from. */
function letters(text, keep) {
  let folded = '';
  const from = [];
  let at = 0;
  for (const c of text) {
    for (const one of keep(c)) { folded += one; from.push(at); }
    at += c.length;
  }
  return { folded, from: [...from, at] };
}

function places(text, words, keep) {
  const { folded, from } = letters(text, keep);
  const found = [];
  for (const w of words) {
    for (let i = folded.indexOf(w); w && i >= 0; i = folded.indexOf(w, i + w.length)) found.push([from[i], from[i + w.length - 1]]);
  }
  return found.map(([a, z]) => [a, z + String.fromCodePoint(text.codePointAt(z)).length]);
}

/** The longest end of the number that the text holds: its beginning may be a country code. */
function ends(text, q) {
  const digits = q.replace(/\D/g, '');
  for (let n = digits.length; n >= 4; n--) {
    const found = places(text, [digits.slice(-n)], (c) => (/\d/.test(c) ? c : ''));
    if (found.length) return found;
  }
  return [];
}

/** The text as pieces, those of the query in <mark>. */
export function marked(text, q) {
  const words = fold(q).split(/\s+/).filter((w, i, all) => w.length > 1 || all.length === 1);
  const found = (NUMBER.test(q) && q.replace(/\D/g, '').length >= 4 ? ends(text, q) : places(text, words, fold)).sort((a, b) => a[0] - b[0]);
  const out = [];
  let at = 0;
  for (const [from, to] of found) {
    if (from < at) continue;
    out.push(text.slice(at, from), html`<mark>${text.slice(from, to)}</mark>`);
    at = to;
  }
  return [...out, text.slice(at)];
}
