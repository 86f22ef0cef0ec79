#!/usr/bin/env node
/*
 * Without the server: the page that says so, in the language of the user, with what is kept on the
 * device, and on by itself; drafts that outlive a reload; what makes Kontor installable.
 */
import { Kontor, open, visit, until, axe, test, assert, equal, finish } from './harness.mjs';
import { seed, find, MEMBER } from './seed.mjs';

const k = await Kontor.make();
await seed(k);
const deal = `/deals/${await find(k, 'deals', 'Order 1')}`;
const page = await open(k, { phone: true, worker: true });
const quiet = /ERR_|Failed to load|status of 50/;
page.expected = quiet;
const installed = (p) => p.waitForFunction(() => navigator.serviceWorker.controller !== null, null, { timeout: 15000 });
const note = (p) => p.getByRole('textbox', { name: /note/i }).first();

await test('away__can_be_installed', async () => {
    await visit(page, '/home');
    const at = await page.locator('link[rel=manifest]').getAttribute('href');
    const answer = await page.request.get(at);
    equal(answer.headers()['content-type'], 'application/manifest+json', 'type');
    const { name, start_url, display, icons } = await answer.json();
    equal([name, start_url, display], ['Kontor', '/home', 'standalone']);
    for (const icon of icons) {
        const got = await page.request.get(new URL(icon.src, new URL(at, k.url)).href);
        equal([got.status(), got.headers()['content-type']], [200, icon.type], icon.src);
    }
    assert(icons.some((i) => i.sizes === '512x512' && i.purpose === 'maskable'), 'a maskable icon');
    equal((await page.request.get(await page.locator('link[rel=apple-touch-icon]').getAttribute('href'))).status(), 200);
    const cdp = await page.context().newCDPSession(page);
    const { errors } = await cdp.send('Page.getAppManifest');
    equal(errors, [], 'what the browser says of the manifest');
    const { installabilityErrors } = await cdp.send('Page.getInstallabilityErrors');
    equal(installabilityErrors.filter((e) => !/in-incognito/.test(e.errorId)), [], 'why not');
}, page);

await test('away__a_page_says_that_there_is_no_connection', async () => {
    await installed(page);
    await visit(page, deal);
    await note(page).fill('Ask about the crane, before Friday');
    await page.context().setOffline(true);
    await page.reload();
    await page.getByRole('heading', { name: 'No connection' }).waitFor();
    equal(new URL(page.url()).pathname, deal, 'address');
    await page.getByText('Order 1', { exact: true }).waitFor();
    await page.getByText('Ask about the crane, before Friday').waitFor();
    equal(await axe(page), [], 'axe');
    equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, 'fits');
}, page);

await test('away__goes_on_by_itself_and_the_draft_is_there', async () => {
    await page.context().setOffline(false);
    await note(page).waitFor({ timeout: 15000 });
    equal(await note(page).inputValue(), 'Ask about the crane, before Friday');
    await page.locator('.composer').getByRole('button', { name: 'Save' }).click();
    await page.locator('.timeline').getByText('Ask about the crane, before Friday').waitFor();
    await page.reload();
    await until('a saved draft is done with', '', () => note(page).inputValue());
}, page);

await test('away__a_server_that_is_down_is_the_same', async () => {
    const port = new URL(k.url).port;
    await k.stop();
    await page.goto(`${k.url}/companies`);
    await page.getByRole('heading', { name: 'No connection' }).waitFor();
    await k.start(['--listen', `127.0.0.1:${port}`]);
    await page.getByRole('heading', { name: 'Companies' }).waitFor({ timeout: 15000 });
}, page);

await test('away__a_form_is_kept_over_a_reload', async () => {
    await visit(page, '/contacts');
    await page.getByRole('button', { name: 'New', exact: true }).click();
    await page.locator('dialog').getByLabel(/^Last name/).fill('Petersen');
    await page.reload();
    await page.getByRole('button', { name: 'New', exact: true }).click();
    await page.getByText('What you had entered before is here again.').waitFor();
    equal(await page.locator('dialog').getByLabel(/^Last name/).inputValue(), 'Petersen');
    await page.locator('dialog').getByRole('button', { name: 'Start over' }).click();
    equal(await page.locator('dialog').getByLabel(/^Last name/).inputValue(), '');
    await page.keyboard.press('Escape');
}, page);

