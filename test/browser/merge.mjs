#!/usr/bin/env node
/* Merging by hand: the duplicates page with its groups and bulk decisions, the merge page with its choices, Undo, keyboard and
 * phone, the ways there. */
import { Kontor, open, visit, axe, shot, test, equal, assert, finish, until } from './harness.mjs';

const k = await Kontor.make();
const made = async (plural, values) => (await k.api('POST', `/${plural}`, values)).json.id;
const nord = await made('companies', { name: 'Nordlicht Werft', city: 'Kiel', phones: ['+49 431 1'] });
const nord2 = await made('companies', { name: 'Nordlicht Werft GmbH', city: 'Kiel', website: ['https://nordlicht.example'] });
const anna = await made('contacts', { first_name: 'Anna', last_name: 'Lehmann', company: nord, city: 'Kiel', emails: ['anna@nordlicht.example'], job_title: 'Buyer' });
const anna2 = await made('contacts', { first_name: 'Anna', last_name: 'Lehman', emails: ['ANNA@nordlicht.example', 'a.lehmann@home.example'], phones: ['+49 431 22'], job_title: 'Head of purchasing', city: 'Kiel' });
const sven = await made('contacts', { first_name: 'Sven', last_name: 'Ohl', city: 'Husum' });
const sven2 = await made('contacts', { first_name: 'Ohl', last_name: 'Sven', city: 'Husum' });
const tim = await made('contacts', { first_name: 'Tim', last_name: 'Rau', phones: ['+49 30 55'] });
const tim2 = await made('contacts', { first_name: 'Tim', last_name: 'Rau', phones: ['030 55'.replace('0', '+49 ')] });
await made('deals', { name: 'New hall', contact: anna2, company: nord2 });
await made('notes', { text: 'Met at the fair', links: [anna2] });

const MODES = [{}, { dark: true }, { phone: true }, { phone: true, dark: true }];
for (const mode of MODES) {
    const name = `${mode.phone ? 'phone' : 'desk'}_${mode.dark ? 'dark' : 'light'}`;
    const page = await open(k, mode);
    for (const [what, path] of [['duplicates', '/duplicates/contact'], ['merge', `/merge/contact?ids=${anna},${anna2}`], ['merge_one', `/merge/contact?ids=${anna}`], ['duplicates_none', '/duplicates/company']]) {
        await test(`${what}__${name}_is_accessible_and_fits`, async () => {
            await visit(page, path);
            await page.waitForTimeout(600);
            if (process.env.SHOTS) { await shot(page, `${what}_${name}`); }
            equal(await axe(page), [], 'axe');
            equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, 'no sideways scroll');
        }, page);
    }
    await page.context().close();
}

const page = await open(k);
await test('duplicates__tell_groups_with_reasons', async () => {
    await visit(page, '/contacts');
    await page.getByRole('link', { name: 'Find duplicates' }).click();
    await page.locator('.dup').first().waitFor();
    const told = await page.locator('.dup-why').allInnerTexts();
    assert(told.some((x) => /Certain/.test(x) && /Same e-mail address: anna@nordlicht\.example/.test(x)), JSON.stringify(told));
    await until('groups', 3, () => page.locator('.dup').count());
}, page);

await test('merge__proposes_what_the_one_that_stays_says_and_tells_what_is_dropped', async () => {
    await page.locator('.dup', { hasText: 'Lehman' }).getByRole('button', { name: /^Compare/ }).click();
    await page.getByText('Moves along:').waitFor();
    const title = page.getByRole('group', { name: 'Job title' });
    await until('the survivor keeps its values', true, () => title.getByRole('radio').first().isChecked());
    await page.getByText('“Anna Lehmann” stays').waitFor();
    const stays = page.getByRole('group', { name: 'Which one stays?' });
    await stays.getByRole('radio').nth(1).check();
    await until('so does the other when it stays', true, () => title.getByRole('radio').nth(1).isChecked());
    await page.getByText('“Anna Lehman” stays').waitFor();
    await stays.getByRole('radio').first().check();
    await page.getByRole('group', { name: 'Last name' }).getByRole('radio').nth(1).check();
    await page.getByText('It is called “Anna Lehman” then.').waitFor();
    await title.getByRole('radio').nth(1).check();
    await page.getByText('Job title (Buyer)').waitFor();
    const outcome = await page.locator('.merge-outcome').innerText();
    assert(/1 deal/i.test(outcome) && /1 note/i.test(outcome) && /Job title \(Buyer\)/.test(outcome), outcome);
    await title.getByRole('radio').first().check();
    await page.getByText('Job title (Head of purchasing)').waitFor();
    assert(/are the same|is the same/.test(await page.locator('.merge-equal').innerText()), 'equal ones are folded');
}, page);

await test('merge__is_done_and_undone_from_the_toast', async () => {
    await page.getByRole('button', { name: 'Merge 2 contacts' }).click();
    await page.locator('.toasts').getByText('1 record merged into Anna Lehman').waitFor();
    assert(page.url().includes('/duplicates/contact'), page.url());
    const one = (await k.api('GET', `/contacts/${anna2}`)).json;
    equal([one.id, one.merged_into, one.job_title, one.emails.length, one.phones.length], [anna, anna, 'Buyer', 2, 1], 'survivor');
    await page.locator('.dup').nth(1).waitFor();
    await until('groups left', 2, () => page.locator('.dup').count());
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.locator('.dup').nth(2).waitFor();
    equal((await k.api('GET', `/contacts/${anna2}`)).json.id, anna2, 'it is back');
}, page);

