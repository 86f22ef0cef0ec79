#!/usr/bin/env node
/*
 * Pipelines as their YAML has them: a gate that wants a meeting has it written down at the drop, by
 * mouse, keys and thumb.
 */
import { open, visit, until, undo, axe, test, assert, equal, finish, day } from './harness.mjs';
import { seed, aged, find } from './seed.mjs';

const PIPELINES = `
sales:
  entity: deal
  label: Sales
  stages:
    - {id: enquiry, label: Enquiry, percent: 10}
    - id: proposal
      label: Proposal
      percent: 50
      gate: {require: [amount], activities: [{kind: meeting, done: true}, {kind: task}], say: Meet them first}
    - {id: won, label: Won, kind: won}
    - {id: lost, label: Lost, kind: lost, gate: {require: [lost_reason]}}
repairs:
  entity: deal
  label: Repairs
  card: [contact, amount, source]
  stages: [{id: call, percent: 40}, {id: visit, percent: 60}, {id: done, kind: won}, {id: lost, kind: lost}]
`;
const k = await aged({ 'pipelines.yaml': PIPELINES }, 3, [['deal', [{ name: 'Aged', pipeline: 'sales', stage: 'enquiry' }]]]);
await seed(k, { deals: false });
for (const name of ['By mouse', 'By keys', 'By thumb']) {
    await k.api('POST', '/deals', { name, pipeline: 'sales', stage: 'enquiry', ...(name === 'By mouse' ? {} : { amount: '10' }) });
}

const page = await open(k);
const flow = (name, run) => test(name, run, page);
const card = (name, on = page) => on.getByRole('article', { name, exact: true });
const stageOf = async (name) => (await k.api('GET', `/deals/${await find(k, 'deals', name)}`)).json.stage;
const workOf = async (name) => (await k.api('GET', `/activities?filter=${encodeURIComponent(`links contains ${await find(k, 'deals', name)}`)}&sort=kind`)).json.items;
const MEETING = 'Meeting (done)';
const TASK = 'Task (planned or done)';

await flow('pipeline__a_gate_has_the_meeting_written_down', async () => {
    page.expected = /status of 422/;
    await visit(page, '/deals');
    await card('By mouse').getByRole('button', { name: 'Actions for By mouse' }).click();
    await page.getByRole('menuitemcheckbox', { name: 'Proposal' }).click();
    const dialog = page.locator('dialog');
    await dialog.getByText('To enter Proposal, By mouse needs: Amount, Meeting (done), Task (planned or done).').waitFor();
    await dialog.getByText('Meet them first').waitFor();
    equal(await dialog.locator('fieldset').evaluateAll((all) => all.filter((f) => getComputedStyle(f).borderStyle.includes('groove')).length), 0, 'frames of the browser');
    const meeting = dialog.getByRole('group', { name: MEETING });
    const task = dialog.getByRole('group', { name: TASK });
    await dialog.getByLabel(/^Amount/).fill('99');
    await meeting.getByLabel(/^Subject/).fill('Met at their office');
    await task.getByLabel(/^Subject/).fill('Write the offer');
    const proposed = await task.locator('input[type=date]').first().inputValue();
    assert(proposed > day(0) && ![0, 6].includes(new Date(`${proposed}T12:00`).getDay()), `a working day to come is proposed, not "${proposed}"`);
    await task.locator('input[type=date], input[type=datetime-local]').first().fill((await task.locator('input[type=date]').count()) ? day(4) : `${day(4)}T10:00`);
    equal(await axe(page), [], 'axe');
    await dialog.getByRole('button', { name: 'Move' }).dblclick();
    await until('stage', 'proposal', () => stageOf('By mouse'));
    const work = await workOf('By mouse');
    equal(work.map((a) => [a.kind, a.subject, Boolean(a.done_at)]), [['task', 'Write the offer', false], ['meeting', 'Met at their office', true]]);
    await undo(page, 'By mouse moved to Proposal');
    await until('stage', 'enquiry', () => stageOf('By mouse'));
    equal(await workOf('By mouse'), [], 'what went along came back along');
    page.expected = null;
});

await flow('pipeline__a_gate_by_keys_and_cancel', async () => {
    page.expected = /status of 422/;
    await visit(page, '/deals');
    await card('By keys').focus();
    await page.keyboard.press('Shift+ArrowRight');
    await page.locator('dialog').getByRole('group', { name: MEETING }).waitFor();
    await page.keyboard.press('Escape');
    await page.locator('dialog').waitFor({ state: 'detached' });
    equal([await stageOf('By keys'), (await workOf('By keys')).length], ['enquiry', 0]);
    page.expected = null;
});

await flow('pipeline__ctrl_enter_answers_a_gate', async () => {
    page.expected = /status of 422/;
    await k.api('POST', '/deals', { name: 'By Ctrl', pipeline: 'sales', stage: 'enquiry' });
    await visit(page, '/deals');
    await card('By Ctrl').focus();
    await page.keyboard.press('Shift+ArrowRight');
    const dialog = page.locator('dialog');
    await dialog.getByLabel(/^Amount/).fill('70');
    await dialog.getByRole('group', { name: TASK }).locator('input').last().focus();
    await page.keyboard.press('Control+Enter');
    await until('stage', 'proposal', () => stageOf('By Ctrl'));
    equal((await workOf('By Ctrl')).map((a) => a.subject), ['Task: By Ctrl', 'Meeting: By Ctrl']);
    page.expected = null;
});

