// What was typed before a control was there is given to it, as if it were typed now; basics.js keeps it
// till then. Loaded with the first such key.
const CONTROL = ':is(input:not([type=checkbox], [type=radio], [type=file], [type=button]), textarea, select)';

/** A list chooses what begins with the text. */
function choose(list, text) {
  const option = [...list.options].find((o) => o.label.trim().toLowerCase().startsWith(text.trim().toLowerCase()));
  if (!option || option.selected) return;
  list.value = option.value;
  list.dispatchEvent(new Event('change', { bubbles: true }));
}

/** Lets a control have a text where its cursor is, as if it were typed; `whole`: in place of what it holds. */
export function typeInto(control, text, whole) {
  if (control.matches('select')) { choose(control, text); return; }
  if (!control.matches('textarea, [type=text], [type=email], [type=tel], [type=url], [type=search], [type=password]')) return;
  if (whole || control.selectionStart === null) control.value = whole ? text : control.value + text;
  else control.setRangeText(text, control.selectionStart, control.selectionEnd, 'end');
  control.dispatchEvent(new Event('input', { bubbles: true }));
}

/** Focus goes on as Tab does it. */
function goOn(control, back) {
  const all = [...(control.closest('dialog') ?? document).querySelectorAll('a[href], button, input, select, textarea, [tabindex]')].filter((x) => x === control || (x.tabIndex >= 0 && !x.disabled && x.checkVisibility()));
  all[all.indexOf(control) + (back ? -1 : 1)]?.focus();
}

/** What a key does beyond telling those who listen. */
const DOES = {
  Tab: (control, shift) => goOn(control, shift),
  All: (control) => control.select?.(),
  Enter: (control) => (control.matches('textarea') ? typeInto(control, '\n') : control.form?.requestSubmit()),
};

function press(control, { key, shiftKey }) {
  if (control.dispatchEvent(new KeyboardEvent('keydown', { key, shiftKey, bubbles: true, cancelable: true }))) DOES[key]?.(control, shiftKey);
}

const turn = () => new Promise((done) => { setTimeout(done); });

/** Gives keys to what has the focus, one after the other, and those that are added meanwhile. */
export async function give(keys) {
  let whole = false;
  for (await turn(); keys.length; await turn()) {
    const n = keys.findIndex((k) => k.key.length > 1);
    const text = keys.splice(0, n < 0 ? keys.length : n).map((k) => k.key).join('');
    if (!document.activeElement.matches(CONTROL)) return;
    if (text) typeInto(document.activeElement, text, whole); else press(document.activeElement, keys[0]);
    whole = !text && keys.shift().key === 'All';
  }
}
