#!/usr/bin/env node
// alone
/*
 * What a page costs: bytes over the wire of a cold load with the data it asks for, in English and in
 * German (at most 180 kB, of 1000 bytes; records have names with letters of the second typeface
 * file), code of its own view (at most 15 KB), and calls
 * to the server that its first picture waits for (at most 3, beside the session and the metadata
 * that every page starts with). Prints the table.
 */
import { brotliCompressSync } from 'node:zlib';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Kontor, SOURCE, open, visit, test, assert, equal, finish, day } from './harness.mjs';
import { seed } from './seed.mjs';

/* Pages that show a name with such a letter. */
const BEYOND_LATIN_1 = ['forecast', 'home', 'board', 'list', 'record', 'search', 'trash', 'steps'];
const KB = 1000;
const LIMITS = { wire: 180 * KB, view: 15 * KB, calls: 3 };
delete process.env.KONTOR_STATIC; /* only the program's own files are compressed */

const k = await Kontor.make();
await seed(k);
const made = async (plural, values) => (await k.api('POST', `/${plural}`, values)).json.id;
const yard = await made('companies', { name: 'Aštuoni Żuraw Gdańsk', city: 'Gdańsk' });
await made('contacts', { first_name: 'Ağa', last_name: 'Aşık', company: yard });
await made('deals', { name: 'Żuraw 2', company: yard, pipeline: 'sales', stage: 'enquiry', amount: 1000, close_date: day(-1) });
await k.api('DELETE', `/contacts/${await made('contacts', { first_name: 'Ağa', last_name: 'Aşık' })}`);
const twins = [await made('contacts', { first_name: 'Ann', last_name: 'Twin', emails: ['twin@example.com'] }), await made('contacts', { first_name: 'Ann', last_name: 'Twin' })];
const VIEWS = {
    home: '/home',
    board: '/deals',
    forecast: '/deals?mode=forecast',
    list: '/contacts',
    record: `/companies/${yard}`,
    tasks: '/tasks',
    calendar: '/calendar?mode=week',
    search: '/search?q=%C5%BCuraw',
    trash: '/trash',
    people: '/people',
    profile: '/profile',
    import: '/import',
    duplicates: '/duplicates/contact',
    tags: '/tags',
    steps: '/steps',
    merge: `/merge/contact?ids=${twins.join(',')}`,
    settings: '/settings',
    signin: '/signin',
};

/** One cold load: what came over the wire, and the calls to the server in their order. */
async function cold(where, as, locale) {
    const page = await open(k, { as, locale });
    const wire = await page.context().newCDPSession(page);
    const seen = new Map();
    const calls = [];
    await wire.send('Network.enable');
    wire.on('Network.requestWillBeSent', (e) => {
        seen.set(e.requestId, { url: e.request.url, bytes: 0 });
        if (/\/api\/v1\/(?!events|session$|setup$|meta$)/.test(e.request.url)) {
            calls.push({ id: e.requestId, path: e.request.url.replace(/^.*\/api\/v1/, ''), done: false, wave: 0 });
        }
    });
    /* A call waits for those that were answered before it began. */
    let wave = 0;
    wire.on('Network.requestWillBeSent', () => { for (const c of calls) { c.wave ||= wave + 1; } });
    wire.on('Network.responseReceived', (e) => { if (calls.some((c) => c.id === e.requestId && c.wave === wave + 1)) { wave++; } });
    wire.on('Network.loadingFinished', (e) => { if (seen.has(e.requestId)) { seen.get(e.requestId).bytes = e.encodedDataLength; } });
    const began = Date.now();
    await visit(page, where);
    const ready = Date.now() - began;
    await page.waitForTimeout(1500);
    await page.context().close();
    const list = [...seen.values()].filter((x) => x.url.startsWith(k.url));
    const sum = (of) => list.filter((x) => of.test(x.url)).reduce((a, x) => a + x.bytes, 0);
    return { all: sum(/./), font: sum(/\.woff2/), fonts: list.filter((x) => /\.woff2/.test(x.url)).length, js: sum(/\.js$/), css: sum(/\.css$/), icons: sum(/\.svg/), texts: sum(/\/i18n\//), api: sum(/\/api\//), requests: list.length, ready, calls };
}

const partBytes = (name) => brotliCompressSync(readFileSync(path.join(SOURCE, 'static/js', `${name}.js`))).length;
const viewBytes = (name) => partBytes(`views/${name}`);
const firstOf = (cost) => cost.calls.filter((c) => c.wave === 1);
const cell = (v) => String(v).padStart(8);
const kb = (n) => (n / KB).toFixed(1);

console.log(`${'page'.padEnd(13)}${['KB', 'font', 'js', 'css', 'icons', 'texts', 'api', 'view', 'requests', 'ready ms', 'first', 'calls'].map(cell).join('')}`);
const tell = (name, cost, own) => console.log(`${name.padEnd(13)}${[...[cost.all, cost.font, cost.js, cost.css, cost.icons, cost.texts, cost.api, own].map(kb), cost.requests, cost.ready, firstOf(cost).length, cost.calls.length].map(cell).join('')}`);
const whole = {};
for (const [name, where] of Object.entries(VIEWS)) {
    await test(`budget__${name}`, async () => {
        const cost = await cold(where, name === 'signin' ? null : undefined);
        const own = viewBytes(name);
        tell(name, cost, own);
        if (process.env.VERBOSE) {
            console.log(cost.calls.map((c) => `    ${c.wave} ${decodeURIComponent(c.path)}`).join('\n'));
        }
        whole[name] = cost.all;
        equal(cost.fonts, BEYOND_LATIN_1.includes(name) ? 2 : 1, 'files of the typeface');
        assert(own <= LIMITS.view, `the view has ${kb(own)} KB of code`);
        assert(firstOf(cost).length <= LIMITS.calls, `${firstOf(cost).length} calls at first: ${cost.calls.map((c) => c.path).join(' ')}`);
    });
    /* Its texts come on top. */
    await test(`budget__${name}_in_german`, async () => {
        const cost = await cold(where, name === 'signin' ? null : undefined, 'de-DE');
        tell(`${name} de`, cost, viewBytes(name));
        whole[`${name} de`] = cost.all;
        assert(cost.texts > 0, 'no German texts');
    });
}
/* The import loads a part for each step. */
await test('budget__steps_of_an_import', async () => {
    for (const part of ['import-columns', 'import-values', 'import-check', 'import-done']) {
        const own = partBytes(`ui/${part}`);
        console.log(`${part.padEnd(74)}${cell(kb(own))}`);
        assert(own <= LIMITS.view, `${part} has ${kb(own)} KB of code`);
    }
    const shared = ['lib/imports', 'ui/import-progress', 'ui/import-recipe'].reduce((sum, name) => sum + partBytes(name), 0);
    const all = shared + ['ui/import-columns', 'ui/import-values', 'ui/import-check', 'ui/import-done'].reduce((sum, name) => sum + partBytes(name), 0);
    assert(whole.import + all <= LIMITS.wire, `all steps: ${kb(whole.import + all)} kB over the wire`);
});

await test('budget__with_data', async () => {
    const over = Object.entries(whole).filter(([, n]) => n > LIMITS.wire);
    assert(!over.length, `over ${kb(LIMITS.wire)} KB: ${over.map(([name, n]) => `${name} ${kb(n)}`).join(', ')}`);
});
await finish();
