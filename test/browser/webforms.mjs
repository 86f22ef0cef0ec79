#!/usr/bin/env node
/*
 * Public forms: filled in by keyboard and by touch, without a session and without a script; what is wrong is said where it is; shown
 * within the pages of allowed sites and of no others; and the page of the settings that administrators look at them with.
 */
import { createServer } from 'node:http';
import { Kontor, open, visit, until, axe, shot, test, assert, equal, finish, ok, skip } from './harness.mjs';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** A website of its own origin with the form in a frame. */
const site = (to) => new Promise((resolve) => {
    const server = createServer((request, response) => {
        response.setHeader('Content-Type', 'text/html; charset=utf-8');
        response.end(`<!doctype html><html lang="en"><title>Site</title><h1>Site</h1><iframe title="form" src="${to()}?utm_source=site" width="600" height="700"></iframe>`);
    });
    server.listen(0, '127.0.0.1', () => resolve(server));
});
let k = null;
const friend = await site(() => `${k.url}/forms/contact`);
const stranger = await site(() => `${k.url}/forms/contact`);
const origin = (server) => `http://127.0.0.1:${server.address().port}`;

k = await Kontor.make({ 'fields.yaml': `
lead:
  fields:
    interest: {type: choices, of: {solar: Solar, heat: Heat pump}}
    size: {type: choice, of: {small: Small, large: Large}}
    visit: {type: date}
`, 'forms.yaml': `
contact:
  entity: lead
  title: Write to us
  intro: We answer within a day.
  wait: 0
  rate: {address: 100000, form: 100000}
  fields: [first_name, {field: last_name, required: true}, {field: emails, required: true, help: We answer there}, phones, interest, size, visit, enquiry]
  set: {source: website, team: Nowhere}
  consent: {text: 'I agree that you keep this and call me.', version: '1'}
  embed: ['${origin(friend)}']
schreiben:
  entity: lead
  language: de
  title: Schreiben Sie uns
  fields: [last_name, emails]
` });

const looks = [{}, { dark: true }, { phone: true }, { phone: true, dark: true }];
const name = (o) => `${o.phone ? 'phone' : 'desktop'}${o.dark ? '_dark' : ''}`;
const lead = async (last) => (await k.api('GET', `/leads?fields=first_name,last_name,emails,interest,size,visit,enquiry,utm_source&filter=${encodeURIComponent(`last_name = "${last}"`)}`)).json.items[0];

for (const o of looks) {
    const page = await open(k, { ...o, as: null });
    page.expected = /422/;
    await test(`webforms__are_sound_on_${name(o)}`, async () => {
        await page.goto('/forms/contact');
        equal(await axe(page), [], 'axe');
        await page.locator('button').click();
        await page.locator('.summary').waitFor();
        equal(await axe(page), [], 'axe with errors');
        await shot(page, `webform-${name(o)}`);
        assert(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'wider than the screen');
        const small = await page.evaluate(() => [...document.querySelectorAll('input:not([type=hidden]):not([tabindex="-1"]), select, textarea, button')]
            .filter((e) => (e.closest('label') ?? e).getBoundingClientRect().height < 44).map((e) => e.name || e.textContent));
        equal(small, [], 'too small for a finger');
        await page.goto('/forms/contact?sent=1');
        equal(await axe(page), [], 'axe of the thanks');
    }, page);
    await page.context().close();
}

const page = await open(k, { as: null });
page.expected = /422|frame-ancestors|ERR_BLOCKED_BY_RESPONSE/;

await test('webforms__are_filled_in_by_keyboard', async () => {
    await page.goto('/forms/contact');
    const keys = [['Tab'], 'Kim', ['Tab'], 'Keyboard', ['Tab'], 'kim@example.com', ['Tab'], '+49 431 55', ['Tab', 'Space', 'Tab', 'Tab'], 'L', ['Tab'], '03012027', ['Tab'], 'Two\nlines', ['Tab', 'Space', 'Tab', 'Enter']];
    for (const step of keys) {
        for (const key of Array.isArray(step) ? step : []) {
            await page.keyboard.press(key);
        }
        if (!Array.isArray(step)) {
            await page.keyboard.type(step);
        }
        if (step === '03012027') {
            await page.keyboard.press('Tab'); // the button of the calendar belongs to the field
        }
    }
    await page.getByText('Thank you. We have received it.').waitFor();
    const made = await lead('Keyboard');
    equal([made.first_name, made.emails[0].value, made.interest, made.size, made.enquiry], ['Kim', 'kim@example.com', ['solar'], 'large', 'Two\nlines']);
    assert(made.visit?.startsWith('2027-'), `visit: ${made.visit}`);
}, page);

