#!/usr/bin/env node
/*
 * Making records and getting about: the dialog that says what is wrong while one types and warns
 * of doubles, the palette, and the sequences of keys.
 */
import { Kontor, open, visit, settled, until, undo, axe, test, assert, equal, finish } from './harness.mjs';
import { seed, find, READER } from './seed.mjs';

const k = await Kontor.make();
await seed(k);
const page = await open(k);
const flow = (name, run) => test(name, run, page);
const dialog = page.locator('dialog');
const palette = page.locator('dialog.palette').getByRole('combobox');
const heading = () => page.locator('h1').textContent();

await flow('create__says_what_is_wrong_while_typing', async () => {
    await visit(page, '/companies');
    await page.locator('h1').click();
    await page.keyboard.press('c');
    await dialog.getByLabel(/^E-mail/).fill('not an address');
    await dialog.locator('.error').waitFor();
    equal(await dialog.getByLabel(/^E-mail/).getAttribute('aria-invalid'), 'true');
    await dialog.getByLabel(/^E-mail/).fill('hello@new.example');
    await dialog.locator('.error').waitFor({ state: 'detached' });
    equal((await k.api('GET', '/companies')).json.count, 60, 'companies after drafts');
});

await flow('create__goes_to_the_first_field_that_is_missing', async () => {
    await visit(page, '/companies');
    await page.getByRole('button', { name: 'New', exact: true }).click();
    await dialog.getByLabel(/^City/).fill('Kiel');
    await dialog.getByRole('button', { name: 'Create' }).click();
    await until('focus', 'f-name', () => page.evaluate(() => document.activeElement.id));
    const input = dialog.getByLabel(/^Name/);
    equal(await input.getAttribute('aria-invalid'), 'true');
    assert(await input.getAttribute('aria-describedby'), 'the message is not linked to its field');
    await input.fill('Neuland AG');
    await page.keyboard.press('Control+Enter');
    await page.locator('.toast', { hasText: 'Neuland AG created' }).getByRole('button', { name: 'Show it' }).click();
    await until('record', 'Neuland AG', heading);
});

await flow('create__a_deal_begins_where_its_pipeline_does', async () => {
    await visit(page, '/deals');
    await page.getByRole('button', { name: 'New', exact: true }).click();
    await dialog.getByLabel(/^Amount/).fill('nothing');
    await dialog.locator('.error').waitFor();
    await until('questions that are answered already', 0, () => dialog.getByLabel(/^(Pipeline|Stage)/).count());
    await dialog.getByLabel(/^Amount/).fill('700');
    await dialog.getByLabel(/^Name/).fill('Begun');
    await dialog.getByRole('button', { name: 'All fields' }).click();
    equal(await dialog.getByLabel(/^Stage/).inputValue(), 'enquiry');
    await dialog.getByRole('button', { name: 'Create' }).click();
    await dialog.waitFor({ state: 'detached' });
    equal((await k.api('GET', `/deals/${await find(k, 'deals', 'Begun')}`)).json.stage, 'enquiry');
});

await flow('create__offers_the_company_of_an_address', async () => {
    await k.api('POST', '/companies', { name: 'Tonwerk', website: ['https://tonwerk.example'] });
    await visit(page, '/contacts');
    await page.getByRole('button', { name: 'New', exact: true }).click();
    await dialog.getByLabel(/^Last name/).fill('Zoll');
    await dialog.getByLabel(/^E-mail/).first().fill('zoll@tonwerk.example');
    await dialog.getByRole('button', { name: 'Choose it' }).click();
    await dialog.getByText('has the domain of this address').waitFor({ state: 'detached' });
    await dialog.getByRole('button', { name: 'Create' }).click();
    await dialog.waitFor({ state: 'detached' });
    const id = await find(k, 'contacts', 'Zoll');
    equal((await k.api('GET', `/contacts/${id}?expand=company`)).json.company.title, 'Tonwerk');
    await k.api('DELETE', `/contacts/${id}`);
});

