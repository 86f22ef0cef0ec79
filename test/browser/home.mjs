#!/usr/bin/env node
/*
 * Home: what is due today and is ticked off there, deals that need their owner, the pipeline's sums
 * as the server has them, and what changed, told in sentences.
 */
import { Kontor, open, visit, until, undo, ask, axe, test, assert, equal, finish, day } from './harness.mjs';
import { find, seed, MEMBER } from './seed.mjs';

const k = await Kontor.make({ 'targets.yaml': 'firm: {each: month, amount: 90000}\n' });
await seed(k);
const page = await open(k);
const flow = (name, run) => test(name, run, page);
const card = (name) => page.getByRole('region', { name, exact: true });
const feed = (n) => page.locator('.feed li p').nth(n).textContent().then((s) => s.trim().replace(/\s+/g, ' '));
const deal = `/deals/${await find(k, 'deals', 'Order 2')}`;

await flow('home__a_task_is_ticked_off_with_undo', async () => {
    await visit(page, '/home');
    await card('My day').getByText('Overdue').waitFor();
    const task = card('My day').locator('.task', { hasText: 'Send the offer' });
    equal(await task.locator('.task-when').textContent(), 'yesterday');
    await task.getByRole('checkbox').click();
    await until('done', true, async () => Boolean((await k.api('GET', '/activities?filter=subject%20=%20"Send%20the%20offer"')).json.items[0].done_at));
    await undo(page, 'Done: Send the offer');
    await until('open again', null, async () => (await k.api('GET', '/activities?filter=subject%20=%20"Send%20the%20offer"')).json.items[0].done_at);
    await card('My day').locator('.task', { hasText: 'Send the offer' }).waitFor();
});

await flow('home__the_next_task_moves_up', async () => {
    const about = [{ entity: 'deal', id: Number(deal.split('/').pop()) }];
    for (const [subject, at] of [['First of today', '00:01'], ['Second of today', '23:58']]) {
        await k.api('POST', '/activities', { kind: 'task', subject, due: `${day()}T${at}[Europe/Berlin]`, links: about });
    }
    await visit(page, '/home');
    await card('My day').locator('.task', { hasText: 'First of today' }).getByRole('checkbox').click();
    await card('My day').locator('.task', { hasText: 'First of today' }).waitFor({ state: 'detached' });
    await card('My day').locator('.task', { hasText: 'Second of today' }).waitFor();
    await undo(page, 'Done: First of today');
    await card('My day').locator('.task', { hasText: 'First of today' }).waitFor();
    await until('not ticked any more', false, () => card('My day').locator('.task', { hasText: 'First of today' }).getByRole('checkbox').isChecked());
});

await flow('home__overdue_ones_hide_nothing_of_today', async () => {
    const made = [];
    for (let i = 0; i < 45; i++) made.push((await k.api('POST', '/activities', { kind: 'task', subject: `Old ${i}`, due: day(-60 - i) })).json.id);
    made.push((await k.api('POST', '/activities', { kind: 'task', subject: 'For today', due: day() })).json.id);
    await visit(page, '/home');
    await card('My day').locator('.task', { hasText: 'For today' }).waitFor();
    const heads = await card('My day').locator('.group-head').allTextContents();
    equal(heads, ['Overdue', 'Today']);
    await card('My day').getByRole('link', { name: /^\d+ older ones$/ }).click();
    await page.waitForURL(/\/tasks/);
    await k.api('POST', '/activities/bulk', { ids: made.splice(0, 25), delete: true });
    await visit(page, '/home');
    await card('My day').getByRole('link', { name: /^\d+ older ones$/ }).waitFor();
    equal(await card('My day').locator('.tasks').first().locator('.task').count(), 8, 'the latest, also of a few');
    await k.api('POST', '/activities/bulk', { ids: made, delete: true });
    await until('all gone', 0, async () => (await k.api('GET', '/activities?filter=subject%20contains%20"Old"')).json.count);
});

await flow('home__says_which_deals_need_one', async () => {
    await visit(page, '/home');
    await card('Deals that need you').locator('li').first().waitFor();
    const rows = await card('Deals that need you').locator('li').allTextContents();
    assert(rows.length === 5 && rows[0].includes('Close date passed') && rows[0].includes('Order'), rows.join(' | '));
    const first = (text) => text.includes('Close date passed') ? 0 : text.includes('Idle') ? 1 : 2;
    await card('Deals that need you').getByRole('button', { name: / more$/ }).click();
    const all = (await card('Deals that need you').locator('li').allTextContents()).map(first);
    equal(all, [...all].sort(), 'passed, then idle, then without a next step');
});

