#!/usr/bin/env node
/*
 * What people do in a list: sort, filter, choose columns, turn pages, tick rows, change and delete
 * many with Undo, edit a cell by keys, open a record and come back, save a view; and what they see
 * when there is nothing or the server fails.
 */
import { Kontor, open, visit, settled, until, undo, axe, test, assert, equal, finish } from './harness.mjs';
import { seed, find, load, MEMBER, READER } from './seed.mjs';

const k = await Kontor.make();
await seed(k, { deals: false });
const page = await open(k);
const flow = (name, run) => test(name, run, page);

const names = () => page.locator('table.table tbody th a').allTextContents();
const button = (name) => page.getByRole('button', { name, exact: true });
const turn = (name) => page.locator('.pager').getByRole('button', { name, exact: true });
const pager = () => page.locator('.pager .num').textContent();
const titles = async (query) => (await k.api('GET', `/contacts?limit=50&fields=title&${query}`)).json.items.map((r) => r.title);
const box = (name) => page.getByRole('checkbox', { name: `Select ${name}`, exact: true });

async function field(plural, title, name) {
    return (await k.api('GET', `/${plural}/${await find(k, plural, title)}`)).json[name];
}

await flow('list__sorts_by_header', async () => {
    await visit(page, '/contacts');
    equal(await names(), await titles('sort=title'), 'order at first');
    await button('Name').click();
    await until('order', await titles('sort=-title'), names);
    equal(await page.getByRole('columnheader', { name: 'Name' }).getAttribute('aria-sort'), 'descending');
    await button('Job title').click();
    await until('order', await titles('sort=job_title'), names);
    assert(page.url().includes('sort=job_title'), 'the order is not in the address');
    const head = page.getByRole('columnheader', { name: 'Company' });
    const { width, height } = await head.boundingBox();
    await head.click({ position: { x: width - 12, y: height - 3 } });
    await until('order', await titles('sort=company'), names);
    equal(await head.locator('button').evaluate((b) => getComputedStyle(b).cursor), 'pointer', 'cursor');
});

await flow('list__filters_by_chip_and_text', async () => {
    await visit(page, '/contacts');
    await button('Filter').click();
    await page.getByPlaceholder('Find a field').fill('job');
    await page.locator('.filter-pick').getByRole('button', { name: 'Job title' }).click();
    await page.getByLabel('Job title contains').fill('Owner');
    await button('Apply').click();
    const { json } = await k.api('GET', '/contacts?limit=1&filter=job_title%20contains%20"Owner"');
    await until('count', String(json.count), () => page.locator('.page-count').textContent());
    await page.getByRole('searchbox', { name: 'Find in this view' }).fill('jung');
    await until('rows', (await titles('sort=title&filter=job_title%20contains%20"Owner"%20and%20title%20contains%20"jung"')), names);
    await page.reload();
    await settled(page);
    equal((await names()).length > 0 && (await names()).every((n) => n.endsWith('Jung')), true, 'filters after reload');
    await button('Remove filter Job title').click();
    await until('rows', 13, async () => (await names()).length);
});

await flow('list__finds_what_its_columns_show', async () => {
    const [first] = (await k.api('GET', '/contacts?limit=1&fields=title,company,emails,phones&sort=-updated_at&filter=company%20is%20not%20empty%20and%20phones%20is%20not%20empty%20and%20emails%20is%20not%20empty')).json.items;
    await visit(page, '/contacts');
    for (const text of [first.company.title, first.emails[0].value.slice(0, -4), first.phones[0].value.replace(/[^0-9]/g, '').slice(-6)]) {
        await page.getByRole('searchbox', { name: 'Find in this view' }).fill('nobody at all');
        await until('rows', 0, async () => (await names()).length);
        await page.getByRole('searchbox', { name: 'Find in this view' }).fill(text);
        await until(`rows of ${text}`, true, async () => (await names()).includes(first.title));
        equal((await names()).length < 50, true, `fewer rows for ${text}`);
    }
});

