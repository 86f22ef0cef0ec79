#!/usr/bin/env node
/*
 * Columns of a list: chosen, also of linked records, ordered and widened by pointer and by keys, kept
 * for each view and reader, put back; and the order by several of them, on a phone too.
 */
import { Kontor, open, visit, settled, until, axe, test, assert, equal, finish } from './harness.mjs';
import { seed, find, MEMBER } from './seed.mjs';

const k = await Kontor.make();
await seed(k);
const page = await open(k);
const flow = (name, run) => test(name, run, page);

const heads = (p = page) => p.locator('table.table thead th[data-col]').evaluateAll((all) => all.map((th) => th.dataset.col));
const head = (name, p = page) => p.locator(`th[data-col="${name}"]`);
const button = (name) => page.getByRole('button', { name, exact: true });
const names = (p = page) => p.locator('table.table tbody th a').allTextContents();
const titles = async (plural, query) => (await k.api('GET', `/${plural}?limit=50&fields=title&${query}`)).json.items.map((r) => r.title);
const saved = () => page.waitForResponse((r) => r.url().endsWith('/me') && r.request().method() === 'PATCH');

await flow('columns__of_linked_records', async () => {
    await visit(page, '/contacts');
    await button('Columns').click();
    const panel = page.locator('.col-panel');
    await panel.locator('summary', { hasText: 'Company' }).click();
    equal(await panel.evaluate((x) => [x, ...x.querySelectorAll('*')].filter((y) => ['auto', 'scroll'].includes(getComputedStyle(y).overflowY)).length), 0, 'scrollbars within that of the panel');
    await panel.getByLabel('Company · Industry', { exact: true }).check();
    await head('company.industry').waitFor();
    equal(await head('company.industry').locator('button').textContent(), 'Company · Industry');
    equal(await axe(page), [], 'axe');
    await page.keyboard.press('Escape');
    const first = (await k.api('GET', `/contacts/${await find(k, 'contacts', 'Anna Abel')}?fields=company.industry`)).json;
    await until('value', first.company.record.industry, () => page.locator('tr', { hasText: 'Anna Abel' }).locator('td[data-cell$="company.industry"]').textContent());
    await head('company.industry').locator('button').click();
    await until('order', await titles('contacts', 'sort=company.industry'), names);
    const cell = page.locator('tr', { hasText: (await names())[0] }).locator('td[data-cell$=" job_title"]');
    await cell.dblclick();
    await page.locator('.cell-editing input').fill('Skipper');
    await page.keyboard.press('Enter');
    await page.locator('.toast').getByText('Job title of').waitFor();
    await settled(page);
    await until('a linked value after an edit', true, async () => await page.locator('td[data-cell$="company.industry"]').first().textContent() !== '—');
});

await flow('columns__are_ordered_by_keys_and_pointer', async () => {
    await visit(page, '/companies');
    const [, second, third] = await heads();
    await head(second).locator('button').focus();
    await page.keyboard.press('Control+ArrowRight');
    await until('columns', [third, second], async () => (await heads()).slice(1, 3));
    await until('focus', second, () => page.evaluate(() => document.activeElement.closest('th')?.dataset.col));
    await page.keyboard.press('Control+ArrowLeft');
    await until('columns', [second, third], async () => (await heads()).slice(1, 3));
    const [from, to] = [await head(third).boundingBox(), await head(second).boundingBox()];
    await page.mouse.move(from.x + 20, from.y + 10);
    await page.mouse.down();
    await page.mouse.move(to.x + 30, to.y + 10, { steps: 5 });
    const kept = saved();
    await page.mouse.up();
    await kept;
    await until('columns', [third, second], async () => (await heads()).slice(1, 3));
    assert(!page.url().includes('sort='), 'a drag sorts');
    await button('Columns').click();
    const panel = page.locator('.col-panel');
    const first = (await panel.locator('.col-list li').first().textContent()).trim();
    await panel.getByRole('button', { name: `Move ${first} down` }).focus();
    await page.keyboard.press('Enter');
    await until('columns', [second, third], async () => (await heads()).slice(1, 3));
    await page.keyboard.press('Escape');
});

