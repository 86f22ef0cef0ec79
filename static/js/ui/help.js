// The shortcuts that work on the current page, and the switch for single keys.
import { html } from '../lib/html.js';
import { shortcuts } from '../lib/keys.js';
import { prefs, setPref } from '../lib/store.js';
import { t } from '../lib/i18n.js';
import { Kbd } from './basics.js';
import { Dialog } from './layers.js';
import { helpOpen } from './open.js';

const FIXED = () => [['Enter', t('Edit a cell or open a card')], ['Space', t('Tick a row')], ['Esc', t('Close, or revert an edit')], ['Shift+→', t('Move a card')], ['Ctrl+Enter', t('Save what is being written')]];

export default function Help() {
  const list = [...shortcuts().map(({ keys, label }) => [keys, label]), ...FIXED()];
  return html`<${Dialog} title=${t('Keyboard shortcuts')} foot="" onClose=${() => { helpOpen.value = false; }}>
    <div class="dialog-body">
      <label class="row"><input type="checkbox" class="check" checked=${prefs.value.keys} onChange=${(e) => setPref({ keys: e.target.checked })} />${t('Use single-key shortcuts')}</label>
      <dl class="keys">${list.map(([keys, label]) => html`<div key=${keys}><dt>${label}</dt><dd>
        <${Kbd} keys=${keys} /></dd></div>`)}</dl>
    </div><//>`;
}