await flow('list__filters_by_keys', async () => {
    await visit(page, '/contacts');
    await button('Filter').focus();
    await page.keyboard.press('Enter');
    await until('focus', 'Find a field', () => page.evaluate(() => document.activeElement.placeholder));
    await page.keyboard.type('comp');
    await page.keyboard.press('Enter');
    await until('focus', 'combobox', () => page.evaluate(() => document.activeElement.getAttribute('role')));
    await page.keyboard.type('Birken Bau');
    await page.getByRole('option', { name: 'Birken Bau GmbH' }).waitFor();
    await page.keyboard.press('Enter');
    await page.locator('.popover .chip').getByText('Birken Bau GmbH').waitFor();
    await button('Apply').focus();
    await page.keyboard.press('Enter');
    await until('rows', 3, async () => (await names()).length);
    const [first, second] = await names();
    await page.locator('h1').click();
    await page.keyboard.press('/');
    await page.keyboard.press('ArrowDown');
    await until('focus', first, () => page.evaluate(() => document.activeElement.textContent));
    await page.keyboard.press('ArrowDown');
    await until('focus', second, () => page.evaluate(() => document.activeElement.textContent));
    await page.keyboard.press('Enter');
    await until('record', second, () => page.locator('h1').textContent());
});

await flow('list__filters_by_link_choice_and_own_expression', async () => {
    await visit(page, '/contacts');
    await button('Filter').click();
    await page.getByPlaceholder('Find a field').fill('comp');
    await page.locator('.filter-pick').getByRole('button', { name: 'Company', exact: true }).click();
    await page.locator('.popover').getByRole('combobox').fill('Birken Bau');
    await page.getByRole('option', { name: 'Birken Bau GmbH' }).click();
    await button('Apply').click();
    await until('rows', 3, async () => (await names()).length);
    assert((await page.locator('.chip').first().textContent()).includes('Birken Bau GmbH'), 'the chip does not name the company');
    await visit(page, '/companies');
    await button('Filter').click();
    await page.locator('.filter-pick').getByRole('button', { name: 'Groups, linked records, as text …' }).click();
    await button('As text').click();
    page.expected = /status of 400/;
    await page.getByLabel('Filter as text').fill('employes > 400');
    await button('Apply').click();
    await page.locator('.dialog .error').getByText('employees').waitFor();
    await until('what is marked as wrong', 'employes', () => page.locator('.fb-where mark').textContent());
    await until('what was typed', 'employes > 400', () => page.getByLabel('Filter as text').inputValue());
    await page.getByLabel('Filter as text').fill('employees > 400 and city = "Kiel"');
    await button('Apply').click();
    page.expected = null;
    const { json } = await k.api('GET', `/companies?limit=1&filter=${encodeURIComponent('employees > 400 and city = "Kiel"')}`);
    await until('count', String(json.count), () => page.locator('.page-count').textContent());
});

await flow('list__chooses_columns', async () => {
    await visit(page, '/contacts');
    await button('Columns').click();
    await page.locator('.popover').getByLabel('City', { exact: true }).check();
    await page.getByRole('columnheader', { name: 'City' }).waitFor();
    await page.keyboard.press('Escape');
    await until('cities', true, async () => (await page.locator('td[data-cell$=" city"]').first().textContent()).length > 2);
    await page.reload();
    await settled(page);
    await page.getByRole('columnheader', { name: 'City' }).waitFor();
});

await flow('list__turns_pages', async () => {
    await visit(page, '/contacts');
    await until('value', '1–50 of 130', pager);
    const first = await names();
    await turn('Next').click();
    await until('place', '51–100 of 130', pager);
    await until('other rows', false, async () => (await names()).some((n) => first.includes(n)));
    await turn('Next').click();
    await until('place', '101–130 of 130', pager);
    assert(await turn('Next').isDisabled(), 'there is a page after the last');
    await turn('Previous').click();
    await turn('Previous').click();
    await until('rows', first, names);
});

await flow('list__ticks_rows_ranges_and_all', async () => {
    await visit(page, '/contacts');
    const list = await names();
    await box(list[1]).click();
    await box(list[4]).click({ modifiers: ['Shift'] });
    await until('ticked', '4 selected', () => page.locator('.bulkbar .num').textContent());
    await page.getByRole('checkbox', { name: 'Select all on this page' }).click();
    await button('Select all 130').click();
    await until('ticked', '130 selected', () => page.locator('.bulkbar .num').textContent());
    await button('Clear selection').click();
    await page.locator('.bulkbar').waitFor({ state: 'detached' });
    await page.locator('td[data-cell]').first().focus();
    await page.keyboard.press('Space');
    await until('ticked', '1 selected', () => page.locator('.bulkbar .num').textContent());
});

