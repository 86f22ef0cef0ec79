#!/usr/bin/env node
/*
 * People: the first administrator by one-time link, colleagues by one-time link, roles, disabling;
 * and one's own profile: name, password, look, tokens, German.
 */
import { Kontor, PASSWORD, SIZES, open, visit, settled, until, undo, axe, test, assert, equal, finish } from './harness.mjs';

const k = new Kontor();
k.must('init');
k.write('conf/kontor.yaml', 'name: Erprobung KG\ncurrency: XAF\nzone: Africa/Douala\npassword_cost: low\n');
k.must('apply');
await k.start();
const code = /\/setup\?code=(\S+)/.exec(k.said)?.[1];

const OWNER = 'ina@example.com';
const COLLEAGUE = 'jo@example.com';
const page = await open(k, { as: null });
const dialog = page.locator('dialog');
const heading = (p = page) => p.locator('h1').textContent();
const button = (name) => page.getByRole('button', { name, exact: true });
const signInWith = async (p, email, password) => {
    await p.getByLabel('E-mail address').fill(email);
    await p.getByLabel('Password', { exact: true }).fill(password);
    await p.getByRole('button', { name: 'Sign in' }).click();
};

await test('people__the_first_one_sets_kontor_up', async () => {
    assert(code, `serve printed no set-up link: ${k.said}`);
    page.expected = /status of 4/;
    await visit(page, `/setup?code=${code}`);
    await until('value', 'Set up Kontor', heading);
    equal(await page.getByLabel('Company').inputValue(), 'Erprobung KG');
    equal(await page.getByLabel('Currency').inputValue(), 'XAF');
    equal(await page.getByLabel('Time zone').inputValue(), 'Africa/Douala');
    await page.getByLabel('Company').fill('');
    await button('Start').click();
    await page.getByText('Company is required.').waitFor();
    await until('focus', 'company', () => page.evaluate(() => document.activeElement.id));
    await page.getByLabel('Company').fill('Probe GmbH');
    await page.getByLabel('Currency').selectOption('EUR');
    await page.getByLabel('Time zone').selectOption('Europe/Berlin');
    await page.getByLabel('Your name').fill('Ina Probe');
    await page.getByLabel('Your e-mail address').fill(OWNER);
    await page.getByLabel('Password', { exact: true }).fill('short');
    await button('Start').click();
    await page.locator('.error, .notice-bad').first().waitFor();
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await button('Start').click();
    await page.waitForURL('**/home');
    await page.getByText('First steps').waitFor();
    await page.getByText('Probe GmbH, amounts in EUR').waitFor();
    page.expected = null;
}, page);

await test('people__what_the_set_up_did_has_no_date', async () => {
    const own = (await k.api('GET', '/session', undefined, OWNER)).json.user.id;
    await visit(page, `/users/${own}`);
    await page.locator('.tl time', { hasText: 'set-up' }).first().waitFor();
    await until('dates of 1970', 0, () => page.getByText('1970').count());
    await visit(page, '/home');
    await until('dates of 1970 at home', 0, () => page.getByText('1970').count());
}, page);

await test('people__a_set_up_link_works_once', async () => {
    const late = await open(k, { as: null });
    late.expected = /status of 4/;
    await late.goto(`/setup?code=${code}`);
    await settled(late);
    await until('value', 'Sign in', () => heading(late));
    await late.context().close();
});

let link = null;
await test('people__a_colleague_is_added', async () => {
    await visit(page, '/people');
    await button('Add a person').click();
    await dialog.getByRole('button', { name: 'Add and make a link' }).click();
    await dialog.getByText('Name is required.').waitFor();
    await until('focus', 'p-name', () => page.evaluate(() => document.activeElement.id));
    await page.keyboard.type('J');
    await dialog.getByText('Name is required.').waitFor({ state: 'detached' });
    page.expected = /status of 4/;
    await dialog.getByLabel(/^Name/).fill('Jo Beispiel');
    await dialog.getByLabel(/^E-mail/).fill(OWNER);
    await dialog.getByRole('button', { name: 'Add and make a link' }).click();
    await dialog.locator('.error').first().waitFor();
    page.expected = null;
    await dialog.getByLabel(/^E-mail/).fill(COLLEAGUE);
    await dialog.getByLabel(/^Role/).selectOption('reader');
    await dialog.getByRole('button', { name: 'Add and make a link' }).click();
    link = await dialog.getByLabel('One-time link').inputValue();
    assert(link.startsWith(`${k.url}/signin?code=`), link);
    await dialog.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('row', { name: /Jo Beispiel/ }).waitFor();
}, page);

