// All results of a search: by kind, with the place that fits, page by page.
import { html, useState, useEffect, useRef } from '../lib/html.js';
import { get } from '../lib/api.js';
import { entity, pathOf, isPerson } from '../lib/meta.js';
import { route, setQuery, Link } from '../lib/router.js';
import { bind, bindAll } from '../lib/keys.js';
import { marked } from '../lib/marks.js';
import { t, tn } from '../lib/i18n.js';
import { PageHead } from '../ui/page.js';
import { Icon, Avatar, Empty, Failed, SkeletonRows, useLoad } from '../ui/basics.js';

const PAGE = 50;
const TYPE_MS = 250;
const number = (k) => `${k.count}${k.count_more ? '+' : ''}`;

/** The text field: the address follows what is typed. */
function Field({ q }) {
  const [text, setText] = useState(q);
  const input = useRef(null);
  useEffect(() => { setText(q); }, [q]);
  useEffect(() => {
    if (text.trim() === q) return undefined;
    const timer = setTimeout(() => setQuery({ q: text.trim(), kind: '', from: '' }), TYPE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  useEffect(() => { if (!q) input.current.focus(); return bind('/', () => input.current.focus(), t('Search')); }, []);
  return html`<label class="searchbox hits-field"><${Icon} name="search" /><span class="sr-only">${t('Search')}</span>
    <input type="search" class="input" ref=${input} value=${text} placeholder=${t('Name, e-mail, phone, part of a word')} autocomplete="off" spellcheck="false" onInput=${(e) => setText(e.target.value)} /></label>`;
}

const Kind = ({ name, label, count, on }) => html`<button type="button" class="btn" aria-pressed=${on} onClick=${() => setQuery({ kind: name, from: '' })}>
  ${label}<span class="num dim">${count}</span></button>`;

/** The kinds found, each with how many. */
function Kinds({ all, kind }) {
  const kinds = all.kinds ?? [];
  return kinds.length > 1 && html`<div class="segments hits-kinds" role="group" aria-label=${t('Kind')}>
    <${Kind} name="" label=${t('Everything')} count=${number(all)} on=${!kind} />
    ${kinds.map((k) => html`<${Kind} key=${k.entity} name=${k.entity} label=${t(entity(k.entity)?.label_plural ?? k.entity)} count=${number(k)} on=${kind === k.entity} />`)}</div>`;
}

function Hit({ hit: x, q }) {
  const e = entity(x.entity);
  const person = isPerson(e ?? { fields: [] });
  return html`<li><${Link} to=${`${pathOf(x.entity)}/${x.id}`} class="hit">
    ${person ? html`<${Avatar} name=${x.title} id=${x.id} picture=${x.picture} size="sm" square=${e.title?.length === 1} />` : html`<${Icon} name=${e?.icon || 'folder'} />`}
    <span class="hit-text"><b class="strong clip">${marked(x.title, q)}</b>
      ${x.snippet && html`<span class="small hit-snippet">${marked(x.snippet, q)}</span>`}</span>
    <span class="small faint hit-kind"><span class="clip">${x.about ?? ''}</span><span>${t(e?.label ?? x.entity)}</span></span><//></li>`;
}

/** Other words that find something. */
export const Meant = ({ words, choose }) => words?.length > 0 && html`<p class="row wrap hits-meant" role="status">${t('Did you mean')}
  ${words.map((w) => html`<button key=${w} type="button" class="btn btn-sm" onClick=${() => choose(w)}>${w}</button>`)}</p>`;

/** Arrows, j and k go from result to result. */
function useSteps(list) {
  useEffect(() => {
    const step = (by) => () => {
      const links = [...list.current?.querySelectorAll('a.hit') ?? []];
      const at = links.indexOf(document.activeElement);
      links[Math.max(0, Math.min(links.length - 1, at + by))]?.focus();
    };
    return bindAll([['j', step(1), t('Next result')], ['k', step(-1), t('Result before')], ['ArrowDown', step(1)], ['ArrowUp', step(-1)]]);
  }, []);
}

function Nothing({ q, words }) {
  return html`<${Empty} icon="search" title=${t('Nothing found for “{text}”.', { text: q })} text=${t('Fewer or other words may help. Only what you may see is searched.')}>
    <${Meant} words=${words} choose=${(w) => setQuery({ q: w, kind: '', from: '' })} /><//>`;
}

/** Results of one page: all kinds for the counts, and of the chosen one its own. */
function useResults(q, kind, from) {
  const all = useLoad((o) => (q ? get('/search', { q, counts: 1, limit: PAGE, cursor: kind ? '' : from }, o) : Promise.resolve({ items: [] })), [q, kind ? '' : from]);
  const one = useLoad((o) => (q && kind ? get('/search', { q, kind, counts: 1, limit: PAGE, cursor: from }, o) : Promise.resolve(null)), [q, kind, from]);
  return { all, page: kind ? one : all };
}

export default function Search() {
  const { q = '', kind = '', from = '' } = route.value.query;
  const { all, page } = useResults(q, entity(kind) ? kind : '', from);
  const list = useRef(null);
  useSteps(list);
  const items = page.data?.items ?? [];
  const count = q && all.data?.count !== undefined ? tn('{n} result', '{n} results', all.data.count) + (all.data.count_more ? '+' : '') : undefined;
  return html`<div class="page"><${PageHead} title=${q || t('Search')} count=${count} />
    <div class="toolbar"><${Field} q=${q} /><${Kinds} all=${all.data ?? {}} kind=${kind} /></div>
    <div class="page-body" tabindex="-1" aria-busy=${page.busy}>
      ${!q ? html`<${Empty} icon="search" title=${t('What are you looking for?')} text=${t('People, companies, deals, notes and files, by any word or part of one, by e-mail or phone number.')} />`
      : page.error ? html`<${Failed} title=${t('The search did not work')} text=${page.error.message} retry=${page.again} />`
      : !page.data ? html`<${SkeletonRows} />`
      : !items.length ? html`<${Nothing} q=${q} words=${page.data.suggestions} />`
      : html`<${Meant} words=${page.data.suggestions} choose=${(w) => setQuery({ q: w, kind: '', from: '' })} />
        <ol class="hits" ref=${list} aria-label=${t('Results')}>${items.map((x) => html`<${Hit} key=${`${x.entity}${x.id}`} hit=${x} q=${q} />`)}</ol>`}</div>
    ${(page.data?.next || from) && html`<footer class="pager"><span class="push row">
      ${from && html`<button type="button" class="btn btn-sm" onClick=${() => setQuery({ from: '' })}>${t('First page')}</button>`}
      <button type="button" class="btn btn-sm" disabled=${!page.data?.next} onClick=${() => setQuery({ from: page.data.next })}>${t('Next')}<${Icon} name="chevron-right" /></button></span></footer>`}
  </div>`;
}