await flow('create__warns_of_a_double_before_the_form_is_complete', async () => {
    await visit(page, '/contacts');
    await page.getByRole('button', { name: 'New', exact: true }).click();
    await dialog.getByLabel(/^E-mail/).fill('PERSON0@firm0.example');
    await dialog.locator('.notice', { hasText: 'Anna Abel' }).waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
});

await flow('create__warns_of_a_double_and_opens_it', async () => {
    await visit(page, '/contacts');
    await page.getByRole('button', { name: 'New', exact: true }).click();
    await dialog.getByLabel(/^Last name/).fill('Abelmann');
    await dialog.getByLabel(/^E-mail/).fill('PERSON0@firm0.example');
    const notice = dialog.locator('.notice', { hasText: 'Anna Abel' });
    await notice.waitFor();
    const { json: twin } = await k.api('GET', `/contacts/${await find(k, 'contacts', 'Anna Abel')}`);
    await notice.getByText(`${twin.company.title} · ${twin.emails[0].value}`).waitFor();
    await notice.getByRole('link').click();
    await until('record', 'Anna Abel', heading);
    await until('dialogs', 0, () => dialog.count());
    equal((await k.api('GET', '/contacts')).json.count, 130, 'contacts');
});

await flow('create__makes_the_company_on_the_way', async () => {
    await visit(page, '/contacts');
    await page.getByRole('button', { name: 'New', exact: true }).click();
    await dialog.getByLabel(/^First name/).fill('Nora');
    await dialog.getByLabel(/^Last name/).fill('Neu');
    await dialog.getByRole('combobox', { name: /^Company/ }).fill('Nordlicht Probe');
    await page.getByRole('option', { name: 'Create “Nordlicht Probe”' }).click();
    await page.locator('.toast', { hasText: 'Nordlicht Probe created' }).waitFor();
    await dialog.getByRole('button', { name: 'Create' }).click();
    await dialog.waitFor({ state: 'detached' });
    const { json } = await k.api('GET', `/contacts/${await find(k, 'contacts', 'Nora Neu')}`);
    equal(json.company.title, 'Nordlicht Probe');
});

await flow('create__switches_the_kind', async () => {
    await visit(page, '/home');
    await page.getByRole('button', { name: 'New', exact: true }).click();
    await dialog.getByRole('button', { name: 'Company', exact: true }).click();
    await dialog.getByLabel(/^Website/).waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
});

await flow('create__keeps_what_was_typed_when_the_server_refuses', async () => {
    page.expected = /status of 5/;
    await visit(page, '/companies');
    await page.getByRole('button', { name: 'New', exact: true }).click();
    await dialog.getByLabel(/^Name/).fill('Patient GmbH');
    const full = (route) => (route.request().url().includes('dry_run') ? route.continue()
        : route.fulfill({ status: 507, contentType: 'application/json', body: '{"error":{"code":"disk_full","text":"The disk of the server is full.","fields":[]}}' }));
    await page.route('**/api/v1/companies*', full);
    await dialog.getByRole('button', { name: 'Create' }).click();
    await dialog.getByText('The disk of the server is full.').waitFor();
    equal(await dialog.getByLabel(/^Name/).inputValue(), 'Patient GmbH');
    await page.unroute('**/api/v1/companies*', full);
    await dialog.getByRole('button', { name: 'Create' }).click();
    await dialog.waitFor({ state: 'detached' });
    await find(k, 'companies', 'Patient GmbH');
    page.expected = null;
});

