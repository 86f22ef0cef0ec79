#!/usr/bin/env node
/*
 * A file comes in: dropped or chosen, columns mapped, a trial with bad cells, the run, what was
 * rejected put right in place, undone; by keys, on a phone, and over a reload in the middle.
 */
import { readFileSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { Kontor, open, visit, settled, axe, test, equal, assert, until, finish, day } from './harness.mjs';

const k = await Kontor.make();
await k.api('POST', '/contacts', { first_name: 'Ann', last_name: 'Lee', emails: ['ann@example.com'], city: 'Lübeck' });

const PEOPLE = 'First name;Last name;E-mail;Firm;Born;City;Remarks\n'
    + 'Ann;Lee;ann@example.com;Nordwind;21.11.1980;Kiel;met at the fair\nBo;Ek;bo@example.com;Nordwind;31.12.1975;Berlin;\n'
    + 'Cy;Ng;cy@example.com;Ostwind;nonsense;Rostock;call back\n';
const DEALS = 'Deal;Customer;Stage;Value;Lost reason\nRoof;Nordwind;Propsal;"1.500,00";\nShed;Nordwind;Verhandlung;200,00;\nBarn;Ostwind;Lost;10,00;too dear\n';
const file = (name, text) => ({ name, mimeType: 'text/csv', buffer: Buffer.from(text) });
const button = (page, name) => page.getByRole('button', { name, exact: true });
const counts = (page) => page.locator('.counts b').allTextContents();
const count = async (what, filter = '') => (await k.api('GET', `/${what}?limit=1${filter && `&filter=${encodeURIComponent(filter)}`}`)).json.count;

async function take(page, name, text, where = '/import') {
    await visit(page, where);
    await page.setInputFiles('#import-file', file(name, text));
    await page.getByRole('heading', { name: 'Columns' }).waitFor();
    await settled(page);
}

const page = await open(k);

await test('import__a_file_dropped_on_a_list_comes_in', async () => {
    await visit(page, '/companies');
    await page.locator('.page').evaluate((el) => {
        const data = new DataTransfer();
        data.items.add(new File(['name;city\nDropped GmbH;Kiel\n'], 'firms.csv', { type: 'text/csv' }));
        for (const type of ['dragover', 'drop']) el.dispatchEvent(new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }));
    });
    await page.getByRole('heading', { name: 'Columns' }).waitFor();
    await settled(page);
    equal(await page.getByLabel('Field for name').inputValue(), 'name');
});

await test('import__columns_are_mapped_and_a_trial_shows_cells', async () => {
    await visit(page, '/contacts');
    await page.getByRole('link', { name: 'Import' }).click();
    await page.getByText('Drop a file here').waitFor();
    equal(await axe(page), [], 'axe: file');
    await page.setInputFiles('#import-file', file('people.csv', PEOPLE));
    await page.getByRole('heading', { name: 'Columns' }).waitFor();
    await settled(page);
    equal(await page.getByLabel('Field for Firm').inputValue(), 'company');
    equal(await page.getByLabel('Field for Remarks').inputValue(), 'note');
    equal(await axe(page), [], 'axe: columns');
    await button(page, 'Check').click();
    await page.getByText('How the rows will turn out').waitFor();
    await settled(page);
    await until('value', ['1', '1', '0', '1'], () => counts(page));
    await page.locator('td del', { hasText: 'Lübeck' }).waitFor();
    await page.locator('.cell-bad', { hasText: 'nonsense' }).getByText('is not a date').waitFor();
    equal(await count('contacts'), 1);
    await button(page, 'Show only problems').click();
    equal(await page.locator('.preview tbody tr').count(), 1);
    equal(await axe(page), [], 'axe: check');
}, page);

await test('import__a_field_that_no_column_fills_is_named_at_once', async () => {
    const other = await open(k);
    await take(other, 'pipeline.csv', 'Stage;Value\nProposal;10,00\n', '/import?entity=deal');
    await other.getByLabel('Each row is').selectOption('deal');
    await settled(other);
    await other.getByText('No column fills: Name').waitFor();
    await other.getByLabel('Field for Value').selectOption('name');
    await other.getByText('No column fills').waitFor({ state: 'detached' });
    await other.context().close();
}, page);

