/*
 * See yaml_problem.h. libyaml speaks of tokens; whoever forgot a quote or a comma wants to hear so.
 * PROBLEMS says for each of its messages where to look and what is likely wrong. What is not in the
 * table keeps libyaml's words.
 */
#include "base/yaml_problem.h"

#include <stdbool.h>
#include <string.h>

#include "base/arena.h"
#include "base/attr.h"

#define MAPPING_VALUES "mapping values are not allowed"

/* Where the mistake stands: at what could not be read, or at the beginning of what it spoilt. */
enum place { AT_PROBLEM, AT_BEGIN };

static const struct {
    const char *said; /* how libyaml's message begins */
    enum place place;
    const char *sentence;
    const char *rest; /* after the line in which the map or list began; NULL: no line is named */
} PROBLEMS[] = {
    {"did not find expected ',' or '}'", AT_PROBLEM,
     "A comma or the closing } is missing before this, in the map that begins with { in line ",
     "; text with commas, brackets or “: ” in it belongs in quotes."},
    {"did not find expected ',' or ']'", AT_PROBLEM,
     "A comma or the closing ] is missing before this, in the list that begins with [ in line ",
     "; text with commas, brackets or “: ” in it belongs in quotes."},
    {MAPPING_VALUES, AT_PROBLEM,
     "There cannot be a “key:” here: the line before lacks its colon or the blank behind it, or "
     "one of the two is indented wrongly.",
     NULL},
    {"did not find expected key", AT_PROBLEM,
     "This does not belong to the map that begins in line ",
     ": all its keys have the same indentation, and nothing follows a closing quote, } or ] in its "
     "line."},
    {"could not find expected ':'", AT_BEGIN,
     "This line is no “key: value”: its colon is missing, or the blank behind the colon.", NULL},
    {"found a tab character", AT_PROBLEM, "Indent with blanks: YAML takes no tabs.", NULL},
    {"found unexpected end of stream", AT_BEGIN,
     "The quote that is opened here is not closed.", NULL},
    {"found unexpected document indicator", AT_BEGIN,
     "The quote that is opened here is not closed.", NULL},
    {"found unknown escape character", AT_PROBLEM,
     "In double quotes a \\ begins an escape such as \\n: write \\\\, or use single quotes.", NULL},
    {"did not find expected hexdecimal number", AT_PROBLEM,
     "In double quotes a \\ begins an escape such as \\n: write \\\\, or use single quotes.", NULL},
    {"did not find expected '-' indicator", AT_PROBLEM,
     "This does not belong to the list that begins in line ",
     ": each of its entries begins with “- ”, all at the same indentation."},
    {"block sequence entries are not allowed", AT_PROBLEM,
     "A list cannot begin here: its first “- ” stands in the next line; text that begins with “- ” "
     "belongs in quotes.", NULL},
    {"did not find expected node content", AT_PROBLEM,
     "A value is missing here, or a bracket or comma is too much; text that begins with one "
     "belongs in quotes.", NULL},
    {"did not find expected alphabetic or numeric character", AT_BEGIN,
     "Text that begins with * or & belongs in quotes, such as \"*\".", NULL},
    {"did not find expected comment or line break", AT_BEGIN,
     "The text of | or > begins in the next line; text that begins with | or > belongs in quotes.",
     NULL},
    {"mapping keys are not allowed", AT_PROBLEM,
     "Text that begins with “? ” belongs in quotes.", NULL},
    {"found unexpected non-alphabetical character", AT_BEGIN,
     "Text that begins with % belongs in quotes.", NULL},
    {"could not find expected directive name", AT_BEGIN,
     "Text that begins with % belongs in quotes.", NULL},
    {"found unknown directive name", AT_BEGIN, "Text that begins with % belongs in quotes.", NULL},
    {"did not find expected <document start>", AT_PROBLEM,
     "This does not belong to what stands above: a file is one map of keys and values.", NULL},
};

/* Where a mark stands in the text: it counts characters of UTF-8. At most size. */
static size_t offset_of(const char *text, size_t size, const yaml_mark_t *mark)
{
    size_t index = 0, i = 0;
    while (i < size && index < mark->index) {
        i++;
        index += i < size && ((unsigned char)text[i] & 0xC0) != 0x80;
    }
    return i;
}

/* There is a “: ” in the line before this place. */
static bool follows_colon(const char *text, size_t at)
{
    for (; at > 1 && text[at - 1] != '\n'; at--) {
        if (text[at - 1] == ' ' && text[at - 2] == ':') {
            return true;
        }
    }
    return false;
}

static const char *bad_begin(struct arena *a, char c)
{
    return c == '\t' ? "Indent with blanks: YAML takes no tabs."
                     : arena_printf(a, "Text that begins with %c belongs in quotes.", c);
}

const char *yaml_problem(struct arena *a, const yaml_parser_t *parser, const char *text,
                         size_t size, const yaml_mark_t **mark)
{
    const char *said = parser->problem != NULL ? parser->problem : "this is not YAML";
    *mark = &parser->problem_mark;
    size_t at = offset_of(text, size, *mark);
    if (strcmp(said, "found character that cannot start any token") == 0) {
        return bad_begin(a, at < size ? text[at] : ' ');
    }
    if (strncmp(said, MAPPING_VALUES, strlen(MAPPING_VALUES)) == 0 && follows_colon(text, at)) {
        return "There is a second “: ” in this line: text that has one belongs in quotes.";
    }
    for (size_t i = 0; i < COUNT(PROBLEMS); i++) {
        if (strncmp(said, PROBLEMS[i].said, strlen(PROBLEMS[i].said)) != 0) {
            continue;
        }
        *mark = PROBLEMS[i].place == AT_BEGIN ? &parser->context_mark : &parser->problem_mark;
        return PROBLEMS[i].rest != NULL
                   ? arena_printf(a, "%s%zu%s", PROBLEMS[i].sentence,
                                  parser->context_mark.line + 1, PROBLEMS[i].rest)
                   : PROBLEMS[i].sentence;
    }
    return arena_printf(a, "The YAML cannot be read: %s%s%s.", said,
                        parser->context != NULL ? " " : "",
                        parser->context != NULL ? parser->context : "");
}
