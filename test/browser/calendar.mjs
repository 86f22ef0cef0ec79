#!/usr/bin/env node
/*
 * The calendar: week, day, month and agenda of whom one chooses, moved and stretched by mouse and
 * by key with Undo, in the zone of the browser, on both days of the daylight change, too.
 */
import { Kontor, ADMIN, open, visit, until, undo, axe, shot, test, assert, equal, finish } from './harness.mjs';
import { seed, load, MEMBER } from './seed.mjs';

const k = await Kontor.make({ 'calendar.yaml': 'hours: {mon-thu: "09:00-17:00", fri: "09:00-15:00"}\nholidays: [10-29 Founders day]\n' });
await seed(k, { deals: false });
const add = async (subject, due, more = {}, as = ADMIN) => (await k.api('POST', '/activities', { kind: 'meeting', subject, due, duration: 60, ...more }, as)).json.id;
const got = async (id) => (await k.api('GET', `/activities/${id}`)).json;
/* The week of 27 October 2031, a Monday; daylight time ended on the 26th. */
const visitId = await add('Site visit', '2031-10-28T10:00[Europe/Berlin]');
const callId = await add('Supplier call', '2031-10-28T10:30[Europe/Berlin]', { duration: null });
await add('Fair', '2031-10-30');
await add('Of Max', '2031-10-28T10:15[Europe/Berlin]', {}, MEMBER);
const WEEK = '/calendar?mode=week&date=2031-10-28';
const berlin = { zone: 'Europe/Berlin' };
const page = await open(k, berlin);
const flow = (name, run) => test(name, run, page);
const event = (p, name) => p.locator('[data-event]', { hasText: name });
const hourPx = (p) => p.locator('[data-column]').first().evaluate((c) => c.offsetHeight / 24);
/** Where an event stands: its day, and the minute it begins by its place on the screen. */
const at = (p, name) => event(p, name).evaluate((b) => { const c = b.closest('[data-column]'); return [c.dataset.column, Math.round((b.offsetTop / c.offsetHeight) * 1440 / 5) * 5]; });

await flow('calendar__week_shows_mine_by_the_clock', async () => {
    await visit(page, WEEK);
    equal(await at(page, 'Site visit'), ['2031-10-28', 600]);
    equal(await page.locator('.week-all [data-event]').allTextContents().then((s) => s.map((x) => x.split(',')[0])), ['Fair']);
    equal(await event(page, 'Of Max').count(), 0, 'of others');
    assert((await page.locator('.week-all').textContent()).includes('Founders day'), 'the holiday');
    assert(await page.locator('.week-off').count() >= 10, 'hours nobody works');
    const [a, b] = [await event(page, 'Site visit').boundingBox(), await event(page, 'Supplier call').boundingBox()];
    assert(a.x + a.width <= b.x + 1, 'side by side');
    equal(await axe(page), [], 'axe');
    await shot(page, 'calendar');
});

await flow('calendar__people_are_chosen', async () => {
    await page.getByRole('button', { name: 'People', exact: true }).click();
    await page.getByRole('dialog', { name: 'Whose calendars' }).getByLabel('max').click();
    await event(page, 'Of Max').waitFor();
    await page.keyboard.press('Escape');
    await page.locator('.people').getByLabel('max').click();
    await until('hidden', 0, () => event(page, 'Of Max').count());
});

await flow('calendar__drag_moves_by_quarters_with_undo', async () => {
    const h = await hourPx(page);
    const box = await event(page, 'Site visit').boundingBox();
    const next = await page.locator('[data-column="2031-10-29"]').boundingBox();
    await page.mouse.move(box.x + 20, box.y + 10);
    await page.mouse.down();
    await page.mouse.move(next.x + 20, box.y + 10 + h * 1.3, { steps: 5 });
    await page.mouse.up();
    await until('moved', '2031-10-29T11:15:00+01:00[Europe/Berlin]', async () => (await got(visitId)).due);
    await until('shown', ['2031-10-29', 675], () => at(page, 'Site visit'));
    await undo(page, 'Site visit:');
    await until('back', ['2031-10-28', 600], () => at(page, 'Site visit'));
});