await test('import__one_value_for_all_rows_stands_in_for_a_column', async () => {
    const other = await open(k);
    await take(other, 'nameless.csv', 'Stage;Value\nProposal;10,00\nProposal;20,00\n', '/import?entity=deal');
    await other.getByLabel('Each row is').selectOption('deal');
    await settled(other);
    await other.getByLabel('Name of all rows').fill('Old deal');
    equal(await axe(other), [], 'axe: one value');
    await button(other, 'Check').click();
    await other.getByText('How the rows will turn out').waitFor();
    await settled(other);
    await until('value', ['2', '0', '0', '0'], () => counts(other));
    await other.context().close();
});

await test('import__the_mappings_of_the_worked_example_are_proposed', async () => {
    const folder = path.join(process.env.KONTOR_SOURCE, 'conf/examples/hardware-seller');
    const seller = await Kontor.make(Object.fromEntries(readdirSync(folder, { recursive: true }).filter((f) => f.endsWith('.yaml')).map((f) => [f, readFileSync(path.join(folder, f), 'utf8')])));
    await seller.api('POST', '/companies', { name: 'Nordwind' });
    await seller.api('POST', '/products', { name: 'GTX Pro' });
    const other = await open(seller);
    await take(other, 'sales_pipeline.csv', 'opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value\nA1,,GTXPro,Nordwind,Won,2016-10-20,2017-03-01,1054\nA2,,GTX Pro,,Engaging,2016-10-25,,\n');
    await other.getByText('opportunity_id', { exact: true }).waitFor();
    equal(await other.getByLabel('Field for account').inputValue(), 'company');
    equal(await other.getByText('No column fills').count(), 0);
    await button(other, 'Check').click();
    await other.getByText('How the rows will turn out').waitFor();
    await settled(other);
    await until('value', ['2', '0', '0', '0'], () => counts(other));
    await other.context().close();
});

await test('import__a_calendar_says_what_becomes_of_it', async () => {
    const other = await open(k);
    const in_days = (n) => day(n).replaceAll('-', '');
    const event = (uid, ...lines) => ['BEGIN:VEVENT', `UID:${uid}`, `SUMMARY:${uid}`, ...lines, 'END:VEVENT'];
    const text = ['BEGIN:VCALENDAR', 'VERSION:2.0',
        ...event('Team', `DTSTART;TZID=Europe/Berlin:${in_days(7)}T090000`, 'RRULE:FREQ=WEEKLY;COUNT=10', 'ATTENDEE;CN=Ann:mailto:ann@example.com', 'ATTENDEE;CN=Ben:mailto:ben@other.example'),
        ...event('Long ago', 'DTSTART:20190304T090000Z'), ...event('Ended', 'DTSTART:20190304T090000Z', 'RRULE:FREQ=DAILY;COUNT=3'),
        ...event('Off', `DTSTART:${in_days(8)}T090000Z`, 'STATUS:CANCELLED'), 'END:VCALENDAR', ''].join('\r\n');
    await take(other, 'team.ics', text);
    equal(await other.getByLabel('Field for people').inputValue(), 'calendar');
    for (const name of ['uid', 'rrule', 'exdate', 'differing', 'occurrence']) equal(await other.getByLabel(`Field for ${name}`).count(), 0, name);
    await other.getByText('taken as the calendar has it').waitFor();
    await other.getByText('Single events come in however old they are').waitFor();
    await until('how numbers and dates are written', 0, () => other.getByLabel(/^(Numbers|Dates)/).count());
    await button(other, 'Check').click();
    await other.getByText('How the rows will turn out').waitFor();
    await settled(other);
    await until('value', ['2', '0', '0', '0'], () => counts(other));
    await other.locator('.preview').getByText('Long ago').waitFor();
    await other.getByText('Repeated, and over for more than a year (line 16)').waitFor();
    await other.getByText('Along with them: 1 series of activities, 9 activities', { exact: false }).waitFor();
    await other.getByText('Called off (line 22)').waitFor();
    await other.locator('.preview').getByText('Ann Lee').waitFor();
    equal(await axe(other), [], 'axe: calendar');
    await button(other, 'Import 2 rows').click();
    await until('activities', 10, () => count('activities', 'subject = "Team"'));
    const one = (await k.api('GET', `/activities?limit=1&filter=${encodeURIComponent('subject = "Team"')}`)).json.items[0];
    equal(one.participants.map((p) => p.title), ['Ann Lee']);
    assert(one.description.includes('Ben <ben@other.example>'), one.description);
    await other.context().close();
});

