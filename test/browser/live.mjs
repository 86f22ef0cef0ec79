#!/usr/bin/env node
/*
 * Two people at once: what one changes the other sees within a second, also with timers stopped (so
 * nothing polls), and who may not see a record hears nothing of it. And what goes wrong: no
 * connection, a session that ended, a configuration that changes under open pages.
 */
import { Kontor, PASSWORD, open, visit, until, test, assert, equal, finish, day } from './harness.mjs';
import { seed, find, MEMBER, LEAD } from './seed.mjs';

const ROLES = `
outside:
  label: Outside
  entities:
    company: {see: own, create: none, edit: none, delete: none}
    contact: {see: none}
    deal: {see: none}
`;
const OUTSIDER = 'otto@example.com';
const SECOND = 1000;
const k = await Kontor.make({ 'roles.yaml': ROLES });
await seed(k);
k.addUser(OUTSIDER, 'outside');
const max = (await k.api('GET', '/users?filter=name%20=%20"max"')).json.items[0].id;
const company = `/companies/${await find(k, 'companies', 'Alster Bau GmbH')}`;
const deal = `/deals/${await find(k, 'deals', 'Order 1')}`;
for (const where of [company, deal]) {
    await k.api('PATCH', where, { owner: max });
}
const value = async (where, name) => (await k.api('GET', where)).json[name];
const detail = (p, label) => p.locator('.detail', { has: p.locator('dt', { hasText: new RegExp(`^${label}$`) }) }).locator('dd');
const place = (p) => detail(p, 'Addresses').textContent();
const editCity = async (p, text) => {
    await p.getByRole('button', { name: 'Edit Addresses', exact: true }).click();
    await p.getByRole('group', { name: 'Addresses 1' }).getByRole('textbox', { name: 'City' }).fill(text);
    await p.keyboard.press('Enter');
};

/* Timers can be stopped: window.stopTimers = true drops what setTimeout and setInterval would run. */
const page = await open(k);
await page.addInitScript(() => {
    const real = window.setTimeout;
    window.setTimeout = (run, ms, ...rest) => real((...args) => window.stopTimers || run(...args), ms, ...rest);
    window.setInterval = () => 0;
});
const other = await open(k, { as: MEMBER });

await test('live__a_record_shows_a_change_within_a_second', async () => {
    await visit(page, company);
    await visit(other, company);
    await page.evaluate(() => { window.stopTimers = true; });
    await editCity(other, 'Stade');
    await until('city', true, async () => (await place(page)).includes('Stade'), SECOND);
}, page);

await test('live__a_list_shows_a_change_within_a_second', async () => {
    await visit(page, '/companies');
    await page.evaluate(() => { window.stopTimers = true; });
    await editCity(other, 'Buxtehude');
    await until('city', 'Buxtehude', () => page.locator('td[data-cell$=" city"]').first().textContent(), SECOND);
}, page);

await test('live__a_list_counts_what_is_new', async () => {
    await visit(page, '/companies');
    await k.api('POST', '/companies', { name: 'Aal & Co' }, MEMBER);
    await page.getByRole('button', { name: '1 new – show' }).click();
    await page.getByRole('link', { name: 'Aal & Co' }).waitFor();
    await page.getByRole('button', { name: 'New', exact: true }).click();
    await page.locator('dialog').getByLabel(/^Name/).fill('Aalborg AS');
    await page.locator('dialog').getByRole('button', { name: 'Create' }).click();
    await page.getByRole('link', { name: 'Aalborg AS' }).waitFor();
    await page.waitForTimeout(300);
    await until('own records counted as new', 0, () => page.getByRole('button', { name: 'new – show' }).count());
}, page);

await test('live__a_board_moves_the_card', async () => {
    await visit(page, '/deals');
    const count = () => page.getByRole('region', { name: 'Qualified', exact: true }).locator('.badge-count').textContent();
    const before = Number(await count());
    await k.api('PATCH', deal, { stage: 'qualified' }, MEMBER);
    await page.getByRole('region', { name: 'Qualified', exact: true }).getByRole('article', { name: 'Order 1', exact: true }).waitFor({ timeout: SECOND });
    await until('count', String(before + 1), count);
    /* One that is new, and right after it a change of one that is there. */
    await k.api('POST', '/deals', { name: 'Fresh order', stage: 'qualified' }, MEMBER);
    await k.api('PATCH', deal, { amount: '77' }, MEMBER);
    await page.getByRole('article', { name: 'Fresh order', exact: true }).waitFor();
}, page);

