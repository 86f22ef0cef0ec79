// The one place that knows the view library. Views import from here only.
import { h, render, Fragment } from '../../vendor/preact/preact.js';
import htm from '../../vendor/htm/htm.js';

export { render, Fragment };
export { useState, useEffect, useLayoutEffect, useRef, useMemo, useId } from '../../vendor/preact/hooks.js';
export { signal, computed, effect, batch, useSignal, useComputed } from '../../vendor/preact/signals.js';

/** Tagged template that makes elements; `<${Part} />` uses a component. */
export const html = htm.bind(h);

/** Joins class names, leaving out falsy ones. */
export const cx = (...names) => names.filter(Boolean).join(' ');

/** Address of a file under static/, with the build id it was loaded from. */
export const asset = (path) => new URL(`../../${path}`, import.meta.url).pathname;

const sheets = new Map();

function fetchSheet(name) {
  const link = document.createElement('link');
  const there = new Promise((done) => { link.onload = done; link.onerror = done; });
  link.rel = 'stylesheet';
  link.href = asset(`css/${name}.css`);
  document.head.append(link);
  return there;
}

/** Loads a part together with the style sheet that not every page has, `css/<name>.css`. */
export const styled = (name, load) => () => {
  if (!sheets.has(name)) sheets.set(name, fetchSheet(name));
  return Promise.all([load(), sheets.get(name)]).then(([part]) => part);
};
