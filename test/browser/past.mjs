#!/usr/bin/env node
/*
 * Looking at a past day: every list and every record can be seen as it was, keeps the day in the
 * address while one walks from record to record, changes nothing, and finds the way back.
 */
import { readFileSync } from 'node:fs';
import { ADMIN, open, visit, settled, until, undo, axe, test, equal, finish, day } from './harness.mjs';
import { aged, find } from './seed.mjs';

const THEN = day(-20);
const k = await aged({}, 40, [
    ['company', [{ name: 'Elb Werft', city: 'Hamburg', owner: ADMIN }]],
    ['contact', ['Anna', 'Bela', 'Clara'].map((first_name) => ({
        first_name, last_name: 'Abel', job_title: 'Buyer', company: 'Elb Werft', owner: ADMIN,
    }))],
    ['deal', [{ name: 'Crane', company: 'Elb Werft', pipeline: 'sales', stage: 'enquiry', amount: 5000, owner: ADMIN }]],
]);
const company = `/companies/${await find(k, 'companies', 'Elb Werft')}`;
const anna = `/contacts/${await find(k, 'contacts', 'Anna Abel')}`;
const deal = `/deals/${await find(k, 'deals', 'Crane')}`;
await k.api('PATCH', anna, { job_title: 'Director', last_name: 'Brandt' });
await k.api('POST', '/contacts', { first_name: 'Dirk', last_name: 'Dahl' });
await k.api('DELETE', `/contacts/${await find(k, 'contacts', 'Clara Abel')}`);
await k.api('PATCH', deal, { stage: 'won' });
await k.api('POST', '/notes', { text: 'Written today.', links: [{ entity: 'company', id: Number(company.split('/')[2]) }] });

const page = await open(k);
const flow = (name, run) => test(name, run, page);
const button = (name) => page.getByRole('button', { name, exact: true });
const names = () => page.locator('table.table tbody th a').allTextContents();
const lines = async (file) => readFileSync(await file.path(), 'utf8').replace('\uFEFF', '').trim().split(/\r?\n/);
const banner = () => page.getByText('Nothing can be changed here');
const detail = (label) => page.locator('.detail', { has: page.locator('dt', { hasText: new RegExp(`^${label}$`) }) }).locator('dd');

async function choose(opener, when) {
    await button(opener).click();
    await page.getByLabel('Show it as it was on').fill(when);
    await button('Show').click();
    await banner().waitFor();
    await settled(page);
}

await flow('past__a_list_shows_a_past_day', async () => {
    await visit(page, '/contacts');
    await until('today', ['Bela Abel', 'Anna Brandt', 'Dirk Dahl'], names);
    await choose('As of', THEN);
    await until('then', ['Anna Abel', 'Bela Abel', 'Clara Abel'], names);
    equal(new URL(page.url()).searchParams.get('as_of'), THEN, 'day in the address');
    equal(await page.locator('td[data-cell$=" job_title"]').first().textContent(), 'Buyer');
    await until('ways to change it', 0, () => page.locator('.cell-edit, .cell-pick, .new-button').count());
    const [file] = await Promise.all([page.waitForEvent('download'), page.locator('.page-head').getByRole('link', { name: 'Export' }).click()]);
    equal((await lines(file)).slice(1).map((line) => line.split(',')[0].replaceAll('"', '')), ['Anna Abel', 'Bela Abel', 'Clara Abel'], 'names in the file');
    equal(await axe(page), [], 'axe');
    await page.reload();
    await settled(page);
    await until('after reload', ['Anna Abel', 'Bela Abel', 'Clara Abel'], names);
    await button('Back to today').click();
    await until('today', ['Bela Abel', 'Anna Brandt', 'Dirk Dahl'], names);
    await page.locator('.cell-pick').first().waitFor();
});

await flow('past__filters_and_sorts_by_what_was', async () => {
    await visit(page, `/contacts?as_of=${THEN}&f.job_title=has:Buyer&sort=-title`);
    await until('value', ['Clara Abel', 'Bela Abel', 'Anna Abel'], names);
    await visit(page, `/contacts?as_of=${day(-60)}`);
    await page.getByText('Nothing was there yet').waitFor();
});

