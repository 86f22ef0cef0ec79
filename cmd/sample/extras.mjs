/*
 * What people of the sample firm keep beside plain records: tags, files, photos, several addresses
 * and numbers, dates that remind, mentions, views of their own, private customers; and what has gone
 * wrong, as it does: people and companies that are there twice. The same every time.
 *
 *     node cmd/sample/extras.mjs URL PASSWORD
 */
import { signIn } from './caller.mjs';
import { logo, pdf, portrait } from './paper.mjs';

const [url, password] = process.argv.slice(2);
const [admin, lead, seller, other] = await Promise.all(['user1', 'user2', 'user3', 'user6'].map((u) => signIn(url, u, password)));
const mention = (user) => `@[${user}@sample.example]`;
const day = (n) => new Date(Date.now() + n * 86400000).toISOString().slice(0, 10);
const firms = await admin.list('companies', 'open_value > 0 and count(deals) > 1', 12);
const link = (r, entity) => ({ entity, id: r.id });

/* What years ago was told has been read. */
for (let i = 1; i <= 8; i++) await (await signIn(url, `user${i}`, password)).post('/notifications/seen', { all: true });

/* ---- tags ---- */
const addTags = (plural, filter, ...tags) => admin.post(`/${plural}/bulk`, { filter, add: { tags } });
await addTags('companies', 'count(deals where stage.kind = "won") > 1', 'Reference customer');
await addTags('companies', 'employees > 300', 'Key account');
await addTags('companies', 'country != "DE" and count(deals) > 0', 'Export');
await addTags('contacts', 'job_title in ("Managing director", "Owner") and company.open_value > 0', 'Decides');
await addTags('contacts', 'city in ("Hamburg", "Kiel") and job_title contains "Energy"', 'Fair 2026', 'Newsletter');
await addTags('deals', 'stage.kind = "open" and amount > 150000', 'Board decision');

/* ---- files ---- */
const people = await admin.list('contacts', 'company.open_value > 0 and job_title in ("Managing director", "Owner", "Plant manager")', 10);
for (const [i, person] of people.entries()) await admin.attach('contacts', person, `${person.last_name}.png`, 'image/png', portrait(i), 'photo');
for (const [i, firm] of firms.slice(0, 8).entries()) await admin.attach('companies', firm, 'logo.png', 'image/png', logo(i), 'logo');
for (const deal of await lead.list('deals', 'owner = me and stage in ("proposal", "negotiation")', 4)) {
    await lead.attach('deals', deal, `Offer ${deal.name}.pdf`, 'application/pdf', pdf(['Nordlicht Solar', '', `Offer: ${deal.name}`, `To: ${deal.company.title}`, '',
        `Total: ${deal.amount.value} EUR net`, 'Delivery within ten weeks of the order.', 'This offer holds for 30 days.']));
}
for (const firm of firms.slice(0, 3)) {
    await admin.attach('companies', firm, 'Site survey.txt', 'text/plain', Buffer.from(`Site survey at ${firm.name}\n\nTrapezoidal sheet roof, pitch 8 degrees, no shading from the south.\nMeter cupboard in the basement, free slot for a converter.\n`));
    await admin.attach('companies', firm, 'Consumption.csv', 'text/csv', Buffer.from(`month,kWh\n${Array.from({ length: 12 }, (_, m) => `${m + 1},${4200 + ((m * 7919 + firm.id) % 1900)}`).join('\n')}\n`));
}

/* ---- how somebody is reached ---- */
const [head, ...more] = firms;
await admin.change('companies', head, { addresses: [...head.addresses.map(({ text, country_code, ...x }) => ({ ...x, label: 'billing' })),
    { label: 'delivery', street: 'Speicherweg 14\nRamp 3', postcode: '20457', city: 'Hamburg', country: 'DE' }, { label: 'branch', street: 'Havnegade 5', postcode: '1058', city: 'København K', country: 'DK' }] });
for (const [i, person] of people.slice(0, 4).entries()) {
    await admin.change('contacts', person, {
        emails: [{ ...person.emails[0], label: 'work', primary: true }, { value: `${person.last_name.toLowerCase().normalize('NFD').replace(/[^a-z]/g, '')}${i}@private.example`, label: 'home', opt_out: true }],
        phones: [{ ...person.phones[0], label: 'mobile', primary: true }, { value: `+49 40 555${7000 + i}`, label: 'office' }, ...(i ? [] : [{ value: '+49 40 5550000', label: 'fax', invalid: true }])],
        links: [{ value: `https://profiles.example/${i + 100}`, label: 'profile' }],
    });
}

