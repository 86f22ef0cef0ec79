#!/usr/bin/env node
/* What was done, step by step: the page of one's own steps with Undo, the way there, what others may take back. */
import { Kontor, open, visit, axe, shot, test, equal, assert, finish, until } from './harness.mjs';
import { seed, find, MEMBER } from './seed.mjs';

const k = await Kontor.make();
await seed(k);
const firm = await find(k, 'companies', 'Alster Bau GmbH');
await k.api('PATCH', `/companies/${firm}`, { city: 'Bremen' });

for (const mode of [{}, { dark: true }, { phone: true }, { phone: true, dark: true }]) {
    const page = await open(k, mode);
    await test(`steps__${mode.phone ? 'phone' : 'desk'}_${mode.dark ? 'dark' : 'light'}_is_accessible_and_fits`, async () => {
        await visit(page, '/steps');
        await page.locator('.feed li').first().waitFor();
        if (process.env.SHOTS) { await shot(page, `steps_${mode.phone ? 'phone' : 'desk'}_${mode.dark ? 'dark' : 'light'}`); }
        equal(await axe(page), [], 'axe');
        equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, 'no sideways scroll');
    }, page);
    await page.context().close();
}

const page = await open(k);
await test('steps__take_back_the_last_one', async () => {
    await visit(page, '/home');
    await page.getByRole('button', { name: /your account/ }).click();
    await page.getByRole('menuitem', { name: 'My steps, with Undo' }).click();
    await page.getByRole('button', { name: 'Undo the last step' }).click();
    await page.locator('.toasts').getByText('Undone').waitFor();
    equal((await k.api('GET', `/companies/${firm}`)).json.city, 'Hamburg', 'city');
    await page.locator('.feed li').first().getByText('took back').waitFor();
    await page.locator('.feed li').nth(1).getByText('undone').waitFor();
}, page);

await test('steps__of_others_are_shown_but_not_taken_back', async () => {
    const member = await open(k, { as: MEMBER });
    await visit(member, '/steps');
    await member.getByText('No steps yet').waitFor();
    await member.getByRole('button', { name: 'Everybody' }).click();
    await member.locator('.feed li').first().waitFor();
    await until('nothing of others', 0, () => member.locator('.feed-menu').count());
    assert(true, 'seen');
}, page);
await finish();
