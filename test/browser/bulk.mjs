#!/usr/bin/env node
/*
 * What is done to many ticked records: each action tells before what it would change, what is so
 * already and what is refused and why, shows examples, and is taken back by one Undo.
 */
import { Kontor, open, visit, settled, until, undo, axe, test, assert, equal, finish } from './harness.mjs';
import { seed, find, MEMBER } from './seed.mjs';

const k = await Kontor.make();
await seed(k);
const page = await open(k);
const flow = (name, run) => test(name, run, page);

const dialog = (p = page) => p.locator('dialog.bulk-dialog');
const status = (p = page) => dialog(p).getByRole('status').textContent();
const value = async (plural, title, name) => (await k.api('GET', `/${plural}/${await find(k, plural, title)}`)).json[name];
const tick = async (where, p = page) => {
    await visit(p, where);
    await p.getByRole('checkbox', { name: 'Select all on this page' }).click();
};
const act = (name, p = page) => p.locator('.bulkbar').getByRole('button', { name, exact: true }).click();

await flow('bulk__tells_what_changes', async () => {
    await tick('/contacts?q=abel');
    await act('Set field');
    assert(await dialog().getByRole('button', { name: /^Change/ }).isDisabled(), 'something is changed before it is said what');
    await dialog().getByLabel('Field', { exact: true }).selectOption('job_title');
    await dialog().getByRole('textbox', { name: 'New value' }).fill('Buyer');
    await until('figures', '8 records change, 5 are so already', () => status());
    const rows = await dialog().locator('.bulk-examples tbody tr').allTextContents();
    equal([rows.length, rows.every((r) => /(Owner|Head of sales)becomesBuyer$/.test(r))], [5, true], `examples ${JSON.stringify(rows)}`);
    equal(await axe(page), [], 'axe');
    await dialog().getByRole('button', { name: 'Change 8 contacts' }).click();
    await until('saved', 'Buyer', () => value('contacts', 'Bela Abel', 'job_title'));
    await undo(page, 'Job title set for 8 records');
    await until('undone', 'Head of sales', () => value('contacts', 'Bela Abel', 'job_title'));
    equal(await value('contacts', 'Anna Abel', 'job_title'), 'Buyer', 'what was so before');
});

await flow('bulk__begins_at_what_to_add_and_shows_every_tag_of_the_preview', async () => {
    await tick('/contacts?q=abel');
    await act('Tags and lists');
    await dialog().locator('.tags-input input:focus').waitFor();
    for (const tag of ['Autumn fair in Husum 2026', 'Winter fair in Flensburg 2026', 'Spring fair in Rendsburg 2027']) {
        await page.keyboard.type(tag);
        await page.keyboard.press('Enter');
    }
    await until('figures', '13 records change', () => status());
    await until('tags', 3, () => page.locator('.bulk-examples tbody tr').first().locator('.badge.tag').count());
    equal(await page.locator('.bulk-examples .tags').evaluateAll((all) => all.filter((x) => x.scrollWidth > x.clientWidth + 1).length), 0, 'clipped');
    await page.keyboard.press('Escape');
    await dialog().waitFor({ state: 'detached' });
});

await flow('bulk__tags_are_added_and_taken_away', async () => {
    await tick('/contacts?q=abel');
    await act('Tags and lists');
    equal(await dialog().getByLabel('Field', { exact: true }).inputValue(), 'tags');
    await dialog().getByRole('combobox', { name: 'What to add' }).fill('Fair');
    await page.keyboard.press('Enter');
    await until('figures', '13 records change', () => status());
    equal(await axe(page), [], 'axe');
    await dialog().getByRole('button', { name: 'Change 13 contacts' }).click();
    await until('saved', ['Fair'], () => value('contacts', 'Anna Abel', 'tags'));
    await tick('/contacts?q=anna');
    await act('Tags and lists');
    await dialog().getByRole('button', { name: 'Remove', exact: true }).click();
    await dialog().getByRole('combobox', { name: 'What to remove' }).fill('fair');
    await page.keyboard.press('Enter');
    await until('figures', '1 record changes, 9 are so already', () => status());
    await dialog().getByRole('button', { name: 'Change 1 contact' }).click();
    await until('saved', [], () => value('contacts', 'Anna Abel', 'tags'));
    await undo(page, 'Tags changed for 1 record');
    await until('undone', ['Fair'], () => value('contacts', 'Anna Abel', 'tags'));
});