await flow('columns__are_widened_by_keys_and_pointer_and_kept', async () => {
    await visit(page, '/companies');
    const [, name] = await heads();
    const width = async () => (await head(name).boundingBox()).width;
    const before = await width();
    const { x, y, height } = await head(name).boundingBox();
    await page.mouse.move(x + before - 3, y + height / 2);
    await page.mouse.down();
    await page.mouse.move(x + before + 97, y + height / 2, { steps: 4 });
    await page.mouse.up();
    await until('width', true, async () => Math.abs(await width() - before - 100) < 3);
    await head(name).locator('button').focus();
    const kept = saved();
    await page.keyboard.press('Shift+ArrowLeft');
    await kept;
    await until('width', true, async () => Math.abs(await width() - before - 84) < 3);
    await page.reload();
    await settled(page);
    assert(Math.abs(await width() - before - 84) < 3, 'width after a reload');
    const other = await open(k, { as: MEMBER });
    await visit(other, '/companies');
    assert(Math.abs((await head(name, other).boundingBox()).width - before) < 3, 'the width of another reader');
    await other.context().close();
    await button('Columns').click();
    await button('Reset columns').click();
    await until('width', true, async () => Math.abs(await width() - before) < 3);
});

await flow('columns__are_kept_for_each_view', async () => {
    await visit(page, '/deals?mode=list&view=open_deals');
    const had = await heads();
    await button('Columns').click();
    await page.locator('.col-panel').getByLabel('Created', { exact: true }).check();
    await head('created_at').waitFor();
    await page.keyboard.press('Escape');
    assert(await button('Save view').isVisible(), 'what was arranged can be saved');
    await visit(page, '/deals?mode=list&view=won_deals');
    assert(!(await heads()).includes('created_at'), 'columns of another view');
    await visit(page, '/deals?mode=list&view=open_deals');
    assert((await heads()).includes('created_at'), 'columns after coming back');
    await button('Columns').click();
    await button('Reset columns').click();
    await until('columns', had, () => heads());
    await page.keyboard.press('Escape');
});

await flow('columns__sort_by_several', async () => {
    await visit(page, '/contacts?cols=job_title,city');
    await head('job_title').locator('button').click();
    await head('city').locator('button').click({ modifiers: ['Shift'] });
    await until('order', await titles('contacts', 'sort=job_title,city'), names);
    equal(await page.locator('.sort-rank').allTextContents(), ['Order 1', 'Order 2']);
    await head('city').locator('button').focus();
    await page.keyboard.press('Shift+Enter');
    await until('order', await titles('contacts', 'sort=job_title,-city'), names);
    equal(await head('job_title').getAttribute('aria-sort'), 'ascending');
    equal(await axe(page), [], 'axe');
    await head('city').locator('button').click({ modifiers: ['Shift'] });
    await until('order', await titles('contacts', 'sort=job_title'), names);
});

await flow('columns__sort_by_several_on_a_phone', async () => {
    const phone = await open(k, { phone: true });
    await visit(phone, '/contacts?sort=job_title');
    await phone.getByRole('button', { name: 'View options' }).tap();
    await phone.getByRole('button', { name: 'Then by' }).tap();
    await phone.getByLabel('Then by').selectOption('company');
    await phone.getByRole('group', { name: 'Direction' }).nth(1).getByRole('button', { name: 'Descending' }).tap();
    await until('order', true, async () => phone.url().includes('sort=job_title%2C-company'));
    equal(await axe(phone), [], 'axe');
    await phone.keyboard.press('Escape');
    const first = (await titles('contacts', 'sort=job_title,-company'))[0];
    await until('first', first, () => phone.locator('.list-cards b').first().textContent());
    await phone.context().close();
});
await finish();
