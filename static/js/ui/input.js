// Editing a field, drawn from its metadata: Input() edits a value, Field() adds
// label, hint and error. Loaded with the first form: pages that only show values
// do without.
import { html, cx } from '../lib/html.js';
import { t } from '../lib/i18n.js';
import { Icon, Later } from './basics.js';
import { POINT, withOptions } from './field.js';
import { TextInput, LongInput, NumberInput, MoneyInput, DateInput, InstantInput, LocalInput, BoolInput, ChoiceInput, ChoicesInput, ListInput } from './inputs.js';
import { Lookup, ManyLookup } from './lookup.js';
import { TagsInput } from './tags-input.js';

const inFull = (name) => () => import('./contact-edit.js').then((m) => ({ default: m[name] }));
/** Several entries are edited in full where there is room, else only what they are. */
const PointsInput = ({ full, ...p }) => (full ? html`<${Later} load=${inFull('PointsInput')} ...${p} />` : html`<${ListInput} ...${p} />`);
const AddressesInput = ({ full, ...p }) => html`<${Later} load=${inFull('AddressesInput')} ...${p} />`;

const TYPES = {
  text: TextInput,
  longtext: LongInput,
  integer: NumberInput,
  number: NumberInput,
  decimal: NumberInput,
  percent: NumberInput,
  money: MoneyInput,
  date: DateInput,
  instant: InstantInput,
  localtime: LocalInput,
  bool: BoolInput,
  choice: ChoiceInput,
  choices: ChoicesInput,
  emails: PointsInput,
  phones: PointsInput,
  links: PointsInput,
  addresses: AddressesInput,
  link: Lookup,
  user: Lookup,
  stage: ChoiceInput,
  pipeline: ChoiceInput,
  records: ManyLookup,
  file: ({ field, ...rest }) => html`<${Later} load=${() => import('./fileview.js')} field=${field} ...${rest} />`,
  tags: TagsInput,
};

/** A text in which colleagues and records can be named. */
const MentionText = ({ field, small, ...rest }) => html`<${Later} load=${() => import('./mention.js')} rows="3" ...${rest} />`;

/** Edits a value of the field's type; onInput gets the new value. */
export function Input({ field, record, full, ...rest }) {
  const f = withOptions(field, record);
  if (POINT[f.type]) rest.full = full;
  const Control = f.mentions ? MentionText : TYPES[f.type] ?? TextInput;
  return html`<${Control} field=${f} ...${f.type === 'file' ? { ...rest, record } : rest} />`;
}

/** A field of a new record that nobody fills: its number comes from a counter. */
export const Given = ({ field: f }) => html`<div class="field"><span class="label">${t(f.label)}</span><span class="faint">${t('Given automatically')}</span></div>`;

/** Label, input, hint and error of one field of a form. */
export function Field({ field: f, value, record, error, hint, required, wide, first, onInput, prefix = 'f' }) {
  const id = `${prefix}-${f.name}`;
  const help = hint ?? (f.help && t(f.help));
  const note = error ? `${id}-e` : help ? `${id}-h` : undefined;
  return html`<div class=${cx('field', (wide || ['longtext', 'records', 'choices'].includes(f.type)) && 'field-wide')} data-first=${first ? '' : undefined}>
    <label for=${id} id=${`${id}-l`}>${t(f.label)}${(required ?? f.required) && html`<span class="faint"> ${t('(required)')}</span>`}</label>
    <${Input} field=${f} id=${id} value=${value} record=${record} onInput=${onInput} aria-labelledby=${`${id}-l`} aria-invalid=${error ? 'true' : undefined} aria-describedby=${note} />
    ${error ? html`<span class="error" id=${`${id}-e`}>
      <${Icon} name="circle-alert" />${error}</span>` : help && html`<span class="hint" id=${`${id}-h`}>${help}</span>`}</div>`;
}
