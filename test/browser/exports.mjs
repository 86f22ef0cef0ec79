#!/usr/bin/env node
/*
 * Lists as files: each format of the menu holds the rows, order and columns of the list, those of linked
 * records too; what the role keeps back is said; the page of exports tells who took what out.
 */
import { readFileSync } from 'node:fs';
import { Kontor, open, visit, until, axe, test, assert, equal, finish } from './harness.mjs';
import { seed, MEMBER } from './seed.mjs';

const ROLES = `shy:\n  label: Shy\n  entities:\n    '*': {see: all, export: all}\n    company: {see: all, export: none}\n`;
const k = await Kontor.make({ 'roles.yaml': ROLES });
await seed(k);
k.addUser('shy@example.com', 'shy');
const page = await open(k);
const flow = (name, run) => test(name, run, page);
const LIST = '/contacts?q=abel&sort=-title&cols=job_title,company,company.city';

/** Downloads by the menu beside Export, or by Export itself; the bytes and the name of the file. */
async function take(item, p = page) {
    const bar = p.locator('.page-head');
    const file = p.waitForEvent('download');
    if (item) {
        await bar.getByRole('button', { name: 'Export as another file' }).click();
        await p.getByRole('menuitem', { name: item }).click();
    } else await bar.getByRole('link', { name: 'Export' }).click();
    const got = await file;
    return [readFileSync(await got.path()), got.suggestedFilename()];
}
const cells = (bytes) => bytes.toString('utf8').replace('\uFEFF', '').trim().split(/\r?\n/).map((line) => line.replaceAll('"', '').split(/[,;]/));
const shown = (p = page) => p.locator('.table tbody tr').evaluateAll((rows) => rows.map((r) => [...r.querySelectorAll('th, td:not(.cell-pick)')].map((c) => c.textContent.trim())));
const names = (rows) => rows.map((r) => r[0].replace(/^[A-ZÄÖÜ]{1,2}(?=[A-Z])/, ''));

await flow('exports__csv_holds_what_the_list_shows', async () => {
    await visit(page, LIST);
    const list = await shown();
    const [bytes, name] = await take();
    const rows = cells(bytes);
    equal(name, 'contacts.csv');
    equal(rows[0], ['title', 'job_title', 'company', 'company.city'], 'columns');
    equal(rows.length - 1, 13, 'rows');
    equal(rows.slice(1).map((r) => r.slice(1)), list.map((r) => r.slice(1)), 'cells');
    equal(rows.slice(1).map((r) => r[0]), names(list), 'order');
});

await flow('exports__each_format_of_the_menu', async () => {
    await page.locator('.page-head').getByRole('button', { name: 'Export as another file' }).click();
    equal(await axe(page), [], 'axe');
    await page.keyboard.press('Escape');
    const [book, bookName] = await take('Excel workbook');
    equal([book.subarray(0, 2).toString(), bookName], ['PK', 'contacts.xlsx']);
    const [cards, cardsName] = await take('vCards');
    equal([cards.toString().match(/BEGIN:VCARD/g).length, cardsName], [13, 'contacts.vcf']);
    const [lines, linesName] = await take('JSON, a line for each');
    const records = lines.toString().trim().split('\n').map((line) => JSON.parse(line));
    equal([records.length, linesName, Object.keys(records[0])], [13, 'contacts.ndjson', ['title', 'job_title', 'company', 'company.city']]);
    await visit(page, '/deals?mode=list&filter=amount%20%3E%205000');
    await page.locator('.page-head').getByRole('button', { name: 'Export as another file' }).click();
    await until('cards of deals', 0, () => page.getByRole('menuitem', { name: 'vCards' }).count());
    await page.keyboard.press('Escape');
});

await flow('exports__by_keyboard', async () => {
    await visit(page, LIST);
    const button = page.locator('.page-head').getByRole('button', { name: 'Export as another file' });
    await button.focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('ArrowDown');
    const file = page.waitForEvent('download');
    await page.keyboard.press('Enter');
    equal((await file).suggestedFilename(), 'contacts.vcf');
    assert(await button.evaluate((b) => b === document.activeElement), 'focus is elsewhere');
});

await flow('exports__says_what_is_kept_back', async () => {
    const shy = await open(k, { as: 'shy@example.com' });
    await visit(shy, LIST);
    const [bytes] = await take(null, shy);
    equal(cells(bytes)[0], ['title', 'job_title', 'company'], 'columns');
    await shy.locator('.toast').getByText('Without Company · City: your role may not export these.').waitFor();
    await shy.context().close();
    const member = await open(k, { as: MEMBER });
    await visit(member, LIST);
    const [own] = await take(null, member);
    equal(cells(own), [['title', 'job_title', 'company', 'company.city']], 'rows of a member who owns none');
    await member.locator('.toast').getByText('Of linked records the file holds what your role may export').waitFor();
    await member.context().close();
});

await flow('exports__on_a_phone', async () => {
    const phone = await open(k, { phone: true });
    await visit(phone, LIST);
    await phone.getByRole('button', { name: 'View options' }).tap();
    await phone.getByRole('button', { name: 'Export as another file' }).tap();
    equal(await axe(phone), [], 'axe');
    const cards = phone.waitForEvent('download');
    await phone.getByRole('menuitem', { name: 'vCards' }).tap();
    equal((await cards).suggestedFilename(), 'contacts.vcf');
    await phone.keyboard.press('Escape');
    await phone.getByRole('button', { name: 'View options' }).tap();
    await phone.getByRole('button', { name: 'Select records' }).tap();
    await phone.locator('.list-cards b').first().tap();
    const one = phone.waitForEvent('download');
    await phone.locator('.bulkbar').getByRole('link', { name: 'Export' }).tap();
    equal(cells(readFileSync(await (await one).path())).length, 2, 'lines of one record');
    await phone.context().close();
});

await flow('exports__are_listed_with_filter_and_number', async () => {
    await visit(page, '/settings/status');
    const log = page.locator('.table-scroll[aria-labelledby=export-log]');
    await log.waitFor();
    const rows = await log.locator('tbody tr').evaluateAll((all) => all.map((tr) => [...tr.cells].slice(1).map((c) => c.textContent.trim())));
    equal(rows.slice(0, 5).map((r) => [r[0], r[2], r[3]]), [['admin', '1', 'CSV'], ['admin', '13', 'vCard'], ['max', '0', 'CSV'], ['shy', '13', 'CSV'], ['admin', '13', 'vCard']], 'the newest first');
    equal(rows.map((r) => r[3]).slice(4), ['vCard', 'NDJSON', 'vCard', 'XLSX', 'CSV'], 'formats');
    equal([...new Set(rows.slice(1).map((r) => `${r[1]} ${r[4]}`))], ['Contacts found("abel")'], 'what and by which filter');
    assert(rows[0][4].startsWith('id in ('), rows[0][4]);
    equal(await axe(page), [], 'axe');
    await page.route('**/api/v1/exports*', (r) => r.abort());
    page.expected = /net::ERR|Failed to load/;
    await page.reload();
    await page.getByText('The list of exports could not be loaded').waitFor();
    await page.unroute('**/api/v1/exports*');
    await page.getByRole('button', { name: 'Try again' }).click();
    await until('rows', rows.length, () => log.locator('tbody tr').count());
    page.expected = null;
});
await finish();
