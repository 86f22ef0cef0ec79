#!/usr/bin/env node
// alone
/*
 * The calendar: week, day, month and agenda of whom one chooses, moved and stretched by mouse and
 * by key with Undo, in the zone of the browser, on both days of the daylight change, too.
 */
import { Kontor, ADMIN, open, visit, until, undo, axe, shot, test, assert, equal, finish } from './harness.mjs';
import { seed, load, MEMBER } from './seed.mjs';

const k = await Kontor.make({ 'calendar.yaml': 'hours: {mon-thu: "09:00-17:00", fri: "09:00-15:00"}\nholidays: [10-29 Founders day]\nteams: {Sales: {hours: {mon-thu: "09:00-17:00", fri: "09:00-15:00"}, holidays: [10-29 Founders day, 11-19 Sales day]}}\n' });
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
/** Where an event stands: the day of its column, and the minute it begins by its place on the screen. */
const at = (p, name) => event(p, name).first().evaluate((b) => {
    const box = b.getBoundingClientRect();
    const column = [...document.querySelectorAll('[data-column]')].find((c) => { const r = c.getBoundingClientRect(); return r.left <= box.left + box.width / 2 && box.left + box.width / 2 < r.right; });
    const r = column?.getBoundingClientRect();
    return r && [column.dataset.column, Math.round(((box.top - r.top) / r.height) * 1440 / 5) * 5];
});
/** Where an event is on the screen; one that is just drawn anew is waited for. */
const boxOf = async (p, name) => {
    let box = null;
    await until(name, true, async () => { box = await event(p, name).first().boundingBox(); return Boolean(box?.width); });
    return box;
};
/** Opens the calendar; it is there when the library has drawn it. */
const cal = async (p, where) => { await visit(p, where); await p.locator('.cal-box[data-ready]').waitFor(); };

await flow('calendar__days_without_a_time_may_be_several', async () => {
    await add('Congress', '2031-11-11', { duration: 3 * 1440 });
    await visit(page, '/calendar?mode=agenda&date=2031-11-10');
    await until('days', 3, () => page.locator('[data-event]', { hasText: 'Congress' }).count());
    await cal(page, '/calendar?mode=week&date=2031-11-10');
    const box = await event(page, 'Congress').first().boundingBox();
    const day = await page.locator('[data-column]').first().boundingBox();
    assert(box.width > 2 * day.width, `${box.width} px wide, a day ${day.width}`);
});

await flow('calendar__week_shows_mine_by_the_clock', async () => {
    await cal(page, WEEK);
    await until('place', ['2031-10-28', 600], () => at(page, 'Site visit'));
    equal(await page.locator('.ec-all-day [data-event]').allTextContents().then((s) => s.map((x) => x.split(',')[0])), ['Fair']);
    await until('of others', 0, () => event(page, 'Of Max').count());
    assert((await page.locator('.ec-all-day').textContent()).includes('Founders day'), 'the holiday');
    const cut = await page.locator('.ec-all-day [data-event]').first().evaluate((b) => { const r = document.createRange(); r.selectNodeContents(b); return r.getBoundingClientRect().bottom > b.closest('.ec-event').getBoundingClientRect().bottom; });
    equal(cut, false, 'a day without a time is read whole');
    assert(await page.locator('.is-off').count() >= 10, 'hours nobody works');
    const [a, b] = [await boxOf(page, 'Site visit'), await boxOf(page, 'Supplier call')];
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
    const box = await boxOf(page, 'Site visit');
    const next = await page.locator('[data-column="2031-10-29"]').boundingBox();
    await page.mouse.move(box.x + 20, box.y + 10);
    await page.mouse.down();
    await page.mouse.move(next.x + 20, box.y + 10 + h * 1.25, { steps: 5 });
    await page.mouse.up();
    await until('moved', '2031-10-29T11:15:00+01:00[Europe/Berlin]', async () => (await got(visitId)).due);
    await until('shown', ['2031-10-29', 675], () => at(page, 'Site visit'));
    await undo(page, 'Site visit:');
    await until('back', ['2031-10-28', 600], () => at(page, 'Site visit'));
});

