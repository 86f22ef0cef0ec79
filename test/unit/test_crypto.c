/* Cryptography: published test vectors, text forms, stored passwords. */
#include "unit.h"

#include <pthread.h>

#include "base/arena.h"
#include "base/crypto.h"

#define LOG_N 10

static void crypto__hashes_as_published(void **state)
{
    unsigned char hash[CRYPTO_HASH_SIZE];
    crypto_sha256("abc", 3, hash);
    assert_string_equal(crypto_hex(*state, hash, sizeof(hash)),
                        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    crypto_sha256("", 0, hash);
    assert_string_equal(crypto_hex(*state, hash, sizeof(hash)),
                        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void crypto__hashes_in_pieces(void **state)
{
    (void)state;
    unsigned char whole[CRYPTO_HASH_SIZE], pieces[CRYPTO_HASH_SIZE];
    struct crypto_hash *h = crypto_hash_new();
    crypto_sha256("one two", 7, whole);
    for (int round = 0; round < 2; round++) {
        crypto_hash_reset(h);
        crypto_hash_add(h, "one ", 4);
        crypto_hash_add(h, "", 0);
        crypto_hash_add(h, "two", 3);
        crypto_hash_end(h, pieces);
        assert_true(crypto_equal(whole, pieces, sizeof(whole)));
    }
    crypto_hash_free(h);
    crypto_hash_free(NULL);
}

static void *hash_in_thread(void *out)
{
    crypto_sha256("abc", 3, out);
    return NULL;
}

static void crypto__hashes_in_threads(void **state)
{
    (void)state;
    unsigned char own[CRYPTO_HASH_SIZE], other[4][CRYPTO_HASH_SIZE];
    pthread_t threads[4];
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, hash_in_thread, other[i]), 0);
    }
    crypto_sha256("abc", 3, own);
    for (size_t i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        assert_memory_equal(own, other[i], sizeof(own));
    }
}

static void crypto__seals_texts(void **state)
{
    static const char *const TEXTS[] = {"", "0.someone@hidden.example",
                                        "3.-8234567890123456789012345678901234567890"};
    for (size_t i = 0; i < sizeof(TEXTS) / sizeof(*TEXTS); i++) {
        const char *sealed = crypto_seal(*state, TEXTS[i], "contact");
        assert_string_equal(crypto_unseal(*state, sealed, "contact"), TEXTS[i]);
        assert_string_not_equal(crypto_seal(*state, TEXTS[i], "contact"), sealed);
        assert_int_equal(strlen(sealed), strlen(crypto_seal(*state, "x", "contact")));
        assert_null(crypto_unseal(*state, sealed, "company"));
        char *other = arena_strdup(*state, sealed);
        other[40] = other[40] == 'A' ? 'B' : 'A';
        assert_null(crypto_unseal(*state, other, "contact"));
        assert_null(crypto_unseal(*state, arena_strndup(*state, sealed, 40), "contact"));
    }
    assert_null(crypto_unseal(*state, "", "contact"));
    assert_null(crypto_unseal(*state, "0.a@b.example", "contact"));
}

static void crypto__random_bytes_differ(void **state)
{
    (void)state;
    unsigned char a[32], b[32];
    crypto_random(a, sizeof(a));
    crypto_random(b, sizeof(b));
    assert_false(crypto_equal(a, b, sizeof(a)));
    crypto_random(NULL, 0);
    crypto_wipe(a, sizeof(a));
    assert_int_equal(a[0] | a[31], 0);
}

static void crypto__writes_and_reads_base64url(void **state)
{
    static const char *const CASES[][2] = {
        {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},          {"foo", "Zm9v"},
        {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}, {"\xfb\xff", "-_8"},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        size_t n = strlen(CASES[i][0]);
        assert_string_equal(crypto_base64url(*state, CASES[i][0], n), CASES[i][1]);
        unsigned char *back;
        size_t size;
        assert_int_equal(crypto_unbase64url(*state, CASES[i][1], &back, &size), 0);
        assert_int_equal(size, n);
        assert_memory_equal(back, CASES[i][0], n);
    }
    static const char *const BAD[] = {"Z", "Zg==", "Zm9v!", "Zm+v", "Zm/v", "Zm8\n", "Zh", "Zm9"};
    unsigned char *back;
    size_t size;
    for (size_t i = 0; i < COUNT(BAD); i++) {
        assert_int_equal(crypto_unbase64url(*state, BAD[i], &back, &size), -1);
    }
}

static void crypto__checks_passwords(void **state)
{
    const char *stored = crypto_password_hash(*state, "correct horse", LOG_N);
    assert_memory_equal(stored, "scrypt$ln=10,r=8,p=3$", 21);
    assert_true(crypto_password_check("correct horse", stored, LOG_N));
    assert_false(crypto_password_check("correct hors", stored, LOG_N));
    assert_false(crypto_password_check("", stored, LOG_N));
    assert_true(crypto_password_check("correct horse", stored, LOG_N + 1));
    assert_string_not_equal(stored, crypto_password_hash(*state, "correct horse", LOG_N));
    assert_false(crypto_password_outdated(stored, LOG_N));
    assert_true(crypto_password_outdated(stored, LOG_N + 1));
    assert_true(crypto_password_outdated(NULL, LOG_N));
}

/* Computed with another implementation of scrypt. */
static void crypto__agrees_with_other_scrypts(void **state)
{
    (void)state;
    static const char stored[] = "scrypt$ln=10,r=8,p=3$AAECAwQFBgcICQoLDA0ODw$"
                                 "fOsAF7kqO0_hLmpP3kClm_qk3gBz5Z1RaKutrW9ldrM";
    assert_true(crypto_password_check("pleaseletmein", stored, LOG_N));
}

static void crypto__refuses_malformed_stored_passwords(void **state)
{
    (void)state;
    static const char *const BAD[] = {
        "",
        "x",
        "scrypt$ln=9,r=8,p=3$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "scrypt$ln=18,r=8,p=3$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "scrypt$ln=10,r=99,p=3$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "scrypt$ln=10,r=8,p=0$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "scrypt$ln=10,r=8,p=3$AAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "scrypt$ln=10,r=8,p=3$AAAAAAAAAAAAAAAAAAAAAA$AAAA",
        "scrypt$ln=10,r=8,p=3$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA$",
        "scrypt$ln=10,r=8,p=3$$",
    };
    for (size_t i = 0; i < COUNT(BAD); i++) {
        assert_false(crypto_password_check("x", BAD[i], LOG_N));
        assert_true(crypto_password_outdated(BAD[i], LOG_N));
    }
    assert_false(crypto_password_check("x", NULL, LOG_N));
}

int main(void)
{
    crypto_init();
    const struct CMUnitTest tests[] = {
        UNIT_TEST(crypto__hashes_as_published),
        UNIT_TEST(crypto__hashes_in_pieces),
        UNIT_TEST(crypto__hashes_in_threads),
        UNIT_TEST(crypto__seals_texts),
        UNIT_TEST(crypto__random_bytes_differ),
        UNIT_TEST(crypto__writes_and_reads_base64url),
        UNIT_TEST(crypto__checks_passwords),
        UNIT_TEST(crypto__agrees_with_other_scrypts),
        UNIT_TEST(crypto__refuses_malformed_stored_passwords),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
