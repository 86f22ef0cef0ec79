#!/usr/bin/env node
/*
 * The forecast: figures are the server's and open their rows, cards move to another month by
 * mouse, keys, menu and finger, each undone exactly; by owner and team; last week beside it; on a
 * past day nothing moves; a phone, axe in four modes.
 */
import { ADMIN, open, visit, settled, until, undo, axe, test, assert, equal, finish, day } from './harness.mjs';
import { aged, find, seed } from './seed.mjs';

const today = day();
const month = (n) => {
    const at = Number(today.slice(0, 4)) * 12 + Number(today.slice(5, 7)) - 1 + n;
    return `${Math.floor(at / 12)}-${String((at % 12) + 1).padStart(2, '0')}`;
};
const long = (n) => new Intl.DateTimeFormat('en-GB', { month: 'long', year: 'numeric' }).format(new Date(`${month(n)}-15T12:00`));
const TARGETS = `
firm: {each: month, amount: 10000}
admin: {person: ${ADMIN}, each: month, amount: 4000}
`;
const deals = [
    ['Roof', 'enquiry', 1000, 1, 31], ['Hall', 'proposal', 2000, 1, 10], ['Barn', 'negotiation', 4000, 1, 12],
    ['Shed', 'negotiation', 500, 2, 28], ['Lost in time', 'proposal', 300, -2, 1], ['Done', 'won', 700, 0, 1],
];
const dated = (n, d) => `${month(n)}-${String(Math.min(d, new Date(Date.UTC(Number(month(n).slice(0, 4)), Number(month(n).slice(5)), 0)).getUTCDate())).padStart(2, '0')}`;
const k = await aged({ 'targets.yaml': TARGETS }, 20, [['deal', deals.map(([name, stage, amount, m, d]) => ({ name, pipeline: 'sales', stage, amount, close_date: dated(m, d), owner: ADMIN }))]]);
await seed(k, { deals: false });
const id = await find(k, 'deals', 'Barn');
await k.api('PATCH', `/deals/${id}`, { amount: '6000' });

const page = await open(k);
const flow = (name, run) => test(name, run, page);
const column = (name) => page.getByRole('region', { name, exact: true });
const card = (name) => page.getByRole('article', { name, exact: true });
const closes = async (name) => (await k.api('GET', `/deals/${await find(k, 'deals', name)}?fields=close_date`)).json.close_date;
const inColumn = (name, title) => until(`column of ${title}`, 1, () => column(name).getByRole('article', { name: title, exact: true }).count());
const figure = (col, label) => column(col).locator('dl > div').filter({ has: page.getByText(label, { exact: true }) });

await flow('forecast__is_one_of_the_layouts', async () => {
    await visit(page, '/deals');
    await page.getByRole('group', { name: 'Layout' }).getByRole('button', { name: 'Forecast' }).click();
    await column(long(1)).waitFor();
    assert(page.url().includes('mode=forecast'), page.url());
    await until('six months and what has none', 7, () => page.locator('.outlook-board > section').count());
});

await flow('forecast__shows_the_figures_of_the_server', async () => {
    const { json } = await k.api('GET', '/forecast?pipeline=sales');
    const next = json.months[1];
    equal([next.commit.value, next.best.value, next.target.value, next.gap.value, next.last.commit.value], ['6000.00', '2000.00', '10000.00', '4000.00', '4000.00']);
    await until('commit', '€6k', async () => (await figure(long(1), 'Commit').locator('dd .num').first().textContent()));
    await until('gap', '€4k', async () => (await figure(long(1), 'Gap').locator('dd .num').first().textContent()));
    await until('since', '+€2k', async () => (await figure(long(1), 'Commit').locator('.outlook-since [aria-hidden]').textContent()));
    await until('overdue ones', 1, () => column('No month').getByRole('article').count());
});

