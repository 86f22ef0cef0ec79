/* kontor serve. */
#include "app/daemon.h"
#include "command.h"

const struct parameter SERVE_OPTIONS[] = {
    {"listen", "ADDR:PORT", "instead of the setting; port 0 takes any free one"},
    {"static", "DIR", "serve the browser's files from this folder (for work on them)"},
    {"insecure-http", NULL, "serve other machines without encryption"},
    {NULL, NULL, NULL},
};

int command_serve(struct arguments *a)
{
    struct err e = {0};
    const struct daemon_options options = {
        .data = a->data,
        .conf = a->conf,
        .listen = argument(a, "listen"),
        .static_dir = argument(a, "static"),
        .messages = a->arena,
        .insecure_http = argument_given(a, "insecure-http"),
    };
    return daemon_run(&options, &e) == 0 ? EXIT_DONE : print_err(&e);
}
