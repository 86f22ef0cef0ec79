// First run: company and first administrator, with the one-time code the server
// printed when it started.
import { html, useState, useEffect } from '../lib/html.js';
import { get } from '../lib/api.js';
import { setUp } from '../lib/store.js';
import { route } from '../lib/router.js';
import { t } from '../lib/i18n.js';
import { Icon, SkeletonLines, useLoad } from '../ui/basics.js';
import { Outside, Password, FormError, passwordRules } from '../ui/outside.js';

const CURRENCIES = ['EUR', 'USD', 'GBP', 'CHF', 'DKK', 'SEK', 'NOK', 'PLN', 'CZK', 'HUF', 'RON', 'BGN', 'TRY', 'CAD', 'AUD', 'NZD', 'JPY', 'CNY', 'INR', 'BRL', 'MXN', 'ZAR'];
const zones = () => { try { return Intl.supportedValuesOf('timeZone'); } catch { return []; } };
const here = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

const Text = ({ name, label, error, hint, ...rest }) => html`<div class="field"><label for=${name}>${label}</label>
  <input class="input" id=${name} name=${name} aria-invalid=${error ? 'true' : undefined} aria-describedby=${error ? `${name}-e` : undefined} ...${rest} />
  ${error ? html`<span class="error" id=${`${name}-e`}>
    <${Icon} name="circle-alert" />${error}</span>` : hint && html`<span class="hint">${hint}</span>`}</div>`;

const among = (all, one) => (all.includes(one) ? all : [one, ...all]);

/** What must be filled in, by name and label. */
const NEEDED = () => [['code', t('Set-up code')], ['company', t('Company')], ['name', t('Your name')], ['email', t('Your e-mail address')], ['password', t('Password')]];

/** `known`: what kontor init was told, else empty. */
function Company({ errors, known, first }) {
  const zone = known.zone ?? here();
  const currency = known.currency ?? CURRENCIES[0];
  return html`<${Text} name="company" label=${t('Company')} error=${errors.company} defaultValue=${known.name} autocomplete="organization" autofocus=${first} />
    <div class="form-grid"><div class="field"><label for="currency">${t('Currency')}</label>
        <select class="select" id="currency" name="currency">${among(CURRENCIES, currency).map((c) => html`<option key=${c} value=${c} selected=${c === currency}>${c}</option>`)}</select></div>
      <div class="field"><label for="zone">${t('Time zone')}</label>
        <select class="select" id="zone" name="zone">${among(zones(), zone).map((z) => html`<option key=${z} value=${z} selected=${z === zone}>${z}</option>`)}</select></div></div>`;
}

export default function Setup() {
  const { code = '' } = route.value.query;
  const [errors, setErrors] = useState({});
  const [busy, setBusy] = useState(false);
  const first = useLoad((o) => get('/setup', null, { ...o, anonymous: true }), []);
  useEffect(() => { document.title = t('Set up Kontor'); }, []);
  const complain = (found) => {
    setErrors(found);
    requestAnimationFrame(() => document.querySelector('[aria-invalid="true"]')?.focus());
  };
  const submit = async (ev) => {
    ev.preventDefault();
    const values = Object.fromEntries(new FormData(ev.target));
    const missing = NEEDED().filter(([name]) => name in values && !values[name].trim());
    if (missing.length) { complain(Object.fromEntries(missing.map(([name, label]) => [name, t('{field} is required.', { field: label })]))); return; }
    setBusy(true);
    try {
      await setUp({ ...values, code: values.code ?? code, sample: values.sample === 'on' });
    } catch (e) {
      const fields = Object.fromEntries((e.fields ?? []).map((f) => [f.where.split('.').pop(), f.text]));
      complain(Object.keys(fields).length ? fields : { '': e.status === 0 ? t('The server does not answer.') : e.message });
    }
    setBusy(false);
  };
  if (first.busy) return html`<${Outside}><${SkeletonLines} lines=${6} /><//>`;
  return html`<${Outside}><form class="stack setup" onSubmit=${submit} novalidate>
    <div><h1>${t('Set up Kontor')}</h1><p class="dim">${t('Two minutes: your company, and you as the first administrator.')}</p></div>
    <${FormError} text=${errors[''] ?? (code && errors.code)} />
    ${!code && html`<${Text} name="code" label=${t('Set-up code')} error=${errors.code} hint=${t('The server printed it when it started.')} autofocus />`}
    <${Company} errors=${errors} known=${first.data?.company ?? {}} first=${Boolean(code)} />
    <${Text} name="name" label=${t('Your name')} error=${errors.name} autocomplete="name" />
    <${Text} name="email" label=${t('Your e-mail address')} type="email" error=${errors.email} autocomplete="username" />
    <${Password} id="password" label=${t('Password')} error=${errors.password} autocomplete="new-password" hint=${passwordRules()} />
    <label class="row small">
      <input type="checkbox" class="check" name="sample" />${t('Fill it with sample data, to be undone from Home')}</label>
    <button type="submit" class="btn btn-primary" aria-disabled=${busy}>${busy ? t('Setting up…') : t('Start')}</button></form><//>`;
}
