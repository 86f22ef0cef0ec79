#!/usr/bin/env node
/*
 * Several companies of a person, several people of a deal, with role and dates, seen from both sides:
 * added, changed, ended and made primary in place, by keys and on a phone.
 */
import { Kontor, open, visit, until, undo, axe, shot, test, assert, equal, finish } from './harness.mjs';
import { seed, find } from './seed.mjs';

const k = await Kontor.make();
await seed(k);
const page = await open(k);
const flow = (name, run) => test(name, run, page);
const person = await find(k, 'contacts', 'Anna Abel');
const own = (await k.api('GET', `/contacts/${person}`)).json.company;
const other = await find(k, 'companies', 'Birken Bau GmbH');
const deal = await find(k, 'deals', 'Order 1');
const positions = async () => (await k.api('GET', `/contact_companies?filter=${encodeURIComponent(`contact = ${person}`)}`)).json.items;
const panel = (name, on = page) => on.getByRole('region', { name, exact: true });

await flow('positions__are_added_by_keys', async () => {
    await visit(page, `/contacts/${person}`);
    await until('primary', true, async () => (await panel('Positions').locator('li').first().textContent()).includes(own.title));
    await panel('Positions').getByRole('button', { name: 'Add: Positions' }).focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Enter');
    await until('focus', true, () => panel('Positions').getByRole('combobox', { name: /Company/ }).evaluate((x) => x === document.activeElement));
    await page.keyboard.type('Birken Bau');
    await page.getByRole('option', { name: 'Birken Bau GmbH' }).waitFor();
    await page.keyboard.press('Enter');
    await panel('Positions').getByRole('textbox', { name: /Role/ }).fill('Board member');
    await panel('Positions').getByLabel(/Since/).fill('2020-01-01');
    equal(await axe(page), [], 'positions form');
    await page.keyboard.press('Enter');
    await until('made', [['Birken Bau GmbH', 'Board member', '2020-01-01']], async () => (await positions()).map((x) => [x.company.title, x.role, x.since]));
    await until('shown', true, async () => (await panel('Positions').textContent()).includes('Board member · since'));
});

await flow('positions__are_seen_from_the_company', async () => {
    await visit(page, `/companies/${other}`);
    await until('there', true, async () => (await panel('Contacts').textContent()).includes('Anna Abel'));
    await panel('Contacts').getByRole('button', { name: 'Actions for Anna Abel' }).click();
    await page.getByRole('menuitem', { name: 'End today' }).click();
    await page.locator('.joined-over summary').waitFor();
    equal((await page.locator('.joined-over summary').textContent()).trim(), '1 former');
    await undo(page, 'Anna Abel: ended');
    await until('again', null, async () => (await positions())[0].until);
});

await flow('positions__become_primary', async () => {
    await visit(page, `/contacts/${person}`);
    await panel('Positions').getByRole('button', { name: 'Actions for Birken Bau GmbH' }).click();
    await page.getByRole('menuitem', { name: 'Make primary' }).click();
    await until('primary', other, async () => (await k.api('GET', `/contacts/${person}`)).json.company.id);
    await undo(page, 'Company changed');
    await until('back', own.id, async () => (await k.api('GET', `/contacts/${person}`)).json.company.id);
});

await flow('participants__of_a_deal', async () => {
    await k.api('POST', '/deal_contacts', { deal, contact: person, role: 'Decides' });
    await visit(page, `/deals/${deal}`);
    await until('role', true, async () => (await panel('Participants').textContent()).includes('Decides'));
    await panel('Participants').getByRole('button', { name: 'Actions for Anna Abel' }).click();
    await page.getByRole('menuitem', { name: 'Change role and dates' }).click();
    await panel('Participants').getByRole('textbox', { name: /Role/ }).fill('Signs');
    await page.keyboard.press('Enter');
    await until('changed', 'Signs', async () => (await k.api('GET', `/deal_contacts?filter=${encodeURIComponent(`deal = ${deal}`)}`)).json.items[0].role);
    await visit(page, `/contacts/${person}`);
    await until('his deals', true, async () => (await panel('Participations').textContent()).includes('Signs'));
});

for (const mode of [{}, { dark: true }, { phone: true }, { phone: true, dark: true }]) {
    const how = `${mode.phone ? 'phone' : 'desktop'}_${mode.dark ? 'dark' : 'light'}`;
    const at = await open(k, mode);
    await test(`positions__are_accessible_${how}`, async () => {
        await visit(at, `/contacts/${person}`);
        if (mode.phone) await at.getByRole('button', { name: 'Related', exact: true }).click();
        await panel('Positions', at).getByRole('button', { name: 'Add: Positions' }).click();
        await at.getByRole('menuitem', { name: 'Add with a role' }).click();
        equal(await axe(at), [], `positions ${how}`);
        await shot(at, `positions-${how}`);
    }, at);
}
await finish();
