#!/usr/bin/env node
/*
 * What people do on a record: change a field in place, write a note, plan a task, log a call, tick
 * a next step, follow the timeline and take a value back, settle a conflict, delete and restore.
 */
import { Kontor, open, visit, settled, until, undo, axe, test, assert, equal, finish, day } from './harness.mjs';
import { seed, find, MEMBER, READER } from './seed.mjs';

const k = await Kontor.make();
await seed(k);
const page = await open(k);
const flow = (name, run) => test(name, run, page);
const company = `/companies/${await find(k, 'companies', 'Alster Bau GmbH')}`;
const contact = `/contacts/${await find(k, 'contacts', 'Anna Abel')}`;
const deal = `/deals/${await find(k, 'deals', 'Order 1')}`;

const button = (name) => page.getByRole('button', { name, exact: true });
const value = async (where, name) => (await k.api('GET', where)).json[name];
const detail = (label) => page.locator('.detail', { has: page.locator('dt', { hasText: new RegExp(`^${label}$`) }) }).locator('dd');
/** A day of the next two weeks as a step shows it. */
const named = (n) => new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric', month: 'short', timeZone: 'UTC' }).format(new Date(`${day(n)}T12:00Z`));
const steps = () => page.getByRole('region', { name: 'Next steps' });
const timeline = () => page.locator('.timeline');

async function edit(label, text) {
    await button(`Edit ${label}`).click();
    await detail(label).locator('input').fill(text);
    await page.keyboard.press('Enter');
}

await flow('record__changes_a_field_in_place', async () => {
    await visit(page, company);
    equal(await page.locator('h1').textContent(), 'Alster Bau GmbH');
    await edit('Industry', 'Retail');
    await until('saved', 'Retail', () => value(company, 'industry'));
    await undo(page, 'Industry changed');
    await until('undone', 'Wholesale', () => value(company, 'industry'));
    await until('shown', true, async () => (await detail('Industry').textContent()).startsWith('Wholesale'));
    await edit('Industry', 'Retail');
    await until('saved again', 'Retail', () => value(company, 'industry'));
    await page.locator('.toast', { hasText: 'Industry changed' }).waitFor();
    await button('Edit Industry').click();
    await page.keyboard.press('Control+z'); /* that is the field's own while it is written in */
    await page.keyboard.press('Escape');
    equal(await value(company, 'industry'), 'Retail');
    await page.keyboard.press('Control+z');
    await until('undone by keys', 'Wholesale', () => value(company, 'industry'));
    await button('Edit Industry').click();
    await page.keyboard.type('Nowhere');
    await page.keyboard.press('Escape');
    equal(await value(company, 'industry'), 'Wholesale');
    await until('focus', true, () => button('Edit Industry').evaluate((b) => b === document.activeElement));
});

await flow('record__says_why_a_value_is_refused', async () => {
    page.expected = /status of 422/;
    await visit(page, company);
    await edit('Employees', '-5');
    await page.locator('.detail-editor [role=alert]').waitFor();
    await until('what was typed', '-5', () => detail('Employees').locator('input').inputValue());
    await page.keyboard.press('Escape');
    equal(await value(company, 'employees'), 5);
    page.expected = null;
});

await flow('record__links_by_searching', async () => {
    await visit(page, company);
    await button('Edit Parent company').click();
    await detail('Parent company').getByRole('combobox').fill('Birken Han');
    await page.getByRole('option', { name: 'Birken Handel GmbH' }).click();
    await until('saved', 'Birken Handel GmbH', async () => (await value(company, 'parent'))?.title);
    await detail('Parent company').getByRole('link').click();
    await until('record', 'Birken Handel GmbH', () => page.locator('h1').textContent());
    await page.locator('.rec-rel').getByText('Alster Bau GmbH').waitFor();
});

await flow('record__tells_trade_and_town_of_a_company_before_its_street', async () => {
    const firm = `/companies/${await find(k, 'companies', 'Birken Handel GmbH')}`;
    await k.api('PATCH', firm, { street: 'Hafenstraße 1', postcode: '20457' });
    const { industry, city } = (await k.api('GET', firm)).json;
    await visit(page, firm);
    equal(await page.locator('.rec-line').textContent(), `${industry}, ${city}`);
    const { id } = (await k.api('GET', `/contacts?limit=1&filter=${encodeURIComponent(`company = ${firm.split('/').pop()}`)}`)).json.items[0];
    await visit(page, `/contacts/${id}`);
    equal((await page.locator('.panel-facts').textContent()).trim(), `${industry} · ${city}`);
});

