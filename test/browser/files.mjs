#!/usr/bin/env node
/*
 * Files on a record: chosen, dropped, pasted; progress and errors of each; preview of pictures, names,
 * the bin with Undo; the timeline; a photo in place of initials; the same on a phone; accessible.
 */
import { Kontor, open, visit, settled, until, undo, axe, shot, test, assert, equal, finish } from './harness.mjs';
import { seed, find, READER } from './seed.mjs';

const k = await Kontor.make({ 'kontor.yaml': 'name: Test\ncurrency: EUR\nzone: Europe/Berlin\npassword_cost: low\nfile_max: 1\n' });
await seed(k);
const page = await open(k);
const flow = (name, run) => test(name, run, page);
const id = await find(k, 'contacts', 'Anna Abel');
const contact = `/contacts/${id}`;
const PNG = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');

const PDF = Buffer.from('%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF');

const panel = (p = page) => p.getByRole('region', { name: 'Files', exact: true });
const rows = (p = page) => panel(p).locator('.file-name').allTextContents();
const stored = async () => (await k.api('GET', `/files?filter=links%20contains%20${id}&sort=name&fields=name`)).json.items.map((f) => f.name);
const choose = (files, p = page) => panel(p).locator('input[type=file][multiple]').setInputFiles(files);
const text = (name, body = 'hello') => ({ name, mimeType: 'text/plain', buffer: Buffer.from(body) });
const menu = async (name, item) => {
    await panel().getByRole('button', { name: `Actions for ${name}` }).click();
    await page.getByRole('menuitem', { name: item, exact: true }).click();
};

/** Drops or pastes a file made in the page. */
const handOver = (how, name, type, bytes) => page.evaluate(([event, fileName, mime, list]) => {
    const data = new DataTransfer();
    data.items.add(new File([new Uint8Array(list)], fileName, { type: mime }));
    const make = (kind) => (kind === 'paste' ? new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true })
        : new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true }));
    for (const kind of event === 'paste' ? ['paste'] : ['dragenter', 'dragover']) { document.body.dispatchEvent(make(kind)); }
    window.dropNow = () => document.body.dispatchEvent(make('drop'));
}, [how, name, type, [...bytes]]);

await flow('files__empty_panel_says_how', async () => {
    await visit(page, contact);
    await panel().getByText('Drop files anywhere').waitFor();
});

await flow('files__chosen_ones_are_attached_with_undo', async () => {
    await choose([text('offer.txt'), text('plan.txt', 'a plan of the roof')]);
    await until('stored', ['offer.txt', 'plan.txt'], stored);
    await until('listed', 2, async () => (await rows()).length);
    await until('in the timeline', true, async () => (await page.locator('.timeline').textContent()).includes('plan.txt'));
    await undo(page, '2 files are attached');
    await until('undone', [], stored);
    await until('gone', 0, async () => (await rows()).length);
});

await flow('files__dropped_where_nothing_takes_them_do_no_harm', async () => {
    await visit(page, '/contacts');
    const kept = await page.evaluate(() => {
        const data = new DataTransfer();
        data.items.add(new File(['x'], 'x.txt'));
        const over = new DragEvent('dragover', { dataTransfer: data, bubbles: true, cancelable: true });
        document.body.dispatchEvent(over);
        return over.defaultPrevented;
    });
    equal(kept, true, 'kept from leaving the page');
    await visit(page, contact);
});

await flow('files__drop_anywhere_attaches', async () => {
    await handOver('drop', 'dropped.txt', 'text/plain', Buffer.from('dropped'));
    await page.locator('.drop-page').getByText('Drop to attach').waitFor();
    await page.evaluate(() => window.dropNow());
    await until('stored', ['dropped.txt'], stored);
    await until('overlay', 0, () => page.locator('.drop-page').count());
});

await flow('files__a_pasted_picture_is_attached_and_shown', async () => {
    await handOver('paste', 'image.png', 'image/png', PNG);
    await until('stored', ['dropped.txt', 'image.png'], stored);
    await panel().getByRole('button', { name: 'image.png', exact: true }).click();
    const picture = page.locator('dialog img');
    await picture.waitFor();
    await until('drawn', 1, () => picture.evaluate((i) => i.naturalWidth));
    equal(await axe(page), [], 'axe in the preview');
    await page.keyboard.press('Escape');
    await until('closed', 0, () => page.locator('dialog[open]').count());
});

await flow('files__a_pdf_is_shown_in_a_frame', async () => {
    await choose([{ name: 'paper.pdf', mimeType: 'application/pdf', buffer: PDF }]);
    await until('stored', true, async () => (await stored()).includes('paper.pdf'));
    if (!await page.evaluate(() => navigator.pdfViewerEnabled)) { return; }
    await panel().getByRole('button', { name: 'paper.pdf', exact: true }).click();
    await page.locator('dialog iframe[title="paper.pdf"]').waitFor();
    await page.waitForTimeout(500);
    await shot(page, 'files-pdf');
    await page.keyboard.press('ArrowRight');
    await page.locator('dialog img').waitFor();
    await page.keyboard.press('Escape');
    await until('closed', 0, () => page.locator('dialog[open]').count());
    await menu('paper.pdf', 'Delete');
    await until('deleted', false, async () => (await stored()).includes('paper.pdf'));
});

await flow('files__are_renamed_and_deleted_with_undo', async () => {
    await menu('dropped.txt', 'Rename');
    await page.getByLabel('Name', { exact: true }).fill('report.txt');
    await page.keyboard.press('Enter');
    await until('renamed', ['image.png', 'report.txt'], stored);
    await until('shown', true, async () => (await rows()).includes('report.txt'));
    await menu('report.txt', 'Delete');
    await until('deleted', ['image.png'], stored);
    await undo(page, 'report.txt moved to the bin');
    await until('back', ['image.png', 'report.txt'], stored);
});