await flow('list__sets_many_with_undo', async () => {
    await visit(page, '/contacts');
    const list = await names();
    const before = await field('contacts', list[0], 'city');
    await box(list[0]).click();
    await box(list[2]).click({ modifiers: ['Shift'] });
    await button('Set field').click();
    await page.locator('dialog').getByLabel('Field', { exact: true }).selectOption('city');
    await page.locator('dialog').getByRole('textbox', { name: 'New value' }).fill('Husum');
    await button('Change 3 contacts').click();
    await page.locator('.toast', { hasText: 'City set for 3 records' }).waitFor();
    equal(await field('contacts', list[1], 'city'), 'Husum');
    await undo(page, 'City set for 3 records');
    await until('city', before, () => field('contacts', list[0], 'city'));
    await until('cell', before, () => page.locator('td[data-cell$=" city"]').first().textContent());
});

await flow('list__sets_all_of_a_filter', async () => {
    await visit(page, '/contacts?q=jung');
    await page.getByRole('checkbox', { name: 'Select all on this page' }).click();
    await button('Assign').click();
    await page.locator('dialog').getByRole('combobox', { name: 'Owner' }).fill('max');
    await page.getByRole('option', { name: 'max' }).click();
    await button('Change 13 contacts').click();
    await page.locator('.toast', { hasText: '13 records assigned to max' }).waitFor();
    equal((await field('contacts', 'Ida Jung', 'owner')).title, 'max');
    equal((await field('contacts', 'Ida Haas', 'owner')).title, 'admin');
});

await flow('list__deletes_many_with_undo', async () => {
    await visit(page, '/contacts?q=dahl');
    const list = await names();
    await page.getByRole('checkbox', { name: 'Select all on this page' }).click();
    await page.locator('.bulkbar').getByRole('button', { name: 'Delete' }).click();
    await page.getByText('Nothing matches').waitFor();
    await undo(page, `${list.length} records moved to the bin`);
    await until('rows', list, names);
});

await flow('list__edits_a_cell_by_keys', async () => {
    await visit(page, '/contacts');
    const cell = page.locator('td[data-cell$=" job_title"]').first();
    const [title] = await names();
    await cell.focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Control+a');
    await page.keyboard.type('Harbour master');
    await page.keyboard.press('Enter');
    await until('saved', 'Harbour master', () => field('contacts', title, 'job_title'));
    equal(await cell.textContent(), 'Harbour master');
    await until('focus', true, () => cell.evaluate((e) => e === document.activeElement));
    await page.keyboard.press('F2');
    await page.keyboard.type('Nobody');
    await page.keyboard.press('Escape');
    equal(await cell.textContent(), 'Harbour master');
    await page.keyboard.press('ArrowDown');
    const below = page.locator('td[data-cell$=" job_title"]').nth(1);
    await until('focus', true, () => below.evaluate((e) => e === document.activeElement));
    await undo(page, 'Job title of');
    await until('undone', 'Buyer', () => field('contacts', title, 'job_title'));
});

await flow('list__edits_cell_after_cell_by_keys', async () => {
    await visit(page, '/contacts?q=claussen&cols=job_title,emails,city,owner');
    const [first, second] = await names();
    const cell = (row, name) => page.locator('tbody tr').nth(row).locator(`td[data-cell$=" ${name}"]`);
    await cell(0, 'job_title').focus();
    await page.keyboard.type('Captain');
    await until('what is typed takes the place of what was there', 'Captain', () => page.locator('.cell-editing input').inputValue());
    await page.keyboard.press('Tab');
    await until('saved', 'Captain', () => field('contacts', first, 'job_title'));
    await until('focus', true, () => page.locator('.cell-editing input[type=email]').evaluate((x) => x === document.activeElement));
    await page.keyboard.press('Tab');
    await page.keyboard.press('Control+a');
    await page.keyboard.type('Husum');
    await page.keyboard.press('Tab');
    await until('saved', 'Husum', () => field('contacts', first, 'city'));
    await until('focus', 'combobox', () => page.evaluate(() => document.activeElement.getAttribute('role')));
    await page.keyboard.press('Tab');
    equal(await page.locator('.cell-editing').evaluate((x) => x.closest('tr').rowIndex), 2, 'the row below');
    await page.keyboard.press('Shift+Tab');
    equal(await page.locator('.cell-editing').evaluate((x) => x.closest('tr').rowIndex), 1, 'and back');
    await page.keyboard.press('Escape');
    await page.locator('.cell-editing').waitFor({ state: 'detached' });
    await cell(1, 'owner').focus();
    await page.keyboard.type('max');
    await page.getByRole('option', { name: 'max' }).waitFor();
    await page.keyboard.press('Enter');
    await until('owner', 'max', async () => (await field('contacts', second, 'owner')).title);
    await cell(1, 'city').focus();
    await page.keyboard.type('Nowhere');
    await page.keyboard.press('Escape');
    await until('shortcuts while a cell is typed into', 0, () => page.locator('dialog').count());
    assert((await field('contacts', second, 'city')) !== 'Nowhere', 'Esc saves');
});

