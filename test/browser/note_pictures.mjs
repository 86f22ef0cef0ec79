#!/usr/bin/env node
/*
 * A note with a picture, by touch: taken, sent at once, shown where the note stands, kept with the
 * draft; refused without a right or a connection, and said so.
 */
import { Kontor, open, visit, until, axe, test, equal, finish } from './harness.mjs';
import { seed, find } from './seed.mjs';

const PIXEL = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
const k = await Kontor.make();
await seed(k);
const where = `/companies/${await find(k, 'companies', 'Alster Bau GmbH')}`;
const page = await open(k, { phone: true });
const note = () => page.getByRole('textbox', { name: /note/i }).first();
const pick = async (name) => {
    const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.getByRole('button', { name: 'Add a picture or file' }).tap()]);
    await chooser.setFiles({ name, mimeType: 'image/png', buffer: PIXEL });
};

await test('pictures__come_with_a_note', async () => {
    await visit(page, where);
    await note().tap();
    await page.keyboard.type('The crane stands crooked:');
    await pick('crane.png');
    await until('text', 'The crane stands crooked: #crane.png ', () => note().inputValue());
    await page.locator('.composer').getByRole('button', { name: 'Save' }).tap();
    const shown = page.locator('.timeline .tl-text img.ref-picture');
    await shown.waitFor();
    equal(await shown.getAttribute('alt'), 'crane.png');
    await until('drawn', true, () => shown.evaluate((img) => img.complete && img.naturalWidth > 0));
    equal(await axe(page), [], 'axe');
    equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, 'fits');
}, page);

await test('pictures__are_files_of_the_record', async () => {
    const { items } = (await k.api('GET', `/files?filter=links%20contains%20${where.split('/')[2]}`)).json;
    equal(items.map((f) => f.name), ['crane.png']);
}, page);

await test('pictures__stay_in_the_draft', async () => {
    await pick('second.png');
    await until('text', '#second.png ', () => note().inputValue());
    await page.reload();
    await until('text', '#second.png ', () => note().inputValue());
    await note().fill('');
}, page);

await test('pictures__without_a_connection_wait_for_another_try', async () => {
    page.expected = /ERR_/;
    await pick('before.png');
    await until('text', '#before.png ', () => note().inputValue());
    await note().fill('');
    await page.context().setOffline(true);
    await pick('third.png');
    await page.locator('.composer-files').getByText('No connection.').waitFor();
    await page.context().setOffline(false);
    await page.locator('.composer-files').getByRole('button', { name: 'Try again' }).tap();
    await until('text', '#third.png ', () => note().inputValue());
}, page);
await finish();
