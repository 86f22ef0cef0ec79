#!/usr/bin/env node
/*
 * The timeline of a record: filtered by kind, person and words, all in the address, in a sheet on a phone; with people and
 * deals, saying whose an entry is; notes pinned to the top, with Undo.
 */
import { Kontor, open, visit, settled, undo, until, axe, test, assert, equal, finish } from './harness.mjs';
import { seed, find, MEMBER } from './seed.mjs';

const k = await Kontor.make();
await seed(k);
const firm = Number(await find(k, 'companies', 'Alster Bau GmbH'));
const order = Number(await find(k, 'deals', 'Order 1'));
const max = (await k.api('GET', '/users?filter=name%20=%20"max"')).json.items[0].id;
await k.api('PATCH', `/deals/${order}`, { company: firm });
const note = (text, links, as) => k.api('POST', '/notes', { text, links }, as);
await note('Wants an offer for the roof', [{ entity: 'company', id: firm }]);
await note('Max was there', [{ entity: 'company', id: firm }], MEMBER);
await note('The order is urgent', [{ entity: 'deal', id: order }]);
await k.api('POST', '/activities', { kind: 'call', subject: 'Asked about the roof', done_at: '2026-01-05T10:00:00Z', links: [{ entity: 'company', id: firm }] });

const page = await open(k);
const company = `/companies/${firm}`;
const texts = (p) => p.locator('ol.timeline .tl-card').evaluateAll((all) => all.map((x) => (x.querySelector('.tl-text') ?? x.querySelector('h3')).textContent));
const ALL = ['Max was there', 'Wants an offer for the roof', 'Asked about the roof'];
const filter = (p) => p.getByRole('dialog', { name: 'Filter the timeline' });

await test('timeline__is_searched_and_the_address_keeps_it', async () => {
    await visit(page, company);
    await until('all', ALL, () => texts(page));
    await page.getByRole('searchbox', { name: 'Search in the timeline' }).fill('roof');
    await until('found', ['Wants an offer for the roof', 'Asked about the roof'], () => texts(page));
    assert(page.url().endsWith('?find=roof'), page.url());
    await page.reload();
    await until('again', ['Wants an offer for the roof', 'Asked about the roof'], () => texts(page));
    await page.getByRole('searchbox', { name: 'Search in the timeline' }).fill('zebra');
    await page.getByRole('button', { name: 'Show everything' }).click();
    await until('all', ALL, () => texts(page));
}, page);

await test('timeline__is_filtered_by_kinds_and_person', async () => {
    await page.getByRole('button', { name: 'Filter', exact: true }).click();
    await filter(page).getByLabel('Call').check();
    await until('calls', ['Asked about the roof'], () => texts(page));
    await filter(page).getByLabel('Note', { exact: true }).check();
    await until('calls and notes', ALL, () => texts(page));
    equal(await axe(page), [], 'axe');
    await filter(page).getByRole('combobox', { name: 'Person' }).fill('max');
    await page.getByRole('option', { name: 'max' }).click();
    await until('of max', ['Max was there'], () => texts(page));
    await page.keyboard.press('Escape');
    assert(page.url().includes(`by=${max}`) && decodeURIComponent(page.url()).includes('kind=call,note'), page.url());
    equal(await axe(page), [], 'axe with chips');
    await page.getByRole('button', { name: 'Remove filter by max' }).click();
    await page.getByRole('button', { name: 'Remove filter Call' }).click();
    await until('notes', ALL.slice(0, 2), () => texts(page));
    await page.getByRole('button', { name: 'Remove filter Note' }).click();
}, page);

await test('timeline__shows_people_and_deals_and_whose_they_are', async () => {
    await page.getByRole('button', { name: 'Filter', exact: true }).click();
    await filter(page).getByLabel(/^With .*Deals/).check();
    await until('with the deal', true, async () => { const all = await texts(page); return all[0] === 'The order is urgent' && ALL.every((x) => all.includes(x)); });
    await page.keyboard.press('Escape');
    await until('whose', 'Order 1', () => page.locator('.tl-of').first().textContent());
    await k.api('PATCH', `/deals/${await find(k, 'deals', 'Order 1')}`, { amount: '4321' });
    const change = page.locator('.tl-change', { hasText: '4,321' });
    await change.waitFor();
    await until('whose change', 'Order 1', () => change.locator('.tl-of').textContent());
    await until('ways back', 0, () => change.getByRole('button', { name: /^Restore/ }).count());
    equal(await axe(page), [], 'axe');
    await page.locator('.tl-of').first().getByRole('link', { name: 'Order 1' }).click();
    await page.getByRole('heading', { name: 'Order 1', exact: true }).waitFor();
}, page);

await test('timeline__pins_a_note_to_the_top_and_takes_it_back', async () => {
    await visit(page, company);
    const card = page.locator('.tl-card', { hasText: 'Wants an offer' });
    await card.getByRole('button', { name: 'Actions for this entry' }).click();
    await page.getByRole('menuitem', { name: 'Pin to the top' }).click();
    await page.getByRole('list', { name: 'Pinned' }).getByText('Wants an offer').waitFor();
    await until('order', ['Wants an offer for the roof', 'Max was there', 'Asked about the roof'], () => texts(page));
    equal(await axe(page), [], 'axe');
    await undo(page, 'Pinned to the top');
    await until('back', ALL, () => texts(page));
    await card.getByRole('button', { name: 'Actions for this entry' }).click();
    await page.getByRole('menuitem', { name: 'Pin to the top' }).click();
    await page.getByRole('list', { name: 'Pinned' }).waitFor();
    await card.getByRole('button', { name: 'Actions for this entry' }).click();
    await page.getByRole('menuitem', { name: 'Unpin' }).click();
    await until('back again', ALL, () => texts(page));
}, page);

await test('timeline__is_filtered_in_a_sheet_on_a_phone', async () => {
    for (const dark of [false, true]) {
        const phone = await open(k, { phone: true, dark });
        await visit(phone, company);
        await phone.getByRole('button', { name: 'Filter', exact: true }).tap();
        await filter(phone).getByLabel('Call').check();
        equal(await axe(phone), [], 'axe');
        await filter(phone).getByRole('button', { name: 'Show' }).tap();
        await until('calls', ['Asked about the roof'], () => texts(phone));
        await settled(phone);
        assert(await phone.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'the page scrolls sideways');
        equal(await axe(phone), [], 'axe after');
        await phone.context().close();
    }
});

await finish();