await flow('list__a_refused_edit_stays_open', async () => {
    await visit(page, '/companies');
    page.expected = /status of 422/;
    const cell = page.locator('td[data-cell$=" name"]');
    await until('the name has a cell of its own', 0, () => cell.count());
    await button('Columns').click();
    await page.locator('.popover').getByLabel('Employees', { exact: true }).check();
    await page.keyboard.press('Escape');
    const employees = page.locator('td[data-cell$=" employees"]').first();
    await employees.dblclick();
    await page.locator('.cell-editing input').fill('-3');
    await page.keyboard.press('Enter');
    const editor = page.locator('.cell-editing');
    await editor.locator('.error').waitFor();
    await until('what was typed', '-3', () => editor.locator('input').inputValue());
    const [cellBox, said, mark] = await Promise.all(['', '.error', '.error .icon'].map((x) => (x ? editor.locator(x) : editor).boundingBox()));
    assert(said.x >= cellBox.x && said.x + said.width <= cellBox.x + cellBox.width, `the reason leaves its column: ${JSON.stringify([cellBox, said])}`);
    equal([Math.abs(mark.y - said.y) < 8, await editor.locator('.error').evaluate((x) => getComputedStyle(x).display)], [true, 'flex'], 'sign beside the reason');
    await until('messages elsewhere', 0, () => page.locator('.toast-bad').count());
    await page.locator('h1').click();
    await until('what was typed, after a click elsewhere', '-3', () => editor.locator('input').inputValue());
    await editor.locator('input').fill('-4');
    await until('errors of another value', 0, () => editor.locator('.error').count());
    await page.keyboard.press('Enter');
    await editor.locator('.error').waitFor();
    await page.keyboard.press('Escape');
    await until('cell', '5', () => employees.textContent());
    page.expected = null;
});

await flow('list__keeps_its_place', async () => {
    await visit(page, '/contacts?q=brandt&sort=-title');
    const list = await names();
    await page.getByRole('link', { name: list[2], exact: true }).click();
    await page.getByText('3 of 13').waitFor();
    await button('Next record').click();
    await page.getByText('4 of 13').waitFor();
    await until('record', list[3], () => page.locator('h1').textContent());
    await page.keyboard.press('k');
    await page.keyboard.press('k');
    await until('record', list[1], () => page.locator('h1').textContent());
    await page.locator('.crumb').click();
    await until('rows', list, names);
    await visit(page, '/contacts');
    await page.locator('.page-body').evaluate((b) => { b.scrollTop = 400; });
    await page.locator('table.table tbody th a').nth(25).click();
    await settled(page);
    await page.goBack();
    await settled(page);
    equal(await page.locator('.page-body').evaluate((b) => b.scrollTop), 400, 'scroll after back');
});

await flow('list__walks_over_the_end_of_a_page', async () => {
    await visit(page, '/contacts');
    const last = (await names()).at(-1);
    await page.getByRole('link', { name: last, exact: true }).click();
    await page.getByText('50 of 130').waitFor();
    await button('Next record').click();
    await page.getByText('51 of 130').waitFor();
});

await flow('list__walks_back_over_the_beginning_of_a_page', async () => {
    await visit(page, '/contacts');
    const last = (await names()).at(-1);
    await turn('Next').click();
    await until('place', '51–100 of 130', pager);
    await settled(page);
    await page.locator('table.table tbody th a').first().click();
    await page.getByText('51 of 130').waitFor();
    await button('Previous record').click();
    await page.getByText('50 of 130').waitFor();
    await until('record', last, () => page.locator('h1').textContent());
    await page.reload();
    await settled(page);
    await page.getByText('50 of 130').waitFor();
    await button('Next record').click();
    await page.getByText('51 of 130').waitFor();
});

