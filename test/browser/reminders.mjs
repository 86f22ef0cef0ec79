#!/usr/bin/env node
/*
 * The bar of reminders: it comes without a reload, opens its record, ticks it off, puts it off; told outside the page where that
 * is allowed, once.
 */
import { Kontor, open, visit, until, undo, axe, test, assert, equal, finish } from './harness.mjs';

process.env.KONTOR_NOW = '2027-05-01T06:00:00Z'; /* when it is made, too */
const k = await Kontor.make();
await k.stop();
await k.start([], { KONTOR_NOW: '2027-05-01T07:00:00Z' });
const add = async (subject, due) => (await k.api('POST', '/activities', { kind: 'call', subject, due, reminders: ['10', '15'] })).json.id;
const first = await add('Call Ms Gray', '2027-05-01T09:00:00Z');
const second = await add('Send the offer', '2027-05-01T09:01:00Z');
await k.stop();
await k.start([], { KONTOR_NOW: '2027-05-01T08:52:00Z' });
const page = await open(k, { now: '2027-05-01T08:52:00Z' });
await page.context().grantPermissions(['notifications'], { origin: k.url });
await page.addInitScript(() => {
    window.shown = [];
    window.Notification = Object.assign(class { constructor(title, more) { window.shown.push([title, more.tag]); } close() {} }, { permission: 'granted', requestPermission: async () => 'granted' });
});
const flow = (name, run) => test(name, run, page);
const bar = () => page.getByRole('region', { name: 'Reminders' });
const row = (text) => bar().locator('.reminder', { hasText: text });

await flow('reminders__stand_above_the_page', async () => {
    await visit(page, '/companies');
    await row('Call Ms Gray').waitFor();
    await row('Send the offer').waitFor();
    equal(await bar().locator('.reminder').count(), 2, 'one row each, however many reminders');
    equal([...new Set((await page.evaluate(() => window.shown)).map((x) => x[0]))].sort(), ['Call Ms Gray', 'Send the offer'], 'outside the page');
    await axe(page);
});

await flow('reminders__are_told_outside_once', async () => {
    await visit(page, '/deals');
    await row('Call Ms Gray').waitFor();
    equal(await page.evaluate(() => window.shown), [], 'again');
});

await flow('reminders__are_put_off', async () => {
    await row('Send the offer').getByRole('button', { name: 'Later' }).click();
    await page.getByRole('menuitem', { name: 'In an hour' }).click();
    await row('Send the offer').waitFor({ state: 'detached' });
    equal((await k.api('GET', '/notifications?unseen=1&kind=step')).json.items.filter((n) => n.record.title === 'Send the offer').length, 0, 'none of them is left');
});

await flow('reminders__open_their_record', async () => {
    await row('Call Ms Gray').getByRole('link', { name: 'Call Ms Gray' }).click();
    await page.waitForURL(`**/activities/${first}`);
    const all = page.locator('.detail', { hasText: 'Reminders' }).locator('.badges');
    await all.waitFor();
    assert(await all.evaluate((x) => x.scrollWidth <= x.clientWidth), 'each of its reminders is in sight');
});

await flow('reminders__are_ticked_off', async () => {
    await row('Call Ms Gray').getByRole('button', { name: 'Done', exact: true }).click();
    await row('Call Ms Gray').waitFor({ state: 'detached' });
    await until('done', true, async () => Boolean((await k.api('GET', `/activities/${first}`)).json.done_at));
    assert(!(await k.api('GET', `/activities/${second}`)).json.done_at, 'the other one');
});

await finish();
