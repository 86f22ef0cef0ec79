/*
 * Countries: ISO 3166 codes, their names in English and German, and how an address is written there.
 * See country.h. A pattern is made of S (street lines), P (postal code), C (city), R (region), of the
 * signs between them, which fall away with an empty neighbour, and of | between lines.
 */
#include "model/country.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"

/* clang-format off */
static const struct country COUNTRIES[] = { /* by code */
    {"AD", "Andorra", "Andorra", "S|P C"},
    {"AE", "United Arab Emirates", "Vereinigte Arabische Emirate", "S|C|R"},
    {"AF", "Afghanistan", "Afghanistan", "S|P C"},
    {"AG", "Antigua & Barbuda", "Antigua und Barbuda", "S|P C"},
    {"AI", "Anguilla", "Anguilla", "S|P C"},
    {"AL", "Albania", "Albanien", "S|P C"},
    {"AM", "Armenia", "Armenien", "S|P C"},
    {"AO", "Angola", "Angola", "S|P C"},
    {"AQ", "Antarctica", "Antarktis", "S|P C"},
    {"AR", "Argentina", "Argentinien", "S|P C|R"},
    {"AS", "American Samoa", "Amerikanisch-Samoa", "S|C, R P"},
    {"AT", "Austria", "Österreich", "S|P C"},
    {"AU", "Australia", "Australien", "S|C R P"},
    {"AW", "Aruba", "Aruba", "S|P C"},
    {"AX", "Åland Islands", "Ålandinseln", "S|P C"},
    {"AZ", "Azerbaijan", "Aserbaidschan", "S|P C"},
    {"BA", "Bosnia & Herzegovina", "Bosnien und Herzegowina", "S|P C"},
    {"BB", "Barbados", "Barbados", "S|P C"},
    {"BD", "Bangladesh", "Bangladesch", "S|C - P"},
    {"BE", "Belgium", "Belgien", "S|P C"},
    {"BF", "Burkina Faso", "Burkina Faso", "S|P C"},
    {"BG", "Bulgaria", "Bulgarien", "S|P C"},
    {"BH", "Bahrain", "Bahrain", "S|C P"},
    {"BI", "Burundi", "Burundi", "S|P C"},
    {"BJ", "Benin", "Benin", "S|P C"},
    {"BL", "St. Barthélemy", "St. Barthélemy", "S|P C"},
    {"BM", "Bermuda", "Bermuda", "S|C P"},
    {"BN", "Brunei", "Brunei Darussalam", "S|C P"},
    {"BO", "Bolivia", "Bolivien", "S|P C"},
    {"BQ", "Caribbean Netherlands", "Karibische Niederlande", "S|P C"},
    {"BR", "Brazil", "Brasilien", "S|C - R|P"},
    {"BS", "Bahamas", "Bahamas", "S|P C|R"},
    {"BT", "Bhutan", "Bhutan", "S|C P"},
    {"BV", "Bouvet Island", "Bouvetinsel", "S|P C"},
    {"BW", "Botswana", "Botsuana", "S|P C"},
    {"BY", "Belarus", "Belarus", "S|P C"},
    {"BZ", "Belize", "Belize", "S|P C"},
    {"CA", "Canada", "Kanada", "S|C, R P"},
    {"CC", "Cocos (Keeling) Islands", "Kokosinseln", "S|P C|R"},
    {"CD", "Congo (Kinshasa)", "Kongo (Kinshasa)", "S|P C"},
    {"CF", "Central African Republic", "Zentralafrikanische Republik", "S|P C"},
    {"CG", "Congo (Brazzaville)", "Kongo (Brazzaville)", "S|P C"},
    {"CH", "Switzerland", "Schweiz", "S|P C"},
    {"CI", "Côte d'Ivoire", "Côte d'Ivoire", "S|P C"},
    {"CK", "Cook Islands", "Cookinseln", "S|P C"},
    {"CL", "Chile", "Chile", "S|P C|R"},
    {"CM", "Cameroon", "Kamerun", "S|P C"},
    {"CN", "China", "China", "S|P C|R"},
    {"CO", "Colombia", "Kolumbien", "S|P C"},
    {"CR", "Costa Rica", "Costa Rica", "S|P C"},
    {"CU", "Cuba", "Kuba", "S|C, P"},
    {"CV", "Cape Verde", "Cabo Verde", "S|P-C"},
    {"CW", "Curaçao", "Curaçao", "S|P C"},
    {"CX", "Christmas Island", "Weihnachtsinsel", "S|C P"},
    {"CY", "Cyprus", "Zypern", "S|P C"},
    {"CZ", "Czechia", "Tschechien", "S|P C"},
    {"DE", "Germany", "Deutschland", "S|P C"},
    {"DJ", "Djibouti", "Dschibuti", "S|P C"},
    {"DK", "Denmark", "Dänemark", "S|P C"},
    {"DM", "Dominica", "Dominica", "S|P C"},
    {"DO", "Dominican Republic", "Dominikanische Republik", "S|P C"},
    {"DZ", "Algeria", "Algerien", "S|P C"},
    {"EC", "Ecuador", "Ecuador", "S|P|C"},
    {"EE", "Estonia", "Estland", "S|P C"},
    {"EG", "Egypt", "Ägypten", "S|C|R|P"},
    {"EH", "Western Sahara", "Westsahara", "S|P C"},
    {"ER", "Eritrea", "Eritrea", "S|P C"},
    {"ES", "Spain", "Spanien", "S|P C|R"},
    {"ET", "Ethiopia", "Äthiopien", "S|P C"},
    {"FI", "Finland", "Finnland", "S|P C"},
    {"FJ", "Fiji", "Fidschi", "S|P C"},
    {"FK", "Falkland Islands", "Falklandinseln", "S|C|P"},
    {"FM", "Micronesia", "Mikronesien", "S|P C"},
    {"FO", "Faroe Islands", "Färöer", "S|P C"},
    {"FR", "France", "Frankreich", "S|P C"},
    {"GA", "Gabon", "Gabun", "S|P C"},
    {"GB", "United Kingdom", "Vereinigtes Königreich", "S|C|P"},
    {"GD", "Grenada", "Grenada", "S|P C"},
    {"GE", "Georgia", "Georgien", "S|P C"},
    {"GF", "French Guiana", "Französisch-Guayana", "S|P C"},
    {"GG", "Guernsey", "Guernsey", "S|C|P"},
    {"GH", "Ghana", "Ghana", "S|P C"},
    {"GI", "Gibraltar", "Gibraltar", "S|C|P"},
    {"GL", "Greenland", "Grönland", "S|P C"},
    {"GM", "Gambia", "Gambia", "S|P C"},
    {"GN", "Guinea", "Guinea", "S|P C|R"},
    {"GP", "Guadeloupe", "Guadeloupe", "S|P C"},
    {"GQ", "Equatorial Guinea", "Äquatorialguinea", "S|P C"},
    {"GR", "Greece", "Griechenland", "S|P C"},
    {"GS", "South Georgia & South Sandwich Islands", "Südgeorgien und Südliche Sandwichinseln",
     "S|C|P"},
    {"GT", "Guatemala", "Guatemala", "S|P C"},
    {"GU", "Guam", "Guam", "S|C, R P"},
    {"GW", "Guinea-Bissau", "Guinea-Bissau", "S|P C"},
    {"GY", "Guyana", "Guyana", "S|P C"},
    {"HK", "Hong Kong", "Hongkong", "S|R|C"},
    {"HM", "Heard & McDonald Islands", "Heard und McDonaldinseln", "C|S|P"},
    {"HN", "Honduras", "Honduras", "S|P C"},
    {"HR", "Croatia", "Kroatien", "S|P C"},
    {"HT", "Haiti", "Haiti", "S|P C"},
    {"HU", "Hungary", "Ungarn", "P C|S"},
    {"ID", "Indonesia", "Indonesien", "S|C P|R"},
    {"IE", "Ireland", "Irland", "S|C|R|P"},
    {"IL", "Israel", "Israel", "S|C P"},
    {"IM", "Isle of Man", "Isle of Man", "S|C|P"},
    {"IN", "India", "Indien", "S|C - P|R"},
    {"IO", "British Indian Ocean Territory", "Britisches Territorium im Indischen Ozean", "S|P C"},
    {"IQ", "Iraq", "Irak", "S|C|R|P"},
    {"IR", "Iran", "Iran", "S|C|R|P"},
    {"IS", "Iceland", "Island", "S|P C"},
    {"IT", "Italy", "Italien", "S|P C R"},
    {"JE", "Jersey", "Jersey", "S|C|P"},
    {"JM", "Jamaica", "Jamaika", "S|P C"},
    {"JO", "Jordan", "Jordanien", "S|C P"},
    {"JP", "Japan", "Japan", "S|C, R P"},
    {"KE", "Kenya", "Kenia", "S|C|P"},
    {"KG", "Kyrgyzstan", "Kirgisistan", "S|P C"},
    {"KH", "Cambodia", "Kambodscha", "S|C P"},
    {"KI", "Kiribati", "Kiribati", "S|P C"},
    {"KM", "Comoros", "Komoren", "S|P C"},
    {"KN", "St. Kitts & Nevis", "St. Kitts und Nevis", "S|C, R P"},
    {"KP", "North Korea", "Nordkorea", "S|P C"},
    {"KR", "South Korea", "Südkorea", "S|C|R P"},
    {"KW", "Kuwait", "Kuwait", "S|P C"},
    {"KY", "Cayman Islands", "Kaimaninseln", "S|C P"},
    {"KZ", "Kazakhstan", "Kasachstan", "S|C|P"},
    {"LA", "Laos", "Laos", "S|P C"},
    {"LB", "Lebanon", "Libanon", "S|P C"},
    {"LC", "St. Lucia", "St. Lucia", "S|P C"},
    {"LI", "Liechtenstein", "Liechtenstein", "S|P C"},
    {"LK", "Sri Lanka", "Sri Lanka", "S|C|P"},
    {"LR", "Liberia", "Liberia", "S|P C"},
    {"LS", "Lesotho", "Lesotho", "S|P C"},
    {"LT", "Lithuania", "Litauen", "S|P C"},
    {"LU", "Luxembourg", "Luxemburg", "S|P C"},
    {"LV", "Latvia", "Lettland", "S|C, P"},
    {"LY", "Libya", "Libyen", "S|P C"},
    {"MA", "Morocco", "Marokko", "S|P C"},
    {"MC", "Monaco", "Monaco", "S|P C"},
    {"MD", "Moldova", "Republik Moldau", "S|P C"},
    {"ME", "Montenegro", "Montenegro", "S|P C"},
    {"MF", "St. Martin", "St. Martin", "S|P C"},
    {"MG", "Madagascar", "Madagaskar", "S|P C"},
    {"MH", "Marshall Islands", "Marshallinseln", "S|P C"},
    {"MK", "North Macedonia", "Nordmazedonien", "S|P C"},
    {"ML", "Mali", "Mali", "S|P C"},
    {"MM", "Myanmar", "Myanmar", "S|C P"},
    {"MN", "Mongolia", "Mongolei", "S|P|C"},
    {"MO", "Macao", "Macau", "S|P C"},
    {"MP", "Northern Mariana Islands", "Nördliche Marianen", "S|C, R P"},
    {"MQ", "Martinique", "Martinique", "S|P C"},
    {"MR", "Mauritania", "Mauretanien", "S|P C"},
    {"MS", "Montserrat", "Montserrat", "S|P C"},
    {"MT", "Malta", "Malta", "S|C P"},
    {"MU", "Mauritius", "Mauritius", "S|P C"},
    {"MV", "Maldives", "Malediven", "S|C P"},
    {"MW", "Malawi", "Malawi", "S|P C"},
    {"MX", "Mexico", "Mexiko", "S|P C, R"},
    {"MY", "Malaysia", "Malaysia", "S|P C|R"},
    {"MZ", "Mozambique", "Mosambik", "S|P C"},
    {"NA", "Namibia", "Namibia", "S|P C"},
    {"NC", "New Caledonia", "Neukaledonien", "S|P C"},
    {"NE", "Niger", "Niger", "S|P C"},
    {"NF", "Norfolk Island", "Norfolkinsel", "S|P C"},
    {"NG", "Nigeria", "Nigeria", "S|C P|R"},
    {"NI", "Nicaragua", "Nicaragua", "S|P C"},
    {"NL", "Netherlands", "Niederlande", "S|P C"},
    {"NO", "Norway", "Norwegen", "S|P C"},
    {"NP", "Nepal", "Nepal", "S|C P"},
    {"NR", "Nauru", "Nauru", "S|P C"},
    {"NU", "Niue", "Niue", "S|P C"},
    {"NZ", "New Zealand", "Neuseeland", "S|C P"},
    {"OM", "Oman", "Oman", "S|P C"},
    {"PA", "Panama", "Panama", "S|P C|R"},
    {"PE", "Peru", "Peru", "S|C P|R"},
    {"PF", "French Polynesia", "Französisch-Polynesien", "S|P C"},
    {"PG", "Papua New Guinea", "Papua-Neuguinea", "S|C R P"},
    {"PH", "Philippines", "Philippinen", "S|P C|R"},
    {"PK", "Pakistan", "Pakistan", "S|C P"},
    {"PL", "Poland", "Polen", "S|P C"},
    {"PM", "St. Pierre & Miquelon", "St. Pierre und Miquelon", "S|P C"},
    {"PN", "Pitcairn Islands", "Pitcairninseln", "S|P C"},
    {"PR", "Puerto Rico", "Puerto Rico", "S|C, R P"},
    {"PS", "Palestine", "Palästina", "S|P C"},
    {"PT", "Portugal", "Portugal", "S|P C"},
    {"PW", "Palau", "Palau", "S|P C"},
    {"PY", "Paraguay", "Paraguay", "S|P C"},
    {"QA", "Qatar", "Katar", "S|P C"},
    {"RE", "Réunion", "Réunion", "S|P C"},
    {"RO", "Romania", "Rumänien", "S|P C"},
    {"RS", "Serbia", "Serbien", "S|P C"},
    {"RU", "Russia", "Russland", "S|C|R|P"},
    {"RW", "Rwanda", "Ruanda", "S|P C"},
    {"SA", "Saudi Arabia", "Saudi-Arabien", "S|C P"},
    {"SB", "Solomon Islands", "Salomonen", "S|P C"},
    {"SC", "Seychelles", "Seychellen", "S|P C"},
    {"SD", "Sudan", "Sudan", "S|P C"},
    {"SE", "Sweden", "Schweden", "S|P C"},
    {"SG", "Singapore", "Singapur", "S|C P"},
    {"SH", "St. Helena", "St. Helena", "S|C|P"},
    {"SI", "Slovenia", "Slowenien", "S|P C"},
    {"SJ", "Svalbard & Jan Mayen", "Spitzbergen und Jan Mayen", "S|P C"},
    {"SK", "Slovakia", "Slowakei", "S|P C"},
    {"SL", "Sierra Leone", "Sierra Leone", "S|P C"},
    {"SM", "San Marino", "San Marino", "S|P C"},
    {"SN", "Senegal", "Senegal", "S|P C"},
    {"SO", "Somalia", "Somalia", "S|P C"},
    {"SR", "Suriname", "Suriname", "S|P C"},
    {"SS", "South Sudan", "Südsudan", "S|P C"},
    {"ST", "São Tomé & Príncipe", "São Tomé und Príncipe", "S|P C"},
    {"SV", "El Salvador", "El Salvador", "S|P C"},
    {"SX", "Sint Maarten", "Sint Maarten", "S|P C"},
    {"SY", "Syria", "Syrien", "S|P C"},
    {"SZ", "Eswatini", "Eswatini", "S|P C"},
    {"TC", "Turks & Caicos Islands", "Turks- und Caicosinseln", "S|P C"},
    {"TD", "Chad", "Tschad", "S|P C"},
    {"TF", "French Southern Territories", "Französische Süd- und Antarktisgebiete", "S|P C"},
    {"TG", "Togo", "Togo", "S|P C"},
    {"TH", "Thailand", "Thailand", "S|C|R P"},
    {"TJ", "Tajikistan", "Tadschikistan", "S|P C"},
    {"TK", "Tokelau", "Tokelau", "S|P C"},
    {"TL", "Timor-Leste", "Timor-Leste", "S|P C"},
    {"TM", "Turkmenistan", "Turkmenistan", "S|P C"},
    {"TN", "Tunisia", "Tunesien", "S|P C"},
    {"TO", "Tonga", "Tonga", "S|P C"},
    {"TR", "Türkiye", "Türkei", "S|P C|R"},
    {"TT", "Trinidad & Tobago", "Trinidad und Tobago", "S|C, P"},
    {"TV", "Tuvalu", "Tuvalu", "S|P C"},
    {"TW", "Taiwan", "Taiwan", "S|C R P"},
    {"TZ", "Tanzania", "Tansania", "S|P C|R"},
    {"UA", "Ukraine", "Ukraine", "S|C|R|P"},
    {"UG", "Uganda", "Uganda", "S|P C"},
    {"UM", "U.S. Outlying Islands", "Amerikanische Überseeinseln", "S|C, R P"},
    {"US", "United States", "Vereinigte Staaten", "S|C, R P"},
    {"UY", "Uruguay", "Uruguay", "S|P C"},
    {"UZ", "Uzbekistan", "Usbekistan", "S|P C"},
    {"VA", "Vatican City", "Vatikanstadt", "S|P C"},
    {"VC", "St. Vincent & Grenadines", "St. Vincent und die Grenadinen", "S|P C"},
    {"VE", "Venezuela", "Venezuela", "S|C P, R"},
    {"VG", "British Virgin Islands", "Britische Jungferninseln", "S|P C"},
    {"VI", "U.S. Virgin Islands", "Amerikanische Jungferninseln", "S|C, R P"},
    {"VN", "Vietnam", "Vietnam", "S|C|R P"},
    {"VU", "Vanuatu", "Vanuatu", "S|P C"},
    {"WF", "Wallis & Futuna", "Wallis und Futuna", "S|P C"},
    {"WS", "Samoa", "Samoa", "S|P C"},
    {"XK", "Kosovo", "Kosovo", "S|P C"},
    {"YE", "Yemen", "Jemen", "S|P C"},
    {"YT", "Mayotte", "Mayotte", "S|P C"},
    {"ZA", "South Africa", "Südafrika", "S|C|P"},
    {"ZM", "Zambia", "Sambia", "S|P C"},
    {"ZW", "Zimbabwe", "Simbabwe", "S|P C"},
};
/* clang-format on */

