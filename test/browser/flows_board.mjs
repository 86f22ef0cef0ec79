#!/usr/bin/env node
/*
 * The board: sums are the server's, cards move by mouse, by finger, by keys and by menu, a gate
 * asks for what it wants, losing asks why, and a past day can be looked at.
 */
import { ADMIN, open, visit, settled, until, undo, ask, axe, test, assert, equal, finish, day } from './harness.mjs';
import { seed, aged, find, MEMBER } from './seed.mjs';

const PIPELINES = `
sales:
  entity: deal
  label: Sales
  stages:
    - {id: enquiry, label: Enquiry, percent: 10, idle_after: 7 days}
    - {id: qualified, label: Qualified, percent: 25, idle_after: 90 days}
    - id: proposal
      label: Proposal
      percent: 50
      gate: {require: [amount, close_date], say: A proposal needs amount and date}
    - {id: negotiation, label: Negotiation, percent: 75}
    - {id: won, label: Won, kind: won}
    - {id: lost, label: Lost, kind: lost, gate: {require: [lost_reason]}}
`;
const k = await aged({ 'pipelines.yaml': PIPELINES }, 40, [['deal', Array.from({ length: 70 }, (_, i) => ({
    name: `Order ${i + 1}`, pipeline: 'sales', stage: i < 60 ? 'enquiry' : ['qualified', 'proposal', 'negotiation'][i % 3],
    amount: 1000 + i * 250, close_date: day(i - 6), owner: ADMIN,
}))]]);
await seed(k, { deals: false });
await k.api('POST', '/deals', { name: 'Bare', pipeline: 'sales', stage: 'qualified' });

const page = await open(k);
const flow = (name, run) => test(name, run, page);
const column = (name) => page.getByRole('region', { name, exact: true });
const card = (name) => page.getByRole('article', { name, exact: true });
const stageOf = async (name) => (await k.api('GET', `/deals/${await find(k, 'deals', name)}`)).json.stage;
const inColumn = (name, title) => until(`column of ${title}`, 1, () => column(name).getByRole('article', { name: title, exact: true }).count());
const titleOfMost = async () => (await k.api('GET', `/deals?limit=1&sort=-amount&fields=title&filter=${encodeURIComponent('stage.kind = "open"')}`)).json.items[0].title;
const board = async (query = '') => (await k.api('GET', `/boards/sales${query}`)).json.stages;

async function shows(stages) {
    for (const s of stages.filter((x) => !['won', 'lost'].includes(x.id))) {
        const head = column({ enquiry: 'Enquiry', qualified: 'Qualified', proposal: 'Proposal', negotiation: 'Negotiation' }[s.id]).locator('.column-head');
        const short = (value) => ask(page, 'lib/format.js', 'moneyShort', { value, currency: 'EUR' });
        await until(`count of ${s.id}`, String(s.count), () => head.locator('.badge-count').textContent());
        const sums = [await short(s.sum.value), await short(s.weighted.value)];
        await until(`sums of ${s.id}`, sums.join(' '), async () => (await head.locator('p').textContent()).replace(' weighted', ''));
    }
}

/** Where a locator is once it has stopped moving: the drop zones rise when a drag begins. */
async function resting(locator) {
    for (let before = null; ;) {
        const box = await locator.boundingBox();
        if (before !== null && box.y === before.y && box.x === before.x) {
            return box;
        }
        before = box;
        await page.waitForTimeout(60);
    }
}

async function drag(name, to, { drop = true } = {}) {
    const from = await card(name).boundingBox();
    await page.mouse.move(from.x + 30, from.y + from.height - 12);
    await page.mouse.down();
    await page.mouse.move(from.x + 60, from.y + 40, { steps: 4 });
    await page.locator('.drag-ghost').waitFor();
    const target = await resting(typeof to === 'string' ? column(to) : to);
    await page.mouse.move(target.x + target.width / 2, target.y + target.height / 2, { steps: 6 });
    if (drop) {
        await page.mouse.up();
    }
}

await flow('board__shows_the_sums_of_the_server', async () => {
    await visit(page, '/deals');
    await shows(await board());
    await until('cards at first', 50, () => column('Enquiry').getByRole('article').count());
    await visit(page, `/deals?f.amount=range:5000..9000&mode=board`);
    await shows(await board(`?filter=${encodeURIComponent('amount >= 5000 and amount <= 9000')}`));
});

