#!/usr/bin/env node
/*
 * Saved views: private, of a team, for all; what a list opens with; renamed, changed, copied, deleted
 * with Undo; tabs in an order of one's own, pinned; a link that shows others what they may see of it.
 */
import { Kontor, open, visit, settled, until, undo, axe, test, assert, equal, finish } from './harness.mjs';
import { seed, LEAD, MEMBER, READER } from './seed.mjs';

const k = await Kontor.make();
await seed(k);
k.addUser('other@example.com', 'member');
const { id } = (await k.api('GET', '/users?filter=role%20%3D%20%22admin%22')).json.items[0];
await k.api('PATCH', `/users/${id}`, { team: (await k.api('GET', '/teams')).json.items[0].id });
const page = await open(k);
const flow = (name, run) => test(name, run, page);

const tabs = (p = page) => p.locator('.viewtabs .tab').allTextContents().then((all) => all.map((s) => s.replace(/^Team: /, '').replace(/[\d,]+$/, '').trim()));
const current = async (p = page) => (await p.locator('.viewtabs [aria-current=page]').textContent()).replace(/^Team: /, '').replace(/[\d,]+$/, '').trim();
const count = (p = page) => p.locator('.page-count').textContent();
const menu = async (item, p = page) => {
    await p.getByRole('button', { name: 'More for this view' }).click();
    await p.getByRole('menuitem', { name: item }).click();
};
async function save(name, who, opens, p = page) {
    await p.getByRole('button', { name: 'Save view', exact: true }).click();
    await p.getByLabel('Name of the view').fill(name);
    if (who) await p.getByLabel('Who sees it').selectOption(who);
    if (opens) await p.getByLabel('Their lists open with it').check();
    await p.locator('.popover').getByRole('button', { name: 'Save view' }).click();
    await until('tab', name, () => current(p));
    await settled(p);
}
const as = async (who, where, run) => {
    const p = await open(k, { as: who });
    await visit(p, where);
    await run(p);
    await p.context().close();
};

await flow('view__is_private_at_first', async () => {
    await visit(page, '/companies?filter=city%20%3D%20%22Kiel%22&sort=-employees,name&cols=employees,city');
    await save('Kiel');
    assert(!(await page.getByRole('button', { name: 'Save view', exact: true }).count()), 'a saved view is changed');
    await as(MEMBER, '/companies', async (p) => assert(!(await tabs(p)).includes('Kiel'), 'a colleague sees it'));
});

await flow('view__is_shared_with_the_team_and_opens_first_there', async () => {
    await menu('Rename or share …');
    const dialog = page.locator('dialog');
    equal(await axe(page), [], 'axe');
    await dialog.getByLabel('Name of the view').fill('Kiel firms');
    await dialog.getByLabel('Who sees it').selectOption('team');
    await dialog.getByLabel('Their lists open with it').check();
    await dialog.getByRole('button', { name: 'Save', exact: true }).click();
    await until('tab', 'Kiel firms', () => current());
    await as(MEMBER, '/companies', async (p) => {
        await until('what the list of the team opens with', 'Kiel firms', () => current(p));
        equal(await p.locator('th[data-col]').evaluateAll((all) => all.map((th) => th.dataset.col)), ['title', 'employees', 'city'], 'columns');
        await p.getByRole('button', { name: 'More for this view' }).click();
        await until('deletes it', 0, () => p.getByRole('menuitem', { name: 'Delete this view' }).count());
        await p.keyboard.press('Escape');
        await p.locator('.viewtabs').getByRole('link', { name: 'All companies' }).click();
        await settled(p);
        await menu('Open this list with it', p);
        await visit(p, '/companies');
        await until('the own choice', 'All companies', () => current(p));
    });
    await as('other@example.com', '/companies', async (p) => assert(!(await tabs(p)).includes('Kiel firms'), 'another team sees it'));
});