await flow('pipeline__a_gate_by_thumb', async () => {
    const phone = await open(k, { phone: true });
    phone.expected = /status of 422/;
    await k.api('POST', '/activities', { kind: 'task', subject: 'Later', links: [{ entity: 'deal', id: await find(k, 'deals', 'By thumb') }] });
    await visit(phone, '/deals');
    await card('By thumb', phone).getByRole('button', { name: 'Actions for By thumb' }).tap();
    await phone.getByRole('menuitemcheckbox', { name: 'Proposal' }).tap();
    const dialog = phone.locator('dialog');
    await dialog.getByRole('group', { name: MEETING }).waitFor();
    await until('what is there is asked for', 0, () => dialog.getByRole('group', { name: TASK }).count());
    const box = await dialog.getByRole('button', { name: 'Move' }).boundingBox();
    assert(box.height >= 36, `the button is ${box.height} px high`);
    await dialog.getByRole('button', { name: 'Move' }).tap();
    await until('stage', 'proposal', () => stageOf('By thumb'));
    await phone.context().close();
});

await flow('pipeline__a_record_tells_the_days_in_its_stages', async () => {
    const id = await find(k, 'deals', 'Aged');
    await visit(page, `/deals/${id}`);
    const steps = page.getByRole('list', { name: 'Stage' });
    await steps.getByText('3 d', { exact: true }).waitFor();
    await k.api('PATCH', `/deals/${id}`, { stage: 'won' });
    await until('steps with days', 1, () => steps.locator('.stage-stay').count());
    await until('stage', 'Won', () => steps.locator('[aria-current]').textContent());
    equal(await axe(page), [], 'axe');
});

await flow('pipeline__cards_show_what_their_pipeline_says', async () => {
    const person = (await k.api('GET', '/contacts?limit=1')).json.items[0];
    await k.api('POST', '/deals', { name: 'Leak', pipeline: 'repairs', stage: 'call', amount: '300', source: 'referral', contact: person.id, percent: '75', close_date: day(3) });
    await visit(page, '/deals');
    await page.locator('.viewbar').getByRole('button', { name: 'Sales' }).click();
    await page.getByRole('menuitemcheckbox', { name: 'Repairs' }).click();
    const leak = card('Leak');
    await leak.getByText(person.title).waitFor();
    await leak.getByText('Referral').waitFor();
    await leak.getByText('75%').waitFor();
    await until('closing days', 0, () => leak.locator('.push.nowrap').count());
    await k.api('PATCH', `/deals/${await find(k, 'deals', 'Leak')}`, { percent: '40' });
    await until('badges', 0, () => leak.locator('.badge').count());
});

await flow('pipeline__boards_are_saved', async () => {
    await visit(page, '/deals?mode=board&pipeline=repairs');
    await page.getByRole('button', { name: 'Save view' }).click();
    await page.getByLabel('Name of the view').fill('All repairs');
    await page.getByLabel('Who sees it').selectOption('all');
    await page.locator('.popover').getByRole('button', { name: 'Save view' }).click();
    await page.locator('.viewtabs').getByRole('link', { name: 'All repairs' }).waitFor();
    await card('Leak').waitFor();
    await page.locator('.viewbar').getByRole('button', { name: 'Repairs' }).click();
    await page.getByRole('menuitemcheckbox', { name: 'By Source' }).click();
    await page.getByRole('region', { name: 'Referral', exact: true }).waitFor();
    await page.getByRole('button', { name: 'Save view' }).click();
    await page.getByLabel('Name of the view').fill('By source');
    await page.locator('.popover').getByRole('button', { name: 'Save view' }).click();
    await page.locator('.viewtabs').getByRole('link', { name: 'By source' }).waitFor();
    await visit(page, '/deals');
    await page.locator('.viewtabs').getByRole('link', { name: 'By source' }).click();
    await page.getByRole('region', { name: 'Referral', exact: true }).waitFor();
    const ended = await k.api('POST', '/deals', { name: 'Ended well', source: 'referral', pipeline: 'repairs', stage: 'done' });
    equal(ended.status, 201, JSON.stringify(ended.json));
    equal(await card('Leak').locator('.badge-good').count(), 0, 'an open one says nothing of its end');
    await visit(page, '/deals?view=deal_board&mode=board&by=source');
    equal(await card('Ended well').locator('.badge-good').textContent(), 'Done', 'what no column says');
    await page.locator('.viewtabs').getByRole('link', { name: 'All repairs' }).click();
    await page.getByRole('region', { name: 'Visit', exact: true }).waitFor();
});