await test('import__a_calendar_of_days_becomes_absences', async () => {
    const other = await open(k);
    const event = (uid, ...lines) => ['BEGIN:VEVENT', `UID:${uid}`, `SUMMARY:${uid}`, ...lines, 'END:VEVENT'];
    const text = (...lines) => ['BEGIN:VCALENDAR', 'VERSION:2.0', ...event('Leave', 'DTSTART;VALUE=DATE:20270301', 'DTEND;VALUE=DATE:20270306', ...lines),
        ...event('Dentist', 'DTSTART:20270308T140000Z', 'DTEND:20270308T150000Z'), 'END:VCALENDAR', ''].join('\r\n');
    await take(other, 'away.ics', text(), '/import?entity=absence');
    await other.getByText('become days of absence', { exact: false }).waitFor();
    equal(await other.getByLabel('Field for from').inputValue(), 'from');
    equal(await other.getByLabel('Field for user').count(), 0, 'a file that names nobody asks whose it is');
    equal(await axe(other), [], 'axe: absences');
    await button(other, 'Check').click();
    await other.getByText('How the rows will turn out').waitFor();
    await other.getByText('Less than a day: absences are whole days (line 9)').waitFor();
    await button(other, 'Import 1 row').click();
    await until('absences', 1, () => count('absences', 'note = "Leave" and from = "2027-03-01" and until = "2027-03-05"'));
    await visit(other, '/absences');
    await other.getByText('Leave').first().waitFor();
    await take(other, 'others.ics', text('ATTENDEE:mailto:nobody@nowhere.example'), '/import?entity=absence');
    await button(other, 'Check').click();
    await other.getByText('How the rows will turn out').waitFor();
    await settled(other);
    await until('of somebody unknown none', ['0', '0', '0', '1'], () => counts(other));
    await other.context().close();
});

await test('import__a_reload_in_the_middle_loses_nothing', async () => {
    await page.reload();
    await page.getByText('How the rows will turn out').waitFor();
    await button(page, 'Change columns').click();
    await page.getByLabel('Field for City').selectOption({ label: 'Left out' });
    await page.waitForTimeout(700);
    await page.reload();
    await page.getByText('How the rows will turn out').waitFor();
    await button(page, 'Change columns').click();
    await settled(page);
    equal(await page.getByLabel('Field for City').inputValue(), 'skip');
    await page.getByLabel('Field for City').selectOption({ label: 'City' });
    await button(page, 'Check').click();
    await page.getByText('How the rows will turn out').waitFor();
}, page);

await test('import__good_rows_go_in_and_bad_cells_are_put_right_in_place', async () => {
    await button(page, 'Import 2 rows').click();
    await page.getByText('2 rows imported').waitFor();
    equal(await count('contacts'), 2);
    await settled(page);
    equal(await axe(page), [], 'axe: done');
    await page.getByLabel('Born, row 4').fill('1.2.1990');
    await button(page, 'Import 1 corrected row').click();
    await page.getByText('1 row imported').waitFor();
    equal(await count('contacts', 'birthday = "1990-02-01"'), 1);
}, page);

await test('import__corrected_rows_are_not_offered_again', async () => {
    await visit(page, '/import');
    await page.getByRole('link', { name: 'people.csv', exact: true }).click();
    await page.getByRole('link', { name: 'To that import' }).waitFor();
    await settled(page);
    equal(await button(page, 'Import 1 corrected row').count(), 0);
}, page);

await test('import__is_undone_and_says_what_was_changed_since', async () => {
    const bo = (await k.api('GET', '/contacts?filter=first_name%20%3D%20%22Ann%22')).json.items[0].id;
    await k.api('PATCH', `/contacts/${bo}`, { city: 'Husum' });
    await visit(page, '/import');
    await page.getByRole('link', { name: 'people.csv', exact: true }).click();
    await button(page, 'Undo import').click();
    await page.getByText('This import was taken back').waitFor();
    await page.getByText('1 record was changed since and kept that:').waitFor();
    equal(await count('contacts', 'first_name = "Bo"'), 0);
    await visit(page, '/import');
    await page.locator('.badge', { hasText: 'Undone' }).waitFor();
}, page);

