/*
 * What the people of the sample firm did today, through the API as their browsers would: so that
 * Home has something to tell. The same every time; an edit whose record is not there is left out.
 *
 *     node cmd/sample/today.mjs URL PASSWORD
 */
import { signIn } from './caller.mjs';

const [url, password] = process.argv.slice(2);
const deal = (stage) => `owner = me and pipeline = "sales" and stage = "${stage}"`;
/** A deal and whom it is made with. */
const concerns = (r) => [r.id, r.contact.id, r.company.id];
const inDays = (n) => new Date(Date.now() + n * 86400000).toISOString().slice(0, 11);

/** Somebody rang, and is called back by whose turn it is. */
const enquiry = (me, first_name, last_name, city, priority) => me.create('leads', { first_name, last_name, city, priority, source: 'website',
    emails: [`${first_name}.${last_name}@enquiry.example`.toLowerCase()], phones: ['+49 4841 5550123'], subject: 'Solar power for our roof',
    enquiry: 'Our roof is new since spring. Please call, in the morning if you can.', owner: null });

/** Who, which record, what was done with it. */
const EDITS = [
    ['user6', 'deals', deal('enquiry'), (me, r) => me.change('deals', r, { stage: 'qualified' })],
    ['user3', 'activities', 'owner = me and done_at is empty and kind = "call"',
        (me, r) => me.change('activities', r, { done_at: new Date().toISOString(), outcome: 'Wants the offer by Friday.' })],
    ['user5', 'deals', deal('proposal'), (me, r) => me.change('deals', r, { stage: 'lost', lost_reason: 'price' })],
    ['user7', 'deals', deal('negotiation'), (me, r) => me.change('deals', r, { amount: String(Number(r.amount.value) + 1500) })],
    ['user3', 'deals', `${deal('proposal')} and name contains "PV"`,
        (me, r) => me.create('notes', { text: 'The roof plans have come, the statics are fine.', links: concerns(r) })],
    ['user2', 'deals', deal('proposal'), (me, r) => me.change('deals', r, { stage: 'negotiation' })],
    ['user2', 'deals', deal('negotiation'), (me, r) => me.create('activities', { kind: 'task', subject: 'Send the revised contract',
        due: `${inDays(1)}09:00:00Z`, owner: r.owner.id, links: concerns(r) })],
    ['user6', 'companies', 'owner = me', (me, r) => me.change('companies', r, { employees: (r.employees ?? 0) + 12 })],
    ['user4', 'deals', deal('negotiation'), (me, r) => me.change('deals', r, { stage: 'won' })],
    ['user2', 'leads', 'stage = "qualified" and phones is not empty', (me, r) => me.create(`leads/${r.id}/convert`, { company: {}, contact: {}, deal: {} })],
    ['user2', 'leads', 'stage = "new"', (me) => enquiry(me, 'Wiebke', 'Thomsen', 'Husum', 'normal')],
    ['user2', 'leads', 'stage = "new"', (me) => enquiry(me, 'Jonas', 'Falk', 'Kiel', 'high')],
    ['user3', 'leads', 'owner = me and stage = "new"', (me, r) => me.change('leads', r, { stage: 'contacted', roof_area: 720 })],
];

for (const [user, plural, filter, edit] of EDITS) {
    const me = await signIn(url, user, password);
    const record = await me.first(plural, filter);
    if (record) await edit(me, record);
}
