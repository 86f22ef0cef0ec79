/* kontor version; and the refusal to start with a library that is known to be bad. */
#include <stdlib.h>
#include <string.h>

#include "base/libraries.h"
#include "build.h"
#include "command.h"

const struct parameter VERSION_OPTIONS[] = {
    {"libraries", NULL, "also what it is made of"},
    {NULL, NULL, NULL},
};

struct library {
    const char *name, *version;
};

static const struct library LIBRARIES[] = KONTOR_LIBRARIES;

/* Older ones lose data (SQLite's WAL-reset bug) or read out of bounds (cJSON). */
static const struct library OLDEST[] = {
    {"SQLite", "3.51.3"},
    {"cJSON", "1.7.15+deb12u4"},
    {"civetweb", "1.15"},
    {NULL, NULL},
};

/* Compares numbers part by part: "1.7.19-2" with "1.7.15+deb12u4". */
static int compare_versions(const char *a, const char *b)
{
    for (int part = 0; part < 3; part++) {
        char *end_a, *end_b;
        long x = strtol(a, &end_a, 10), y = strtol(b, &end_b, 10);
        if (x != y) {
            return x < y ? -1 : 1;
        }
        a = *end_a == '.' ? end_a + 1 : end_a;
        b = *end_b == '.' ? end_b + 1 : end_b;
    }
    return 0;
}

bool libraries_are_good(void)
{
    for (const struct library *have = LIBRARIES; have->name != NULL; have++) {
        for (const struct library *need = OLDEST; need->name != NULL; need++) {
            if (strcmp(have->name, need->name) == 0 &&
                compare_versions(have->version, need->version) < 0) {
                fprintf(stderr,
                        "kontor: was built with %s %s, which is known to be bad; %s or later is "
                        "needed.\n",
                        have->name, have->version, need->version);
                return false;
            }
        }
    }
    return true;
}

static void print_library(const struct arguments *a, const char *name, const char *version,
                          bool first)
{
    if (a->json) {
        printf("%s\"%s\":\"%s\"", first ? "" : ",", name, version);
    } else {
        printf("%s %s\n", name, version);
    }
}

static void print_libraries(const struct arguments *a)
{
    for (const struct library *l = LIBRARIES; l->name != NULL; l++) {
        print_library(a, l->name, l->version, l == LIBRARIES);
    }
    for (const struct base_library *l = base_libraries(); l->name != NULL; l++) {
        print_library(a, l->name, l->version, false);
    }
}

int command_version(struct arguments *a)
{
    bool libraries = argument_given(a, "libraries");
    if (a->json) {
        printf("{\"version\":\"%s\"", KONTOR_VERSION);
    } else {
        printf("kontor %s\n", KONTOR_VERSION);
    }
    if (a->json && libraries) {
        fputs(",\"libraries\":{", stdout);
    }
    if (libraries) {
        print_libraries(a);
    }
    if (a->json) {
        puts(libraries ? "}}" : "}");
    }
    return EXIT_DONE;
}