await flow('calendar__lower_edge_stretches', async () => {
    const h = await hourPx(page);
    const box = await boxOf(page, 'Site visit');
    await page.mouse.move(box.x + 20, box.y + box.height - 2);
    await page.mouse.down();
    await page.mouse.move(box.x + 20, box.y + box.height - 2 + h, { steps: 5 });
    await page.mouse.up();
    await until('longer', 120, async () => (await got(visitId)).duration);
    await undo(page, 'Site visit takes 120 minutes');
    await until('as before', 60, async () => (await got(visitId)).duration);
});

await flow('calendar__escape_leaves_a_drag', async () => {
    const box = await boxOf(page, 'Site visit');
    await page.mouse.move(box.x + 20, box.y + 10);
    await page.mouse.down();
    await page.mouse.move(box.x + 20, box.y + 200, { steps: 3 });
    await page.keyboard.press('Escape');
    await page.mouse.up();
    await until('place', ['2031-10-28', 600], () => at(page, 'Site visit'));
    assert(page.url().includes('/calendar'), page.url());
});

await flow('calendar__goes_by_key', async () => {
    await cal(page, WEEK);
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
    await cal(page, WEEK);
    await page.keyboard.press('3');
    await page.locator('.cal-month[data-ready]').waitFor();
    await event(page, 'Fair').waitFor();
    equal(await axe(page), [], 'axe, month');
    await shot(page, 'calendar-month');
    await page.keyboard.press('g');
    await page.keyboard.press('a');
    await page.locator('.cal-week[data-ready]').waitFor();
});

await flow('calendar__double_click_begins_one', async () => {
    await cal(page, WEEK);
    const h = await hourPx(page);
    const friday = await page.locator('[data-column="2031-10-31"]').boundingBox();
    await page.mouse.dblclick(friday.x + 40, friday.y + h * 13.6);
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
    await until('place', ['2031-10-28', 600], () => at(page, 'Site visit'));
    await page.unroute(/api\/v1\/activities\/\d+/);
});

await flow('calendar__zones_and_daylight_changes', async () => {
    await add('First of April', '2031-03-30T03:30[Europe/Berlin]'); /* the day that has 23 hours */
    await add('Late October', '2031-10-26T09:00[Europe/Berlin]'); /* the one of 25 */
    await add('Leap day', '2032-02-29');
    for (const [zone, day, name, wanted] of [['Europe/Berlin', '2031-03-30', 'First of April', ['2031-03-30', 210]], ['Europe/Berlin', '2031-10-26', 'Late October', ['2031-10-26', 540]],
        ['Pacific/Kiritimati', '2031-10-28', 'Site visit', ['2031-10-28', 1380]], ['Pacific/Pago_Pago', '2031-10-27', 'Site visit', ['2031-10-27', 1320]], ['America/New_York', '2031-10-28', 'Site visit', ['2031-10-28', 300]]]) {
        const other = await open(k, { zone });
        await cal(other, `/calendar?mode=day&date=${day}`);
        await until(zone, wanted, () => at(other, name));
        if (zone.startsWith('Pacific')) {
            await cal(other, '/calendar?mode=week&date=2032-02-29');
            await until(`a day in ${zone}`, '2032-02-29', () => event(other, 'Leap day').getAttribute('data-day'));
        }
        await other.context().close();
    }
});

