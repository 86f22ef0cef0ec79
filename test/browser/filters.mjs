#!/usr/bin/env node
/*
 * The filter builder: conditions in groups over own, linked and counted fields, the same filter as
 * text and back, chips in words; with keys and on a phone. What it writes finds the same records as
 * the text it was read from.
 */
import { Kontor, open, visit, settled, until, axe, test, assert, equal, finish } from './harness.mjs';
import { seed, MEMBER } from './seed.mjs';

const FIELDS = 'contact:\n  fields:\n    groups: {type: choices, of: [vip, press, local]}\n    first_seen: {type: date}\ndeal:\n  fields:\n    lost_reason: {of: {price: {label: Price, of: {dear: Too expensive, terms: Terms}}, no_reply: No reply, other: Other}}\n';
const k = await Kontor.make({ 'fields.yaml': FIELDS });
await seed(k);
const page = await open(k);
const flow = (name, run) => test(name, run, page);

const builder = (p = page) => p.locator('dialog.filter-builder');
const names = (p = page) => p.locator('table.table tbody th a').allTextContents();
const chips = (p = page) => p.locator('.chip-own .chip-text').allTextContents();
const count = async (plural, filter) => (await k.api('GET', `/${plural}?limit=1&filter=${encodeURIComponent(filter)}`)).json.count;
const filterOf = (p = page) => new URL(p.url()).searchParams.get('filter');
const apply = (p = page) => builder(p).getByRole('button', { name: 'Apply' }).click();
const shown = (n) => until('count', String(n), () => page.locator('.page-count').textContent());

async function build(where) {
    await visit(page, where);
    await page.getByRole('button', { name: 'Filter', exact: true }).click();
    await page.locator('.filter-pick').getByRole('button', { name: 'Groups, linked records, as text …' }).click();
    await builder().getByLabel('Field', { exact: true }).waitFor();
}

await flow('filter__finds_a_branch_of_reasons', async () => {
    const ids = [];
    for (const [name, lost_reason] of [['Roof A', 'dear'], ['Roof B', 'price'], ['Roof C', 'other']]) ids.push((await k.api('POST', '/deals', { name, stage: 'lost', lost_reason })).json.id);
    await build('/deals?mode=list&view=all_deals');
    const row = builder().locator('.fb-row').first();
    await row.getByLabel('Field', { exact: true }).selectOption('source');
    equal(await row.getByLabel('Comparison').locator('option[value="under"]').count(), 0, 'a plain list has no branches');
    await row.getByLabel('Field', { exact: true }).selectOption('lost_reason');
    await row.getByLabel('Comparison').selectOption('under');
    await row.getByLabel('Value').selectOption('price');
    await apply();
    await until('rows', ['Roof A', 'Roof B'], async () => (await names()).sort());
    equal(filterOf(), 'within(lost_reason, "price")');
    await page.reload();
    await until('chips', ['Reason for losing is within Price'], chips);
    await visit(page, `/deals?mode=list&view=all_deals&filter=${encodeURIComponent('within(lost_reason, "price") or within(lost_reason, "other")')}`);
    await until('both', ['Reason for losing is within Price or Other'], chips);
    await until('rows of both', ['Roof A', 'Roof B', 'Roof C'], async () => (await names()).sort());
    await k.api('POST', '/deals/bulk', { ids, delete: true });
});

