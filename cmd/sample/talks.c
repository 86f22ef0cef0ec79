/* The talks: see talks.h. */
#include "talks.h"
#include "firm.h"
#include "words.h"

#define E  (1u << ENQUIRY)
#define Q  (1u << QUALIFIED)
#define P  (1u << PROPOSAL)
#define N  (1u << NEGOTIATION)
#define W  (1u << WON)
#define L  (1u << LOST)
#define O  WITHOUT_DEAL

#define ANY      FAMILY_ANY
#define PV       FAMILY_PV
#define STORAGE  FAMILY_STORAGE
#define HEAT     FAMILY_HEAT
#define CHARGING FAMILY_CHARGING
#define SERVICE  FAMILY_SERVICE
#define BUILT    FAMILY_BUILT

const struct talk TALKS[] = {
    {"call", E, ANY, "First call", {"Wants a rough price first, then a visit.", "Has asked two others as well, decides this quarter.", "Knows what they want; budget is there."}},
    {"call", E, ANY, "Ask about budget and time", {"Budget is in the plan of this year.", "Has to be done before the summer.", "No hurry, but the board wants numbers."}},
    {"email", E, ANY, "Answer to the enquiry", {"Answered within the hour, with three dates for a visit.", "Sent our brochure and two references.", ""}},
    {"call", E | Q, BUILT, "Agree the site visit", {"Tuesday morning suits them.", "Only with the caretaker, he is back next week.", "Not reached, left a message."}},
    {"email", E | Q, PV, "Ask for the roof plans", {"Plans came the same day.", "They only have paper, we scan it on site.", "The architect will send them."}},
    {"email", E | Q, STORAGE | PV, "Ask for the load profile", {"A year in quarter hours came from the grid operator.", "Only the bills for now.", "They look for the password of the portal."}},
    {"email", E | Q, HEAT, "Ask for the heating bills", {"Three years have come, gas.", "Consumption is higher than we thought.", "Come next week."}},
    {"email", E | Q, SERVICE, "Ask for the plant papers", {"Commissioned in 2014, other installer.", "No papers left, we take stock on site.", "Strings are documented."}},
    {"meeting", Q, BUILT, "Site visit", {"Roof is sound, cable way is short.", "Meter cabinet has to be replaced.", "Good access, scaffolding on two sides only."}},
    {"meeting", Q, SERVICE, "Look at the plant", {"Two strings are dead, the rest is fine.", "Inverters are at the end.", "Well kept, cleaning is enough."}},
    {"task", Q, PV, "Check the statics", {"15 kg per m² are fine everywhere.", "Purlins need a second look by the engineer.", ""}},
    {"task", Q, PV | STORAGE, "Prepare the yield estimate", {"942 kWh per kWp, own use 61 %.", "Own use 48 %, storage would lift it to 70 %.", "Chimney shades one row; planned around it."}},
    {"task", Q, CHARGING, "Check the connection", {"80 kW free, with load management enough for all points.", "Needs a larger connection, asked the grid operator.", ""}},
    {"task", Q, HEAT, "Calculate the heat load", {"68 kW with reserve.", "Radiators in the old wing have to be larger.", ""}},
    {"call", Q | P, BUILT, "Clarify the grid connection", {"Grid operator confirms within four weeks.", "Feed-in is limited to 70 %.", "Connection point is the neighbour's station."}},
    {"call", Q, ANY, "Talk through the questions", {"All questions answered.", "Wants to see a plant that runs.", "They asked for the guarantee in detail."}},
    {"task", Q | P, ANY, "Write the offer", {"With two variants.", "Checked by a second pair of eyes.", ""}},
    {"email", P, PV, "Offer with yield table", {"Valid for six weeks.", "Sent to both of them.", "With the option of maintenance."}},
    {"email", P, ANY, "Offer with time plan", {"Valid for six weeks.", "With two variants.", "Asked for an answer by the end of the month."}},
    {"meeting", P, BUILT, "Offer presentation", {"Went well, they like the second variant.", "The owner wants a smaller first step.", "Long talk about the guarantee."}},
    {"call", P, ANY, "Call about the offer", {"Has read it, no open questions.", "Compares with another bidder.", "Is at the board, decision at the end of the month."}},
    {"call", P, ANY, "Call back", {"Not reached, try again next week.", "Was in a meeting, calls us.", "Reached; still waits for the bank."}},
    {"email", P, BUILT, "References nearby", {"Two plants nearby, both may be visited.", "With the yield of the first year.", ""}},
    {"meeting", P, PV | STORAGE | CHARGING, "Visit of a reference plant", {"They could ask everything, were impressed.", "Now they want storage as well.", "Noise is no question any more."}},
    {"email", P, ANY, "Questions about the loan", {"Sent the tables of bank and lease.", "Bank wants our balance sheet.", ""}},
    {"task", P, ANY, "Revise the offer", {"Without the option, 4 % less.", "Smaller, but with monitoring.", ""}},
    {"call", P | N, ANY, "Ask how the decision stands", {"Decision after the holidays.", "One vote is missing.", "We are ahead, the price is the question."}},
    {"meeting", N, ANY, "Contract talk", {"Payment in four parts is agreed.", "Penalty is off the table.", "They take it to their lawyer."}},
    {"call", N, ANY, "Talk through the contract", {"Two points left, both small.", "Liability clarified.", "Wants our standard without changes."}},
    {"email", N, ANY, "Draft of the contract", {"With the changes of the last talk.", "Asked for signature by Friday.", ""}},
    {"task", N, ANY, "Have the discount approved", {"3 % if they sign this month.", "No discount, but the first maintenance is free.", ""}},
    {"call", N, BUILT, "Agree the building time", {"Weeks 20 to 23.", "Not during the harvest.", "Scaffolding in spring, modules right after."}},
    {"email", N, ANY, "Reminder of the signature", {"Managing director is back on Monday.", "Signature comes with the next post.", ""}},
    {"meeting", W, BUILT, "Kick-off", {"Site manager introduced, keys handed over.", "Crane is ordered, neighbours informed.", "Time plan confirmed."}},
    {"task", W, BUILT, "Register with the grid", {"Papers are in, number received.", "Grid operator asks for a drawing; sent.", ""}},
    {"task", W, PV, "Order the scaffolding", {"Comes in week 18.", "Two sides and the ridge.", ""}},
    {"call", W, BUILT, "Tell the delivery date", {"Modules come on Thursday, forklift is there.", "A week later than planned; they agree.", "They need the gate free until noon."}},
    {"meeting", W, ANY, "Acceptance", {"No defects.", "Two small defects, done by the end of the week.", "Record signed, instruction given."}},
    {"email", W, ANY, "Final invoice", {"With acceptance record and guarantee papers.", "To the holding, as agreed.", ""}},
    {"call", W, BUILT, "Ask how it runs", {"Yield is above plan.", "App works, the caretaker looks daily.", "Very content; may be named as a reference."}},
    {"call", L, ANY, "Ask why we lost", {"Price, about 8 %.", "The owner knows the other one.", "Project is put off by a year; may call again."}},
    {"email", L, ANY, "Thanks for the talks", {"Stays in touch.", "May write again in autumn.", ""}},
    {"call", O, ANY, "Ask how things are", {"All quiet, maybe storage next year.", "New production manager, introduces us.", "They expand in spring, call again in February."}},
    {"call", O, ANY, "Call after the fair", {"Liked the carport, wants papers.", "Only looked around.", "Visits our plant in Lübeck."}},
    {"call", O, ANY, "Question about an invoice", {"Cleared, paid on Friday.", "Wants it split in two.", "Sent again, it had gone to the wrong person."}},
    {"call", O, ANY, "Call back", {"Not reached.", "Reached, will write.", "On holiday until the end of the month."}},
    {"call", O, ANY, "Ask for a referral", {"Names two neighbours in the estate.", "Gladly, after the first year.", ""}},
    {"email", O, ANY, "Invitation to the open day", {"Comes with two colleagues.", "Cannot come, wants the slides.", ""}},
    {"email", O, ANY, "New rules for feeding in", {"Says thank you.", "Asks what it means for the old plant.", ""}},
    {"email", O, ANY, "Price list", {"", "Asks for the net price for ten.", ""}},
    {"meeting", O, ANY, "Trade breakfast", {"Talked about tenant power.", "Met their technical director.", ""}},
    {"meeting", O, ANY, "Visit in passing", {"Coffee with the boss; new hall is planned for next year.", "Plant is clean, no wishes.", "Showed us the new machines; more power needed soon."}},
    {"meeting", O, SERVICE, "Talk about the year", {"Yield as promised, maintenance goes on.", "Wants one report for all sites.", "One inverter is watched."}},
    {"task", O, ANY, "Check the address", {"Moved to the new building.", "Correct.", ""}},
    {"task", O, ANY, "Send the certificate", {"By post and mail.", "", ""}},
};
const size_t TALK_COUNT = sizeof TALKS / sizeof TALKS[0];