await flow('calendar__takes_part_and_reaches_in', async () => {
    const max = (await k.api('GET', '/users?filter=name%20=%20"max"')).json.items[0];
    const me = (await k.api('GET', '/users?filter=name%20=%20"admin"')).json.items[0];
    await add('With the admin', '2031-09-09T09:00[Europe/Berlin]', { participants: [{ entity: 'user', id: me.id }] }, MEMBER);
    await add('Long trip', '2031-09-04T12:00[Europe/Berlin]', { duration: 5 * 1440 });
    const far = await add('From over there', '2031-09-09T05:00[America/New_York]');
    await cal(page, '/calendar?mode=week&date=2031-09-10');
    await until('place', ['2031-09-09', 540], () => at(page, 'With the admin'));
    await event(page, 'Long trip').first().waitFor();
    assert((await event(page, 'From over there').textContent()).includes('05:00 New York'), await event(page, 'From over there').textContent());
    await add('Quick one far away', '2031-09-10T05:00[America/New_York]', { duration: 30, place: 'Harbour office' });
    await event(page, 'Quick one').waitFor();
    const [ends, begins] = await event(page, 'Quick one').evaluate((b) => {
        const subject = b.querySelector('b');
        const text = document.createRange();
        text.selectNodeContents(subject);
        const drawn = getComputedStyle(subject).overflowX === 'visible' ? text : subject; /* what is cut off is not drawn */
        return [drawn.getBoundingClientRect().right, ...[...b.querySelectorAll('.cal-place')].map((x) => x.getBoundingClientRect().left)];
    });
    assert(ends <= begins, `the subject ends at ${ends}, its zone begins at ${begins}`);
    await event(page, 'From over there').focus();
    await page.keyboard.press('Shift+ArrowDown');
    await until('keeps its zone', '2031-09-09T05:15:00-04:00[America/New_York]', async () => (await got(far)).due);
    const night = await add('Before their clocks change', '2031-03-08T05:00[America/New_York]');
    await cal(page, '/calendar?mode=week&date=2031-03-08');
    await event(page, 'Before their clocks').focus();
    await page.keyboard.press('Shift+ArrowRight');
    await until('a day on at the same time there', '2031-03-09T05:00:00-04:00[America/New_York]', async () => (await got(night)).due);
    await until('which is an hour earlier here', ['2031-03-09', 600], () => at(page, 'Before their clocks'));
    /* side by side: with each who takes part */
    await k.api('PATCH', '/me', { prefs: { calendar: { people: [me.id, max.id] } } });
    await cal(page, '/calendar?mode=people&date=2031-09-09');
    await until('twice', 2, () => event(page, 'With the admin').count());
    await until('once', 1, () => event(page, 'From over there').count());
    equal(await axe(page), [], 'axe');
    await shot(page, 'calendar-people');
    const [from, columns] = [await boxOf(page, 'From over there'), await page.locator('[data-column]').count()];
    equal(columns, 2);
    const other = await page.locator('.ec-col-head', { hasText: 'max' }).boundingBox();
    await page.mouse.move(from.x + 20, from.y + 10);
    await page.mouse.down();
    await page.mouse.move(other.x + 30, from.y + 10, { steps: 5 });
    await page.mouse.up();
    await until('handed on', 'max', async () => (await got(far)).owner.title);
    await undo(page, 'From over there: max');
    await until('back', 'admin', async () => (await got(far)).owner.title);
});

/** For each column, is it shaded from its first hour to its last? */
const shaded = (p) => p.evaluate(() => [...document.querySelectorAll('[data-column]')].map((c) => {
    const r = c.getBoundingClientRect();
    return [...document.querySelectorAll('.ec-body .is-off')].some((s) => { const x = s.getBoundingClientRect(); return x.left < r.left + r.width / 2 && r.left + r.width / 2 < x.right && x.height > r.height * 0.95; });
}));

