#!/usr/bin/env node
/*
 * Rules of the firm as people meet them: the page in the settings, what the bell says, what a record
 * tells of them, the time left for an answer, and one's own absences.
 */
import { Kontor, open, visit, axe, test, equal, finish } from './harness.mjs';

const RULES = `
- name: in-turn
  help: Enquiries go round
  after: lead.created
  if: 'source = "website"'
  do:
    - assign: {round_robin: [{team: Solar}]}
    - notify: {to: {team: Nobody}, text: "{subject}"}
- name: no-spam
  before: lead.subject
  if: 'subject contains "casino"'
  do: {refuse: {field: subject, say: No games of chance}}
`;
const k = await Kontor.make({ 'rules.yaml': RULES, 'response.yaml': 'lead: {within: [{hours: 4}]}\n' });
const made = async (path, body) => (await k.api('POST', path, body)).json;
await made('/teams', { name: 'Solar' });
k.addUser('anna@example.com', 'member', 'Solar');
const lead = await made('/leads', { last_name: 'Muster', subject: 'Roof', source: 'website' });
const page = await open(k);
const anna = await open(k, { as: 'anna@example.com', phone: true });

await test('rules__stand_in_the_settings', async () => {
    await visit(page, '/settings');
    await page.getByRole('link', { name: 'Rules', exact: true }).click();
    await page.getByRole('heading', { name: 'in-turn' }).waitFor();
    await page.getByText('assign round robin of team Solar').waitFor();
    await page.getByText('there is no team “Nobody”').waitFor();
    await page.getByText('refuse: No games of chance').waitFor();
    equal(await axe(page), [], 'axe');
    await visit(anna, '/settings/rules');
    await anna.getByText('Only for administrators').waitFor();
}, page);

await test('rules__the_new_owner_is_told', async () => {
    await visit(anna, '/home');
    await anna.getByRole('button', { name: /notification/i }).click();
    await anna.locator('.notice-item', { hasText: 'assigned this to you' }).locator('a').first().click();
    await anna.waitForURL(`**/leads/${lead.id}`);
    await anna.locator('h1.rec-name').waitFor();
    equal(await axe(anna), [], 'axe');
}, anna);

await test('rules__a_record_tells_what_they_did', async () => {
    await visit(page, `/leads/${lead.id}`);
    await page.getByText('by rule in-turn: assigned to anna: round robin of team Solar').waitFor();
    await page.getByText('4 hours left').first().waitFor();
    equal(await axe(page), [], 'axe');
    await visit(page, '/leads');
    await page.locator('time.badge', { hasText: '4 hours left' }).waitFor();
}, page);

await test('rules__absences_are_entered_in_the_profile', async () => {
    await visit(anna, '/profile');
    await anna.getByRole('link', { name: 'My absences' }).click();
    await anna.waitForURL('**/absences');
    await anna.getByRole('heading', { name: 'Absences', exact: true }).waitFor();
    equal((await k.api('POST', '/absences', {}, 'anna@example.com')).status, 201);
}, anna);

await finish();
