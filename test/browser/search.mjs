#!/usr/bin/env node
/*
 * Searching: the palette with kinds, marked places, the way to all results and other words; the page
 * of results with kinds, pages, keys, what it says when there is nothing or the server does not
 * answer, on a phone too.
 */
import { Kontor, open, visit, settled, axe, test, assert, equal, finish, until } from './harness.mjs';
import { seed } from './seed.mjs';

const k = await Kontor.make();
await seed(k);
const { id } = (await k.api('GET', '/companies?filter=name%20=%20"Alster%20Bau%20GmbH"')).json.items[0];
await k.api('POST', '/notes', { text: `${'Filler words. '.repeat(30)}The Überspannungsschutz is missing.`, links: [id] });
for (let i = 0; i < 60; i++) {
    await k.api('POST', '/products', { name: `Paged ${i}` });
}
const page = await open(k, {});
const palette = page.locator('dialog.palette');
const hits = page.locator('ol.hits > li');

async function ask(text) {
    await page.keyboard.press('Control+k');
    await palette.getByRole('combobox').fill(text);
}

await test('palette__groups_kinds_and_marks_what_fits', async () => {
    await visit(page, '/home');
    await ask('alster');
    await palette.getByRole('option', { name: /Alster Bau GmbH/ }).first().waitFor();
    const heads = await palette.locator('.menu-head').allTextContents();
    assert(heads[0] === 'Companies' && heads.includes('Contacts'), `groups: ${heads}`);
    await until('marked', 'Alster', () => palette.locator('.menu-item mark').first().textContent());
    await palette.getByRole('combobox').fill('uberspannung');
    await palette.locator('.menu-item mark', { hasText: 'Überspannung' }).first().waitFor();
    equal(await axe(page), [], 'palette with hits');
}, page);

await test('palette__proposes_other_words', async () => {
    await palette.getByRole('combobox').fill('alstre');
    await palette.getByRole('option', { name: 'alster', exact: true }).click();
    await palette.getByRole('option', { name: /Alster Bau GmbH/ }).first().waitFor();
    await until('what is asked now', 'alster', () => palette.getByRole('combobox').inputValue());
    await page.keyboard.press('Escape');
}, page);

await test('palette__opens_again_right_after_escape', async () => {
    await ask('alster');
    /* Both keys wait while the page is busy and come one right after the other. */
    const busy = page.evaluate(() => { const end = performance.now() + 400; while (performance.now() < end); });
    await Promise.all([busy, page.keyboard.press('Escape'), page.keyboard.press('Control+k')]);
    await palette.getByRole('combobox').waitFor({ timeout: 2000 });
    await until('a new question', '', () => palette.getByRole('combobox').inputValue());
    await page.keyboard.press('Escape');
    await palette.waitFor({ state: 'detached' });
}, page);

await test('palette__leads_to_all_results', async () => {
    await ask('alster');
    await palette.getByRole('option', { name: 'All results for “alster”' }).waitFor();
    while (!(await palette.locator('[aria-selected=true]').textContent()).startsWith('All results')) {
        await page.keyboard.press('ArrowDown');
    }
    await page.keyboard.press('Enter');
    await hits.first().waitFor();
    equal(new URL(page.url()).search, '?q=alster', 'address');
    await until('heading', 'alster', () => page.locator('h1').textContent());
    equal(await axe(page), [], 'results');
}, page);

await test('results__are_filtered_by_kind', async () => {
    const kinds = page.getByRole('group', { name: 'Kind' });
    const count = Number((await kinds.getByRole('button', { name: /^Companies/ }).textContent()).match(/\d+/)[0]);
    equal(count, 5, 'companies of that name');
    await kinds.getByRole('button', { name: /^Companies/ }).click();
    await page.waitForFunction(() => document.querySelectorAll('ol.hits > li').length === 5);
    assert((await kinds.getByRole('button').count()) > 2, 'the other kinds stay');
    await page.reload();
    await hits.first().waitFor();
    await until('after loading again', 5, () => hits.count());
}, page);

await test('results__show_the_place', async () => {
    await visit(page, '/search?q=%C3%BCberspannungsschutz');
    await hits.first().waitFor();
    await until('marked', 'Überspannungsschutz', () => hits.locator('.hit-snippet mark').first().textContent());
    await visit(page, '/search?q=040%201000');
    await hits.filter({ hasText: 'Anna Abel' }).locator('mark', { hasText: '40 1000' }).waitFor();
}, page);

await test('results__are_walked_by_keys', async () => {
    await visit(page, '/search?q=alster');
    await hits.first().waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('k');
    equal(await page.evaluate(() => document.activeElement === document.querySelector('a.hit')), true, 'the first has the focus');
    await page.keyboard.press('/');
    await page.keyboard.type(' werft');
    await page.waitForFunction(() => new URLSearchParams(location.search).get('q') === 'alster werft');
    await hits.filter({ hasText: 'Alster Werft GmbH' }).first().waitFor();
    await hits.locator('a').first().click();
    await page.locator('h1', { hasText: 'Alster Werft GmbH' }).waitFor();
}, page);

await test('results__come_in_pages', async () => {
    await visit(page, '/search?q=paged');
    await hits.first().waitFor();
    await until('first page', 50, () => hits.count());
    await until('count', '60 results', () => page.locator('.page-count').textContent());
    await page.getByRole('button', { name: 'Next' }).click();
    await page.waitForFunction(() => document.querySelectorAll('ol.hits > li').length === 10);
    await page.getByRole('button', { name: 'First page' }).click();
    await page.waitForFunction(() => document.querySelectorAll('ol.hits > li').length === 50);
}, page);

await test('results__say_that_there_is_nothing', async () => {
    await visit(page, '/search?q=alstre');
    await page.getByText('Nothing found for “alstre”.').waitFor();
    await page.getByRole('button', { name: 'alster', exact: true }).click();
    await hits.first().waitFor();
    await visit(page, '/search');
    await page.getByText('What are you looking for?').waitFor();
    equal(await axe(page), [], 'no results');
}, page);

await test('results__say_when_the_server_fails', async () => {
    page.expected = /status of 503/;
    await page.route('**/api/v1/search*', (r) => r.fulfill({ status: 503, contentType: 'application/json', body: '{"error":{"code":"busy","text":"Too much to do."}}' }));
    await visit(page, '/search?q=alster');
    await page.getByText('The search did not work').waitFor();
    await page.unroute('**/api/v1/search*');
    await page.getByRole('button', { name: 'Try again' }).click();
    await hits.first().waitFor();
}, page);

await test('results__fit_a_phone', async () => {
    const phone = await open(k, { phone: true, dark: true });
    await visit(phone, '/search?q=alster');
    await phone.locator('ol.hits > li').first().waitFor();
    await settled(phone);
    equal(await phone.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, 'no sideways scroll');
    equal(await axe(phone), [], 'results on a phone');
});
await finish();