await flow('create__keeps_what_was_typed_when_it_is_left', async () => {
    const create = async () => { await page.locator('.page-head').getByRole('button', { name: 'New' }).click(); await dialog.waitFor(); };
    const leave = async (how) => { await how(); await dialog.waitFor({ state: 'detached' }); };
    const escape = () => leave(() => page.keyboard.press('Escape'));
    const value = () => dialog.getByLabel(/^Name/).inputValue();
    const note = dialog.getByText('What you had entered before is here again.');
    await visit(page, '/companies');
    await create();
    await dialog.getByLabel(/^Name/).fill('Half a firm');
    await dialog.getByLabel(/^E-mail/).fill('half@firm.example');
    await escape();
    await create();
    await note.waitFor();
    equal([await value(), await dialog.getByLabel(/^E-mail/).inputValue()], ['Half a firm', 'half@firm.example'], 'values');
    equal(await axe(page), [], 'axe');

    /* Another kind has its own; the first is there on the way back. */
    await dialog.getByRole('button', { name: 'Contact', exact: true }).click();
    equal(await dialog.getByLabel(/^Last name/).inputValue(), '');
    await dialog.getByRole('button', { name: 'Company', exact: true }).click();
    await until('value', 'Half a firm', value);

    await dialog.getByRole('button', { name: 'Start over' }).click();
    equal([await value(), await note.count()], ['', 0], 'after starting over');
    await until('focus', 'f-name', () => page.evaluate(() => document.activeElement.id));
    await dialog.getByLabel(/^Name/).fill('Another half');
    await leave(() => dialog.getByRole('button', { name: 'Cancel' }).click());
    await create();
    equal([await value(), await note.count()], ['', 0], 'after Cancel');
    await dialog.getByLabel(/^Name/).fill('A whole firm');
    await leave(() => dialog.getByRole('button', { name: 'Create' }).click());
    await create();
    equal([await value(), await note.count()], ['', 0], 'after Create');
    await escape();
});

await flow('create__by_key_opens_what_the_button_opens', async () => {
    const opened = async (press) => {
        await press();
        await dialog.getByRole('group', { name: 'What to create' }).waitFor();
        const kind = await dialog.locator('.segments [aria-pressed=true]').textContent();
        const about = await dialog.locator('.chip').allTextContents();
        await dialog.getByRole('button', { name: 'Cancel' }).click();
        await dialog.waitFor({ state: 'detached' });
        return [kind, about.map((x) => x.trim())];
    };
    const deal = await find(k, 'deals', 'Order 1');
    const company = await find(k, 'companies', 'Patient GmbH');
    for (const [where, kind] of [[`/deals/${deal}`, 'Activity'], [`/companies/${company}`, 'Activity'], ['/companies', 'Company'], ['/tasks', 'Activity']]) {
        await visit(page, where);
        const byButton = await opened(() => page.locator('.page-head').getByRole('button', { name: 'New', exact: true }).click());
        equal(byButton[0], kind, `the button at ${where}`);
        await page.locator('#main').focus();
        equal(await opened(() => page.keyboard.press('c')), byButton, `the key at ${where}`);
    }
    await visit(page, `/deals/${deal}`);
    await page.keyboard.press('?');
    await dialog.locator('.keys div', { hasText: 'Create' }).getByText('c', { exact: true }).waitFor();
    await page.keyboard.press('Escape');
});

await flow('palette__finds_records', async () => {
    await visit(page, '/home');
    await page.keyboard.press('Control+k');
    await palette.waitFor();
    await page.keyboard.type('claussen ev');
    await page.getByRole('option', { name: /Eva Claussen/ }).waitFor();
    await page.keyboard.press('Enter');
    await until('record', 'Eva Claussen', heading);
    await page.keyboard.press('Control+k');
    await palette.waitFor();
    await page.getByRole('option', { name: /Eva Claussen/ }).waitFor();
    await page.keyboard.type('49 40 1000');
    await page.getByRole('option', { name: /Anna Abel/ }).waitFor();
    await page.keyboard.press('Escape');
    await palette.waitFor({ state: 'detached' });
});

await flow('palette__runs_commands', async () => {
    await visit(page, '/home');
    await page.keyboard.press('Control+k');
    await palette.waitFor();
    await page.keyboard.type('compact');
    await page.keyboard.press('Enter');
    await until('rows', 'compact', () => page.evaluate(() => document.documentElement.dataset.density));
    await page.keyboard.press('Control+k');
    await palette.waitFor();
    await page.keyboard.type('new contact');
    await page.keyboard.press('Enter');
    await dialog.getByLabel(/^Last name/).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+k');
    await palette.waitFor();
    await page.keyboard.type('my profile');
    await page.keyboard.press('Enter');
    await until('page', 'My profile', heading);
});