const jo = await open(k, { as: null });
await test('people__the_link_sets_a_password_once', async () => {
    jo.expected = /status of 4/;
    await visit(jo, link);
    await until('value', 'Choose your password', () => heading(jo));
    await jo.getByLabel('New password').fill('tiny');
    await jo.getByRole('button', { name: 'Save and sign in' }).click();
    await jo.locator('.notice-bad').waitFor();
    await jo.getByLabel('New password').fill(PASSWORD);
    await jo.getByRole('button', { name: 'Save and sign in' }).click();
    await jo.waitForURL('**/home');
    await settled(jo);
    await until('People for a reader', 0, () => jo.locator('.sidebar').getByRole('link', { name: 'People' }).count());
    await jo.goto('/people');
    await settled(jo);
    await until('Add a person for a reader', 0, () => jo.getByRole('button', { name: 'Add a person' }).count());
    jo.expected = null;
    for (const where of ['/settings', '/settings/status']) {
        await visit(jo, where);
        await jo.getByText('Only for administrators').waitFor();
        await until('failures', 0, () => jo.locator('.state-bad').count());
        equal(await axe(jo), [], 'axe');
    }
    await jo.keyboard.press('Control+k');
    await jo.getByRole('combobox').fill('settings');
    await until('pages offered', 0, () => jo.getByRole('option').count());
    await jo.keyboard.press('Escape');
    const again = await open(k, { as: null });
    again.expected = /status of 4/;
    await visit(again, link);
    await again.locator('.notice-bad').getByText('This link is not valid any more.').waitFor();
    await until('passwords asked for in vain', 0, () => again.getByLabel('New password').count());
    await again.context().close();
    jo.expected = null;
}, jo);

/* Status of a write as the colleague; a new role or being disabled ends the sessions one has. */
const rights = async () => {
    delete k.callers?.[COLLEAGUE];
    return k.api('POST', '/companies?dry_run=1', { name: 'X' }, COLLEAGUE).then((answer) => answer.status, () => 401);
};
await test('people__a_role_is_given', async () => {
    equal(await rights(), 403, 'create as reader');
    await page.getByLabel('Role of Jo Beispiel').selectOption('member');
    await page.locator('.toast', { hasText: 'Role of Jo Beispiel changed' }).waitFor();
    await until('create as member', 201, rights);
    await undo(page, 'Role of Jo Beispiel changed');
    await until('create as reader', 403, rights);
    await until('shown', 'reader', () => page.getByLabel('Role of Jo Beispiel').inputValue());
    assert(await page.getByLabel('Role of Ina Probe').isDisabled(), 'one can take the own role away');
}, page);

await test('people__a_team_is_chosen_or_made', async () => {
    const team = page.getByLabel('Team of Jo Beispiel');
    const saved = async () => (await k.api('GET', '/users?filter=email%20%3D%20%22jo%40example.com%22', undefined, OWNER)).json.items[0].team?.title;
    await team.fill('North');
    await page.getByRole('option', { name: 'Create “North”' }).click();
    await until('team', 'North', saved);
    const told = page.locator('.toast', { hasText: 'Team of Jo Beispiel changed' });
    await told.getByRole('button', { name: 'Dismiss' }).click();
    await told.waitFor({ state: 'detached' });
    await k.api('POST', '/teams', { name: 'South' }, OWNER);
    await team.click();
    await until('choice', ['North', 'South'], () => page.locator('.lookup-list [role=option]').allTextContents().then((all) => all.map((s) => s.trim())));
    await until('chosen now', 'true', () => page.getByRole('option', { name: 'North' }).getAttribute('aria-selected'));
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await until('team', 'South', saved);
    await undo(page, 'Team of Jo Beispiel changed');
    await until('team', 'North', saved);
    await until('shown', 'North', () => team.inputValue());
}, page);

await test('people__calendar_addresses_are_taken_back', async () => {
    const feeds = async () => (await k.api('GET', '/feeds', undefined, COLLEAGUE)).json.items.length;
        delete k.callers?.[COLLEAGUE];
    const made = (await k.api('POST', '/feeds', {}, COLLEAGUE)).json.link;
    await button('Actions for Jo Beispiel').click();
    await page.getByRole('menuitem', { name: 'Calendar addresses' }).click();
    const shown = page.getByRole('dialog', { name: 'Calendar addresses of Jo Beispiel' });
    await shown.getByText('Own activities').waitFor();
    await shown.getByText('not read yet').waitFor();
    assert(!(await shown.innerHTML()).includes(made.slice(10, 30)), 'its secret');
    equal(await axe(page), [], 'axe');
    await shown.getByRole('button', { name: 'Revoke Own activities' }).click();
    await shown.getByText('Jo Beispiel has no calendar addresses.').waitFor();
    equal(await feeds(), 0);
    await shown.getByRole('button', { name: 'Close' }).last().click();
    await shown.waitFor({ state: 'detached' });
}, page);

