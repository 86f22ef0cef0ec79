#!/usr/bin/env node
/*
 * The cards of a board under mouse and finger: a click or tap anywhere opens the record, a drag or a
 * long press does not.
 */
import { Kontor, open, visit, until, test, equal, finish } from './harness.mjs';

const k = await Kontor.make();
const names = ['Roof', 'Hall', 'Gate'];
const ids = {};
for (const name of names) {
    ids[name] = (await k.api('POST', '/deals', { name, stage: 'enquiry', amount: '1000' })).json.id;
}
await k.api('POST', '/activities', { kind: 'task', subject: 'Measure it', links: [{ entity: 'deal', id: ids.Roof }] });
k.addUser('other@example.com');
const card = (page, name) => page.getByRole('article', { name, exact: true });
const at = (page) => new URL(page.url()).pathname;
const stageOf = async (name) => (await k.api('GET', `/deals/${ids[name]}`)).json.stage;

/** A place on the body of a card: its sum. */
async function bodyOf(page, name) {
    const box = await card(page, name).locator('.deal-mid b').boundingBox();
    return { x: Math.round(box.x + box.width / 2), y: Math.round(box.y + box.height / 2) };
}

/** Fingers on a page: down(place), to(place), up(), away() where the browser takes the touch for itself. */
async function fingers(page) {
    const wire = await page.context().newCDPSession(page);
    const send = (type, touchPoints) => wire.send('Input.dispatchTouchEvent', { type, touchPoints });
    return { down: (p) => send('touchStart', [p]), to: (p) => send('touchMove', [p]), up: () => send('touchEnd', []), away: () => send('touchCancel', []) };
}

const page = await open(k);
await test('cards__a_click_on_the_body_opens', async () => {
    for (const where of ['.deal-mid b', '.next', '.deal-mid']) {
        await visit(page, '/deals?mode=board');
        await card(page, 'Roof').locator(where).click();
        await until(`page after a click on ${where}`, `/deals/${ids.Roof}`, () => at(page));
    }
    await page.goBack();
    await until('focus', true, () => card(page, 'Roof').evaluate((c) => c === document.activeElement));
}, page);

await test('cards__other_clicks_open_nothing', async () => {
    await visit(page, '/deals?mode=board');
    const body = card(page, 'Roof').locator('.deal-mid b');
    await body.click({ modifiers: ['Control'] });
    await body.click({ modifiers: ['Shift'] });
    await body.click({ button: 'middle' });
    await card(page, 'Roof').getByRole('button', { name: 'Actions for Roof' }).click();
    await page.locator('.menu-head').first().click();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Add deal: Enquiry' }).click();
    await page.locator('.quick-form').click({ position: { x: 4, y: 4 } });
    equal(at(page), '/deals');
}, page);

await test('cards__a_drag_opens_nothing', async () => {
    await visit(page, '/deals?mode=board');
    const from = await bodyOf(page, 'Hall');
    for (const end of [() => page.mouse.up(), async () => { await page.keyboard.press('Escape'); await page.mouse.up(); }]) {
        await page.mouse.move(from.x, from.y);
        await page.mouse.down();
        await page.mouse.move(from.x + 12, from.y + 8, { steps: 3 });
        await page.locator('.drag-ghost').waitFor();
        await end();
        await page.locator('.drag-ghost').waitFor({ state: 'detached' });
    }
    await page.evaluate(() => new Promise((done) => { requestAnimationFrame(() => setTimeout(done, 100)); }));
    equal([at(page), await stageOf('Hall')], ['/deals', 'enquiry']);
    await card(page, 'Hall').locator('.deal-mid b').click();
    await until('page after the next click', `/deals/${ids.Hall}`, () => at(page));
}, page);

const phone = await open(k, { phone: true });
const finger = await fingers(phone);
await test('cards__a_tap_on_the_body_opens', async () => {
    await visit(phone, '/deals?mode=board');
    await card(phone, 'Gate').locator('.deal-mid b').tap();
    await until('page', `/deals/${ids.Gate}`, () => at(phone));
}, phone);

await test('cards__a_long_press_opens_nothing', async () => {
    await visit(phone, '/deals?mode=board');
    await finger.down(await bodyOf(phone, 'Gate'));
    await phone.locator('.drag-ghost').waitFor();
    await finger.up();
    await phone.locator('.drag-ghost').waitFor({ state: 'detached' });
    await phone.evaluate(() => new Promise((done) => { requestAnimationFrame(() => setTimeout(done, 200)); }));
    equal(at(phone), '/deals');
    await card(phone, 'Gate').locator('.deal-mid b').tap();
    await until('page after the next tap', `/deals/${ids.Gate}`, () => at(phone));
}, phone);

await test('cards__a_press_given_up_costs_no_later_tap', async () => {
    await visit(phone, '/deals?mode=board');
    await finger.down(await bodyOf(phone, 'Gate'));
    await phone.locator('.drag-ghost').waitFor();
    await phone.keyboard.press('Escape');
    await phone.locator('.drag-ghost').waitFor({ state: 'detached' });
    await finger.away();
    await card(phone, 'Gate').locator('.deal-mid b').tap();
    await until('page after the next tap', `/deals/${ids.Gate}`, () => at(phone));
}, phone);

const other = await open(k, { phone: true, as: 'other@example.com' });
const theirs = await fingers(other);
await test('cards__a_refused_press_costs_no_later_tap', async () => {
    const refusal = other.locator('.toast', { hasText: 'You may not change this.' });
    for (const end of ['away', 'up']) {
        await visit(other, '/deals?mode=board');
        await theirs.down(await bodyOf(other, 'Gate'));
        await refusal.waitFor();
        await theirs[end]();
        await other.evaluate(() => new Promise((done) => { requestAnimationFrame(() => setTimeout(done, 200)); }));
        equal(at(other), '/deals', `page after a press that ended ${end}`);
        await card(other, 'Gate').locator('.deal-mid b').tap();
        await until(`page after a press that ended ${end} and a tap`, `/deals/${ids.Gate}`, () => at(other));
    }
}, other);

await finish();