await flow('pipeline__one_column_at_a_time_on_a_phone', async () => {
    const phone = await open(k, { phone: true });
    await visit(phone, '/deals?mode=board&pipeline=repairs');
    const tabs = phone.getByRole('group', { name: 'Columns', exact: true });
    await card('Leak', phone).waitFor();
    const column = phone.getByRole('region', { name: 'Call', exact: true });
    equal((await column.boundingBox()).width, 390, 'width of a column');
    await tabs.getByRole('button', { name: 'Visit' }).tap();
    await until('tab', 'true', () => tabs.getByRole('button', { name: 'Visit' }).getAttribute('aria-pressed'));
    await until('column in sight', 0, async () => Math.round((await phone.getByRole('region', { name: 'Visit', exact: true }).boundingBox()).x));
    await tabs.getByRole('button', { name: 'Call' }).tap();
    await card('Leak', phone).getByRole('button', { name: 'Actions for Leak' }).tap();
    await phone.getByRole('menuitemcheckbox', { name: 'Visit' }).tap();
    await until('stage', 'visit', () => stageOf('Leak'));
    await until('counts', '1', () => tabs.getByRole('button', { name: 'Visit' }).locator('.count').textContent());
    equal(await axe(phone), [], 'axe');
    await phone.getByRole('button', { name: 'View options' }).tap();
    await phone.getByLabel('Columns of the board').selectOption({ label: 'Sales' });
    await phone.getByRole('region', { name: 'Enquiry', exact: true }).waitFor();
    await phone.context().close();
});

await flow('pipeline__back_leads_to_the_columns_before', async () => {
    const column = (name) => page.getByRole('region', { name, exact: true });
    await visit(page, '/home');
    await visit(page, '/deals?mode=board&pipeline=sales');
    await column('Enquiry').waitFor();
    await page.getByRole('button', { name: 'Sales', exact: true }).click();
    await page.getByRole('menuitemcheckbox', { checked: false }).first().click();
    await until('other columns', 0, () => column('Enquiry').count());
    await page.goBack();
    await column('Enquiry').waitFor();
    equal(new URL(page.url()).pathname, '/deals');
});

await flow('pipeline__the_board_tells_the_time_in_stage', async () => {
    const answer = (await k.api('GET', '/boards/sales/stages')).json;
    await visit(page, '/deals?mode=board&pipeline=sales');
    const asked = page.waitForRequest((r) => r.url().includes('/boards/sales/stages'));
    await page.getByRole('button', { name: 'Time in stage' }).click();
    equal(new URL((await asked).url()).searchParams.get('to'), null, 'until now, also where the firm has tomorrow already');
    const dialog = page.locator('dialog');
    const row = dialog.getByRole('row', { name: /^Enquiry/ });
    await row.waitFor();
    const cells = (await row.getByRole('cell').allTextContents()).map((x) => x.replace(', show the rows', ''));
    const s = answer.stages.find((x) => x.id === 'enquiry');
    equal(cells.slice(0, 2), [String(s.entered), String(s.left)]);
    equal(cells[4], String(s.won));
    equal(await axe(page), [], 'axe');
    for (const [at, which, here] of [[1, 'Left in this time', ''], [8, 'There now', '&here=1']]) {
        await row.getByRole('cell').nth(at).getByRole('button', { name: /show the rows/ }).click();
        const rows = page.getByRole('dialog', { name: 'Enquiry' });
        await rows.getByRole('button', { name: which, exact: true, pressed: true }).waitFor();
        const { count } = (await k.api('GET', `/boards/sales/stays?stage=enquiry${here}`)).json;
        await until('rows', Math.min(count, 50), () => rows.locator('tbody tr').count());
        equal(await axe(page), [], 'axe of the rows');
        await page.keyboard.press('Escape');
        await rows.waitFor({ state: 'detached' });
        await row.waitFor();
    }
    await dialog.getByLabel('To').fill(day(-400));
    await dialog.getByText('The first day lies after the last.').waitFor();
    await dialog.getByLabel('From').fill(day(-500));
    await until('entered', '–', async () => (await row.getByRole('cell').allTextContents())[0]);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
});

await flow('pipeline__the_wizard_lets_rows_past_gates_when_told', async () => {
    await visit(page, '/import?kind=deal');
    await page.setInputFiles('#import-file', { name: 'old.csv', mimeType: 'text/csv', buffer: Buffer.from('name,pipeline,stage,amount\nOld one,sales,proposal,5\n') });
    await page.getByRole('heading', { name: 'Columns' }).waitFor();
    await page.getByRole('group', { name: 'Gates and rules that refuse' }).getByLabel('Let every row pass; the history says so').check();
    await page.getByRole('button', { name: 'Check', exact: true }).click();
    await page.getByText('How the rows will turn out').waitFor();
    await page.getByRole('button', { name: /^Import 1/ }).click();
    await until('stage', 'proposal', async () => (await k.api('GET', `/deals?filter=${encodeURIComponent('name = "Old one"')}`)).json.items[0]?.stage);
    const [last] = (await k.api('GET', '/changes?limit=1')).json.items;
    assert(JSON.stringify(last).includes('without gates'), JSON.stringify(last));
});

await finish();