await flow('calendar__lower_edge_stretches', async () => {
    const h = await hourPx(page);
    const box = await event(page, 'Site visit').boundingBox();
    await page.mouse.move(box.x + 20, box.y + box.height - 2);
    await page.mouse.down();
    await page.mouse.move(box.x + 20, box.y + box.height - 2 + h, { steps: 5 });
    await page.mouse.up();
    await until('longer', 120, async () => (await got(visitId)).duration);
    await undo(page, 'Site visit takes 120 minutes');
    await until('as before', 60, async () => (await got(visitId)).duration);
});

await flow('calendar__escape_leaves_a_drag', async () => {
    const box = await event(page, 'Site visit').boundingBox();
    await page.mouse.move(box.x + 20, box.y + 10);
    await page.mouse.down();
    await page.mouse.move(box.x + 20, box.y + 200, { steps: 3 });
    await page.keyboard.press('Escape');
    await page.mouse.up();
    equal(await at(page, 'Site visit'), ['2031-10-28', 600]);
    assert(page.url().includes('/calendar'), page.url());
});

await flow('calendar__goes_by_key', async () => {
    await visit(page, WEEK);
    await event(page, 'Site visit').focus();
    await page.keyboard.press('ArrowDown');
    assert((await page.evaluate(() => document.activeElement.textContent)).includes('Supplier call'), 'the next of the day');
    await page.keyboard.press('Shift+ArrowDown');
    await until('a quarter later', '2031-10-28T10:45:00+01:00[Europe/Berlin]', async () => (await got(callId)).due);
    await page.keyboard.press('Shift+ArrowRight');
    await until('a day later', '2031-10-29T10:45:00+01:00[Europe/Berlin]', async () => (await got(callId)).due);
    await page.keyboard.press('Alt+Shift+ArrowDown');
    await until('longer', 45, async () => (await got(callId)).duration);
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/activities\/\d+$/);
    await visit(page, WEEK);
    await page.keyboard.press('3');
    await page.locator('.month').waitFor();
    await event(page, 'Fair').waitFor();
    equal(await axe(page), [], 'axe, month');
    await shot(page, 'calendar-month');
    await page.keyboard.press('g');
    await page.keyboard.press('a');
    await page.locator('.week').waitFor();
});

await flow('calendar__double_click_begins_one', async () => {
    await visit(page, WEEK);
    const h = await hourPx(page);
    await page.locator('[data-column="2031-10-31"]').dblclick({ position: { x: 40, y: h * 13.6 } });
    const dialog = page.getByRole('dialog', { name: 'New' });
    await dialog.getByLabel(/Subject/).fill('Review');
    await dialog.getByRole('button', { name: 'Create', exact: true }).click();
    await until('made', ['2031-10-31', 810], () => at(page, 'Review'));
});

await flow('calendar__what_is_refused_goes_back', async () => {
    await page.route(/api\/v1\/activities\/\d+/, (r) => (r.request().method() === 'PATCH' ? r.fulfill({ status: 422, contentType: 'application/json', body: '{"error":{"code":"invalid","text":"Not on that day.","fields":[]}}' }) : r.continue()));
    page.expected = /status of 422/;
    await event(page, 'Site visit').focus();
    await page.keyboard.press('Shift+ArrowRight');
    await page.getByText('Not on that day.').waitFor();
    equal(await at(page, 'Site visit'), ['2031-10-28', 600]);
    await page.unroute(/api\/v1\/activities\/\d+/);
});

await flow('calendar__zones_and_daylight_changes', async () => {
    await add('First of April', '2031-03-30T03:30[Europe/Berlin]'); /* the day that has 23 hours */
    await add('Late October', '2031-10-26T09:00[Europe/Berlin]'); /* the one of 25 */
    await add('Leap day', '2032-02-29');
    for (const [zone, day, name, wanted] of [['Europe/Berlin', '2031-03-30', 'First of April', ['2031-03-30', 210]], ['Europe/Berlin', '2031-10-26', 'Late October', ['2031-10-26', 540]],
        ['Pacific/Kiritimati', '2031-10-28', 'Site visit', ['2031-10-28', 1380]], ['Pacific/Pago_Pago', '2031-10-27', 'Site visit', ['2031-10-27', 1320]], ['America/New_York', '2031-10-28', 'Site visit', ['2031-10-28', 300]]]) {
        const other = await open(k, { zone });
        await visit(other, `/calendar?mode=day&date=${day}`);
        equal(await at(other, name), wanted, zone);
        if (zone.startsWith('Pacific')) {
            await visit(other, '/calendar?mode=week&date=2032-02-29');
            equal(await event(other, 'Leap day').getAttribute('data-day'), '2032-02-29', `a day in ${zone}`);
        }
        await other.context().close();
    }
});

