// Settings are files; this page shows what the server read, what is wrong with
// it, and what applying would do. The files stay the one truth.
import { html, asset, cx, useState, useEffect } from '../lib/html.js';
import { apiUrl, get, post } from '../lib/api.js';
import { loadMeta, entity } from '../lib/meta.js';
import { explain } from '../lib/records.js';
import { isAdmin } from '../lib/store.js';
import { setQuery, route, go, Link } from '../lib/router.js';
import { toast } from '../lib/toast.js';
import { t, tn, key, rare } from '../lib/i18n.js';
import { bytes, number, moment, ago } from '../lib/format.js';
import { PageHead } from '../ui/page.js';
import { ExportLog } from '../ui/export-log.js';
import { Icon, Empty, Failed, SkeletonLines, Notice, Later, useLoad } from '../ui/basics.js';

const Style = () => html`<link rel="stylesheet" href=${asset('css/settings.css')} />`;

const TOPICS = [['config', 'settings', key('Configuration')], ['rules', 'sliders-horizontal', key('Rules')], ['forms', 'inbox', key('Web forms')], ['status', 'server', key('Server')]];

const Rules = () => html`<${Later} load=${fetchRules} />`;
const fetchRules = rare(() => import('../ui/rules.js'));
const Forms = () => html`<${Later} load=${fetchForms} />`;
const fetchForms = rare(() => import('../ui/web-forms.js'));

/** Sections with an address of their own. */
const BESIDE = ['people', 'tags', 'profile'];

/** To look is to find out: what every page says of problems is asked for again. */
async function look(path, o) {
  const answer = await get(path, {}, o);
  loadMeta().catch(() => null);
  return answer;
}

/** Splits one YAML line into coloured pieces; no HTML strings involved. */
function paint(line) {
  const out = [];
  const rest = line.replace(/^(\s*(?:- )?)/, (m) => { out.push(m); return ''; });
  if (rest.startsWith('#')) return [...out, html`<span class="y-note">${rest}</span>`];
  const re = /([\w ]*\w):(?=\s|$)|("[^"]*")|(\b\d+(?:\.\d+)?\b)|([^\w"]+|\w+|")/g;
  for (const [, key, text, num, other] of rest.matchAll(re)) {
    out.push(key ? html`<span class="y-key">${key}</span>:` : text ? html`<span class="y-text">${text}</span>` : num ? html`<span class="y-num">${num}</span>` : other);
  }
  return out;
}

function Code({ file }) {
  const lines = (file.text ?? '').replace(/\n$/, '').split('\n');
  const bad = (n) => (file.problems ?? []).find((p) => Math.min(p.line, lines.length) === n); /* what is missing may be missed at the end */
  return html`<div class="code" tabindex="0" role="region" aria-label=${file.name}><div class="code-head">
    <${Icon} name="file-text" />${file.name}<span class="push badge">${t('read-only')}</span></div>
    <pre><ol>${lines.map((line, i) => html`<li key=${i} class=${cx(bad(i + 1) && 'is-bad')}>
      <span class="code-n num" aria-hidden="true">${i + 1}</span>
        <code>${paint(line)}</code>${bad(i + 1) && html`<span class="code-why">
        <${Icon} name="triangle-alert" />${bad(i + 1).text}</span>`}</li>`)}</ol></pre></div>`;
}

const PLAN_ICON = { add_entity: 'plus', add_field: 'plus', remove_field: 'trash-2', change: 'pencil', refuse: 'triangle-alert' };

function Plan({ config, onDone }) {
  const [sure, setSure] = useState(false);
  const loses = config.plan.some((p) => p.loses);
  const refused = config.plan.some((p) => p.kind === 'refuse') || config.problems?.length > 0;
  const apply = async () => {
    try {
      await post('/config/apply', loses ? { yes: true } : {});
      await loadMeta();
      toast(t('The configuration is in use'));
      onDone();
    } catch (bad) { toast(explain(bad), { bad: true }); }
  };
  return html`<section class="card" aria-labelledby="plan"><div class="card-head">
    <h2 id="plan">${t('What applying would do')}</h2></div>
    <div class="card-body stack"><ul class="plan">${config.plan.map((p, i) => html`<li key=${i} class=${cx('row', (p.loses || p.kind === 'refuse') && 'plan-loses')}><${Icon} name=${PLAN_ICON[p.kind] ?? 'circle'} /><span>${p.where ? `${p.where}: ${p.text}` : p.text}</span>${p.loses && html`<span class="badge badge-bad">${t('loses data')}</span>`}</li>`)}</ul>
      ${config.problems?.length > 0 && html`<p class="small dim">${t('It can be told when the problems are solved. Until then what is in use stays in use.')}</p>`}
      ${!config.plan.length && !config.problems?.length && html`<p class="small dim">${t('Only wording and layout change; no data is touched.')}</p>`}
      ${loses && !refused && html`<label class="row small">
        <input type="checkbox" class="check" checked=${sure} onChange=${(e) => setSure(e.target.checked)} />${t('I know that this loses data')}</label>`}
      <div class="row"><button type="button" class="btn btn-primary" disabled=${refused || (loses && !sure)} onClick=${apply}>${t('Apply')}</button>${refused && html`<span class="small faint">${t('Correct the files first.')}</span>`}</div></div></section>`;
}