await flow('record__takes_several_addresses', async () => {
    await visit(page, contact);
    await button('Edit Phone').click();
    await button('Add phone').click();
    await page.getByRole('textbox', { name: 'Phone 2', exact: true }).fill('+49 171 555');
    await page.locator('.detail-editor').getByRole('button', { name: 'Save', exact: true }).click();
    await until('phones', ['+49 40 1000', '+49 171 555'], async () => (await value(contact, 'phones')).map((p) => p.value));
});

await flow('record__writes_a_note_by_keys', async () => {
    await visit(page, company);
    await page.locator('h1').click();
    await page.keyboard.press('n');
    await page.keyboard.type('Met at the fair, wants a visit in spring.');
    await page.reload();
    await settled(page);
    await until('draft after reload', 'Met at the fair, wants a visit in spring.', () => page.locator('.composer-area').inputValue());
    await page.locator('.composer-area').focus();
    await page.keyboard.press('Control+Enter');
    await timeline().getByText('Met at the fair').waitFor();
    await until('composer', '', () => page.locator('.composer-area').inputValue());
});

await flow('record__plans_a_task_and_ticks_it', async () => {
    await visit(page, company);
    await page.locator('.composer').getByRole('button', { name: 'Task' }).click();
    await page.locator('.composer-area').fill('Send the catalogue');
    await page.getByLabel('Due', { exact: true }).fill(day(3));
    await page.locator('.composer').getByRole('button', { name: 'Save', exact: true }).click();
    await steps().getByText('Send the catalogue').waitFor();
    await steps().getByText(named(3)).waitFor();
    await steps().getByLabel('Send the catalogue').click();
    await steps().getByText('Send the catalogue').waitFor({ state: 'detached' });
    await timeline().getByText('Send the catalogue').waitFor();
    await undo(page, 'Done: Send the catalogue');
    await steps().getByText('Send the catalogue').waitFor();
});

await flow('record__composer_keeps_the_date_and_saves_from_every_field', async () => {
    await visit(page, company);
    const kind = (name) => page.locator('.composer').getByRole('button', { name, exact: true }).click();
    await kind('Task');
    await page.locator('.composer-area').fill('Ring about the date');
    await page.getByLabel('Due', { exact: true }).fill(day(4));
    await kind('Call');
    await until('a date for a call', false, () => page.locator('.composer-when').isVisible());
    await kind('Task');
    await until('the date after a look at calls', day(4), () => page.getByLabel('Due', { exact: true }).inputValue());
    await page.locator('.composer').getByLabel('Time', { exact: true }).fill('14:30');
    await page.keyboard.press('Control+Enter');
    await steps().getByText('Ring about the date').waitFor();
    await steps().getByText(named(4)).waitFor();
    await until('the date after saving', '', () => page.getByLabel('Due', { exact: true }).inputValue());
    await page.locator('.composer-area').fill('Ring once more');
    await page.getByLabel('Due', { exact: true }).fill(day(5));
    await page.keyboard.press('Control+Enter');
    await steps().getByText('Ring once more').waitFor();
    equal((await k.api('GET', '/activities?filter=subject%20contains%20"Ring"')).json.count, 2, 'tasks');
});

await flow('record__logs_a_call', async () => {
    await visit(page, contact);
    await page.locator('h1').click();
    await page.keyboard.press('l');
    await page.keyboard.type('Budget is approved\nDecision by Friday.');
    await until('what was typed', 'Budget is approved\nDecision by Friday.', () => page.getByLabel('What came of it?').inputValue());
    await page.keyboard.press('Control+Enter');
    await timeline().getByText('Budget is approved').waitFor();
    await page.getByRole('button', { name: 'Filter', exact: true }).click();
    await page.getByRole('dialog', { name: 'Filter the timeline' }).getByLabel('Note', { exact: true }).check();
    await page.keyboard.press('Escape');
    await timeline().getByText('Budget is approved').waitFor({ state: 'detached' });
});

