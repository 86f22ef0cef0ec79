// Fields are drawn from metadata { name, label, type, options, … }. Value()
// shows a field of a record, text() says it; ui/input.js edits it. A new type is
// one row in SHOW, and one in TYPES there, and works everywhere: what else must
// be known of it the server tells as its `kind`.
import { html } from '../lib/html.js';
import { apiUrl } from '../lib/api.js';
import { meta, stageOf, pipeline, pipelinesOf, pathOf, recordOf, valueOf } from '../lib/meta.js';
import { Link, onDay } from '../lib/router.js';
import { t, rare } from '../lib/i18n.js';
import { number, percent, money, date, moment, relDay, due, dueFull, zoneOf, plain } from '../lib/format.js';
import { Icon, Later, Status, UserAvatar } from './basics.js';

const MANY_OPTIONS = 6;

/** Is there nothing in a field? */
export const isEmpty = (v) => v === null || v === undefined || v === '' || (Array.isArray(v) && !v.length);

const optionOf = (f, id) => f.options?.find((o) => o.id === id);
const labelOf = (f, id) => t(optionOf(f, id)?.label ?? String(id));
const main = (list) => list.find((x) => x.primary) ?? list[0];
const bare = (x) => (typeof x === 'string' ? x : x.value);
const rest = (list) => (list.length > 1 ? html` <span class="faint">+${list.length - 1}</span>` : '');
const STAGE_TONE = { won: 'good', lost: 'bad', open: 'accent' };

/** Stages the record's pipeline has, as options. */
function stageOptions(f, record) {
  const p = pipeline(record?.pipeline) ?? pipelinesOf({ name: f.entity })[0];
  return (p?.stages ?? []).map((s) => ({ id: s.id, label: s.label }));
}

const stageLabel = (f, v, r) => stageOf({ name: f.entity }, v, r?.pipeline)?.label ?? v;

function StageValue({ f, v, r }) {
  const s = stageOf({ name: f.entity }, v, r?.pipeline);
  return html`<${Status} label=${t(s?.label ?? v)} tone=${STAGE_TONE[s?.kind]} />`;
}

/** A link to a record in the bin leads there: its page is gone until somebody takes it out. */
export const Binned = ({ kind, v }) => html`<${Link} class="clip is-binned" to=${`/trash?kind=${kind}`} title=${t('In the bin')}>${v.title}<span class="sr-only"> (${t('In the bin')})</span><//>`;

const linkTo = (f, v) => (v.hidden ? html`<span class="faint">${t('Hidden')}</span>` : v.deleted ? html`<${Binned} kind=${v.entity ?? f.to} v=${v} />` : html`<${Link} class="clip" to=${onDay(`${pathOf(v.entity ?? f.to)}/${v.id}`)}>${v.title}<//>`);
const Plain = ({ v }) => html`<span class="clip">${v}</span>`;
const webAddress = (v) => (/^https?:/i.test(v) ? v : `https://${v}`);
const outside = (v) => html`<a class="clip" href=${webAddress(bare(v))} target="_blank" rel="noopener noreferrer">${bare(v).replace(/^https?:\/\//i, '')}</a>`;
const looksLikeAddress = (f, v) => /^(website|url|web)$/.test(f.name) || /^https?:\/\//i.test(v);

/** How one entry of a list is drawn, by type. */
export const POINT = {
  emails: (x) => html`<a class="clip" href=${`mailto:${bare(x)}`}>${bare(x)}</a>`,
  phones: (x) => html`<a class="num clip" href=${`tel:${bare(x).replace(/[^\d+]/g, '')}`}>${bare(x)}</a>`,
  links: outside,
};
/** What reaches nobody is struck out and says so. */
const marked = (x, show) => (x.invalid ? html`<span class="is-invalid clip" title=${t('Invalid')}>${show(x)}<span class="sr-only"> (${t('Invalid')})</span></span>` : show(x));
/** An address in one line. */
const place = (x) => [x.street?.replace(/\n/g, ', '), [x.postcode, x.city].filter(Boolean).join(' '), x.country].filter(Boolean).join(', ');
const shown = (name) => () => import('./contact-show.js').then((m) => ({ default: m[name] }));
const clockShown = rare(() => import('./clock.js'));
const tagsShown = () => import('./tags.js');

