#!/usr/bin/env node
/*
 * Rules of the firm as people meet them: the page in the settings, what the bell says, what a record
 * tells of them, the time left for an answer, and one's own absences.
 */
import { Kontor, open, visit, axe, shot, test, assert, equal, finish } from './harness.mjs';

const RULES = `
- name: in-turn
  help: Enquiries go round
  after: lead.created
  if: 'source = "website"'
  do:
    - assign: {round_robin: [{team: Solar}]}
    - notify: {to: {team: Nobody}, text: "{subject}"}
- name: near
  after: lead.city
  do:
    - assign: {least_busy: [{team: Solar}], if: 'name = lead.city', otherwise: anna@example.com}
    - create: {activity: {kind: call, subject: "Call {title}", due: now() + 1 days}}
    - set: {stage: contacted, phones: empty}
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
    await page.locator('#rule-in-turn', { hasText: 'Assign in turn: Team Solar' }).waitFor();
    const near = await page.locator('#rule-near').innerText();
    for (const part of ['Lead: City', 'Assign to the least busy: Team Solar', 'name = lead.city', 'Leads', 'Otherwise: anna@example.com', 'Make: Activity', 'Kind: Call', '“Call {title}”', 'now() + 1 days', 'Stage: Contacted', 'Phone: empty']) {
        assert(near.includes(part), `${part} in ${near}`);
    }
    await page.getByText('there is no team “Nobody”').waitFor();
    await page.getByText('Refuse, at Subject: “No games of chance”').waitFor();
    equal(await axe(page), [], 'axe');
    const german = await open(k, { locale: 'de-DE', phone: true });
    await visit(german, '/settings/rules');
    await german.locator('#rule-near').waitFor();
    await german.getByText('Ablehnen, bei Betreff: „No games of chance“').waitFor();
    const text = await german.locator('#rule-near').innerText();
    for (const part of ['Lead: Ort', 'Dem am wenigsten Beschäftigten zuweisen: Team Solar', 'Nur wer passt: name = lead.city', 'Sonst: anna@example.com', 'Anlegen: Aktivität', 'Art: Anruf', 'Ausfüllen']) {
        assert(text.includes(part), `${part} in ${text}`);
    }
    equal(await german.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0, 'too wide');
    await shot(german, 'rules-phone');
    await german.context().close();
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
    const clock = page.locator('.tl-change', { hasText: 'by the clock of first answers' });
    assert(/Answer by.*→.*, \d\d:\d\d/s.test(await clock.innerText()), `the time of day in ${await clock.innerText()}`);
    equal(await axe(page), [], 'axe');
    await visit(page, '/leads');
    await page.locator('table time.badge', { hasText: '4 hours left' }).waitFor();
    await visit(anna, '/leads');
    await anna.locator('.list-cards time.badge', { hasText: '4 hours left' }).waitFor();
}, page);

await test('rules__absences_are_entered_in_the_profile', async () => {
    await visit(anna, '/profile');
    await anna.getByRole('link', { name: 'My absences' }).click();
    await anna.waitForURL('**/absences');
    await anna.getByRole('heading', { name: 'Absences', exact: true }).waitFor();
    await anna.getByRole('button', { name: 'New', exact: true }).click();
    const form = anna.getByRole('dialog', { name: 'New' });
    equal(await form.getByRole('combobox', { name: 'Who' }).inputValue(), 'anna', 'who is away');
    equal(await form.getByLabel('From').inputValue(), await anna.evaluate(() => { const d = new Date(); return [d.getFullYear(), d.getMonth() + 1, d.getDate()].map((n) => String(n).padStart(2, '0')).join('-'); }), 'from today on');
    await form.getByLabel('From').fill('2031-03-04');
    await form.getByRole('button', { name: 'Create', exact: true }).click();
    await form.waitFor({ state: 'detached' });
    const [made] = (await k.api('GET', '/absences?fields=user,from')).json.items;
    equal([made.user.title, made.from], ['anna', '2031-03-04']);
    equal((await k.api('POST', '/absences', {}, 'anna@example.com')).status, 201);
}, anna);

await finish();