await flow('board__loads_more_when_scrolled', async () => {
    await visit(page, '/deals');
    await column('Enquiry').locator('.column-body').evaluate((b) => { b.scrollTop = b.scrollHeight; });
    await until('cards', 60, () => column('Enquiry').getByRole('article').count());
});

await flow('board__keeps_its_place', async () => {
    await visit(page, '/deals');
    const body = column('Enquiry').locator('.column-body');
    await body.evaluate((b) => { b.scrollTop = 900; });
    const top = await body.evaluate((b) => b.scrollTop);
    const one = column('Enquiry').getByRole('article').nth(10);
    const name = await one.getAttribute('aria-label');
    await one.evaluate((c) => c.focus({ preventScroll: true }));
    await page.keyboard.press('Enter');
    await until('record', name, () => page.locator('h1').textContent());
    await page.goBack();
    await until('place', top, () => body.evaluate((b) => b.scrollTop));
    await until('focus', true, () => card(name).evaluate((c) => c === document.activeElement));
});

await flow('board__says_who_is_idle', async () => {
    await visit(page, '/deals?q=Order+3');
    const { json } = await k.api('GET', `/deals/${await find(k, 'deals', 'Order 3')}?fields=idle_days`);
    assert(json.idle_days >= 39, `idle_days: ${json.idle_days}`);
    await card('Order 3').getByText(`${json.idle_days} d idle`).waitFor();
    await visit(page, '/deals');
    await until('badges below the limit of their stage', 0, () => column('Qualified').getByText('d idle').count());
    await card('Order 3').getByText('No next step').waitFor();
});

await flow('board__moves_a_card_by_mouse', async () => {
    await visit(page, '/deals');
    const before = await board();
    await drag('Order 1', 'Qualified');
    await inColumn('Qualified', 'Order 1');
    await until('stage', 'qualified', () => stageOf('Order 1'));
    const after = await board();
    equal(after[1].count, before[1].count + 1, 'count of the server');
    await shows(after);
    await undo(page, 'Order 1 moved to Qualified');
    await inColumn('Enquiry', 'Order 1');
    await until('stage', 'enquiry', () => stageOf('Order 1'));
});

await flow('board__escape_cancels_a_drag', async () => {
    await visit(page, '/deals');
    await drag('Order 1', 'Qualified', { drop: false });
    await page.keyboard.press('Escape');
    await page.locator('.drag-ghost').waitFor({ state: 'detached' });
    await page.mouse.up();
    await inColumn('Enquiry', 'Order 1');
    equal(await stageOf('Order 1'), 'enquiry');
});

await flow('board__drops_on_won_and_lost', async () => {
    await visit(page, '/deals');
    await drag('Order 1', page.locator('.zone-won'));
    await until('stage', 'won', () => stageOf('Order 1'));
    await undo(page, 'Won: Order 1');
    await inColumn('Enquiry', 'Order 1');
});

await flow('board__a_message_leaves_the_drop_zones_free', async () => {
    await visit(page, '/deals');
    await card('Order 2').focus();
    await page.keyboard.press('Shift+ArrowRight');
    await page.locator('.toast').waitFor();
    await drag('Order 1', page.locator('.zone-lost'), { drop: false });
    const [zone, toast] = [await resting(page.locator('.zone-lost')), await page.locator('.toast').last().boundingBox()];
    assert(toast.y + toast.height <= zone.y, `the message ends at ${toast.y + toast.height}, the zone begins at ${zone.y}`);
    await page.mouse.up();
    await page.locator('dialog').getByRole('button', { name: 'Cancel' }).click();
    await undo(page, 'Order 2 moved to Qualified');
    await inColumn('Enquiry', 'Order 2');
});

await flow('board__moves_a_card_by_keys', async () => {
    await visit(page, '/deals');
    await card('Order 2').focus();
    await page.keyboard.press('Shift+ArrowRight');
    await inColumn('Qualified', 'Order 2');
    await until('stage', 'qualified', () => stageOf('Order 2'));
    await until('focus', true, () => card('Order 2').evaluate((c) => c === document.activeElement));
    await page.keyboard.press('Shift+ArrowLeft');
    await until('stage', 'enquiry', () => stageOf('Order 2'));
    await page.keyboard.press('ArrowDown');
    await until('focus', true, () => page.evaluate(() => document.activeElement.matches('[data-card]') && document.activeElement.getAttribute('aria-label') !== 'Order 2'));
    await page.keyboard.press('ArrowRight');
    await until('column', 'qualified', () => page.evaluate(() => document.activeElement.closest('[data-column]')?.dataset.column));
});

