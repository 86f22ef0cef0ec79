/*
 * The small firm the browser tests work on: 60 companies, 130 contacts, 40 deals over the open
 * stages, activities and notes, a team and its people. Everything goes in by import or by the API;
 * who needs one certain record asks for it by name. Not a test itself.
 */
import { Kontor, ADMIN, PASSWORD, day } from './harness.mjs';

export const LEAD = 'lena@example.com';
export const MEMBER = 'max@example.com';
export const READER = 'rita@example.com';

const FIRST = ['Anna', 'Bela', 'Clara', 'Dirk', 'Eva', 'Finn', 'Greta', 'Hugo', 'Ida', 'Jan', 'Kira', 'Lars', 'Mia'];
const LAST = ['Abel', 'Brandt', 'Claussen', 'Dahl', 'Ebert', 'Frank', 'Gross', 'Haas', 'Ilgner', 'Jung'];
const PLACES = ['Hamburg', 'Kiel', 'Rostock', 'Flensburg'];
const TRADES = ['Wholesale', 'Shipping', 'Energy'];
const WORDS = ['Alster', 'Birken', 'Claus', 'Deich', 'Elb', 'Förde', 'Geest', 'Hafen', 'Insel', 'Küsten', 'Linden', 'Moor'];
const ENDS = ['Bau', 'Handel', 'Logistik', 'Technik', 'Werft'];
export const STAGES = ['enquiry', 'qualified', 'proposal', 'negotiation'];

export const companies = WORDS.flatMap((w) => ENDS.map((e) => `${w} ${e} GmbH`));

const csv = (rows) => `${[Object.keys(rows[0]), ...rows.map(Object.values)].map((r) => r.join(',')).join('\n')}\n`;

/** Imports rows of an entity as the administrator. */
export function load(k, entity, rows, ...more) {
    k.must('import', entity, k.write(`${entity}.csv`, csv(rows)), '--as', ADMIN, ...more);
}

/** A system whose records are `days` old: [entity, rows] of `old` go in as if entered then. */
export async function aged(conf, days, old) {
    const k = new Kontor();
    const at = new Date(Date.now() - days * 864e5 - 36e5).toISOString().replace(/\.\d+Z$/, 'Z'); /* whole days ago at any time of day */
    const settings = 'name: Test\ncurrency: EUR\nzone: Europe/Berlin\npassword_cost: low\n';
    for (const [name, text] of Object.entries({ 'kontor.yaml': settings, ...conf })) {
        k.write(`conf/${name}`, text);
    }
    k.must('init');
    for (const [entity, rows] of [['user', [{ name: 'admin', email: ADMIN, role: 'admin' }]], ...old]) {
        k.must('import', entity, k.write(`${entity}.csv`, csv(rows.map((r) => ({ ...r, at })))), '--at', 'at');
    }
    k.must('user', 'password', '--email', ADMIN, '--password-file', k.write('password', `${PASSWORD}\n`));
    await k.start();
    return k;
}

/** The firm; `deals: false` leaves pipelines to the test. */
export async function seed(k, { deals = true } = {}) {
    const team = await k.api('POST', '/teams', { name: 'Sales' });
    k.addUser(LEAD, 'lead', 'Sales');
    k.addUser(MEMBER, 'member', 'Sales');
    k.addUser(READER, 'reader', 'Sales');
    load(k, 'company', companies.map((name, i) => ({
        name, industry: TRADES[i % 3], employees: 5 + i * 7, city: PLACES[i % 4], country: 'Germany',
        emails: `office@firm${i}.example`, website: `https://firm${i}.example`,
    })));
    load(k, 'contact', Array.from({ length: 130 }, (_, i) => ({
        first_name: FIRST[i % 13], last_name: LAST[Math.floor(i / 13)], company: companies[i % 60],
        job_title: ['Buyer', 'Head of sales', 'Owner'][i % 3], emails: `person${i}@firm${i % 60}.example`,
        phones: `+49 40 ${1000 + i}`, city: PLACES[i % 4],
    })));
    if (deals) {
        load(k, 'deal', Array.from({ length: 40 }, (_, i) => ({
            name: `Order ${i + 1}`, company: companies[i], pipeline: 'sales', stage: STAGES[i % 4],
            amount: 1000 + i * 250, close_date: day(i - 6),
        })));
        const deal = await find(k, 'deals', 'Order 1');
        const person = await find(k, 'contacts', 'Anna Abel');
        const about = [{ entity: 'deal', id: deal }];
        await k.api('POST', '/activities', { kind: 'task', subject: 'Send the offer', due: `${day(-1)}T09:00:00Z`, links: about });
        await k.api('POST', '/activities', { kind: 'call', subject: 'Ask for the date', due: `${day(1)}T09:00:00Z`, links: [{ entity: 'contact', id: person }] });
        await k.api('POST', '/notes', { text: 'Wants delivery before Christmas.', links: about });
    }
    return { team: team.json.id };
}

/** Id of the one record with this title. */
export async function find(k, plural, title) {
    const { json } = await k.api('GET', `/${plural}?fields=title&filter=${encodeURIComponent(`title = "${title}"`)}`);
    if (json.items?.length !== 1) {
        throw new Error(`${plural} “${title}”: ${JSON.stringify(json).slice(0, 300)}`);
    }
    return json.items[0].id;
}
