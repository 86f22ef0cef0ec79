#!/usr/bin/env node
/*
 * A deal moves to another pipeline: the dialog proposes the stage that fits and whom it is about there, by keys, by thumb,
 * and for many at once.
 */
import { Kontor, open, visit, until, undo, axe, test, equal, finish } from './harness.mjs';

const PIPELINES = `
sales:
  entity: deal
  label: Sales
  stages: [{id: enquiry, percent: 10}, {id: proposal, percent: 50}, {id: won, kind: won}, {id: lost, kind: lost, gate: {require: [lost_reason]}}]
private:
  entity: deal
  label: Private
  b2c: true
  from: {sales: {proposal: visit}}
  stages: [{id: enquiry, percent: 20}, {id: visit, percent: 40}, {id: bought, kind: won}, {id: gone, kind: lost}]
`;
const k = await Kontor.make({ 'pipelines.yaml': PIPELINES });
const make = async (plural, values) => (await k.api('POST', `/${plural}`, values)).json;
await make('contacts', { first_name: 'Pia', last_name: 'Private' });
const page = await open(k);
const flow = (name, run, p = page) => test(name, run, p);
const stageOf = async (id) => { const r = (await k.api('GET', `/deals/${id}`)).json; return [r.pipeline, r.stage]; };

/** Opens the editor of the pipeline on the record page and chooses. */
async function choose(p, id, tap) {
    await visit(p, `/deals/${id}${tap ? '?tab=details' : ''}`);
    const edit = p.getByRole('button', { name: /Pipeline/ }).first();
    await (tap ? edit.tap() : edit.click());
    await p.getByRole('combobox', { name: 'Pipeline' }).selectOption('private');
}

await flow('pipeline_move__proposes_the_stage_and_asks_whom_it_is_about', async () => {
    const deal = await make('deals', { name: 'Roof', pipeline: 'sales', stage: 'proposal' });
    await choose(page, deal.id);
    const dialog = page.locator('dialog');
    await until('proposal', 'visit', () => dialog.locator('#move-stage').inputValue());
    equal(await axe(page), [], 'axe');
    await dialog.getByRole('combobox', { name: 'Contact' }).fill('Pia');
    await dialog.getByRole('option', { name: 'Pia Private' }).click();
    await dialog.getByRole('button', { name: 'Move', exact: true }).press('Enter');
    await page.locator('.toast', { hasText: 'Roof moved to Private: Visit' }).waitFor();
    equal(await stageOf(deal.id), ['private', 'visit']);
    equal((await k.api('GET', `/deals/${deal.id}`)).json.contact.title, 'Pia Private');
    await page.locator('.tl').getByText(/moved it from Proposal to Visit/).waitFor();
    equal(await page.locator('.tl-of:empty').count(), 0, 'no empty line for what it did not become');
    await undo(page, 'Roof moved to Private: Visit');
    await until('undone', 'sales,proposal', async () => String(await stageOf(deal.id)));
});

await flow('pipeline_move__of_many_takes_one_stage_or_the_one_that_fits', async () => {
    const ids = [(await make('deals', { name: 'Many 1', pipeline: 'sales', stage: 'proposal' })).id, (await make('deals', { name: 'Many 2', pipeline: 'sales', stage: 'enquiry' })).id];
    await visit(page, '/deals?mode=list&f.name=contains:Many&view=all');
    await page.locator('thead input[type=checkbox]').check();
    await page.getByRole('toolbar').getByRole('button', { name: 'Set field' }).click();
    const dialog = page.locator('dialog');
    await dialog.getByRole('combobox', { name: 'Field' }).selectOption('pipeline');
    await dialog.getByRole('combobox', { name: 'New value' }).selectOption('private');
    await dialog.getByRole('combobox', { name: 'Stage' }).waitFor();
    await dialog.locator('.bulk-examples').getByText('Visit').first().waitFor();
    await dialog.locator('.btn-primary').click();
    await dialog.waitFor({ state: 'detached' });
    await until('stages', 'private,visit,private,enquiry', async () => String([await stageOf(ids[0]), await stageOf(ids[1])]));
});

const phone = await open(k, { phone: true });
await flow('pipeline_move__by_thumb', async () => {
    const deal = await make('deals', { name: 'Hall', pipeline: 'sales', stage: 'enquiry' });
    await choose(phone, deal.id, true);
    const dialog = phone.locator('dialog');
    await dialog.locator('#move-stage').selectOption('visit');
    await dialog.getByRole('button', { name: 'Move', exact: true }).tap();
    await until('moved', 'private,visit', async () => String(await stageOf(deal.id)));
}, phone);

await finish();
