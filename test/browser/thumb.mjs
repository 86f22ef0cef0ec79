#!/usr/bin/env node
/*
 * The ten things of every day, by thumb on a phone: find and call, log it, a note with a picture, tick
 * and put off, today, move a deal, won and lost, a person out of a card, the deals of a company,
 * answer what one is told.
 */
import { Kontor, open, visit, until, shot, test, assert, equal, finish, day } from './harness.mjs';
import { seed, find, MEMBER } from './seed.mjs';

const CARD = 'BEGIN:VCARD\r\nVERSION:3.0\r\nN:Visitor;Vera;;;\r\nFN:Vera Visitor\r\nORG:Alster Bau GmbH\r\nTEL;TYPE=CELL:+49 170 5550123\r\nEMAIL:vera@visitor.example\r\nEND:VCARD\r\n';
const k = await Kontor.make();
await seed(k);
const anna = await find(k, 'contacts', 'Anna Abel');
await k.api('PATCH', `/contacts/${anna}`, { phones: ['+49 40 555123'] });
const alster = await find(k, 'companies', 'Alster Bau GmbH');
const task = (await k.api('POST', '/activities', { kind: 'task', subject: 'Send the samples', due: day(), links: [anna] })).json.id;
const second = (await k.api('POST', '/activities', { kind: 'call', subject: 'Ask about the roof', due: day(), links: [anna] })).json.id;
const page = await open(k, { phone: true });
const due = async (id) => (await k.api('GET', `/activities/${id}`)).json;

await test('thumb__finds_a_person_and_calls', async () => {
    await visit(page, '/home');
    await page.getByRole('button', { name: 'Search', exact: true }).tap();
    await page.getByRole('combobox').fill('anna ab');
    await page.getByRole('option', { name: /Anna Abel/ }).first().tap();
    await page.getByRole('heading', { name: 'Anna Abel' }).waitFor();
    equal(await page.getByRole('link', { name: 'Call', exact: true }).first().getAttribute('href'), 'tel:+4940555123');
}, page);

await test('thumb__logs_the_call', async () => {
    await page.locator('.composer').getByRole('button', { name: /call/i }).tap();
    const form = page.locator('dialog[open]');
    await form.locator('textarea').fill('She wants the offer on Monday');
    await form.getByRole('button', { name: /Save|Log/ }).last().tap();
    await until('calls', true, async () => (await k.api('GET', `/contacts/${anna}/timeline?kind=call`)).json.items.length > 0);
    await form.waitFor({ state: 'detached' });
}, page);

await test('thumb__says_how_a_call_went_and_what_comes_next', async () => {
    const form = page.locator('dialog[open]');
    const said = 'Nobody answered';
    await page.locator('.composer textarea').fill(said);
    await page.locator('.composer').getByRole('button', { name: 'Call' }).tap();
    await form.getByRole('radio', { name: 'Not reached' }).tap();
    equal(await form.getByRole('textbox').first().inputValue(), said, 'what was written before');
    await form.getByLabel('Next step').selectOption('call');
    const wide = await form.evaluate((el) => el.scrollWidth - el.clientWidth);
    equal(wide, 0, 'px that are out of sight');
    await shot(page, 'thumb-call');
    await form.getByRole('button', { name: 'Save' }).tap();
    await until('result', 'not_reached', async () => (await k.api('GET', `/activities?filter=${encodeURIComponent(`subject = "${said}"`)}&fields=result`)).json.items[0]?.result);
    await until('what was written is gone', '', () => page.locator('.composer textarea').inputValue());
    await page.getByRole('button', { name: 'More actions' }).tap();
    await page.getByRole('menuitem', { name: 'Log a call' }).tap();
    await form.getByRole('radio', { name: 'Not reached' }).waitFor();
    await form.getByRole('button', { name: 'Cancel' }).tap();
    await form.waitFor({ state: 'detached' });
}, page);

await test('thumb__sees_today', async () => {
    await page.locator('.tabbar').getByRole('link', { name: 'Home' }).tap();
    await page.getByText('Send the samples').first().waitFor();
    await page.getByText('Ask about the roof').first().waitFor();
}, page);

/** The side of the square around the middle of a control that a thumb may touch, up to 44. */
const reach = (locator) => locator.evaluate((el) => {
    el.scrollIntoView({ block: 'center' });
    const { left, top, width, height } = el.getBoundingClientRect();
    const [x, y] = [left + width / 2, top + height / 2];
    const hits = (dx, dy) => { const hit = document.elementFromPoint(x + dx, y + dy); return Boolean(hit) && (el.contains(hit) || (hit.matches('label') && hit.control === el)); };
    for (let side = 0; side < 44; side += 2) for (const d of [-1, 1]) if (!hits(0, d * (side / 2 + 0.5)) || !hits(d * (side / 2 + 0.5), 0)) return side;
    return 44;
});

