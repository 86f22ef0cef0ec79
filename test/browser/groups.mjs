#!/usr/bin/env node
/*
 * A list by groups: counts and sums of the whole filter, opened and closed, records edited, ticked and
 * walked through in them, kept in a saved view; on a phone.
 */
import { Kontor, open, visit, settled, until, axe, test, assert, equal, finish } from './harness.mjs';
import { seed } from './seed.mjs';

const k = await Kontor.make();
await seed(k);
const page = await open(k);
const flow = (name, run) => test(name, run, page);

const heads = (p = page) => p.locator('.group-toggle:visible').allTextContents();
const toggle = (n, p = page) => p.locator('.group-toggle').nth(n);
const names = () => page.locator('table.table tbody th a').allTextContents();
const groupBy = async (name) => {
    await page.getByRole('button', { name: /^Group$|^By / }).click();
    await page.getByRole('menuitemcheckbox', { name, exact: true }).click();
    await settled(page);
};

await flow('group__tells_counts_and_sums', async () => {
    await visit(page, '/deals?mode=list');
    await groupBy('Stage');
    await until('groups', ['Enquiry10', 'Qualified10', 'Proposal10', 'Negotiation10'], () => heads());
    const { json } = await k.api('GET', '/deals?limit=1&group=stage');
    const sum = json.groups.find((g) => g.value === 'enquiry').sums.amount;
    const said = (await page.locator('.group-sums').first().textContent()).replace(/[^\d]/g, '');
    equal(said, String(Math.round(Number(sum))), 'sum of the first group');
    equal((await names()).length, 10, 'records of the open group');
    equal(await axe(page), [], 'axe');
    await page.getByRole('searchbox', { name: 'Find in this view' }).fill('Order 1');
    await until('of a filter', true, async () => (await heads()).reduce((all, h) => all + Number(h.replace(/\D/g, '')), 0) < 20);
});

await flow('group__heads_are_called_what_people_call_them', async () => {
    const fits = async (name, wanted) => { await groupBy(name); await until(name, wanted, async () => (await heads()).slice(0, wanted.length)); };
    const lost = (await k.api('GET', '/deals?filter=stage%20%3D%20%22proposal%22&limit=2')).json.items;
    for (const d of lost) { await k.api('PATCH', `/deals/${d.id}`, { stage: 'lost', lost_reason: 'no_need', competitor: 'Rival Ltd' }); }
    await visit(page, '/deals?mode=list&f.stage=in:lost');
    await fits('Lost in the stage', ['Proposal2']);
    await fits('Reason for losing', ['No need2']);
    await fits('Lost to', ['Rival Ltd2']);
    await page.getByRole('link', { name: lost[0].name, exact: true }).waitFor();
    await visit(page, '/deals?mode=list');
    await groupBy('Company');
    const company = (await k.api('GET', '/deals?group=company&limit=1')).json.groups[0];
    await until('company', true, async () => (await heads())[0] === `${company.value?.title ?? 'Without Company'}${company.count}`);
    for (const d of lost) { await k.api('PATCH', `/deals/${d.id}`, { stage: 'proposal' }); }
    await visit(page, '/companies?mode=list');
    await groupBy('City');
    await until('cities', ['Flensburg15', 'Hamburg15', 'Kiel15', 'Rostock15'], async () => (await heads()).sort());
});

await flow('group__opens_and_closes_by_keys', async () => {
    await visit(page, '/deals?mode=list&group=stage');
    await toggle(0).focus();
    await page.keyboard.press('Enter');
    await until('rows', 0, async () => (await names()).length);
    await toggle(1).focus();
    await page.keyboard.press('Enter');
    await until('rows', 10, async () => (await names()).length);
    equal(await toggle(1).getAttribute('aria-expanded'), 'true');
    const cell = page.locator('td[data-cell$=" amount"]').first();
    await cell.focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowUp');
    await until('focus', true, () => cell.evaluate((c) => c === document.activeElement));
});

await flow('group__records_are_ticked_and_walked_through', async () => {
    const [first] = await names();
    await page.getByRole('checkbox', { name: `Select ${first}`, exact: true }).click();
    await until('ticked', '1 selected', () => page.locator('.bulkbar .num').textContent());
    await page.getByRole('button', { name: 'Clear selection' }).click();
    await page.getByRole('link', { name: first, exact: true }).click();
    await page.getByText('1 of 10').waitFor();
    await page.goBack();
    await settled(page);
    await until('what was open', ['false', 'true'], () => page.locator('.group-toggle:visible').evaluateAll((all) => all.slice(0, 2).map((x) => x.getAttribute('aria-expanded'))));
});

await flow('group__by_month_and_by_person', async () => {
    await visit(page, '/deals?mode=list');
    await groupBy('Expected close (month)');
    const { json } = await k.api('GET', '/deals?limit=1&group=close_date:month');
    await until('groups', json.groups.length, async () => (await heads()).length);
    const months = await heads();
    assert(/^[A-Z][a-z]+ 20\d\d\d+$/.test(months[0]), months[0]);
    const n = Number(months.at(-1).replace(/^.* 20\d\d/, ''));
    await toggle(months.length - 1).click();
    await until('rows', true, async () => (await names()).length >= n);
    await groupBy('Owner');
    await until('groups', ['admin40'], async () => (await heads()).map((h) => h.replace(/^A(?=admin)/, '')));
    await page.getByRole('button', { name: 'Show all 40' }).click();
    await until('rows', 40, async () => (await names()).length);
    assert(page.url().includes('filter=owner'), page.url());
});

await flow('group__is_kept_in_a_view', async () => {
    await visit(page, '/companies?group=country');
    await page.getByRole('button', { name: 'Save view', exact: true }).click();
    await page.getByLabel('Name of the view').fill('By country');
    await page.locator('.popover').getByRole('button', { name: 'Save view' }).click();
    await until('view', true, async () => page.url().includes('view=') && !page.url().includes('group='));
    await settled(page);
    if ((await heads()).length) {
        await groupBy('Not grouped');
        await until('rows', 50, async () => (await names()).length);
    }
});

await flow('group__on_a_phone', async () => {
    const phone = await open(k, { phone: true, dark: true });
    await visit(phone, '/deals?mode=list');
    await phone.getByRole('button', { name: 'View options' }).tap();
    await phone.getByLabel('Group by').selectOption('stage');
    await phone.keyboard.press('Escape');
    await until('groups', 4, async () => (await heads(phone)).length);
    await until('rows', 10, () => phone.locator('.list-cards li:visible').count());
    equal(await axe(phone), [], 'axe');
    await phone.context().close();
});
await finish();