await flow('calendar__one_of_a_series_asks_which', async () => {
    const made = await k.api('POST', '/activities', { kind: 'meeting', subject: 'Stand-up', due: '2026-12-01T09:00[Europe/Berlin]', duration: 15, repeat: 'FREQ=WEEKLY;COUNT=3' });
    const list = (await k.api('GET', `/activities?sort=due&filter=${encodeURIComponent('subject = "Stand-up"')}`)).json.items;
    equal([made.status, list.length], [201, 3], JSON.stringify(made.json).slice(0, 200));
    await visit(page, '/calendar?mode=week&date=2026-12-08');
    await event(page, 'Stand-up').focus();
    await page.keyboard.press('Shift+ArrowRight');
    await page.getByRole('dialog', { name: 'Change what repeats' }).getByRole('button', { name: 'Cancel' }).click();
    await until('put back', '2026-12-08', () => event(page, 'Stand-up').getAttribute('data-day'));
    await event(page, 'Stand-up').focus();
    await page.keyboard.press('Shift+ArrowRight');
    await page.getByRole('button', { name: 'This and those after it' }).click();
    await until('moved', ['2026-12-01', '2026-12-09', '2026-12-16'], async () => (await k.api('GET', `/activities?sort=due&filter=${encodeURIComponent('subject = "Stand-up"')}`)).json.items.map((x) => x.due.slice(0, 10)));
});

await flow('calendar__agenda_by_thumb', async () => {
    const phone = await open(k, { phone: true, ...berlin });
    await visit(phone, '/calendar?date=2031-10-28');
    const box = await event(phone, 'Site visit').boundingBox();
    assert(box.height >= 44, `${box.height} px`);
    equal(await axe(phone), [], 'axe');
    await phone.emulateMedia({ colorScheme: 'dark' });
    equal(await axe(phone), [], 'axe, dark');
    await shot(phone, 'calendar-phone');
    equal(await phone.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0, 'too wide');
    await visit(phone, '/calendar?mode=month&date=2031-10-28');
    await phone.emulateMedia({ colorScheme: 'light' });
    equal(await axe(phone), [], 'axe, month');
    await shot(phone, 'calendar-phone-month');
    await event(phone, 'Site visit').tap();
    await phone.waitForURL(/\/activities\/\d+$/);
    await phone.context().close();
});

await flow('calendar__500_events', async () => {
    load(k, 'activity', Array.from({ length: 500 }, (_, i) => ({ kind: 'meeting', subject: `Slot ${i}`, due: `2031-12-0${1 + (i % 7)}T${String(6 + (i % 14)).padStart(2, '0')}:${['00', '15', '30', '45'][i % 4]}:00Z`, duration: 30, owner: ADMIN })));
    await visit(page, '/calendar?mode=week&date=2031-12-01');
    equal(await page.locator('.event').count(), 500);
    const took = [];
    for (let i = 0; i < 6; i++) {
        took.push(await page.evaluate(() => new Promise((done) => {
            const b = document.querySelector('.event');
            const box = b.getBoundingClientRect();
            b.dispatchEvent(new PointerEvent('pointerdown', { bubbles: true, button: 0, clientX: box.x + 5, clientY: box.y + 5, pointerType: 'mouse' }));
            const began = performance.now();
            dispatchEvent(new PointerEvent('pointermove', { clientX: box.x + 5, clientY: box.y + 60 }));
            requestAnimationFrame(() => setTimeout(() => { done(performance.now() - began); dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape' })); dispatchEvent(new PointerEvent('pointerup', {})); }));
        })));
    }
    console.log(`# 500 events: ${took.map((n) => n.toFixed(0)).join(' ')} ms from a move of the pointer to paint`);
});
await finish();
