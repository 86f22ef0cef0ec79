#!/usr/bin/env node
/*
 * Every screen while the server is slow, when it fails, and when it works again: grey lines while
 * waiting, then a reason and a way to try again in every part, then what was wanted.
 */
import { Kontor, open, settled, until, axe, test, assert, equal, finish } from './harness.mjs';
import { seed, find } from './seed.mjs';

const k = await Kontor.make();
await seed(k);
const SCREENS = {
    home: ['/home', 'Order 1'],
    board: ['/deals', 'Order 1'],
    list: ['/contacts', 'Anna Abel'],
    record: [`/companies/${await find(k, 'companies', 'Alster Bau GmbH')}`, 'Anna Abel'],
    bin: ['/trash', 'The bin is empty'],
    people: ['/people', 'lena'],
    profile: ['/profile', 'this one'],
    settings: ['/settings', 'currency'],
    status: ['/settings/status', 'Version'],
};
const DATA = /\/api\/v1\/(?!session$|meta$|setup$|events)/;
const page = await open(k);
let answer = 'fail';
await page.route(DATA, async (route) => {
    if (answer === 'wait') {
        await until('an answer', true, async () => answer !== 'wait');
    }
    return answer === 'fail' ? route.fulfill({ status: 500, json: { error: { code: 'internal', text: 'The disk is full.' } } }).catch(() => null)
        : route.continue().catch(() => null);
});
const again = () => page.getByRole('button', { name: 'Try again' });

for (const [name, [where, wanted]] of Object.entries(SCREENS)) {
    await test(`states__${name}`, async () => {
        page.expected = /status of 500/;
        answer = 'wait';
        await page.goto(where);
        await page.locator('.skeleton').first().waitFor();
        equal(await axe(page), [], 'axe while waiting');
        answer = 'fail';
        await again().first().waitFor();
        await until('grey lines', 0, () => page.locator('.skeleton').count());
        equal(await axe(page), [], 'axe after a failure');
        answer = 'work';
        for (let left = await again().count(); left > 0; left = await again().count()) {
            await again().first().click();
            await until('one failure less', true, async () => (await again().count()) < left);
        }
        page.expected = null;
        await settled(page);
        assert((await page.locator('main').textContent()).includes(wanted), `“${wanted}” is not there`);
        await until('failures', 0, () => page.locator('.state-bad, .failed-line').count());
    }, page);
}
await finish();
