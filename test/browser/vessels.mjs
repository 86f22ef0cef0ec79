#!/usr/bin/env node
/*
 * An entity of one's own: vessel.yaml goes into conf/entities of a running Kontor and is applied;
 * browsers that are open get menu entry, list, form, board, filters, search, export and history of
 * vessels, on desktop and phone, without a line of C or JavaScript.
 */
import { readFileSync } from 'node:fs';
import { Kontor, open, visit, until, undo, axe, test, assert, equal, finish } from './harness.mjs';
import { seed, find, READER } from './seed.mjs';

const VESSEL = `entity: vessel
label: Vessel
plural: vessels
title: name
fields:
  name:     {type: text, required: true, unique: true, search: true}
  company:  {type: link, to: company}
  length:   {type: decimal}
  flag:     {type: choice, of: [de, dk, se]}
  surveyed: {type: date}
`;
const VISIT = `entity: visit
label: Visit
plural: visits
icon: map-pin
fields:
  text:  {type: longtext}
  about: {type: records}
`;
const FLEET = `name,company,length,flag,surveyed
Adler,Alster Bau GmbH,82.5,de,2026-03-14
Bernstein,Birken Bau GmbH,120,dk,2025-11-02
Capella,Alster Bau GmbH,64.25,se,
Delphin,,45,de,2026-08-30
`;

const k = await Kontor.make();
await seed(k);
const page = await open(k);
const phone = await open(k, { phone: true });
const on = { desktop: page, phone };
const heading = (p) => p.locator('h1').textContent();
const vessel = async (title) => (await k.api('GET', `/vessels/${await find(k, 'vessels', title)}`)).json;

await visit(page, '/companies');
await visit(phone, '/companies');

await test('vessels__come_into_open_browsers', async () => {
    await until('entries before', 0, () => page.locator('.sidebar').getByRole('link', { name: 'Vessels' }).count());
    k.write('conf/entities/vessel.yaml', VESSEL);
    k.must('apply');
    await page.locator('.sidebar').getByRole('link', { name: 'Vessels' }).click();
    await until('heading', 'Vessels', () => heading(page));
    await page.getByText('No vessels yet').waitFor();
    await phone.getByRole('button', { name: 'More', exact: true }).click();
    await phone.locator('.sidebar').getByRole('link', { name: 'Vessels' }).click();
    await phone.getByText('No vessels yet').waitFor();
}, page);