await flow('record__timeline_takes_a_value_back', async () => {
    await k.api('PATCH', company, { industry: 'Shipping', city: 'Bremen' });
    await visit(page, company);
    const entry = timeline().locator('.tl-change', { hasText: 'Bremen' });
    assert((await entry.textContent()).includes('Shipping'), 'the entry does not say what came');
    await page.locator('.composer').getByRole('button', { name: 'Task' }).click();
    await page.locator('.rec').evaluate((rec) => { rec.dataset.kept = 'yes'; });
    await entry.getByRole('button', { name: 'Restore Industry' }).click();
    await page.getByRole('menuitem', { name: 'Restore this value' }).click();
    await until('industry', 'Wholesale', () => value(company, 'industry'));
    await page.locator('.toast', { hasText: 'Industry restored' }).waitFor();
    await settled(page);
    await until('the page stays while it is read again', 'yes', () => page.locator('.rec').getAttribute('data-kept'));
    equal(await page.locator('.composer .tab[aria-pressed=true]').textContent().then((s) => s.trim()), 'Task');
    equal(await value(company, 'city'), 'Bremen', 'the other field');
    await until('shown', true, async () => (await detail('Industry').textContent()).startsWith('Wholesale'));
});

await flow('record__offers_both_values_of_a_conflict', async () => {
    page.expected = /status of 412/;
    for (const [answer, wanted] of [['Use theirs', 'Kiel'], ['Use mine', 'Wismar']]) {
        await k.api('PATCH', company, { industry: 'Bremen' });
        await visit(page, company);
        await button('Edit Industry').click();
        await detail('Industry').locator('input').fill('Wismar');
        const owner = (await k.api('PATCH', company, { owner: null }));
        equal(owner.status, 200);
        await k.api('PATCH', company, { owner: { email: MEMBER } });
        equal((await k.api('PATCH', company, { industry: 'Kiel' }, MEMBER)).status, 200, 'the other change');
        await page.keyboard.press('Enter');
        const dialog = page.locator('dialog');
        await dialog.getByText('max changed Industry').waitFor();
        equal(await dialog.locator('.conflict-value').allTextContents(), ['Kiel', 'Wismar']);
        await dialog.getByRole('button', { name: answer }).click();
        await until('industry', wanted, () => value(company, 'industry'));
        await until('shown', true, async () => (await detail('Industry').textContent()).startsWith(wanted));
    }
    page.expected = null;
});

await flow('record__merges_changes_of_other_fields', async () => {
    page.expected = /status of 412/;
    await visit(page, company);
    await button('Edit Industry').click();
    await detail('Industry').locator('input').fill('Wedel');
    equal((await k.api('PATCH', company, { employees: 77 }, MEMBER)).status, 200);
    await page.keyboard.press('Enter');
    await until('industry', 'Wedel', () => value(company, 'industry'));
    equal(await value(company, 'employees'), 77);
    await until('dialogs', 0, () => page.locator('dialog').count());
    page.expected = null;
});

await flow('record__leaves_the_bin_with_its_links', async () => {
    const people = (await k.api('GET', `/contacts?filter=company%20=%20${company.split('/')[2]}`)).json.count;
    assert(people > 0, 'the company has no people');
    await visit(page, company);
    await button('More actions').click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await page.waitForURL('**/companies');
    const reader = await open(k, { as: READER });
    await visit(reader, '/trash');
    await until('buttons for a reader', 0, () => reader.getByRole('row', { name: /Alster Bau GmbH/ }).getByRole('button').count());
    await reader.context().close();
    await page.goto('/trash');
    await page.getByRole('row', { name: /Alster Bau GmbH/ }).getByRole('button').click();
    await page.getByText('The bin is empty').waitFor();
    equal((await k.api('GET', `/contacts?filter=company%20=%20${company.split('/')[2]}`)).json.count, people, 'people');
    await visit(page, company);
    await timeline().getByText('Met at the fair').waitFor();
    await page.locator('.rec-rel').getByText('Anna Abel').waitFor();
});

