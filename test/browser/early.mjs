#!/usr/bin/env node
/*
 * Keys pressed after something was opened and before its part has come over the wire are kept for
 * it: no letter is lost, none acts as a shortcut; Escape, Enter, Tab and Backspace do what they do.
 */
import { Kontor, open, visit, until, test, assert, equal, finish } from './harness.mjs';
import { seed, find } from './seed.mjs';

const DELAY_MS = 700;
const k = await Kontor.make();
await seed(k);
const company = `/companies/${await find(k, 'companies', 'Alster Bau GmbH')}`;
const value = async (name) => (await k.api('GET', company)).json[name];

/** A flow on a page of its own whose parts of these names come late. */
async function early(name, parts, run) {
    const page = await open(k);
    await page.route(new RegExp(`/(${parts})\\.js$`), async (route) => { await new Promise((r) => setTimeout(r, DELAY_MS)); await route.continue(); });
    await test(`early__${name}`, () => run(page), page);
    await page.context().close();
}
const begin = async (page, label) => {
    await visit(page, company);
    await page.getByRole('button', { name: `Edit ${label}`, exact: true }).focus();
    await page.keyboard.press('Enter');
};
const isEditing = (page) => page.locator('.detail-editor').count();

await early('letters_reach_the_editor_of_a_detail', 'detail-editor', async (page) => {
    await begin(page, 'Industry');
    await page.keyboard.type(' and nets!');
    await page.keyboard.press('Backspace');
    equal(await isEditing(page), 0, 'the editor is not there yet');
    await page.locator('.detail-editor').waitFor();
    await until('letters', 'Wholesale and nets', () => page.locator('.detail-editor input').inputValue());
    await page.keyboard.type('?');
    await until('no shortcut', 0, () => page.locator('dialog').count());
    await page.keyboard.press('Enter');
    await until('saved', 'Wholesale and nets?', () => value('industry'));
});

await early('all_of_it_is_replaced', 'detail-editor|cell-editor', async (page) => {
    await begin(page, 'Industry');
    await page.keyboard.press('Control+a');
    await page.keyboard.type('Wholesale');
    await page.keyboard.press('Enter');
    await until('saved', 'Wholesale', () => value('industry'));
    await visit(page, '/companies?sort=title&cols=title,industry');
    await page.locator('td[data-cell$=" industry"]').first().focus();
    await page.keyboard.type('Trade');
    await page.keyboard.press('Enter');
    await until('replaced in a cell', 'Trade', () => value('industry'));
    await k.api('PATCH', company, { industry: 'Wholesale and nets?' });
});

await early('enter_saves', 'detail-editor', async (page) => {
    await begin(page, 'Employees');
    await page.keyboard.type('1');
    await page.keyboard.press('Enter');
    equal(await isEditing(page), 0, 'the editor is not there yet');
    await until('saved', 51, () => value('employees'));
});

await early('tab_saves_and_goes_on', 'detail-editor', async (page) => {
    await begin(page, 'Industry');
    await page.keyboard.type('ny');
    await page.keyboard.press('Tab');
    await until('saved', 'Wholesale and nets?ny', () => value('industry'));
    assert(await page.evaluate(() => document.activeElement.closest('.rec-side') !== null), 'the focus is among the details');
});

await early('escape_leaves_and_nothing_changes', 'detail-editor', async (page) => {
    await begin(page, 'Industry');
    await page.keyboard.type('nn');
    await page.keyboard.press('Escape');
    await until('focus', 'Edit Industry', () => page.evaluate(() => document.activeElement.getAttribute('aria-label')));
    await page.waitForTimeout(DELAY_MS + 300);
    equal(await isEditing(page), 0);
    equal(await value('industry'), 'Wholesale and nets?ny');
});

await early('letters_reach_what_comes_in_two_steps', 'detail-editor|contact-edit', async (page) => {
    await begin(page, 'E-mail');
    await page.keyboard.type('.test');
    await page.locator('.detail-editor input').first().waitFor();
    await until('letters', 'office@firm0.example.test', () => page.locator('.detail-editor input').first().inputValue());
});

await early('a_choice_takes_what_begins_so', 'detail-editor', async (page) => {
    await visit(page, `/deals/${await find(k, 'deals', 'Order 1')}`);
    await page.getByRole('button', { name: 'Edit Source', exact: true }).focus();
    await page.keyboard.press('Enter');
    await page.keyboard.type('ref');
    const deal = `/deals/${await find(k, 'deals', 'Order 1')}`;
    await until('saved', 'referral', async () => (await k.api('GET', deal)).json.source);
});

await early('letters_reach_the_search_and_a_new_record', 'palette|quick-create', async (page) => {
    await visit(page, '/companies');
    await page.keyboard.press('Control+k');
    await page.keyboard.type('birken');
    await until('search', 'birken', () => page.getByRole('combobox', { name: 'Search or jump to' }).inputValue());
    await page.keyboard.press('Escape');
    await page.keyboard.press('c');
    await page.keyboard.type('New firm');
    await until('name', 'New firm', () => page.getByRole('dialog').getByLabel(/^Name/).first().inputValue());
});

await early('what_does_not_come_holds_nothing_back', 'detail-editor', async (page) => {
    page.expected = /Failed to load resource/;
    await page.route(/detail-editor\.js$/, (route) => route.abort());
    await begin(page, 'Industry');
    await page.getByRole('button', { name: 'Try again' }).waitFor();
    await page.keyboard.press('?');
    await page.getByRole('dialog').waitFor();
});
await finish();
