// A file that was dropped on a list on its way to the import page, which takes it.
let file = null;

/** Keeps the file for the page that opens next. */
export const hand = (f) => { file = f; };

/** The file that was handed on, once. */
export function handed() {
  const f = file;
  file = null;
  return f;
}