await flow('board__says_why_a_card_of_others_stays', async () => {
    const member = await open(k, { as: MEMBER });
    await visit(member, '/deals?mode=board');
    const theirs = member.getByRole('article', { name: 'Order 3', exact: true });
    for (const key of ['Shift+ArrowRight', 'Shift+ArrowRight', 'w']) {
        await theirs.press(key);
        await member.locator('.toast', { hasText: 'You may not change this.' }).waitFor();
        await until(`messages after ${key}`, 1, () => member.locator('.toast').count());
    }
    await member.getByRole('button', { name: 'Dismiss' }).click();
    await theirs.getByRole('link').hover();
    await member.mouse.down();
    await member.mouse.move(700, 400, { steps: 4 });
    await member.locator('.toast', { hasText: 'You may not change this.' }).waitFor();
    await until('cards in the air', 0, () => member.locator('.drag-ghost, .is-dragging').count());
    await member.mouse.up();
    equal(new URL(member.url()).pathname, '/deals', 'address');
    equal(await stageOf('Order 3'), 'enquiry');
    await member.context().close();
});

await flow('board__a_redraw_leaves_the_focus_on_its_card', async () => {
    await visit(page, '/deals');
    const names = () => column('Qualified').getByRole('article').evaluateAll((all) => all.map((c) => c.getAttribute('aria-label')));
    const last = (await names()).at(-1);
    await card(last).focus();
    await k.api('POST', '/activities', { kind: 'task', subject: 'Call back', due: `${day(-3)}T09:00:00Z`, links: [{ entity: 'deal', id: await find(k, 'deals', last) }] });
    await k.api('POST', '/deals', { name: 'Later', pipeline: 'sales', stage: 'qualified' });
    await until('first card', last, async () => (await names())[0]);
    await until('focus', last, () => page.evaluate(() => document.activeElement.getAttribute('aria-label')));
    await card(last).getByText('3 days overdue').waitFor();
    await page.keyboard.press('w');
    await card(last).waitFor({ state: 'detached' });
    const next = (await names())[0];
    await until('focus of the neighbour', next, () => page.evaluate(() => document.activeElement.getAttribute('aria-label')));
    await undo(page, `Won: ${last}`);
    await inColumn('Qualified', last);
});

await flow('board__w_wins_with_undo', async () => {
    await visit(page, '/deals');
    await card('Order 3').focus();
    await page.keyboard.press('w');
    await card('Order 3').waitFor({ state: 'detached' });
    await until('stage', 'won', () => stageOf('Order 3'));
    await undo(page, 'Won: Order 3');
    await inColumn('Enquiry', 'Order 3');
    await until('stage', 'enquiry', () => stageOf('Order 3'));
});

await flow('board__x_asks_why_it_was_lost', async () => {
    await visit(page, '/deals');
    await card('Order 4').focus();
    await page.keyboard.press('x');
    const dialog = page.locator('dialog');
    await dialog.getByText('Why was it lost?').waitFor();
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    equal(await stageOf('Order 4'), 'enquiry', 'after cancel');
    await card('Order 4').focus();
    await page.keyboard.press('x');
    await until('reasons chosen for him', 0, () => dialog.locator('input:checked').count());
    await dialog.getByRole('button', { name: 'Mark as lost' }).click();
    await dialog.getByText('Choose a reason.').waitFor();
    equal(await stageOf('Order 4'), 'enquiry', 'without a reason');
    await dialog.getByLabel('No need').check();
    await dialog.getByRole('button', { name: 'Mark as lost' }).click();
    await card('Order 4').waitFor({ state: 'detached' });
    await until('stage', 'lost', () => stageOf('Order 4'));
    equal((await k.api('GET', `/deals/${await find(k, 'deals', 'Order 4')}`)).json.lost_reason, 'no_need');
});