await test('away__a_call_that_is_being_logged_outlives_a_reload', async () => {
    const typed = () => page.getByRole('dialog', { name: 'Log what was done' }).getByLabel('What came of it?');
    await visit(page, deal);
    await note(page).waitFor();
    await page.keyboard.press('l');
    const gone = page.waitForEvent('framenavigated');
    await typed().evaluate((field) => { /* the very moment after the last key */
        field.value = 'Wants the offer by Friday';
        field.dispatchEvent(new Event('input', { bubbles: true }));
        setTimeout(() => location.reload());
    });
    await gone;
    await note(page).waitFor();
    await page.keyboard.press('l');
    await typed().waitFor();
    equal(await typed().inputValue(), 'Wants the offer by Friday');
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    await typed().waitFor({ state: 'detached' });
    await page.keyboard.press('l');
    await typed().waitFor();
    await until('after Cancel', '', () => typed().inputValue());
    await typed().fill('Not this');
    await typed().fill('');
    await page.reload();
    await note(page).waitFor();
    await page.keyboard.press('l');
    await typed().waitFor();
    await until('what was deleted again', '', () => typed().inputValue());
    await page.keyboard.press('Escape');
    await typed().waitFor({ state: 'detached' });
}, page);

await test('away__an_answer_to_a_gate_outlives_a_reload', async () => {
    const reason = page.getByRole('dialog').getByRole('radio', { name: 'Price', exact: true });
    const ask = async () => {
        await page.getByRole('button', { name: 'Actions for Order 3', exact: true }).tap();
        await page.getByRole('menuitem', { name: 'Mark as lost' }).tap();
        await reason.waitFor();
    };
    await visit(page, '/deals');
    await ask();
    await until('at first', false, () => reason.isChecked());
    await page.getByRole('dialog').getByText('Price', { exact: true }).tap();
    await page.reload();
    await ask();
    await until('after a reload', true, () => reason.isChecked());
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).tap();
    await reason.waitFor({ state: 'detached' });
    await ask();
    await until('after Cancel', false, () => reason.isChecked());
    await page.keyboard.press('Escape');
    await reason.waitFor({ state: 'detached' });
}, page);

await test('away__a_conversion_outlives_a_reload', async () => {
    const lead = (await k.api('POST', '/leads', { last_name: 'Hansen', company_name: 'Hansen Dach' })).json.id;
    const name = page.getByRole('dialog').getByRole('group', { name: 'Contact' }).getByLabel(/^Last name/);
    const ask = async () => {
        await page.getByRole('button', { name: 'Convert', exact: true }).first().tap();
        await name.waitFor();
    };
    await visit(page, `/leads/${lead}`);
    await ask();
    await until('what the lead gives', 'Hansen', () => name.inputValue());
    await name.fill('Hanssen');
    await page.reload();
    await ask();
    await until('after a reload', 'Hanssen', () => name.inputValue());
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).tap();
    await name.waitFor({ state: 'detached' });
    await ask();
    await until('after Cancel', 'Hansen', () => name.inputValue());
    await page.getByRole('dialog').getByRole('button', { name: 'Convert', exact: true }).tap();
    await until('converted', 'converted', async () => (await k.api('GET', `/leads/${lead}`)).json.stage);
    equal(await page.evaluate(() => Object.keys(localStorage).filter((x) => x.includes('convert.'))), [], 'nothing is left of it');
}, page);

await test('away__drafts_are_of_who_typed_them', async () => {
    await visit(page, deal);
    await note(page).fill('Only for me');
    const { Cookie } = await k.signIn(MEMBER);
    const [name, ...value] = Cookie.split('=');
    await page.context().addCookies([{ name, value: value.join('='), url: k.url }]);
    await page.reload();
    await note(page).waitFor();
    await until('a colleague at the same device', '', () => note(page).inputValue());
    await page.context().setOffline(true);
    await note(page).fill('Mine');
    await page.reload();
    await page.getByText('Mine', { exact: true }).waitFor();
    await until('kept, but not shown', 0, () => page.getByText('Only for me').count());
    await page.context().setOffline(false);
    await note(page).waitFor({ timeout: 15000 });
}, page);

await test('away__speaks_german', async () => {
    const german = await open(k, { worker: true, dark: true, locale: 'de-DE' });
    german.expected = quiet;
    await visit(german, '/home');
    await installed(german);
    await german.context().setOffline(true);
    await german.goto(`${k.url}/deals`);
    await german.getByRole('heading', { name: 'Keine Verbindung' }).waitFor();
    await german.getByRole('button', { name: 'Erneut versuchen' }).waitFor();
    equal(await axe(german), [], 'axe');
    await german.context().close();
}, page);

await test('away__an_update_brings_its_own_page', async () => {
    await visit(page, '/home');
    await installed(page);
    const names = await page.evaluate(() => caches.keys());
    equal(names.length, 1, 'stores');
    await until('store', true, async () => (await page.evaluate(async () => (await (await caches.open((await caches.keys())[0])).keys()).length)) > 15);
}, page);
await finish();
