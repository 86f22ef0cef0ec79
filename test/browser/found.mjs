#!/usr/bin/env node
/*
 * What is looked up while somebody types, without a connection: the colleagues and records of a note, the record of a link,
 * the search. Each says that the server does not answer, and asks again by a press, and by itself when one types on.
 */
import { Kontor, open, visit, until, axe, test, assert, equal, finish } from './harness.mjs';
import { seed, find } from './seed.mjs';

const k = await Kontor.make();
await seed(k);
const page = await open(k);
page.expected = /net::ERR|Failed to fetch/;
const company = `/companies/${await find(k, 'companies', 'Alster Bau GmbH')}`;
const composer = page.locator('form.composer textarea');
const failed = page.locator('.failed-line');
const again = () => failed.getByRole('button', { name: 'Try again' }).click();
const cut = async (like) => { await page.route(like, (route) => route.abort()); return () => page.unroute(like); };

await test('found__the_list_of_mentions_itself_comes_later', async () => {
    const mend = await cut(/mention\.js$/);
    await visit(page, company);
    await composer.focus();
    await until('said before it is needed', 0, () => failed.count());
    await composer.pressSequentially('Hello @ma');
    await failed.getByText('This part could not be loaded.').waitFor();
    equal(await axe(page), [], 'axe');
    await mend();
    await again();
    await page.getByRole('option', { name: /max/ }).waitFor();
    await until('text', 'Hello @ma', () => composer.inputValue());
    await page.keyboard.press('Escape');
}, page);

await test('found__colleagues_are_asked_for_again', async () => {
    const mend = await cut(/\/readers\?/);
    await composer.fill('@m');
    await failed.getByText('The server does not answer.').waitFor();
    await mend();
    await again();
    await page.getByRole('option', { name: /max/ }).waitFor();
    assert(await composer.evaluate((x) => x === document.activeElement), 'the focus is lost');
    await until('still said', 0, () => failed.count());
    await composer.fill('');
}, page);

await test('found__the_palette_says_so_and_types_on', async () => {
    const mend = await cut(/\/api\/v1\/search\?/);
    await page.keyboard.press('Control+k');
    const field = page.getByRole('combobox', { name: 'Search or jump to' });
    await field.fill('als');
    await failed.getByText('The server does not answer.').waitFor();
    await mend();
    await field.press('t');
    await page.getByRole('option', { name: 'Alster Bau GmbH Company' }).waitFor();
    await until('still said', 0, () => failed.count());
    await page.keyboard.press('Escape');
}, page);

await test('found__links_are_asked_for_again', async () => {
    await visit(page, `/deals/${await find(k, 'deals', 'Order 1')}?tab=details`);
    const mend = await cut(/\/api\/v1\/companies\?.*fields=title/);
    await page.getByRole('button', { name: 'Edit Company', exact: true }).click();
    const field = page.getByRole('combobox', { name: 'Company' });
    await field.fill('alst');
    await failed.getByText('The server does not answer.').waitFor();
    equal(await axe(page), [], 'axe');
    await mend();
    await again();
    await page.getByRole('option', { name: 'Alster Bau GmbH' }).waitFor();
    await page.keyboard.press('Escape');
}, page);

await finish();