await flow('bulk__a_task_for_each', async () => {
    await tick('/companies?q=alster');
    await act('Note or task');
    await dialog().getByRole('button', { name: 'Activity', exact: true }).click();
    await dialog().getByLabel('Subject').fill('Send the catalogue');
    await until('figures', '5 records change', () => status());
    equal(await axe(page), [], 'axe');
    await dialog().getByRole('button', { name: 'Add to 5 companies' }).click();
    const made = async () => (await k.api('GET', `/activities?limit=1&filter=${encodeURIComponent('subject = "Send the catalogue"')}`)).json.count;
    await until('tasks', 5, made);
    await undo(page, 'Activity added to 5 records');
    await until('undone', 0, made);
});

await flow('bulk__links_and_owners', async () => {
    await tick('/companies?q=birken');
    await act('Set field');
    await until('files are not set by many', 0, () => dialog().getByLabel('Field', { exact: true }).locator('option', { hasText: /^(Logo|Photo)$/ }).count());
    await dialog().getByLabel('Field', { exact: true }).selectOption('parent');
    await dialog().getByRole('combobox', { name: 'New value' }).fill('Alster Werft');
    await page.getByRole('option', { name: 'Alster Werft GmbH' }).click();
    await dialog().getByRole('button', { name: 'Change 5 companies' }).click();
    await until('linked', 'Alster Werft GmbH', async () => (await value('companies', 'Birken Bau GmbH', 'parent'))?.title);
    await tick('/companies?q=birken');
    await act('Assign');
    await dialog().getByRole('combobox', { name: 'Owner' }).fill('max');
    await page.getByRole('option', { name: 'max' }).click();
    await dialog().getByRole('button', { name: 'Change 5 companies' }).click();
    await until('owner', 'max', async () => (await value('companies', 'Birken Bau GmbH', 'owner'))?.title);
});

await flow('bulk__says_what_is_refused', async () => {
    const member = await open(k, { as: MEMBER });
    await tick('/companies?f.name=has:b&sort=-owner', member);
    await act('Set field', member);
    await dialog(member).getByLabel('Field', { exact: true }).selectOption('city');
    await dialog(member).getByRole('textbox', { name: 'New value' }).fill('Husum');
    await until('figures', '5 records change', () => status(member));
    const said = await dialog(member).locator('.notice').textContent();
    assert(/\d+ records stay as they are:\d+ × /.test(said), said);
    equal(await axe(member), [], 'axe');
    await dialog(member).getByRole('button', { name: 'Change 5 companies' }).click();
    await until('saved', 'Husum', () => value('companies', 'Birken Bau GmbH', 'city'));
    await member.context().close();
});

await flow('bulk__deletes_many_after_telling', async () => {
    await tick('/contacts');
    await page.getByRole('button', { name: 'Select all 130' }).click();
    await act('Delete');
    await until('figures', '130 records change', () => status());
    await dialog().getByRole('button', { name: 'Delete 130 contacts' }).click();
    await page.getByText('All contacts are in the bin').waitFor();
    await undo(page, '130 records moved to the bin');
    await until('count', '130', () => page.locator('.page-count').textContent());
});

await flow('bulk__leads_to_the_merge_of_a_few', async () => {
    await visit(page, '/contacts?q=abel');
    const box = (n) => page.locator('tbody input[type=checkbox]').nth(n);
    await box(0).check();
    await until('one alone', 0, () => page.locator('.bulkbar').getByRole('link', { name: 'Merge' }).count());
    await box(1).check();
    await page.locator('.bulkbar').getByRole('link', { name: 'Merge' }).click();
    await settled(page);
    equal(new URL(page.url()).pathname, '/merge/contact');
    await page.goBack();
    await settled(page);
});

await flow('bulk__on_a_phone', async () => {
    const phone = await open(k, { phone: true });
    await visit(phone, '/contacts?q=haas');
    await phone.getByRole('button', { name: 'View options' }).tap();
    await phone.getByRole('button', { name: 'Select records' }).tap();
    await phone.getByRole('button', { name: 'Select all on this page' }).tap();
    await act('Set field', phone);
    await dialog(phone).getByLabel('Field', { exact: true }).selectOption('city');
    await dialog(phone).getByRole('textbox', { name: 'New value' }).fill('Husum');
    await until('figures', '13 records change', () => status(phone));
    equal(await axe(phone), [], 'axe');
    await dialog(phone).getByRole('button', { name: 'Change 13 contacts' }).tap();
    await until('saved', 'Husum', () => value('contacts', 'Anna Haas', 'city'));
    await settled(phone);
    await phone.context().close();
});
await finish();
