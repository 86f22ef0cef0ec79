#!/usr/bin/env node
/*
 * Days and times seen from both ends of the world and across both clock changes: no day moves to another, no time by an hour, in
 * lists, on the record, in its next steps, in tasks, on the board and in the calendar.
 */
import { Kontor, open, visit, until, test, equal, finish } from './harness.mjs';

const k = await Kontor.make();
const deal = (await k.api('POST', '/deals', { name: 'Hall', close_date: '2028-02-29' })).json.id;
const links = [{ entity: 'deal', id: deal }];
const DAYS = ['2028-02-29', '2027-03-28', '2027-10-31'];
const day = {};
for (const due of DAYS) {
    day[due] = (await k.api('POST', '/activities', { kind: 'task', subject: `Day ${due}`, due, links })).json.id;
}
const timed = (await k.api('POST', '/activities', { kind: 'call', subject: 'Ring', due: '2027-10-31T14:05[Europe/Berlin]', links })).json.id;
const written = (iso) => new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' }).format(new Date(`${iso}T12:00Z`));
/* Where an event stands in the calendar: the day of its column, and the minute it begins at. */
const place = (page, name) => page.locator('[data-event]', { hasText: name }).first().evaluate((b) => {
    const box = b.getBoundingClientRect();
    const column = [...document.querySelectorAll('[data-column]')].find((c) => { const r = c.getBoundingClientRect(); return r.left <= box.left + box.width / 2 && box.left + box.width / 2 < r.right; });
    const r = column?.getBoundingClientRect();
    return r && [column.dataset.column, b.closest('.ec-all-day') ? null : Math.round(((box.top - r.top) / r.height) * 1440 / 5) * 5];
}).catch(() => null);
const ZONES = { 'Pacific/Kiritimati': ['1 Nov 2027', '03:05'], 'Pacific/Pago_Pago': ['31 Oct 2027', '02:05'], 'Europe/Berlin': ['31 Oct 2027', '14:05'], 'America/New_York': ['31 Oct 2027', '09:05'] };

for (const [zone, [on, at]] of Object.entries(ZONES)) {
    const page = await open(k, { zone, now: '2027-01-15T12:00:00Z' });
    const flow = (name, run) => test(`dates__${name}_in_${zone}`, run, page);
    await flow('days_stay_in_lists_and_on_records', async () => {
        await visit(page, '/activities?mode=list');
        for (const due of DAYS) {
            await page.getByRole('row', { name: `Day ${due}` }).getByText(written(due), { exact: true }).waitFor();
        }
        await visit(page, `/activities/${day['2028-02-29']}`);
        await page.getByText(written('2028-02-29'), { exact: true }).first().waitFor();
        await visit(page, `/deals/${deal}`);
        for (const due of DAYS) {
            await page.getByRole('region', { name: 'Next steps' }).getByRole('listitem').filter({ hasText: `Day ${due}` }).getByText(written(due), { exact: true }).waitFor();
        }
    });
    await flow('a_time_is_the_same_moment', async () => {
        const shown = await page.getByRole('region', { name: 'Next steps' }).getByRole('listitem').filter({ hasText: 'Ring' }).locator('.badge').textContent();
        equal(shown.trim(), `${on}, ${at}`);
    });
    if (zone === 'America/New_York') { /* neither end of the world nor where it was written */
        await page.context().close();
        continue;
    }
    await flow('tasks_and_cards_say_the_day', async () => {
        await visit(page, '/tasks');
        const task = (name) => page.locator('.task', { hasText: name });
        for (const due of DAYS) {
            await task(`Day ${due}`).getByText(written(due), { exact: false }).first().waitFor();
        }
        await task('Ring').getByText(`${on}, ${at}`, { exact: false }).first().waitFor();
        await visit(page, '/deals?mode=board');
        await page.getByText('29 Feb', { exact: false }).first().waitFor();
        await page.getByText(written('2027-03-28'), { exact: false }).first().waitFor();
    });
    await flow('the_calendar_has_them_in_their_places', async () => {
        const [hour, minute] = at.split(':').map(Number);
        const there = on === '1 Nov 2027' ? '2027-11-01' : '2027-10-31';
        for (const [due, name, where] of [...DAYS.map((d) => [d, `Day ${d}`, [d, null]]), [there, 'Ring', [there, hour * 60 + minute]]]) {
            await visit(page, `/calendar?mode=week&date=${due}`);
            await page.locator('.cal-box[data-ready]').waitFor();
            await until(name, where, () => place(page, name));
        }
    });
    await page.context().close();
}
/* A day without its year is one of this year, whatever the year. */
const in2027 = await open(k, { now: '2027-06-01T10:00:00Z' });
await test('dates__cards_and_related_deals_say_another_year', async () => {
    const company = (await k.api('POST', '/companies', { name: 'Crane works' })).json.id;
    await k.api('POST', '/deals', { name: 'Soon', close_date: '2027-11-30', amount: 123456, company });
    await k.api('PATCH', `/deals/${deal}`, { company, amount: 1234567 });
    const says = async (where) => {
        await until('this year', true, async () => /30 Nov(?! 2027)/.test(await where('Soon').innerText()));
        await until('another year', true, async () => (await where('Hall').innerText()).includes('29 Feb 2028'));
        const [card, text] = await Promise.all([where('Hall').boundingBox(), where('Hall').getByText('29 Feb 2028').first().boundingBox()]);
        equal(text.x + text.width <= card.x + card.width, true, 'within');
    };
    await visit(in2027, '/deals?mode=board');
    await says((name) => in2027.locator('[data-card]').filter({ hasText: name }));
    await visit(in2027, `/companies/${company}`);
    await says((name) => in2027.locator('.rec-rel li').filter({ hasText: name }));
}, in2027);
await in2027.context().close();
for (const due of DAYS) {
    await test(`dates__the_server_still_says_${due}`, async () => equal((await k.api('GET', `/activities/${day[due]}`)).json.due, due));
}
await test('dates__and_the_time_with_its_zone', async () => equal((await k.api('GET', `/activities/${timed}`)).json.due, '2027-10-31T14:05:00+01:00[Europe/Berlin]'));
await finish();
