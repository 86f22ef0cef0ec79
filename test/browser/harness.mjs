/*
 * Helpers for browser tests: a real Kontor in an empty directory and Debian's Chromium.
 *
 *   #!/usr/bin/env node
 *   import { Kontor, open, axe, test, equal, finish } from './harness.mjs';
 *
 *   const k = await Kontor.make({ 'entities/vessel.yaml': VESSEL });
 *   const page = await open(k, { phone: true, dark: true, as: 'admin@example.com' });
 *   await test('vessels__are_in_the_menu', async () => { ... throw to fail ... });
 *   await finish();
 *
 * Protocol of test/lib.sh: "ok NAME", "not ok NAME: why", "skip NAME: why". The daemon and the
 * browser are ended by finish(); a console error or a broken content security policy on any page
 * is a failure of its own ("console__is_clean"). KONTOR_STATIC=DIR serves the browser's files from
 * a folder instead of the program, for work on them.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync, appendFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const { chromium } = require('playwright-core');

export const SOURCE = process.env.KONTOR_SOURCE ?? path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
export const ADMIN = 'admin@example.com';
export const PASSWORD = 'kontor test password';
/* People sit where the firm of the tests is: late in the evening, UTC, it is tomorrow for both. */
process.env.TZ = 'Europe/Berlin';
/** A day from today there: day(-1) is yesterday, "2026-11-20". */
export const day = (n = 0) => {
    const d = new Date();
    d.setDate(d.getDate() + n);
    return d.toLocaleDateString('sv-SE');
};
const PROGRAM = process.env.KONTOR_BIN ?? path.join(SOURCE, 'build', 'kontor');

/* ---- what a script reports ---- */
let failures = 0;
const cleanups = [];

export function ok(name) {
    console.log(`ok ${name}`);
}
export function notOk(name, why) {
    failures++;
    console.log(`not ok ${name}: ${String(why).replace(/\s+/g, ' ').slice(0, 600)}`);
}
export function skip(name, why) {
    console.log(`skip ${name}: ${why}`);
}
/** One test: ok when the function ends, not ok when it throws. A picture is kept in test/out/. */
export async function test(name, run, page = null) {
    try {
        await run();
        ok(name);
    } catch (error) {
        notOk(name, error.message);
        if (page) {
            await shot(page, `failed-${name}`).catch(() => {});
        }
    }
}
export function equal(got, wanted, what = 'value') {
    const [a, b] = [JSON.stringify(got), JSON.stringify(wanted)];
    if (a !== b) {
        throw new Error(`${what}: wanted ${b}, got ${a}`);
    }
}
export function assert(condition, what) {
    if (!condition) {
        throw new Error(what);
    }
}
export async function finish() {
    for (const cleanup of cleanups.reverse()) {
        await cleanup();
    }
    process.exit(failures ? 1 : 0);
}

/* ---- a system ---- */
export class Kontor {
    /** Makes an empty system with these files in conf/, initialises and serves it. */
    static async make(conf = {}, serveArgs = []) {
        const k = new Kontor();
        for (const [name, text] of Object.entries(conf)) {
            k.write(path.join('conf', name), text);
        }
        k.must('init', '--company', 'Test', '--currency', 'EUR', '--zone', 'Europe/Berlin',
            '--admin', ADMIN, '--password-file', k.write('password', `${PASSWORD}\n`));
        const settings = path.join(k.top, 'conf', 'kontor.yaml');
        if (!existsSync(settings) || !/^password_cost:/m.test(readFileSync(settings, 'utf8'))) {
            appendFileSync(settings, '\npassword_cost: low\n');
            k.must('apply');
        }
        await k.start(serveArgs);
        return k;
    }

    constructor() {
        this.top = mkdtempSync(path.join(tmpdir(), 'kontor-test-'));
        mkdirSync(path.join(this.top, 'conf'));
        cleanups.push(async () => {
            await this.stop();
            rmSync(this.top, { recursive: true, force: true });
        });
    }

    get where() {
        return ['--data', path.join(this.top, 'data'), '--conf', path.join(this.top, 'conf')];
    }

    /** Writes a file below the scratch folder; returns its path. */
    write(name, text) {
        const file = path.join(this.top, name);
        mkdirSync(path.dirname(file), { recursive: true });
        writeFileSync(file, text);
        return file;
    }