await test('live__a_timeline_and_home_follow', async () => {
    await visit(page, deal);
    await k.api('POST', '/notes', { text: 'The crane is booked.', links: [{ entity: 'deal', id: Number(deal.split('/')[2]) }] }, MEMBER);
    await page.locator('.timeline').getByText('The crane is booked.').waitFor({ timeout: SECOND });
    await visit(page, '/home');
    await k.api('PATCH', company, { city: 'Glückstadt' }, MEMBER);
    await page.locator('.feed li', { hasText: 'max' }).first().waitFor();
    await until('newest', true, async () => (await page.locator('.feed li').first().textContent()).includes('Alster Bau GmbH'));
    /* A task, and right after it something else. */
    const me = (await k.api('GET', '/me')).json.id;
    await k.api('POST', '/activities', { kind: 'task', subject: 'Ask the harbour', due: day(), owner: me }, MEMBER);
    await k.api('PATCH', company, { city: 'Wedel' }, MEMBER);
    await page.locator('.task', { hasText: 'Ask the harbour' }).waitFor();
}, page);

/* What the stream of a user says while `run` works, as a list of [kind, id]. */
async function heard(email, run) {
    const stop = new AbortController();
    const response = await fetch(`${k.url}/api/v1/events`, { headers: await k.signIn(email), signal: stop.signal });
    equal(response.status, 200, 'status of the stream');
    let text = '';
    const reading = (async () => {
        for await (const part of response.body) {
            text += Buffer.from(part).toString();
        }
    })().catch(() => null);
    await run();
    await new Promise((resolve) => setTimeout(resolve, SECOND));
    stop.abort();
    await reading;
    return { text, events: [...text.matchAll(/^data: (\{.*\})$/gm)].map((m) => JSON.parse(m[1])) };
}

await test('live__who_may_not_see_it_hears_nothing', async () => {
    const secret = (await k.api('POST', '/companies', { name: 'Otto knows', owner: { email: OUTSIDER } })).json.id;
    const work = async () => {
        await k.api('PATCH', company, { industry: 'Secret trade' });
        await k.api('PATCH', deal, { amount: '7319777.00' });
        await k.api('POST', '/contacts', { last_name: 'Hidden' });
        await k.api('DELETE', `/contacts/${await find(k, 'contacts', 'Mia Haas')}`);
        await k.api('PATCH', `/companies/${secret}`, { city: 'Otterndorf' });
    };
    const outside = await heard(OUTSIDER, work);
    equal(outside.events.filter((e) => e.kind).map((e) => [e.kind, e.id]), [['company', secret]]);
    assert(!/Secret|Hidden|Haas|7319777/.test(outside.text), 'the stream names what may not be seen');
    const inside = await heard(MEMBER, () => k.api('PATCH', company, { industry: 'Known trade' }));
    equal(inside.events.filter((e) => e.kind).map((e) => e.kind), ['company']);
});

await test('live__a_page_of_one_without_the_right_is_absent', async () => {
    const outside = await open(k, { as: OUTSIDER });
    outside.expected = /status of 40[34]/;
    await visit(outside, '/home');
    await until('menu entries', 0, () => outside.locator('.sidebar').getByRole('link', { name: 'Deals' }).count());
    await visit(outside, company);
    equal(await outside.locator('h1').textContent() !== 'Alster Bau GmbH', true);
    await outside.context().close();
});

await test('live__without_connection_a_change_is_put_back', async () => {
    page.expected = /ERR_INTERNET_DISCONNECTED|net::ERR/;
    await visit(page, company);
    const before = await value(company, 'industry');
    await until('the editor is fetched by itself', true, () => page.evaluate(() => ['input', 'inputs', 'lookup', 'tags-input'].every((x) => performance.getEntriesByType('resource').some((r) => r.responseEnd && r.name.endsWith(`/ui/${x}.js`)))));
    await page.context().setOffline(true);
    await page.getByRole('button', { name: 'Edit Industry', exact: true }).click();
    await detail(page, 'Industry').locator('input').fill('Atlantis trade');
    await page.keyboard.press('Enter');
    await page.locator('.offline').waitFor();
    await page.getByText('Not saved: no connection. Your change was put back.').first().waitFor();
    await page.keyboard.press('Escape');
    await until('industry', true, async () => (await detail(page, 'Industry').textContent()).startsWith(before));

    /* What is loaded only when it is used says so, and comes when there is a connection again. */
    await page.getByRole('button', { name: 'Edit Addresses', exact: true }).click();
    const failed = detail(page, 'Addresses').locator('.failed-line');
    await failed.getByText('This part could not be loaded.').waitFor();
    await page.locator('.composer-area').fill('The crane is late.');
    await page.locator('.composer').getByRole('button', { name: 'Save' }).click();
    await page.locator('.toast', { hasText: /This part could not be loaded|no connection/ }).waitFor();
    await until('what was written', 'The crane is late.', () => page.locator('.composer-area').inputValue());
    await visit(other, company);
    await page.context().setOffline(false);
    await page.locator('.offline').waitFor({ state: 'detached', timeout: 12000 });
    equal(await value(company, 'industry'), before);
    await page.locator('.composer').getByRole('button', { name: 'Save' }).click();
    await page.locator('.timeline').getByText('The crane is late.').waitFor();

    /* With all of it loaded; of a note that stays it is not said that it was put back. */
    await page.context().setOffline(true);
    await page.locator('.composer-area').fill('The crane is there.');
    await page.locator('.composer').getByRole('button', { name: 'Save' }).click();
    await page.locator('.toast').getByText('Not saved: no connection.', { exact: true }).waitFor();
    equal(await page.locator('.composer-area').inputValue(), 'The crane is there.');
    await page.context().setOffline(false);
    await page.locator('.offline').waitFor({ state: 'detached', timeout: 12000 });
    await page.locator('.composer-area').fill('');
    await failed.getByRole('button', { name: 'Try again' }).click();
    await detail(page, 'Addresses').getByRole('textbox', { name: 'City' }).waitFor();
    await detail(page, 'Addresses').getByRole('button', { name: 'Cancel' }).click();
    await editCity(other, 'Cuxhaven');
    await until('city', true, async () => (await place(page)).includes('Cuxhaven'), 8000);
    page.expected = null;
}, page);

