// The frame of the pages before sign-in: form left, a quiet picture right.
import { html, asset, useState } from '../lib/html.js';
import { setPref } from '../lib/store.js';
import { t, locale } from '../lib/i18n.js';
import { Icon, Notice } from './basics.js';

// Deals moving across ledger paper.
const CARDS = [
  [92, 188, 76, 'a'], [92, 276, 60, 'a'], [92, 348, 88, 'a'], [92, 448, 64, 'a'],
  [224, 188, 64, 'b'], [224, 264, 84, 'b'], [224, 360, 62, 'b'],
  [356, 188, 88, 'c'], [356, 288, 66, 'c'], [488, 188, 76, 'won'],
];
const LINES = 20;

const Picture = () => html`<aside class="signin-art" aria-hidden="true">
  <svg viewBox="0 0 640 800" preserveAspectRatio="xMinYMid slice">
    ${Array.from({ length: LINES }, (_, i) => html`<line key=${i} class="ledger" x1="0" x2="1400" y1=${i * 42 + 20} y2=${i * 42 + 20} />`)}
    <line class="ledger-margin" x1="64" x2="64" y1="0" y2="800" />
    ${CARDS.map(([x, y, h, kind]) => html`<g key=${`${x} ${y}`}>
      <rect class=${`sheet-card sheet-${kind}`} x=${x} y=${y} width="120" height=${h} rx="10" />
      <rect class="sheet-line" x=${x + 14} y=${y + 16} width="72" height="6" rx="3" />
      <rect class="sheet-line sheet-thin" x=${x + 14} y=${y + 32} width="46" height="6" rx="3" /></g>`)}
  </svg><p>${t('Your customers, on your own server.')}</p></aside>`;

/** Page outside the application; `children` is the form. */
export function Outside({ children }) {
  const other = locale.value.startsWith('en') ? ['de', 'Deutsch'] : ['en', 'English'];
  return html`<main class="signin">
    <section class="signin-form">
      <div class="row"><img src=${asset('img/logo.svg')} alt="" width="34" height="34" />
        <span class="signin-brand">Kontor</span></div>
      ${children}
      <footer class="small faint"><span class="row"><${Icon} name="server" />${location.host}</span>
        <button type="button" class="btn btn-quiet btn-sm push" onClick=${() => setPref({ language: other[0] })}>
          <${Icon} name="languages" />${other[1]}</button></footer>
    </section><${Picture} /></main>`;
}

/** What the server asks of a password, all of it (lib/core/password_rules.c). */
export const passwordRules = () => t('At least 12 characters, nothing common or repeated, not made of your name, your e-mail address or the company. A short sentence works well.');

/** Password input with a button that shows what is typed. */
export function Password({ id, label, hint, error, ...rest }) {
  const [show, setShow] = useState(false);
  return html`<div class="field"><label for=${id}>${label}</label>
    <div class="with-button"><input class="input" id=${id} name=${id} type=${show ? 'text' : 'password'} aria-invalid=${error ? 'true' : undefined} aria-describedby=${error ? `${id}-e` : hint ? `${id}-h` : undefined} ...${rest} />
      <button type="button" class="btn btn-quiet btn-icon" aria-pressed=${show} aria-label=${t('Show password')} onClick=${() => setShow(!show)}>
        <${Icon} name=${show ? 'eye-off' : 'eye'} /></button></div>
    ${error ? html`<span class="error" id=${`${id}-e`}>
      <${Icon} name="circle-alert" />${error}</span>` : hint && html`<span class="hint" id=${`${id}-h`}>${hint}</span>`}</div>`;
}

/** Error of a whole form. */
export const FormError = ({ text }) => text && html`<${Notice} tone="bad" icon="circle-alert" alert>${text}<//>`;
