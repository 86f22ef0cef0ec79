#!/usr/bin/env node
/*
 * Settings: what the files say, what is wrong with them and where, what applying would do, and
 * applying it; what takes data away asks first.
 */
import { Kontor, open, visit, settled, until, axe, test, assert, equal, finish } from './harness.mjs';

const k = await Kontor.make();
const page = await open(k);
const flow = (name, run) => test(name, run, page);
const button = (name) => page.getByRole('button', { name, exact: true });
const again = async (text) => {
    k.write('conf/fields.yaml', text);
    await button('Check the files again').click();
    await settled(page);
};
const FIELD = 'company:\n  fields:\n    rating: {type: integer, min: 0}\n';

await flow('settings__lead_from_an_unknown_topic_to_a_known_one', async () => {
    for (const [typed, wanted] of [['/settings/server', '/settings'], ['/settings/people', '/people'], ['/settings/status', '/settings/status']]) {
        await visit(page, typed);
        await until('address', wanted, () => new URL(page.url()).pathname);
    }
    equal(await page.locator('.settings-nav [aria-current=page]').textContent().then((s) => s.trim()), 'Server');
});

await flow('settings__name_what_is_wrong_and_where', async () => {
    await visit(page, '/settings');
    await page.getByText('No problems').waitFor();
    await again('company:\n  fields:\n    size: {type: choyce}\n    rating: {type: integer, mni: 0}\n');
    await page.getByText('2 problems', { exact: true }).waitFor();
    await page.locator('.notice-warn', { hasText: 'fields.yaml, line 3' }).getByText('do you mean "choice"').waitFor();
    await button('fields.yaml').click();
    await until('marked lines', ['3', '4'], () => page.locator('.code .is-bad .code-n').allTextContents());
    assert(await button('Apply').isDisabled(), 'a broken configuration can be applied');
    equal(await axe(page), [], 'axe');
});

await flow('settings__mark_the_end_when_something_is_missing_there', async () => {
    await again('company:\n  fields:\n    rating: {type: integer\n');
    await page.getByText('1 problem', { exact: true }).waitFor();
    await until('marked lines', ['3'], () => page.locator('.code .is-bad .code-n').allTextContents());
});

await flow('settings__show_the_plan_and_apply_it', async () => {
    await again(FIELD);
    await page.locator('.plan').getByText('Field rating (integer) is added to company.').waitFor();
    await button('Apply').click();
    await page.locator('.toast', { hasText: 'The configuration is in use' }).waitFor();
    await page.getByText('Files match').waitFor();
    equal((await k.api('POST', '/companies', { name: 'Rated', rating: 5 })).json.rating, 5);
    await visit(page, '/companies');
    await button('Columns').click();
    await page.locator('.popover').getByRole('checkbox', { name: 'Rating', exact: true }).check();
    await page.getByRole('columnheader', { name: 'Rating' }).waitFor();
});

await flow('settings__say_what_a_change_takes_away', async () => {
    await visit(page, '/settings');
    await again('company:\n  fields: {}\n');
    await page.locator('.plan').getByText('Field rating leaves company: 1 record holds a value; the column is kept and hidden.').waitFor();
    assert(await button('Apply').isDisabled(), 'data are taken away without a question');
    await page.getByLabel('I know that this loses data').check();
    await button('Apply').click();
    await page.getByText('Files match').waitFor();
    await until('field', undefined, async () => (await k.api('GET', '/companies?limit=1')).json.items[0].rating);
});

await flow('settings__trouble_is_told_on_every_page', async () => {
    k.addUser('max@example.com');
    const member = await open(k, { as: 'max@example.com' });
    const phone = await open(k, { phone: true, dark: true });
    const bar = (p) => p.locator('.trouble');
    const good = 'company:\n  fields: {}\n';
    await visit(page, '/home');
    await visit(member, '/home');
    equal([await bar(page).count(), await bar(member).count()], [0, 0], 'bars before');
    k.write('conf/fields.yaml', 'company:\n  fields:\n    size: {type: choyce}\n');
    k.process.kill('SIGHUP');
    await bar(page).getByText('The configuration files have problems').waitFor();
    equal(await axe(page), [], 'axe');
    await visit(phone, '/companies');
    await bar(phone).waitFor();
    equal(await axe(phone), [], 'axe on a phone');
    await bar(page).getByRole('link', { name: 'Open settings' }).click();
    await page.getByText('1 problem', { exact: true }).waitFor();
    await visit(page, '/settings/status');
    await page.locator('.notice-warn', { hasText: 'fields.yaml:3' }).waitFor();
    await until('bars of a member', 0, () => bar(member).count());

    /* Mended: who looks, whatever page it is on, finds no problem any more. */
    k.write('conf/fields.yaml', good);
    await visit(page, '/settings/status');
    await until('problems of the server', 0, () => page.locator('.settings-main .notice-warn').count());
    await bar(page).waitFor({ state: 'detached' });
    await bar(phone).waitFor({ state: 'detached' });
    await member.context().close();
    await phone.context().close();
});

await flow('settings__a_fresh_server_runs_for_less_than_a_minute', async () => {
    const fresh = await Kontor.make();
    const other = await open(fresh);
    await visit(other, '/settings/status');
    await other.getByText('running for less than a minute').waitFor();
    await other.context().close();
});

await finish();