await flow('list__says_when_it_is_empty', async () => {
    await visit(page, '/products');
    await page.getByText('No products yet').waitFor();
    await button('Add the first one').click();
    await page.locator('dialog').waitFor();
    await page.keyboard.press('Escape');
    await visit(page, '/contacts?q=zzz');
    await page.getByText('Nothing matches').waitFor();
    await button('Clear filters').click();
    await until('rows', 50, async () => (await names()).length);
});

await flow('list__says_when_the_server_fails', async () => {
    page.expected = /status of 500/;
    const broken = (route) => route.fulfill({ status: 500, contentType: 'application/json', body: '{"error":{"code":"internal","text":"The disk is on fire.","fields":[]}}' });
    await page.route('**/api/v1/contacts?*', broken);
    await page.goto('/contacts?q=abel');
    await page.getByText('The list could not be loaded').waitFor();
    await page.getByText('The disk is on fire. Your filters are kept.').waitFor();
    await page.unroute('**/api/v1/contacts?*', broken);
    await button('Try again').click();
    await until('rows', 13, async () => (await names()).length);
    page.expected = null;
});

await flow('list__says_what_is_wrong_with_an_own_filter', async () => {
    page.expected = /status of 4/;
    await page.goto('/contacts?filter=cty%20%3D%20%22Kiel%22');
    await page.getByText('city').first().waitFor();
    await page.getByText('The list could not be loaded').waitFor();
    await button('Remove this condition').click();
    await until('rows', 50, async () => (await names()).length);
    page.expected = null;
});

await flow('list__saves_a_view_as_tab', async () => {
    await visit(page, '/companies?f.city=has:Kiel&sort=-employees');
    await button('Save view').click();
    await page.getByLabel('Name of the view').fill('Kiel firms');
    await page.locator('.popover').getByRole('button', { name: 'Save view' }).click();
    await until('tab', true, async () => ((await page.locator('.viewtabs [aria-current=page]').textContent()) ?? '').startsWith('Kiel firms'));
    await settled(page);
    equal((await names())[0], (await k.api('GET', '/companies?limit=1&sort=-employees&filter=city%20contains%20"Kiel"')).json.items[0].title);
    await page.locator('.viewtabs').getByRole('link').first().click();
    await until('count', '60', () => page.locator('.page-count').textContent());
    await page.getByRole('link', { name: 'Kiel firms' }).click();
    await until('count', '15', () => page.locator('.page-count').textContent());
    await button('More for this view').click();
    await page.getByRole('menuitem', { name: 'Pin to sidebar' }).click();
    await page.locator('.sidebar').getByRole('link', { name: 'Kiel firms' }).waitFor();
    await button('More for this view').click();
    await page.getByRole('menuitem', { name: 'Delete this view' }).click();
    await page.locator('.viewtabs').getByRole('link', { name: 'Kiel firms' }).waitFor({ state: 'detached' });
});

await flow('list__tells_a_member_that_the_file_holds_less', async () => {
    const member = await open(k, { as: MEMBER });
    await visit(member, '/contacts?q=abel');
    const total = await member.locator('.page-count').textContent();
    const [file] = await Promise.all([member.waitForEvent('download'), member.locator('.page-head').getByRole('link', { name: 'Export' }).click()]);
    const { readFileSync } = await import('node:fs');
    const lines = readFileSync(await file.path(), 'utf8').trim().split(/\r?\n/).length - 1;
    assert(lines < Number(total), `${lines} of ${total} in the file`);
    await member.locator('.toast').getByText(`${lines} of ${total} are exported: your role allows no others.`).waitFor();
    await member.context().close();
});

await flow('list__a_saved_view_of_everything_stands_beside_the_one_of_all', async () => {
    await visit(page, '/contacts?sort=job_title');
    await button('Save view').click();
    await page.getByLabel('Name of the view').fill('By job');
    await page.locator('.popover').getByRole('button', { name: 'Save view' }).click();
    const tabs = page.locator('.viewtabs').getByRole('link');
    await until('tab', true, async () => ((await page.locator('.viewtabs [aria-current=page]').textContent()) ?? '').startsWith('By job'));
    await until('the first tab', 'All contacts', async () => (await tabs.first().textContent()).trim());
    await tabs.first().click();
    await until('order', await titles('sort=title'), names);
    await page.locator('.viewtabs').getByRole('link', { name: 'By job' }).click();
    await until('order', await titles('sort=job_title'), names);
    await button('More for this view').click();
    await page.getByRole('menuitem', { name: 'Delete this view' }).click();
});