await flow('home__shows_the_sums_of_the_server', async () => {
    const { json } = await k.api('GET', '/boards/sales');
    const open_ = json.stages.filter((s) => !['won', 'lost'].includes(s.id));
    const counts = await card('Pipeline').locator('.stagebars li .faint').allTextContents();
    equal(counts, open_.map((s) => String(s.count)));
});

await flow('home__shortens_sums_so_that_they_stay_right', async () => {
    const short = (p, list) => Promise.all(list.map((value) => ask(p, 'lib/format.js', 'moneyShort', { value, currency: 'EUR' })));
    const sizes = ['0', '950.40', '1449', '2500', '-2500', '9960', '12500', '565600', '1234567', '20000000'];
    equal(await short(page, sizes), ['€0', '€950', '€1.4k', '€2.5k', '-€2.5k', '€10k', '€13k', '€566k', '€1.2m', '€20m']);
    const german = await open(k, { locale: 'de-DE' });
    await visit(german, '/home');
    equal((await short(german, ['2500.60', '12500', '1234567'])).map((x) => x.replaceAll('\u00a0', ' ')), ['2501 €', '12.500 €', '1,2 Mio. €']);
    await german.context().close();
});

await flow('home__asks_little_before_it_draws', async () => {
    const asked = [];
    const note = (r) => { const at = r.url().indexOf('/api/v1/'); if (at > 0 && !/events|session|meta|setup/.test(r.url())) { asked.push(r.url().slice(at + 7)); } };
    page.on('request', note);
    await visit(page, '/home');
    await card('What changed since Monday').waitFor();
    page.off('request', note);
    assert(asked.some((x) => x.startsWith('/forecast?')), asked.join(' '));
});

await flow('home__looks_back_to_the_monday_before', async () => {
    const since = (day) => ask(page, 'ui/whatchanged.js', 'monday', day);
    equal([await since('2026-11-22'), await since('2026-11-23'), await since('2026-11-24')], ['2026-11-16', '2026-11-16', '2026-11-23']);
    const led = (pace) => ask(page, 'ui/outlook.js', 'leads', { won: { value: '100' }, commit: { value: '50' }, pace: pace && { value: pace } });
    equal([await led('149'), await led('150'), await led(null)], [false, true, false]);
});

await flow('home__shows_the_quarter_against_its_target', async () => {
    const quarter = page.locator('section[aria-labelledby=h-quarter]');
    const now = day();
    const q = `${now.slice(0, 4)}-Q${Math.ceil(Number(now.slice(5, 7)) / 3)}`;
    const { json } = await k.api('GET', `/forecast?from=${q}&to=${q}`);
    const sure = Number(json.total.won.value) + Number(json.total.commit.value);
    const said = await ask(page, 'lib/format.js', 'money', { value: String(Math.round(sure)), currency: 'EUR' });
    await until('won and committed', said, () => quarter.locator('.big a').first().textContent());
    await quarter.getByText('to find').or(quarter.getByText('above it')).first().waitFor();
    await quarter.getByRole('button', { name: 'Mine' }).click();
    await until('mine', 'true', () => quarter.getByRole('button', { name: 'Mine' }).getAttribute('aria-pressed'));
    await quarter.getByRole('link', { name: /^Commit/ }).click();
    await until('rows', json.total.commit_count, async () => (await page.locator('.table tbody tr').count()));
    await visit(page, '/home');
    await quarter.getByRole('button', { name: 'All' }).click();
});

await flow('home__figures_open_their_rows', async () => {
    const { json } = await k.api('GET', '/boards/sales');
    await card('Pipeline').getByRole('link', { name: 'Qualified' }).click();
    await until('rows', json.stages.find((s) => s.id === 'qualified').count, () => page.locator('.table tbody tr').count());
    await visit(page, '/home');
    await card('Where deals stall').getByRole('row', { name: /Proposal/ }).getByRole('link').click();
    await until('rows', json.stages.find((s) => s.id === 'proposal').count, () => page.locator('.table tbody tr').count());
    await visit(page, '/home');
    await card('What changed since Monday').locator('summary').filter({ hasText: 'New' }).click();
    await card('What changed since Monday').getByRole('link', { name: 'Order 1', exact: true }).waitFor();
    equal(await axe(page), [], 'axe');
});