await flow('calendar__shades_holidays_and_absences', async () => {
    const [max, me] = await Promise.all(['max', 'admin'].map(async (name) => (await k.api('GET', `/users?filter=name%20=%20"${name}"`)).json.items[0]));
    const away = (await k.api('POST', '/absences', { user: max.id, from: '2031-10-28', until: '2031-10-28', kind: 'holiday' })).json;
    await k.api('PATCH', '/me', { prefs: { calendar: { people: [me.id, max.id] } } });
    const other = await open(k, berlin);
    await cal(other, WEEK);
    await until('week', [false, false, true, false, false, true, true], () => shaded(other)); /* one of two is there on Tuesday */
    await cal(other, '/calendar?mode=people&date=2031-10-28');
    await until('side by side', [false, true], () => shaded(other));
    await cal(other, '/calendar?mode=people&date=2031-10-29');
    await until('a holiday', [true, true], () => shaded(other));
    await k.api('PATCH', '/me', { prefs: { calendar: { people: [max.id] } } });
    await cal(other, WEEK);
    await until('he alone', [false, true, true, false, false, true, true], () => shaded(other));
    await other.getByRole('button', { name: 'max is away' }).click();
    await other.waitForURL(`**/absences/${away.id}`);
    await visit(other, '/calendar?mode=agenda&date=2031-10-27');
    await other.getByRole('link', { name: 'max is away' }).click();
    await other.waitForURL(`**/absences/${away.id}`);
    await k.api('PATCH', '/me', { prefs: { calendar: { people: [max.id] } } });
    await cal(other, '/calendar?mode=week&date=2031-11-19');
    await until('a holiday of his team', [false, false, true, false, false, true, true], () => shaded(other));
    await k.api('PATCH', '/me', { prefs: { calendar: { people: [me.id, max.id] } } });
    await visit(other, '/home');
    await cal(other, '/calendar?mode=week&date=2031-11-19');
    await until('not of the firm', [false, false, false, false, false, true, true], () => shaded(other));
    await other.context().close();
});

await flow('calendar__shades_weekends_of_a_firm_without_hours', async () => {
    const other = await open(k, berlin);
    await other.route('**/api/v1/calendar?*', async (route) => route.fulfill({ json: { ...(await (await route.fetch()).json()), always: true, holidays: [] } }));
    await cal(other, '/calendar?mode=week&date=2031-12-03');
    await until('weekend', [false, false, false, false, false, true, true], () => shaded(other));
    await other.context().close();
});

await flow('calendar__what_is_cut_off_says_so', async () => {
    await add('A short one whose subject is much longer than the column of a day', '2031-06-04T10:00[Europe/Berlin]', { duration: 30 });
    await cal(page, '/calendar?mode=week&date=2031-06-04');
    await event(page, 'A short one').waitFor();
    const cut = () => event(page, 'A short one').locator('b').evaluate((b) => [b.scrollWidth > b.clientWidth, getComputedStyle(b).textOverflow]);
    await until('cut', [true, 'ellipsis'], cut);
});

await flow('calendar__draws_a_new_one_and_moves_in_a_month', async () => {
    await cal(page, '/calendar?mode=week&date=2031-09-10');
    const h = await hourPx(page);
    const day = await page.locator('[data-column="2031-09-11"]').boundingBox();
    await page.mouse.move(day.x + 30, day.y + h * 12 + 3);
    await page.mouse.down();
    await page.mouse.move(day.x + 30, day.y + h * 13.5 - 4, { steps: 5 });
    await page.mouse.up();
    const dialog = page.getByRole('dialog', { name: 'New' });
    await dialog.getByLabel(/Subject/).fill('Drawn');
    await dialog.getByRole('button', { name: 'Create', exact: true }).click();
    await event(page, 'Drawn').waitFor();
    const made = (await k.api('GET', `/activities?filter=${encodeURIComponent('subject = "Drawn"')}`)).json.items[0];
    equal([made.due, made.duration], ['2031-09-11T12:00:00+02:00[Europe/Berlin]', 90]);
    await cal(page, '/calendar?mode=month&date=2031-09-10');
    for (const [name, begin] of [['By key', () => page.keyboard.press('c')], ['By button', () => page.locator('.new-button').click()]]) {
        await begin();
        const next = page.getByRole('dialog', { name: 'New' });
        await until('focus', true, () => next.getByLabel(/Subject/).evaluate((el) => el === document.activeElement));
        await next.getByLabel(/Participants/).first().waitFor();
        await next.getByLabel('Place').fill('Room 3');
        await next.getByLabel(/Subject/).fill(name);
        await next.getByRole('button', { name: 'Create', exact: true }).click();
        await event(page, name).waitFor();
        await undo(page, `${name} created`);
        await until('taken back', 0, () => event(page, name).count());
    }
    const box = await boxOf(page, 'Drawn');
    await page.mouse.move(box.x + 20, box.y + 5);
    await page.mouse.down();
    await page.mouse.move(box.x + 20 + day.width * 1.05, box.y + 5, { steps: 5 });
    await page.mouse.up();
    await until('a day later', '2031-09-12T12:00:00+02:00[Europe/Berlin]', async () => (await got(made.id)).due);
});