await flow('view__takes_over_changes_and_gives_them_back', async () => {
    await visit(page, '/companies');
    await until('value', '15', count);
    await page.getByRole('columnheader', { name: 'City' }).getByRole('button').click();
    await menu('Update this view');
    await page.locator('.toast', { hasText: 'View “Kiel firms” changed' }).waitFor();
    await until('address', true, async () => !page.url().includes('sort='));
    await until('order', 'ascending', () => page.locator('th[data-col=city]').getAttribute('aria-sort'));
    await undo(page, 'View “Kiel firms” changed');
    await until('order', null, () => page.locator('th[data-col=city]').getAttribute('aria-sort'));
});

await flow('view__is_copied_and_deleted_with_undo', async () => {
    await menu('Duplicate');
    await until('tab', 'Kiel firms 2', () => current());
    await settled(page);
    await menu('Delete this view');
    await until('tabs', false, async () => (await tabs()).includes('Kiel firms 2'));
    await undo(page, 'View “Kiel firms 2” deleted');
    await until('tabs', true, async () => (await tabs()).includes('Kiel firms 2'));
});

await flow('view__tabs_are_ordered_and_pinned', async () => {
    await page.locator('.viewtabs').getByRole('link', { name: 'Kiel firms 2' }).click();
    await settled(page);
    const at = (await tabs()).indexOf('Kiel firms 2');
    await menu('Move tab left');
    await until('place', at - 1, async () => (await tabs()).indexOf('Kiel firms 2'));
    const kept = page.waitForResponse((r) => r.url().endsWith('/me') && r.request().method() === 'PATCH');
    await menu('Pin to sidebar');
    await kept;
    await page.locator('.sidebar').getByRole('link', { name: 'Kiel firms 2' }).waitFor();
    await page.reload();
    await settled(page);
    equal((await tabs()).indexOf('Kiel firms 2'), at - 1, 'place after a reload');
});

await flow('view__link_shows_others_what_they_may_see', async () => {
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.evaluate(() => { window.copied = []; navigator.clipboard.writeText = async (x) => { window.copied.push(x); }; });
    await menu('Copy link');
    await page.locator('.toast', { hasText: 'Link copied' }).waitFor();
    const link = await page.evaluate(() => window.copied.at(-1));
    const own = new URL(page.url()).searchParams.get('view');
    await as(READER, new URL(link).pathname + new URL(link).search, async (p) => {
        await until('rows of a private view by its link', '15', () => count(p));
        equal(await p.locator('th[data-col]').evaluateAll((all) => all.map((th) => th.dataset.col)), ['title', 'employees', 'city'], 'columns');
        await until('notice', 0, () => p.locator('.unseen').count());
        await visit(p, `/companies?view=${own}`);
        await p.locator('.unseen').getByText('is not shared with you').waitFor();
        equal(await axe(p), [], 'axe');
        await until('what the reader may see', true, async () => await p.locator('table.table tbody tr').count() > 0);
        await p.locator('.unseen').getByRole('link', { name: 'All companies' }).click();
        await p.locator('.unseen').waitFor({ state: 'detached' });
    });
    await page.locator('.viewtabs').getByRole('link', { name: 'Kiel firms', exact: false }).first().click();
});

await flow('view__what_is_changed_quickly_is_kept_in_its_order', async () => {
    await visit(page, '/contacts?sort=-title&cols=job_title,company.city');
    const wide = () => page.locator('th[data-col="job_title"]').evaluate((th) => th.offsetWidth);
    const before = await wide();
    let first = true;
    await page.route('**/api/v1/me', async (r) => { const late = first; first = false; if (late) await new Promise((go) => setTimeout(go, 1500)); await r.continue(); });
    await page.locator('th[data-col="job_title"] button').focus();
    for (let i = 0; i < 3; i++) await page.keyboard.press('Shift+ArrowRight');
    await until('the last width', before + 48, wide);
    await page.waitForTimeout(2500); /* nothing older comes after it */
    await page.unroute('**/api/v1/me');
    await page.reload();
    await settled(page);
    equal(await wide(), before + 48, 'kept');
    await page.getByRole('button', { name: 'Columns' }).click();
    await page.getByRole('button', { name: 'Reset columns' }).click();
    await page.keyboard.press('Escape');
});

