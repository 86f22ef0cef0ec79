/* Brings a request to lib/api and its answer back. */
#ifndef KONTOR_WEB_HANDLER_H
#define KONTOR_WEB_HANDLER_H

#include "web/server.h"

void handler_api(struct http *h);

#endif
