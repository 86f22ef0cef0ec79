/*
 * See name.h. Titles stand before a name, with or without a dot; some are words that are names as
 * well and count with their dot only. Particles belong to the last name where they are written in
 * small letters: "Anna von Stein", but "Van Morrison".
 */
#include "exchange/name.h"

#include <string.h>
#include <strings.h>

#include "base/attr.h"
#include "base/str.h"

static const struct {
    const char *word;
    bool dotted; /* a title with its dot only */
} TITLES[] = {
    {"Dr", false},        {"Prof", false},     {"Professor", false}, {"Mr", false},
    {"Mrs", false},       {"Ms", false},       {"Miss", false},      {"Mx", false},
    {"Herr", false},      {"Herrn", false},    {"Frau", false},      {"Madame", false},
    {"Monsieur", false},  {"Mme", false},      {"Mlle", false},      {"Signora", false},
    {"Dipl.-Ing", false}, {"Dr.-Ing", false},  {"Dipl.-Kfm", false}, {"Dipl.-Kffr", false},
    {"Ing", true},        {"Mag", true},       {"Sr", true},         {"Sra", true},
    {"Sig", true},        {"med", true},       {"jur", true},        {"phil", true},
    {"rer", true},        {"nat", true},       {"habil", true},      {"h.c", true},
    {"oec", true},        {"Dipl", true},      {"Rev", true},        {NULL, false},
};

static const char *const PARTICLES[] = {
    "von", "vom", "van", "zu",  "zum", "zur",   "der",   "den",   "dem", "de",  "del", "della",
    "di",  "da",  "dei", "degli", "do", "dos",  "das",   "du",    "des", "la",  "le",  "lo",
    "al",  "el",  "bin", "bint", "ibn", "ter",  "ten",   "te",    "'t",  "op",  "af",  "av",
    "und", NULL,
};

static bool is_title(const char *word, size_t n)
{
    bool dot = n > 0 && word[n - 1] == '.', found = false;
    size_t bare = dot ? n - 1 : n;
    for (size_t i = 0; !found && TITLES[i].word != NULL; i++) {
        found = strlen(TITLES[i].word) == bare && strncasecmp(TITLES[i].word, word, bare) == 0 &&
                (dot || !TITLES[i].dotted);
    }
    return found;
}

static bool is_particle(const char *word, size_t n)
{
    size_t i = 0;
    while (PARTICLES[i] != NULL &&
           (strlen(PARTICLES[i]) != n || memcmp(PARTICLES[i], word, n) != 0)) {
        i++;
    }
    return PARTICLES[i] != NULL;
}

static const char *joined(struct arena *a, const char *before, const char *more)
{
    return before[0] == 0 ? more : more[0] == 0 ? before : arena_printf(a, "%s %s", before, more);
}

/* What comes after the titles it begins with, of which a name must remain; these are added to `title`.
 */
static const char *without_titles(struct arena *a, const char *text, const char **title)
{
    const char *blank = strchr(text, ' ');
    while (blank != NULL && is_title(text, (size_t)(blank - text))) {
        *title = joined(a, *title, arena_strndup(a, text, (size_t)(blank - text)));
        text = blank + 1 + strspn(blank + 1, " ");
        blank = strchr(text, ' ');
    }
    return text;
}

/* The particles that stand before `end` in the text, as the place where they begin. */
static const char *particles_before(const char *text, const char *end)
{
    const char *at = end;
    for (;;) {
        const char *stop = at, *word;
        while (stop > text && stop[-1] == ' ') {
            stop--;
        }
        word = stop;
        while (word > text && word[-1] != ' ') {
            word--;
        }
        if (word == stop || !is_particle(word, (size_t)(stop - word))) {
            return at;
        }
        at = word;
    }
}

static const char *piece(struct arena *a, const char *from, const char *to)
{
    return str_trim(a, arena_strndup(a, from, (size_t)(to - from)));
}

void name_split(struct arena *a, const char *text, struct name *out)
{
    *out = (struct name){"", "", ""};
    text = without_titles(a, text, &out->title);
    const char *comma = strchr(text, ','), *blank = strrchr(text, ' ');
    if (comma != NULL) {
        const char *first = without_titles(a, str_trim(a, comma + 1), &out->title);
        const char *end = particles_before(first, first + strlen(first));
        end = end == first ? first + strlen(first) : end;
        out->first = piece(a, first, end);
        out->last = joined(a, str_trim(a, end), piece(a, text, comma));
        return;
    }
    const char *last = blank != NULL ? particles_before(text, blank + 1) : text;
    out->first = piece(a, text, last);
    out->last = last;
}
