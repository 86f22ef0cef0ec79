/* The browser's files: embedded in the binary, or from a folder while the UI is being worked on. */
#ifndef KONTOR_WEB_ASSETS_H
#define KONTOR_WEB_ASSETS_H

#include "web/server.h"

/* Answers GET and HEAD of everything outside the API. */
void assets_serve(struct http *h);

#endif