await flow('list__exports_what_it_shows', async () => {
    await visit(page, '/contacts?q=abel');
    const [file] = await Promise.all([page.waitForEvent('download'), page.locator('.page-head').getByRole('link', { name: 'Export' }).click()]);
    const { readFileSync } = await import('node:fs');
    const lines = readFileSync(await file.path(), 'utf8').trim().split(/\r?\n/);
    equal(lines.length, 14, 'lines of the file');
    assert(lines[0].includes(',') && !lines[0].includes(';'), lines[0]);
    await visit(page, '/profile');
    await page.getByRole('group', { name: 'Exports' }).getByRole('button', { name: 'Semicolons' }).click();
    await visit(page, '/contacts?q=abel');
    const [other] = await Promise.all([page.waitForEvent('download'), page.locator('.page-head').getByRole('link', { name: 'Export' }).click()]);
    equal(readFileSync(await other.path(), 'utf8').trim().split(/\r?\n/)[0], lines[0].replaceAll(',', ';'), 'columns');
});

await flow('list__exports_in_its_order_and_columns', async () => {
    await visit(page, '/contacts?q=abel&sort=-title&cols=job_title');
    const { readFileSync } = await import('node:fs');
    for (const ticked of [false, true]) {
        if (ticked) await page.getByRole('checkbox', { name: 'Select all on this page' }).check();
        const bar = page.locator(ticked ? '.bulkbar' : '.page-head');
        const [file] = await Promise.all([page.waitForEvent('download'), bar.getByRole('link', { name: 'Export' }).click()]);
        const rows = readFileSync(await file.path(), 'utf8').replace('\uFEFF', '').trim().split(/\r?\n/).map((line) => line.replaceAll('"', '').split(/[,;]/));
        equal(rows[0], ['title', 'job_title'], 'columns of the file');
        equal(rows.slice(1).map((row) => row[0]), await names(), 'order of the file');
    }
});

await flow('list__on_a_phone', async () => {
    const phone = await open(k, { phone: true });
    await visit(phone, '/contacts?q=abel');
    await until('rows', 13, () => phone.locator('.list-cards > li').count());
    await phone.locator('.list-cards a').first().click();
    await until('record', 'Anna Abel', () => phone.locator('h1').textContent());
    await phone.getByRole('button', { name: 'Next record' }).tap();
    await until('next record', 'Bela Abel', () => phone.locator('h1').textContent());
    await phone.getByRole('button', { name: 'Previous record' }).tap();
    await until('record before', 'Anna Abel', () => phone.locator('h1').textContent());
    await visit(phone, '/contacts?q=abel');
    await phone.getByRole('button', { name: 'View options' }).tap();
    await phone.locator('summary', { hasText: 'Columns' }).tap();
    await phone.getByRole('button', { name: 'Move Job title up' }).tap();
    equal(await axe(phone), [], 'axe');
    await phone.keyboard.press('Escape');
    await until('second line', true, async () => (await phone.locator('.list-cards li').first().textContent()).includes('Buyer'));
    await phone.getByRole('button', { name: 'View options' }).tap();
    await phone.locator('summary', { hasText: 'Columns' }).tap();
    await phone.getByRole('button', { name: 'Reset columns' }).tap();
    await phone.keyboard.press('Escape');
    await phone.getByRole('button', { name: 'Filter', exact: true }).click();
    const sheet = phone.locator('dialog.filter-builder');
    await sheet.getByLabel('Field', { exact: true }).selectOption('city');
    await sheet.getByLabel('Value').fill('Kiel');
    await sheet.getByRole('button', { name: 'Apply' }).click();
    await until('rows', true, async () => { const n = await phone.locator('.list-cards > li').count(); return n > 0 && n < 13; });
    await phone.context().close();
});

