#!/usr/bin/env node
/* Losing a deal: reasons as a tree, to whom and what happened, by keys and by thumb; Undo takes all of it back. */
import { Kontor, open, visit, until, undo, axe, test, equal, finish } from './harness.mjs';

const FIELDS = `
deal:
  fields:
    lost_reason: {of: {price: Price, competitor: {label: Competitor, of: {features: Better features, brand: Known brand}}, other: Other}}
`;
const k = await Kontor.make({ 'fields.yaml': FIELDS });
const make = async (name) => (await k.api('POST', '/deals', { name, stage: 'proposal' })).json.id;
const now = async (id) => { const r = (await k.api('GET', `/deals/${id}`)).json; return [r.stage, r.lost_reason, r.competitor, r.lost_from]; };
const page = await open(k);

await test('lost__asks_the_reason_and_to_whom_by_keys', async () => {
    const id = await make('Roof');
    await visit(page, `/deals/${id}`);
    await page.locator('.stage-steps').getByRole('button', { name: 'Lost' }).press('Enter');
    const dialog = page.locator('dialog');
    await dialog.getByRole('radio', { name: 'Better features' }).focus();
    equal(await axe(page), [], 'axe');
    await page.keyboard.press('Space');
    await dialog.getByLabel('Lost to').fill('Rival Ltd');
    await page.keyboard.press('Enter');
    await until('lost', 'lost,features,Rival Ltd,proposal', async () => String(await now(id)));
    await page.getByText('Lost in the stage').waitFor();
    await undo(page, 'Lost: Roof');
    await until('undone', 'proposal,,,', async () => String(await now(id)));
}, page);

const phone = await open(k, { phone: true });
await test('lost__asks_by_thumb', async () => {
    const id = await make('Hall');
    await visit(phone, `/deals/${id}`);
    await phone.locator('.stage-steps').getByRole('button', { name: 'Lost' }).tap();
    const sheet = phone.locator('dialog');
    await sheet.getByRole('radio', { name: 'Known brand' }).tap();
    await sheet.getByRole('button', { name: 'Mark as lost' }).tap();
    await until('lost', 'lost,brand,,proposal', async () => String(await now(id)));
}, phone);

await finish();