await test('import__corrected_rows_are_read_like_their_file', async () => {
    await take(page, 'american.csv', 'Last name;Born\nAmerican;11/21/1980\nCorrected;nonsense\n', '/import?entity=contact');
    await button(page, 'Check').click();
    await page.getByText('How the rows will turn out').waitFor();
    await settled(page);
    await button(page, 'Import 1 row').click();
    await page.getByText('1 row imported').waitFor();
    await page.getByLabel('Born, row 3').fill('3/4/1980');
    await button(page, 'Import 1 corrected row').click();
    await page.waitForURL(/import.[0-9]+$/);
    await until('the corrected row', 1, () => count('contacts', 'last_name = "Corrected"'));
    equal(await count('contacts', 'last_name = "Corrected" and birthday = "1980-03-04"'), 1);
}, page);

await test('import__choices_near_options_are_taken_unknown_ones_offered', async () => {
    await take(page, 'deals.csv', DEALS, '/import?entity=deal');
    await page.getByText('1 unknown value').first().waitFor();
    equal(await page.getByLabel('Meaning of Propsal').inputValue(), 'proposal');
    await page.getByLabel('Meaning of Verhandlung').selectOption({ label: 'Negotiation' });
    await page.getByLabel('Meaning of too dear').selectOption({ label: 'Price' });
    await button(page, 'Check').click();
    await page.getByText('How the rows will turn out').waitFor();
    await settled(page);
    await until('value', ['3', '0', '0', '0'], () => counts(page));
    await button(page, 'Import 3 rows').click();
    await page.getByText('3 rows imported').waitFor();
    equal(await count('deals', 'stage = "negotiation" and amount = 200'), 1);
    equal(await count('deals', 'lost_reason = "price"'), 1);
}, page);

await test('import__what_says_the_opposite_is_not_suggested', async () => {
    const wanted = { 'No Proposal': '?', Unqualified: '?', Post: '?', Dequalified: '?', 'Negotiation lost': 'lost', 'Proposal Declined': 'lost', 'Not won': '?', 'Closed Won': 'won', Qualfied: 'qualified', 'Proposal/Price Quote': 'proposal' };
    await take(page, 'stages.csv', `Deal;Stage\n${Object.keys(wanted).map((s, i) => `Deal ${i};${s}\n`).join('')}`, '/import?entity=deal');
    await page.getByLabel('Meaning of Qualfied').waitFor();
    const got = {};
    for (const text of Object.keys(wanted)) got[text] = await page.getByLabel(`Meaning of ${text}`, { exact: true }).inputValue();
    equal(got, wanted);
    await page.getByLabel('Meaning of Qualfied').selectOption({ label: 'Reject the row' });
    await until('a suggestion is refused', '?', () => page.getByLabel('Meaning of Qualfied').inputValue());
    await button(page, 'Check').click();
    await page.getByText('How the rows will turn out').waitFor();
    await settled(page);
    await until('new and rejected', ['2', '8'], async () => { const c = await counts(page); return [c[0], c[3]]; });
}, page);

await test('import__what_a_list_of_calls_is_about_is_found_by_name', async () => {
    await take(page, 'calls.csv', 'Subject;Due date;Company;Partner\nAsk them;2038-01-04;Nordwind;Ada Neu\n', '/import?entity=activity');
    const of = (column) => page.getByLabel(`Field for ${column}`).locator('option:checked').textContent();
    await until('suggested', 'Concerns: Company', () => of('Company'));
    await page.getByLabel('Field for Partner').selectOption({ label: 'Concerns: Contact' });
    await until('chosen', 'Concerns: Contact', () => of('Partner'));
    await button(page, 'Check').click();
    await page.getByText('How the rows will turn out').waitFor();
    await button(page, 'Import 1 row').click();
    await page.getByText('1 row imported').waitFor();
    const made = (await k.api('GET', `/activities?filter=${encodeURIComponent('subject = "Ask them"')}`)).json.items[0];
    equal(made.links.map((l) => [l.entity, l.title]), [['company', 'Nordwind'], ['contact', 'Ada Neu']]);
}, page);