const char *const AFTERWARDS[] = {
    "Next call in two weeks.", "Minutes are in the folder.", "Colleagues in copy.", "They come back to us by Thursday.", "We send the papers.",
    "Friendly, short.", "Put in the calendar.", "Technical questions go to the planning team.", "Speaks for the others as well.", "Ask again at the beginning of the month.",
};
const size_t AFTERWARDS_COUNT = sizeof AFTERWARDS / sizeof AFTERWARDS[0];

const struct remark REMARKS[] = {
    {ABOUT_DEAL, PV, "Roof renewed in 2019, statics are on file."},
    {ABOUT_DEAL, PV, "Interested in storage as a second step."},
    {ABOUT_DEAL, PV, "East and west, no shading but for the chimney."},
    {ABOUT_DEAL, PV, "Asbestos in the old part, leave it out."},
    {ABOUT_DEAL, STORAGE, "Place for the cabinet is the old compressor room, 14 m², dry."},
    {ABOUT_DEAL, STORAGE, "Peak load costs them 11,000 a year; that is what counts."},
    {ABOUT_DEAL, CHARGING, "Six company cars come in spring, twelve more next year."},
    {ABOUT_DEAL, CHARGING, "Guests shall pay by card, staff by chip."},
    {ABOUT_DEAL, HEAT, "Gas boiler is from 1998 and has to go by autumn."},
    {ABOUT_DEAL, HEAT, "Probes are possible in the yard, water board has been asked."},
    {ABOUT_DEAL, SERVICE, "Plant was built by a firm that is no more; no guarantee left."},
    {ABOUT_DEAL, SERVICE, "Wants fixed dates, once a year, before the season."},
    {ABOUT_DEAL, ANY, "Access to the yard only before 4 pm."},
    {ABOUT_DEAL, ANY, "Competitor offers 5 % less, but without monitoring."},
    {ABOUT_DEAL, ANY, "Grant has been applied for; no order before the answer."},
    {ABOUT_DEAL, ANY, "The board meets on the first Wednesday of the month."},
    {ABOUT_DEAL, ANY, "Bank has agreed, papers are on the way."},
    {ABOUT_DEAL, ANY, "Would also be content with a smaller first step."},
    {ABOUT_CONTACT, ANY, "Prefers calls in the morning."},
    {ABOUT_CONTACT, ANY, "Wants everything in writing."},
    {ABOUT_CONTACT, ANY, "Decides together with the owner's family."},
    {ABOUT_CONTACT, ANY, "Knows a lot about technology, no need to explain."},
    {ABOUT_CONTACT, ANY, "Not on Fridays; works four days."},
    {ABOUT_CONTACT, ANY, "Cares about the price first, then the date."},
    {ABOUT_CONTACT, ANY, "Was our contact at a former firm, content then."},
    {ABOUT_CONTACT, ANY, "Speaks Danish and German, mails in English are fine."},
    {ABOUT_CONTACT, ANY, "Likes photos of the building site, sends them on to the board."},
    {ABOUT_CONTACT, ANY, "On parental leave until summer; the office manager answers."},
    {ABOUT_COMPANY, ANY, "Has used us before and was content."},
    {ABOUT_COMPANY, ANY, "Invoice goes to the holding."},
    {ABOUT_COMPANY, ANY, "Pays within ten days and takes the discount."},
    {ABOUT_COMPANY, ANY, "New hall is planned for next year, 2,000 m² of roof."},
    {ABOUT_COMPANY, ANY, "Closed in the first three weeks of August."},
    {ABOUT_COMPANY, ANY, "Orders need a number, else the invoice comes back."},
    {ABOUT_COMPANY, ANY, "Second site rents its roof; ask the landlord."},
    {ABOUT_COMPANY, ANY, "Reports on its energy every year, likes numbers from us in January."},
};
const size_t REMARK_COUNT = sizeof REMARKS / sizeof REMARKS[0];
