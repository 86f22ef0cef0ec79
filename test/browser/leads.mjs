#!/usr/bin/env node
/*
 * Leads: from the menu by a key, as list and board; converted by keys and by thumb, with whom it may be that is there
 * already, once, and taken back.
 */
import { Kontor, open, visit, settled, until, undo, axe, test, assert, equal, finish } from './harness.mjs';
import { seed, find } from './seed.mjs';

const k = await Kontor.make();
await seed(k);
const page = await open(k);
const flow = (name, run, p = page) => test(name, run, p);
const dialog = page.locator('dialog');
const heading = () => page.locator('h1').textContent();
const lead = async (values) => (await k.api('POST', '/leads', { first_name: 'Ada', last_name: 'Byron', company_name: 'Engines Ltd', emails: ['ada@engines.example'], subject: 'Engine', ...values })).json;

await flow('leads__open_by_a_key_with_those_that_are_open', async () => {
    await lead({ last_name: 'Open' });
    await lead({ last_name: 'Gone', stage: 'discarded', lost_reason: 'spam' });
    await visit(page, '/home');
    await page.keyboard.press('g');
    await page.keyboard.press('l');
    await until('heading', 'Leads', async () => (await heading()).trim());
    await until('rows', 1, () => page.locator('tbody tr').count());
    assert((await page.locator('tbody').textContent()).includes('New'), 'the stage is not called by its name');
});

await flow('leads__stand_on_a_board_of_their_stages', async () => {
    await visit(page, '/leads?mode=board');
    await until('columns', ['New', 'Contacted', 'Qualified'], () => page.locator('.column-head h2').allTextContents());
    equal(await axe(page), [], 'axe');
});

await flow('leads__say_on_their_cards_whose_enquiry_it_is_not_which_team_has_it', async () => {
    const team = (await k.api('POST', '/teams', { name: 'Harbour' })).json.id;
    const { id } = await lead({ first_name: 'Tess', last_name: 'Teamed', company_name: 'Cranes Ltd', team });
    await visit(page, '/leads?mode=board');
    const card = page.getByRole('article', { name: 'Tess Teamed' });
    await card.waitFor();
    const words = await card.textContent();
    assert(words.includes('Cranes Ltd') && !words.includes('Harbour'), words);
    await k.api('DELETE', `/leads/${id}`);
});

await flow('leads__are_converted_by_keys', async () => {
    const one = await lead({});
    await k.api('POST', '/notes', { text: 'Called', links: [one.id] });
    await visit(page, `/leads/${one.id}`);
    await page.getByRole('button', { name: 'Convert', exact: true }).waitFor();
    await page.locator('h1').first().click();
    await page.keyboard.press('v');
    await dialog.getByRole('checkbox', { name: 'Deal' }).waitFor();
    await until('name of the company', 'Engines Ltd', () => dialog.locator('#cv-company-name').inputValue());
    equal(await axe(page), [], 'axe');
    await dialog.locator('#cv-deal-name').fill('First engine');
    await page.keyboard.press('Control+Enter');
    await page.locator('.toast', { hasText: 'Ada Byron converted' }).waitFor();
    await page.locator('.rec-became').getByRole('link', { name: 'First engine' }).waitFor();
    const now = (await k.api('GET', `/leads/${one.id}`)).json;
    equal(now.stage, 'converted');
    const told = page.locator('.tl-change', { hasText: 'moved it from New to Converted' });
    await told.locator(`a[href="/deals/${now.converted_deal.id}"]`).waitFor();
    await told.locator(`a[href="/contacts/${now.converted_contact.id}"]`).waitFor();
    if (now.converted_company) {
        const name = now.converted_company.title;
        assert((await page.locator('.rec-line').allInnerTexts()).every((x) => x.split(name).length < 3), 'the company is named once');
    }
    await undo(page, 'Ada Byron converted');
    await page.getByRole('button', { name: 'Convert', exact: true }).waitFor();
    equal((await k.api('GET', `/leads/${one.id}`)).json.converted_deal, null);
});

await flow('leads__use_whom_is_there_already', async () => {
    const twin = (await k.api('POST', '/contacts', { first_name: 'A.', last_name: 'Byron', emails: ['ada@engines.example'] })).json;
    const one = await lead({ last_name: 'Twin', company_name: null });
    await visit(page, `/leads/${one.id}`);
    await page.locator('.rec-became .btn-primary').click();
    await dialog.locator('.notice', { hasText: 'A. Byron' }).getByRole('button', { name: 'Use this one' }).click();
    await dialog.getByText('“A. Byron” is used').waitFor();
    assert(!await dialog.getByRole('checkbox', { name: 'Company' }).isChecked(), 'a company without a name is wanted');
    await page.keyboard.press('Control+Enter'); /* the button that had the focus is gone */
    await page.locator('.rec-became').getByRole('link', { name: 'A. Byron' }).waitFor();
    const now = (await k.api('GET', `/leads/${one.id}`)).json;
    equal([now.converted_contact.id, now.converted_company], [twin.id, null]);
});