await test('people__a_disabled_one_is_out', async () => {
    await button('Actions for Jo Beispiel').click();
    await page.getByRole('menuitem', { name: 'Disable' }).click();
    await page.getByRole('row', { name: /Jo Beispiel/ }).getByText('Disabled').waitFor();
    await until('calls', 401, rights);
    const out = await open(k, { as: null });
    out.expected = /status of 401/;
    await visit(out, '/signin');
    await out.locator('.signin-form').getByText('Probe GmbH', { exact: true }).waitFor();
    await signInWith(out, COLLEAGUE, PASSWORD);
    await out.locator('.notice-bad').waitFor();
    await out.context().close();
    await k.api('POST', '/companies', { name: 'To assign' }, OWNER);
    await visit(page, '/companies');
    await page.getByRole('checkbox', { name: 'Select To assign' }).click();
    await button('Assign').click();
    await page.locator('dialog').getByRole('combobox', { name: 'Owner' }).click();
    await until('people offered', ['Ina Probe'], () => page.locator('.lookup-list [role=option]').allTextContents().then((all) => all.map((s) => s.trim())));
    await visit(page, '/people');
    await button('Actions for Jo Beispiel').click();
    await page.getByRole('menuitem', { name: 'Let sign in again' }).click();
    await page.getByRole('row', { name: /Jo Beispiel/ }).getByText('Active').waitFor();
    const back = await open(k, { as: null });
    await visit(back, '/contacts');
    await signInWith(back, COLLEAGUE, PASSWORD);
    await until('page', 'Contacts', () => heading(back));
    await back.context().close();
}, page);

await test('profile__name_and_look', async () => {
    await visit(page, '/profile');
    await page.getByLabel('Name', { exact: true }).first().fill('Ina Beispiel');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.locator('.side-foot').getByText('Ina Beispiel').waitFor();
    await button('Dark').click();
    await until('theme', 'dark', () => page.evaluate(() => document.documentElement.dataset.theme));
    await button('Compact').click();
    await page.reload();
    equal(await page.evaluate(() => document.documentElement.dataset.theme), 'dark', 'theme before the first call');
    const second = await open(k, { as: null });
    await visit(second, '/signin');
    await signInWith(second, OWNER, PASSWORD);
    await until('theme elsewhere', ['dark', 'compact'], () => second.evaluate(() => [document.documentElement.dataset.theme, document.documentElement.dataset.density]));
    await second.context().close();
    await settled(page);
    await button('As the system').click();
    await button('Normal').click();
}, page);

await test('profile__token_is_shown_once', async () => {
    await visit(page, '/profile');
    await page.getByPlaceholder('What it is for').fill('Nightly report');
    await button('Make a token').click();
    const token = await page.locator('code.token').textContent();
    assert(token.startsWith('kt_'), token);
    const call = () => fetch(`${k.url}/api/v1/me`, { headers: { Authorization: `Bearer ${token}` } }).then((r) => r.status);
    equal(await call(), 200);
    await page.reload();
    await settled(page);
    await page.getByText('Nightly report').waitFor();
    await until('tokens after reload', 0, () => page.getByText(token).count());
    await button('Revoke Nightly report').click();
    await page.getByText('Nightly report', { exact: true }).waitFor({ state: 'detached' });
    equal(await call(), 401, 'after revoking');
}, page);

await test('profile__an_old_session_confirms_its_password', async () => {
    await visit(page, '/profile');
    await k.ageSessions(360);
    page.expected = /status of 4/;
    const ask = page.locator('dialog', { hasText: 'Confirm your password' });
    await page.getByPlaceholder('What it is for').fill('Monthly report');
    await button('Make a token').click();
    await ask.getByRole('button', { name: 'Cancel' }).click();
    await page.locator('.toast', { hasText: 'Nothing was done: it needs your password.' }).waitFor();
    await until('the form is kept', 'Monthly report', () => page.getByPlaceholder('What it is for').inputValue());
    await button('Make a token').click();
    await ask.getByLabel('Password', { exact: true }).fill('not the password');
    await ask.getByRole('button', { name: 'Confirm', exact: true }).click();
    await ask.getByText('The password is not right.').waitFor();
    equal(await axe(page), [], 'axe');
    await ask.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.keyboard.press('Enter');
    await ask.waitFor({ state: 'detached' });
    assert((await page.locator('code.token').textContent()).startsWith('kt_'), 'the token is shown');
    page.expected = null;
    await button('Revoke Monthly report').click();
    await page.getByText('Monthly report', { exact: true }).waitFor({ state: 'detached' });
}, page);