await flow('keys__go_everywhere', async () => {
    await visit(page, '/home');
    for (const [key, path] of Object.entries({ d: '/deals', c: '/contacts', o: '/companies', t: '/tasks', a: '/calendar', p: '/products', h: '/home' })) {
        await page.keyboard.press('g');
        await page.keyboard.press(key);
        await until(`g ${key}`, path, () => new URL(page.url()).pathname);
    }
    await settled(page);
    await page.keyboard.press('g');
    await page.keyboard.press('c');
    await page.getByRole('searchbox', { name: 'Find in this view' }).waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('gd');
    await until('text', 'gd', () => page.getByRole('searchbox').inputValue());
    equal(new URL(page.url()).pathname, '/contacts');
    await page.locator('h1').click();
    await page.keyboard.press('?');
    await dialog.getByText('Go to Deals').waitFor();
    await dialog.getByLabel('Use single-key shortcuts').uncheck();
    await page.keyboard.press('Escape');
    await page.keyboard.press('g');
    await page.keyboard.press('d');
    await page.waitForTimeout(200);
    equal(new URL(page.url()).pathname, '/contacts', 'page with single keys off');
});

await flow('keys__a_dialog_keeps_the_tab_key', async () => {
    await visit(page, '/contacts');
    await page.getByRole('button', { name: 'New', exact: true }).click();
    await dialog.waitFor();
    for (let i = 0; i < 25; i++) {
        await page.keyboard.press('Tab');
        assert(await page.evaluate(() => document.activeElement === document.body || Boolean(document.activeElement.closest('dialog'))), 'the focus left the dialog');
    }
    await page.keyboard.press('Escape');
    await until('focus', 'New', () => page.evaluate(() => document.activeElement.textContent.trim()));
});

await flow('create__on_the_page_of_a_record_is_about_it', async () => {
    for (const [plural, name] of [['companies', 'Patient GmbH'], ['deals', 'Order 1']]) {
        const id = await find(k, plural, name);
        await visit(page, `/${plural}/${id}`);
        await page.locator('.page-head').getByRole('button', { name: 'New', exact: true }).click();
        await dialog.locator('.chip', { hasText: name }).waitFor();
        await dialog.getByLabel(/^Subject/).fill(`About ${name}`);
        await dialog.getByRole('button', { name: 'Create' }).click();
        await dialog.waitFor({ state: 'detached' });
        equal((await k.api('GET', `/activities/${await find(k, 'activities', `About ${name}`)}`)).json.links.map((x) => x.id), [id]);
    }
});

await flow('create__can_be_taken_back', async () => {
    await visit(page, '/companies');
    await page.getByRole('button', { name: 'New', exact: true }).click();
    await dialog.getByLabel(/^Name/).fill('By mistake');
    await dialog.getByRole('button', { name: 'Create' }).click();
    await page.locator('.toast', { hasText: 'By mistake created' }).getByRole('button', { name: 'Show it' }).waitFor();
    const count = async () => (await k.api('GET', `/companies?filter=${encodeURIComponent('name = "By mistake"')}`)).json.count;
    equal(await count(), 1, 'made');
    await undo(page, 'By mistake created');
    await until('taken back', 0, count);
});

await flow('create__is_not_offered_to_readers', async () => {
    const reader = await open(k, { as: READER });
    await visit(reader, '/contacts');
    await until('New', 0, () => reader.getByRole('button', { name: 'New', exact: true }).count());
    await reader.locator('h1').click();
    await reader.keyboard.press('c');
    await reader.keyboard.press('Control+k');
    await reader.keyboard.type('new con');
    await reader.waitForTimeout(300);
    await until('commands', 0, () => reader.getByRole('option', { name: 'New contact' }).count());
    await reader.context().close();
});
await finish();
