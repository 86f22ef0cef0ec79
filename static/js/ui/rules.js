// The rules of the firm as they are in use, for administrators in the
// settings. They stand in a file; here is what they do.
import { html } from '../lib/html.js';
import { get } from '../lib/api.js';
import { t } from '../lib/i18n.js';
import { Icon, Empty, Failed, SkeletonLines, Notice, useLoad } from './basics.js';

const Line = ({ word, text }) => html`<div><dt>${word}</dt><dd><code class="small">${text}</code></dd></div>`;

const Rule = ({ x }) => html`<li class="card" id=${`rule-${x.name}`}><div class="card-head"><h3>${x.name}</h3></div>
  <div class="card-body stack">${x.help && html`<p>${t(x.help)}</p>`}
    ${x.problems.map((p) => html`<${Notice} key=${p} tone="warn" icon="triangle-alert">${p}<//>`)}
    <dl class="keys"><${Line} word=${x.when === 'before' ? t('Before') : t('After')} text=${x.changes.join(', ')} />
      ${x.if && html`<${Line} word=${t('If')} text=${x.if} />`}
      ${x.do.map((d, i) => html`<${Line} key=${i} word=${i ? '' : t('Do')} text=${d} />`)}</dl></div></li>`;

/** All of them, in the order in which they act. */
export default function Rules() {
  const list = useLoad((o) => get('/rules', {}, o), []);
  const items = list.data?.items;
  return html`<header><h2 class="settings-title">${t('Rules')}</h2>
      <p class="dim small">${t('What Kontor does by itself when something changes. They stand in rules.yaml; here is what is in use, in the order in which it acts.')}</p></header>
    ${list.error && html`<${Failed} title=${t('The rules could not be loaded')} text=${list.error.message} retry=${list.again} />`}
    ${!items && !list.error && html`<${SkeletonLines} lines=${6} />`}
    ${items && !items.length && html`<${Empty} icon="sliders-horizontal" title=${t('There are no rules yet')} text=${t('Write them into rules.yaml; conf/README.md and the examples show how.')} />`}
    ${items?.length > 0 && html`<ul class="stack rules">${items.map((x) => html`<${Rule} key=${x.name} x=${x} />`)}</ul>`}`;
}