await flow('list__on_a_phone_is_selected', async () => {
    const phone = await open(k, { phone: true });
    const bar = phone.locator('.bulkbar');
    const select = async () => {
        await phone.getByRole('button', { name: 'View options' }).tap();
        await phone.getByRole('button', { name: 'Select records' }).tap();
        await bar.waitFor();
    };
    const tap = (name) => phone.locator('.list-cards b', { hasText: name }).tap();
    const city = async (name) => (await k.api('GET', `/contacts/${await find(k, 'contacts', name)}`)).json.city;
    await visit(phone, '/contacts?q=abel');
    await select();
    equal(await bar.getByRole('button').allTextContents().then((all) => all.filter(Boolean)), ['Select all on this page'], 'actions for nothing');
    await tap('Anna Abel');
    await tap('Bela Abel');
    await tap('Bela Abel');
    await tap('Clara Abel');
    await until('selected', '2 selected', () => bar.locator('.num').textContent());
    equal(await axe(phone), [], 'axe');
    equal(await phone.evaluate(() => [...document.querySelectorAll('.bulkbar button, .list-cards label')].filter((b) => b.checkVisibility() && b.getBoundingClientRect().height < 44).length), 0, 'small targets');
    const before = [await city('Anna Abel'), await city('Bela Abel')];
    await bar.getByRole('button', { name: 'Set field' }).tap();
    await phone.locator('dialog').getByLabel('Field', { exact: true }).selectOption('city');
    await phone.locator('dialog').getByRole('textbox', { name: 'New value' }).fill('Husum');
    await phone.getByRole('button', { name: 'Change 2 contacts' }).tap();
    await until('cities', ['Husum', before[1], 'Husum'], async () => [await city('Anna Abel'), await city('Bela Abel'), await city('Clara Abel')]);
    await bar.waitFor({ state: 'detached' });
    await undo(phone, 'City set for 2 records');
    await until('city', before[0], () => city('Anna Abel'));
    await select();
    await bar.getByRole('button', { name: 'Select all on this page' }).tap();
    await until('selected', '13 selected', () => bar.locator('.num').textContent());
    await bar.getByRole('button', { name: 'Clear selection' }).tap();
    await until('boxes', 0, () => phone.locator('.list-cards input').count());
    await phone.locator('.list-cards a').first().tap();
    await until('record', 'Anna Abel', () => phone.locator('h1').textContent());
    await phone.context().close();
});

await flow('list__has_no_ticks_for_those_who_only_read', async () => {
    for (const phone of [false, true]) {
        const reader = await open(k, { as: READER, phone });
        await visit(reader, '/contacts?q=abel');
        await until('boxes', 0, () => reader.locator('.page-body input[type=checkbox]').count());
        if (phone) {
            await reader.getByRole('button', { name: 'View options' }).tap();
            await until('Select', 0, () => reader.getByRole('button', { name: 'Select records' }).count());
        } else {
            await reader.getByRole('link', { name: 'Anna Abel' }).focus();
            await reader.keyboard.press('ArrowRight');
            await reader.keyboard.press(' ');
            await until('bars', 0, () => reader.locator('.bulkbar').count());
        }
        await reader.context().close();
    }
});

await flow('list__says_what_was_refused', async () => {
    const member = await open(k, { as: MEMBER });
    await visit(member, '/companies');
    const tick = (n) => member.locator('tbody input[type=checkbox]').nth(n).click();
    await tick(0);
    await tick(1);
    await member.locator('.bulkbar').getByRole('button', { name: 'Delete' }).click();
    await member.locator('.toast-bad').getByText(/^2 records were left as they were\. .*may not/).waitFor();
    await until('messages', 1, () => member.locator('.toast').count());
    equal((await k.api('GET', '/companies?limit=1')).json.count, 60, 'companies');
    await member.context().close();
});

await flow('list__opens_with_what_is_to_do', async () => {
    const due = (n) => new Date(Date.now() + n * 864e5).toISOString().replace(/\.\d+Z$/, 'Z');
    for (const [subject, days, done] of [['Late', -3], ['Long done', -700, -699], ['Soon', 2], ['Now', 0.01]]) {
        await k.api('POST', '/activities', { kind: 'task', subject, due: due(days), done_at: done ? due(done) : undefined });
    }
    await visit(page, '/activities');
    await until('value', ['Late', 'Now', 'Soon'], names);
    equal(await page.locator('.viewtabs [aria-current=page]').textContent().then((s) => s.trim()), 'To do 3');
    const late = async (where) => (await where.allTextContents()).map((s) => s.replace(/, \d\d:\d\d/, ''));
    await until('marks', ['3 days ago, Overdue'], () => late(page.locator('table .late')));
    await page.getByRole('columnheader', { name: 'Subject' }).waitFor();
    await page.getByRole('link', { name: 'All activities' }).click();
    await until('rows', ['Late', 'Long done', 'Now', 'Soon'], async () => (await names()).sort());
    await page.getByRole('link', { name: /^To do/ }).click();
    await until('rows', ['Late', 'Now', 'Soon'], names);
    const phone = await open(k, { phone: true });
    await visit(phone, '/activities');
    await until('marks on a phone', ['3 days ago, Overdue'], () => late(phone.locator('.list-cards .late')));
    await phone.context().close();
});

