#!/usr/bin/env node
/*
 * What was done and what comes next: a call logged with the keyboard, a planned step done with a follow-up that YAML suggests,
 * kinds of the firm's own; each taken back by one Undo.
 */
import { Kontor, open, visit, until, undo, axe, test, assert, equal, finish } from './harness.mjs';

const k = await Kontor.make({
    'fields.yaml': 'activity:\n  fields:\n    kind:\n      also:\n        visit: {label: Site visit, icon: map-pin}\n',
    'pipelines.yaml': 'sales: {entity: deal, next_step: true, stages: [{id: enquiry}, {id: offer}, {id: won, kind: won}, {id: lost, kind: lost}]}\n',
});
const deal = (await k.api('POST', '/deals', { name: 'Hall', then: [{ kind: 'task', subject: 'Begin', due: '2027-01-01' }] })).json.id;
const begin = (await k.api('GET', `/deals/${deal}`)).json.next_step.id;
const links = [{ entity: 'deal', id: deal }];
const page = await open(k);
const flow = (name, run) => test(name, run, page);
const open_ = async () => (await k.api('GET', `/deals/${deal}/timeline?kind=open`)).json.items.map((s) => s.subject).filter((s) => s !== 'Begin');
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
    await until('second result', true, () => dialog('Log what was done').getByLabel('Not reached').isChecked());
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
    await steps().getByRole('listitem').filter({ hasText: 'Look at the roof' }).getByRole('button', { name: 'Done, and what comes next' }).click();
    await dialog('Done').getByLabel('What came of it?').fill('All dry');
    await dialog('Done').getByLabel('Next step', { exact: true }).selectOption('visit');
    await dialog('Done').getByLabel('What is to be done?').fill('Look once more');
    const width = (await dialog('Done').getByLabel('Due', { exact: true }).boundingBox()).width;
    assert(width > 90, `a day that can be read is wider than ${width} px`);
    await dialog('Done').getByLabel('Due', { exact: true }).fill('2027-03-01');
    await dialog('Done').getByRole('button', { name: 'Done', exact: true }).click();
    await until('planned', ['Look once more'], open_);
    const done = (await k.api('GET', '/activities?filter=subject%20=%20"Look%20at%20the%20roof"')).json.items[0];
    assert(done.done_at && done.outcome === 'All dry', JSON.stringify(done));
    await undo(page, 'Done: Look at the roof. Next: Look once more');
    await until('as before', ['Look at the roof'], open_);
});

await flow('next_steps__a_time_of_today_that_has_passed_is_late', async () => {
    const made = await k.api('POST', '/activities', { kind: 'call', subject: 'Ring at two', due: '2026-11-20T14:00[Europe/Berlin]', links });
    const later = await open(k, { zone: 'Europe/Berlin', now: '2026-11-20T14:45:00Z' });
    await visit(later, `/deals/${deal}`);
    await later.getByRole('region', { name: 'Next steps' }).getByText('Overdue since 14:00').waitFor();
    await visit(later, '/deals?mode=board&view=all');
    await later.locator('.next-late').filter({ hasText: 'Overdue since 14:00' }).waitFor();
    await later.context().close();
    await k.api('DELETE', `/activities/${made.json.id}`);
});

await flow('next_steps__without_words_one_is_called_after_what_it_is_about', async () => {
    await k.api('POST', '/activities', { kind: 'call', subject: 'Ring them', due: '2026-12-02', links });
    await visit(page, `/deals/${deal}`);
    await steps().getByRole('listitem').filter({ hasText: 'Ring them' }).getByRole('button', { name: 'Done, and what comes next' }).click();
    await dialog('Done').getByLabel('Next step', { exact: true }).selectOption('task');
    await dialog('Done').getByLabel('What is to be done?').waitFor();
    await dialog('Done').getByRole('button', { name: 'Cancel' }).focus();
    await page.keyboard.press('Control+Enter');
    await until('planned', ['Look at the roof', 'Task: Hall'], async () => (await open_()).sort());
    await undo(page, 'Done: Ring them. Next: Task: Hall');
    await until('as before', ['Look at the roof', 'Ring them'], async () => (await open_()).sort());
    await page.locator('h1').click();
    await page.keyboard.press('l');
    await dialog('Log what was done').getByLabel('What came of it?').fill('Rang, nobody');
    await dialog('Log what was done').getByLabel('Next step', { exact: true }).selectOption('visit');
    await dialog('Log what was done').getByRole('button', { name: 'Save' }).focus();
    await page.keyboard.press('Control+Enter');
    await until('planned', ['Look at the roof', 'Ring them', 'Site visit: Hall'], async () => (await open_()).sort());
    await undo(page, 'Call logged, next step planned');
    await k.api('DELETE', `/activities/${(await k.api('GET', '/activities?filter=subject%20=%20"Ring%20them"')).json.items[0].id}`);
    await until('as before', ['Look at the roof'], open_);
});