await flow('calendar__close_dates_of_open_deals', async () => {
    const company = (await k.api('GET', '/companies?limit=1')).json.items[0].id;
    const deal = async (name, stage) => (await k.api('POST', '/deals', { name, company, pipeline: 'sales', stage, close_date: '2031-09-10' })).json;
    const open_deal = await deal('Roof north', 'enquiry');
    assert(open_deal.id, JSON.stringify(open_deal));
    await cal(page, '/calendar?mode=week&date=2031-09-10');
    await until('only when asked for', 0, () => page.locator('.is-deal').count());
    await page.getByRole('button', { name: 'Close dates' }).click();
    await page.locator('.is-deal', { hasText: 'Roof north' }).waitFor();
    await page.reload();
    await page.locator('.is-deal', { hasText: 'Roof north' }).getByRole('button').click();
    await page.waitForURL(`**/deals/${open_deal.id}`);
});

await flow('calendar__finds_a_time', async () => {
    await add('Taken', '2031-09-23T09:00[Europe/Berlin]', { duration: 90 }, MEMBER);
    await cal(page, '/calendar?mode=week&date=2031-09-23');
    await page.getByRole('button', { name: 'Find a time' }).click();
    const dialog = page.getByRole('dialog', { name: 'Find a time' });
    await dialog.getByLabel('max').waitFor();
    await dialog.getByLabel('max').setChecked(true);
    await dialog.getByText('max: 09:00–10:30').waitFor();
    await until('what it is', 0, () => dialog.getByText('Taken').count());
    await until('few times of a day at first', 0, () => dialog.getByRole('button', { name: '16:00–17:00' }).count());
    await dialog.getByRole('button', { name: /later times/ }).first().click();
    await until('then all of it', 1, () => dialog.getByRole('button', { name: '16:00–17:00' }).count());
    const days = await dialog.getByRole('heading', { level: 3 }).count();
    await dialog.getByRole('button', { name: /more days/ }).click();
    assert(await dialog.getByRole('heading', { level: 3 }).count() > days, 'later days');
    equal(await axe(page), [], 'axe');
    await shot(page, 'calendar-find');
    await dialog.locator('section').first().getByRole('button').first().click();
    const fresh = page.getByRole('dialog', { name: 'New' });
    await fresh.getByLabel(/Subject/).fill('Found one');
    await fresh.getByRole('button', { name: 'Create', exact: true }).click();
    await event(page, 'Found one').waitFor();
    const made = (await k.api('GET', `/activities?filter=${encodeURIComponent('subject = "Found one"')}`)).json.items[0];
    equal([made.due, made.duration, made.participants.map((p) => p.title)], ['2031-09-23T10:30:00+02:00[Europe/Berlin]', 60, ['max']]);
});