await flow('leads__say_what_is_wrong_at_its_field', async () => {
    const one = await lead({ last_name: 'Wrong' });
    await visit(page, `/leads/${one.id}`);
    await page.locator('.rec-became .btn-primary').click();
    await dialog.locator('#cv-deal-name').fill('');
    await dialog.locator('#cv-contact-last_name').fill('');
    await dialog.locator('#cv-contact-first_name').fill('');
    await dialog.getByRole('button', { name: 'Convert', exact: true }).click();
    await until('focus', 'cv-contact-last_name', () => page.evaluate(() => document.activeElement.id));
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    equal((await k.api('GET', `/leads/${one.id}`)).json.stage, 'new');
});

await flow('leads__moved_to_converted_are_asked_what_they_become', async () => {
    const one = await lead({ last_name: 'Moved' });
    await visit(page, `/leads/${one.id}`);
    await page.locator('.stage-steps').getByRole('button', { name: 'Converted' }).click();
    await dialog.getByRole('checkbox', { name: 'Deal' }).waitFor();
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    equal((await k.api('GET', `/leads/${one.id}`)).json.stage, 'new');
});

await flow('leads__that_are_hot_say_so_and_why', async () => {
    const one = await lead({ last_name: 'Hot', source: 'referral', enquiry: 'Two, please', phones: ['+49 30 1234'] });
    equal(one.score, 55);
    await visit(page, '/leads?sort=-score');
    await page.getByRole('row', { name: /Ada Hot/ }).getByText('Hot', { exact: true }).waitFor();
    await visit(page, `/leads/${one.id}`);
    await page.locator('.score button').focus();
    await page.keyboard.press('Enter');
    await page.locator('.score-points').getByText('Comes by recommendation').waitFor();
    equal(await page.locator('.score-points').first().locator('.num').allTextContents(), ['+20', '+15', '+10', '+10']);
    equal(await axe(page), [], 'axe');
    await page.keyboard.press('Escape');
    await page.locator('.score-why').waitFor({ state: 'detached' });
});

await flow('leads__what_is_late_by_now_appears_by_itself', async () => {
    const watch = await open(k, { now: new Date().toISOString() });
    let asked = 0;
    await visit(watch, '/leads?view=late_leads');
    watch.on('request', (r) => { asked += /\/api\/v1\/leads\?.*now/.test(decodeURIComponent(r.url())); });
    await watch.clock.fastForward(61000);
    await until('asked again', true, () => asked > 0);
    await watch.context().close();
});

await flow('leads__set_back_are_converted_anew', async () => {
    const one = await lead({ last_name: 'Back', company_name: 'Back again Ltd' });
    const first = (await k.api('POST', `/leads/${one.id}/convert`, { company: {}, deal: {} })).json;
    await k.api('DELETE', `/deals/${first.deal.id}`);
    await k.api('PATCH', `/leads/${one.id}`, { stage: 'new' });
    await visit(page, `/leads/${one.id}`);
    equal(await page.locator('.rec-became').getByRole('link').allTextContents(), ['Back again Ltd', 'Engine (In the bin)']);
    await page.locator('.rec-became .btn-primary').click();
    await dialog.getByText('“Back again Ltd” is used').waitFor();
    await dialog.getByRole('button', { name: 'Convert', exact: true }).click();
    await until('again', true, async () => { const now = (await k.api('GET', `/leads/${one.id}`)).json; return now.converted_company.id === first.company.id && now.converted_deal.id !== first.deal.id; });
});

const phone = await open(k, { phone: true });
await flow('leads__are_converted_by_thumb', async () => {
    const one = await lead({ last_name: 'Thumb' });
    await visit(phone, `/leads/${one.id}`);
    await phone.locator('.rec-became .btn-primary').tap();
    const sheet = phone.locator('dialog');
    await sheet.getByRole('checkbox', { name: 'Company' }).tap();
    equal(await axe(phone), [], 'axe');
    await sheet.getByRole('button', { name: 'Convert', exact: true }).tap();
    await phone.locator('.rec-became').getByRole('link', { name: 'Engine' }).waitFor();
    const now = (await k.api('GET', `/leads/${one.id}`)).json;
    assert(now.converted_contact && now.converted_deal && !now.converted_company, JSON.stringify(now));
    await settled(phone);
}, phone);

await finish();