await flow('home__counts_deals_without_a_next_step', async () => {
    const none = 'stage.kind = "open" and count(activities where done_at is empty) = 0';
    const count = async (more) => (await k.api('GET', `/deals?limit=1&filter=${encodeURIComponent(none + more)}`)).json.count;
    const tile = card('Open deals without a next step');
    for (const [label, more] of [['mine', ' and owner = me'], ['of all', '']]) {
        await visit(page, '/home');
        const wanted = await count(more);
        await tile.getByRole('link', { name: `${wanted} ${label}`, exact: true }).click();
        await until(`rows ${label}`, wanted, () => page.locator('.table tbody tr').count());
    }
    const before = await count('');
    const id = (await k.api('GET', `/deals?limit=1&filter=${encodeURIComponent(none)}`)).json.items[0].id;
    await visit(page, '/home');
    const made = (await k.api('POST', '/activities', { subject: 'Plan it', links: [{ entity: 'deal', id }] })).json.id;
    await tile.getByRole('link', { name: `${before - 1} of all`, exact: true }).waitFor();
    await k.api('DELETE', `/activities/${made}`);
    await tile.getByRole('link', { name: `${before} of all`, exact: true }).waitFor();
    await card('Pipeline').locator('.stagebars li').first().click();
    await page.waitForURL(/mode=list/);
    await visit(page, '/home');
});

await flow('home__tells_changes_in_sentences', async () => {
    await k.api('PATCH', deal, { stage: 'proposal' });
    await until('moved', 'admin moved Order 2 to Proposal', () => feed(0));
    await k.api('PATCH', deal, { stage: 'won' });
    await until('won', 'admin won Order 2', () => feed(0));
    await k.api('PATCH', deal, { stage: 'lost', lost_reason: 'price' });
    await until('lost', 'admin lost Order 2', () => feed(0));
    equal([await feed(1), await feed(2)], ['admin won Order 2', 'admin moved Order 2 to Proposal'], 'those before');
    await k.api('PATCH', deal, { amount: 7 });
    await until('changed', 'admin changed Order 2: Amount', () => feed(0));
    await k.api('DELETE', deal);
    await until('deleted', 'admin deleted Order 2', () => feed(0));
    await page.locator('.feed li').first().getByRole('button', { name: 'Actions for this change' }).click();
    await page.getByRole('menuitem', { name: 'Undo this change' }).click();
    await until('undone', 200, async () => (await k.api('GET', deal)).status);
    await until('the undo', 'admin took back a change of Order 2', () => feed(0));
    await until('value', 'admin deleted Order 2 undone', () => feed(1));
    const struck = (n) => page.locator('.feed li p').nth(n).locator('.is-undone').count();
    equal([await struck(0), await struck(1), await struck(2)], [0, 1, 0], 'entries struck through');
});

await flow('home__tells_an_import_from_its_undo', async () => {
    k.must('import', 'company', k.write('more.csv', 'name\nFirst\nSecond\nThird\n'));
    await until('import', '3 companies imported', () => feed(0));
    const entry = (p) => p.locator('.feed li', { hasText: '3 companies imported' }).first();
    const member = await open(k, { as: MEMBER });
    await visit(member, '/home');
    equal([await entry(member).count(), await entry(member).getByRole('button', { name: 'Actions for this change' }).count()], [1, 0], 'entries and menus of a member');
    await member.context().close();
    await entry(page).getByRole('button', { name: 'Actions for this change' }).click();
    await page.getByRole('menuitem', { name: 'Undo this change' }).click();
    await until('feed', ['admin took back 3 companies', '3 companies imported undone'], async () => [await feed(0), await feed(1)]);
    equal(await page.locator('.feed .is-undone').first().evaluate((x) => getComputedStyle(x).textDecorationLine), 'line-through');
});

await flow('home__tells_what_was_done_to_many', async () => {
    const ids = (await k.api('GET', '/contacts?limit=10&fields=title')).json.items.map((r) => r.id);
    const ask = (what) => k.api('POST', '/contacts/bulk', { ids, ...what });
    equal((await ask({ set: { city: 'Plön' } })).json.changed, 10, 'contacts changed');
    await until('changed', 'admin changed 10 contacts', () => feed(0));
    const gone = await ask({ delete: true });
    await until('deleted', 'admin deleted 10 contacts', () => feed(0));
    equal((await k.api('POST', `/changes/${gone.json.change}/undo`, {})).status, 200);
    await until('undo', ['admin took back 10 contacts', 'admin deleted 10 contacts undone'], async () => [await feed(0), await feed(1)]);
    await ask({ delete: true });
    await ask({ restore: true });
    await until('restored', 'admin restored 10 contacts', () => feed(0));
});