await test('people__a_role_waits_for_the_password_and_an_export_too', async () => {
    await visit(page, '/people');
    await k.ageSessions(360);
    page.expected = /status of 4/;
    const ask = page.locator('dialog', { hasText: 'Confirm your password' });
    const role = page.getByLabel('Role of Jo Beispiel');
    const was = await role.inputValue();
    await role.selectOption('lead');
    await ask.getByRole('button', { name: 'Cancel' }).click();
    await until('role', was, () => role.inputValue());
    await role.selectOption('lead');
    await ask.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.locator('.toast', { hasText: 'changed' }).waitFor();
    await undo(page, 'changed');
    await until('role', was, () => role.inputValue());
    await k.ageSessions(360);
    await visit(page, '/teams');
    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Export' }).click();
    await ask.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.keyboard.press('Enter');
    equal((await download).suggestedFilename(), 'teams.csv', 'file');
    page.expected = null;
}, page);

await test('profile__speaks_german', async () => {
    await visit(page, '/profile');
    await button('Deutsch').click();
    await until('title', 'Mein Profil', () => heading());
    await visit(page, '/people');
    await until('value', 'Personen', heading);
    await page.locator('.sidebar').getByRole('link', { name: 'Kontakte' }).waitFor();
    equal(await page.evaluate(() => document.documentElement.lang.slice(0, 2)), 'de');
    await visit(page, '/profile');
    await button('English').click();
    await until('title', 'My profile', () => heading());
}, page);

await test('profile__password_ends_other_sessions', async () => {
    const second = await open(k, { as: null });
    await visit(second, '/signin');
    await signInWith(second, OWNER, PASSWORD);
    await settled(second);
    page.expected = /status of 4/;
    await page.getByLabel('Old password').fill('wrong wrong wrong');
    await page.getByLabel('New password').fill('another long password');
    await button('Change the password').click();
    await page.getByText('The old password is not right.').waitFor();
    await page.getByLabel('Old password').fill(PASSWORD);
    await button('Change the password').click();
    await page.locator('.toast', { hasText: 'Password changed; other sessions have ended' }).waitFor();
    page.expected = null;
    second.expected = /status of 401/;
    await second.goto('/home');
    await settled(second);
    await until('value', 'Sign in', () => heading(second));
    await second.context().close();
}, page);

await test('people__an_idle_page_asks_for_the_password', async () => {
    await visit(page, '/companies');
    page.expected = /status of 401/;
    await k.ageSessions(8 * 3600);
    const ask = page.locator('dialog', { hasText: 'Your session has ended' });
    await ask.waitFor({ timeout: 20000 });
    await ask.getByLabel('Password', { exact: true }).fill('another long password');
    await page.keyboard.press('Enter');
    await ask.waitFor({ state: 'detached' });
    page.expected = null;
    await k.signIn(OWNER, 'another long password').then((headers) => fetch(`${k.url}/api/v1/companies`, {
        method: 'POST', headers: { ...headers, 'Content-Type': 'application/json' }, body: JSON.stringify({ name: 'Seen live' }) }));
    await page.getByText(/1 new|Seen live/).first().waitFor({ timeout: 15000 });
}, page);

await test('people__sign_out_and_in', async () => {
    await visit(page, '/companies?sort=-title');
    await page.locator('.side-foot').getByRole('button').last().click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await until('page', 'Sign in', () => heading());
    page.expected = /status of 4/;
    await signInWith(page, OWNER, 'not this one at all');
    await page.locator('.notice-bad').waitFor();
    equal(await page.getByLabel('E-mail address').inputValue(), OWNER);
    await page.keyboard.type('another long password');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/home');
    page.expected = null;
}, page);

await test('people__fit_on_a_phone', async () => {
    await page.setViewportSize(SIZES.phone);
    await visit(page, '/people');
    const row = page.getByRole('row', { name: /Jo / });
    for (const part of [row.getByRole('combobox').first(), row.getByText(COLLEAGUE), row.getByRole('button', { name: /^Actions for/ })]) {
        const box = await part.boundingBox();
        assert(box.x >= 0 && box.x + box.width <= 390, `outside the screen: ${JSON.stringify(box)}`);
    }
    equal(await page.locator('.table-scroll').evaluate((b) => b.scrollWidth > b.clientWidth), false, 'sideways scroll');
    equal(await axe(page), [], 'axe');
}, page);
await finish();