await flow('calendar__by_thumb', async () => {
    const phone = await open(k, { phone: true, ...berlin });
    const id = await add('By thumb', '2031-09-17T10:00[Europe/Berlin]');
    await cal(phone, '/calendar?mode=day&date=2031-09-17');
    const box = await boxOf(phone, 'By thumb');
    const finger = await phone.context().newCDPSession(phone);
    const touch = (type, x, y) => finger.send('Input.dispatchTouchEvent', { type, touchPoints: type === 'touchEnd' ? [] : [{ x, y }] });
    const h = await hourPx(phone);
    await touch('touchStart', box.x + 60, box.y + 10);
    await phone.locator('.ec-preview').waitFor();
    for (const part of [0.3, 0.6, 1]) {
        await touch('touchMove', box.x + 60, box.y + 10 + h * part);
    }
    await touch('touchEnd');
    await until('an hour later', '2031-09-17T11:00:00+02:00[Europe/Berlin]', async () => (await got(id)).due);
    equal(await phone.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0, 'too wide');
    equal(await axe(phone), [], 'axe');
    await shot(phone, 'calendar-phone-day');
    await phone.touchscreen.tap(box.x + 60, box.y + h * 3);
    await phone.getByRole('dialog', { name: 'New' }).waitFor();
    await phone.context().close();
});

await flow('calendar__one_of_a_series_asks_which', async () => {
    const made = await k.api('POST', '/activities', { kind: 'meeting', subject: 'Stand-up', due: '2026-12-01T09:00[Europe/Berlin]', duration: 15, repeat: 'FREQ=WEEKLY;COUNT=3' });
    const list = (await k.api('GET', `/activities?sort=due&filter=${encodeURIComponent('subject = "Stand-up"')}`)).json.items;
    equal([made.status, list.length], [201, 3], JSON.stringify(made.json).slice(0, 200));
    await cal(page, '/calendar?mode=week&date=2026-12-08');
    await event(page, 'Stand-up').focus();
    await page.keyboard.press('Shift+ArrowRight');
    await page.getByRole('dialog', { name: 'Change what repeats' }).getByRole('button', { name: 'Cancel' }).click();
    await until('put back', '2026-12-08', () => event(page, 'Stand-up').getAttribute('data-day'));
    await event(page, 'Stand-up').focus();
    await page.keyboard.press('Shift+ArrowRight');
    await page.getByRole('button', { name: 'This and those after it' }).click();
    await until('moved', ['2026-12-01', '2026-12-09', '2026-12-16'], async () => (await k.api('GET', `/activities?sort=due&filter=${encodeURIComponent('subject = "Stand-up"')}`)).json.items.map((x) => x.due.slice(0, 10)));
});

await flow('calendar__a_series_tells_its_times_as_people_do', async () => {
    const [, second] = (await k.api('GET', `/activities?sort=due&filter=${encodeURIComponent('subject = "Stand-up"')}`)).json.items;
    await visit(page, `/activities/${second.id}`);
    const told = page.locator('.tl-fields li', { hasText: 'Time in the series' }).first();
    await told.waitFor();
    const text = (await told.innerText()).replace(/\s+/g, ' ');
    assert(text.includes('8 Dec 2026, 09:00') && text.includes('9 Dec 2026, 09:00'), text);
});

await flow('calendar__headings_are_read_whole_on_a_phone', async () => {
    await add('Agenda has something', '2031-09-18');
    for (const locale of ['en-GB', 'de-DE']) {
        const phone = await open(k, { phone: true, locale, ...berlin });
        for (const mode of ['day', 'week', 'month', 'agenda', 'people']) {
            await visit(phone, `/calendar?mode=${mode}&date=2031-09-17`);
            await phone.locator('.cal-box[data-ready], .agenda').waitFor();
            const cut = await phone.locator('.page-head h1, .page-head .page-count').evaluateAll((all) => all.filter((el) => el.scrollWidth > el.clientWidth).map((el) => el.textContent));
            equal(cut, [], `${locale}, ${mode}`);
            const [today, who] = await phone.locator('.calendar-bar > button:first-child, .calendar-bar > .people').evaluateAll((all) => all.map((el) => { const r = el.getBoundingClientRect(); return r.top + r.height / 2; }));
            assert(Math.abs(today - who) < 8, `People stand ${who - today} px below Today, ${locale}, ${mode}`);
        }
        await phone.context().close();
    }
});

