#!/usr/bin/env node
/*
 * Pipelines as their YAML has them: a gate that wants a meeting has it written down at the drop, by
 * mouse, keys and thumb.
 */
import { open, visit, until, undo, axe, test, assert, equal, finish } from './harness.mjs';
import { seed, aged, find, day } from './seed.mjs';

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
const MEETING = 'Meeting: one that is done is needed in the stage Proposal.';
const TASK = 'Task: one that is planned or done is needed in the stage Proposal.';

await flow('pipeline__a_gate_has_the_meeting_written_down', async () => {
    page.expected = /status of 422/;
    await visit(page, '/deals');
    await card('By mouse').getByRole('button', { name: 'Actions for By mouse' }).click();
    await page.getByRole('menuitemcheckbox', { name: 'Proposal' }).click();
    const dialog = page.locator('dialog');
    await dialog.getByText('Meet them first').waitFor();
    const meeting = dialog.getByRole('group', { name: MEETING });
    const task = dialog.getByRole('group', { name: TASK });
    await dialog.getByLabel(/^Amount/).fill('99');
    await meeting.getByLabel(/^Subject/).fill('Met at their office');
    await task.getByLabel(/^Subject/).fill('Write the offer');
    await task.locator('input[type=date], input[type=datetime-local]').first().fill((await task.locator('input[type=date]').count()) ? day(4) : `${day(4)}T10:00`);
    equal(await axe(page), [], 'axe');
    await dialog.getByRole('button', { name: 'Move' }).click();
    await until('stage', 'proposal', () => stageOf('By mouse'));
    const work = await workOf('By mouse');
    equal(work.map((a) => [a.kind, a.subject, Boolean(a.done_at)]), [['task', 'Write the offer', false], ['meeting', 'Met at their office', true]]);
    await undo(page, 'By mouse moved to Proposal');
    await until('stage', 'enquiry', () => stageOf('By mouse'));
    page.expected = null;
});

await flow('pipeline__a_gate_by_keys_and_cancel', async () => {
    page.expected = /status of 422/;
    await visit(page, '/deals');
    await card('By keys').focus();
    await page.keyboard.press('Shift+ArrowRight');
    await page.locator('dialog').getByText(MEETING).waitFor();
    await page.keyboard.press('Escape');
    await page.locator('dialog').waitFor({ state: 'detached' });
    equal([await stageOf('By keys'), (await workOf('By keys')).length], ['enquiry', 0]);
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
    await dialog.getByText(MEETING).waitFor();
    equal(await dialog.getByText(TASK).count(), 0, 'what is there is asked for');
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

await finish();
