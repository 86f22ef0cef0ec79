/* Texts in HTML as other programs keep them, to plain lines. */
#include "unit.h"

#include "exchange/html.h"

static const struct {
    const char *html, *text;
} TEXTS[] = {
    {"<p>Likes tea.</p><p>Call <b>early</b>!</p>", "Likes tea.\n\nCall early!"},
    {"One<br>two<br/>three<br><br>four", "One\ntwo\nthree\n\nfour"},
    {"<div>One</div><div><br></div><div>two</div>", "One\n\ntwo"},
    {"<ul><li>One</li><li><p>two</p></li></ul>then", "- One\n- two\nthen"},
    {"  <p> a \n  b&nbsp;&nbsp;c </p> ", "a b c"},
    {"First line\nsecond <b>line</b>\n\n\nlast", "First line\nsecond line\n\nlast"},
    {"<a href=\"https://example.com/a?b=1&amp;c\">Offer</a>.", "Offer (https://example.com/a?b=1&c)."},
    {"<a class=x href='https://example.com'>https://example.com</a>", "https://example.com"},
    {"<a href=\"mailto:ann@example.com\">ann@example.com</a>", "ann@example.com"},
    {"<a href=\"mailto:ann@example.com\">Ann</a>", "Ann (ann@example.com)"},
    {"<a href=\"#top\">Top</a> <a href=\"javascript:x\">x</a>", "Top x"},
    {"<p>M&uuml;ller &amp; S&#246;hne &#x2013; &lt;b&gt; &unknown; & &#; &#xd800;</p>",
     "Müller & Söhne – <b> &unknown; & &#;"},
    {"<b>Mail <ann@example.com></b>, 3 < 4 > 2", "Mail <ann@example.com>, 3 < 4 > 2"},
    {"<style>p { color: red }</style><p>x<script>y < z</script></p>", "x"},
    {"<p>x</p><style>nothing closes it", "x\n\nnothing closes it"},
    {"<p>a<!-- hidden <b> -->b</p><o:p></o:p>", "ab"},
    {"<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"},
    {"<p title=\"a > b\">x</p>", "x"},
    {"x<br>y <b broken", "x\ny <b broken"},
    {"<P>Loud</P>", "Loud"},
    {"<p></p>", ""},
};

static void html__becomes_plain_lines(void **state)
{
    for (size_t i = 0; i < COUNT(TEXTS); i++) {
        assert_true(html_is(TEXTS[i].html));
        assert_string_equal(html_text(*state, TEXTS[i].html), TEXTS[i].text);
    }
}

static void html__is_told_from_other_texts(void **state)
{
    static const char *const PLAIN[] = {"",       "a < b > c", "<ann@example.com>",   "i <3 you",
                                        "<br",    "<bold>",    "1<2 & 3>2",           "<!-- remark -->",
                                        "x <p y", "<>",        "</>",                 "<a\"b>"};
    (void)state;
    for (size_t i = 0; i < COUNT(PLAIN); i++) {
        if (html_is(PLAIN[i])) {
            fail_msg("HTML: %s", PLAIN[i]);
        }
    }
}

/* The sanitizer's own strchr() looks at all that follows each time: with it, fewer do. */
#ifdef __SANITIZE_ADDRESS__
#define MANY 10000
#else
#define MANY 200000
#endif

/* Tags that nothing ends must not be searched again and again. */
static void html__takes_no_longer_for_hostile_texts(void **state)
{
    static const char *const PIECES[] = {"<a \"", "<style>", "<!--", "<b>&#", "<li>", "<a href='", "<", "&"};
    for (size_t i = 0; i < COUNT(PIECES); i++) {
        size_t n = strlen(PIECES[i]);
        char *text = arena_alloc(*state, n * MANY + 1);
        for (size_t k = 0; k < MANY; k++) {
            memcpy(text + k * n, PIECES[i], n);
        }
        text[n * MANY] = 0;
        (void)html_is(text);
        assert_non_null(html_text(*state, text));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        UNIT_TEST(html__becomes_plain_lines),
        UNIT_TEST(html__is_told_from_other_texts),
        UNIT_TEST(html__takes_no_longer_for_hostile_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