await flow('calendar__a_full_day_of_a_month_says_how_many_more', async () => {
    for (let i = 0; i < 9; i++) {
        await add(`Queue ${i}`, `2032-04-15T${10 + i}:00[Europe/Berlin]`);
    }
    for (const [locale, phone, words] of [['en-GB', false, /^\d more$/], ['de-DE', false, /^\d weitere$/], ['de-DE', true, /^\d weitere$/]]) {
        const other = await open(k, { phone, locale, ...berlin });
        await cal(other, '/calendar?mode=month&date=2032-04-15');
        await other.getByText(words).click();
        await other.locator('.cal-day[data-ready="2032-04-15"]').waitFor();
        await until('all of them', 9, () => event(other, 'Queue').count());
        await other.context().close();
    }
});

await flow('calendar__agenda_by_thumb', async () => {
    const phone = await open(k, { phone: true, ...berlin });
    await visit(phone, '/calendar?date=2031-10-28');
    const box = await boxOf(phone, 'Site visit');
    assert(box.height >= 44, `${box.height} px`);
    equal(await axe(phone), [], 'axe');
    await phone.emulateMedia({ colorScheme: 'dark' });
    equal(await axe(phone), [], 'axe, dark');
    await shot(phone, 'calendar-phone');
    equal(await phone.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0, 'too wide');
    await cal(phone, '/calendar?mode=month&date=2031-10-28');
    await phone.emulateMedia({ colorScheme: 'light' });
    equal(await axe(phone), [], 'axe, month');
    await shot(phone, 'calendar-phone-month');
    await event(phone, 'Site visit').tap();
    await phone.waitForURL(/\/activities\/\d+$/);
    await phone.context().close();
});

await flow('calendar__agenda_names_whom_it_is_about', async () => {
    const firm = (await k.api('POST', '/companies', { name: 'Kranbau Süderelbe und Söhne Verwaltungsgesellschaft mbH' })).json.id;
    const deal = (await k.api('POST', '/deals', { name: 'Second crane', company: firm })).json.id;
    await add('Inspection', '2032-03-09T09:00[Europe/Berlin]', { place: 'Dock 4', links: [{ entity: 'company', id: firm }, { entity: 'deal', id: deal }] });
    for (const phone of [false, true]) {
        const p = await open(k, { phone, ...berlin });
        await visit(p, '/calendar?mode=agenda&date=2032-03-08');
        const row = p.getByRole('listitem').filter({ hasText: 'Inspection' });
        await row.getByRole('link', { name: 'Second crane' }).waitFor();
        equal(await row.getByRole('link').evaluateAll((all) => all.filter((a) => { const b = a.getBoundingClientRect(); return b.right > innerWidth; }).length), 0, 'out of the window');
        equal(await axe(p), [], 'axe');
        await shot(p, `calendar-agenda-about${phone ? '-phone' : ''}`);
        await row.getByRole('link', { name: 'Kranbau Süderelbe' }).click();
        await p.waitForURL(`**/companies/${firm}`);
        await p.context().close();
    }
});