/* ---- dates that remind ---- */
for (const [i, person] of (await seller.list('contacts', 'owner = me', 3)).entries()) await admin.change('contacts', person, { birthday: `${1968 + i * 7}${day(2 + i * 2).slice(4)}` });
for (const [i, firm] of more.slice(0, 4).entries()) await admin.change('companies', firm, { contract_end: day(12 + i * 45) });

/* ---- notes that mention and link, one of them pinned ---- */
const [big] = await lead.list('deals', 'owner = me and stage = "negotiation"');
const told = [
    [other, `${mention('user1')} the board of #[company: ${head.name}] decides on Thursday. Can you come along?`, [link(head, 'company')]],
    [seller, `${mention('user1')} the roof can carry less than we thought, see the survey.`, [link(firms[1], 'company')]],
    [admin, `${mention('user3')} please call back, she asked for you.`, [link(people[0], 'contact')]],
    ...(big ? [[other, `${mention('user2')} they compare us with one other offer, at about the same price.`, [link(big, 'deal')]]] : []),
];
for (const [who, text, links] of told) await who.create('notes', { text, links });
await admin.create('notes', { text: 'Invoices by e-mail only, with the order number in the subject. Deliveries before 14:00.', links: [link(head, 'company')], pinned: [link(head, 'company')] });

/* ---- views: one of its own, one of the team, one for all ---- */
const view = (who, name, entity, values) => who.create('views', { name, entity, ...values });
await view(admin, 'Key accounts', 'company', { filter: 'tags contains "Key account"', sort: '-open_value', shared: true, columns: ['city', 'industry', 'employees', 'open_value', 'tags', 'owner'] });
const due = await view(lead, 'Closing this month', 'deal', { filter: 'stage.kind = "open" and close_date < start_of(month, today() + 31 days)', sort: 'close_date', with_team: true, columns: ['company', 'stage', 'amount', 'close_date', 'owner'] });
const grouped = await view(admin, 'By owner', 'company', { group_by: 'owner', columns: ['city', 'industry', 'open_value'] });
await admin.prefer({ pins: [{ to: `/companies?view=${grouped.id}`, label: 'By owner' }] });
await lead.prefer({ pins: [{ to: `/deals?view=${due.id}`, label: 'Closing this month' }] });

/* ---- private customers ---- */
const PRIVATE = [['Hanna', 'Kruse', 'Lübeck', 'Roof of the house, 9 kWp', 'visit', 18400], ['Ole', 'Brodersen', 'Kiel', 'Balcony set, 2 modules', 'enquiry', 890],
    ['Meike', 'Lorenz', 'Hamburg', 'Heat pump 12 kW', 'offer', 23900], ['Tarek', 'Aydin', 'Hamburg', 'Wallbox 11 kW', 'bought', 1490], ['Ruth', 'Paulsen', 'Husum', 'Storage 10 kWh', 'offer', 9200]];
for (const [first_name, last_name, city, name, stage, amount] of PRIVATE) {
    const person = await seller.create('contacts', { first_name, last_name, city, country: 'DE', emails: [`${first_name}.${last_name}@private.example`.toLowerCase()], tags: ['Private customer'] });
    const deal = await seller.create('deals', { name: `${name}, ${last_name}`, contact: person.id, pipeline: 'private', stage: 'enquiry', amount: String(amount), close_date: day(30), source: 'website' });
    if (stage !== 'enquiry') await seller.change('deals', deal, { stage });
    if (stage !== 'bought') await seller.create('activities', { kind: 'call', subject: 'Agree on a day for the visit', due: `${day(1)}T13:00:00Z`, links: [link(deal, 'deal'), link(person, 'contact')] });
}