await flow('board__a_gate_asks_for_what_it_wants', async () => {
    page.expected = /status of 422/;
    await visit(page, '/deals');
    await drag('Bare', 'Proposal');
    const dialog = page.locator('dialog');
    await dialog.getByText('To enter Proposal, Bare needs: Amount, Expected close.').waitFor();
    await inColumn('Qualified', 'Bare');
    await dialog.getByText('A proposal needs amount and date').waitFor();
    await until('errors before anything was typed', 0, () => dialog.locator('.error').count());
    await dialog.getByLabel(/^Amount/).fill('1,234.50');
    await dialog.getByRole('button', { name: 'Move' }).click();
    await dialog.locator('[aria-invalid=true]').waitFor();
    await dialog.getByLabel(/^Expected close/).fill(day(20));
    await dialog.getByRole('button', { name: 'Move' }).click();
    await inColumn('Proposal', 'Bare');
    await until('stage', 'proposal', () => stageOf('Bare'));
    const { json } = await k.api('GET', `/deals/${await find(k, 'deals', 'Bare')}`);
    equal([json.stage, json.amount.value, json.close_date], ['proposal', '1234.50', day(20)]);
    page.expected = null;
});

await flow('board__moves_a_card_by_menu', async () => {
    await visit(page, '/deals');
    await card('Order 5').getByRole('button', { name: 'Actions for Order 5' }).click();
    await page.getByRole('menuitemcheckbox', { name: 'Negotiation' }).click();
    await inColumn('Negotiation', 'Order 5');
    await until('stage', 'negotiation', () => stageOf('Order 5'));
});

await flow('board__adds_quickly', async () => {
    await visit(page, '/deals');
    await column('Qualified').getByRole('button', { name: 'Add deal' }).click();
    await page.keyboard.type('Fresh one');
    await page.keyboard.press('Tab');
    await page.keyboard.type('2,500');
    await page.keyboard.press('Enter');
    await inColumn('Qualified', 'Fresh one');
    const { json } = await k.api('GET', `/deals/${await find(k, 'deals', 'Fresh one')}`);
    equal([json.stage, json.amount.value], ['qualified', '2500.00']);
    const [form, message] = [await page.locator('.quick-form').boundingBox(), await page.locator('.toast').boundingBox()];
    assert(form.y + form.height <= message.y || form.y >= message.y + message.height || form.x >= message.x + message.width, `the message covers the form: ${JSON.stringify([form, message])}`);
    await shows(await board());
    for (let i = 0; i < 8; i++) {
        const { json: planned } = await k.api('POST', '/deals', { name: `Planned ${i}`, pipeline: 'sales', stage: 'negotiation' });
        await k.api('POST', '/activities', { kind: 'task', subject: 'Ask', due: `${day(5)}T09:00:00Z`, links: [{ entity: 'deal', id: planned.id }] });
    }
    await page.setViewportSize({ width: 1440, height: 480 });
    await visit(page, '/deals');
    const add = page.getByRole('button', { name: 'Add deal: Negotiation', exact: true });
    const [edge, at] = [await column('Negotiation').boundingBox(), await add.boundingBox()];
    assert(at.y + at.height <= edge.y + edge.height, `the button lies below: ${JSON.stringify([edge, at])}`);
    const first = column('Negotiation').getByRole('article').first();
    equal(await first.evaluate((c) => c.getBoundingClientRect().top - c.parentElement.getBoundingClientRect().top), 4, 'room for the ring of the first card');
    await add.click();
    await page.locator('.quick-form').getByLabel('Name').fill('Fresh among many');
    await page.keyboard.press('Enter');
    const [body, fresh] = [column('Negotiation').locator('.column-body'), card('Fresh among many')];
    await fresh.waitFor();
    await until('card in sight', true, async () => {
        const [all, one] = [await body.boundingBox(), await fresh.boundingBox()];
        return one.y >= all.y - 1 && one.y + one.height <= all.y + all.height + 1;
    });
    await page.setViewportSize({ width: 1440, height: 900 });
});

await flow('board__shows_a_past_day', async () => {
    await visit(page, '/deals');
    await page.getByRole('button', { name: 'As of' }).click();
    await page.getByLabel('Show it as it was on').fill(day(-20));
    await page.getByRole('button', { name: 'Show', exact: true }).click();
    await page.getByText('Nothing can be changed here').waitFor();
    await settled(page);
    await shows(await board(`?as_of=${day(-20)}`));
    await until('counts', '60', () => column('Enquiry').locator('.badge-count').textContent());
    await until('cards of today', 0, () => card('Fresh one').count());
    await until('ways to change it', 0, () => page.locator('.deal-menu, .quick-add').count());
    await page.getByRole('button', { name: 'Back to today' }).click();
    await inColumn('Qualified', 'Fresh one');
});