const Fact = ({ icon, warn, title, text }) => html`<li class=${cx(warn && 'is-warn')}><${Icon} name=${icon} /><span>
  <b class="strong">${title}</b><br /><span class="small dim">${text}</span></span></li>`;

function Facts({ config: c }) {
  const n = c.problems?.length ?? 0;
  return html`<ul class="facts"><${Fact} icon="circle-check" title=${t('In use')} text=${c.applied_at ? t('applied {when}', { when: moment(c.applied_at) }) : t('as shipped')} />
    <${Fact} icon=${n ? 'triangle-alert' : 'circle-check'} warn=${n > 0} title=${n ? tn('{n} problem', '{n} problems', n) : t('No problems')} text=${n ? `${c.problems[0].file}:${c.problems[0].line}` : tn('{n} file read', '{n} files read', c.files.length)} />
    <${Fact} icon=${c.differs ? 'history' : 'circle-check'} warn=${c.differs} title=${c.differs ? t('Files differ') : t('Files match')} text=${c.differs ? t('from what is in use') : t('what is in use')} /></ul>`;
}

function FileTabs({ files, now }) {
  return html`<div class="tabs file-tabs" role="group" aria-label=${t('Files')}>${files.map((f) => html`<button type="button" key=${f.name} class="tab" aria-pressed=${f.name === now} onClick=${() => setQuery({ file: f.name })}>${f.problems?.length > 0 && html`<${Icon} name="triangle-alert" />`}${f.name}</button>`)}</div>`;
}

function Config() {
  const config = useLoad((o) => look('/config', o), []);
  const check = async () => {
    try {
      const { body } = await post('/config/check');
      config.set(body);
      toast(body.problems?.length ? tn('{n} problem found', '{n} problems found', body.problems.length) : body.differs ? t('Read again: the files differ from what is in use') : t('Read again: nothing has changed'));
    } catch (bad) { toast(explain(bad), { bad: true }); }
  };
  const c = config.data;
  const file = c && (c.files.find((f) => f.name === route.value.query.file) ?? c.files.find((f) => f.problems?.length) ?? c.files[0]);
  return html`<header class="row wrap"><div class="grow"><h2 class="settings-title">${t('Configuration')}</h2>
      <p class="dim small">${t('Kontor reads these files and never writes them. Edit them on the server; a valid change takes effect when it is applied, a broken one is refused and the old one stays.')}</p></div>
      <button type="button" class="btn" onClick=${check}>
        <${Icon} name="refresh-cw" />${t('Check the files again')}</button></header>
    ${config.error && html`<${Failed} title=${t('The configuration could not be loaded')} text=${config.error.message} retry=${config.again} />`}
    ${!c && !config.error && html`<${SkeletonLines} lines=${8} />`}
    ${c && html`<${Facts} config=${c} />
      ${(c.problems ?? []).map((p, i) => html`<${Notice} key=${i} tone="warn" icon="triangle-alert">
        <b class="strong">${p.file}, ${t('line {n}', { n: p.line })}</b><br />${p.text}<//>`)}
      ${(c.notes ?? []).map((p) => html`<${Notice} key=${`${p.file} ${p.text}`} tone="info" icon="info"><b class="strong">${p.file}</b><br />${p.text}<//>`)}
      ${c.differs && html`<${Plan} config=${c} onDone=${config.again} />`}
      <${FileTabs} files=${c.files} now=${file?.name} />${file && html`<${Code} file=${file} />`}`}`;
}

const uptime = (s) => (s < 60 ? t('less than a minute') : s > 172800 ? tn('{n} day', '{n} days', Math.floor(s / 86400)) : s > 7200 ? tn('{n} hour', '{n} hours', Math.floor(s / 3600)) : tn('{n} minute', '{n} minutes', Math.floor(s / 60)));

