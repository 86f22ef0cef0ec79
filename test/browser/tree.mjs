#!/usr/bin/env node
/*
 * The tree of companies on a record's page: its branches and what they bring, from one to the next, the refusal of a ring
 * where it is typed, on a phone too.
 */
import { Kontor, open, visit, until, axe, test, assert, equal, finish } from './harness.mjs';
import { seed } from './seed.mjs';

const k = await Kontor.make();
await seed(k);
const page = await open(k);
const flow = (name, run) => test(name, run, page);
const [top, branch, leaf] = await Promise.all(['Alster Bau GmbH', 'Birken Bau GmbH', 'Alster Solar GmbH'].map(async (n) => {
    const found = await k.api('GET', `/companies?filter=${encodeURIComponent(`name = "${n}"`)}`);
    return found.json.items[0]?.id ?? (await k.api('POST', '/companies', { name: n })).json.id;
}));
await k.api('PATCH', `/companies/${branch}`, { parent: top });
await k.api('PATCH', `/companies/${leaf}`, { parent: branch });
await k.api('POST', '/deals', { name: 'Of the leaf', company: leaf, amount: '500.00' });
const tree = page.locator('.tree');
const sums = () => page.locator('.tree-sum + .keys').textContent();

await flow('tree__shows_branches_and_their_sum', async () => {
    await visit(page, `/companies/${branch}`);
    await tree.first().waitFor();
    equal(await page.locator('.tree .row').allTextContents().then((all) => all.map((x) => x.replace(/€.*/, '').trim())), ['Alster Bau GmbH', 'Birken Bau GmbH', 'Alster Solar GmbH']);
    equal(await page.locator('.tree [aria-current]').textContent(), 'Birken Bau GmbH');
    assert((await sums()).includes('€'), await sums());
    equal(await axe(page), [], 'tree');
});

await flow('tree__leads_from_branch_to_branch', async () => {
    await page.locator('.tree').getByRole('link', { name: 'Alster Solar GmbH' }).click();
    await until('there', 'Alster Solar GmbH', () => page.locator('.tree [aria-current]').textContent());
    await until('a leaf has no branches', 0, () => page.locator('.tree-sum').count());
});

await flow('tree__a_ring_is_refused_where_it_is_typed', async () => {
    page.expected = /422/;
    await visit(page, `/companies/${top}`);
    await page.getByRole('button', { name: 'Edit Parent company' }).click();
    await page.locator('.detail-editor').getByRole('combobox').waitFor();
    await page.keyboard.type('Alster Solar');
    await page.getByRole('option', { name: /Alster Solar GmbH/ }).first().click();
    const editor = page.locator('.detail-editor');
    if (await editor.getByRole('button', { name: 'Save' }).count()) await editor.getByRole('button', { name: 'Save' }).click();
    await page.getByText('would stand above itself').first().waitFor();
    equal((await k.api('GET', `/companies/${top}`)).json.parent, null);
});

await flow('tree__is_read_on_a_phone', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    await visit(page, `/companies/${branch}?tab=related`);
    await tree.first().waitFor();
    assert(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'nothing to the side');
    equal(await axe(page), [], 'tree on a phone');
});

await finish();