await flow('next_steps__own_kinds_have_their_name_and_icon', async () => {
    await visit(page, `/deals/${deal}`);
    await page.locator('.composer').getByRole('button', { name: 'Site visit' }).click();
    equal(await page.locator('.composer').getByRole('button', { name: 'Site visit' }).locator('use').getAttribute('href').then((h) => h.split('#')[1]), 'map-pin');
    await page.locator('.composer-area').fill('See the cellar');
    await page.getByLabel('Date', { exact: true }).fill('2031-04-01');
    await page.keyboard.press('Control+Enter');
    await steps().getByText('See the cellar').waitFor();
    const made = (await k.api('GET', '/activities?filter=subject%20=%20"See%20the%20cellar"')).json.items[0];
    equal([made.kind, made.due], ['visit', '2031-04-01']);
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
    await k.api('PATCH', `/activities/${begin}`, { done_at: '2026-11-20T10:00:00Z' });
    await visit(page, `/deals/${deal}`);
    await steps().getByRole('checkbox', { name: 'Look at the roof' }).click();
    await dialog('Done').getByText('“Hall” is open and nothing else is planned for it: plan the next step.').waitFor();
    await dialog('Done').getByLabel('What is to be done?').fill('Write the offer');
    await dialog('Done').getByRole('button', { name: 'Done', exact: true }).click();
    await until('planned', ['Write the offer'], open_);
    await visit(page, '/deals?mode=list&view=deals_without_next_step');
    await page.getByText('Hall').waitFor({ state: 'detached' });
});

const planned = async (id) => (await k.api('GET', `/deals/${id}/timeline?kind=open`)).json.items.map((s) => s.subject);
const comes = (on = page) => on.getByRole('dialog', { name: 'What comes next?' });
/** Deals that were there before the rule. */
k.must('import', 'deal', k.write('old.csv', 'name,pipeline,stage\nOld one,sales,enquiry\nOld two,sales,enquiry\n'), '--no-gates');
const old = Object.fromEntries((await k.api('GET', '/deals?filter=name%20starts%20with%20"Old"')).json.items.map((d) => [d.name, d.id]));
const stageOf = async (id) => (await k.api('GET', `/deals/${id}?fields=stage`)).json.stage;

await flow('next_steps__a_move_on_the_board_asks_for_it', async () => {
    await visit(page, '/deals?mode=board');
    await page.locator(`#card-${old['Old one']}`).focus();
    await page.keyboard.press('Shift+ArrowRight');
    await comes().getByText('“Old one” is open and nothing is planned for it: plan the next step.').waitFor();
    await axe(page);
    await page.keyboard.press('Escape');
    await comes().waitFor({ state: 'detached' });
    await until('put back', 1, () => page.locator('[data-column=enquiry]').locator(`#card-${old['Old one']}`).count());
    equal([await stageOf(old['Old one']), await planned(old['Old one'])], ['enquiry', []]);
    await page.locator(`#card-${old['Old one']}`).focus();
    await page.keyboard.press('Shift+ArrowRight');
    await comes().getByLabel('What is to be done?').waitFor();
    await until('focus', 'What is to be done?', () => page.evaluate(() => document.activeElement.ariaLabel));
    await page.keyboard.press('Control+Enter');
    await until('moved', 'offer', () => stageOf(old['Old one']));
    equal(await planned(old['Old one']), ['Task: Old one']);
    page.expected = /status of (409|422)/;
    await page.locator('.toast', { hasText: 'Old one moved to' }).getByRole('button', { name: 'Undo' }).click();
    await page.locator('.toast', { hasText: '“Old one” is open and nothing' }).waitFor();
    equal([await stageOf(old['Old one']), await planned(old['Old one'])], ['offer', ['Task: Old one']], 'without one it does not go back');
});

await flow('next_steps__a_deletion_asks_for_it', async () => {
    const id = (await k.api('GET', `/deals/${deal}`)).json.next_step.id;
    await visit(page, `/activities/${id}`);
    await page.getByRole('button', { name: 'More actions' }).first().click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await comes().getByLabel('What is to be done?').fill('Write it anew');
    await comes().getByRole('button', { name: 'Plan it' }).click();
    await until('in its place', ['Write it anew'], () => planned(deal));
    await undo(page, 'Write the offer moved to the bin');
    await until('both as before', ['Write the offer'], () => planned(deal));
});

