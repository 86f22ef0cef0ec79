#!/usr/bin/env node
/*
 * Activities that repeat: said in words and chosen in the form with the days they would be, changed and deleted alone, from one on or
 * all, each taken back by one Undo; and the private address of a calendar, shown once.
 */
import { Kontor, open, visit, until, undo, shot, axe, test, assert, equal, finish, day } from './harness.mjs';

const k = await Kontor.make({});
const page = await open(k);
const flow = (name, run) => test(name, run, page);
const all = async () => (await k.api('GET', '/activities?limit=500&sort=due')).json.items;
const dialog = (name) => page.getByRole('dialog', { name });
const box = () => page.getByRole('region', { name: 'Repeats' }).or(page.locator('section', { has: page.getByRole('heading', { name: 'Repeats' }) }));

await flow('repeat__a_new_activity_repeats', async () => {
    await visit(page, '/activities');
    await page.keyboard.press('c');
    await dialog('New').getByRole('button', { name: 'Activity', exact: true }).click().catch(() => null);
    await dialog('New').getByLabel('Subject').fill('Weekly call');
    await dialog('New').locator('input[type="date"]').first().fill(day(7));
    await dialog('New').getByLabel('How often').selectOption('WEEKLY');
    await dialog('New').getByLabel('Until when').selectOption('count');
    await dialog('New').getByLabel('Times').fill('6');
    await dialog('New').locator('.repeat p[aria-live]').waitFor();
    await axe(page);
    await dialog('New').getByRole('button', { name: 'Create' }).click();
    await until('six of them', 6, async () => (await all()).length);
});

await flow('repeat__the_record_says_it_in_words', async () => {
    const [first] = await all();
    await visit(page, `/activities/${first.id}`);
    await box().getByText(/every week on .*, 6 times/).waitFor();
    const file = await page.getByRole('link', { name: 'Invitation as a file' }).getAttribute('href');
    assert((await (await page.request.get(new URL(file, page.url()).href)).text()).includes('SUMMARY:Weekly call'), file);
    await axe(page);
});

await flow('repeat__one_that_differs_says_the_rule_of_all', async () => {
    const monthly = (await k.api('POST', '/activities', { subject: 'On the fifth', due: '2031-01-05T09:00', repeat: 'FREQ=MONTHLY;BYMONTHDAY=5;COUNT=3' })).json;
    await k.api('PATCH', `/activities/${monthly.id}`, { due: '2031-01-07T09:00' });
    await visit(page, `/activities/${monthly.id}`);
    await box().getByText('every month on day 5, 3 times').waitFor();
    await page.getByRole('button', { name: 'Change how it repeats' }).click();
    await dialog('Repeats').getByLabel('Times').fill('4');
    await dialog('Repeats').getByRole('button', { name: 'All of them' }).click();
    const rule = async (x) => (await k.api('GET', `/activity_series_all/${x.series.id}`)).json.rule;
    await until('still on the fifth', 'FREQ=MONTHLY;BYMONTHDAY=5;COUNT=4', () => rule(monthly));
    const half = (await k.api('POST', '/activities', { subject: 'Twice a year', due: '2031-01-05T09:00', repeat: 'FREQ=MONTHLY;BYMONTH=1,7;BYMONTHDAY=5;COUNT=3' })).json;
    await visit(page, `/activities/${half.id}`);
    await box().getByText(await rule(half)).waitFor();
    await page.getByRole('button', { name: 'Change how it repeats' }).click();
    equal(await dialog('Repeats').getByLabel('How often').inputValue(), 'other');
    await dialog('Repeats').getByRole('button', { name: 'Cancel' }).click();
    for (const x of [monthly, half]) await k.api('DELETE', `/activities/${x.id}?scope=all`);
    await until('only the six', 6, async () => (await all()).length);
});

await flow('repeat__a_change_asks_how_far_it_reaches', async () => {
    const list = await all();
    await visit(page, `/activities/${list[2].id}`);
    const edit = async (text) => {
        await page.getByRole('button', { name: 'Edit Place' }).click();
        await page.getByRole('textbox', { name: 'Place' }).fill(text);
        await page.keyboard.press('Enter');
    };
    await edit('Kiel');
    await dialog('Change what repeats').getByRole('button', { name: 'This and those after it' }).click();
    await until('from the third on', [false, false, true, true, true, true], async () => (await all()).map((a) => a.place === 'Kiel'));
    await undo(page, 'Place changed');
    await until('as before', 0, async () => (await all()).filter((a) => a.place === 'Kiel').length);
    await edit('Bonn');
    await page.keyboard.press('Escape');
    await until('left', 0, async () => (await all()).filter((a) => a.place === 'Bonn').length);
});

