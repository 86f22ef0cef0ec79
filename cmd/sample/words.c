/* Word lists: see words.h. */
#include "words.h"

#define LIST(name, ...)                                                                            \
    static const char *const name##_AT[] = {__VA_ARGS__};                                          \
    const struct words name = {name##_AT, sizeof name##_AT / sizeof name##_AT[0]}

LIST(FIRST_NAMES, "Anna", "Ben", "Carla", "David", "Elena", "Felix", "Greta", "Hannes", "Ines", "Jonas", "Katharina", "Lars",
     "Mara", "Nils", "Olivia", "Paul", "Rosa", "Simon", "Tabea", "Ulrich", "Vera", "Wiebke", "Yusuf", "Zoe", "Émilie", "Søren",
     "Zofia", "Mateusz", "Chiara", "Luca", "Aylin", "Emre", "Freya", "Björn", "Noémie", "Théo", "Saskia", "Henrik", "Marit",
     "Anton", "Clara", "Oskar", "Frida", "Jakob", "Lotte", "Malte", "Nora", "Tilda");
LIST(LAST_NAMES, "Albers", "Bachmann", "Christiansen", "Dreyer", "Eggers", "Fuchs", "Gerdes", "Hagedorn", "Iversen", "Jansen",
     "Keller", "Lindqvist", "Möller", "Nowak", "Ortmann", "Petersen", "Quast", "Rasmussen", "Sørensen", "Thiessen", "Ulbrich",
     "Voss", "Wagner", "Yilmaz", "Zander", "Kowalska", "Lefèvre", "Rossi", "Bianchi", "Dubois", "Müller", "Schäfer", "Groß",
     "Weiß", "Krüger", "Hansen", "Berg", "Holm", "Lund", "Winter", "Sommer", "Brandt", "Vogt", "Kaya", "Demir", "Novák", "Horvat",
     "Bergström");
LIST(FIRM_NAMES, "Nordwind", "Hafenkante", "Lindenhof", "Morgenrot", "Silbersee", "Elbtal", "Fjordblick", "Grünwald", "Heidekraut",
     "Kornblume", "Leuchtturm", "Mühlenbach", "Oststern", "Quellgrund", "Rosengarten", "Steinbock", "Tannenhof", "Uferlos",
     "Vierland", "Weitblick", "Altmark", "Bernstein", "Dünenhaus", "Eichenkamp", "Falkenried", "Goldammer", "Holstentor",
     "Immenhof", "Kranichfeld", "Lerchenberg");
LIST(FIRM_KINDS, "Solar", "Bau", "Logistik", "Gastro", "Handel", "Technik", "Druck", "Metall", "Holz", "Pflege", "Medien", "Energie",
     "Textil", "Agrar", "Immobilien", "Beratung", "Werft", "Mobil", "Optik", "Systeme");
LIST(FIRM_FORMS, "GmbH", "KG", "AG", "eG", "GmbH & Co. KG", "ApS", "AB", "B.V.", "S.r.l.", "SARL", "sp. z o.o.", "s.r.o.");
LIST(JOBS, "Managing director", "Head of purchasing", "Buyer", "Facility manager", "Office manager", "Head of operations",
     "Project manager", "Accountant", "Technical director", "Owner", "Assistant", "Head of production");
LIST(INDUSTRIES, "Construction", "Logistics", "Hospitality", "Retail", "Manufacturing", "Printing", "Metalworking", "Care", "Media",
     "Energy", "Textiles", "Agriculture", "Real estate", "Consulting", "Shipbuilding");
LIST(PROJECTS, "Rooftop PV", "Carport with charging", "Battery storage", "Heat pump", "Facade PV", "Monitoring", "Maintenance plan",
     "Inverter replacement", "Charging park", "Tenant power", "Cold store PV", "Emergency power");
LIST(CALLS, "Call about the offer", "First call", "Ask for the roof plans", "Clarify the grid connection", "Call back", "Ask about budget",
     "Agree the site visit", "Talk through the contract");
LIST(MEETINGS, "Site visit", "Offer presentation", "Kick-off", "Contract talk", "Inspection", "Planning round");
LIST(TASKS, "Send the offer", "Prepare the yield estimate", "Order the scaffolding", "Check the statics", "Send references",
     "Write the minutes", "Update the schedule", "Register with the grid operator");
LIST(OUTCOMES, "Went well, they want a second offer.", "Not reached, try again next week.", "Budget is approved.",
     "Wants to compare with another bidder.", "Agreed on the next date.", "Roof needs repair first.", "Decision after the holidays.",
     "All questions answered.");
LIST(NOTES, "Prefers calls in the morning.", "Roof renewed in 2019, statics are on file.", "Interested in storage as a second step.",
     "Decides together with the owner's family.", "Has used us before and was content.", "Wants everything in writing.",
     "Access to the yard only before 4 pm.", "Invoice goes to the holding.");
LIST(SOURCES, "website", "referral", "fair", "call", "partner");
LIST(LOST_REASONS, "price", "competitor", "no_need", "no_reply", "other");
LIST(STREETS, "Hafenstraße", "Lindenweg", "Am Markt", "Werkstraße", "Ringstraße", "Mühlenweg", "Bahnhofstraße", "Industriering");

const struct place PLACES[] = {
    {"Hamburg", "DE"},    {"Bremen", "DE"},    {"Lübeck", "DE"},   {"Kiel", "DE"},      {"Rostock", "DE"},  {"Berlin", "DE"},
    {"Hannover", "DE"},   {"Köln", "DE"},      {"München", "DE"},  {"Leipzig", "DE"},   {"København", "DK"}, {"Aarhus", "DK"},
    {"Odense", "DK"},     {"Malmö", "SE"},     {"Göteborg", "SE"}, {"Oslo", "NO"},      {"Wien", "AT"},     {"Graz", "AT"},
    {"Zürich", "CH"},     {"Utrecht", "NL"},   {"Gdańsk", "PL"},   {"Szczecin", "PL"},  {"Milano", "IT"},   {"Lyon", "FR"},
};
const size_t PLACE_COUNT = sizeof PLACES / sizeof PLACES[0];