await flow('next_steps__a_new_deal_asks_for_it', async () => {
    await visit(page, '/deals?mode=list');
    await page.keyboard.press('c');
    await page.locator('#quick').getByLabel(/^Name/).fill('Barn');
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await comes().getByLabel('What is to be done?').fill('See the barn');
    await comes().getByRole('button', { name: 'Plan it' }).click();
    await page.locator('.toast', { hasText: 'Barn created' }).waitFor();
    const made = (await k.api('GET', '/deals?filter=name%20=%20"Barn"')).json.items[0];
    equal(made.next_step.subject, 'See the barn');
});

await flow('next_steps__it_is_asked_for_by_thumb', async () => {
    const phone = await open(k, { phone: true });
    phone.expected = /status of 422/;
    await visit(phone, '/deals?mode=board');
    await phone.getByRole('button', { name: 'Actions for Old two', exact: true }).tap();
    await phone.getByRole('menuitemcheckbox', { name: 'offer' }).tap();
    await comes(phone).getByLabel('What is to be done?').fill('Visit');
    await comes(phone).getByRole('button', { name: 'Plan it' }).tap();
    await until('moved', ['offer', ['Visit']], async () => [await stageOf(old['Old two']), await planned(old['Old two'])]);
    await phone.context().close();
});

await flow('next_steps__the_head_of_a_record_says_it', async () => {
    const company = (await k.api('POST', '/companies', { name: 'Works' })).json.id;
    const person = (await k.api('POST', '/contacts', { last_name: 'Bo', company })).json.id;
    const head = (text) => page.locator('.rec-head').getByText(text);
    await visit(page, `/companies/${company}`);
    await head('No next step').waitFor();
    await k.api('POST', '/deals', { name: 'Gate', company, then: [{ kind: 'call', subject: 'Ask for the plans', due: '2031-05-01' }] });
    await head('Ask for the plans').waitFor();
    await axe(page);
    await k.api('POST', '/activities', { subject: 'Ring Bo', due: '2031-04-01', links: [{ entity: 'contact', id: person }] });
    await head('Ring Bo').waitFor();
    await visit(page, `/contacts/${person}`);
    await head('Ring Bo').waitFor();
});

const doneOf = async (id) => Boolean((await k.api('GET', `/activities/${id}`)).json.done_at);

await flow('next_steps__the_head_of_a_person_who_left_has_none_of_the_firm', async () => {
    const firm = (await k.api('POST', '/companies', { name: 'Left behind' })).json.id;
    const person = (await k.api('POST', '/contacts', { last_name: 'Gone', emails: ['gone@sample.example'] })).json.id;
    await k.api('POST', '/contact_companies', { contact: person, company: firm, until: '2023-09-02' });
    await k.api('POST', '/activities', { subject: 'Of the firm', due: '2027-01-05', links: [{ entity: 'company', id: firm }] });
    await visit(page, `/contacts/${person}`);
    await page.locator('.rec-next').getByText('No next step').waitFor();
    await visit(page, `/companies/${firm}`);
    await page.locator('.rec-next').getByText('Of the firm').waitFor();
});

await flow('next_steps__a_row_of_a_list_is_ticked', async () => {
    const make = async (subject) => (await k.api('POST', '/activities', { subject, due: '2027-06-01' })).json.id;
    const [one, two, three] = [await make('Row one'), await make('Row two'), await make('Row three')];
    const row = (name, on = page) => on.locator('tr[data-row]').filter({ hasText: name });
    await visit(page, '/activities?mode=list&view=all');
    await row('Row one').getByRole('checkbox', { name: 'Done: Row one' }).click();
    await until('done', true, () => doneOf(one));
    await undo(page, 'Done: Row one');
    await until('open', false, () => doneOf(one));
    await row('Row two').getByRole('link', { name: 'Row two' }).focus();
    await page.keyboard.press('x');
    await until('done by key', true, () => doneOf(two));
    await until('ticked', true, () => row('Row two').getByRole('checkbox', { name: 'Done: Row two' }).isChecked());
    await row('Row two').getByRole('checkbox', { name: 'Done: Row two' }).click();
    await until('open again', false, () => doneOf(two));
    await row('Row one').getByRole('link', { name: 'Row one' }).focus();
    await page.keyboard.press('d');
    await dialog('Done').getByLabel('Next step', { exact: true }).selectOption('call');
    await dialog('Done').getByLabel('What is to be done?').fill('After row one');
    await axe(page);
    await dialog('Done').getByRole('button', { name: 'Done', exact: true }).click();
    await until('done with the next', true, () => doneOf(one));
    await row('After row one').waitFor();
    await axe(page);
    const phone = await open(k, { phone: true });
    await visit(phone, '/activities?mode=list&view=all');
    await phone.locator('.list-cards li').filter({ hasText: 'Row three' }).getByRole('checkbox', { name: 'Done: Row three' }).tap();
    await until('done by thumb', true, () => doneOf(three));
    await phone.context().close();
});

await finish();
