/* Versions of the libraries that lib/base uses, as the running program has them. */
#ifndef KONTOR_BASE_LIBRARIES_H
#define KONTOR_BASE_LIBRARIES_H

struct base_library {
    const char *name;
    const char *version;
};

/* Ends with a zero row. */
const struct base_library *base_libraries(void);

#endif
