#!/usr/bin/env node
/*
 * The bell and what rings it: a colleague is mentioned in a note by keys and by touch, hears of it within a second, reads
 * it, and it is read on his other pages too. Links to records in notes; what a reader may not see stays hidden.
 */
import { Kontor, open, visit, settled, until, axe, test, assert, equal, finish, day } from './harness.mjs';
import { seed, find, MEMBER } from './seed.mjs';

const ROLES = `
own:
  label: Own
  entities:
    "*": {see: own, create: all, edit: own, delete: own, export: own, import: none}
`;
const OWN = 'olga@example.com';
const SECOND = 1000;
const k = await Kontor.make({ 'roles.yaml': ROLES });
await seed(k);
k.addUser(OWN, 'own');
const firm = await find(k, 'companies', 'Alster Bau GmbH');
const company = `/companies/${firm}`;
const maxId = (await k.api('GET', '/users?filter=name%20=%20"max"')).json.items[0].id;
const bell = (p) => p.getByRole('button', { name: /^Notifications/ });
const panel = (p) => p.getByRole('dialog', { name: 'Notifications' });
const composer = (p) => p.locator('form.composer textarea');
const way = (p, kind, name) => p.getByRole('radiogroup', { name: kind }).getByRole('radio', { name });
const save = (p) => p.locator('form.composer').getByRole('button', { name: 'Save' }).click();

const page = await open(k);
const other = await open(k, { as: MEMBER });
await visit(other, '/home');

await test('bell__is_empty_at_first', async () => {
    equal(await bell(other).getAttribute('aria-label'), 'Notifications');
    await bell(other).click();
    await panel(other).getByText('Nothing new').waitFor();
    equal(await axe(other), [], 'axe');
    await other.keyboard.press('Escape');
    await until('panels', 0, () => panel(other).count());
}, other);

await test('mention__is_written_by_keys', async () => {
    await visit(page, company);
    await composer(page).fill('');
    await composer(page).pressSequentially('Please look, @ma');
    await page.getByRole('option', { name: /max/ }).waitFor();
    equal(await axe(page), [], 'axe');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    await until('text', 'Please look, @max ', () => composer(page).inputValue());
    await composer(page).pressSequentially('at this');
    await page.keyboard.press('Control+Enter');
    await page.locator('.tl-text .mention', { hasText: '@max' }).waitFor();
    await until('timeline', 'Please look, @max at this', () => page.locator('.tl-text').first().textContent());
}, page);

await test('bell__counts_within_a_second', async () => {
    await composer(page).fill('@ma');
    await page.getByRole('option', { name: /max/ }).click();
    await composer(page).pressSequentially('again');
    await save(page);
    await page.locator('.tl-text', { hasText: 'again' }).waitFor();
    await until('count', '2', () => bell(other).locator('.bell-count').textContent(), SECOND);
}, other);

await test('bell__leads_to_the_record_and_counts_down', async () => {
    const third = await open(k, { as: MEMBER });
    await visit(third, '/contacts');
    equal(await bell(third).getAttribute('aria-label'), 'Notifications, 2 new');
    await bell(other).click();
    const group = panel(other).getByRole('region', { name: 'Alster Bau GmbH' });
    await until('items about the company', 2, () => group.getByRole('listitem').count());
    equal(await axe(other), [], 'axe');
    await group.getByRole('link', { name: /admin mentioned you.*at this/ }).click();
    await other.getByRole('heading', { name: 'Alster Bau GmbH' }).waitFor();
    await until('all about it are read', 'Notifications', () => bell(other).getAttribute('aria-label'));
    await until('elsewhere too', 'Notifications', () => bell(third).getAttribute('aria-label'), SECOND);
    await third.context().close();
}, other);

await test('bell__is_worked_by_keys', async () => {
    await visit(other, '/contacts');
    await k.api('POST', '/notes', { text: `@[${MEMBER}] by keys`, links: [{ entity: 'company', id: Number(firm) }] });
    await until('one', '1', () => bell(other).locator('.bell-count').textContent());
    await other.keyboard.press('b');
    await panel(other).getByRole('link', { name: /admin mentioned you.*by keys/ }).waitFor();
    await other.keyboard.press('ArrowDown');
    await until('on the newest', true, () => other.evaluate(() => document.activeElement.textContent.includes('by keys')));
    await other.keyboard.press('ArrowUp');
    await panel(other).getByRole('button', { name: 'Mark all as read' }).click();
    await until('none left', 'Notifications', () => bell(other).getAttribute('aria-label'));
    await other.keyboard.press('Escape');
    await until('panels', 0, () => panel(other).count());
}, other);

