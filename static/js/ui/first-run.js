// On the home page of an empty system: what to do first, with what is done already.
import { html } from '../lib/html.js';
import { entities, meta } from '../lib/meta.js';
import { isAdmin } from '../lib/store.js';
import { Link } from '../lib/router.js';
import { t, noun } from '../lib/i18n.js';
import { Icon } from './basics.js';
import { startCreate } from './open.js';

const Step = ({ icon, done, title, text, children }) => html`<li class=${done ? 'first-step is-done' : 'first-step'}>
  <span class="first-mark"><${Icon} name=${done ? 'check' : icon} /></span>
  <div class="grow"><h3>${title}</h3><p class="small dim">${text}</p></div>${!done && children}</li>`;

export default function FirstRun({ list, counts }) {
  const admin = isAdmin();
  return html`<section class="card" aria-labelledby="h-first"><div class="card-head"><h2 id="h-first">${t('First steps')}</h2></div><ol class="first">
    <${Step} icon="building-2" done title=${t('Company is set up')} text=${t('{name}, amounts in {currency}', { name: meta.value.company.name, currency: meta.value.company.currency })} />
    ${admin && html`<${Step} icon="user-plus" title=${t('Invite your colleagues')} text=${t('Each gets a one-time link and chooses a password.')}><${Link} class="btn" to="/people">${t('Add people')}<//><//>`}
    ${entities().some((e) => e.can?.import) && html`<${Step} icon="upload" title=${t('Bring your data along')} text=${t('A spreadsheet, an address book or the export of another program; a trial shows everything first. Or on the server: kontor import company companies.csv')}><${Link} class="btn" to="/import">${t('Import')}<//><//>`}
    ${list.map((e, i) => html`<${Step} key=${e.name} icon=${e.icon || 'folder'} done=${counts[i] > 0} title=${t('Add the first {thing}', { thing: noun(e.label) })} text=${t('Or start by hand, one at a time.')}>
      ${e.can?.create && html`<button type="button" class="btn" onClick=${() => startCreate(e.name)}>${t('Add')}</button>`}<//>`)}
    ${admin && html`<${Step} icon="kanban" title=${t('Shape the pipeline')} text=${t('Stages, own fields and views are files on the server; settings show what is loaded.')}><${Link} class="btn" to="/settings">${t('Open settings')}<//><//>`}</ol></section>`;
}