await flow('repeat__another_rule_and_an_end', async () => {
    const list = await all();
    await visit(page, `/activities/${list[0].id}`);
    await box().getByRole('button', { name: 'Change how it repeats …' }).click();
    await dialog('Repeats').getByLabel('How often').selectOption('DAILY');
    await dialog('Repeats').getByRole('button', { name: 'All of them' }).click();
    await until('six days', day(12), async () => (await all()).at(-1).due.slice(0, 10));
    await visit(page, `/activities/${(await all())[3].id}`);
    await box().getByRole('button', { name: 'Delete this and those after it' }).click();
    await until('three are left', 3, async () => (await all()).length);
    await undo(page, 'Moved to the bin');
    await until('six again', 6, async () => (await all()).length);
});

await flow('repeat__what_is_a_colleagues_stays_and_is_told', async () => {
    k.addUser('max@example.com');
    const { json } = await k.api('POST', '/activities', { subject: 'Round', due: day(7), repeat: 'FREQ=DAILY;COUNT=4' }, 'max@example.com');
    const some = async () => (await all()).filter((a) => a.subject.startsWith('Round'));
    await k.api('PATCH', `/activities/${(await some())[2].id}`, { owner: (await k.api('GET', '/me')).json.id });
    const max = await open(k, { as: 'max@example.com' });
    await visit(max, `/activities/${json.id}`);
    await max.getByRole('button', { name: 'Edit Place' }).click();
    await max.getByRole('textbox', { name: 'Place' }).fill('Bonn');
    await max.keyboard.press('Enter');
    await max.getByRole('dialog', { name: 'Change what repeats' }).getByRole('button', { name: 'All of them' }).click();
    await max.getByRole('region', { name: 'Messages' }).getByText('1 of this series is a colleague’s and stays as it is').waitFor();
    equal((await some()).map((a) => a.place), ['Bonn', 'Bonn', null, 'Bonn'], 'places');
    await undo(max, 'Place changed');
    await until('as before', 0, async () => (await some()).filter((a) => a.place).length);
    await max.context().close();
    for (const a of await some()) await k.api('DELETE', `/activities/${a.id}`);
});

await flow('feeds__an_address_is_made_shown_once_and_revoked', async () => {
    await visit(page, '/profile');
    await page.getByRole('button', { name: 'Make an address' }).click();
    const link = await page.locator('#pr-feeds ~ * code, section:has(#pr-feeds) code').first().textContent();
    assert(/\/feeds\/kf_.*\.ics$/.test(link), link);
    const text = await (await fetch(new URL(new URL(link).pathname, k.base ?? page.url()))).text();
    equal(text.split('BEGIN:VEVENT').length - 1, 6, 'events');
    await axe(page);
    await page.getByRole('button', { name: 'Revoke My activities' }).click();
    await until('none', [], async () => (await k.api('GET', '/feeds')).json.items);
});

await flow('repeat__one_of_a_series_stands_in_tasks_on_home_and_in_next_steps', async () => {
    const add = async (body) => (await k.api('POST', '/activities', body)).json;
    const { id } = (await k.api('POST', '/companies', { name: 'Nordwind' })).json;
    for (const a of await all()) await k.api('DELETE', `/activities/${a.id}`);
    await add({ subject: 'Standup', due: day(1), repeat: 'FREQ=WEEKLY', links: [{ entity: 'company', id }] });
    await add({ subject: 'Fair', due: day(40) });
    await visit(page, '/tasks');
    const rows = page.locator('.task', { hasText: 'Standup' });
    await until('one', 1, () => rows.count());
    await until('it says that it repeats', 1, () => rows.getByText('Repeats').count());
    await until('what does not repeat', 0, () => page.locator('.task', { hasText: 'Fair' }).getByText('Repeats').count());
    equal(await page.locator('.page-count').textContent(), '2 open');
    await shot(page, 'repeat_tasks');
    await axe(page);
    await rows.getByRole('checkbox').click();
    await until('the one of next week', [(await all()).filter((a) => a.subject === 'Standup')[1].id], () => rows.evaluateAll((list) => list.map((x) => Number(x.dataset.task))));
    await visit(page, '/');
    await page.getByText('2 open tasks').waitFor();
    await page.getByRole('button', { name: /2 more in the next days/ }).click();
    await until('one on Home', 1, () => rows.count());
    await until('it says so on Home', 1, () => rows.getByText('Repeats').count());
    await visit(page, `/companies/${id}`);
    const steps = page.getByRole('region', { name: 'Next steps' }).getByRole('listitem');
    await until('one next step', 1, () => steps.count());
    await until('it says so there', 1, () => steps.getByText('Repeats').count());
    await shot(page, 'repeat_steps');
    await axe(page);
    assert((await all()).filter((a) => a.subject === 'Standup').length > 50, 'lists have all');
});

await finish();