await flow('view__keeps_the_widths_of_its_columns', async () => {
    const wide = (p, col) => p.locator(`th[data-col="${col}"]`).evaluate((th) => th.offsetWidth);
    const grow = async (p, col, times) => {
        await p.locator(`th[data-col="${col}"] button`).focus();
        for (let i = 0; i < times; i++) await p.keyboard.press('Shift+ArrowRight');
    };
    await visit(page, '/contacts?sort=-title&cols=job_title,company.city');
    const before = await wide(page, 'job_title');
    await grow(page, 'job_title', 3);
    const wider = await wide(page, 'job_title');
    assert(wider >= before + 40, `${before} became ${wider}`);
    await save('Wide', 'team');
    equal(await wide(page, 'job_title'), wider, 'for its owner');
    const view = new URL(page.url()).searchParams.get('view');
    await as(MEMBER, `/contacts?view=${view}`, async (p) => {
        equal(await wide(p, 'job_title'), wider, 'for the team');
        await until('nothing is changed yet', 0, () => p.getByRole('button', { name: 'Save view', exact: true }).count());
        await grow(p, 'job_title', 2);
        await until('width', wider + 32, () => wide(p, 'job_title'));
        await p.evaluate(() => { window.copied = []; navigator.clipboard.writeText = async (x) => { window.copied.push(x); }; });
        await menu('Copy link', p);
        await p.locator('.toast', { hasText: 'Link copied' }).waitFor();
        const link = new URL(await p.evaluate(() => window.copied.at(-1)));
        await as(READER, link.pathname + link.search, async (q) => {
            equal(await wide(q, 'job_title'), wider + 32, 'by the link');
            await q.getByRole('button', { name: 'Columns' }).click();
            await q.getByRole('button', { name: 'Reset columns' }).click();
            await until('width', wider, () => wide(q, 'job_title'));
            assert(!q.url().includes('widths'), q.url());
        });
        await p.reload();
        await settled(p);
        equal(await wide(p, 'job_title'), wider + 32, 'the own width');
    });
    await grow(page, 'job_title', 1);
    await menu('Update this view');
    await until('widths of the view', `job_title:${wider + 16}`, () => page.evaluate((v) => fetch(`/api/v1/views/${v}`).then((r) => r.json()).then((x) => x.widths), view));
    await page.locator('th[data-col=job_title] .col-grip').dblclick();
    await until('width', before, () => wide(page, 'job_title'));
    await page.reload();
    await settled(page);
    equal(await wide(page, 'job_title'), before, 'as wide as its content, against the view');
});

await flow('view__saved_by_keyboard', async () => {
    const at = () => page.evaluate(() => document.activeElement.getAttribute('name') ?? document.activeElement.textContent.trim());
    await visit(page, '/companies?view=all&mode=list&filter=employees%20%3E%2099&cols=city');
    await page.getByRole('button', { name: 'Save view', exact: true }).focus();
    await page.keyboard.press('Enter');
    await until('focus', 'name', at);
    await page.keyboard.type('Big');
    await page.keyboard.press('Enter');
    await until('tab', 'Big', () => current());
    await until('focus', true, async () => (await at()).startsWith('Big'));
    await menu('Delete this view');
    /* A panel is left with Tab, as it is with Escape. */
    await page.getByRole('button', { name: 'Columns' }).focus();
    await page.keyboard.press('Enter');
    await page.locator('.col-panel').waitFor();
    await page.locator('.col-panel').getByRole('button', { name: 'Reset columns' }).evaluate((b) => [...b.closest('.popover').querySelectorAll('summary')].at(-1).focus());
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.locator('.col-panel').waitFor({ state: 'detached' });
});