await test('webforms__say_what_is_wrong_and_lead_there', async () => {
    await page.goto('/forms/contact');
    await page.getByLabel('First name').fill('Wrong');
    await page.getByLabel('E-mail').fill('nobody');
    await page.getByRole('button', { name: 'Send' }).click();
    await page.getByRole('alert').getByText('Nothing has been sent yet').waitFor();
    equal(await page.evaluate(() => document.activeElement.name), 'last_name', 'where the cursor is');
    equal(await page.getByLabel('First name').inputValue(), 'Wrong');
    await page.getByRole('alert').getByRole('link', { name: 'E-mail' }).click();
    equal(await page.evaluate(() => document.activeElement.name || document.querySelector(':target')?.name), 'emails', 'where the link leads');
    const said = await page.getByLabel('E-mail').evaluate((e) => e.getAttribute('aria-describedby').split(' ').map((id) => document.getElementById(id).textContent));
    equal(said, ['Please give an e-mail address like name@example.com.', 'We answer there']);
    await page.getByLabel('Last name').fill('Right');
    await page.getByLabel('E-mail').fill('right@example.com');
    await page.getByLabel('I agree').check();
    await page.getByRole('button', { name: 'Send' }).click();
    await page.getByText('Thank you').waitFor();
    assert((await lead('Right')).first_name === 'Wrong', 'what was typed first is lost');
}, page);

const phone = await open(k, { phone: true, as: null });
await test('webforms__are_filled_in_by_touch', async () => {
    await phone.goto('/forms/contact');
    for (const [label, text] of [['Last name', 'Thumb'], ['E-mail', 't@example.com'], ['Phone', '0431 1']]) {
        await phone.getByLabel(label).tap();
        await phone.keyboard.type(text);
    }
    await until('keys of the phone', 'tel', () => phone.getByLabel('Phone').getAttribute('type'));
    await phone.getByText('Heat pump').tap();
    await phone.getByText('I agree that').tap();
    await phone.getByRole('button', { name: 'Send' }).tap();
    await phone.getByText('Thank you').waitFor();
    equal((await lead('Thumb')).interest, ['heat']);
}, phone);

await test('webforms__work_within_the_pages_of_an_allowed_site', async () => {
    await page.goto(origin(friend));
    const frame = page.frameLocator('iframe');
    await frame.getByLabel('Last name').fill('Framed');
    await frame.getByLabel('E-mail').fill('f@example.com');
    await frame.getByLabel('I agree').check();
    await frame.getByRole('button', { name: 'Send' }).click();
    await frame.getByText('Thank you').waitFor();
    const made = await lead('Framed');
    equal(made.utm_source, 'site');
    const entry = (await k.api('GET', `/leads/${made.id}/timeline`)).json.items.find((x) => x.kind === 'submission');
    assert(entry.text.includes(`Came from the page: ${origin(friend)}/`), entry.text);
}, page);

await test('webforms__are_refused_to_all_others', async () => {
    await page.goto(origin(stranger));
    await until('frame', 0, () => page.frameLocator('iframe').getByLabel('Last name').count().catch(() => 0), 3000);
    equal((await page.frames()[1].content()).includes('Write to us'), false, 'shown');
}, page);

await test('webforms__need_no_script', async () => {
    const context = await page.context().browser().newContext({ javaScriptEnabled: false, baseURL: k.url });
    const bare = await context.newPage();
    await bare.goto('/forms/schreiben');
    equal(await bare.locator('h1').textContent(), 'Schreiben Sie uns');
    equal(await bare.locator('label').first().textContent().then((s) => s.replace(/\s+/g, ' ').trim()), 'Nachname (freiwillig)');
    await context.close();
}, page);

