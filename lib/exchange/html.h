/* Texts that other programs keep in HTML, as plain lines. */
#ifndef KONTOR_EXCHANGE_HTML_H
#define KONTOR_EXCHANGE_HTML_H

#include <stdbool.h>

struct arena;

/* It has a tag of HTML that is written out: "<br>", "</p>", "<a href=…>"; not "a < b", "<ann@example.com>". */
bool html_is(const char *text);
/* The words of it (HTML Living Standard, 15.3): paragraphs and items of lists are lines, addresses of links stand behind their
 * words, references to characters are those characters. What is no tag of HTML stays as it is; scripts and styles are left
 * out. `html` is UTF-8, the answer too, in `a`; its lines have no blanks at their ends and no two empty ones follow each other. */
const char *html_text(struct arena *a, const char *html);

#endif