await flow('board__switches_to_list_and_other_columns', async () => {
    await visit(page, '/deals?q=Order');
    await page.getByRole('button', { name: 'List', exact: true }).click();
    await page.locator('table.table').waitFor();
    await settled(page);
    equal(await page.locator('table.table tbody tr').count(), 50);
    await page.getByRole('button', { name: 'Board', exact: true }).click();
    await card('Order 1').waitFor();
});

await flow('board__its_list_says_its_order', async () => {
    const tab = (name) => page.locator('.viewtabs').getByRole('link', { name });
    const current = () => page.locator('.viewtabs [aria-current=page]').textContent();
    await visit(page, '/deals');
    await page.getByRole('button', { name: 'List', exact: true }).click();
    await page.locator('table.table').waitFor();
    equal((await current()).startsWith('All deals'), true, 'another tab');
    await until('all records', String((await k.api('GET', '/deals?limit=1')).json.count), () => page.locator('.page-count').textContent());
    await tab('Open').click();
    await page.locator('table.table').waitFor();
    await settled(page);
    const open_ = (await board()).filter((s) => !['won', 'lost'].includes(s.id)).reduce((n, s) => n + s.count, 0);
    await until('records', String(open_), () => page.locator('.page-count').textContent());
    equal(await page.getByRole('columnheader', { name: 'Expected close' }).getAttribute('aria-sort'), 'ascending');
    await until('the order told twice', 0, () => page.locator('.order').count());
    await page.locator('.viewtabs').getByRole('link', { name: 'All deals' }).click();
    await page.getByRole('button', { name: 'Sorted by Created' }).waitFor();
    await until('boards', 0, () => page.locator('.board').count());
    await page.getByRole('button', { name: 'Board', exact: true }).click();
    await page.locator('.board').waitFor();
    for (const name of ['Mine', 'Open']) {
        await tab(name).click();
        await until('tab', true, async () => (await current()).startsWith(name));
        await until(`board of ${name}`, 1, () => page.locator('.board').count());
    }
    await tab('Won').click();
    await page.locator('.board').waitFor({ state: 'detached' });
    await visit(page, '/deals?mode=list');
    await page.getByRole('button', { name: 'Sorted by Created' }).click();
    await page.locator('.popover').getByLabel('Order', { exact: true }).selectOption('amount');
    await until('order', 'ascending', () => page.getByRole('columnheader', { name: 'Amount' }).getAttribute('aria-sort'));
});

await flow('board__on_a_phone', async () => {
    const phone = await open(k, { phone: true });
    await visit(phone, '/deals');
    const one = phone.getByRole('article', { name: 'Order 10', exact: true });
    await one.getByRole('button', { name: 'Actions for Order 10' }).tap();
    await phone.getByRole('menuitemcheckbox', { name: 'Qualified' }).tap();
    await until('stage', 'qualified', () => stageOf('Order 10'));
    const { y } = await phone.locator('.deal').first().boundingBox();
    assert(y <= 180, `the first card begins at ${y}`);
    await phone.getByRole('button', { name: 'View options' }).tap();
    equal(await axe(phone), [], 'axe');
    await phone.getByRole('button', { name: 'List', exact: true }).tap();
    await phone.locator('.list-cards').waitFor();
    await phone.getByRole('button', { name: 'View options' }).tap();
    await phone.getByLabel('Order', { exact: true }).selectOption('amount');
    await phone.getByRole('button', { name: 'Descending' }).tap();
    await until('first', await titleOfMost(), () => phone.locator('.list-cards b').first().textContent());
    await phone.keyboard.press('Escape');
    await phone.getByRole('button', { name: 'Saved views: All deals' }).tap();
    await phone.getByRole('menuitemcheckbox', { name: 'Won' }).tap();
    await phone.getByRole('button', { name: 'Saved views: Won' }).waitFor();
    await phone.context().close();
});