/* What attackers write, shown by the form itself and by the pages of those who read it. */
const shared = process.env.KONTOR_SHARED ?? path.join(process.env.KONTOR_SOURCE ?? '.', '..', 'shared');
const folder = path.join(shared, 'data', 'payloads', 'fuzzdb', 'xss');
const OWN = ['<script>window.hit=1</script>', '"><img src=x onerror="window.hit=1">', "'><svg onload=window.hit=1>", 'javascript:window.hit=1', '</textarea><script>window.hit=1</script>', '{{constructor.constructor("window.hit=1")()}}', '<iframe srcdoc="<script>parent.hit=1</script>">'];
const lines = existsSync(folder) ? readdirSync(folder).sort().flatMap((f) => readFileSync(path.join(folder, f), 'latin1').split(/\r?\n/)).filter((l) => l.trim() && l.length < 400) : [];

async function attack(payloads, tag) {
    page.expected = /422/;
    let dialogs = 0;
    page.on('dialog', (d) => { dialogs += 1; d.dismiss(); });
    for (let i = 0; i < payloads.length; i += 40) {
        const part = payloads.slice(i, i + 40).join('\n').replace(/[\0-\x08\x0b-\x1f\x7f]/g, ' ').slice(0, 9500);
        await page.goto('/forms/contact');
        await page.getByLabel('First name').fill(payloads[i].slice(0, 190));
        await page.getByLabel('Message').fill(part);
        await page.getByRole('button', { name: 'Send' }).click();
        await page.locator('.summary').waitFor();
        await until('what is shown again', part.replace(/\r\n?/g, '\n'), () => page.getByLabel('Message').inputValue());
        equal(await page.evaluate(() => [window.hit, document.querySelectorAll('script, img, svg, iframe, object, embed').length]), [null, 0], 'run');
        await page.getByLabel('Last name').fill(`${tag} ${i}`);
        await page.getByLabel('E-mail').fill('x@example.com');
        await page.getByLabel('I agree').check();
        await page.getByRole('button', { name: 'Send' }).click();
        await page.getByText('Thank you').waitFor();
        const made = await lead(`${tag} ${i}`);
        await visit(admin, `/leads/${made.id}`);
        equal(await admin.evaluate(() => window.hit ?? null), null, 'run within the record');
    }
    await visit(admin, '/leads');
    equal(await admin.evaluate(() => window.hit ?? null), null, 'run within the list');
    equal(dialogs, 0, 'dialogs');
}

const admin = await open(k);
await test('webforms__show_what_attackers_write_as_text', () => attack(OWN, 'Own'), page);
if (lines.length === 0) {
    skip('webforms__show_known_payloads_as_text', 'the payloads are not here');
} else {
    await test('webforms__show_known_payloads_as_text', () => attack(lines, 'Known'), page);
    ok(`webforms__tried_${lines.length}_payloads`);
}

for (const o of looks) {
    const desk = await open(k, o);
    await test(`webforms__settings_list_them_on_${name(o)}`, async () => {
        await visit(desk, '/settings/forms');
        const card = desk.locator('section', { has: desk.getByRole('heading', { name: 'Write to us' }) });
        await card.getByText('entries come without Team').waitFor();
        await card.locator('code', { hasText: `${k.url}/forms/contact` }).first().waitFor();
        await card.locator('code', { hasText: '<iframe src=' }).waitFor();
        await card.locator('.form-away').getByText('asked again').waitFor();
        equal(await axe(desk), [], 'axe');
        await card.getByRole('button', { name: 'Preview' }).click();
        await desk.frameLocator('iframe').getByRole('heading', { name: 'Write to us' }).waitFor();
        await shot(desk, `webforms-settings-${name(o)}`);
        assert(await desk.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'wider than the screen');
    }, desk);
    await desk.context().close();
}

await test('webforms__figures_open_what_came_in', async () => {
    await visit(admin, '/settings/forms');
    const link = admin.locator('section', { has: admin.getByRole('heading', { name: 'Write to us' }) }).locator('dd a');
    const n = Number((await link.textContent()).replace(/\D/g, ''));
    await link.click();
    await admin.getByRole('heading', { level: 1, name: 'Submissions' }).waitFor();
    const rows = (await k.api('GET', `/submissions?limit=1&filter=${encodeURIComponent('form = "contact"')}`)).json.count;
    equal(rows, n, 'rows');
}, admin);

friend.close();
stranger.close();
await finish();