await flow('forecast__a_figure_opens_its_rows', async () => {
    for (const [label, rows] of [['Commit', ['Barn']], ['Best case', ['Hall']], ['Weighted', ['Barn', 'Hall', 'Roof']]]) {
        await visit(page, '/deals?mode=forecast');
        await figure(long(1), label).locator('dd a').first().click();
        await settled(page);
        await until(label, rows.join(), async () => (await page.locator('.table tbody th').allTextContents()).map((s) => s.trim()).sort().join());
    }
    await visit(page, '/deals?mode=forecast');
    await figure(long(1), 'Commit').locator('.outlook-since').click();
    await settled(page);
    assert(page.url().includes('as_of='), page.url());
    await page.getByText('€4,000').first().waitFor();
});

await flow('forecast__moves_a_card_by_keys_and_back', async () => {
    await visit(page, '/deals?mode=forecast');
    await card('Hall').focus();
    await page.keyboard.press('Shift+ArrowRight');
    await inColumn(long(2), 'Hall');
    await until('day', dated(2, 10), () => closes('Hall'));
    await until('best', '€0', async () => (await figure(long(1), 'Best case').locator('dd .num').first().textContent()));
    await undo(page, `Hall moved to ${long(2)}`);
    await inColumn(long(1), 'Hall');
    await until('day', dated(1, 10), () => closes('Hall'));
});

await flow('forecast__moves_a_card_by_mouse_to_a_shorter_month', async () => {
    await visit(page, '/deals?mode=forecast');
    const from = await card('Roof').boundingBox();
    const to = await column(long(3)).boundingBox();
    await page.mouse.move(from.x + 30, from.y + from.height - 10);
    await page.mouse.down();
    await page.mouse.move(from.x + 50, from.y + 30, { steps: 4 });
    await page.locator('.drag-ghost').waitFor();
    await page.mouse.move(to.x + to.width / 2, to.y + 60, { steps: 6 });
    await page.mouse.up();
    await inColumn(long(3), 'Roof');
    const was = Number(dated(1, 31).slice(8));
    await until('day', dated(3, was), () => closes('Roof'));
    await undo(page, `Roof moved to ${long(3)}`);
    await until('day', dated(1, 31), () => closes('Roof'));
});

await flow('forecast__moves_a_card_by_menu', async () => {
    await visit(page, '/deals?mode=forecast');
    await card('Lost in time').hover();
    await card('Lost in time').getByRole('button', { name: 'Actions for Lost in time' }).click();
    await page.getByRole('menuitemcheckbox', { name: long(1) }).click();
    await inColumn(long(1), 'Lost in time');
    await until('day', dated(1, 1), () => closes('Lost in time'));
    await until('nothing is left there', 0, () => column('No month').count());
    await undo(page, `Lost in time moved to ${long(1)}`);
    await inColumn('No month', 'Lost in time');
});

await flow('forecast__wins_a_card', async () => {
    await visit(page, '/deals?mode=forecast');
    await card('Shed').focus();
    await page.keyboard.press('w');
    await until('gone', 0, () => card('Shed').count());
    await until('won', '€1.2k', async () => (await figure(long(0), 'Won').locator('dd .num').first().textContent()));
    await undo(page, 'Won: Shed');
    await inColumn(long(2), 'Shed');
});

await flow('forecast__by_owner_and_team', async () => {
    await visit(page, '/deals?mode=forecast');
    await page.getByRole('button', { name: 'By owner' }).first().click();
    await page.getByRole('rowheader', { name: 'admin' }).waitFor();
    await page.getByRole('row', { name: /admin/ }).getByText('of €4k').first().waitFor();
    await page.getByRole('row', { name: /admin/ }).getByRole('link', { name: '€700' }).first().click();
    await settled(page);
    await until('rows', 'Done', async () => (await page.locator('.table tbody th').allTextContents()).map((s) => s.trim()).join());
    await visit(page, '/deals?mode=forecast&group=team');
    await page.getByRole('rowheader', { name: 'Without a team' }).waitFor();
});

await flow('forecast__months_step_and_the_filter_holds', async () => {
    await visit(page, '/deals?mode=forecast&f.amount=range:3000..');
    await until('best', '€0', async () => (await figure(long(1), 'Best case').locator('dd .num').first().textContent()));
    await page.getByRole('button', { name: 'Later months' }).first().click();
    await column(long(3)).waitFor();
    assert(page.url().includes(`from=${month(3)}`) && page.url().includes('f.amount'), page.url());
    await page.getByRole('button', { name: 'This month' }).first().click();
    await column(long(0)).waitFor();
});

