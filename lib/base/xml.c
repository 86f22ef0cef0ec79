/* See xml.h. */
#include "base/xml.h"

#include <expat.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/memory.h"

#define DEPTH_MAX 64

struct xml_reader {
    XML_Parser parser;
    struct xml_handler handler;
    void *data;
    int depth;
    const char *refused; /* why reading stopped for good, or NULL */
};

static const char *bare(const char *name)
{
    const char *colon = strrchr(name, ':');
    return colon != NULL ? colon + 1 : name;
}

static void refuse(struct xml_reader *r, const char *why)
{
    r->refused = why;
    XML_StopParser(r->parser, XML_FALSE);
}

static void on_begin(void *reader, const XML_Char *name, const XML_Char **attributes)
{
    struct xml_reader *r = reader;
    if (++r->depth > DEPTH_MAX) {
        refuse(r, "it is nested too deeply");
        return;
    }
    r->handler.begin(r->data, bare(name), attributes);
}

static void on_end(void *reader, const XML_Char *name)
{
    struct xml_reader *r = reader;
    r->depth--;
    r->handler.end(r->data, bare(name));
}

static void on_text(void *reader, const XML_Char *text, int n)
{
    struct xml_reader *r = reader;
    r->handler.text(r->data, text, (size_t)n);
}

static void on_doctype(void *reader, const XML_Char *name, const XML_Char *system,
                       const XML_Char *public, int internal)
{
    (void)name;
    (void)system;
    (void)public;
    (void)internal;
    refuse(reader, "it declares a document type");
}

struct xml_reader *xml_reader_new(const struct xml_handler *handler, void *data)
{
    struct xml_reader *r = memory_take(sizeof *r);
    *r = (struct xml_reader){.handler = *handler, .data = data};
    r->parser = XML_ParserCreate(NULL);
    if (r->parser == NULL) {
        memory_out();
    }
    XML_SetUserData(r->parser, r);
    XML_SetElementHandler(r->parser, on_begin, on_end);
    XML_SetCharacterDataHandler(r->parser, on_text);
    XML_SetStartDoctypeDeclHandler(r->parser, on_doctype);
    return r;
}

void xml_reader_free(struct xml_reader *r)
{
    if (r != NULL) {
        XML_ParserFree(r->parser);
        free(r);
    }
}

static int answer(struct xml_reader *r, enum XML_Status status, struct err *e)
{
    if (status == XML_STATUS_SUSPENDED) {
        return 1;
    }
    if (status == XML_STATUS_OK) {
        return 0;
    }
    return err_fail(e, ERR_INVALID, "", "Its XML cannot be read (line %lu): %s.",
                    (unsigned long)XML_GetCurrentLineNumber(r->parser),
                    r->refused != NULL ? r->refused : XML_ErrorString(XML_GetErrorCode(r->parser)));
}

int xml_feed(struct xml_reader *r, const char *bytes, size_t n, bool last, struct err *e)
{
    return answer(r, XML_Parse(r->parser, bytes, n > INT_MAX ? INT_MAX : (int)n, last), e);
}

int xml_resume(struct xml_reader *r, struct err *e)
{
    return answer(r, XML_ResumeParser(r->parser), e);
}

void xml_pause(struct xml_reader *r)
{
    XML_StopParser(r->parser, XML_TRUE);
}

const char *xml_attribute(const char **attributes, const char *name)
{
    for (size_t i = 0; attributes[i] != NULL; i += 2) {
        if (strcmp(bare(attributes[i]), name) == 0) {
            return attributes[i + 1];
        }
    }
    return NULL;
}

const char *xml_version(void)
{
    return XML_ExpatVersion() + strlen("expat_");
}