await test('thumb__can_touch_what_it_is_to_touch', async () => {
    const least = async (what, locator) => { await locator.waitFor(); assert(await reach(locator) >= 42, `${what}: ${await reach(locator)} px`); };
    await visit(page, '/home');
    await least('a task on home', page.locator('.task').getByRole('checkbox').first());
    await least('the way to all tasks', page.getByRole('link', { name: 'All tasks' }));
    await visit(page, '/tasks');
    await least('a task', page.locator('.task').getByRole('checkbox').first());
    await visit(page, '/activities');
    await least('a task of a list', page.locator('.list-cards').getByRole('checkbox').first());
    await visit(page, '/deals');
    await least('the menu of a card', page.getByRole('button', { name: /^Actions for/ }).first());
    await visit(page, `/contacts/${anna}`);
    await least('the kinds of the composer', page.locator('.composer').getByRole('button', { name: 'Call' }));
    await least('the search of the timeline', page.getByRole('searchbox', { name: 'Search in the timeline' }));
    await least('the camera', page.locator('.composer').getByRole('button', { name: 'Add a picture or file' }));
}, page);

await test('thumb__reaches_all_that_can_be_done_with_an_activity', async () => {
    await visit(page, `/activities/${second}`);
    for (const name of ['Mark as done', 'Done, and what comes next', 'As of a past day', 'More actions']) {
        const button = page.locator('.rec-actions').getByRole('button', { name, exact: true });
        await button.waitFor();
        const { x, width, height } = await button.boundingBox();
        assert(x >= 0 && x + width <= 390 && width >= 44 && height >= 44, `${name}: ${x} ${width}x${height}`);
    }
}, page);

await test('thumb__ticks_a_task_and_puts_one_off', async () => {
    await visit(page, '/tasks');
    const row = (text) => page.locator('li', { hasText: text }).first();
    await row('Send the samples').getByRole('checkbox').or(row('Send the samples').getByRole('button').first()).first().tap();
    await until('done', true, async () => Boolean((await due(task)).done_at));
    await row('Ask about the roof').getByRole('button', { name: /later|snooze|put off/i }).first().tap();
    await page.getByRole('menuitem', { name: /Tomorrow/ }).tap();
    await until('tomorrow', day(1), async () => (await due(second)).due.slice(0, 10));
}, page);

const card = (name) => page.getByRole('article', { name, exact: true });
const menuOf = (name) => page.getByRole('button', { name: `Actions for ${name}`, exact: true }).tap();
const stage = async (name) => (await k.api('GET', `/deals?filter=name%20=%20%22${encodeURIComponent(name)}%22&fields=stage`)).json.items[0].stage;

await test('thumb__moves_a_deal_and_wins_it', async () => {
    await page.locator('.tabbar').getByRole('link', { name: 'Deals' }).tap();
    await card('Order 1').waitFor();
    const before = await stage('Order 1');
    await menuOf('Order 1');
    await page.getByRole('menuitemcheckbox', { checked: false }).first().tap();
    await until('moved', true, async () => (await stage('Order 1')) !== before);
    await page.locator('.toast', { hasText: 'Order 1' }).getByRole('button', { name: 'Undo' }).tap();
    await until('back', before, () => stage('Order 1'));
    await menuOf('Order 1');
    await page.getByRole('menuitem', { name: 'Mark as won' }).tap();
    await until('won', 'won', () => stage('Order 1'));
}, page);

await test('thumb__loses_a_deal_with_a_reason', async () => {
    await visit(page, '/deals');
    await card('Order 2').waitFor();
    await menuOf('Order 2');
    await page.getByRole('menuitem', { name: 'Mark as lost' }).tap();
    await page.locator('dialog').getByText('Price', { exact: true }).first().tap();
    await page.locator('dialog').getByRole('button', { name: /lost|Mark|Save/i }).last().tap();
    await until('lost', 'lost', () => stage('Order 2'));
}, page);

await test('thumb__makes_a_person_of_a_card', async () => {
    await visit(page, '/import');
    const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.locator('label[for=import-file]').tap()]);
    await chooser.setFiles({ name: 'vera.vcf', mimeType: 'text/vcard', buffer: Buffer.from(CARD) });
    const on = page.getByRole('button', { name: /Import 1 |Check|Continue|Next/ });
    for (let i = 0; i < 4 && !(await k.api('GET', '/contacts?filter=last_name%20=%20%22Visitor%22')).json.count; i++) {
        await on.last().waitFor();
        await on.last().tap();
        await page.waitForTimeout(1500);
    }
    await until('made', 1, async () => (await k.api('GET', '/contacts?filter=last_name%20=%20%22Visitor%22')).json.count);
}, page);

await test('thumb__checks_the_deals_of_a_company', async () => {
    await visit(page, `/companies/${alster}`);
    await page.getByRole('button', { name: 'Related' }).tap();
    await page.getByRole('region', { name: 'Deals' }).or(page.locator('section.panel', { hasText: 'Deals' })).first().getByRole('link').first().waitFor();
}, page);

await test('thumb__answers_what_it_is_told', async () => {
    const me = (await k.api('GET', '/me')).json.id;
    await k.api('POST', '/notes', { text: `@[${me}] can you call them?`, links: [alster] }, MEMBER);
    await page.getByRole('button', { name: /notification|Messages|new/i }).first().tap();
    await page.locator('dialog, .popover').getByText('can you call them?').or(page.getByText(/mentioned you/)).first().tap();
    const note = page.getByRole('textbox', { name: /note/i }).first();
    await note.tap();
    await note.fill('Done, they come on Tuesday.');
    await page.locator('.composer').getByRole('button', { name: 'Save' }).tap();
    await page.locator('.timeline').getByText('Done, they come on Tuesday.').waitFor();
    assert(page.url().includes(`/companies/${alster}`), page.url());
}, page);
await finish();