await flow('forecast__is_saved_as_a_view', async () => {
    await visit(page, '/deals?mode=forecast&group=owner&f.amount=range:3000..');
    await page.getByRole('button', { name: 'Save view', exact: true }).click();
    await page.getByLabel('Name of the view').fill('Big ones');
    await page.locator('.popover').getByRole('button', { name: 'Save view' }).click();
    await page.getByRole('link', { name: 'Big ones' }).waitFor();
    const [view] = (await k.api('GET', '/views?filter=name%20=%20"Big%20ones"')).json.items;
    equal([view.mode, view.group_by], ['forecast', 'owner']);
    await visit(page, `/deals?view=${view.id}`);
    await page.getByRole('rowheader', { name: 'admin' }).waitFor();
});

await flow('forecast__of_a_past_day_cannot_be_changed', async () => {
    await visit(page, `/deals?mode=forecast&as_of=${day(-3)}`);
    await page.getByText('As it was on').waitFor();
    await until('commit', '€4k', async () => (await figure(long(1), 'Commit').locator('dd .num').first().textContent()));
    await until('menus', 0, () => page.locator('.deal-menu').count());
});

await flow('forecast__tells_what_changed', async () => {
    for (const where of ['/deals?mode=forecast', '/deals', '/deals?mode=list']) {
        await visit(page, where);
        await page.getByRole('button', { name: 'What changed' }).click();
        const dialog = page.getByRole('dialog', { name: 'What changed' });
        await dialog.locator('summary').filter({ hasText: 'Amount changed' }).click();
        await dialog.getByText('€4,000 › €6,000').waitFor();
        await until('sum', '+€2k', () => dialog.locator('details').filter({ hasText: 'Amount changed' }).locator('.changed-sum').textContent());
        await dialog.getByLabel('Since').fill(day(-40));
        await dialog.locator('summary').filter({ hasText: 'New' }).click();
        await dialog.getByRole('link', { name: 'Roof' }).waitFor();
        equal(await axe(page), [], `axe of ${where}`);
        await page.keyboard.press('Escape');
        await until('closed', 0, () => dialog.count());
    }
});

await test('forecast__on_a_phone_by_finger', async () => {
    const phone = await open(k, { phone: true });
    await visit(phone, '/deals?mode=forecast');
    const hall = phone.getByRole('article', { name: 'Hall', exact: true });
    await hall.scrollIntoViewIfNeeded();
    await hall.getByRole('button', { name: 'Actions for Hall' }).tap();
    await phone.getByRole('menuitemcheckbox', { name: long(2) }).tap();
    await until('day', dated(2, 10), () => closes('Hall'));
    await undo(phone, `Hall moved to ${long(2)}`);
    await until('day', dated(1, 10), () => closes('Hall'));
    await phone.getByRole('button', { name: 'View options' }).tap();
    await phone.getByRole('button', { name: 'What changed' }).tap();
    await phone.locator('summary').filter({ hasText: 'Amount changed' }).tap();
    await phone.getByText('€4,000 › €6,000').waitFor();
    equal(await axe(phone), [], 'axe of what changed');
    await phone.getByRole('button', { name: 'Close', exact: true }).tap();
    assert(await phone.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'sideways');
    await phone.context().close();
});

for (const [phone, dark] of [[false, false], [false, true], [true, false], [true, true]]) {
    await test(`forecast__axe_${phone ? 'phone' : 'desk'}_${dark ? 'dark' : 'light'}`, async () => {
        const one = await open(k, { phone, dark });
        for (const where of ['/deals?mode=forecast', '/deals?mode=forecast&group=owner']) {
            await visit(one, where);
            await one.locator('.outlook').first().waitFor({ state: 'attached' });
            equal(await axe(one), [], where);
        }
        await one.context().close();
    });
}
await finish();
