#!/usr/bin/env node
/*
 * Tasks: open activities by when they are due; ticked off, put off, handed on and written down by
 * key, by mouse and by thumb.
 */
import { Kontor, ADMIN, open, shot, visit, until, undo, ask, axe, test, assert, equal, finish } from './harness.mjs';
import { seed, load, find, day, MEMBER } from './seed.mjs';

const k = await Kontor.make();
const { team } = await seed(k, { deals: false });
const all = async (where, as) => (await k.api('GET', `/activities?limit=100&filter=${encodeURIComponent(where)}`, undefined, as)).json.items;
const one = async (subject) => (await all(`subject = "${subject}"`))[0];
const add = async (subject, due, more = {}) => (await k.api('POST', '/activities', { kind: 'task', subject, due, ...more })).json.id;
await k.api('PATCH', `/users/${(await k.api('GET', '/me')).json.id}`, { team });
k.callers = {}; /* another team is another session */
await add('Send papers', day(-3), { links: [{ entity: 'company', id: await find(k, 'companies', 'Alster Bau GmbH') }] });
await add('Ring the port', `${day(-1)}T09:00:00Z`, { kind: 'call', priority: 'normal' });
await add('Write minutes', day(0));
await add('Prepare the fair', day(4));
await add('Plan the summer', day(60));
await add('Think it over', null);

const page = await open(k);
const flow = (name, run) => test(name, run, page);
const group = (p, name) => p.getByRole('region', { name: new RegExp(`^${name}`) });
const texts = (p, name) => group(p, name).locator('.task-text').allTextContents();
const row = (p, subject) => p.locator('.task', { hasText: subject });

await flow('tasks__stand_in_groups_by_when_they_are_due', async () => {
    await visit(page, '/tasks');
    for (const [name, subjects] of Object.entries({ Overdue: ['Send papers', 'Ring the port'], Today: ['Write minutes'], 'Next 7 days': ['Prepare the fair'], Later: ['Plan the summer'], 'No date': ['Think it over'] })) {
        equal(await texts(page, name), subjects, name);
    }
    equal(await page.locator('.task input:checked').count(), 0, 'ticked');
    equal(await page.locator('.page-count').textContent(), '6 open');
    assert((await row(page, 'Send papers').textContent()).includes('Alster Bau GmbH'), 'what it concerns');
    equal(await axe(page), [], 'axe');
    await shot(page, 'tasks');
});

await flow('tasks__are_ticked_off_with_undo', async () => {
    await row(page, 'Write minutes').getByRole('checkbox').click();
    await until('gone', 0, () => row(page, 'Write minutes').count());
    assert((await one('Write minutes')).done_at, 'done');
    await undo(page, 'Done: Write minutes');
    await until('back', 1, () => row(page, 'Write minutes').count());
});

await flow('tasks__go_by_key', async () => {
    await page.keyboard.press('g');
    await page.keyboard.press('t');
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    equal(await page.evaluate(() => document.activeElement.textContent), 'Ring the port');
    await page.keyboard.press('p');
    await until('priority', 'high', async () => (await one('Ring the port')).priority);
    await page.keyboard.press('s');
    await page.getByRole('menuitem', { name: 'Tomorrow' }).waitFor();
    await page.getByRole('menuitem', { name: 'Tomorrow' }).focus();
    await page.keyboard.press('Enter');
    await until('put off', true, async () => (await one('Ring the port')).due.startsWith(day(1)));
    await until('moved', ['Ring the port', 'Prepare the fair'], () => texts(page, 'Next 7 days'));
    await row(page, 'Send papers').locator('.task-text').focus();
    await page.keyboard.press('a');
    await page.getByRole('dialog', { name: 'Hand on' }).getByRole('combobox').fill('max');
    await page.getByRole('option', { name: 'max' }).click();
    await page.getByRole('dialog', { name: 'Hand on' }).getByRole('button', { name: 'Hand on' }).click();
    await until('handed on', 'max', async () => (await one('Send papers')).owner.title);
    await until('no longer mine', 0, () => row(page, 'Send papers').count());
    await row(page, 'Write minutes').locator('.task-text').focus();
    await page.keyboard.press('x');
    await until('ticked', 0, () => row(page, 'Write minutes').count());
    equal(await page.evaluate(() => document.activeElement.textContent), 'Ring the port', 'the focus');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/activities\/\d+$/);
});

await flow('tasks__of_the_team_say_whose_they_are', async () => {
    await visit(page, '/tasks');
    await page.getByRole('button', { name: 'My team' }).click();
    await row(page, 'Send papers').waitFor();
    assert((await row(page, 'Send papers').textContent()).includes('max'), 'the owner');
    assert(page.url().endsWith('/tasks?who=team'), page.url());
});

