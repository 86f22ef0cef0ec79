#!/usr/bin/env node
/*
 * The time of an activity where it is edited: on its page and in a list, in a wide window and on a phone, all of it can be seen, with
 * the zone it was agreed on in; and another zone can be chosen for it, by key, mouse and thumb.
 */
import { Kontor, open, visit, until, test, assert, equal, finish } from './harness.mjs';

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
    return (part.matches('input, button') && b.width < needed - 1) || b.right > box.getBoundingClientRect().right + 1 || !seen(b.left + 3) || !seen(b.right - 3);
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
    const page = await open(k, { phone, zone: HERE, now: '2027-06-01T10:00:00Z' });
    const flow = (name, run) => test(`zones__${name}${phone ? '_on_a_phone' : ''}`, run, page);
    await flow('a_time_is_seen_whole_on_its_page', async () => {
        for (const id of [here, there]) {
            await byHand(page, id);
            await until('is the zone named', id === there, async () => (await page.locator('.local-input').innerText()).includes('New York'));
            equal(await cutOff(page), [], `of ${id}`);
            await page.keyboard.press('Escape');
            equal(await page.locator('.detail dd > time').first().evaluate((v) => v.getBoundingClientRect().right <= v.parentElement.getBoundingClientRect().right), true, 'what is read');
        }
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

/* Chosen by key in the form and in a list, by thumb on its page. */
const wide = await open(k, { zone: HERE, now: '2027-06-01T10:00:00Z' });
const keys = async (...list) => { for (const one of list) { await wide.keyboard.press(one); } };
const focused = (page) => page.evaluate(() => document.activeElement.value || document.activeElement.textContent.trim());

await test('zones__a_meeting_is_made_for_another_zone', async () => {
    await visit(wide, '/calendar?mode=agenda');
    await keys('c');
    const dialog = wide.getByRole('dialog');
    await dialog.getByLabel('Subject').fill('Call with Tokyo');
    await dialog.getByLabel('Due', { exact: true }).fill('2027-11-16');
    await until('zones of a day', 0, () => dialog.getByRole('button', { name: 'Due: Zone' }).count());
    await dialog.getByLabel('Due: Time').fill('09:30');
    await dialog.getByRole('button', { name: 'Due: Zone' }).press('Enter');
    const zone = dialog.getByLabel('Due: Zone', { exact: true }).and(wide.locator('select[aria-busy=false]'));
    await zone.waitFor();
    await until('at first', HERE, () => zone.inputValue());
    await until('the focus', HERE, () => focused(wide));
    await wide.keyboard.type('Tokyo');
    await dialog.getByText('16 Nov 2027, 01:30 by your clock').waitFor();
    await dialog.getByRole('button', { name: 'Save', exact: true }).or(dialog.getByRole('button', { name: 'Create', exact: true })).first().click();
    await dialog.waitFor({ state: 'detached' });
    const made = (await k.api('GET', '/activities?filter=subject%20=%20%22Call%20with%20Tokyo%22')).json.items[0];
    equal(made.due, '2027-11-16T09:30:00+09:00[Asia/Tokyo]');
}, wide);

await test('zones__ctrl_enter_on_the_zone_saves', async () => {
    await visit(wide, '/calendar?mode=agenda');
    await keys('c');
    const dialog = wide.getByRole('dialog');
    await dialog.getByLabel('Subject').fill('Saved from the zone');
    await dialog.getByLabel('Due', { exact: true }).fill('2027-11-16');
    await dialog.getByLabel('Due: Time').fill('09:30');
    await dialog.getByRole('button', { name: 'Due: Zone' }).press('Control+Enter');
    await dialog.waitFor({ state: 'detached' });
    equal((await k.api('GET', '/activities?filter=subject%20=%20%22Saved%20from%20the%20zone%22')).json.count, 1);
}, wide);

await test('zones__in_a_list_by_key', async () => {
    await inList(wide, 'At home');
    await keys('Tab');
    await until('after the day', '14:05', () => focused(wide));
    await keys('Tab');
    await until('after the time', 'Zone', () => focused(wide));
    await keys('Enter');
    await wide.locator('select[aria-busy=false]').waitFor();
    await until('the focus', HERE, () => focused(wide));
    await wide.keyboard.type('New York');
    equal(await cutOff(wide), [], 'with the list of zones');
    await keys('Enter');
    await until('due', '2027-11-15T14:05:00-05:00[America/New_York]', () => dueOf(here));
    await wide.locator('.cell-editing').waitFor({ state: 'detached' });
}, wide);

const small = await open(k, { phone: true, zone: HERE, now: '2027-06-01T10:00:00Z', locale: 'de-DE' });
await test('zones__on_a_phone_in_german', async () => {
    await visit(small, `/activities/${there}`);
    await small.getByRole('button', { name: 'Fällig ändern', exact: true }).tap();
    await small.getByLabel('Fällig: Uhrzeit').fill('');
    await small.getByLabel('Fällig: Uhrzeit').fill('10:20');
    await small.getByRole('button', { name: 'Fällig: Zone, New York' }).tap();
    const zone = small.locator('select[aria-busy=false]');
    await zone.waitFor();
    await until('a time typed anew keeps its zone', 'America/New_York', () => zone.inputValue());
    assert((await zone.locator('optgroup').evaluateAll((all) => all.map((g) => g.label))).includes('Asien'), 'the parts of the world are in German');
    await zone.selectOption('Asia/Kolkata');
    await small.getByText('nach Ihrer Uhr').waitFor();
    equal(await cutOff(small), [], 'of an open choice');
    equal(await small.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, 'the page is not wider than the phone');
    await small.locator('h1').tap();
    await until('due', '2027-11-15T10:20:00+05:30[Asia/Kolkata]', () => dueOf(there));
    await small.getByText('10:20 Kolkata').first().waitFor();
}, small);
await small.context().close();

await test('zones__ones_own_again', async () => {
    await byHand(wide, there);
    await wide.getByRole('button', { name: 'Due: Zone, Kolkata' }).click();
    await wide.locator('select[aria-busy=false]').waitFor();
    equal(await cutOff(wide), [], 'of an open choice');
    await wide.locator('select[aria-busy=false]').selectOption(HERE);
    await wide.getByLabel('Due: Time').press('Enter');
    await until('due', '2027-11-15T10:20:00+01:00[Europe/Berlin]', () => dueOf(there));
}, wide);
await test('zones__all_that_are_offered_are_taken', async () => {
    const { zones } = (await k.api('GET', '/calendar/zones')).json;
    assert(zones.length > 300 && zones.includes(HERE), `${zones.length} zones`);
    const answers = [];
    for (const zone of zones) {
        answers.push(await k.api('POST', '/activities?dry_run=1', { subject: 'Try', due: `2027-11-15T08:05[${zone}]` }));
    }
    equal(zones.filter((_, i) => answers[i].status > 201), []);
});
await finish();
