// Translation: the English sentence is the key; catalogues are flat JSON.
// t with a sentence, t with { name } for its placeholders, tn with both forms and
// a number, key for sentences kept in tables.
import { signal, asset } from './html.js';

const REGION = { en: 'en-GB', de: 'de-DE' };

/** Language tag in use, such as "de-DE". */
export const locale = signal('en-GB');
const catalogue = signal({});
const areas = signal({});

const fill = (text, vars) => text.replace(/\{(\w+)\}/g, (m, k) => (k in vars ? vars[k] : m));

const said = (text) => catalogue.value[text] ?? areas.value[text];

/** Translates a sentence and fills its {placeholders}. */
export function t(text, vars = {}) {
  return fill(said(text) ?? text ?? '', vars);
}

/** As t(), choosing the plural form for n; {n} is the formatted number. */
export function tn(one, other, n, vars = {}) {
  const rule = new Intl.PluralRules(locale.value).select(n);
  const forms = said(other);
  const text = forms ? forms[rule] ?? forms.other : rule === 'one' ? one : other;
  return fill(text, { n: new Intl.NumberFormat(locale.value).format(n), ...vars });
}

/** As t(), with elements in the places of {placeholders}: a list to draw. */
export const woven = (text, nodes) => t(text).split(/\{(\w+)\}/).map((part, i) => (i % 2 ? nodes[part] ?? '' : part));

/** Marks a text that is translated where it is shown. */
export const key = (text) => text;

/** A noun from the metadata inside a sentence: small in English, as it is elsewhere. */
export const noun = (label) => {
  const word = t(label);
  return locale.value.startsWith('en') && /^[A-Z][a-z]/.test(word) ? word[0].toLowerCase() + word.slice(1) : word;
};

/** Language the browser asks for, if there is a catalogue for it. */
export const browserLanguage = () => (navigator.languages ?? []).map((l) => l.slice(0, 2)).find((l) => REGION[l]) ?? 'en';

let language = 'en';
/** Areas whose texts are there or on their way. */
const asked = new Map();

async function read(name) {
  const res = language === 'en' ? null : await fetch(asset(`i18n/${name}.json`)).catch(() => null);
  return res?.ok ? res.json() : {};
}

function readArea(area) {
  asked.set(area, read(`${language}-${area}`).then((texts) => { areas.value = { ...areas.value, ...texts }; if (language !== 'en' && !Object.keys(texts).length) asked.delete(area); }));
  return asked.get(area);
}

/** Loads a catalogue ("en", "de") and redraws everything. */
export async function setLanguage(lang) {
  language = lang;
  if (lang === 'en') areas.value = {};
  const [texts] = await Promise.all([read(lang), ...[...asked.keys()].map(readArea)]);
  catalogue.value = texts;
  locale.value = (navigator.languages ?? []).find((l) => l.length > 2 && l.startsWith(lang) && lang !== 'en') ?? REGION[lang] ?? lang;
  document.documentElement.lang = lang;
}

/**
 * Loads a part that not every page has together with the texts of its area, `de-<area>.json`: a view's, or those of all that is
 * only loaded when somebody asks for it.
 */
export const rare = (load, area = 'more') => () => Promise.all([load(), asked.get(area) ?? readArea(area)]).then(([part]) => part);
