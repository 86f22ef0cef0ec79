/* Word lists: see words.h. */
#include "words.h"

#define LIST(name, ...)                                                                            \
    static const char *const name##_AT[] = {__VA_ARGS__};                                          \
    const struct words name = {name##_AT, sizeof name##_AT / sizeof name##_AT[0]}
#define OWN_LIST(name, ...)                                                                        \
    static const char *const name##_AT[] = {__VA_ARGS__};                                          \
    static const struct words name = {name##_AT, sizeof name##_AT / sizeof name##_AT[0]}

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

const struct trade TRADES[] = {
    {"Kühlhaus", "Cold storage"}, {"Bau", "Construction"},       {"Logistik", "Logistics"},    {"Gastro", "Hospitality"},
    {"Handel", "Retail"},         {"Technik", "Engineering"},    {"Druck", "Printing"},        {"Metall", "Metalworking"},
    {"Holz", "Woodworking"},      {"Pflege", "Care"},            {"Medien", "Media"},          {"Energie", "Energy"},
    {"Textil", "Textiles"},       {"Agrar", "Agriculture"},      {"Immobilien", "Real estate"}, {"Beratung", "Consulting"},
    {"Werft", "Shipbuilding"},    {"Mobil", "Car dealer"},       {"Optik", "Precision optics"}, {"Systeme", "IT services"},
};
const size_t TRADE_COUNT = sizeof TRADES / sizeof TRADES[0];

LIST(LEADERS, "Managing director", "Owner", "Plant manager", "Head of facilities", "Authorised officer");
LIST(JOBS, "Buyer", "Facility manager", "Office manager", "Project manager", "Accountant", "Assistant to the management",
     "Maintenance technician", "Energy officer", "Head of production", "Sales manager", "Works council", "IT administrator");
LIST(BETTER_JOBS, "Head of purchasing", "Head of operations", "Technical director", "Head of finance", "Head of facilities",
     "Commercial director");
LIST(SIDE_JOBS, "Advisory board", "Authorised officer", "Shareholder", "Deputy chair", "Energy officer", "Adviser");
LIST(PARTS, "Decides", "Signs the contract", "Technical questions", "Purchasing", "On site", "Finance", "Tenant of the roof");
LIST(SITES, "north hall", "south hall", "warehouse", "head office", "workshop", "main building", "depot", "annexe", "east wing",
     "branch", "second site", "guest house");
LIST(SOURCES, "website", "referral", "fair", "call", "partner", "email");
LIST(LOST_REASONS, "price", "competitor", "no_need", "no_reply", "other", "price");

/* ---- places ---------------------------------------------------------------------------------- */

OWN_LIST(FORMS_DE, "GmbH", "GmbH", "KG", "AG", "eG", "GmbH & Co. KG");
OWN_LIST(FORMS_CH, "AG", "GmbH");
OWN_LIST(FORMS_DK, "ApS", "A/S");
OWN_LIST(FORMS_SE, "AB");
OWN_LIST(FORMS_NO, "AS");
OWN_LIST(FORMS_NL, "B.V.");
OWN_LIST(FORMS_PL, "sp. z o.o.");
OWN_LIST(FORMS_IT, "S.r.l.");
OWN_LIST(FORMS_FR, "SARL", "SAS");

OWN_LIST(STREETS_DE, "Hafenstraße", "Lindenweg", "Am Markt", "Werkstraße", "Ringstraße", "Mühlenweg", "Bahnhofstraße", "Industriering");
OWN_LIST(STREETS_DK, "Havnegade", "Møllevej", "Industrivej", "Stationsvej");
OWN_LIST(STREETS_SE, "Hamngatan", "Industrigatan", "Kvarnvägen");
OWN_LIST(STREETS_NO, "Havnegata", "Industriveien", "Storgata");
OWN_LIST(STREETS_NL, "Havenstraat", "Molenweg", "Industrieweg");
OWN_LIST(STREETS_PL, "ul. Portowa", "ul. Lipowa", "ul. Fabryczna");
OWN_LIST(STREETS_IT, "Via del Porto", "Via dei Tigli", "Viale Industria");
OWN_LIST(STREETS_FR, "Rue du Port", "Rue des Tilleuls", "Rue du Moulin");

const struct place PLACES[] = {
    {"Hamburg", "DE", "20457", "+49 40", "+49 170", &FORMS_DE, &STREETS_DE},
    {"Bremen", "DE", "28195", "+49 421", "+49 170", &FORMS_DE, &STREETS_DE},
    {"Lübeck", "DE", "23552", "+49 451", "+49 170", &FORMS_DE, &STREETS_DE},
    {"Kiel", "DE", "24103", "+49 431", "+49 170", &FORMS_DE, &STREETS_DE},
    {"Rostock", "DE", "18055", "+49 381", "+49 170", &FORMS_DE, &STREETS_DE},
    {"Berlin", "DE", "10997", "+49 30", "+49 170", &FORMS_DE, &STREETS_DE},
    {"Hannover", "DE", "30159", "+49 511", "+49 170", &FORMS_DE, &STREETS_DE},
    {"Köln", "DE", "50667", "+49 221", "+49 170", &FORMS_DE, &STREETS_DE},
    {"München", "DE", "80331", "+49 89", "+49 170", &FORMS_DE, &STREETS_DE},
    {"Leipzig", "DE", "04109", "+49 341", "+49 170", &FORMS_DE, &STREETS_DE},
    {"Flensburg", "DE", "24937", "+49 461", "+49 170", &FORMS_DE, &STREETS_DE},
    {"Schwerin", "DE", "19053", "+49 385", "+49 170", &FORMS_DE, &STREETS_DE},
    {"København", "DK", "1050", "+45 33", "+45 20", &FORMS_DK, &STREETS_DK},
    {"Aarhus", "DK", "8000", "+45 86", "+45 20", &FORMS_DK, &STREETS_DK},
    {"Odense", "DK", "5000", "+45 66", "+45 20", &FORMS_DK, &STREETS_DK},
    {"Malmö", "SE", "211 19", "+46 40", "+46 70", &FORMS_SE, &STREETS_SE},
    {"Göteborg", "SE", "411 03", "+46 31", "+46 70", &FORMS_SE, &STREETS_SE},
    {"Oslo", "NO", "0150", "+47 22", "+47 90", &FORMS_NO, &STREETS_NO},
    {"Wien", "AT", "1010", "+43 1", "+43 660", &FORMS_CH, &STREETS_DE},
    {"Graz", "AT", "8010", "+43 316", "+43 660", &FORMS_CH, &STREETS_DE},
    {"Zürich", "CH", "8001", "+41 44", "+41 79", &FORMS_CH, &STREETS_DE},
    {"Utrecht", "NL", "3511 AB", "+31 30", "+31 6", &FORMS_NL, &STREETS_NL},
    {"Gdańsk", "PL", "80-831", "+48 58", "+48 601", &FORMS_PL, &STREETS_PL},
    {"Szczecin", "PL", "70-413", "+48 91", "+48 601", &FORMS_PL, &STREETS_PL},
    {"Milano", "IT", "20121", "+39 02", "+39 320", &FORMS_IT, &STREETS_IT},
    {"Lyon", "FR", "69002", "+33 4", "+33 6", &FORMS_FR, &STREETS_FR},
};
const size_t PLACE_COUNT = sizeof PLACES / sizeof PLACES[0];

/* ---- what is sold ---------------------------------------------------------------------------- */

const struct project PROJECTS[] = {
    {"Rooftop PV", "kWp", 15, 460, 980, FAMILY_PV, 5},
    {"Cold store PV", "kWp", 40, 350, 1020, FAMILY_PV, 1},
    {"Facade PV", "kWp", 8, 90, 1750, FAMILY_PV, 1},
    {"Tenant power", "flats", 6, 96, 1600, FAMILY_PV, 1},
    {"Carport", "bays", 6, 60, 3900, FAMILY_PV | FAMILY_CHARGING, 1},
    {"Charging park", "points", 4, 30, 2700, FAMILY_CHARGING, 2},
    {"Battery storage", "kWh", 20, 400, 560, FAMILY_STORAGE, 3},
    {"Emergency power", "kVA", 20, 200, 430, FAMILY_STORAGE, 1},
    {"Heat pump", "kW", 15, 160, 1150, FAMILY_HEAT, 2},
    {"Inverter replacement", "kW", 20, 300, 160, FAMILY_SERVICE, 2},
    {"Maintenance plan", "kWp", 30, 600, 18, FAMILY_SERVICE, 2},
    {"Monitoring", "kWp", 30, 600, 14, FAMILY_SERVICE, 1},
};
const size_t PROJECT_COUNT = sizeof PROJECTS / sizeof PROJECTS[0];

const struct product PRODUCTS[] = {
    {"Solar module 440 W", "PV-440-B", "Modules", 9800, "Black frame, monocrystalline, 25 years of guarantee", false},
    {"Glass-glass module 440 W", "PV-440-G", "Modules", 11900, "Both sides, 30 years of guarantee", false},
    {"Solar module 400 W", "PV-400", "Modules", 8600, "Remaining stock", true},
    {"Facade module 180 W", "PV-F180", "Modules", 21400, "Anthracite, with fixing for curtain walls", false},
    {"Clear module 320 W", "PV-T320", "Modules", 18900, "Lets light through, for carports and courtyards", false},
    {"Hybrid inverter 10 kW", "WR-10H", "Inverters", 189000, "Three phases, two trackers, ready for storage", false},
    {"Hybrid inverter 15 kW", "WR-15H", "Inverters", 239000, "Three phases, three trackers, ready for storage", false},
    {"String inverter 50 kW", "WR-50", "Inverters", 379000, "For roofs from 40 kWp", false},
    {"String inverter 100 kW", "WR-100", "Inverters", 589000, "For roofs from 90 kWp, with protection type 2", false},
    {"Inverter 8 kW", "WR-8", "Inverters", 142000, "Replaced by WR-10H", true},
    {"Optimiser 600 W", "WR-OPT", "Inverters", 4900, "For shaded modules, one per module", false},
    {"Battery cabinet 15 kWh", "SP-15", "Storage", 749000, "Lithium iron phosphate, indoors", false},
    {"Battery cabinet 60 kWh", "SP-60", "Storage", 2790000, "Lithium iron phosphate, outdoors", false},
    {"Battery container 400 kWh", "SP-400", "Storage", 15900000, "With cooling and fire detection", false},
    {"Emergency switch 63 A", "SP-NS63", "Storage", 219000, "Changes over within 20 ms", false},
    {"Emergency switch 250 A", "SP-NS250", "Storage", 489000, "Changes over within 20 ms", false},
    {"Wallbox 11 kW", "LP-11", "Charging", 79000, "With calibrated meter", false},
    {"Wallbox 22 kW", "LP-22", "Charging", 98000, "With calibrated meter and card reader", false},
    {"Charging column 2 x 22 kW", "LP-2X22", "Charging", 489000, "Two points, for car parks", false},
    {"Fast charger 75 kW", "LP-75", "Charging", 2890000, "Two points, direct current", false},
    {"Load management", "LP-LM12", "Charging", 129000, "For 12 points, shares what the connection gives", false},
    {"Heat pump 20 kW, air", "WP-20L", "Heat pumps", 1890000, "Cascade of up to four", false},
    {"Heat pump 50 kW, brine", "WP-50S", "Heat pumps", 3980000, "For probes and ground collectors", false},
    {"Buffer tank 1,000 l", "WP-P1000", "Heat pumps", 189000, "With insulation", false},
    {"Fresh water station", "WP-FW", "Heat pumps", 329000, "60 l per minute", false},
    {"Mounting, flat roof", "MT-FD", "Mounting", 9500, "Per kWp, without holes in the roof, ballast not included", false},
    {"Mounting, pitched roof", "MT-SD", "Mounting", 8200, "Per kWp, for tiles and trapezoidal sheets", false},
    {"Carport frame, 2 bays", "MT-CP2", "Mounting", 689000, "Steel, galvanised, with foundation plan", false},
    {"Cable set", "MT-KB", "Mounting", 2900, "Per kWp, solar cable 6 mm² and plugs", false},
    {"Meter cabinet", "EL-ZS", "Electrics", 289000, "With grid protection, up to 135 kW", false},
    {"Transformer station 630 kVA", "EL-T630", "Electrics", 5890000, "Turnkey, with registration", false},
    {"Monitoring gateway", "EL-GW", "Electrics", 49000, "Reads inverters, storage and meters", false},
    {"Planning day", "DL-PL", "Services", 96000, "Engineer, with drawings", false},
    {"Site survey with drone", "DL-DR", "Services", 48000, "Measured roof and shading", false},
    {"Structural report", "DL-ST", "Services", 129000, "By an outside engineer", false},
    {"Grid registration", "DL-NA", "Services", 39000, "All papers for the grid operator", false},
    {"Mounting team", "DL-MT", "Services", 186000, "Per day, three people with vehicle", false},
    {"Maintenance", "WT-KWP", "Maintenance", 1800, "Per kWp and year: inspection, thermography, report", false},
    {"Monitoring", "WT-MON", "Maintenance", 1400, "Per kWp and year, alarm within a working day", false},
    {"Module cleaning", "WT-RE", "Maintenance", 950, "Per kWp, without chemicals, from 50 kWp", false},
    {"Device inspection", "WT-DGUV", "Maintenance", 64000, "Per day, with record", true},
};
const size_t PRODUCT_COUNT = sizeof PRODUCTS / sizeof PRODUCTS[0];