/* Other words for some of them, as they stand in addresses. */
static const struct {
    const char *name, *code;
} ALIASES[] = {
    {"USA", "US"},           {"U.S.A.", "US"},          {"United States of America", "US"},
    {"Vereinigte Staaten von Amerika", "US"},           {"UK", "GB"},
    {"Great Britain", "GB"}, {"Großbritannien", "GB"},  {"England", "GB"},
    {"Scotland", "GB"},      {"Wales", "GB"},           {"Northern Ireland", "GB"},
    {"Holland", "NL"},       {"The Netherlands", "NL"}, {"Czech Republic", "CZ"},
    {"Tschechische Republik", "CZ"},                    {"Turkey", "TR"},
    {"Korea", "KR"},         {"Republic of Korea", "KR"}, {"Russian Federation", "RU"},
    {"Viet Nam", "VN"},      {"UAE", "AE"},             {"Bundesrepublik Deutschland", "DE"},
    {"Macedonia", "MK"},     {"Republic of Ireland", "IE"},
    {"España", "ES"},        {"Italia", "IT"},
    {"Suisse", "CH"},        {"Svizzera", "CH"},        {"Nederland", "NL"},
    {"Belgique", "BE"},      {"België", "BE"},          {"Danmark", "DK"},
    {"Sverige", "SE"},       {"Norge", "NO"},           {"Suomi", "FI"},
    {"Polska", "PL"},        {"Česko", "CZ"},           {"Brasil", "BR"},
};