await flow('filter__is_built_of_groups_and_linked_fields', async () => {
    await build('/contacts');
    const rows = builder().locator('.fb-row');
    await rows.first().getByLabel('Field', { exact: true }).selectOption('to:company');
    await rows.first().getByLabel('Field of Company').selectOption('city');
    await rows.first().getByLabel('Comparison').selectOption('is');
    await rows.first().getByLabel('Value').fill('Kiel');
    await builder().getByRole('button', { name: 'Add group' }).click();
    const group = builder().locator('.fb-group .fb-group');
    await group.getByLabel('Field', { exact: true }).selectOption('job_title');
    await group.getByLabel('Value').fill('Owner');
    await group.getByRole('button', { name: 'Add group' }).click();
    const inner = group.locator('.fb-group');
    await inner.getByLabel('Field', { exact: true }).selectOption('first_name');
    await inner.getByLabel('Value').fill('anna');
    await inner.getByRole('button', { name: 'Add condition' }).click();
    const last = inner.locator('.fb-row').nth(1);
    await last.getByLabel('Field', { exact: true }).selectOption('created_at');
    await last.getByLabel('Comparison').selectOption('last');
    equal(await axe(page), [], 'axe');
    const wanted = 'company.city = "Kiel" and (job_title contains "Owner" or (first_name contains "anna" and (created_at >= today() - 14 days and created_at < today() + 1 days)))';
    const n = await count('contacts', wanted);
    assert(n > 0 && n < 130, `${n} fit`);
    await until('figure', `${n} contacts`, () => builder().getByRole('status').textContent());
    await apply();
    await shown(n);
    equal(filterOf(), wanted);
    await until('value', ['Company · City is “Kiel”', 'Job title contains “Owner” or (First name contains “anna” and Created in the last 14 days)'], chips);
    await page.reload();
    await settled(page);
    await until('chips of an address', ['Company · City is “Kiel”', 'Job title contains “Owner” or (First name contains “anna” and Created in the last 14 days)'], chips);
    await page.getByRole('button', { name: 'Remove this condition' }).nth(1).click();
    await shown(await count('contacts', 'company.city = "Kiel"'));
    await page.locator('.chip-own .chip-text').click();
    await until('what is there already', 'Kiel', () => builder().getByLabel('Value').inputValue());
    await builder().getByRole('button', { name: 'Clear filters' }).click();
    await shown(130);
});

await flow('filter__counts_and_sums', async () => {
    await build('/companies');
    const row = builder().locator('.fb-row').first();
    await row.getByLabel('Field', { exact: true }).selectOption('list:deals');
    await row.getByLabel('Figure').selectOption('sum.amount');
    await row.getByLabel('Comparison').selectOption('gt');
    await row.getByLabel('Value').fill('5000');
    await row.getByRole('button', { name: 'Only some of them' }).click();
    const inner = builder().locator('.fb-group .fb-group');
    await inner.getByLabel('Field', { exact: true }).selectOption('stage');
    await inner.getByLabel('Value').selectOption('proposal');
    const wanted = 'sum(deals.amount where stage = "proposal") > 5000';
    await until('figure', `${await count('companies', wanted)} companies`, () => builder().getByRole('status').textContent());
    await apply();
    await until('address', wanted, filterOf);
    await until('chips', ['Sum of Amount of deals where (Stage is Proposal) is more than 5,000'], chips);
});

await flow('filter__people_options_and_lists', async () => {
    const max = (await k.api('GET', `/users?filter=email%20%3D%20%22${MEMBER}%22`)).json.items[0];
    await build('/contacts');
    const row = builder().locator('.fb-row').first();
    await row.getByLabel('Field', { exact: true }).selectOption('owner');
    await row.getByRole('button', { name: 'Me' }).click();
    await row.getByRole('combobox', { name: 'Value' }).fill('max');
    await page.getByRole('option', { name: 'max' }).click();
    await builder().getByRole('button', { name: 'Add condition' }).click();
    const tags = builder().locator('.fb-row').nth(1);
    await tags.getByLabel('Field', { exact: true }).selectOption('groups');
    await tags.getByLabel('Comparison').selectOption('none');
    await tags.getByLabel('Value').selectOption('vip');
    await tags.getByLabel('Value').selectOption('press');
    await apply();
    await until('address', `owner in (me, ${max.id}) and not (groups contains "vip" or groups contains "press")`, filterOf);
    await until('chips', ['Owner is Me or max', 'Groups has not vip or press'].map((s) => s.toLowerCase()), async () => (await chips()).map((s) => s.toLowerCase()));
});