/** Everything, for owners: a link cannot ask for the password, so the page does before it follows. */
function TakeOut() {
  const go = async () => {
    try {
      await post('/session/confirm');
      location.assign(apiUrl('/takeout'));
      toast(t('The archive is being made; the download begins when it is complete'));
    } catch (bad) { toast(explain(bad), { bad: true }); }
  };
  return html`<section class="card" aria-labelledby="take-out"><div class="card-head"><h2 id="take-out">${t('Take your data out')}</h2></div>
    <div class="card-body stack"><p class="small dim">${t('All records with their history, and the configuration, as one ZIP archive of open formats. kontor import --all puts it into an empty Kontor. Passwords are not in it.')}</p>
      <div class="row"><button type="button" class="btn" onClick=${go}><${Icon} name="download" />${t('Download everything')}</button></div></div></section>`;
}

function Server() {
  const status = useLoad((o) => look('/status', o), []);
  const s = status.data;
  const backup = s?.last_backup;
  return html`<header><h2 class="settings-title">${t('Server')}</h2></header>
    ${status.error && html`<${Failed} title=${t('The state of the server could not be loaded')} text=${status.error.message} retry=${status.again} />`}
    ${!s && !status.error && html`<${SkeletonLines} lines=${6} />`}
    ${s && html`${(s.problems ?? []).map((p) => html`<${Notice} key=${p} tone="warn" icon="triangle-alert">${p}<//>`)}
      <ul class="facts"><${Fact} icon="server" title=${t('Version {v}', { v: s.version })} text=${t('running for {time}', { time: uptime(s.uptime_s) })} />
        <${Fact} icon="database" title=${bytes(s.database_bytes)} text=${t('size of the database')} />
        <${Fact} icon="paperclip" title=${bytes(s.files_bytes)} text=${t('attached files, of {size}', { size: bytes(s.files_quota_bytes) })} />
        <${Fact} icon=${backup?.ok ? 'shield-check' : 'triangle-alert'} warn=${!backup?.ok} title=${backup ? t('Backup {when}', { when: ago(backup.at) }) : t('No backup yet')} text=${backup ? backup.file : t('Run: kontor backup FILE')} /></ul>
      <section class="card"><div class="card-head"><h2>${t('Records')}</h2></div><div class="card-body">
        <dl class="keys">${Object.entries(s.records ?? {}).map(([name, n]) => html`<div key=${name}>
        <dt>${t(entity(name)?.label_plural ?? name)}</dt><dd class="num">${number(n)}</dd></div>`)}</dl></div></section>
      <${TakeOut} /><${ExportLog} />`}`;
}

const PAGES = { status: Server, rules: Rules, forms: Forms };

/** What others see: calm, and without a question the server would refuse. */
const ForAdmins = () => html`<div class="page"><${PageHead} title=${t('Settings')} />
  <div class="page-body" tabindex="-1"><${Empty} icon="lock" title=${t('Only for administrators')} text=${t('Here they see how Kontor is configured and how the server does. Ask one of them.')}>
    <${Link} class="btn" to="/profile">${t('My profile')}<//><//></div></div>`;

export default function Settings({ topic = 'config' }) {
  const known = TOPICS.some(([id]) => id === topic);
  useEffect(() => { if (!known) go(BESIDE.includes(topic) ? `/${topic}` : '/settings', { replace: true }); }, [topic]);
  if (!isAdmin()) return html`<${ForAdmins} />`;
  const Page = PAGES[topic] ?? Config;
  return html`<div class="page"><${Style} /><${PageHead} title=${t('Settings')} />
    <div class="page-body settings"><nav class="settings-nav" aria-label=${t('Settings')}>
      <ul>${TOPICS.map(([id, icon, label]) => html`<li key=${id}>
        <${Link} class="nav-link" to=${id === 'config' ? '/settings' : `/settings/${id}`} aria-current=${id === topic ? 'page' : undefined}><${Icon} name=${icon} />${t(label)}<//></li>`)}
        <li><${Link} class="nav-link" to="/people"><${Icon} name="circle-user-round" />${t('People')}<//></li>
        <li><${Link} class="nav-link" to="/tags"><${Icon} name="tags" />${t('Tags')}<//></li>
        <li><${Link} class="nav-link" to="/import"><${Icon} name="upload" />${t('Import')}<//></li>
        <li><${Link} class="nav-link" to="/profile"><${Icon} name="user" />${t('My profile')}<//></li></ul></nav>
      <div class="settings-main" tabindex="0"><${Page} /></div></div></div>`;
}
