#!/usr/bin/env node
/* A pipeline that is about people: the short form asks for the person, cards and lists show the person. */
import { Kontor, open, visit, until, axe, shot, test, equal, finish } from './harness.mjs';

const k = await Kontor.make({ 'pipelines.yaml': 'private:\n  label: Private customers\n  b2c: true\n  stages: [{id: asked}, {id: bought, kind: won}, {id: gone, kind: lost}]\nfirms:\n  label: Firms\n  entity: deal\n  stages: [{id: talk}, {id: won}, {id: lost, kind: lost}]\n' });
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
await flow('b2c__an_enquiry_of_a_person_becomes_a_deal_of_that_pipeline', async () => {
    const lead = (await k.api('POST', '/leads', { first_name: 'Ida', last_name: 'Holm', subject: 'Two bikes' })).json;
    await visit(page, `/leads/${lead.id}`);
    await page.keyboard.press('v');
    const dialog = page.locator('dialog');
    await dialog.getByLabel(/^Pipeline/).waitFor();
    equal(await dialog.getByLabel(/^Pipeline/).inputValue(), 'private');
    equal(await dialog.getByRole('checkbox', { name: 'Company' }).isChecked(), false);
    await dialog.getByRole('checkbox', { name: 'Company' }).click();
    await until('with a firm', 'firms', () => dialog.getByLabel(/^Pipeline/).inputValue());
    await dialog.getByRole('checkbox', { name: 'Company' }).click();
    equal(await axe(page), [], 'axe');
    await dialog.getByRole('button', { name: 'Convert', exact: true }).click();
    const deal = async () => (await k.api('GET', `/leads/${lead.id}`)).json.converted_deal;
    await until('converted', true, async () => Boolean(await deal()));
    const made = (await k.api('GET', `/deals/${(await deal()).id}`)).json;
    equal([made.pipeline, made.stage, made.name, made.contact.title], ['private', 'asked', 'Two bikes', 'Ida Holm']);
});
await finish();
