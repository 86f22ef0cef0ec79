/* The pool of readers: one user never has all of them, and who has fewest goes first. */
#include "store_fixture.h"

#include <pthread.h>
#include <sched.h>
#include <semaphore.h>

#include "store/store_private.h"

struct guest { /* somebody who takes a reader, tells, and gives it back when told */
    struct store *s;
    int64_t user;
    pthread_t thread;
    sem_t has, give;
};

static void *visit(void *data)
{
    struct guest *g = data;
    struct db *db = store_reader_take(g->s, g->user);
    sem_post(&g->has);
    sem_wait(&g->give);
    store_reader_give(g->s, db);
    return NULL;
}

static void arrive(struct guest *g, struct store *s, int64_t user)
{
    *g = (struct guest){.s = s, .user = user};
    sem_init(&g->has, 0, 0);
    sem_init(&g->give, 0, 0);
    assert_int_equal(pthread_create(&g->thread, NULL, visit, g), 0);
}

static void go(struct guest *g)
{
    sem_post(&g->give);
    pthread_join(g->thread, NULL);
    sem_destroy(&g->has);
    sem_destroy(&g->give);
}

static bool has_one(struct guest *g)
{
    return sem_trywait(&g->has) == 0;
}

/* Returns when so many wait: nothing here can be timed. */
static void until_waiting(struct reader_pool *p, size_t count)
{
    for (size_t n = 0; n != count; sched_yield()) {
        pthread_mutex_lock(&p->lock);
        n = p->wait_count;
        pthread_mutex_unlock(&p->lock);
    }
}

static void readers__leave_one_to_others(void **state)
{
    struct fixture *f = *state; /* its store has two */
    struct guest busy, more, late;
    arrive(&busy, f->s, 1);
    sem_wait(&busy.has);
    arrive(&more, f->s, 1);
    until_waiting(&f->s->pool, 1);

    struct db *other = store_reader_take(f->s, 2); /* does not wait */
    assert_non_null(other);
    arrive(&late, f->s, 3);
    until_waiting(&f->s->pool, 2);
    store_reader_give(f->s, other);
    sem_wait(&late.has); /* before the one who came earlier and has one */
    assert_false(has_one(&more));

    go(&busy);
    sem_wait(&more.has);
    go(&more);
    go(&late);
}

static void readers__never_make_the_system_wait_for_itself(void **state)
{
    struct fixture *f = *state;
    struct db *first = store_reader_take(f->s, 0);
    struct db *second = store_reader_take(f->s, 0);
    assert_non_null(first);
    assert_non_null(second);
    store_reader_give(f->s, first);
    store_reader_give(f->s, second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(readers__leave_one_to_others),
        STORE_TEST(readers__never_make_the_system_wait_for_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