const SHOW = {
  text: ({ f, v, r }) => (f.entity ? html`<${Plain} v=${t(stageLabel(f, v, r))} />` : looksLikeAddress(f, v) ? outside(v) : html`<${Plain} v=${v} />`),
  longtext: ({ f, v }) => html`<span class="long">${f.mentions ? html`<${Later} key=${v} load=${() => import('./reftext.js')} text=${v} />` : v}</span>`,
  integer: ({ f, v }) => html`<span class="num">${number(v)}</span>${f.hot && v >= f.hot && html` <span class="badge badge-warn"><${Icon} name="zap" />${t('Hot')}</span>`}`,
  number: ({ v }) => html`<span class="num">${v}</span>`,
  decimal: ({ f, v }) => html`<span class="num">${number(v, { maximumFractionDigits: f.places ?? 6 })}</span>`,
  percent: ({ v }) => html`<span class="num">${percent(Number(v) / 100, 2)}</span>`,
  money: ({ v }) => html`<span class="num">${money(v)}</span>`,
  date: ({ v }) => html`<span class="num">${date(v)}</span>`,
  instant: ({ f, v }) => (f.clock ? html`<${Later} key=${v} load=${clockShown} until=${v} />` : html`<time class="num" datetime=${v} title=${moment(v)}>${relDay(v)}</time>`),
  localtime: ({ v }) => html`<time class="num" datetime=${v.replace(/\[.*/, '')} title=${dueFull(v)}>${due(v)}${zoneOf(v) && html` <span class="faint">(${v.slice(11, 16)} ${zoneOf(v)})</span>`}</time>`,
  bool: ({ v }) => html`<span>${v ? t('Yes') : t('No')}</span>`,
  choice: ({ f, v }) => (f.options?.length <= MANY_OPTIONS ? html`<${Status} label=${labelOf(f, v)} hue=${f.options.findIndex((o) => o.id === v) + 1} />` : html`<${Plain} v=${labelOf(f, v)} />`),
  choices: ({ f, v }) => html`<span class="row badges">${v.map((x) => html`<span class="badge" key=${x}>${labelOf(f, x)}</span>`)}</span>`,
  emails: ({ v }) => html`${marked(main(v), POINT.emails)}${rest(v)}`,
  phones: ({ v }) => html`${marked(main(v), POINT.phones)}${rest(v)}`,
  links: ({ v }) => html`${marked(main(v), outside)}${rest(v)}`,
  addresses: ({ v }) => html`<span class="clip">${place(main(v))}</span>${rest(v)}`,
  link: ({ f, v }) => linkTo(f, v),
  user: ({ v }) => (v.hidden ? html`<span class="faint">${t('Hidden')}</span>` : html`<${UserAvatar} user=${v} size="sm" label />`),
  stage: StageValue,
  pipeline: ({ v }) => html`<${Plain} v=${t(pipeline(v)?.label ?? v)} />`,
  tags: ({ v }) => html`<${Later} load=${tagsShown} list=${v} />`,
  file: ({ v }) => (v.hidden || v.deleted ? linkTo({}, { entity: 'file', ...v }) : html`<a class="clip row" href=${apiUrl(`/files/${v.id}`)} download><${Icon} name="paperclip" /><span class="clip">${v.title}</span></a>`),
  records: ({ f, v }) => html`<span class="clip joined">${v.map((x, i) => html`<span key=${`${x.entity}${x.id}`}>${i > 0 && html`<span class="faint"> · </span>`}${linkTo(f, x)}</span>`)}</span>`,
};

/** Types whose edit is finished by choosing, without Enter. */
export const isPick = (f) => ['choice', 'stage', 'pipeline', 'link', 'user', 'file', 'bool', 'date'].includes(f.type);
/** Types that need more room than a table cell or one line. */
export const isWide = (f) => f.kind === 'list' || f.type === 'longtext';
/** Types whose values stand at the end of a column. */
export const isNumeric = (f) => f.kind === 'number' || f.kind === 'money';

/** Field with the options that hold for this record. */
export function withOptions(f, record) {
  if (f.type === 'stage') return { ...f, options: stageOptions(f, record) };
  if (f.type === 'pipeline') return { ...f, options: pipelinesOf({ name: f.entity }).map((p) => ({ id: p.id, label: p.label })) };
  if (f.name === 'role' && f.type === 'choice' && !f.options) return { ...f, type: 'choice', options: meta.value?.roles ?? [] };
  return f;
}

const known = (x) => typeof x === 'object' && (x.label || x.opt_out || x.invalid);
/** Shows a field of a record with all there is room for on its page. */
export function FullValue({ field: f, record, children }) {
  const v = record[f.name];
  if (f.type === 'addresses' && v?.length) return html`<${Later} load=${shown('Addresses')} list=${v} title=${record.title} />`;
  if (POINT[f.type] && (v?.length > 1 || v?.some(known))) return html`<${Later} load=${shown('Points')} list=${v} show=${(x) => marked(x, POINT[f.type])} />`;
  return children;
}

/** Shows a field of a record; a dash when it is empty. */
export function Value({ field: f, record: row }) {
  const record = recordOf(f, row);
  const v = valueOf(f, row);
  if (isEmpty(v)) return html`<span class="faint">—</span>`;
  const Show = SHOW[f.type] ?? SHOW.text;
  return html`<${Show} f=${f} v=${v} r=${record} />`;
}

/** A field of a record as plain text, for messages and phone rows. */
export function text(f, row) {
  const record = recordOf(f, row);
  const v = valueOf(f, row);
  if (isEmpty(v)) return '';
  const as = { text: () => (f.entity ? t(stageLabel(f, v, record)) : String(v)), money: () => money(v), percent: () => percent(Number(v) / 100, 2), integer: () => number(v), decimal: () => number(v), date: () => date(v), instant: () => relDay(v), localtime: () => due(v), bool: () => (v ? t('Yes') : t('No')), choice: () => labelOf(f, v), stage: () => t(stageLabel(f, v, record)), pipeline: () => t(pipeline(v)?.label ?? v), choices: () => v.map((x) => labelOf(f, x)).join(', '), tags: () => v.join(', '), link: () => v.title ?? t('Hidden'), user: () => v.title ?? t('Hidden'), file: () => v.title ?? t('Hidden'), emails: () => bare(main(v)), phones: () => bare(main(v)), links: () => bare(main(v)), addresses: () => place(main(v)), records: () => v.map((x) => x.title ?? t('Hidden')).join(' · ') }[f.type];
  return as ? as() : f.mentions ? plain(String(v)) : String(v);
}
