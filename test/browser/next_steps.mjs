#!/usr/bin/env node
/*
 * What was done and what comes next: a call logged with the keyboard, a planned step done with a follow-up that YAML suggests,
 * kinds of the firm's own; each taken back by one Undo.
 */
import { Kontor, open, visit, until, undo, axe, test, assert, equal, finish } from './harness.mjs';

const k = await Kontor.make({
    'fields.yaml': 'activity:\n  fields:\n    kind:\n      also:\n        visit: {label: Site visit, icon: map-pin}\n',
    'pipelines.yaml': 'sales: {entity: deal, next_step: true, stages: [{id: enquiry}, {id: won, kind: won}, {id: lost, kind: lost}]}\n',
});
const deal = (await k.api('POST', '/deals', { name: 'Hall' })).json.id;
const links = [{ entity: 'deal', id: deal }];
const page = await open(k);
const flow = (name, run) => test(name, run, page);
const open_ = async () => (await k.api('GET', `/deals/${deal}/timeline?kind=open`)).json.items.map((s) => s.subject);
const dialog = (name) => page.getByRole('dialog', { name });
const steps = () => page.getByRole('region', { name: 'Next steps' });

await flow('next_steps__a_call_is_logged_by_keyboard', async () => {
    await visit(page, `/deals/${deal}`);
    await page.locator('h1').click();
    await page.keyboard.press('l');
    await page.keyboard.type('Nobody there');
    await dialog('Log what was done').getByLabel('Not reached').waitFor();
    await until('what was typed meanwhile', true, () => page.evaluate(() => document.activeElement.value === 'Nobody there'));
    await page.keyboard.press('Tab');
    await until('focus', 'radio', () => page.evaluate(() => document.activeElement.type));
    await page.keyboard.press('ArrowDown');
    equal(await dialog('Log what was done').getByLabel('Not reached').isChecked(), true, 'second result');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await until('suggestion chosen', 'Call again', () => dialog('Log what was done').getByLabel('What is to be done?').inputValue());
    await axe(page);
    await page.keyboard.press('Control+Enter');
    await steps().getByText('Call again').waitFor();
    const made = (await k.api('GET', '/activities?filter=subject = "Nobody there"'.replaceAll(' ', '%20'))).json.items[0];
    equal([made.kind, made.result, Boolean(made.done_at)], ['call', 'not_reached', true], 'logged');
    await undo(page, 'Call logged, next step planned');
    await until('nothing planned', [], open_);
});

await flow('next_steps__a_step_is_done_and_the_next_one_planned', async () => {
    await k.api('POST', '/activities', { kind: 'visit', subject: 'Look at the roof', due: '2026-12-01', links });
    await visit(page, `/deals/${deal}`);
    await steps().getByRole('button', { name: 'Done, and what comes next' }).click();
    await page.keyboard.type('All dry');
    await dialog('Done').getByLabel('Next step', { exact: true }).selectOption('visit');
    await dialog('Done').getByLabel('What is to be done?').fill('Look once more');
    await dialog('Done').getByLabel('Due', { exact: true }).fill('2027-03-01');
    await dialog('Done').getByRole('button', { name: 'Done', exact: true }).click();
    await until('planned', ['Look once more'], open_);
    const done = (await k.api('GET', '/activities?filter=subject%20=%20"Look%20at%20the%20roof"')).json.items[0];
    assert(done.done_at && done.outcome === 'All dry', JSON.stringify(done));
    await undo(page, 'Done: Look at the roof. Next: Look once more');
    await until('as before', ['Look at the roof'], open_);
});

await flow('next_steps__own_kinds_have_their_name_and_icon', async () => {
    await visit(page, `/deals/${deal}`);
    await page.locator('.composer').getByRole('button', { name: 'Site visit' }).click();
    equal(await page.locator('.composer').getByRole('button', { name: 'Site visit' }).locator('use').getAttribute('href').then((h) => h.split('#')[1]), 'map-pin');
    await page.locator('.composer-area').fill('See the cellar');
    await page.getByLabel('Date', { exact: true }).fill('2027-04-01');
    await page.keyboard.press('Control+Enter');
    await steps().getByText('See the cellar').waitFor();
    const made = (await k.api('GET', '/activities?filter=subject%20=%20"See%20the%20cellar"')).json.items[0];
    equal([made.kind, made.due], ['visit', '2027-04-01']);
});

await flow('next_steps__by_thumb', async () => {
    const phone = await open(k, { phone: true });
    await visit(phone, `/deals/${deal}`);
    await phone.getByRole('listitem').filter({ hasText: 'See the cellar' }).getByRole('button', { name: 'Done, and what comes next' }).click();
    await phone.getByRole('button', { name: 'Done', exact: true }).click();
    await until('done', ['Look at the roof'], open_);
    await phone.context().close();
});

await flow('next_steps__the_last_one_asks_for_the_next', async () => {
    page.expected = /status of 422/;
    await visit(page, `/deals/${deal}`);
    await steps().getByRole('checkbox', { name: 'Look at the roof' }).click();
    await dialog('Done').getByText('“Hall” is open and nothing else is planned for it: plan the next step.').waitFor();
    await dialog('Done').getByLabel('What is to be done?').fill('Write the offer');
    await dialog('Done').getByRole('button', { name: 'Done', exact: true }).click();
    await until('planned', ['Write the offer'], open_);
    await visit(page, '/deals?mode=list&view=deals_without_next_step');
    await page.getByText('Hall').waitFor({ state: 'detached' });
});

await finish();
