/*
 * Cuts a typeface down to what the UI shows of it: the weights 400 to 700, the features that
 * static/css/base.css turns on beside the usual ones, and the characters given. Called by fetch.sh.
 *
 *   node subset.mjs PACKAGES IN.woff2 OUT.woff2 [U+0100-017F,U+018F,...]    no characters: all
 *
 * PACKAGES is the folder with harfbuzzjs and wawoff2; the names inside the typeface stay.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const WEIGHTS = [400, 700, 400];
const FEATURES = ['cv11', 'ss03'];
/* hb_subset_sets_t */
const LAYOUT_FEATURES = 6;
const WRITABLE = 2;

const [packages, from, to, ranges = 'U+0000-FFFF'] = process.argv.slice(2);
const woff2 = createRequire(import.meta.url)(path.resolve(packages, 'wawoff2'));
const wasm = readFileSync(path.join(packages, 'harfbuzzjs', 'dist', 'harfbuzz-subset.wasm'));
const { instance: { exports: hb } } = await WebAssembly.instantiate(wasm);
hb._initialize();

const tag = (s) => Buffer.from(s).readUInt32BE();
const whole = await woff2.decompress(readFileSync(from));
const at = hb.malloc(whole.length);
new Uint8Array(hb.memory.buffer).set(whole, at);
const face = hb.hb_face_create(hb.hb_blob_create(at, whole.length, WRITABLE, 0, 0), 0);

const input = hb.hb_subset_input_create_or_fail();
const characters = hb.hb_subset_input_unicode_set(input);
for (const range of ranges.split(',')) {
    const [first, last = first] = range.trim().slice(2).split('-').map((x) => parseInt(x, 16));
    for (let c = first; c <= last; c++) {
        hb.hb_set_add(characters, c);
    }
}
for (const name of FEATURES) {
    hb.hb_set_add(hb.hb_subset_input_set(input, LAYOUT_FEATURES), tag(name));
}
if (!hb.hb_subset_input_set_axis_range(input, face, tag('wght'), ...WEIGHTS)) {
    throw new Error(`${from} has no weights to choose from`);
}
const cut = hb.hb_subset_or_fail(face, input);
if (!cut) {
    throw new Error(`${from} could not be cut`);
}
const blob = hb.hb_face_reference_blob(cut);
const bytes = Buffer.from(hb.memory.buffer, hb.hb_blob_get_data(blob, 0), hb.hb_blob_get_length(blob));
writeFileSync(to, await woff2.compress(Buffer.from(bytes)));
