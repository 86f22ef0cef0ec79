#!/usr/bin/env node
/*
 * Lines of a deal: a product by search, quantity and discount by keys alone, their sum is the amount;
 * what the server refuses is told beside its field; the same by thumb.
 */
import { open, visit, until, axe, shot, test, assert, equal, finish } from './harness.mjs';
import { seed, aged, find } from './seed.mjs';

const SETTINGS = 'name: Test\ncurrency: EUR\nzone: Europe/Berlin\npassword_cost: low\nrates: {USD: 0.9}\n';
const k = await aged({ 'kontor.yaml': SETTINGS }, 3, []);
await seed(k, { deals: false });
for (const [name, price] of [['Panel', '120.50'], ['Inverter', '400'], ['Dollar part', { value: '7', currency: 'USD' }]]) {
    await k.api('POST', '/products', { name, price });
}
for (const name of ['Roof', 'Phone roof']) {
    await k.api('POST', '/deals', { name, amount: '5' });
}
const page = await open(k);
const LEAD = 'head@example.com'; /* makes no products */
const flow = (name, run) => test(name, run, page);
const deal = async (name) => (await k.api('GET', `/deals/${await find(k, 'deals', name)}`)).json;
const amount = async (name) => (await deal(name)).amount.value;
const editor = (on = page) => on.locator('dialog.lines-dialog');
const line = (n, on = page) => editor(on).locator('[data-line]').nth(n);

await flow('lines__by_keys_alone', async () => {
    await visit(page, `/deals/${await find(k, 'deals', 'Roof')}`);
    await page.getByRole('button', { name: 'Edit Lines' }).focus();
    await page.keyboard.press('Enter');
    await editor().getByLabel('Add a product').focus();
    await page.keyboard.type('Panel');
    await page.getByRole('option', { name: 'Panel', exact: true }).waitFor();
    await page.keyboard.press('Enter');
    await line(0).waitFor();
    await until('focus', 'quantity', () => page.evaluate(() => document.activeElement.dataset.cell));
    await page.keyboard.type('10');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.type('10');
    await page.keyboard.press('Tab');
    await page.keyboard.type('19');
    await page.keyboard.press('Enter');
    await until('amount', '1084.50', () => amount('Roof'));
    await until('focus', 'line-product', () => page.evaluate(() => document.activeElement.id));
    await page.keyboard.type('Inv');
    await page.getByRole('option', { name: 'Inverter', exact: true }).waitFor();
    await page.keyboard.press('Enter');
    await line(1).waitFor();
    await until('amount', '1484.50', () => amount('Roof'));
    equal(await axe(page), [], 'axe');
    await until('focus', 'quantity', () => page.evaluate(() => document.activeElement.dataset.cell));
    await page.keyboard.press('Alt+ArrowUp');
    await until('first line', 'Inverter', () => line(0).locator('[data-cell=name]').inputValue());
    await page.keyboard.press('Escape');
    await editor().waitFor({ state: 'detached' });
    const sums = page.locator('.lines-panel .line-sums');
    await until('net', true, async () => /1,484\.50/.test(await sums.textContent()));
    await until('tax', true, async () => /Tax 19 %.*206\.06/.test(await sums.textContent()));
});

await flow('lines__say_that_no_product_is_called_so', async () => {
    for (const phone of [false, true]) {
        const on = phone ? await open(k, { phone }) : page;
        await visit(on, `/deals/${await find(k, 'deals', 'Roof')}${phone ? '?tab=related' : ''}`);
        await on.getByRole('button', { name: 'Edit Lines' }).click();
        const field = editor(on).getByLabel('Add a product');
        await field.fill('Flux');
        await on.getByRole('option', { name: 'Create “Flux”' }).waitFor();
        await editor(on).getByRole('button', { name: 'Close' }).last().focus();
        await editor(on).getByText('Nothing found for “Flux”.').waitFor();
        await shot(on, `lines-no-product${phone ? '-phone' : ''}`);
        await field.fill('Pan');
        await on.getByRole('option', { name: 'Panel', exact: true }).waitFor();
        equal(await editor(on).getByText('Nothing found for').count(), 0, 'said of what is typed now');
        await editor(on).getByRole('button', { name: 'Close' }).last().focus();
        await editor(on).getByRole('button', { name: 'Close' }).last().click();
        await editor(on).waitFor({ state: 'detached' });
        if (phone) await on.context().close();
    }
});

await flow('lines__only_say_so_where_no_product_can_be_made', async () => {
    k.addUser(LEAD, 'lead', 'Sales');
    const own = (await k.api('POST', '/deals', { name: 'Own roof' }, LEAD)).json.id;
    const lead = await open(k, { as: LEAD });
    await visit(lead, `/deals/${own}`);
    await lead.getByRole('button', { name: 'Edit Lines' }).click();
    await editor(lead).getByLabel('Add a product').fill('Flux');
    await editor(lead).getByText('Nothing found for “Flux”.').waitFor();
    equal(await lead.getByRole('option').count(), 0, 'offers');
    await lead.context().close();
});

await flow('lines__say_what_is_wrong_and_are_undone', async () => {
    page.expected = /status of 422/;
    await page.getByRole('button', { name: 'Edit Lines' }).click();
    await editor().getByLabel('Add a product').fill('Dollar');
    await page.getByRole('option', { name: 'Dollar part', exact: true }).click();
    await editor().getByText('in one currency').waitFor();
    await line(0).locator('[data-cell=discount]').fill('101');
    await page.keyboard.press('Tab');
    await line(0).getByRole('alert').waitFor();
    await line(0).locator('[data-cell=discount]').fill('50');
    await page.keyboard.press('Tab');
    await until('amount', '1284.50', () => amount('Roof'));
    await editor().locator('.lines-said', { hasText: 'Inverter changed' }).getByRole('button', { name: 'Undo' }).click();
    await until('amount', '1484.50', () => amount('Roof'));
    await editor().getByRole('button', { name: 'Remove Inverter' }).click();
    await until('amount', '1084.50', () => amount('Roof'));
    await editor().locator('.lines-said', { hasText: 'Inverter moved to the bin' }).getByRole('button', { name: 'Undo' }).click();
    await until('amount', '1484.50', () => amount('Roof'));
    await editor().getByRole('button', { name: 'Close' }).last().click();
    page.expected = null;
});

await flow('lines__the_amount_is_theirs', async () => {
    await visit(page, `/deals/${await find(k, 'deals', 'Roof')}`);
    await page.locator('.rec-side').getByText('1,484.50').waitFor();
    await page.getByText('What the lines come to').waitFor();
    await until('pencils', 0, () => page.getByRole('button', { name: 'Edit Amount' }).count());
});

await flow('lines__by_thumb', async () => {
    const phone = await open(k, { phone: true });
    await visit(phone, `/deals/${await find(k, 'deals', 'Phone roof')}?tab=related`);
    await phone.getByRole('button', { name: 'Edit Lines' }).tap();
    await editor(phone).getByLabel('Add a product').tap();
    await phone.getByLabel('Add a product').fill('Pan');
    await phone.getByRole('option', { name: 'Panel', exact: true }).tap();
    await line(0, phone).locator('[data-cell=quantity]').fill('2');
    await editor(phone).getByRole('button', { name: 'Close' }).last().tap();
    await until('amount', '241.00', () => amount('Phone roof'));
    const wide = await phone.evaluate(() => document.documentElement.scrollWidth);
    assert(wide <= 390, `the page is ${wide} px wide`);
    await phone.context().close();
});
await finish();
