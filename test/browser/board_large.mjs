#!/usr/bin/env node
// alone
/*
 * A board too large for one call: 400 cards in a column come page by page, each once, also while
 * cards are moved, and the sums stay those of the whole column.
 */
import { ADMIN, open, visit, settled, until, undo, test, assert, equal, finish, day } from './harness.mjs';
import { aged, find } from './seed.mjs';

const MANY = 400;
const k = await aged({}, 3, [['deal', Array.from({ length: MANY + 30 }, (_, i) => ({
    name: `Order ${i + 1}`, pipeline: 'sales', stage: i < MANY ? 'enquiry' : ['qualified', 'proposal', 'negotiation'][i % 3],
    amount: 100 + i, close_date: day(i - 6), owner: ADMIN,
}))]]);
const page = await open(k);
const flow = (name, run) => test(name, run, page);
const column = (name) => page.getByRole('region', { name, exact: true });
const cards = (name) => column(name).getByRole('article');
const titles = (name) => cards(name).evaluateAll((list) => list.map((c) => c.getAttribute('aria-label')));
const count = (name) => column(name).locator('.badge-count').textContent();
const down = (name) => column(name).locator('.column-body').evaluate((b) => { b.scrollTop = b.scrollHeight; });

const once = (list) => equal(new Set(list).size, list.length, 'cards shown twice');

async function all(name, wanted) {
    for (let n = await cards(name).count(); n < wanted; n = await cards(name).count()) {
        await down(name);
        await until(`more than ${n} cards`, true, async () => (await cards(name).count()) > n);
    }
}

await flow('large__loads_page_by_page', async () => {
    await visit(page, '/deals');
    equal([await count('Enquiry'), await cards('Enquiry').count()], [String(MANY), 50], 'at first');
    equal([await count('Qualified'), await cards('Qualified').count()], ['10', 10], 'a small column beside it');
    const before = await titles('Enquiry');
    await down('Enquiry');
    await until('cards', 100, () => cards('Enquiry').count());
    equal((await titles('Enquiry')).slice(0, 50), before, 'the first page');
    once(await titles('Enquiry'));
    await column('Enquiry').getByRole('button', { name: 'Show more' }).click();
    await until('cards', true, async () => (await cards('Enquiry').count()) >= 150);
    await all('Enquiry', MANY);
    await until('more after the last', 0, () => column('Enquiry').getByRole('button', { name: 'Show more' }).count());
    once(await titles('Enquiry'));
});

await flow('large__a_move_keeps_what_is_loaded', async () => {
    await visit(page, '/deals');
    await down('Enquiry');
    await until('cards', 100, () => cards('Enquiry').count());
    const [name] = (await titles('Enquiry')).slice(70);
    await page.getByRole('article', { name, exact: true }).focus();
    await page.keyboard.press('Shift+ArrowRight');
    await until('cards', 99, () => cards('Enquiry').count());
    equal((await titles('Qualified')).includes(name), true, 'moved');
    await until('count', [String(MANY - 1), '11'], async () => [await count('Enquiry'), await count('Qualified')]);
    await undo(page, `${name} moved to Qualified`);
    await until('count', [String(MANY), '10'], async () => [await count('Enquiry'), await count('Qualified')]);
    await settled(page);
    await until('cards after Undo', 100, () => cards('Enquiry').count());
    assert((await titles('Enquiry')).includes(name), 'the card is back');
    await all('Enquiry', MANY);
    once(await titles('Enquiry'));
});

await flow('large__others_moves_do_not_throw_one_back', async () => {
    await visit(page, '/deals');
    await down('Enquiry');
    await until('cards', 100, () => cards('Enquiry').count());
    const { json } = await k.api('GET', '/deals?limit=1&sort=-amount&fields=title&filter=stage%20%3D%20"enquiry"');
    await k.api('PATCH', `/deals/${json.items[0].id}`, { stage: 'proposal' });
    await until('count', String(MANY - 1), () => count('Enquiry'));
    await settled(page);
    await until(`cards that stay: ${await cards('Enquiry').count()}`, true, async () => await cards('Enquiry').count() >= 99);
});

await flow('large__a_new_card_is_in_sight', async () => {
    const name = 'Beyond all loaded';
    const one = page.getByRole('article', { name, exact: true });
    await visit(page, '/deals');
    await column('Enquiry').getByRole('button', { name: 'Add deal' }).click();
    await page.locator('.quick-form').getByLabel('Name').fill(name);
    await page.keyboard.press('Enter');
    await one.waitFor();
    const [body, box] = [await column('Enquiry').locator('.column-body').boundingBox(), await one.boundingBox()];
    assert(box.y >= body.y - 1 && box.y + box.height <= body.y + body.height + 1, 'the card is out of sight');
    const { json } = await k.api('GET', '/deals?limit=200&sort=urgency&fields=title&filter=stage%20%3D%20"enquiry"');
    assert(!json.items.some((r) => r.title === name), 'the card would have been loaded anyway');
    await down('Enquiry');
    await until('cards', true, async () => (await cards('Enquiry').count()) > 51);
    once(await titles('Enquiry'));
    await one.press('Shift+ArrowRight');
    await until('column', 1, () => column('Qualified').getByRole('article', { name, exact: true }).count());
    await one.press('Shift+ArrowLeft');
    await until('column', 1, () => column('Enquiry').getByRole('article', { name, exact: true }).count());
    await k.api('DELETE', `/deals/${await find(k, 'deals', name)}`);
    await one.waitFor({ state: 'detached' });
});

await flow('large__a_past_day_too', async () => {
    await visit(page, `/deals?as_of=${day(-1)}`);
    equal([await count('Enquiry'), await cards('Enquiry').count()], [String(MANY), 50]);
    await all('Enquiry', MANY);
    once(await titles('Enquiry'));
});

await flow('large__stays_quick', async () => {
    await visit(page, '/deals');
    await all('Enquiry', MANY - 1);
    const first = cards('Qualified').first();
    await first.focus();
    const took = await page.evaluate(() => new Promise((done) => {
        const began = performance.now();
        document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight', shiftKey: true, bubbles: true }));
        requestAnimationFrame(() => setTimeout(() => done(performance.now() - began)));
    }));
    assert(took < 500, `a move took ${Math.round(took)} ms to show`);
});
await finish();