/* text, what stands in the rows (or "text" for a row of text) */
const TEXTS = [
    ['city = "Kiel"', 1, 0], ['not (city = "Kiel" or city is empty)', 2, 0], ['city != "Kiel" and (city starts with "R" or not city contains "a")', 3, 0],
    ['company.employees >= 50 and company.employees <= 90', 1, 0], ['company = "Alster Bau GmbH"', 1, 0], ['company.parent.city is empty', 1, 0],
    ['owner in (me) or owner = me', 2, 0], ['not owner = me', 1, 0], ['count(deals) = 0 and count(activities where kind = "call" and done_at is empty) > 0', 4, 0],
    ['created_at >= start_of(month) and created_at < start_of(month) + 1 months', 1, 0], ['created_at < today() - 2 weeks', 1, 0], ['created_at >= "2026-01-01"', 1, 0],
    ['first_seen < today() or first_seen > today() + 3 months', 2, 0], ['groups contains "vip" and groups contains "press"', 1, 0], ['groups contains "vip" or groups contains "press"', 1, 0],
    ['city = job_title', 0, 1], ['created_at + 3 days > now() and city = "Kiel"', 1, 1], ['true', 0, 1],
    ['title contains "a \\"b\\" \\\\ c"', 1, 0], ['phones contains "49" and emails is not empty', 2, 0], ['found("jonas")', 0, 1],
];

await flow('filter__as_text_and_back', async () => {
    await build('/contacts');
    for (const [text, rows, texts] of TEXTS) {
        await builder().getByRole('button', { name: 'As text' }).click();
        await builder().getByLabel('Filter as text').fill(text);
        await builder().getByRole('button', { name: 'Conditions' }).click();
        await builder().locator('.fb-group').first().waitFor();
        equal([await builder().getByLabel('Comparison').count(), await builder().getByLabel('Condition as text').count()], [rows, texts], `rows of ${text}`);
        await builder().getByRole('button', { name: 'As text' }).click();
        const again = await builder().getByLabel('Filter as text').inputValue();
        equal(await count('contacts', again), await count('contacts', text), `${text} became ${again}`);
        await builder().getByRole('button', { name: 'Conditions' }).click();
        await builder().locator('.fb-group').first().waitFor();
        await builder().getByRole('button', { name: 'As text' }).click();
        await until(`second time of ${text}`, again, () => builder().getByLabel('Filter as text').inputValue());
    }
});

await flow('filter__text_that_is_wrong_stays_text', async () => {
    page.expected = /status of 400/;
    await builder().getByLabel('Filter as text').fill('company.cty = "Kiel" and owner = me');
    await builder().getByRole('button', { name: 'Conditions' }).click();
    await builder().getByRole('alert').getByText('do you mean "city"').waitFor();
    await until('the place', 'cty', () => builder().locator('.fb-where mark').textContent());
    await until('stays text', 'true', () => builder().getByRole('button', { name: 'As text' }).getAttribute('aria-pressed'));
    equal(await axe(page), [], 'axe');
    await page.keyboard.press('Escape');
    await builder().waitFor({ state: 'detached' });
    page.expected = null;
});

await flow('filter__of_a_view_is_changed_for_now', async () => {
    await visit(page, '/deals?view=open_deals&mode=list');
    const all = await page.locator('.page-count').textContent();
    await page.getByRole('button', { name: 'Filter', exact: true }).click();
    await page.locator('.filter-pick').getByRole('button', { name: 'Groups, linked records, as text …' }).click();
    const rows = builder().locator('.fb-row');
    await rows.first().waitFor();
    await until('what the view says', 1, () => rows.count());
    await builder().getByRole('button', { name: 'Add condition' }).click();
    await rows.nth(1).getByLabel('Field', { exact: true }).selectOption('amount');
    await rows.nth(1).getByLabel('Comparison').selectOption('between');
    await rows.nth(1).getByLabel('From').fill('2000');
    await rows.nth(1).getByLabel('To').fill('4000');
    await apply();
    await until('count', '9', () => page.locator('.page-count').textContent());
    equal((await chips()).length, 2, 'chips');
    await page.getByRole('button', { name: 'Remove this condition' }).first().click();
    await page.getByRole('button', { name: 'Remove this condition' }).first().click();
    await until('count', '40', () => page.locator('.page-count').textContent());
    await visit(page, '/deals?view=open_deals&mode=list');
    await until('the view itself', all, () => page.locator('.page-count').textContent());
});

