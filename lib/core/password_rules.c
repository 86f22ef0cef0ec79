/* Password rules: see password_rules.h. */
#include "core/password_rules.h"

#include <string.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/str.h"

#define SHORTEST 12
#define LONGEST 256

/* The commonest passwords of at least 12 characters, folded and without punctuation; shorter ones fail by length. */
static const char *const COMMON[] = {
    "password1234", "password12345", "password123456", "passwordpassword", "123456789012", "1234567890123", "12345678901234",
    "123123123123", "111111111111", "000000000000", "121212121212", "qwertyuiop123", "qwertyuiop12", "qwertyuiopasdf",
    "qwerty123456", "qwertyqwerty", "1q2w3e4r5t6y", "1qaz2wsx3edc", "zaq12wsxcde3", "abcdefghijkl", "abcd12345678",
    "abc123456789", "asdfghjkl123", "iloveyou1234", "iloveyouiloveyou", "letmeinletmein", "welcome12345", "welcomewelcome",
    "administrator", "adminadminadmin", "administrator1", "changemechangeme", "changeme1234", "passw0rd1234", "p4ssw0rd1234",
    "sunshine1234", "princess1234", "football1234", "baseball1234", "superman1234", "monkey123456", "dragon123456",
    "trustno1trustno1", "whatever1234", "computer1234", "internet1234", "samsung12345", "michael12345", "jennifer1234",
    "charlie12345", "passwort1234", "passwortpasswort", "hallohallohallo", "willkommen123", "schatzschatz", "qwertzuiop123",
    "qwertzuiopue", "kennwort1234", "geheimgeheim", "sommer2024sommer", "sommer202512", "correcthorsebatterystaple",
};

/* All the same character, or one short pattern over and over. */
static bool repeats(const char *s)
{
    size_t n = strlen(s);
    for (size_t period = 1; period <= 4 && period < n; period++) {
        size_t i = period;
        while (i < n && s[i] == s[i - period]) {
            i++;
        }
        if (i == n) {
            return true;
        }
    }
    return false;
}

static bool is_name(struct arena *a, const char *folded, const char *name)
{
    if (name == NULL) {
        return false;
    }
    const char *own = str_fold_tight(a, name);
    size_t n = strlen(own);
    /* The name itself, or the name with a few characters before or behind it. */
    return n >= 4 && strstr(folded, own) != NULL && strlen(folded) < n + 6;
}

const char *password_problem(struct arena *a, const char *password, const char *company, const char *name, const char *email)
{
    if (!str_is_utf8(password, strlen(password))) {
        return "The password must be proper UTF-8 text.";
    }
    size_t length = str_utf8_length(password);
    if (length < SHORTEST) {
        return "The password must have at least 12 characters.";
    }
    if (length > LONGEST) {
        return "The password may have at most 256 characters.";
    }
    const char *folded = str_fold_tight(a, password);
    for (size_t i = 0; i < COUNT(COMMON); i++) {
        if (strcmp(folded, COMMON[i]) == 0) {
            return "This password is among the commonest; choose another.";
        }
    }
    if (repeats(folded)) {
        return "This password repeats itself; choose another.";
    }
    if (is_name(a, folded, company) || is_name(a, folded, name) || is_name(a, folded, email) || is_name(a, folded, "kontor")) {
        return "The password may not be made of a name; choose another.";
    }
    return NULL;
}