await test('import__what_the_trial_was_told_the_run_does', async () => {
    await page.route('**/imports/*/check', async (route) => { await new Promise((go) => { setTimeout(go, 1200); }); await route.continue(); });
    await take(page, 'late.csv', 'Deal;Stage;Value\nLate;Propsal;1,00\n', '/import?entity=deal');
    await page.getByLabel('Field for Value').selectOption({ label: 'Left out' });
    await button(page, 'Check').click();
    await button(page, 'Import 1 row').click();
    await page.getByText('1 row imported').waitFor();
    await page.unroute('**/imports/*/check');
}, page);

await test('import__all_unknown_choices_are_decided_at_once', async () => {
    const rows = 'Deal;Customer;Lost reason;Stage\nMast;Nordwind;Moon phase;Lost\nKeel;Nordwind;Bad omen;Lost\nHull;Nordwind;Price;Lost\n';
    await take(page, 'reasons.csv', rows, '/import?entity=deal');
    await page.getByText('2 unknown values').waitFor();
    await page.getByLabel('All unknown values of Reason for losing').selectOption({ label: 'Leave empty' });
    equal(await page.getByLabel('Meaning of Moon phase').inputValue(), '');
    await page.getByText('2 unknown values').waitFor({ state: 'detached' });
    await page.getByLabel('All unknown values of Reason for losing').selectOption({ label: 'Price' });
    equal(await page.getByLabel('Meaning of Bad omen').inputValue(), 'price');
    await button(page, 'Check').click();
    await page.getByText('How the rows will turn out').waitFor();
    await until('value', ['3', '0', '0', '0'], () => counts(page));
    await button(page, 'Change columns').click();
    await page.getByLabel('All unknown values of Reason for losing').selectOption({ label: 'Reject the row' });
    await page.getByText('2 unknown values').waitFor();
}, page);

await test('import__administrators_get_the_lines_that_make_options', async () => {
    await button(page, 'Make them options').click();
    await page.getByRole('dialog').waitFor();
    const lines = await page.locator('.import-lines').textContent();
    assert(lines.startsWith('deal:\n  fields:\n    lost_reason:\n      of:\n') && lines.includes('        moon_phase: Moon phase\n'), lines);
    equal(await axe(page), [], 'axe: options');
    await button(page, 'I have added them').click();
    await page.getByText('The files are as before.').waitFor();
    k.write('conf/fields.yaml', lines);
    await button(page, 'I have added them').click();
    await page.locator('.toast', { hasText: 'The configuration is in use' }).waitFor();
    await page.getByText('2 unknown values').waitFor({ state: 'detached' });
    await button(page, 'Check').click();
    await page.getByText('How the rows will turn out').waitFor();
    await until('value', ['3', '0', '0', '0'], () => counts(page));
    await page.locator('.preview td', { hasText: 'Moon phase' }).waitFor();
}, page);

await test('import__unclear_numbers_are_asked_before_the_trial', async () => {
    await take(page, 'numbers.csv', 'Name,Revenue\nZahl,"1,234"\n', '/import?entity=company');
    await page.getByText('How are the numbers of this file written?').waitFor();
    equal(await axe(page), [], 'axe: numbers');
    assert(await button(page, 'Check').isDisabled(), 'Check waits for the answer');
    await page.getByLabel('Field for Revenue').selectOption({ label: 'Left out' });
    await page.getByText('How are the numbers of this file written?').waitFor({ state: 'detached' });
    await page.getByLabel('Field for Revenue').selectOption({ label: 'Revenue' });
    await button(page, 'Decimal comma: 1.234').click();
    await page.getByText('How are the numbers of this file written?').waitFor({ state: 'detached' });
    await button(page, 'Check').click();
    await page.getByText('How the rows will turn out').waitFor();
    await page.locator('.preview td', { hasText: '1.23' }).waitFor();
}, page);

