#!/usr/bin/env node
/*
 * Tags: typed, chosen and taken away by keys and by thumb, shown as coloured chips in lists and on
 * records, filtered by any, all and none; the page that renames, merges, colours and deletes them.
 */
import { Kontor, open, visit, settled, until, undo, axe, shot, test, assert, equal, finish } from './harness.mjs';
import { seed, find } from './seed.mjs';

const k = await Kontor.make();
await seed(k);
const page = await open(k);
const flow = (name, run) => test(name, run, page);
const id = await find(k, 'companies', 'Alster Bau GmbH');
const company = `/companies/${id}`;
const other = await find(k, 'companies', 'Birken Bau GmbH');
await k.api('PATCH', `/companies/${other}`, { tags: ['Fair 2026', 'Partner', 'VIP'] });
const tags = async () => (await k.api('GET', company)).json.tags;
const names = async () => (await k.api('GET', '/tags?sort=title')).json.items.map((x) => x.name);
const button = (name) => page.getByRole('button', { name, exact: true });

await flow('tags__are_typed_and_chosen_by_keys', async () => {
    await visit(page, company);
    await button('Edit Tags').click();
    await page.getByRole('combobox', { name: 'Tags' }).waitFor(); /* comes with the first edit */
    await page.keyboard.type('vi');
    await page.getByRole('option', { name: 'VIP' }).waitFor();
    await page.keyboard.press('Enter');
    await page.keyboard.type('Key account');
    await page.getByRole('option', { name: 'Create “Key account”' }).waitFor();
    await page.keyboard.press('Enter');
    await page.keyboard.type('fair-2026;');
    await page.keyboard.press('Enter');
    await until('saved', ['VIP', 'Key account', 'Fair 2026'], tags);
    await until('shown', ['VIP', 'Key account', 'Fair 2026'], () => page.locator('.detail .tag').allTextContents());
    equal(await names(), ['Fair 2026', 'Key account', 'Partner', 'VIP']);
});

await flow('tags__the_last_goes_by_backspace', async () => {
    await button('Edit Tags').click();
    await page.keyboard.press('Backspace');
    await button('Remove VIP').click();
    await page.locator('.detail-editor').getByRole('button', { name: 'Save' }).click();
    await until('saved', ['Key account'], tags);
});

await flow('tags__filter_lists', async () => {
    await k.api('PATCH', company, { tags: ['Key account', 'VIP'] });
    await visit(page, '/companies?view=all&cols=name,tags&f.tags=every:VIP|Partner');
    equal(await page.locator('tbody tr').count(), 1);
    equal(await page.locator('tbody .tag').count(), 3);
    await page.locator('.chip-text').click();
    await button('any of').click();
    await button('Apply').click();
    await until('any', 2, () => page.locator('tbody tr').count());
    await visit(page, '/companies?view=all&f.tags=none:VIP');
    await until('none', true, async () => (await page.locator('.page-count').textContent()).includes('58'));
    await visit(page, '/companies?view=all');
    await page.getByRole('button', { name: 'Filter', exact: true }).click();
    await page.getByRole('searchbox', { name: 'Find a field' }).fill('Tags');
    await page.keyboard.press('Enter');
    await page.getByRole('combobox', { name: 'Tags' }).fill('key');
    await page.getByRole('option', { name: 'Key account' }).waitFor();
    await page.keyboard.press('Enter');
    equal(await axe(page), [], 'tags filter');
    await button('Apply').click();
    await until('chosen', 1, () => page.locator('tbody tr').count());
});

await flow('tags__are_renamed_for_all', async () => {
    await visit(page, '/tags');
    await button('Actions for VIP').click();
    await page.getByRole('menuitem', { name: 'Rename' }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('Important');
    await page.getByRole('button', { name: 'Rename', exact: true }).click();
    await until('renamed', ['Fair 2026', 'Important', 'Key account', 'Partner'], names);
    equal(await tags(), ['Key account', 'Important']);
    await undo(page, 'VIP is now Important');
    await until('undone', ['Key account', 'VIP'], tags);
});

await flow('tags__are_merged_and_deleted', async () => {
    await visit(page, '/tags');
    await page.getByRole('checkbox', { name: 'Select VIP' }).check();
    await page.getByRole('checkbox', { name: 'Select Key account' }).check();
    await button('Merge').click();
    await page.getByRole('radio', { name: 'VIP' }).check();
    equal(await axe(page), [], 'tags merge');
    await page.locator('dialog').getByRole('button', { name: 'Merge', exact: true }).click();
    await until('merged', ['VIP'], tags);
    await undo(page, 'Merged into VIP');
    await until('undone', ['Key account', 'VIP'], tags);
    await button('Actions for VIP').click();
    await page.getByRole('menuitemcheckbox', { name: 'Red' }).click();
    await until('red', true, async () => (await page.locator('tbody .tag', { hasText: 'VIP' }).getAttribute('class')).includes('hue-6'));
});

for (const mode of [{}, { dark: true }, { phone: true }, { phone: true, dark: true }]) {
    const how = `${mode.phone ? 'phone' : 'desktop'}_${mode.dark ? 'dark' : 'light'}`;
    const own = await open(k, mode);
    await test(`tags__page_is_accessible_${how}`, async () => {
        await visit(own, '/tags');
        equal(await axe(own), [], `tags ${how}`);
        await shot(own, `tags-${how}`);
        await visit(own, '/companies?view=all&cols=name,tags&f.tags=some:');
        equal(await axe(own), [], `tags list ${how}`);
        await shot(own, `tags-list-${how}`);
        await visit(own, company);
        if (mode.phone) {
            await own.getByRole('tab', { name: 'Details' }).click().catch(() => own.getByRole('button', { name: 'Details' }).click());
        }
        await own.getByRole('button', { name: 'Edit Tags' }).click();
        await own.keyboard.type('a');
        equal(await axe(own), [], `tags input ${how}`);
        await shot(own, `tags-input-${how}`);
    }, own);
}
await finish();