static int by_its_code(const void *code, const void *country)
{
    return strcmp(code, ((const struct country *)country)->code);
}

static const struct country *by_code(const char *code)
{
    return bsearch(code, COUNTRIES, COUNT(COUNTRIES), sizeof(COUNTRIES[0]), by_its_code);
}

/* Whether a name folds to `tight`. Nearly all differ in the first letter: only what is not ASCII is
 * folded for it. */
static bool is(struct arena *a, const char *tight, const char *name)
{
    const char *t = tight;
    for (const char *s = name; *s != '\0'; s++) {
        if ((unsigned char)*s >= 0x80) {
            return strcmp(tight, str_fold_tight(a, name)) == 0;
        }
        if (isalnum((unsigned char)*s) && tolower((unsigned char)*s) != *t++) {
            return false;
        }
    }
    return *t == '\0';
}

const struct country *country_find(const char *text)
{
    const struct country *found = strlen(text) == 2 ? by_code(text) : NULL;
    struct arena a;
    struct arena_room room;
    if (found != NULL || *text == '\0') {
        return found;
    }
    arena_init_in(&a, &room);
    const char *tight = str_fold_tight(&a, text);
    for (size_t i = 0; i < COUNT(COUNTRIES) && found == NULL; i++) {
        const struct country *c = &COUNTRIES[i];
        found = is(&a, tight, c->english) || is(&a, tight, c->german) || is(&a, tight, c->code)
                    ? c
                    : NULL;
    }
    for (size_t i = 0; i < COUNT(ALIASES) && found == NULL; i++) {
        found = is(&a, tight, ALIASES[i].name) ? by_code(ALIASES[i].code) : NULL;
    }
    arena_done(&a);
    return found;
}