await flow('past__a_record_shows_a_past_day', async () => {
    await visit(page, anna);
    equal(await page.locator('h1').textContent(), 'Anna Brandt');
    await choose('As of a past day', THEN);
    await until('name', 'Anna Abel', () => page.locator('h1').textContent());
    equal(await detail('Job title').textContent(), 'Buyer');
    await until('ways to change it', 0, () => page.locator('.detail-edit, .composer, .new-button, .tl-fields').count());
    equal(await axe(page), [], 'axe');
    await detail('Company').getByRole('link').click();
    await page.waitForURL(`**${company}?as_of=${THEN}`);
    await settled(page);
    await until('a note of today', 0, () => page.getByText('Written today.').count());
    await until('people of then', 1, () => page.locator('.rec-rel').getByText('Anna Abel').count());
    await until('stage of then', 1, () => page.locator('.rec-rel').getByText('Enquiry').count());
    await button('Back to today').click();
    await page.getByText('Written today.').waitFor();
    await page.locator('.rec-rel').getByText('Anna Brandt').waitFor();
});

await flow('past__walks_through_the_list_of_that_day', async () => {
    await visit(page, `/contacts?as_of=${THEN}`);
    await page.getByRole('link', { name: 'Anna Abel' }).click();
    await page.getByText('1 of 3').waitFor();
    await button('Next record').click();
    await until('name', 'Bela Abel', () => page.locator('h1').textContent());
    await page.locator('.page-head').getByRole('link', { name: 'Contacts' }).click();
    await until('list', ['Anna Abel', 'Bela Abel', 'Clara Abel'], names);
});

await flow('past__a_state_is_restored_with_undo', async () => {
    await visit(page, `${anna}?as_of=${THEN}`);
    await button('Restore this state').click();
    const asked = page.getByRole('dialog', { name: 'Restore this state' });
    await asked.getByText('Director').waitFor();
    await until('what changes', 'Last name Brandt → Abel|Job title Director → Buyer', async () => (await asked.getByRole('listitem').allInnerTexts()).map((x) => x.replace(/\s+/g, ' ').trim()).join('|'));
    await asked.getByRole('button', { name: 'Restore 2 fields' }).click();
    await until('restored', 'Buyer', async () => (await k.api('GET', anna)).json.job_title);
    await banner().waitFor({ state: 'detached' });
    await until('name', 'Anna Abel', () => page.locator('h1').textContent());
    await undo(page, 'Anna Brandt is as it was on');
    await until('undone', 'Director', async () => (await k.api('GET', anna)).json.job_title);
});

await flow('past__says_that_there_was_no_record', async () => {
    page.expected = /status of 404/;
    await visit(page, `/contacts/${await find(k, 'contacts', 'Dirk Dahl')}?as_of=${THEN}`);
    await page.getByText('There was no such record then').waitFor();
    page.expected = null;
});

await flow('past__a_day_that_is_none_is_today', async () => {
    await visit(page, '/contacts?as_of=2026-13-45');
    equal((await names()).length, 3);
    equal(await banner().count(), 0);
});

await flow('past__the_board_keeps_the_day', async () => {
    await visit(page, `/deals?as_of=${THEN}`);
    await page.getByRole('article', { name: 'Crane' }).getByRole('link').click();
    await page.waitForURL(`**${deal}?as_of=${THEN}`);
    await settled(page);
    equal(await page.locator('.stage-step[aria-current]').textContent().then((s) => s.trim()), 'Enquiry');
    await until('steps that move it', 0, () => page.locator('.stage-step:not(:disabled)').count());
});

await flow('past__on_a_phone', async () => {
    const phone = await open(k, { phone: true });
    await visit(phone, '/contacts');
    await phone.getByRole('button', { name: 'View options' }).tap();
    await phone.getByLabel('Show it as it was on').fill(THEN);
    await phone.getByRole('button', { name: 'Show', exact: true }).tap();
    await phone.locator('.list-cards').getByText('Anna Abel').waitFor();
    equal(await phone.evaluate(() => document.documentElement.scrollWidth > innerWidth), false, 'sideways scroll');
    await phone.context().close();
});
await finish();