await flow('board__by_finger', async () => {
    const phone = await open(k, { phone: true });
    await visit(phone, '/deals');
    const wire = await phone.context().newCDPSession(phone);
    const touch = (type, ...points) => wire.send('Input.dispatchTouchEvent', { type, touchPoints: points });
    const lift = async () => { /* the first card, once a finger has rested on it */
        const first = phone.locator('.deal').first();
        const name = await first.getAttribute('aria-label');
        const box = await first.boundingBox();
        const at = { x: box.x + 120, y: box.y + box.height / 2 };
        await touch('touchStart', at);
        await phone.locator('.is-dragging').waitFor();
        return { name, at };
    };
    const roll = () => phone.locator('.board').evaluate((b) => b.scrollWidth - b.clientWidth - b.scrollLeft);
    const far = await lift();
    await touch('touchMove', { x: 385, y: far.at.y });
    await until('rolled on to the last column', true, async () => await roll() < 2);
    await phone.locator('.column-over').filter({ has: phone.getByRole('heading', { name: 'Negotiation' }) }).waitFor();
    await touch('touchEnd');
    await until('where it rolled to', 'negotiation', () => stageOf(far.name));
    await phone.locator('.board').evaluate((b) => b.scrollTo({ left: 0, behavior: 'instant' }));
    await until('back', 0, () => phone.locator('.board').evaluate((b) => b.scrollLeft));
    await phone.locator('.board-tabs [aria-pressed=true]', { hasText: 'Enquiry' }).waitFor(); /* the row of tabs follows the board */
    const near = await lift();
    const tab = await phone.locator('.board-tabs').getByRole('button', { name: /Qualified/ }).boundingBox();
    await touch('touchMove', { x: tab.x + tab.width / 2, y: tab.y + tab.height / 2 });
    await phone.locator('.board-tabs .is-over', { hasText: 'Qualified' }).waitFor();
    await touch('touchEnd');
    await until('the tab it was let go on', 'qualified', () => stageOf(near.name));
    await phone.context().close();
});

await flow('board__a_second_finger_changes_nothing', async () => {
    const phone = await open(k, { phone: true });
    await visit(phone, '/deals');
    const wire = await phone.context().newCDPSession(phone);
    const touch = (type, ...points) => wire.send('Input.dispatchTouchEvent', { type, touchPoints: points });
    const [one, other] = await phone.locator('.deal').evaluateAll((cards) => cards.slice(0, 2).map((card, id) => {
        const box = card.getBoundingClientRect();
        return { id, x: box.x + 120, y: box.y + box.height / 2 };
    }));
    await touch('touchStart', one);
    await phone.locator('.is-dragging').waitFor();
    await touch('touchStart', one, other);
    await phone.waitForTimeout(600); /* longer than one rests on a card to lift it */
    await until('lifted', 1, () => phone.locator('.drag-ghost').count());
    await touch('touchEnd', one);
    await touch('touchEnd');
    await until('left behind', 0, () => phone.locator('.drag-ghost, .is-dragging').count());
    await phone.context().close();
});

await flow('board__rests_on_a_tab_at_the_edge', async () => {
    const phone = await open(k, { phone: true });
    await visit(phone, '/deals');
    const board = phone.locator('.board');
    await board.evaluate((b) => b.scrollTo({ left: b.scrollWidth, behavior: 'instant' }));
    await phone.locator('.board-tabs [aria-pressed=true]', { hasText: 'Negotiation' }).waitFor();
    const first = phone.getByRole('region', { name: 'Negotiation', exact: true }).locator('.deal').first();
    const name = await first.getAttribute('aria-label');
    const box = await first.boundingBox();
    const wire = await phone.context().newCDPSession(phone);
    const touch = (type, ...points) => wire.send('Input.dispatchTouchEvent', { type, touchPoints: points });
    await touch('touchStart', { x: box.x + 120, y: box.y + box.height / 2 });
    await phone.locator('.is-dragging').waitFor();
    const left = () => board.evaluate((b) => b.scrollLeft);
    const was = await left();
    const at = await phone.locator('.board-tabs').evaluate((b) => ({ x: 53, y: b.getBoundingClientRect().top + 20 }));
    const meant = await phone.evaluate(({ x, y }) => document.elementFromPoint(x, y).closest('[data-drop]').dataset.drop, at);
    await touch('touchMove', at);
    await phone.locator('.board-tabs .is-over').waitFor();
    await phone.evaluate(() => new Promise((done) => { let n = 100; const frame = () => (n-- ? requestAnimationFrame(frame) : done()); frame(); }));
    equal(await left(), was, 'the board stays');
    await touch('touchEnd');
    await until('the tab under the finger', meant, () => stageOf(name));
    await phone.context().close();
});
await finish();