await test('mention__says_who_may_not_see_it', async () => {
    await visit(page, company);
    await composer(page).fill('@ol');
    await page.getByRole('option', { name: /olga.*does not see this/ }).click();
    await page.getByText('olga may not see this record.').waitFor();
    equal(await axe(page), [], 'axe');
    await page.getByRole('button', { name: 'Do not mention' }).click();
    await until('hints', 0, () => page.getByText('olga may not see this record.').count());
    await until('text', '', () => composer(page).inputValue());
}, page);

await test('ref__links_a_record_and_shows_up_there', async () => {
    await composer(page).fill('');
    await composer(page).pressSequentially('As for #Order 1');
    await page.getByRole('option', { name: /^Order 1 / }).first().click();
    await composer(page).pressSequentially('we agree');
    await save(page);
    await page.locator('.tl-text').getByRole('link', { name: '#Order 1', exact: true }).click();
    await page.getByRole('heading', { name: 'Order 1', exact: true }).waitFor();
    await page.locator('.tl-text', { hasText: 'As for #Order 1 we agree' }).waitFor();
}, page);

await test('ref__follows_a_new_name_and_the_note_can_be_edited', async () => {
    const deal = await find(k, 'deals', 'Order 1');
    await k.api('PATCH', `/deals/${deal}`, { name: 'Great order' });
    await visit(page, company);
    await page.locator('.tl-text', { hasText: 'As for #Great order we agree' }).waitFor();
    const note = (await k.api('GET', '/notes?filter=text%20contains%20"agree"')).json.items[0];
    await visit(page, `/notes/${note.id}?tab=details`);
    await page.getByRole('button', { name: 'Edit Text', exact: true }).click();
    const area = page.getByRole('textbox', { name: 'Text' });
    await until('names', 'As for #Great order we agree', () => area.inputValue());
    await area.press('End');
    await area.pressSequentially('d @ma');
    await page.getByRole('option', { name: /max/ }).click();
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await until('stored', true, async () => /^As for #\[\d+\] we agreed @\[\d+ max\]$/.test((await k.api('GET', `/notes/${note.id}`)).json.text.trim()));
}, page);

await test('mention__works_on_a_phone', async () => {
    for (const dark of [false, true]) {
        const phone = await open(k, { phone: true, dark });
        await visit(phone, company);
        await phone.getByRole('button', { name: 'Mention a colleague' }).tap();
        await phone.getByRole('option', { name: /max/ }).tap();
        await until('text', '@max ', () => composer(phone).inputValue());
        assert(await phone.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'the page scrolls sideways');
        equal(await axe(phone), [], 'axe');
        await save(phone);
        await phone.locator('.tl-text .mention').first().waitFor();
        await phone.context().close();
        const reader = await open(k, { phone: true, dark, as: MEMBER });
        await visit(reader, '/companies');
        await bell(reader).tap();
        await panel(reader).getByRole('link', { name: /admin mentioned you/ }).first().waitFor();
        assert(await reader.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'the page scrolls sideways');
        equal(await axe(reader), [], 'axe');
        await reader.context().close();
    }
});

await test('bell__is_quiet_about_what_is_switched_off', async () => {
    await visit(other, '/profile');
    await way(other, 'Somebody mentions you in a note', 'Off').check();
    await settled(other);
    const before = await bell(other).getAttribute('aria-label');
    await k.api('POST', '/notes', { text: `@[${MEMBER}] hidden`, links: [{ entity: 'company', id: Number(firm) }] });
    await other.waitForTimeout(1200);
    await until('bell', before, () => bell(other).getAttribute('aria-label'));
}, other);

await test('reminder__is_announced_at_the_date_and_told', async () => {
    const far = `1980-${day(60).slice(5).replace('02-29', '02-28')}`;
    const person = (await k.api('POST', '/contacts', { last_name: 'Birthday', birthday: far, owner: maxId })).json.id;
    await visit(page, `/contacts/${person}?tab=details`);
    await page.getByText(/^Reminds max on /).waitFor();
    equal(await axe(page), [], 'axe');
    const near = day(3).slice(5).replace('02-29', '02-28');
    await other.bringToFront();
    await visit(other, '/contacts');
    await k.api('PATCH', `/contacts/${person}`, { birthday: `1980-${near}` });
    await until('bell', true, async () => /new/.test(await bell(other).getAttribute('aria-label')), 3 * SECOND);
    await bell(other).click();
    await panel(other).getByRole('link', { name: /^Birthday: .* in 3 days/ }).waitFor();
    equal(await axe(other), [], 'axe');
}, other);

await test('bell__says_what_was_taken_back', async () => {
    const given = await find(k, 'contacts', 'Bela Abel');
    await visit(other, '/companies');
    await k.api('PATCH', `/contacts/${given}`, { owner: maxId });
    const change = (await k.api('GET', `/changes?entity=contact&id=${given}`)).json.items[0].id;
    await bell(other).click();
    const group = panel(other).getByRole('region', { name: 'Bela Abel' });
    await group.getByText('admin assigned this to you').waitFor();
    await panel(other).getByRole('button', { name: 'Mark all as read' }).click();
    await until('none left', 'Notifications', () => bell(other).getAttribute('aria-label'));
    await k.api('POST', `/changes/${change}/undo`, {});
    await group.getByText('Taken back').waitFor();
    equal(await axe(other), [], 'axe');
    await other.keyboard.press('Escape');
}, other);

await test('told__is_chosen_and_kept_at_once', async () => {
    const prefs = async () => (await k.api('GET', '/me', undefined, MEMBER)).json.prefs;
    await visit(other, '/profile#notify');
    await other.bringToFront();
    await until('reminders do not wait', 0, () => way(other, 'Something you planned is due soon', 'Digest').count());
    await way(other, 'Somebody mentions you in a note', 'Digest').check();
    await other.getByLabel('At', { exact: true }).fill('09:30');
    await other.getByRole('combobox', { name: /^Days/ }).selectOption('all');
    await other.getByLabel('Tell me nothing at certain hours').check();
    await other.getByLabel('From', { exact: true }).fill('20:15');
    await other.getByRole('button', { name: 'Fri' }).click();
    equal(await axe(other), [], 'axe');
    await until('kept', ['digest', { at: '09:30', days: 'all' }, { from: '20:15', to: '07:00', days: ['mon', 'tue', 'wed', 'thu'], free: true }], async () => {
        const p = await prefs();
        return [p.notify?.mention, p.digest, p.quiet];
    });
    await visit(other, '/contacts');
    await visit(other, '/profile#notify');
    await until('time of the digest', '09:30', () => other.getByLabel('At', { exact: true }).inputValue());
    await until('quiet hours', '20:15', () => other.getByLabel('From', { exact: true }).inputValue());
    assert(await way(other, 'Somebody mentions you in a note', 'Digest').isChecked(), 'the way is shown');
    await other.getByLabel('To', { exact: true }).fill('20:15');
    await other.getByText('From and to must differ.').waitFor();
    await other.getByLabel('Tell me nothing at certain hours').uncheck();
    await until('no quiet hours', undefined, async () => (await prefs()).quiet);
}, other);

await test('digest__comes_after_a_restart_and_opens_grouped', async () => {
    await k.api('POST', '/notes', { text: `@[${MEMBER}] collected one`, links: [{ entity: 'company', id: Number(firm) }] });
    const person = await find(k, 'contacts', 'Anna Abel');
    await k.api('POST', '/notes', { text: `@[${MEMBER}] collected two`, links: [{ entity: 'contact', id: Number(person) }] });
    const tomorrow = new Date(Date.now() + 25 * 36e5).toISOString();
    for (const p of [page, other]) await p.context().close();
    await k.stop();
    await k.start([], { KONTOR_NOW: tomorrow });
    for (const look of [{}, { phone: true, dark: true }]) {
        const reader = await open(k, { as: MEMBER, now: tomorrow, ...look });
        await visit(reader, '/contacts');
        if (!look.phone) await until('one more', true, async () => Number(await bell(reader).locator('.bell-count').textContent()) > 0);
        await bell(reader).click();
        await panel(reader).getByRole('button', { name: /Your digest.*2 notifications/s }).click();
        await panel(reader).getByRole('heading', { name: /^Digest of / }).waitFor();
        await panel(reader).getByRole('region', { name: 'Alster Bau GmbH' }).getByText('collected one').waitFor();
        equal(await axe(reader), [], 'axe');
        assert(await reader.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'the page scrolls sideways');
        await panel(reader).getByRole('button', { name: 'All notifications' }).click();
        await panel(reader).getByRole('button', { name: /Your digest/ }).waitFor();
        await until('read', 0, () => panel(reader).locator('button.notice-link .notice-dot').count());
        await reader.context().close();
    }
});

await test('bell__shows_all_there_is', async () => {
    k.callers = {}; /* that session was ended above */
    k.addUser('fresh@example.com', 'own');
    const fresh = (await k.api('GET', '/users?filter=name%20=%20"fresh"')).json.items[0].id;
    for (let i = 0; i < 150; i++) await k.api('POST', '/contacts', { last_name: `Handed on ${i}`, owner: fresh });
    const other = await open(k, { as: 'fresh@example.com' });
    await visit(other, '/home');
    await bell(other).click();
    for (const n of [30, 130]) {
        await until('shown', n, () => panel(other).locator('.notice-group').count());
        await panel(other).getByRole('button', { name: 'Show more' }).click();
    }
    await until('all', 150, () => panel(other).locator('.notice-group').count());
    await panel(other).getByRole('link', { name: 'Handed on 0', exact: true }).waitFor();
});

await finish();