    /** `kontor ARGS` on this system; must end with 0. Returns standard output. */
    must(...args) {
        const result = spawnSync(PROGRAM, [...args, ...this.where], { encoding: 'utf8', input: '' });
        if (result.status !== 0) {
            throw new Error(`kontor ${args.join(' ')}: ${result.status} ${result.stdout}${result.stderr}`);
        }
        return result.stdout;
    }

    addUser(email, role = 'member', team = null) {
        this.must('user', 'add', '--email', email, '--name', email.split('@')[0], '--role', role,
            ...(team ? ['--team', team] : []), '--password-file', this.write('password', `${PASSWORD}\n`));
    }

    /** env: more of the environment, as KONTOR_NOW. */
    start(serveArgs = [], env = {}) {
        return new Promise((resolve, reject) => {
            this.said = '';
            const files = process.env.KONTOR_STATIC ? ['--static', process.env.KONTOR_STATIC] : [];
            this.process = spawn(PROGRAM, ['serve', '--listen', '127.0.0.1:0', ...files, ...serveArgs, ...this.where],
                { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
            this.process.stderr.on('data', (part) => { this.log = (this.log ?? '') + part; });
            this.process.on('exit', (code) => reject(new Error(`serve ended: ${code} ${this.log ?? ''}`)));
            this.process.stdout.on('data', (part) => {
                this.said += part;
                const found = /^ready (\S+)$/m.exec(this.said);
                if (found) {
                    this.url = found[1];
                    resolve();
                }
            });
        });
    }

    async stop(signal = 'SIGTERM') {
        const child = this.process;
        this.process = null;
        if (child && child.exitCode === null && child.signalCode === null) {
            await new Promise((resolve) => {
                const late = setTimeout(() => child.kill('SIGKILL'), 20000);
                child.removeAllListeners('exit');
                child.on('exit', () => { clearTimeout(late); resolve(); });
                child.kill(signal);
            });
        }
    }

    /** Every session becomes so much older; takes effect within the second a session is remembered. */
    async ageSessions(seconds) {
        const sql = `UPDATE session SET created_at = created_at - ${seconds * 1000}, seen_at = seen_at - ${seconds * 1000}`;
        const script = 'import sqlite3, sys; db = sqlite3.connect(sys.argv[1], timeout=10); db.execute(sys.argv[2]); db.commit()';
        const result = spawnSync('python3', ['-c', script, path.join(this.top, 'data', 'kontor.db'), sql], { encoding: 'utf8' });
        assert(result.status === 0, result.stderr);
        await new Promise((done) => setTimeout(done, 1100));
    }

    /** A JSON request as a user, for laying the ground of a test: {status, headers, json}. */
    async api(method, where, body, as = ADMIN) {
        this.callers ??= {};
        this.callers[as] ??= await this.signIn(as);
        const response = await fetch(`${this.url}/api/v1${where}`, {
            method,
            headers: { ...this.callers[as], 'Content-Type': 'application/json', 'If-Match': '*' },
            body: body === undefined ? undefined : JSON.stringify(body),
        });
        const text = await response.text();
        return { status: response.status, headers: response.headers, json: text ? JSON.parse(text) : null };
    }

    async signIn(email, password = PASSWORD) {
        const response = await fetch(`${this.url}/api/v1/session`, {
            method: 'POST',
            headers: { 'Content-Type': 'application/json' },
            body: JSON.stringify({ email, password }),
        });
        assert(response.status === 200, `sign-in of ${email}: ${response.status}`);
        const { csrf } = await response.json();
        return { Cookie: response.headers.get('set-cookie').split(';')[0], 'X-CSRF-Token': csrf };
    }
}

/* ---- the browser ---- */
let browser = null;
export const SIZES = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };

async function launch() {
    if (!browser) {
        browser = await chromium.launch({
            executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
            args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'],
        });
        cleanups.push(() => browser.close());
    }
    return browser;
}

/** A page in a context of its own. as: signs in by the API first. Options: phone, dark, locale, worker (the service worker runs),
 * zone (IANA), now (ISO: its clock begins there). */
export async function open(k, { phone = false, dark = false, as = ADMIN, locale = 'en-GB', worker = false, zone, now } = {}) {
    const context = await (await launch()).newContext({
        viewport: phone ? SIZES.phone : SIZES.desktop,
        hasTouch: phone,
        colorScheme: dark ? 'dark' : 'light',
        locale,
        ...(zone ? { timezoneId: zone } : {}),
        reducedMotion: 'reduce',
        serviceWorkers: worker ? 'allow' : 'block',
        baseURL: k.url,
    });
    if (as) {
        const { Cookie } = await k.signIn(as);
        const [name, ...value] = Cookie.split('=');
        await context.addCookies([{ name, value: value.join('='), url: k.url }]);
    }
    await context.addInitScript(() => {
        addEventListener('securitypolicyviolation', (e) => console.error(`policy broken: ${e.violatedDirective} ${e.blockedURI}`));
    });
    const page = await context.newPage();
    if (now) {
        await page.clock.install({ time: new Date(now) });
    }
    page.setDefaultTimeout(10000);
    watch(page);
    return page;
}

/** Waits until the page has its heading, nothing loads and no call to the server is under way. */
export async function settled(page) {
    await page.locator('h1').first().waitFor();
    for (let quiet = 0, tries = 0; quiet < 3 && tries < 200; tries++) {
        const busy = page.calls.size > 0 || await page.locator('[aria-busy="true"], .skeleton').count() > 0;
        quiet = busy ? 0 : quiet + 1;
        await page.waitForTimeout(30);
    }
}

/** Opens an address and waits until everything is there. */
export async function visit(page, where) {
    await page.goto(where);
    await settled(page);
}

/** Tries again until the function gives what is wanted, at most for `ms`. */
export async function until(what, wanted, get, ms = 10000) {
    const end = Date.now() + ms;
    for (;;) {
        const got = await get();
        if (JSON.stringify(got) === JSON.stringify(wanted)) {
            return;
        }
        if (Date.now() > end) {
            throw new Error(`${what}: wanted ${JSON.stringify(wanted)}, got ${JSON.stringify(got)}`);
        }
        await new Promise((resolve) => setTimeout(resolve, 40));
    }
}

/** What a function of a module of the page's gives: ask(page, 'lib/format.js', 'money', 5). */
export const ask = (page, module, name, ...args) => page.evaluate(async (call) => {
    const app = document.querySelector('script[src$="/js/app.js"]').src;
    return (await import(new URL(call.module, app).href))[call.name](...call.args);
}, { module, name, args });

/** Presses Undo in the message that says this. */
export async function undo(page, text) {
    await page.locator('.toast', { hasText: text }).getByRole('button', { name: 'Undo' }).click();
}

/* Errors that a test provokes on purpose: page.expected = /pattern/. */
function watch(page) {
    page.calls = new Set();
    page.on('request', (r) => { if (/\/api\/v1\/(?!events)/.test(r.url())) { page.calls.add(r); } });
    for (const event of ['requestfinished', 'requestfailed']) {
        page.on(event, (r) => page.calls.delete(r));
    }
    page.on('console', (message) => {
        if (message.type() === 'error' && !(page.expected && page.expected.test(message.text()))) {
            notOk('console__is_clean', `${page.url()}: ${message.text()}`);
        }
    });
    page.on('pageerror', (error) => notOk('console__is_clean', `${page.url()}: ${error.stack ?? error}`));
}

/**
 * Violations of axe-core on the page as lines of text; an empty list is what one wants. With
 * `rules` only those (ids or tags): what does not depend on colours need not be asked twice.
 */
export async function axe(page, rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']) {
    if (!(await page.evaluate(() => Boolean(window.axe)))) {
        await page.evaluate(readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8'));
    }
    await page.evaluate(() => Promise.all(document.getAnimations().map((a) => a.finished.catch(() => null))));
    const { violations } = await page.evaluate((runOnly) => window.axe.run(document, { resultTypes: ['violations'], runOnly }), rules);
    return violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' ')).slice(0, 4).join(', ')}`);
}

/** Keeps a picture in test/out/shots/ for a look by eye; returns its path. */
export async function shot(page, name) {
    const file = path.join(SOURCE, 'test', 'out', 'shots', `${name}.png`);
    mkdirSync(path.dirname(file), { recursive: true });
    await page.screenshot({ path: file });
    return file;
}
