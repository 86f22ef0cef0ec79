#!/usr/bin/env node
/*
 * Sharing a record: from the note that mentions a colleague who may not see it, in one step, and from the page of the
 * record, with a last day; the colleague hears of it, opens it, and no longer sees it once it is taken back.
 */
import { Kontor, open, visit, until, axe, test, assert, equal, finish } from './harness.mjs';
import { seed, find } from './seed.mjs';

const ROLES = `
own:
  label: Own
  entities:
    "*": {see: own, create: all, edit: own, delete: own, export: own, import: none}
`;
const OWN = 'olga@example.com';
const k = await Kontor.make({ 'roles.yaml': ROLES });
await seed(k);
k.addUser(OWN, 'own');
const company = `/companies/${await find(k, 'companies', 'Alster Bau GmbH')}`;
const composer = (p) => p.locator('form.composer textarea');
const bell = (p) => p.getByRole('button', { name: /^Notifications/ });
const shares = (p) => p.getByRole('region', { name: 'Shared with' });
const open_ = async (p) => { await visit(p, company); await shares(p).waitFor(); };

const page = await open(k);
const olga = await open(k, { as: OWN });
olga.expected = /status of (404|422)/;
await visit(olga, '/home');

await test('share__is_offered_when_a_colleague_is_mentioned', async () => {
    await open_(page);
    await shares(page).getByText('Nobody besides').waitFor();
    await composer(page).fill('@ol');
    await page.getByRole('option', { name: /olga.*does not see this/ }).click();
    await page.getByText('olga may not see this record.').waitFor();
    assert(await page.getByRole('checkbox', { name: 'Share it with olga' }).isChecked(), 'it is not offered by default');
    equal(await axe(page), [], 'axe');
}, page);

await test('share__is_offered_again_with_the_draft', async () => {
    await page.reload();
    await page.getByText('olga may not see this record.').waitFor();
    assert(await page.getByRole('checkbox', { name: 'Share it with olga' }).isChecked(), 'it is not offered by default');
    await composer(page).press('Control+End');
}, page);

await test('share__goes_with_the_note_and_is_told', async () => {
    await composer(page).pressSequentially('please call');
    await page.locator('form.composer').getByRole('button', { name: 'Save' }).click();
    await page.locator('.tl-text', { hasText: 'please call' }).waitFor();
    await shares(page).getByText('olga').waitFor();
    await until('hints', 0, () => page.getByText('olga may not see this record.').count());
    await until('told', 'Notifications, 2 new', () => bell(olga).getAttribute('aria-label'));
    await bell(olga).click();
    await olga.getByRole('link', { name: /admin shared this with you/ }).click();
    await olga.getByRole('heading', { name: 'Alster Bau GmbH' }).waitFor();
    await olga.locator('.tl-text', { hasText: 'please call' }).waitFor();
    await until('pencils', 0, () => olga.getByRole('button', { name: /^Edit / }).count());
    equal(await axe(olga), [], 'axe');
}, olga);

await test('share__is_in_her_lists_and_search', async () => {
    await visit(olga, '/companies?view=all');
    await olga.getByRole('link', { name: 'Alster Bau GmbH' }).waitFor();
    await visit(olga, '/search?q=alster');
    await olga.locator('a.hit', { hasText: 'Alster' }).first().waitFor();
}, olga);

await test('share__gets_a_last_day_and_ends', async () => {
    await shares(page).getByRole('button', { name: 'Actions for olga' }).click();
    await page.getByRole('menuitem', { name: 'Change the end date' }).click();
    await shares(page).getByLabel('Until').fill('2099-12-31');
    await shares(page).getByRole('button', { name: 'Save' }).click();
    await shares(page).getByText(/until .*2099/).waitFor();
    equal(await axe(page), [], 'axe');
    await shares(page).getByRole('button', { name: 'Actions for olga' }).click();
    await page.getByRole('menuitem', { name: 'Stop sharing' }).click();
    await shares(page).getByText('Nobody besides').waitFor();
    await visit(olga, company);
    await olga.getByRole('heading', { name: 'This record is gone' }).waitFor();
}, page);

await test('share__is_made_on_the_record', async () => {
    await shares(page).getByRole('button', { name: 'Add: Shared with' }).click();
    const who = shares(page).getByRole('combobox');
    await who.fill('ol');
    await page.getByRole('option', { name: 'olga' }).click();
    await shares(page).getByRole('button', { name: 'Share', exact: true }).click();
    await shares(page).getByText('by admin').first().waitFor();
    await visit(olga, company);
    await olga.getByRole('heading', { name: 'Alster Bau GmbH' }).waitFor();
    await until('what she may do with it', 0, () => shares(olga).getByRole('button', { name: /^Actions for/ }).count());
}, page);

await test('share__is_refused_in_words', async () => {
    await shares(olga).getByRole('button', { name: 'Add: Shared with' }).click();
    await shares(olga).getByRole('combobox').fill('max');
    await olga.getByRole('option', { name: 'max' }).click();
    await shares(olga).getByRole('button', { name: 'Share', exact: true }).click();
    await shares(olga).getByText('Only who sees a record by his own role may share it.').waitFor();
}, olga);

await finish();