await test('import__every_record_of_a_row_is_shown_before_and_after', async () => {
    const sheet = (value) => `Person - Name*,Person - Email (Work),Organization - Name*,Organization - Address,Deal - Title,Deal - Value,Note - Content*\nIda Jung,ida@example.com,Quellwind,"Weg 1, 24103 Kiel",Tower,${value},likes tea\n`;
    await take(page, 'sheet.csv', sheet('100.50'), '/import');
    await button(page, 'Check').click();
    await page.getByText('How the rows will turn out').waitFor();
    await settled(page);
    for (const name of ['Contact', 'Company', 'Deal', 'Note']) await page.locator('.results .badge-good', { hasText: name }).waitFor();
    for (const text of ['Quellwind', 'Weg 1, 24103 Kiel', 'Tower', 'likes tea']) await page.locator('.preview td', { hasText: text }).first().waitFor();
    equal(await axe(page), [], 'axe: several records');
    await button(page, 'Import 1 row').click();
    await page.getByText('1 row imported').waitFor();
    await take(page, 'sheet.csv', sheet('250.75'), '/import');
    await button(page, 'Check').click();
    await page.getByText('How the rows will turn out').waitFor();
    await page.locator('td del', { hasText: '100.5' }).waitFor();
    await page.locator('.results .badge-info', { hasText: 'Deal' }).waitFor();
}, page);

await test('import__rows_deleted_elsewhere_are_left_out_until_they_are_taken', async () => {
    await take(page, 'accounts.csv', 'ID,ISDELETED,NAME,BILLINGSTREET,BILLINGCITY,OWNERID\n00A,false,Hier,Kai 1,Bremen,5\n00B,true,Fort,Kai 2,Bremen,5\n', '/import');
    await button(page, 'Check').click();
    await page.getByText('1 row was deleted in Salesforce: left out.').waitFor();
    await until('value', ['1', '0', '0', '0'], () => counts(page));
    await page.locator('.preview tr', { hasText: 'Fort' }).getByText('Left out').waitFor();
    equal(await axe(page), [], 'axe: left out');
    await button(page, 'Take it as well').click();
    await button(page, 'Import 2 rows').waitFor();
    await until('value', ['2', '0', '0', '0'], () => counts(page));
}, page);

await test('import__a_mapping_is_saved_and_picked_by_itself', async () => {
    const text = 'A;B;C\nX;1.2.2000;x@example.com\n';
    await take(page, 'odd.csv', text, '/import?entity=contact');
    await page.getByLabel('Field for A').selectOption({ label: 'Last name' });
    await page.getByLabel('Field for B').selectOption({ label: 'Birthday' });
    await button(page, 'Save mapping').click();
    await page.getByLabel('Name', { exact: true }).fill('Odd list');
    equal(await axe(page), [], 'axe: save');
    await button(page, 'Save').click();
    await page.locator('.toast', { hasText: 'Mapping saved' }).waitFor();
    await take(page, 'odd2.csv', text, '/import');
    equal(await page.getByLabel('Field for B').inputValue(), 'birthday');
    equal(await page.getByLabel('Field for A').inputValue(), 'last_name');
    const out = k.must('import', 'contact', k.write('odd3.csv', text), '--map', 'Odd list');
    assert(out.includes('1 created'), out);
    await button(page, 'Leave import').click();
    await page.locator('.toast', { hasText: 'nothing was written' }).waitFor();
}, page);

await test('import__files_of_other_programs_are_known_whatever_list_they_came_from', async () => {
    const text = 'Record ID,Deal Name,Deal Stage,Amount\n1,Gable,Closed Won,100\n2,Porch,Appointment Scheduled,200\n';
    await take(page, 'hubspot_deals.csv', text, '/import?entity=contact');
    await page.getByText('This looks like a file of HubSpot deals').waitFor();
    equal(await page.getByLabel('Field for Deal Name').inputValue(), 'name');
    equal([await page.getByLabel('Meaning of Closed Won').inputValue(), await page.getByLabel('Meaning of Appointment Scheduled').inputValue()], ['won', '']);
    await page.getByLabel('Each row is').selectOption({ label: 'Contact' });
    await page.getByText('This looks like a file of HubSpot deals').waitFor({ state: 'detached' });
    await page.getByLabel('Each row is').selectOption({ label: 'Deal' });
    await page.getByText('This looks like a file of HubSpot deals').waitFor();
    equal(await page.getByLabel('Meaning of Closed Won').inputValue(), 'won');
    await button(page, 'Check').click();
    await page.getByText('How the rows will turn out').waitFor();
    await until('value', ['2', '0', '0', '0'], () => counts(page));
    await page.locator('.preview tr', { hasText: 'Gable' }).getByText('Won').waitFor();
}, page);