await flow('files__come_down_as_they_are', async () => {
    const [down] = await Promise.all([page.waitForEvent('download'), panel().locator('a.file-name', { hasText: 'report.txt' }).click()]);
    equal(down.suggestedFilename(), 'report.txt');
});

await flow('files__an_error_stands_at_its_file', async () => {
    page.expected = /status of 5|status of 4|Failed to load/;
    await page.route('**/contacts/*/files*', (route) => route.fulfill({ status: 413, contentType: 'application/json', body: '{"error":{"code":"too_large","text":"The file is larger than 100 MB, the most one may have.","fields":[]}}' }));
    await choose([text('large.txt')]);
    await panel().getByText('larger than 100 MB').waitFor();
    equal(await axe(page), [], 'axe with an error');
    await page.unroute('**/contacts/*/files*');
    await panel().getByRole('button', { name: 'Try again' }).click();
    await until('sent again', ['image.png', 'large.txt', 'report.txt'], stored);
    await until('no error', 0, () => panel().locator('.is-bad').count());
    page.expected = null;
});

await flow('files__one_that_is_too_large_is_not_even_sent', async () => {
    await choose([text('huge.txt', 'x'.repeat(1100000)), text('fits.txt')]);
    await panel().getByText(/larger than 1 MB/).waitFor();
    await until('the other is stored', true, async () => (await stored()).includes('fits.txt'));
    await panel().getByRole('button', { name: 'Dismiss' }).click();
    await until('no error', 0, () => panel().locator('.is-bad').count());
    equal((await stored()).includes('huge.txt'), false);
});

await flow('files__a_photo_stands_in_place_of_initials', async () => {
    await until('before', 0, () => page.locator('.rec-head .avatar img').count());
    await page.getByRole('button', { name: 'Edit Photo' }).click();
    await page.locator('.detail-editor input[type=file]').setInputFiles({ name: 'anna.png', mimeType: 'image/png', buffer: PNG });
    await until('saved', 'anna.png', async () => (await k.api('GET', contact)).json.photo?.title);
    await page.locator('.rec-head .avatar img').waitFor();
    await visit(page, '/contacts?f.last_name=has:Abel');
    await page.locator('.cell-name', { hasText: 'Anna Abel' }).locator('.avatar img').waitFor();
});

await flow('files__the_photo_is_shown_wherever_initials_are', async () => {
    const face = (box) => box.locator('.avatar img').first().waitFor({ state: 'attached' });
    const company = (await k.api('GET', contact)).json.company.id;
    const other = await find(k, 'companies', 'Birken Bau GmbH');
    await k.api('POST', '/contact_companies', { contact: id, company: other });
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Search or jump to' }).fill('Anna Abel');
    await face(page.getByRole('option', { name: /^Anna Abel/ }));
    await page.keyboard.press('Escape');
    await visit(page, '/search?q=anna');
    await face(page.locator('a.hit', { hasText: 'Anna Abel' }));
    await visit(page, `/companies/${other}`);
    await face(page.getByRole('region', { name: 'Contacts', exact: true }).locator('li', { hasText: 'Anna Abel' }));
    await visit(page, `/companies/${company}`);
    await page.locator('form.composer textarea').fill('');
    await page.locator('form.composer textarea').pressSequentially('#Anna A');
    await face(page.getByRole('option', { name: /^Anna Abel/ }));
    await page.keyboard.press('Escape');
    await page.locator('form.composer textarea').fill('');
    await page.keyboard.press('Control+k');
    await face(page.getByRole('option', { name: /^Anna Abel/ }));
    await page.keyboard.press('Escape');
});

await flow('files__have_a_page_of_their_own', async () => {
    await visit(page, contact);
    await menu('image.png', 'Details');
    await page.locator('h1', { hasText: 'image.png' }).waitFor();
    await page.getByRole('link', { name: /Download/ }).waitFor();
    await page.getByText('Anna Abel').first().waitFor();
    equal(await axe(page), [], 'axe');
    await visit(page, contact);
    await menu('report.txt', 'Details');
    await page.locator('.file-text', { hasText: 'dropped' }).waitFor();
    equal(await axe(page), [], 'axe of a text');
});

await flow('files__panel_is_accessible', async () => {
    for (const dark of [false, true]) {
        const other = await open(k, { dark });
        await visit(other, contact);
        await panel(other).locator('.file-row').first().waitFor();
        equal(await axe(other), [], dark ? 'dark' : 'light');
        await shot(other, `files-${dark ? 'dark' : 'light'}`);
        await other.context().close();
    }
});

await flow('files__work_on_a_phone', async () => {
    const phone = await open(k, { phone: true });
    await visit(phone, `${contact}?tab=related`);
    await panel(phone).getByRole('button', { name: 'Take a picture' }).waitFor();
    equal(await panel(phone).locator('input[capture]').getAttribute('accept'), 'image/*');
    await choose([text('phone.txt')], phone);
    await until('stored', true, async () => (await stored()).includes('phone.txt'));
    await settled(phone);
    equal(await axe(phone), [], 'axe');
    equal(await phone.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, 'no sideways scrolling');
    await shot(phone, 'files-phone');
    await phone.context().close();
});

await flow('files__a_reader_only_reads', async () => {
    const reader = await open(k, { as: READER });
    await visit(reader, contact);
    await panel(reader).locator('.file-row').first().waitFor();
    equal(await panel(reader).getByRole('button', { name: 'Add files' }).count(), 0);
    await panel(reader).getByRole('button', { name: 'Actions for report.txt' }).click();
    equal(await reader.getByRole('menuitem', { name: 'Delete' }).count(), 0);
    await reader.context().close();
});

assert(true, '');
await finish();
