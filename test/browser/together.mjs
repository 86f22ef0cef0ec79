#!/usr/bin/env node
/*
 * Two people at one deal: each sees that the other is there and edits; what they change in different
 * fields is kept, for one field they are asked, and what is being typed is never lost.
 */
import { Kontor, open, visit, until, axe, test, assert, equal, finish } from './harness.mjs';
import { seed, find, MEMBER } from './seed.mjs';

const k = await Kontor.make();
await seed(k);
const max = (await k.api('GET', '/users?filter=name%20=%20"max"')).json.items[0].id;
const deal = `/deals/${await find(k, 'deals', 'Order 1')}`;
await k.api('PATCH', deal, { owner: max });
const now = async (name) => (await k.api('GET', deal)).json[name];

const page = await open(k);
const other = await open(k, { as: MEMBER });
/* Where two met, the first answer says so. */
page.expected = other.expected = /status of 412/;
const here = (p) => p.locator('.here');
const detail = (p, label) => p.locator('.detail', { has: p.locator('dt', { hasText: new RegExp(`^${label}$`) }) }).locator('dd');
const edit = async (p, label) => {
    await p.getByRole('button', { name: `Edit ${label}`, exact: true }).click();
    return detail(p, label).locator('input').first();
};

await test('together__each_sees_the_other', async () => {
    await visit(page, deal);
    await until('alone', 0, () => here(page).count());
    await visit(other, deal);
    await here(page).getByText('max is here too').waitFor();
    await here(other).getByText('admin is here too').waitFor();
}, page);

await test('together__who_edits_is_named', async () => {
    const input = await edit(other, 'Name');
    await here(page).getByText('max is editing').waitFor();
    await axeClean(page);
    await input.press('Escape');
    await here(page).getByText('max is here too').waitFor();
    await other.getByRole('textbox', { name: /note/i }).first().click();
    await page.waitForTimeout(600);
    await until('a note is no edit of the record', 0, () => here(page).getByText('max is editing').count());
}, page);

await test('together__more_than_one_are_counted_and_named', async () => {
    k.addUser('eva@example.com', 'admin', 'Sales');
    const third = await open(k, { as: 'eva@example.com' });
    await visit(third, deal);
    await here(page).getByText('2 are here too').waitFor();
    assert(/^2 are here too: (max, eva|eva, max)$/.test(await here(page).getAttribute('title')), 'the names');
    await third.context().close();
    await here(page).getByText('max is here too').waitFor({ timeout: 20000 });
}, page);

async function axeClean(p) {
    equal(await axe(p), [], 'axe');
}

await test('together__different_fields_are_both_kept', async () => {
    const mine = await edit(page, 'Name');
    const theirs = await edit(other, 'Expected close');
    await mine.fill('Order one');
    await theirs.fill('2027-03-31');
    await theirs.press('Enter');
    await until('date', '2027-03-31', () => now('close_date'));
    await until('what is being typed', 'Order one', () => mine.inputValue());
    await mine.press('Enter');
    await until('name', 'Order one', () => now('name'));
    equal(await now('close_date'), '2027-03-31', 'the date of the other');
    await until('nothing is asked', 0, () => page.locator('dialog').count());
}, page);

await test('together__one_field_is_asked_about_and_mine_wins', async () => {
    await other.getByRole('heading', { level: 1, name: 'Order one' }).waitFor();
    const mine = await edit(page, 'Name');
    await mine.fill('Order of ours');
    const theirs = await edit(other, 'Name');
    await theirs.fill('Order of theirs');
    await theirs.press('Enter');
    await until('name', 'Order of theirs', () => now('name'));
    await mine.press('Enter');
    const asked = page.getByRole('dialog', { name: 'Changed by somebody else' });
    await asked.getByText('Order of theirs').waitFor();
    await asked.getByText('Order of ours').waitFor();
    equal(await axe(page), [], 'axe');
    await asked.getByRole('button', { name: 'Use mine' }).click();
    await until('name', 'Order of ours', () => now('name'));
    await other.getByRole('heading', { level: 1, name: 'Order of ours' }).waitFor();
}, page);

await test('together__one_field_is_asked_about_and_theirs_stays', async () => {
    await other.getByRole('heading', { level: 1, name: 'Order of ours' }).waitFor();
    const mine = await edit(page, 'Name');
    await mine.fill('Not to be');
    const theirs = await edit(other, 'Name');
    await theirs.fill('Order 1');
    await theirs.press('Enter');
    await until('name', 'Order 1', () => now('name'));
    await mine.press('Enter');
    await page.getByRole('dialog').getByRole('button', { name: 'Use theirs' }).click();
    await page.getByRole('heading', { level: 1, name: 'Order 1' }).waitFor();
    equal(await now('name'), 'Order 1', 'name');
}, page);

await test('together__is_asked_about_though_another_field_was_written_here', async () => {
    const mine = await edit(page, 'Name');
    await mine.fill('Mine after all');
    await k.api('PATCH', deal, { name: 'Of max' }, MEMBER);
    await k.api('PATCH', deal, { close_date: '2027-05-05' }); /* the same person on another page */
    await until('date', '2027-05-05', () => now('close_date'));
    await mine.press('Enter');
    const asked = page.getByRole('dialog', { name: 'Changed by somebody else' });
    await asked.getByText(/^max changed Name/).waitFor();
    await asked.getByRole('button', { name: 'Use theirs' }).click();
    await page.getByRole('heading', { level: 1, name: 'Of max' }).waitFor();
    const field = await edit(page, 'Name');
    await field.fill('Order 1');
    await k.api('PATCH', deal, { name: 'From my phone' });
    await until('name', 'From my phone', () => now('name'));
    await field.press('Enter');
    await until('name', 'Order 1', () => now('name'));
    await until('what one wrote oneself is not asked about', 0, () => page.locator('dialog').count());
}, page);

await test('together__nothing_of_it_is_lost_in_the_history', async () => {
    const { items } = (await k.api('GET', `/changes?entity=deal&id=${deal.split('/')[2]}`)).json;
    assert(items.length >= 5, `steps: ${items.length}`);
}, page);

await test('together__a_page_that_leaves_is_forgotten', async () => {
    await visit(other, '/home');
    await until('people', 0, () => here(page).count());
    await visit(other, deal);
    await here(page).getByText('max is here too').waitFor();
    await other.context().close();
    await until('people', 0, () => here(page).count(), 20000);
}, page);

await test('together__after_the_server_was_away', async () => {
    page.expected = /ERR_|status of 50|Failed to load/;
    const again = await open(k, { as: MEMBER, phone: true });
    again.expected = page.expected;
    await visit(again, deal);
    await here(page).getByText('max is here too').waitFor();
    const port = new URL(k.url).port;
    await k.stop();
    await k.start(['--listen', `127.0.0.1:${port}`]);
    await until('people', 1, () => here(page).count(), 20000);
    await until('people', 1, () => here(again).count(), 20000);
    const box = await here(again).boundingBox();
    assert(box.x >= 0 && box.x + box.width <= 390, `on a phone: ${JSON.stringify(box)}`);
    await again.context().close();
}, page);
await finish();