await test('import__stages_of_other_programs_are_suggested', async () => {
    const stages = ['Prospecting', 'Needs Analysis', 'Proposal/Price Quote', 'Negotiation/Review', 'Closed Won', 'Closed Lost', 'Moonlight'];
    const meant = (where, of = stages) => Promise.all(of.map((s) => where.getByLabel(`Meaning of ${s}`).inputValue()));
    const long = 'A description that is longer than what a narrow column of a table shows of it';
    const rows = (more) => stages.map((s, i) => `00${i},${long} ${i},${more}${s},2026-12-0${i + 1},${long}`).join('\n');
    for (const phone of [false, true]) {
        const other = await open(k, { phone });
        await take(other, 'opportunities.csv', `ID,NAME,ACCOUNTID,STAGENAME,CLOSEDATE,TOTALOPPORTUNITYQUANTITY\n${rows('001,')}\n`);
        await until('value', ['enquiry', 'qualified', 'proposal', 'negotiation', 'won', 'lost', ''], () => meant(other));
        equal(await other.getByText('6 values suggested').count(), 1);
        const cut = await other.locator('.map-values .select').evaluateAll((all) => all.filter((x) => x.getBoundingClientRect().right > x.closest('.table-scroll').getBoundingClientRect().right).length);
        equal(cut, 0, 'choices that are cut off');
        equal(await axe(other), [], 'axe: suggestions');
        await other.context().close();
    }
    await take(page, 'plain.csv', 'Deal,Stage\nMast,Closed Won\nKeel,Proposal/Price Quote\nHull,Qualification\nBow,Not Qualified\nRib,Unqualified\n', '/import?entity=deal');
    await until('value', ['won', 'proposal', 'qualified', '?', '?'], () => meant(page, ['Closed Won', 'Proposal/Price Quote', 'Qualification', 'Not Qualified', 'Unqualified']));
    await page.getByLabel('Meaning of Qualification').selectOption({ label: 'Negotiation' });
    await page.getByText('2 values suggested').waitFor();
    await button(page, 'Check').click();
    await page.getByText('How the rows will turn out').waitFor();
    await until('value', ['3', '0', '0', '2'], () => counts(page));
    await page.locator('.preview tr', { hasText: 'Keel' }).getByText('Proposal').waitFor();
    await page.locator('.preview tr', { hasText: 'Hull' }).getByText('Negotiation').waitFor();
}, page);

await test('import__columns_that_are_left_out_are_told', async () => {
    await take(page, 'crm.csv', 'first_name,last_name,gender,nb_tasks,empty,phone_work,phone_home,email_other\nEla,Fahl,f,3,,0731 1,0731 2,ela@example.com\n', '/import?entity=contact');
    equal(await page.getByLabel('Field for phone_work').inputValue(), 'phones');
    await page.locator('.map tr', { hasText: 'phone_work' }).getByText('work', { exact: true }).waitFor();
    const told = page.getByText('2 columns of the file are left out: “gender”, “nb_tasks”.');
    await told.waitFor();
    equal(await axe(page), [], 'axe: left columns');
    await page.getByLabel('Field for gender').selectOption({ label: 'Keep as a note' });
    await page.getByText('1 column of the file is left out: “nb_tasks”.').waitFor();
    await button(page, 'Check').click();
    await page.getByText('How the rows will turn out').waitFor();
    await page.getByText('1 column of the file is left out: “nb_tasks”.').waitFor();
    await until('value', ['1', '0', '0', '0'], () => counts(page));
}, page);

await test('import__what_the_file_is_not_is_said', async () => {
    await visit(page, '/import');
    page.expected = /422/;
    await page.setInputFiles('#import-file', file('cut.csv', 'name,city\n"cut'));
    await page.getByText('The file cannot be imported').waitFor();
    page.expected = null;
}, page);