await flow('tasks__are_written_down_in_a_line', async () => {
    await visit(page, '/tasks');
    await page.keyboard.press('n');
    await page.keyboard.type('Call Nordwind tomorrow 10:00');
    assert((await page.locator('#task-meant').textContent()).startsWith('Call: Call Nordwind,'), 'what it is taken for');
    await page.keyboard.press('Enter');
    await row(page, 'Call Nordwind').waitFor();
    const made = await one('Call Nordwind');
    equal([made.kind, made.due.slice(0, 16)], ['call', `${day(1)}T10:00`]);
    const meant = (line) => ask(page, 'lib/quickadd.js', 'understand', line, ['task', 'call', 'meeting', 'email']);
    equal(await meant('Offer for 10 people'), { kind: 'task', subject: 'Offer for 10 people' });
    equal(await meant('tomorrow'), { kind: 'task', subject: 'tomorrow' });
    equal((await meant('Termin Werft 24.12.2031 um 14 Uhr')).due.slice(0, 16), '2031-12-24T14:00');
    equal(await meant('Write the report 2031-02-29'), { kind: 'task', subject: 'Write the report 2031-02-29' }, 'no such day');
    equal(await meant('Pay the bill 2032-02-29'), { kind: 'task', subject: 'Pay the bill', due: '2032-02-29' });
});

await flow('tasks__of_others_show_up_at_once', async () => {
    await add('From elsewhere', day(0));
    await row(page, 'From elsewhere').waitFor();
});

await flow('tasks__by_thumb', async () => {
    const phone = await open(k, { phone: true });
    await visit(phone, '/tasks');
    const box = await row(phone, 'From elsewhere').locator('.task-snooze').boundingBox();
    const check = await row(phone, 'From elsewhere').locator('.task-check').boundingBox();
    assert(box.width >= 44 && box.height >= 44 && check.width >= 44 && check.height >= 44, `targets ${box.width} ${box.height} ${check.width}`);
    await row(phone, 'From elsewhere').locator('.task-snooze').tap();
    await phone.getByRole('menuitem', { name: /Next week/ }).tap();
    await until('put off', true, async () => (await one('From elsewhere')).due > day(0));
    await row(phone, 'Think it over').getByRole('checkbox').tap();
    await until('done', 0, () => row(phone, 'Think it over').count());
    equal(await phone.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0, 'too wide');
    equal(await axe(phone), [], 'axe');
    await phone.emulateMedia({ colorScheme: 'dark' });
    equal(await axe(phone), [], 'axe, dark');
    await shot(phone, 'tasks-phone');
    await phone.context().close();
});

await flow('tasks__empty_and_failed', async () => {
    const max = await open(k, { as: MEMBER });
    await visit(max, '/tasks');
    await row(max, 'Send papers').getByRole('checkbox').click();
    await max.getByText('Nothing is open').waitFor();
    await max.context().close();
    await page.route(/api\/v1\/activities/, (r) => r.abort());
    page.expected = /ERR_FAILED/;
    await page.goto('/tasks');
    await page.getByText('The tasks could not be loaded').waitFor();
    await page.unroute(/api\/v1\/activities/);
    await page.getByRole('button', { name: 'Try again' }).click();
    await row(page, 'Plan the summer').waitFor();
});

await flow('tasks__of_many_are_counted_by_the_server', async () => {
    load(k, 'activity', Array.from({ length: 500 }, (_, i) => ({ kind: 'task', subject: `Item ${i}`, due: day(1 + (i % 40)), owner: ADMIN })));
    await visit(page, '/tasks');
    const soon = Number(await group(page, 'Next 7 days').locator('.task-count').textContent());
    assert(soon > 85 && await page.locator('.task').count() <= 150, `${soon} soon, ${await page.locator('.task').count()} rows`);
    await page.getByRole('button', { name: 'Show more' }).click();
    await until('all', true, async () => await page.locator('.task').count() >= 500);
    const took = [];
    for (let i = 0; i < 7; i++) {
        took.push(await page.evaluate(() => new Promise((done) => {
            const began = performance.now();
            document.querySelector('.task-snooze').click();
            requestAnimationFrame(() => setTimeout(() => { done(performance.now() - began); document.querySelector('.task-snooze').click(); }));
        })));
        took.push(await page.evaluate(() => new Promise((done) => {
            const began = performance.now();
            dispatchEvent(new KeyboardEvent('keydown', { key: 'j' }));
            requestAnimationFrame(() => setTimeout(() => done(performance.now() - began)));
        })));
    }
    console.log(`# 500 tasks: ${took.map((n) => n.toFixed(0)).join(' ')} ms from a key or press to paint`);
});
await finish();
