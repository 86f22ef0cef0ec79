/* What libyaml could not read, in words for people who write configuration. Only for yaml.c. */
#ifndef KONTOR_BASE_YAML_PROBLEM_H
#define KONTOR_BASE_YAML_PROBLEM_H

#include <stddef.h>
#include <yaml.h>

struct arena;

/* One sentence, in the arena, for a parser that has failed on this text; *mark: where to look. */
const char *yaml_problem(struct arena *a, const yaml_parser_t *parser, const char *text,
                         size_t size, const yaml_mark_t **mark);

#endif
