#!/usr/bin/env node
/*
 * What people are reached by, in full: several e-mails and phones with label, primary, opt-out and
 * invalid; addresses as blocks in the form of their country, edited one by one. By keys and by thumb.
 */
import { Kontor, open, visit, until, undo, axe, shot, test, assert, equal, finish } from './harness.mjs';
import { seed, find } from './seed.mjs';

const k = await Kontor.make();
await seed(k);
const page = await open(k);
const flow = (name, run) => test(name, run, page);
const company = `/companies/${await find(k, 'companies', 'Alster Bau GmbH')}`;
const get = async (name) => (await k.api('GET', company)).json[name];
const button = (name) => page.getByRole('button', { name, exact: true });
const editor = () => page.locator('.detail-editor');
const save = () => editor().getByRole('button', { name: 'Save' }).click();

await flow('points__label_and_marks', async () => {
    await k.api('PATCH', company, { phones: ['+49 40 12'] });
    await visit(page, company);
    await button('Edit Phone').click();
    const first = page.getByRole('group', { name: 'Phone 1' });
    await until('focus', true, () => first.getByRole('textbox').first().evaluate((x) => x === document.activeElement));
    await first.getByRole('combobox', { name: 'Label, Phone 1' }).fill('work');
    await button('Add phone').click();
    const second = page.getByRole('group', { name: 'Phone 2' });
    await page.keyboard.type('+49 170 99');
    await until('what is typed goes into the new one', '+49 170 99', () => second.getByRole('textbox').first().inputValue());
    await second.getByRole('combobox').fill('mobile');
    await second.getByRole('button', { name: 'Primary' }).click();
    await second.getByRole('button', { name: /^Opt-out/ }).click();
    await first.getByRole('button', { name: /^Invalid/ }).click();
    equal(await axe(page), [], 'points editor');
    await save();
    await until('saved', [['+49 40 12', 'work', false, false, true], ['+49 170 99', 'mobile', true, true, undefined]],
        async () => (await get('phones')).map((x) => [x.value, x.label, x.primary, x.opt_out, x.invalid]));
    const lines = page.locator('.points li');
    await until('lines', 2, () => lines.count());
    assert((await lines.nth(0).textContent()).includes('Invalid'), 'says invalid');
    assert((await lines.nth(1).textContent()).includes('Opt-out'), 'says opt-out');
    await visit(page, company);
    const told = await page.locator('ul.tl-fields').first().textContent();
    assert(told.includes('+49 40 12 (work, Invalid) · +49 170 99 (mobile, Primary, Opt-out)'), `the timeline tells labels and marks: ${told}`);
});

await flow('addresses__blocks', async () => {
    await visit(page, company);
    await button('Edit Addresses').click();
    const one = page.getByRole('group', { name: 'Addresses 1' });
    await until('city', 'Hamburg', () => one.getByRole('textbox', { name: 'City' }).inputValue());
    await one.getByRole('textbox', { name: 'Street' }).fill('Kai 1');
    await page.keyboard.press('Enter');
    await page.keyboard.type('Hof');
    await one.getByRole('textbox', { name: 'Postal code' }).fill('20095');
    await button('Add address').click();
    const two = page.getByRole('group', { name: 'Addresses 2' });
    await page.keyboard.type('delivery');
    await until('what is typed goes into the new one', 'delivery', () => two.getByRole('combobox', { name: 'Label, Addresses 2' }).inputValue());
    await two.getByRole('textbox', { name: 'City' }).fill('London');
    await two.getByRole('textbox', { name: 'Postal code' }).fill('SW1A 2AA');
    await two.getByRole('combobox', { name: 'Country' }).fill('United Kingdom');
    equal(await axe(page), [], 'addresses editor');
    await shot(page, 'addresses-edit');
    await save();
    await until('saved', ['Kai 1\nHof', ''], async () => (await get('addresses')).map((x) => x.street));
    equal(await get('street'), 'Kai 1, Hof');
    await until('shown', 'London\nSW1A 2AA\nUNITED KINGDOM', () => page.locator('.addresses address').nth(1).textContent());
    await until('plain parts', [], async () => (await page.locator('.rec-side dt').allTextContents()).filter((x) => /^(City|Street)$/.test(x)));
    await undo(page, 'Addresses changed');
    await until('undone', 1, async () => (await get('addresses')).length);
});

for (const mode of [{ dark: true }, { phone: true }, { phone: true, dark: true }]) {
    const how = `${mode.phone ? 'phone' : 'desktop'}_${mode.dark ? 'dark' : 'light'}`;
    const own = await open(k, mode);
    await test(`contact_edit__is_accessible_${how}`, async () => {
        await k.api('PATCH', company, { addresses: [{ label: 'billing', street: 'Kai 1', postcode: '20095', city: 'Hamburg', country: 'Germany', primary: true }, 'Rue 1, 75001 Paris, France'] });
        await visit(own, company);
        if (mode.phone) await own.getByRole('button', { name: 'Details', exact: true }).click();
        await own.locator('.addresses li').first().waitFor();
        equal(await axe(own), [], `shown ${how}`);
        await shot(own, `contact-shown-${how}`);
        await own.getByRole('button', { name: 'Edit Phone' }).click();
        await own.locator('.point').first().waitFor();
        const [name, inputs] = await Promise.all([own.locator('.detail:has(.point) dt'), own.locator('.point').first()].map((x) => x.boundingBox()));
        assert(name.y + name.height <= inputs.y + 1, 'the name of the field stands above its inputs');
        await own.getByRole('button', { name: 'Edit Addresses' }).click();
        await own.locator('.address-edit').first().waitFor();
        equal(await axe(own), [], `edited ${how}`);
        await own.locator('.address-edit').first().scrollIntoViewIfNeeded();
        await shot(own, `contact-edit-${how}`);
    }, own);
}
await finish();