await flow('bin__offers_only_what_the_reader_may_restore', async () => {
    const made = { Mine: (await k.api('POST', '/companies', { name: 'Mine' }, MEMBER)).json.id, Theirs: (await k.api('POST', '/companies', { name: 'Theirs' })).json.id };
    for (const id of Object.values(made)) {
        equal((await k.api('DELETE', `/companies/${id}`)).status, 204);
    }
    const member = await open(k, { as: MEMBER });
    await visit(member, '/trash');
    const restore = (name) => member.getByRole('row', { name: new RegExp(name) }).getByRole('button');
    equal([await restore('Mine').count(), await restore('Theirs').count()], [1, 0], 'buttons');
    await restore('Mine').click();
    await until('back', 200, async () => (await k.api('GET', `/companies/${made.Mine}`)).status);
    await member.context().close();
    await k.api('POST', `/companies/${made.Theirs}/restore`, {});
});

await flow('record__says_that_it_was_deleted_meanwhile', async () => {
    const made = (await k.api('POST', '/companies', { name: 'Short life' })).json.id;
    await visit(page, `/companies/${made}`);
    await k.api('DELETE', `/companies/${made}`);
    await page.getByText('This record is gone').waitFor();
    await k.api('POST', `/companies/${made}/restore`, {});
    await until('record', 'Short life', () => page.locator('h1').textContent());
});

await flow('record__deletes_with_undo', async () => {
    await visit(page, contact);
    await button('More actions').click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await undo(page, 'Anna Abel moved to the bin');
    await until('back', 200, async () => (await k.api('GET', contact)).status);
});

await flow('record__shows_which_stages_it_skipped', async () => {
    const { id } = (await k.api('POST', '/deals', { name: 'In a hurry', stage: 'enquiry', amount: '10', close_date: day(9) })).json;
    equal((await k.api('PATCH', `/deals/${id}`, { stage: 'negotiation' })).status, 200);
    await visit(page, `/deals/${id}`);
    const stages = page.locator('.stage-step');
    const told = () => stages.evaluateAll((all) => all.map((b) => b.title));
    await until('what is told of the stages', ['', 'Skipped', 'Skipped', '', '', ''], told);
    const look = (name) => stages.filter({ hasText: name }).evaluate((b) => getComputedStyle(b).backgroundColor);
    assert(await look('Qualified') !== await look('Enquiry'), 'a skipped stage looks like one it went through');
    await stages.filter({ hasText: 'Qualified' }).click();
    await until('stages once it was there', ['', '', '', '', '', ''], told);
});

await flow('record__head_knows_the_step_of_another_zone', async () => {
    const { id } = (await k.api('POST', '/deals', { name: 'Abroad', stage: 'enquiry' })).json;
    await k.api('POST', '/activities', { kind: 'call', subject: 'Ring Boston', due: `${day(20)}T09:00[America/New_York]`, links: [{ entity: 'deal', id }] });
    await visit(page, `/deals/${id}`);
    await page.locator('.rec-next').getByRole('link', { name: 'Ring Boston' }).waitFor();
    equal(await page.locator('.rec-next').getByText('No next step').count(), 0, 'told of a step that is missing');
});

await flow('record__moves_its_stage', async () => {
    await visit(page, deal);
    await page.locator('.stage-steps').getByRole('button', { name: 'Qualified' }).click();
    await until('stage', 'qualified', () => value(deal, 'stage'));
    await page.locator('.stage-steps').getByRole('button', { name: 'Lost' }).click();
    await page.locator('dialog').getByLabel('Competitor').check();
    await page.locator('dialog').getByRole('button', { name: 'Mark as lost' }).click();
    await until('reason', 'competitor', () => value(deal, 'lost_reason'));
    await detail('Reason for losing').waitFor();
    await undo(page, 'Lost: Order 1');
    await until('stage', 'qualified', () => value(deal, 'stage'));
    await detail('Reason for losing').waitFor({ state: 'detached' });
});