await flow('filter__by_keys', async () => {
    await visit(page, '/contacts');
    await page.getByRole('button', { name: 'Filter', exact: true }).focus();
    await page.keyboard.press('Enter');
    await until('focus', 'Find a field', () => page.evaluate(() => document.activeElement.placeholder));
    await page.keyboard.press('ArrowUp');
    for (let i = 0; i < 60 && !(await page.evaluate(() => document.activeElement.textContent)).startsWith('Groups, linked'); i++) await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await builder().getByLabel('Field', { exact: true }).waitFor();
    await builder().getByLabel('Field', { exact: true }).focus();
    await page.keyboard.type('City');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.type('Kiel');
    for (let i = 0; i < 12 && (await page.evaluate(() => document.activeElement.textContent)).trim() !== 'Apply'; i++) await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await until('address', 'city contains "Kiel"', filterOf);
    await until('focus', 'Filter', () => page.evaluate(() => document.activeElement.textContent.trim()));
});

await flow('filter__a_person_is_chosen_by_keys', async () => {
    await visit(page, '/contacts');
    await page.getByRole('button', { name: 'Filter', exact: true }).focus();
    await page.keyboard.press('Enter');
    await until('focus', 'Find a field', () => page.evaluate(() => document.activeElement.placeholder));
    await page.keyboard.type('Owner');
    await page.keyboard.press('Enter');
    const field = page.locator('.filter-form').getByRole('combobox', { name: 'Owner' });
    await until('focus', true, () => field.evaluate((el) => el === document.activeElement));
    await page.keyboard.press('ArrowDown');
    const first = page.getByRole('option').first();
    await first.waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.locator('.filter-form .chip').waitFor();
    await until('focus when one is chosen', true, () => field.evaluate((el) => el === document.activeElement));
    await page.keyboard.press('Enter');
    await until('applied', true, () => /f\.owner=in/.test(page.url()));
});

await flow('filter__on_a_phone', async () => {
    for (const dark of [false, true]) {
        const phone = await open(k, { phone: true, dark });
        await visit(phone, `/contacts?filter=${encodeURIComponent('company.city = "Kiel" and (owner = me or count(deals where open) > 1)')}`);
        await phone.locator('.chip-own').first().waitFor();
        equal((await chips(phone)).length, 2, 'chips');
        await phone.getByRole('button', { name: 'Filter', exact: true }).tap();
        await builder(phone).locator('.fb-row').first().waitFor();
        equal(await axe(phone), [], 'axe');
        const box = await builder(phone).boundingBox();
        assert(box.x >= 0 && box.x + box.width <= 390, `sheet ${JSON.stringify(box)}`);
        equal(await builder(phone).locator('.dialog-body').evaluate((b) => b.scrollWidth <= b.clientWidth), true, 'nothing is wider than the sheet');
        await phone.context().close();
    }
});

await flow('filter__in_german', async () => {
    const german = await open(k, { locale: 'de-DE', as: MEMBER });
    await visit(german, `/contacts?filter=${encodeURIComponent('company.city = "Kiel" and created_at >= today() - 14 days')}`);
    await until('chips', ['Firma · Ort ist „Kiel“', 'Angelegt vor höchstens 14 Tagen'].length, async () => (await chips(german)).length);
    assert((await chips(german))[1].includes('vor höchstens 14 Tagen'), JSON.stringify(await chips(german)));
    await german.context().close();
});
await finish();