await flow('view__that_is_gone_is_not_pinned_any_more', async () => {
    const pins = (p = page) => p.locator('.side-groups').getByRole('link', { name: 'Wide' }).count();
    await visit(page, '/contacts');
    await page.locator('.viewtabs').getByRole('link', { name: 'Wide' }).click();
    await settled(page);
    await menu('Pin to sidebar');
    await until('pins', 1, pins);
    await menu('Rename or share …');
    await page.locator('dialog').getByLabel('Name of the view').fill('Wider');
    await page.locator('dialog').getByRole('button', { name: 'Save', exact: true }).click();
    await page.locator('.side-groups').getByRole('link', { name: 'Wider' }).waitFor();
    await menu('Delete this view');
    await until('pins', 0, pins);
    await undo(page, 'View “Wider” deleted');
    await until('pins', 1, pins);
    await menu('Delete this view').catch(() => null);
});

await flow('view__menu_without_a_connection_says_so', async () => {
    const fresh = await open(k);
    fresh.expected = /net::ERR|Failed to (load|fetch)/;
    await visit(fresh, '/companies');
    await fresh.route('**/ui/view-edit.js', (r) => r.abort());
    await menu('Duplicate', fresh);
    const said = fresh.locator('.toast', { hasText: 'This part could not be loaded.' });
    await said.waitFor();
    await fresh.unroute('**/ui/view-edit.js');
    await said.getByRole('button', { name: 'Try again' }).click();
    await fresh.locator('.toast', { hasText: 'View copied' }).waitFor();
    await fresh.context().close();
});

await flow('view__link_without_a_clipboard', async () => {
    await visit(page, '/companies');
    await page.evaluate(() => { navigator.clipboard.writeText = async () => { throw new Error('no'); }; });
    await menu('Copy link');
    const box = page.locator('dialog').getByLabel('Copy this address');
    assert((await box.inputValue()).startsWith(`${k.url}/companies?view=`), await box.inputValue());
    equal(await axe(page), [], 'axe');
    await page.keyboard.press('Escape');
});

await flow('view__who_may_not_leads_nobody', async () => {
    await as(MEMBER, '/contacts?sort=job_title', async (p) => {
        await p.getByRole('button', { name: 'Save view', exact: true }).click();
        await p.getByLabel('Who sees it').selectOption('team');
        await until('a member makes it the first', 0, () => p.getByLabel('Their lists open with it').count());
    });
    const tried = await k.api('POST', '/views', { name: 'x', entity: 'contact', shared: true, opens: true }, MEMBER);
    equal(tried.status, 422, JSON.stringify(tried.json));
});

await flow('view__is_subscribed_to_in_a_calendar', async () => {
    await visit(page, '/deals?view=open_deals&mode=list');
    await menu('Subscribe in a calendar …');
    await page.waitForURL(/\/profile\?feed=deals/);
    const form = page.locator('form', { has: page.getByRole('button', { name: 'Make an address' }) });
    await until('chosen', 'deals:open_deals', () => form.getByRole('combobox').inputValue());
    await form.getByRole('button', { name: 'Make an address' }).click();
    const address = await page.locator('code.token').first().textContent();
    const feed = await fetch(address);
    assert(feed.status === 200 && (await feed.text()).startsWith('BEGIN:VCALENDAR'), `${feed.status} ${address}`);
    equal(await axe(page), [], 'axe');
});

await flow('view__on_a_phone', async () => {
    const phone = await open(k, { phone: true, as: LEAD });
    await visit(phone, '/contacts?sort=job_title');
    await phone.getByRole('button', { name: 'View options' }).tap();
    await phone.getByLabel('Name of the view').fill('By job');
    await phone.locator('.view-options').getByRole('button', { name: 'Save view' }).tap();
    await until('view', true, async () => phone.url().includes('view='));
    await phone.getByRole('button', { name: 'View options' }).tap();
    await phone.getByRole('button', { name: 'Rename or share …' }).tap();
    await phone.locator('dialog').getByLabel('Name of the view').fill('By trade');
    equal(await axe(phone), [], 'axe');
    await phone.locator('dialog').getByRole('button', { name: 'Save', exact: true }).tap();
    await until('name', true, async () => (await phone.locator('.view-pick').textContent()).includes('By trade'));
    await phone.context().close();
});
await finish();