/* The goal is 100 ms on a quiet machine, KONTOR_STRICT=1 holds it to that; beside other tests seconds pass. */
const MOST_MS = process.env.KONTOR_STRICT ? 100 : 3000;
await flow('calendar__500_events', async () => {
    load(k, 'activity', Array.from({ length: 500 }, (_, i) => ({ kind: 'meeting', subject: `Slot ${i}`, due: `2031-12-0${1 + (i % 7)}T${String(6 + (i % 14)).padStart(2, '0')}:${['00', '15', '30', '45'][i % 4]}:00Z`, duration: 30, owner: ADMIN })));
    await cal(page, '/calendar?mode=week&date=2031-12-01');
    await until('drawn', 500, () => page.locator('.ec-body [data-event]').count());
    const press = (key) => page.evaluate((k) => new Promise((done) => {
        const b = document.querySelector('.ec-body [data-event]');
        b.focus();
        const began = performance.now();
        b.dispatchEvent(new KeyboardEvent('keydown', { key: k, shiftKey: true, bubbles: true }));
        requestAnimationFrame(() => setTimeout(() => done(performance.now() - began)));
    }), key);
    const drag = () => page.evaluate(() => new Promise((done) => {
        const b = document.querySelector('.ec-body [data-event]');
        const box = b.getBoundingClientRect();
        const how = { bubbles: true, button: 0, buttons: 1, isPrimary: true, pointerType: 'mouse', clientX: box.x + 5 };
        b.dispatchEvent(new PointerEvent('pointerdown', { ...how, clientY: box.y + 5 }));
        const began = performance.now();
        b.dispatchEvent(new PointerEvent('pointermove', { ...how, clientY: box.y + 60 }));
        requestAnimationFrame(() => setTimeout(() => {
            const took = performance.now() - began;
            dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape' }));
            b.dispatchEvent(new PointerEvent('pointerup', { ...how, buttons: 0, clientY: box.y + 60 }));
            done(took);
        }));
    }));
    const took = { drag: [], key: [] };
    for (let i = 0; i < 6; i++) {
        took.drag.push(await drag());
        await page.waitForTimeout(50);
    }
    for (let i = 0; i < 6; i++) {
        took.key.push(await press(i % 2 ? 'ArrowUp' : 'ArrowDown'));
        await page.waitForTimeout(300);
    }
    for (const [how, list] of Object.entries(took)) {
        console.log(`# 500 events: ${list.map((n) => n.toFixed(0)).join(' ')} ms from a ${how} to paint`);
        const median = [...list].sort((a, b) => a - b)[3];
        assert(median <= MOST_MS, `${median.toFixed(0)} ms from a ${how} to paint`);
    }
});
await flow('calendar__finding_a_time_shows_everybody', async () => {
    for (let i = 0; i < 8; i++) k.addUser(`colleague-of-long-name-${i}@example.com`);
    await cal(page, '/calendar?mode=week&date=2031-09-23');
    await page.getByRole('button', { name: 'Find a time' }).click();
    const dialog = page.getByRole('dialog', { name: 'Find a time' });
    await dialog.getByLabel('colleague-of-long-name-7').waitFor();
    await dialog.locator('.free-slots').first().waitFor();
    const below = (box) => [...box.querySelectorAll('.person')].filter((p) => p.getBoundingClientRect().bottom > box.getBoundingClientRect().bottom).length;
    await until('people cut off', 0, () => dialog.locator('.free-people').evaluate(below));
    await until('drawn as other choices are', 'none', () => dialog.getByLabel('How long').evaluate((el) => getComputedStyle(el).appearance));
    await shot(page, 'calendar-find-all');
});

await flow('calendar__many_at_one_hour_say_what_they_are', async () => {
    for (let i = 0; i < 4; i++) await add(`Zoning ${i}`, '2031-12-02T10:00[Europe/Berlin]');
    await cal(page, '/calendar?mode=week&date=2031-12-02');
    await until('four', 4, () => event(page, 'Zoning').count());
    const seen = await event(page, 'Zoning').evaluateAll((list) => list.map((x) => [x.querySelector('b').getBoundingClientRect().width >= 20, x.querySelector('.num').getBoundingClientRect().width === 0]));
    equal(seen, [1, 2, 3, 4].map(() => [true, true]), 'the title, not the hour');
});

await finish();
