// The heading every view starts with: title left, actions right.
import { html, useEffect } from '../lib/html.js';
import { Link, pastDay } from '../lib/router.js';
import { meta, menu, entity } from '../lib/meta.js';
import { t } from '../lib/i18n.js';
import { Icon, IconButton } from './basics.js';
import { Bell } from './bell.js';
import { paletteOpen, drawer, startCreate } from './open.js';

/** First entity the user may create, where a page has none of its own. */
export const anyKind = () => menu().find((e) => e.can?.create)?.name;

/** Heading of a page: `crumb` [label, path], `count` in grey, `create` kind for New (false: none), with what it begins (`values`) and asks (`how`). */
export function PageHead({ title, count, crumb, create, values, how, children }) {
  const kind = create === false || pastDay() ? null : create && entity(create)?.can?.create ? create : anyKind();
  const name = title ?? crumb?.[0];
  useEffect(() => { document.title = name ? `${name} · ${meta.value?.company?.name || 'Kontor'}` : 'Kontor'; }, [name]);
  return html`
  <header class="page-head">
    <span class="phone-only"><${IconButton} icon="menu" label=${t('Menu')} onClick=${() => { drawer.value = true; }} /></span>
    <div class="row grow">${crumb && html`<${Link} to=${crumb[1]} class="crumb clip">${crumb[0]}<//>`}${crumb && title && html`<span class="crumb-sep" aria-hidden="true">/</span>`}${title && html`<h1 class="clip">${title}</h1>`}${count !== undefined && html`<span class="faint num page-count">${count}</span>`}</div>
    <div class="row page-actions">${children}<span class="phone-only">
        <${IconButton} icon="search" label=${t('Search')} onClick=${() => { paletteOpen.value = true; }} /></span>
      <${Bell} />
      ${kind && html`<button type="button" class="btn btn-primary new-button" onClick=${() => startCreate(kind, values, how)}><${Icon} name="plus" />
        <span class="new-text">${t('New')}</span></button>`}</div>
  </header>`;
}
