// A filter of the expression language in words, as chips: one for each of its
// conditions. Loaded when a list has such a filter.
import { html, useEffect, useState } from '../lib/html.js';
import { setQuery } from '../lib/router.js';
import { t, tn, key, woven } from '../lib/i18n.js';
import { date, number } from '../lib/format.js';
import { OPS, classOf, groupText, parseFilter, stagesOf, subject, subjectName } from '../lib/filter.js';
import { Icon } from './basics.js';
import { withOptions } from './field.js';
import { Title } from './filters.js';

const joined = (parts, word) => parts.map((p, i) => html`${i > 0 && word}${p}`);

/** Options of a choice, those of every pipeline for a stage. */
export const optionsOf = (e, f) => (f.type === 'stage' ? stagesOf(e) : withOptions(f, null).options ?? []);

export const UNITS = { day: key('days'), week: key('weeks'), month: key('months'), quarter: key('quarters'), year: key('years') };
const AMOUNT = { day: (n) => tn('{n} day', '{n} days', n), week: (n) => tn('{n} week', '{n} weeks', n), month: (n) => tn('{n} month', '{n} months', n), quarter: (n) => tn('{n} quarter', '{n} quarters', n), year: (n) => tn('{n} year', '{n} years', n) };
export const THIS = { day: key('Today'), week: key('This week'), month: key('This month'), quarter: key('This quarter'), year: key('This year') };

function one(s, c, v) {
  if (c === 'link') return v === 'my_team' ? t('My team') : html`<${Title} field=${s.f} id=${v} />`;
  if (c === 'date') return date(v);
  if (c === 'number') return number(v);
  const option = optionsOf(s.e, s.f ?? {}).find((o) => o.id === v);
  return option ? t(option.label) : `“${v}”`;
}

const amountText = ([n, unit]) => AMOUNT[unit]?.(Number(n)) ?? `${number(n)} ${unit}`;

function ValueWords({ s, leaf }) {
  const c = classOf(s.f);
  const { value: kind, both } = OPS[leaf.op];
  if (kind === 'list') return joined(leaf.value.map((v) => one(s, c, v)), both ? t(' and ') : t(' or '));
  if (kind === 'pair') return woven(key('{from} to {to}'), { from: one(s, c, leaf.value[0]), to: one(s, c, leaf.value[1]) });
  if (kind === 'amount') return amountText(leaf.value);
  if (kind === 'unit') return t(THIS[leaf.value]);
  return kind === 'text' ? `“${leaf.value}”` : one(s, c, leaf.value);
}

function LeafWords({ root, leaf }) {
  const s = subject(root, leaf);
  const name = subjectName(root, leaf);
  const field = leaf.where?.parts.length ? woven(key('{field} where {condition}'), { field: name, condition: html`(<${GroupWords} root=${s.of} group=${leaf.where} />)` }) : name;
  return woven(OPS[leaf.op].says, { field: html`<span>${field}</span>`, value: html`<b><${ValueWords} s=${s} leaf=${leaf} /></b>` });
}

/** One part of a group in words. */
function PartWords({ root, part, inner }) {
  if (part.text !== undefined) return html`<span class="mono">${part.text}</span>`;
  if (!part.parts) return html`<${LeafWords} root=${root} leaf=${part} />`;
  const words = html`<${GroupWords} root=${root} group=${part} />`;
  return inner && part.how !== 'none' && part.parts.length > 1 ? html`(${words})` : words;
}

function GroupWords({ root, group }) {
  const parts = group.parts.map((p) => html`<${PartWords} root=${root} part=${p} inner />`);
  if (group.how === 'none') return woven(key('none of ({list})'), { list: joined(parts, t(' or ')) });
  return joined(parts, group.how === 'any' ? t(' or ') : t(' and '));
}

/** The chips of the filter `text`, kept in the address as `name`; open() leads to the builder. */
export default function Words({ e, text, name, open }) {
  const [read, setRead] = useState({ text: '', group: null });
  useEffect(() => {
    const stop = new AbortController();
    parseFilter(e, text, { signal: stop.signal }).then((group) => setRead({ text, group }), (bad) => bad.name !== 'AbortError' && setRead({ text, group: null }));
    return () => stop.abort();
  }, [e.name, text]);
  const group = read.text === text ? read.group : null;
  const parts = group?.how === 'all' ? group.parts : [group ?? { text }];
  /* Without its last condition a view shows everything, not what it showed before. */
  const drop = (part) => setQuery({ [name]: group && parts.length > 1 ? groupText(e, { how: 'all', parts: parts.filter((p) => p !== part) }) : name === 'whole' ? 'true' : '' });
  if (name === 'whole' && text === 'true') return null;
  return parts.map((part, i) => html`<span class="chip chip-own" key=${i}>
    <button type="button" class="chip-text" onClick=${open}><span class="clip"><${PartWords} root=${e} part=${part} /></span></button>
    <button type="button" class="chip-x" aria-label=${t('Remove this condition')} onClick=${() => drop(part)}><${Icon} name="x" /></button></span>`);
}
