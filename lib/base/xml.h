/*
 * XML read from front to back (expat inside): what comes is told to a handler, nothing is kept.
 * UTF-8 and whatever encoding the text declares that expat knows. Prefixes of names are left out.
 * Texts with a document type are refused: no entities, no outside files. Depth at most 64. One
 * reader belongs to one thread.
 */
#ifndef KONTOR_BASE_XML_H
#define KONTOR_BASE_XML_H

#include <stdbool.h>
#include <stddef.h>

struct err;

struct xml_handler {
    /* attributes: name, value, name, value, NULL */
    void (*begin)(void *data, const char *name, const char **attributes);
    void (*end)(void *data, const char *name);
    void (*text)(void *data, const char *bytes, size_t n); /* in pieces */
};

struct xml_reader;
struct xml_reader *xml_reader_new(const struct xml_handler *handler, void *data);
void xml_reader_free(struct xml_reader *r); /* NULL allowed */
/* Reads n bytes more, which stay as they are until it returned 0; `last`: the text is complete. 1:
 * xml_pause was called, xml_resume goes on. -1: ERR_INVALID, with the line. */
int xml_feed(struct xml_reader *r, const char *bytes, size_t n, bool last, struct err *e);
int xml_resume(struct xml_reader *r, struct err *e);
/* From a handler: stop behind what is being told. */
void xml_pause(struct xml_reader *r);
/* The value of an attribute, or NULL. */
const char *xml_attribute(const char **attributes, const char *name);
/* Of the library. */
const char *xml_version(void);

#endif