await test('live__without_connection_a_form_keeps_what_was_typed', async () => {
    const lost = await open(k);
    lost.expected = /ERR_INTERNET_DISCONNECTED|net::ERR/;
    await visit(lost, '/companies');
    const through = async (dialog, field, button) => {
        await field.fill('Typed before the line broke');
        await lost.context().setOffline(true);
        await button.click();
        await dialog.getByRole('alert').getByText('Not saved: the server does not answer. What you typed is still here.').waitFor();
        equal(await field.inputValue(), 'Typed before the line broke');
        await lost.context().setOffline(false);
        await dialog.getByRole('alert').waitFor({ state: 'detached', timeout: 12000 });
        await button.click();
        await dialog.waitFor({ state: 'detached' });
    };
    const dialog = lost.getByRole('dialog');
    await lost.locator('main, body').first().press('c');
    await through(dialog, dialog.getByLabel('Name', { exact: false }).first(), dialog.getByRole('button', { name: 'Create', exact: true }));
    const step = (await k.api('POST', '/activities', { kind: 'call', subject: 'Ring back', links: [{ entity: 'company', id: Number(company.split('/').pop()) }] })).json.id;
    await visit(lost, `/activities/${step}`);
    await lost.getByRole('button', { name: 'Done, and what comes next' }).click();
    await through(dialog, dialog.getByLabel('What came of it?'), dialog.getByRole('button', { name: 'Done', exact: true }));
    equal(Boolean(await value(`/activities/${step}`, 'done_at')), true, 'done in the end');
    await lost.context().close();
});

await test('live__a_lost_session_asks_and_goes_on', async () => {
    page.expected = /status of 401/;
    await visit(page, company);
    await page.locator('.composer-area').fill('Half a sentence');
    await page.context().clearCookies();
    await editCity(page, 'Itzehoe');
    const dialog = page.locator('dialog', { hasText: 'Your session has ended' });
    await dialog.getByLabel('Password').fill('wrong');
    await dialog.getByRole('button', { name: 'Sign in' }).click();
    await dialog.getByText('The password is not right.').waitFor();
    await dialog.getByLabel('Password').fill(PASSWORD);
    await dialog.getByRole('button', { name: 'Sign in' }).click();
    await dialog.waitFor({ state: 'detached' });
    await until('city', 'Itzehoe', () => value(company, 'city'));
    equal(await page.locator('.composer-area').inputValue(), 'Half a sentence');
    page.expected = null;
    await editCity(page, 'Brunsbüttel');
    await until('city', 'Brunsbüttel', () => value(company, 'city'));
}, page);

await test('live__a_disabled_user_is_out_at_once', async () => {
    const lena = await open(k, { as: LEAD });
    lena.expected = /status of 401/;
    await visit(lena, '/companies');
    const id = (await k.api('GET', '/users?filter=name%20=%20"lena"')).json.items[0].id;
    await k.api('PATCH', `/users/${id}`, { active: false });
    await lena.getByRole('button', { name: 'City' }).first().click();
    await lena.locator('dialog', { hasText: 'Your session has ended' }).waitFor();
    await lena.context().close();
});

await test('live__a_new_configuration_reaches_open_pages', async () => {
    await visit(page, '/companies');
    k.write('conf/fields.yaml', 'company:\n  fields:\n    tier: {type: choice, of: [gold, silver], label: Tier}\n');
    k.must('apply');
    await page.getByRole('button', { name: 'Columns' }).click();
    await page.locator('.popover').getByRole('checkbox', { name: 'Tier', exact: true }).check();
    await page.getByRole('columnheader', { name: 'Tier' }).waitFor();
}, page);

await test('live__two_tabs_of_one_person', async () => {
    const second = await page.context().newPage();
    await second.goto(company);
    await second.locator('h1').waitFor();
    await visit(page, company);
    await k.api('PATCH', company, { city: 'Heide' }, MEMBER);
    await until('city', true, async () => (await place(page)).includes('Heide'), SECOND);
    await second.close();
}, page);
await finish();