await flow('home__figures_of_a_stage_open_its_stays', async () => {
    const { json } = await k.api('GET', '/boards/sales/stages');
    const figure = json.stages.find((s) => s.id === 'proposal');
    assert(figure.left > 0 && figure.here > 0, JSON.stringify(figure));
    await visit(page, '/home');
    const stages = card('Where deals stall').getByRole('row', { name: /Proposal/ });
    const dialog = page.getByRole('dialog', { name: 'Proposal' });
    const rows = () => dialog.locator('tbody tr').count();
    await stages.getByRole('button', { name: /%/ }).focus();
    await page.keyboard.press('Enter');
    await until('those that left', figure.left, rows);
    await dialog.getByText(`${figure.forward + figure.won} of ${figure.left} that left moved on or were won`).waitFor();
    await until('rows that passed', figure.forward + figure.won, () => dialog.getByRole('row', { name: /passed$/ }).count());
    equal(await axe(page), [], 'axe');
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await until('the focus is back', true, () => stages.getByRole('button', { name: /%/ }).evaluate((x) => x === document.activeElement));
    let broken = true;
    await page.route('**/boards/sales/stays?*', (r) => (broken ? r.fulfill({ status: 500, contentType: 'application/json', body: '{"error":{"text":"No"}}' }) : r.continue()));
    page.expected = /status of 500/;
    await stages.getByRole('button').nth(1).click();
    await dialog.getByText('The rows could not be loaded').waitFor();
    broken = false;
    await dialog.getByRole('button', { name: 'Try again' }).click();
    await until('those there', figure.here, rows);
    await page.unroute('**/boards/sales/stays?*');
    await page.keyboard.press('Escape');
    broken = true;
    await page.route('**/boards/sales/stages*', (r) => (broken ? r.fulfill({ status: 500, contentType: 'application/json', body: '{"error":{"text":"No"}}' }) : r.continue()));
    await page.reload();
    await page.getByRole('region', { name: 'Where deals stall', exact: true }).getByText('These figures could not be loaded.').waitFor();
    broken = false;
    await page.getByRole('region', { name: 'Where deals stall', exact: true }).getByRole('button', { name: 'Try again' }).click();
    await stages.getByRole('button').nth(1).click();
    await until('and what is behind them', figure.here, rows);
    await page.unroute('**/boards/sales/stages*');
    const name = await dialog.locator('tbody a').first().textContent();
    await dialog.locator('tbody a').first().click();
    await page.getByRole('heading', { name, level: 1 }).waitFor();
    await visit(page, '/home');
    await page.locator('section[aria-labelledby=h-quarter]').getByRole('link', { name: /^Target/ }).click();
    await page.waitForURL(/mode=forecast.*group=owner/);
    await visit(page, '/home');
});

await flow('home__tells_them_in_german', async () => {
    const german = await open(k, { locale: 'de-DE' });
    await k.api('POST', '/companies', { name: 'Neuland' });
    await visit(german, '/home');
    equal(await german.locator('.feed li p').first().textContent().then((s) => s.trim()), 'admin hat Neuland angelegt');
    await german.context().close();
});

await flow('home__takes_the_sample_data_back', async () => {
    const fresh = new Kontor();
    fresh.must('init');
    fresh.write('conf/kontor.yaml', 'password_cost: low\n');
    fresh.must('apply');
    await fresh.start();
    const first = await open(fresh, { as: null });
    first.expected = /status of 401/;
    await visit(first, `/setup?code=${/\/setup\?code=(\S+)/.exec(fresh.said)[1]}`);
    await first.getByLabel('Company').fill('Probe GmbH');
    await first.getByLabel('Your name').fill('Ina Probe');
    await first.getByLabel('Your e-mail address').fill('ina@example.com');
    await first.getByLabel('Password', { exact: true }).fill('a rather long password');
    await first.getByText('not made of your name, your e-mail address or the company').waitFor();
    await first.getByLabel(/^Fill it with sample data/).check();
    await first.getByRole('button', { name: 'Start' }).click();
    const sample = first.getByText('These are sample data');
    await sample.waitFor();
    await first.locator('.task', { hasText: 'Send the revised offer' }).waitFor();
    await until('checklists beside sample data', 0, () => first.getByText('First steps').count());
    await first.getByRole('button', { name: 'Remove the sample data' }).click();
    await first.locator('.toast', { hasText: 'The sample data are removed' }).waitFor();
    await sample.waitFor({ state: 'detached' });
    await first.getByText('First steps').waitFor();
    await until('the way to the wizard', '/import', () => first.locator('.first-step', { hasText: 'Bring your data along' }).getByRole('link', { name: 'Import' }).getAttribute('href'));
    await first.locator('.feed').getByText('took back').first().waitFor();
    await until('changes of the set-up', 0, () => first.locator('.feed').getByText('The system').count());
    const ends = (what) => first.locator(`.feed ${what}`).evaluateAll((all) => [...new Set(all.map((x) => Math.round(x.getBoundingClientRect().right)))]);
    equal([(await ends('.feed-menu')).length, (await ends('time')).length], [1, 1], 'edges of menus and times');
    await until('tasks', 0, () => first.locator('.task').count());
    await first.context().close();
    await fresh.stop();
});
await finish();