await flow('list__asks_before_it_deletes_more_than_a_screenful', async () => {
    load(k, 'product', Array.from({ length: 30 }, (_, i) => ({ name: `Thing ${i + 1}`, price: 10 + i })));
    const count = async () => (await k.api('GET', '/products?limit=1')).json.count;
    const drop = () => page.locator('.bulkbar').getByRole('button', { name: 'Delete' }).click();
    await visit(page, '/products');
    await page.getByRole('checkbox', { name: 'Select all on this page' }).click();
    await drop();
    await page.getByRole('dialog', { name: 'Delete', exact: true }).waitFor();
    await button('Delete 30 products').waitFor();
    equal(await axe(page), []);
    equal(await page.evaluate(() => document.activeElement.textContent.trim()), 'Cancel', 'focus');
    await page.keyboard.press('Escape');
    await page.locator('dialog').waitFor({ state: 'detached' });
    equal(await count(), 30, 'products after Esc');
    await page.clock.install();
    await drop();
    await button('Delete 30 products').click();
    const message = page.locator('.toast', { hasText: '30 records moved to the bin' });
    await message.waitFor();
    equal(await count(), 0, 'products');
    await page.clock.fastForward(15000);
    await until('messages after 15 s', 1, () => message.count());
    await message.hover();
    await page.clock.fastForward(20000);
    await until('messages under the pointer', 1, () => message.count());
    await page.mouse.move(10, 10);
    await page.clock.fastForward(2000);
    await message.waitFor({ state: 'detached' });
    await page.clock.resume();
    await page.getByRole('heading', { name: 'All products are in the bin' }).waitFor();
    await page.getByText('30 records are kept there until').waitFor();
    await page.getByRole('link', { name: 'Open the bin' }).click();
    await page.waitForURL('**/trash?kind=product');
});

await flow('bin__restores_what_is_ticked', async () => {
    const company = await find(k, 'companies', 'Moor Werft GmbH');
    await k.api('DELETE', `/companies/${company}`);
    await visit(page, '/trash?kind=company');
    await until('companies', 1, () => page.locator('.bin-table tbody tr').count());
    await page.getByLabel('Kind').selectOption('Everything');
    const all = (await k.api('GET', '/trash')).json.items.length;
    const rows = (n) => until('rows', n, () => page.locator('.bin-table tbody tr').count());
    await rows(all);
    await box('Thing 3').click();
    await box('Moor Werft GmbH').click();
    await button('Restore selected').click();
    await page.locator('.toast', { hasText: '2 records are back' }).waitFor();
    equal(await find(k, 'companies', 'Moor Werft GmbH'), company, 'company');
    await rows(all - 2);
    await undo(page, '2 records are back');
    await rows(all);
    await page.getByRole('checkbox', { name: 'Select all on this page' }).click();
    equal(await axe(page), []);
    await button('Restore selected').click();
    await page.getByText('The bin is empty').waitFor();
    equal((await k.api('GET', '/products?limit=1')).json.count, 30, 'products');
});

await flow('bin__says_what_stays_there', async () => {
    await k.api('POST', '/products/bulk', { filter: 'price < 12', delete: true });
    await visit(page, '/trash?kind=product');
    await page.route('**/products/bulk', (r) => r.fulfill({ status: 200, contentType: 'application/json', body: '{"changed":1,"change":null,"errors":[{"id":7,"text":"The name is taken."}]}' }));
    await page.getByRole('checkbox', { name: 'Select all on this page' }).click();
    await button('Restore selected').click();
    await page.locator('.toast-bad', { hasText: '1 record stays in the bin. The name is taken.' }).waitFor();
    await page.locator('.toast', { hasText: '1 record is back' }).waitFor();
    await page.unroute('**/products/bulk');
});
await finish();
