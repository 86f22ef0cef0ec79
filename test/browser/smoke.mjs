#!/usr/bin/env node
/*
 * Every screen in four modes (1440x900 and 390x844, light and dark): no console error, no broken
 * content security policy, no sideways scroll (on phones also at 320 px and in German), and no
 * violation found by axe-core.
 */
import { Kontor, open, visit, settled, axe, test, assert, equal, finish, until, day } from './harness.mjs';
import { seed, find } from './seed.mjs';

const k = await Kontor.make();
await seed(k);
await k.api('DELETE', `/contacts/${await find(k, 'contacts', 'Mia Jung')}`);

const fresh = new Kontor();
fresh.must('init');
await fresh.start();

const SCREENS = {
    home: '/home',
    deals_board: '/deals',
    deals_list: '/deals?mode=list',
    deals_forecast: '/deals?mode=forecast',
    contacts: '/contacts',
    contacts_filtered: '/contacts?f.job_title=has:Buyer&sort=-title',
    contacts_built: `/contacts?cols=company,company.city,tags&sort=company,-title&filter=${encodeURIComponent('company.city = "Kiel" and (owner = me or created_at >= today() - 14 days)')}`,
    deals_grouped: '/deals?mode=list&group=stage',
    view_unseen: '/contacts?view=999999',
    companies: '/companies',
    activities: '/activities',
    tasks: '/tasks',
    calendar: '/calendar?mode=week',
    calendar_month: '/calendar?mode=month',
    calendar_agenda: '/calendar?mode=agenda',
    products_empty: '/products',
    notes: '/notes',
    teams: '/teams',
    deal: `/deals/${await find(k, 'deals', 'Order 1')}`,
    contact: `/contacts/${await find(k, 'contacts', 'Anna Abel')}`,
    company: `/companies/${await find(k, 'companies', 'Alster Bau GmbH')}`,
    company_details: `/companies/${await find(k, 'companies', 'Alster Bau GmbH')}?tab=details`,
    company_related: `/companies/${await find(k, 'companies', 'Alster Bau GmbH')}?tab=related`,
    record_gone: '/companies/999999',
    contacts_past: `/contacts?as_of=${day(-1)}`,
    deals_past: `/deals?as_of=${day(-1)}`,
    activity: `/activities/${(await k.api('GET', '/activities?limit=1')).json.items[0].id}`,
    note: `/notes/${(await k.api('GET', '/notes?limit=1')).json.items[0].id}`,
    results: '/search?q=abel',
    results_none: '/search?q=zzzz',
    bin: '/trash',
    people: '/people',
    profile: '/profile',
    settings: '/settings',
    settings_status: '/settings/status',
    unknown: '/no/such/page',
    unknown_list: '/nothing',
};
/* The rules whose answer depends on the theme; the others were asked in light. */
const OF_COLOUR = ['color-contrast', 'link-in-text-block'];
const ON_PURPOSE = { record_gone: /status of 404/, unknown: /status of 404/ };

/* Nothing may be wider than the window, and the sheet stands still: what it hides below would leave half of it blank. */
async function fits(page, what) {
    const moved = await page.evaluate(() => {
        const sheet = document.querySelector('.sheet');
        sheet?.scrollBy(9999, 9999);
        const to = sheet ? [sheet.scrollLeft, sheet.scrollTop] : [0, 0];
        sheet?.scrollTo(0, 0);
        return to;
    });
    equal(moved, [0, 0], `${what}: the sheet scrolls`);
    const { wide, who } = await page.evaluate(() => ({
        wide: Math.max(document.documentElement.scrollWidth - innerWidth,
            ...[...document.querySelectorAll('.page-body')].map((b) => b.scrollWidth - b.clientWidth)),
        who: [...document.querySelectorAll('body *')].filter((e) => e.getBoundingClientRect().right > innerWidth + 1)
            .slice(0, 3).map((e) => `${e.tagName} ${e.className.baseVal ?? e.className}`).join(', '),
    }));
    assert(wide <= 0, `${what}: ${wide} px too wide: ${who}`);
}

async function look(page, name) {
    for (const colorScheme of ['light', 'dark']) {
        await page.emulateMedia({ colorScheme });
        equal(await axe(page, colorScheme === 'dark' ? OF_COLOUR : undefined), [], `axe, ${colorScheme}`);
        await fits(page, colorScheme);
    }
    await until('headings of the first level', 1, () => page.locator('h1').count());
    assert(await page.title(), 'no title');
}

async function narrow(page) {
    await page.setViewportSize({ width: 320, height: 640 });
    await page.waitForTimeout(50);
    await fits(page, '320 px');
    await page.setViewportSize({ width: 390, height: 844 });
}

for (const phone of [false, true]) {
    const size = phone ? 'phone' : 'desktop';
    const page = await open(k, { phone });
    for (const [name, where] of Object.entries(SCREENS)) {
        await test(`smoke__${size}_${name}`, async () => {
            page.expected = ON_PURPOSE[name];
            await visit(page, where);
            await look(page, name);
            if (phone) {
                await narrow(page);
            }
        }, page);
    }
    await test(`smoke__${size}_layers`, async () => {
        await visit(page, '/contacts');
        for (const [button, layer] of [['New', 'dialog'], ['Filter', phone ? 'dialog' : '.popover']]) {
            await page.getByRole('button', { name: button, exact: true }).first().click();
            await page.locator(layer).waitFor();
            await page.waitForTimeout(100);
            await look(page, button);
            await page.keyboard.press('Escape');
            await page.locator(layer).waitFor({ state: 'detached' });
        }
        await page.keyboard.press('Control+k');
        await page.getByRole('combobox').waitFor();
        await look(page, 'palette');
        await page.keyboard.press('Escape');
        if (phone) {
            await page.getByRole('button', { name: 'More', exact: true }).click();
            await look(page, 'menu');
        }
    }, page);
    await page.context().close();
    const out = await open(k, { phone, as: null });
    for (const [name, where] of Object.entries({ signin: '/signin', link: '/signin?code=none' })) {
        await test(`smoke__${size}_${name}`, async () => {
            out.expected = name === 'link' ? /status of 422/ : null;
            await visit(out, where);
            await look(out, name);
        }, out);
    }
    await out.context().close();
    const first = await open(fresh, { phone, as: null });
    await test(`smoke__${size}_setup`, async () => {
        await visit(first, '/');
        equal(await first.locator('h1').textContent(), 'Set up Kontor');
        await look(first, 'setup');
    }, first);
    await first.context().close();
}

const german = await open(k, { phone: true, locale: 'de-DE' });
for (const [name, where] of Object.entries(SCREENS)) {
    await test(`german__fits_${name}`, async () => {
        german.expected = ON_PURPOSE[name];
        await visit(german, where);
        await fits(german, 'German');
        await narrow(german);
    }, german);
}
await finish();