await test('vessels__are_made_in_the_form', async () => {
    page.expected = /status of 4/;
    await page.getByRole('button', { name: 'Add the first one' }).click();
    const dialog = page.locator('dialog');
    await dialog.getByLabel(/^Length/).fill('12.5');
    await dialog.getByRole('button', { name: 'Create' }).click();
    await until('focus', 'f-name', () => page.evaluate(() => document.activeElement.id));
    await dialog.getByLabel(/^Name/).fill('Möwe');
    await dialog.getByLabel(/^Flag/).selectOption('dk');
    await dialog.getByRole('combobox', { name: /^Company/ }).fill('Deich Bau');
    await page.getByRole('option', { name: 'Deich Bau GmbH' }).click();
    await dialog.getByLabel(/^Surveyed/).fill('2026-05-01');
    await dialog.getByRole('button', { name: 'Create' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByRole('link', { name: 'Möwe' }).waitFor();
    const made = await vessel('Möwe');
    equal([made.length, made.flag, made.company.title, made.surveyed], ['12.50', 'dk', 'Deich Bau GmbH', '2026-05-01']);
    await page.locator('.page-head').getByRole('button', { name: 'New' }).click();
    await dialog.getByLabel(/^Name/).fill('Möwe');
    await dialog.locator('.error').waitFor();
    await page.keyboard.press('Escape');
    page.expected = null;
}, page);

await test('vessels__are_imported', async () => {
    const report = JSON.parse(k.must('import', 'vessel', k.write('fleet.csv', FLEET), '--json', '--as', 'admin@example.com'));
    equal([report.created, report.rejected], [4, 0]);
}, page);

for (const [size, p] of Object.entries(on)) {
    const rows = () => p.locator(size === 'phone' ? '.list-cards b' : 'table.table tbody th a').allTextContents();

    await test(`vessels__${size}_list_filters_and_search`, async () => {
        await visit(p, '/vessels');
        await until('rows', ['Adler', 'Bernstein', 'Capella', 'Delphin', 'Möwe'], rows);
        await p.getByRole('button', { name: 'Filter', exact: true }).click();
        if (size === 'phone') {
            await p.locator('dialog').getByLabel('Field', { exact: true }).selectOption('flag');
            await p.locator('dialog').getByLabel('Value').selectOption('de');
        } else {
            await p.locator('.filter-pick').getByRole('button', { name: 'Flag' }).click();
            await p.locator('.popover').getByLabel('De', { exact: true }).check();
        }
        await p.getByRole('button', { name: 'Apply' }).click();
        await until('German', ['Adler', 'Delphin'], rows);
        await p.getByRole('searchbox').fill('delph');
        await until('found', ['Delphin'], rows);
        await visit(p, '/vessels?f.length=range:60..100&sort=-length');
        await until('between', ['Adler', 'Capella'], rows);
        await visit(p, '/home');
        if (size === 'phone') {
            await p.getByRole('button', { name: 'Search', exact: true }).click();
        } else {
            await p.keyboard.press('Control+k');
        }
        await p.locator('dialog.palette').getByRole('combobox').fill('bernst');
        await p.getByRole('option', { name: /Bernstein/ }).click();
        await until('record', 'Bernstein', () => heading(p));
    }, p);

    await test(`vessels__${size}_record_and_history`, async () => {
        const name = size === 'phone' ? 'Capella' : 'Adler';
        await visit(p, `/vessels/${await find(k, 'vessels', name)}`);
        if (size === 'phone') {
            await p.locator('.rec-tabs').getByRole('button', { name: 'Details' }).click();
        }
        await p.getByRole('button', { name: 'Edit Length' }).click();
        await p.locator('.detail-editor input').fill('99.5');
        await p.keyboard.press('Enter');
        await until('length', '99.50', async () => (await vessel(name)).length);
        if (size === 'phone') {
            await p.locator('.rec-tabs').getByRole('button', { name: 'Timeline' }).click();
        }
        await p.locator('.tl-change', { hasText: '99.5' }).getByRole('button', { name: 'Restore Length' }).click();
        await p.getByRole('menuitem', { name: 'Restore this value' }).click();
        await until('length', name === 'Adler' ? '82.50' : '64.25', async () => (await vessel(name)).length);
        await p.locator('.composer-area').fill('Dry dock in May.');
        await p.locator('.composer').getByRole('button', { name: 'Save', exact: true }).click();
        await p.locator('.timeline').getByText('Dry dock in May.').waitFor();
        equal(await axe(p), [], 'axe');
    }, p);

    await test(`vessels__${size}_board_by_flag`, async () => {
        const made = (await k.api('POST', '/vessels', { name: 'Emden' })).json;
        await visit(p, '/vessels?mode=board');
        const column = (flag) => p.getByRole('region', { name: flag, exact: true });
        const counts = () => p.locator('.badge-count').allTextContents();
        await until('counts', ['1', '2', '2', '1'], counts);
        equal(await p.locator('.column-head h2').first().textContent(), 'No value');
        const card = p.getByRole('article', { name: 'Delphin', exact: true });
        if (size === 'phone') {
            await card.getByRole('button', { name: 'Actions for Delphin' }).tap();
            await p.getByRole('menuitemcheckbox', { name: 'Dk' }).tap();
        } else {
            await card.focus();
            await p.keyboard.press('Shift+ArrowRight');
        }
        await until('flag', 'dk', async () => (await vessel('Delphin')).flag);
        await column('Dk').getByRole('article', { name: 'Delphin' }).waitFor();
        await until('counts', ['1', '1', '3', '1'], counts);
        await undo(p, 'Delphin moved to Dk');
        await until('flag', 'de', async () => (await vessel('Delphin')).flag);
        equal(await axe(p), [], 'axe');

        /* Out of the column without a value, and into it again. */
        const emden = p.getByRole('article', { name: 'Emden', exact: true });
        const move = async (to, keys) => {
            if (size === 'phone') {
                await emden.getByRole('button', { name: 'Actions for Emden' }).tap();
                await p.getByRole('menuitemcheckbox', { name: to }).tap();
            } else {
                await emden.focus();
                await p.keyboard.press(keys);
            }
        };
        await move('De', 'Shift+ArrowRight');
        await until('flag', 'de', async () => (await vessel('Emden')).flag);
        await until('counts', ['0', '3', '2', '1'], counts);
        await column('De').getByRole('article', { name: 'Emden' }).waitFor();
        await move('No value', 'Shift+ArrowLeft');
        await until('flag', null, async () => (await vessel('Emden')).flag);
        await column('No value').getByRole('article', { name: 'Emden' }).waitFor();
        await until('counts', ['1', '2', '2', '1'], counts);
        if (size === 'desktop') {
            const [from, to] = [await emden.locator('.deal-top').boundingBox(), await column('Se').boundingBox()];
            await p.mouse.move(from.x + 12, from.y + 8);
            await p.mouse.down();
            await p.mouse.move(to.x + 40, to.y + 80, { steps: 8 });
            await p.mouse.up();
            await until('flag', 'se', async () => (await vessel('Emden')).flag);
        }
        await k.api('DELETE', `/vessels/${made.id}`);
    }, p);
}

await test('vessels__are_changed_in_the_list_and_exported', async () => {
    await visit(page, '/vessels');
    await page.getByRole('checkbox', { name: 'Select all on this page' }).click();
    await page.getByRole('button', { name: 'Set field' }).click();
    await page.locator('dialog').getByLabel('Field', { exact: true }).selectOption('flag');
    await page.locator('dialog').getByRole('combobox', { name: 'New value' }).selectOption('se');
    await page.getByRole('button', { name: 'Change 4 vessels' }).click();
    await undo(page, 'Flag set for 4 records');
    await until('flag', 'de', async () => (await vessel('Adler')).flag);
    const [file] = await Promise.all([page.waitForEvent('download'), page.locator('.page-head').getByRole('link', { name: 'Export' }).click()]);
    const lines = readFileSync(await file.path(), 'utf8').trim().split(/\r?\n/);
    equal(lines.length, 6, 'lines');
    assert(lines.some((l) => l.includes('Capella') && l.includes('64.25')), `export: ${lines.join(' | ')}`);
}, page);

await test('vessels__stand_beside_their_company', async () => {
    await visit(page, `/companies/${await find(k, 'companies', 'Alster Bau GmbH')}`);
    await page.locator('.rec-rel').getByText('Capella').waitFor();
    await page.locator('.rec-rel').getByRole('button', { name: 'Add: Vessels' }).click();
    await page.locator('dialog').getByLabel(/^Name/).fill('Elbe 3');
    await page.locator('dialog').getByRole('button', { name: 'Create' }).click();
    await until('company', 'Alster Bau GmbH', async () => (await vessel('Elbe 3').catch(() => null))?.company?.title);
}, page);

await test('vessels__have_the_rights_of_the_roles', async () => {
    const reader = await open(k, { as: READER });
    await visit(reader, '/vessels');
    await reader.getByRole('link', { name: 'Adler' }).click();
    await until('record', 'Adler', () => heading(reader));
    await until('pencils', 0, () => reader.locator('.detail-edit').count());
    equal((await k.api('POST', '/vessels', { name: 'Pirate' }, READER)).status, 403);
    await reader.context().close();
}, page);

await test('vessels__get_a_field_while_shown', async () => {
    await visit(page, '/vessels');
    k.write('conf/entities/vessel.yaml', `${VESSEL}  captain:  {type: text, label: Master}\n`);
    k.must('apply');
    await page.getByRole('button', { name: 'Columns' }).click();
    await page.locator('.popover').getByRole('checkbox', { name: 'Master' }).check();
    await page.getByRole('columnheader', { name: 'Master' }).waitFor();
}, page);

await test('vessels__board_of_a_required_choice', async () => {
    const counts = () => page.locator('.badge-count').allTextContents();
    const heads = () => page.locator('.column-head h2').allTextContents();
    k.write('conf/entities/vessel.yaml', VESSEL.replace('type: choice,', 'type: choice, required: true,'));
    k.must('apply');
    await visit(page, '/vessels?mode=board');
    await until('counts', ['1', '2', '2', '1'], counts);
    await page.getByRole('button', { name: 'Actions for Adler' }).click();
    await until('targets', ['De', 'Dk', 'Se'], () => page.getByRole('menuitemcheckbox').allTextContents());
    await page.keyboard.press('Escape');
    await page.getByRole('article', { name: 'Elbe 3', exact: true }).focus();
    await page.keyboard.press('Shift+ArrowRight');
    await until('columns', ['De', 'Dk', 'Se'], heads);
    equal((await vessel('Elbe 3')).flag, 'de');
}, page);

await test('visits__stand_in_the_timeline_like_notes', async () => {
    const company = await find(k, 'companies', 'Birken Bau GmbH');
    k.write('conf/entities/visit.yaml', VISIT);
    k.must('apply');
    const visited = async (text) => equal((await k.api('POST', '/visits', { text, about: [company] })).status, 201);
    await visited('Saw the new crane.');
    await visit(page, `/companies/${company}`);
    const entry = (text) => page.locator('.timeline .tl', { hasText: text });
    await entry('Saw the new crane.').getByRole('heading', { name: 'Visit' }).waitFor();
    const icon = await entry('Saw the new crane.').locator('.tl-mark use').getAttribute('href');
    assert(icon.endsWith('#map-pin'), `icon: ${icon}`);
    await visited('Came again.');
    await entry('Came again.').waitFor();
    await page.getByRole('button', { name: 'Filter', exact: true }).click();
    await page.getByRole('dialog', { name: 'Filter the timeline' }).getByLabel('Visit', { exact: true }).check();
    await page.keyboard.press('Escape');
    await until('entries', 2, () => page.locator('.timeline .tl').count());
    await entry('Came again.').getByRole('button', { name: 'Actions for this entry' }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await until('entries', 1, () => page.locator('.timeline .tl').count());
    await undo(page, 'Visit moved to the bin');
    await until('entries', 2, () => page.locator('.timeline .tl').count());
    equal(await axe(page), [], 'axe');
}, page);
await test('vessels__numbers_are_given_not_asked_for', async () => {
    const bare = VESSEL.replace('fields:', 'quick: [name]\nfields:');
    k.write('conf/entities/vessel.yaml', `${bare}  berth:  {type: number, label: Berth, min: 1200}\n`);
    k.must('apply');
    await visit(page, '/vessels');
    await page.locator('.page-head').getByRole('button', { name: 'New' }).click();
    const dialog = page.locator('dialog');
    await dialog.getByLabel(/^Name/).fill('Nixe');
    await until('among the first fields', 0, () => dialog.getByText('Given automatically').count());
    await dialog.getByRole('button', { name: 'All fields' }).click();
    await dialog.locator('.field', { hasText: 'Berth' }).getByText('Given automatically').waitFor();
    await until('inputs', 0, () => dialog.locator('#f-berth').count());
    equal(await axe(page), [], 'axe');
    await dialog.getByRole('button', { name: 'Create' }).click();
    await dialog.waitFor({ state: 'detached' });
    const made = await vessel('Nixe');
    assert(made.berth > 1200, `number: ${made.berth}`);
    await visit(page, `/vessels/${made.id}`);
    const detail = page.locator('.detail', { hasText: 'Berth' });
    equal(await detail.locator('dd').innerText(), String(made.berth));
    await until('pencils', 0, () => detail.locator('.detail-edit').count());
}, page);
await test('vessels__phones_have_in_front_what_the_firm_has', async () => {
    const bar = () => phone.locator('.tabbar a').allTextContents().then((all) => all.map((x) => x.trim()));
    await visit(phone, '/home');
    equal((await bar()).slice(0, 3), ['Home', 'Contacts', 'Deals']);
    k.write('conf/fields.yaml', 'contact: {menu: false}\ndeal: {menu: false}\nlead: {menu: false}\nproduct: {menu: false}\n');
    k.must('apply');
    await visit(phone, '/home');
    await until('other kinds', ['Home', 'Vessels', 'Companies'], async () => (await bar()).slice(0, 3));
}, phone);
await finish();