await test('merge__undone_later_says_which_values_stay', async () => {
    const { json } = await k.api('POST', '/contacts/merge', { into: tim, from: [tim2] });
    await visit(page, '/steps');
    await page.locator('.feed li', { hasText: 'merged Tim Rau into another record' }).waitFor();
    await k.api('POST', `/changes/${json.change}/undo`, {});
    await k.api('PATCH', `/contacts/${tim2}`, { job_title: 'Rigger' });
    await k.api('POST', '/contacts/merge', { into: tim, from: [tim2] });
    await k.api('PATCH', `/contacts/${tim}`, { job_title: 'Skipper' });
    await visit(page, '/steps');
    await page.locator('.feed li', { hasText: 'merged 2 contacts' }).first().getByRole('button', { name: 'Actions for this change' }).click();
    await page.getByRole('menuitem', { name: /Undo/ }).click();
    await page.locator('.toasts').getByText('1 record was changed since and keeps that: Tim Rau (Job title)').waitFor();
});

await test('merge__an_old_address_shows_the_survivor', async () => {
    const { json } = await k.api('POST', '/contacts/merge', { into: anna, from: [anna2] });
    await visit(page, `/contacts/${anna2}`);
    await page.getByRole('heading', { name: 'Anna Lehmann', level: 1 }).waitFor();
    await page.waitForURL(`**/contacts/${anna}`);
    await page.locator('.tl', { hasText: 'merged' }).first().waitFor();
    await k.api('POST', `/changes/${json.change}/undo`, {});
}, page);

await test('duplicates__are_dismissed_by_key_and_come_back_by_undo', async () => {
    await visit(page, '/duplicates/contact');
    const group = page.locator('.dup', { hasText: 'Sven' });
    await group.getByRole('button', { name: /^Not the same/ }).click();
    await page.locator('.dup', { hasText: 'Sven' }).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.locator('.dup', { hasText: 'Sven' }).waitFor();
    await page.locator('.dup').first().getByRole('checkbox').focus();
    await page.keyboard.press('ArrowDown');
    equal(await page.evaluate(() => [...document.querySelectorAll('.dup')].indexOf(document.activeElement.closest('.dup'))), 1, 'arrow moves');
    await page.keyboard.press('Space');
    await page.getByText('1 selected').waitFor();
}, page);

await test('duplicates__certain_ones_are_merged_at_once_with_a_preview', async () => {
    await visit(page, '/duplicates/contact');
    await page.getByRole('button', { name: /Select the certain ones/ }).click();
    await page.getByRole('toolbar').getByRole('button', { name: 'Merge' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Dropped:').first().waitFor();
    equal(await axe(page), [], 'axe');
    await dialog.getByRole('button', { name: /^Merge \d+ group/ }).click();
    await page.locator('.toasts').getByText(/groups? merged/).waitFor();
    assert((await k.api('GET', `/contacts/${anna2}`)).json.merged_into === anna, 'merged');
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.locator('.toasts').getByText('Undone').first().waitFor();
    await page.waitForTimeout(300);
    equal((await k.api('GET', `/contacts/${anna2}`)).json.merged_into, undefined, 'undone');
}, page);

await test('merge__begins_at_the_menu_of_a_record', async () => {
    await visit(page, `/companies/${nord}`);
    await page.getByRole('button', { name: 'More actions' }).click();
    await page.getByRole('menuitem', { name: 'Merge with…' }).click();
    await page.getByRole('combobox', { name: 'Merge with' }).fill('Nordlicht Werft G');
    await page.getByRole('option', { name: 'Nordlicht Werft GmbH' }).click();
    await page.getByText('Moves along:').waitFor();
    await page.getByRole('group', { name: 'Which one stays?' }).getByRole('radio').nth(1).check();
    await page.getByText('“Nordlicht Werft GmbH” stays').waitFor();
    await page.keyboard.press('Control+Enter');
    await page.waitForURL(`**/companies/${nord2}`);
    equal((await k.api('GET', `/companies/${nord}`)).json.merged_into, nord2, 'merged');
}, page);
await test('warning__while_a_field_is_edited_says_why_and_keeps_the_editor', async () => {
    const one = await made('contacts', { first_name: 'Zoe', last_name: 'Ast', city: 'Leer' });
    await made('contacts', { first_name: 'Zoe', last_name: 'Asmus', city: 'Leer' });
    await visit(page, `/contacts/${one}`);
    await page.getByRole('button', { name: 'Edit Last name' }).click();
    await page.getByRole('textbox', { name: 'Last name' }).fill('Asmus');
    await page.getByText('Contact “Zoe Asmus”: Same name and place').waitFor();
    await until('still there', 'Asmus', () => page.getByRole('textbox', { name: 'Last name' }).inputValue());
    await until('beside', '_blank', () => page.getByRole('link', { name: 'Open it' }).getAttribute('target'));
    await page.keyboard.press('Escape');
}, page);
assert(sven && sven2 && tim && tim2, 'made');
await finish();