await test('import__a_run_is_ended_and_taken_back', async () => {
    const rows = Array.from({ length: 30000 }, (_, i) => `F${i},L${i},z${i}@example.com`).join('\n');
    await take(page, 'many.csv', `First name,Last name,E-mail\n${rows}\n`, '/import?entity=contact');
    const before = await count('contacts');
    await k.api('POST', `/imports/${page.url().split('/').pop()}/run`, {});
    await page.reload();
    await button(page, 'End import').click();
    await page.getByRole('dialog').waitFor();
    equal(await axe(page), [], 'axe: end');
    await button(page, 'Take it back').click();
    await page.getByText('This import was taken back').waitFor();
    await until('contacts', before, () => count('contacts'), 30000);
}, page);

await test('import__that_fails_rings_the_bell', async () => {
    const rows = Array.from({ length: 60000 }, (_, i) => `F${i},T${i}`).join('\n');
    await take(page, 'torn.csv', `First name,Last name\n${rows}\n`, '/import?entity=contact');
    const job = page.url().split('/').pop();
    const before = await count('contacts');
    const { run } = (await k.api('POST', `/imports/${job}/run`, {})).json;
    await until('rows are in', true, async () => (await k.api('GET', `/imports/${job}`)).json.run.done_rows > 0, 30000);
    rmSync(path.join(k.top, 'data', 'spool', `import-${run.id}.csv`)); /* the disk has lost it */
    const bell = page.getByRole('button', { name: /^Notifications, 1 new/ });
    await bell.waitFor({ timeout: 30000 });
    await bell.click();
    await page.getByText('The import of torn.csv failed; nothing of it was kept.').click();
    await page.getByText('The import did not go through').waitFor();
    equal(await axe(page), [], 'axe: failed');
    await until('contacts', before, () => count('contacts'), 30000);
}, page);

/* The whole way in the other modes: by keys, in German on one phone. */
const WORDS = {
    'en-GB': { columns: 'Columns', field: 'Field for Umsatz', check: 'Check', rows: 'How the rows will turn out', go: 'Import 1 row', done: '1 row imported' },
    'de-DE': { columns: 'Spalten', field: 'Feld für Umsatz', check: 'Prüfen', rows: 'So werden die Zeilen', go: '1 Zeile importieren', done: '1 Zeile importiert' },
};
for (const [mode, locale] of [[{ dark: true }, 'en-GB'], [{ phone: true }, 'en-GB'], [{ phone: true, dark: true }, 'de-DE']]) {
    const name = `${mode.phone ? 'phone' : 'desktop'}_${mode.dark ? 'dark' : 'light'}`;
    await test(`import__by_keys_${name}`, async () => {
        const w = WORDS[locale];
        const other = await open(k, { ...mode, locale });
        const fits = async (what) => {
            await settled(other);
            equal(await axe(other), [], `axe: ${what}`);
            assert(await other.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${what} is wider than the screen`);
        };
        await visit(other, '/import?entity=company');
        await fits('file');
        await other.setInputFiles('#import-file', file(`${name}.csv`, `Firma;Ort;Umsatz\nNord ${name};Kiel;1.234,50\nSüd;Ulm;viel\n`));
        await other.getByRole('heading', { name: w.columns }).waitFor();
        await settled(other);
        equal(await other.getByLabel(w.field).inputValue(), 'revenue');
        await fits('columns');
        await button(other, w.check).focus();
        await other.keyboard.press('Enter');
        await other.getByText(w.rows).waitFor();
        await settled(other);
        await until('value', ['1', '0', '0', '1'], () => counts(other));
        await fits('check');
        await button(other, w.go).focus();
        await other.keyboard.press('Enter');
        await other.getByText(w.done).first().waitFor();
        await fits('done');
        await other.context().close();
    });
}

await test('import__who_may_not_import_is_told', async () => {
    k.addUser('max@example.com', 'reader');
    const max = await open(k, { as: 'max@example.com' });
    await visit(max, '/import');
    await max.getByText('Your role may not import').waitFor();
    await visit(max, '/contacts');
    equal(await max.getByRole('link', { name: 'Import' }).count(), 0);
});

await finish();