await flow('record__tells_moves_in_words', async () => {
    const made = (await k.api('POST', '/deals', { name: 'Told', pipeline: 'sales', stage: 'enquiry', amount: 900 })).json.id;
    await visit(page, `/deals/${made}`);
    await steps().locator('.notice-warn').getByText('No next step is planned.').waitFor();
    await until('outcomes of an open deal', 0, () => page.locator('.detail dt', { hasText: /^(Won|Lost|Reason for losing|Open)$/ }).count());
    await k.api('PATCH', `/deals/${made}`, { stage: 'qualified' });
    await timeline().getByText('admin moved it from Enquiry to Qualified').waitFor();
    await k.api('PATCH', `/deals/${made}`, { stage: 'lost', lost_reason: 'price' });
    await timeline().getByText('admin marked it as lost: Price').waitFor();
    await until('warnings on a lost deal', 0, () => steps().locator('.notice-warn').count());
    await detail('Reason for losing').waitFor();
    await k.api('PATCH', `/deals/${made}`, { stage: 'won', amount: 950 });
    const entry = timeline().locator('.tl-change', { hasText: 'admin marked it as won' });
    await entry.getByText('Amount').waitFor();
    await until('fields told beside the move', 1, () => entry.locator('.tl-fields li').count());
    await until('warnings on a won deal', 0, () => steps().locator('.notice-warn').count());
    await entry.getByRole('button', { name: 'Restore Stage' }).click();
    await page.getByRole('menuitem', { name: 'Restore this value' }).click();
    await until('stage', 'lost', () => value(`/deals/${made}`, 'stage'));
});

await flow('record__hides_what_does_not_apply_from_readers', async () => {
    const reader = await open(k, { as: READER });
    await visit(reader, deal);
    await until('reasons on an open deal', 0, () => reader.locator('.detail dt', { hasText: 'Reason for losing' }).count());
    await reader.context().close();
});

await flow('record__names_what_belongs_to_it', async () => {
    await k.api('PATCH', company, { revenue: 1234567 });
    await visit(page, company);
    await page.locator('.rec-rel').getByRole('heading', { name: 'Subsidiaries' }).waitFor();
    await until('a bare figure in the heading', false, async () => (await page.locator('.rec-line').textContent()).includes('1,234,567'));
    equal(await detail('Revenue').locator('.num').textContent(), '€1,234,567');
});

await flow('record__an_activity_is_ticked_off', async () => {
    const made = (await k.api('POST', '/activities', { kind: 'task', subject: 'Order the panels', due: `${day(-2)}T09:00:00Z`, links: [{ entity: 'deal', id: Number(deal.split('/')[2]) }] })).json.id;
    await visit(page, `/activities/${made}`);
    await detail('Due').locator('.late').waitFor();
    await page.locator('.rec-rel').getByRole('link', { name: 'Order 1' }).waitFor();
    await button('Mark as done').click();
    await until('done', true, async () => Boolean(await value(`/activities/${made}`, 'done_at')));
    await detail('Due').locator('.late').waitFor({ state: 'detached' });
    await button('Not done after all').click();
    await until('open again', null, () => value(`/activities/${made}`, 'done_at'));
    const phone = await open(k, { phone: true });
    await visit(phone, `/activities/${made}`);
    equal(await phone.locator('.rec-tabs .tab').first().textContent(), 'Details');
    await phone.locator('.rec-side').getByText('Order the panels').waitFor();
    await phone.context().close();
});

await flow('record__adds_what_belongs_to_it', async () => {
    await visit(page, company);
    await page.locator('.rec-rel').getByRole('button', { name: 'Add: Deals' }).click();
    await page.locator('dialog').getByLabel(/^Name/).fill('Spring order');
    await page.locator('dialog').getByRole('button', { name: 'Create' }).click();
    await page.locator('.rec-rel').getByText('Spring order').waitFor();
    equal((await value(`/deals/${await find(k, 'deals', 'Spring order')}`, 'company')).title, 'Alster Bau GmbH');
});

await flow('record__says_whose_it_is_to_who_may_not_change_it', async () => {
    const member = await open(k, { as: MEMBER });
    await visit(member, deal);
    const before = await value(deal, 'stage');
    const why = 'It belongs to admin. Your role may change only your own records.';
    await member.locator('.rec-locked').getByText(why).waitFor();
    for (const name of ['Won', 'Lost', 'Proposal']) {
        await member.locator('.stage-steps').getByRole('button', { name }).click({ force: true });
        await member.locator('.toast', { hasText: why }).waitFor();
        await member.getByRole('button', { name: 'Dismiss' }).click();
    }
    equal(await value(deal, 'stage'), before);
    equal(await axe(member), []);
    await visit(page, deal);
    await until('reasons for who may', 0, () => page.locator('.rec-locked').count());
    await member.context().close();
});

