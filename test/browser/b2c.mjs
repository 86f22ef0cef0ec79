#!/usr/bin/env node
/* A pipeline that is about people: the short form asks for the person, cards and lists show the person. */
import { Kontor, open, visit, until, axe, shot, test, equal, finish } from './harness.mjs';

const k = await Kontor.make({ 'pipelines.yaml': 'private:\n  label: Private customers\n  b2c: true\n  stages: [{id: asked}, {id: bought, kind: won}, {id: gone, kind: lost}]\n' });
const page = await open(k);
const flow = (name, run) => test(name, run, page);
await k.api('POST', '/contacts', { first_name: 'Ada', last_name: 'Lund' });

await flow('b2c__asks_for_the_person', async () => {
    await visit(page, '/deals');
    await page.locator('.new-button').click();
    const dialog = page.locator('dialog');
    await dialog.getByLabel(/^Name/).fill('Bike');
    equal(await dialog.getByLabel(/^Company/).count(), 0);
    await dialog.getByLabel(/^Contact/).fill('Lund');
    await page.getByRole('option', { name: 'Ada Lund' }).click();
    equal(await axe(page), [], 'b2c form');
    await dialog.getByRole('button', { name: /^(Create|Save)/ }).first().click();
    await until('made', 'Ada Lund', async () => (await k.api('GET', '/deals')).json.items[0]?.contact?.title);
});

await flow('b2c__shows_the_person', async () => {
    await visit(page, '/deals');
    await until('card', true, async () => (await page.locator('.deal').first().textContent()).includes('Ada Lund'));
    await shot(page, 'b2c-board');
    await visit(page, '/deals?mode=list&view=all');
    await until('list', true, async () => (await page.locator('tbody tr').first().textContent()).includes('Ada Lund'));
});
await finish();