/* ---- who is away, and what comes again ---- */
/** The n-th working day from today on. */
const workday = (n) => {
    const d = new Date(`${day(0)}T12:00:00Z`);
    for (let left = n; left > 0 || d.getUTCDay() % 6 === 0; d.setUTCDate(d.getUTCDate() + 1)) left -= d.getUTCDay() % 6 ? 1 : 0;
    return d.toISOString().slice(0, 10);
};
await other.create('absences', { from: workday(2), until: workday(6), kind: 'holiday', note: 'Back with new strength' });
await (await signIn(url, 'user4', password)).create('absences', { from: workday(0), until: workday(1), kind: 'training', note: 'Heat pumps, in Hanover' });
for (const [who, team, at] of [[lead, 'North', '08:30'], [await signIn(url, 'user5', password), 'South', '09:15']]) {
    const people = await admin.list('users', `team = "${team}" and id != ${who.id}`, 8);
    await who.create('activities', { kind: 'meeting', subject: 'Sales round', due: `${workday(0)}T${at}`, duration: 30, place: 'Meeting room', reminders: ['10'], repeat: 'FREQ=WEEKLY',
        participants: people.filter((u) => u.role !== 'reader').map((u) => link(u, 'user')) });
}
await lead.create('activities', { kind: 'task', subject: 'Look through the open offers', due: workday(1), repeat: 'FREQ=WEEKLY' });
await seller.create('activities', { kind: 'task', subject: 'Travel expenses', due: workday(3), repeat: 'FREQ=MONTHLY' });
await seller.create('activities', { kind: 'visit', subject: 'Look at the roof', due: `${workday(1)}T10:00`, duration: 90, place: people[0].city ?? '', links: [link(people[0], 'contact'), link(people[0].company, 'company')] });

/* ---- what is there twice ---- */
const digits = (phone) => phone.replace(/^\+\d\d/, '0').replace(/\D/g, '');
const twins = await admin.list('contacts', 'last_name in ("Petersen", "Jansen", "Winter", "Lindqvist", "Hagedorn", "Zander") and company is not empty', 7);
const SLIPS = [
    (p) => ({ first_name: p.first_name, last_name: p.last_name, company: p.company.id, emails: [p.emails[0].value.toUpperCase()] }),
    (p) => ({ first_name: p.first_name, last_name: p.last_name, company: p.company.id, phones: [digits(p.phones[0].value)], job_title: 'Head of purchasing' }),
    (p) => ({ first_name: p.first_name, last_name: p.last_name.replace(/(.)n/, '$1nn'), city: p.city, country: p.country, company: p.company.id }),
    (p) => ({ first_name: p.first_name[0] + '.', last_name: p.last_name, emails: [p.emails[0].value], company: p.company.id, tags: ['Fair 2026'] }),
    (p) => ({ first_name: p.last_name, last_name: p.first_name, phones: [p.phones[0].value], company: p.company.id }),
];
for (const [i, slip] of SLIPS.entries()) await (i % 2 ? other : seller).create('contacts', slip(twins[i]));
const bare = (name) => name.replace(/ (GmbH.*|KG|AG|eG|ApS|A\/S|AB|AS|B\.V\.|sp\. z o\.o\.|S\.r\.l\.|SARL|SAS)$/, '');
for (const [i, firm] of more.slice(4, 8).entries()) {
    const again = await other.create('companies', [
        { name: bare(firm.name), city: firm.city, country: firm.country }, { name: `${bare(firm.name)} Group`, website: firm.website },
        { name: firm.name.replace(/(\p{L})\1|(?<=\p{L})e(?=\p{L})/u, '$1'), city: firm.city, country: firm.country }, { name: `${bare(firm.name)} Holding`, phones: firm.phones.map((p) => p.value) }][i]);
    await other.create('contacts', { first_name: 'Reception', last_name: bare(firm.name).split(' ')[0], company: again.id, job_title: 'Office manager' });
}
/* Two of one name who are two people, said once and for all; and two who have become one. */
const [father, joined] = twins.slice(5);
const son = await admin.create('contacts', { first_name: father.first_name, last_name: father.last_name, company: father.company.id, job_title: 'Apprentice', city: father.city });
await admin.post('/duplicates/dismiss', { ids: [father.id, son.id] });
const double = await admin.create('contacts', { first_name: joined.first_name, last_name: joined.last_name, company: joined.company.id, emails: [joined.emails[0].value], phones: ['+49 170 5559901'] });
await admin.post('/contacts/merge', { into: joined.id, from: [double.id] });

/* ---- the bin, and what was taken out ---- */
for (const name of ['Test entry', 'Wrong number']) await other.remove('contacts', await other.create('contacts', { first_name: 'X', last_name: name }));
await lead.read('/contacts/export?format=csv&filter=owner%20%3D%20me');