await flow('record__offers_only_what_one_may', async () => {
    const reader = await open(k, { as: READER });
    await visit(reader, company);
    await until('pencils', 0, () => reader.locator('.detail-edit').count());
    await until('composers', 0, () => reader.locator('.composer').count());
    await until('New', 0, () => reader.getByRole('button', { name: 'New', exact: true }).count());
    await reader.goto('/deals');
    await reader.locator('.deal').first().waitFor();
    await until('quick add', 0, () => reader.locator('.quick-add').count());
    await reader.context().close();
});

await flow('record__on_a_phone', async () => {
    const phone = await open(k, { phone: true });
    await visit(phone, contact);
    await phone.locator('.composer-area').waitFor();
    await phone.locator('.composer').getByRole('button', { name: 'Task' }).tap();
    const parts = phone.locator('.composer-foot :is(input, .btn-primary)');
    const boxes = await Promise.all([0, 1, 2].map((i) => parts.nth(i).boundingBox()));
    assert(boxes.every((a, i) => boxes.slice(i + 1).every((c) => a.x + a.width <= c.x || a.y + a.height <= c.y)), `parts of the composer overlap: ${JSON.stringify(boxes)}`);
    await until('details beside the timeline', false, () => phone.locator('.rec-side').isVisible());
    await phone.locator('.rec-tabs').getByRole('button', { name: 'Details' }).click();
    await phone.getByRole('button', { name: 'Edit Job title' }).click();
    await phone.locator('.detail-editor input').fill('Director');
    await phone.keyboard.press('Enter');
    await until('saved', 'Director', () => value(contact, 'job_title'));
    await phone.locator('.rec-tabs').getByRole('button', { name: 'Related' }).click();
    await phone.locator('.rec-rel').getByText('Alster Bau GmbH').first().waitFor();
    const lost = (await k.api('POST', '/deals', { name: 'Far right', pipeline: 'sales', stage: 'lost', lost_reason: 'price' })).json.id;
    await visit(phone, `/deals/${lost}`);
    const step = await phone.locator('.stage-step[aria-current]').boundingBox();
    assert(step.x >= 0 && step.x + step.width <= 390, `the stage is out of sight: ${JSON.stringify(step)}`);
    const half = (await k.api('POST', '/deals', { name: 'Half way', pipeline: 'sales', stage: 'enquiry', amount: 9, close_date: day(9) })).json.id;
    for (const stage of ['qualified', 'proposal', 'negotiation']) equal((await k.api('PATCH', `/deals/${half}`, { stage })).status, 200);
    await visit(phone, `/deals/${half}`);
    await phone.locator('.stage-step[aria-current] .stage-stay').waitFor();
    const aside = () => phone.locator('.stage-step[aria-current]').evaluate((el) => { const r = el.getBoundingClientRect(); return Math.abs(r.left + r.width / 2 - innerWidth / 2) <= 60; });
    await until('the stage is in the middle', true, aside);
    await phone.context().close();
});
await flow('record__a_link_to_the_bin_leads_there', async () => {
    const gone = (await k.api('POST', '/companies', { name: 'Gone Ltd' })).json.id;
    const made = (await k.api('POST', '/deals', { name: 'Left over', company: gone })).json.id;
    const note = (await k.api('POST', '/notes', { text: 'About nobody', links: [gone, made] })).json.id;
    await k.api('DELETE', `/companies/${gone}`);
    for (const where of [`/deals/${made}`, `/notes/${note}`, '/deals?mode=list&q=Left%20over']) {
        await visit(page, where);
        const link = page.locator('a.is-binned', { hasText: 'Gone Ltd' }).first();
        await link.waitFor();
        equal(await link.evaluate((a) => getComputedStyle(a).textDecorationLine), 'line-through', where);
        await until(where, '/trash?kind=company', () => link.getAttribute('href'));
        equal(await axe(page), [], `axe ${where}`);
    }
    await visit(page, '/deals?mode=board&q=Left%20over');
    await page.locator('.deal p.is-binned', { hasText: 'Gone Ltd' }).waitFor();
    await visit(page, `/deals/${made}`);
    await page.locator('a.is-binned').first().click();
    await page.getByText('Gone Ltd').first().waitFor();
    equal(await page.locator('h1').textContent(), 'Bin');
});
await finish();
