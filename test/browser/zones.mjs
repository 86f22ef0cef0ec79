#!/usr/bin/env node
/*
 * The time of an activity where it is edited: on its page and in a list, in a wide window and on a phone, all of it can be seen, with
 * the zone it was agreed on in.
 */
import { Kontor, open, visit, test, assert, equal, finish } from './harness.mjs';

const HERE = 'Europe/Berlin';
const k = await Kontor.make();
const add = async (subject, due) => (await k.api('POST', '/activities', { kind: 'meeting', subject, due })).json.id;
const here = await add('At home', '2027-11-15T14:05[Europe/Berlin]');
const there = await add('Overseas', '2027-11-15T08:05[America/New_York]');
const dueOf = async (id) => (await k.api('GET', `/activities/${id}`)).json.due;

/** What of the parts of an open time is narrower than what it holds, or covered, or out of the window. */
const cutOff = (page) => page.locator('.local-input').evaluate((box) => [...box.children].filter((part) => {
    const copy = part.cloneNode(true);
    copy.style.cssText = 'position: fixed; width: max-content; min-width: 0; flex: none';
    box.append(copy);
    const needed = copy.getBoundingClientRect().width;
    copy.remove();
    const b = part.getBoundingClientRect();
    const seen = (x) => part.contains(document.elementFromPoint(x, b.top + b.height / 2));
    return b.width < needed - 1 || !seen(b.left + 3) || !seen(b.right - 3);
}).map((part) => part.type ?? part.textContent));

const byHand = async (page, id) => {
    await visit(page, `/activities/${id}`);
    await page.getByRole('button', { name: 'Edit Due', exact: true }).click();
    await page.locator('.local-input').waitFor();
};
const inList = async (page, name) => {
    await visit(page, '/activities?mode=list');
    await page.getByRole('row', { name }).locator('td').filter({ hasText: '15 Nov 2027' }).dblclick();
    await page.locator('.local-input').waitFor();
};

for (const phone of [false, true]) {
    const page = await open(k, { phone, zone: HERE });
    const flow = (name, run) => test(`zones__${name}${phone ? '_on_a_phone' : ''}`, run, page);
    await flow('a_time_is_seen_whole_on_its_page', async () => {
        for (const id of [here, there]) {
            await byHand(page, id);
            equal(await cutOff(page), [], `of ${id}`);
        }
        assert((await page.locator('.local-input').innerText()).includes('New York'), 'the zone is named');
    });
    if (!phone) { /* a phone has cards instead */
        await flow('a_time_is_seen_whole_in_a_list', async () => {
            for (const name of ['At home', 'Overseas']) {
                await inList(page, name);
                equal(await cutOff(page), [], name);
            }
        });
    }
    await page.context().close();
}
await test('zones__a_look_changes_nothing', async () => equal([await dueOf(here), await dueOf(there)], ['2027-11-15T14:05:00+01:00[Europe/Berlin]', '2027-11-15T08:05:00-05:00[America/New_York]']));
await finish();
