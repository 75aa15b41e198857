/*
 * The outline of a run: its bytes there and back and with each one broken, and the rules by which
 * it is kept in a firmware's store that is full, worn, silent about its room, or refuses.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "report/outline_keeper.h"

static const uint64_t SECOND = 1000000;

enum { STORE_SIZE = 65536 };

/* A firmware's store with one variable, and what is wrong with it. */
static struct {
    struct variable_space space;
    int space_error, write_error, erase_error;
    uint8_t bytes[4096];
    size_t size; /* 0: there is none */
    unsigned writes, erases, asked;
} store;

static int space(void *context, struct variable_space *ret_space)
{
    (void)context;
    store.asked++;
    if (!store.space_error)
        *ret_space = store.space;
    return store.space_error;
}

static int write(void *context, const void *data, size_t size)
{
    (void)context;
    assert_true(size + OUTLINE_OVERHEAD <= 1024);
    store.writes++;
    if (store.write_error)
        return store.write_error;
    memcpy(store.bytes, data, size);
    store.size = size;
    return OK;
}

static int read(void *context, void *buffer, size_t size, size_t *ret_size)
{
    (void)context;
    if (!store.size)
        return ERR_ABSENT;
    if (store.size > size)
        return ERR_FULL;
    memcpy(buffer, store.bytes, store.size);
    *ret_size = store.size;
    return OK;
}

static int erase(void *context)
{
    (void)context;
    store.erases++;
    if (store.erase_error)
        return store.erase_error;
    if (!store.size)
        return ERR_ABSENT;
    store.size = 0;
    return OK;
}

static const struct variable variable = {
    .space = space, .write = write, .read = read, .erase = erase};
static struct outline_keeper keeper;
static struct outline earlier;
static char said[4096];
static unsigned notes;
static struct event prior_run;

static void keep(void *context, struct event *event)
{
    (void)context;
    if (event->type == EVENT_PRIOR_RUN) {
        prior_run = *event;
        return;
    }
    assert_int_equal(event->type, EVENT_NOTE);
    notes++;
    strncat(said, event->note.text, sizeof(said) - strlen(said) - 1);
}

static const struct sink sink = {.emit = keep};

static int setup(void **state)
{
    (void)state;
    memset(&store, 0, sizeof(store));
    memset(&earlier, 0, sizeof(earlier));
    memset(&prior_run, 0, sizeof(prior_run));
    store.space = (struct variable_space){
        .total = STORE_SIZE, .free = STORE_SIZE / 2, .largest = STORE_SIZE / 4};
    said[0] = '\0';
    notes = 0;
    assert_false(outline_keeper_init(&keeper, &variable, &sink, true, &earlier));
    return 0;
}

static void feed(struct event event, uint64_t time_us)
{
    event.time_us = time_us;
    outline_keeper_event(&keeper, &event);
    outline_keeper_flush(&keeper);
}

static struct event phase(const char *name)
{
    struct event event = {.type = EVENT_PHASE_START};

    copy_text(event.phase_start.phase, NAME_SIZE, name);
    return event;
}

static struct event step(const char *name, bool ended)
{
    struct event event = {.type = EVENT_STEP, .step.ended = ended};

    copy_text(event.step.name, NAME_SIZE, name);
    return event;
}

static struct event finding(const char *id, const char *component, enum certainty certainty)
{
    struct event event = {.type = EVENT_FINDING, .finding.certainty = (uint8_t)certainty};

    copy_text(event.finding.id, NAME_SIZE, id);
    copy_text(event.finding.component, TEXT_SIZE, component);
    return event;
}

static const struct event progress = {.type = EVENT_PROGRESS};

/* A run up to its middle. */
static void run(void)
{
    feed((struct event){.type = EVENT_RUN_START, .run_start.number = 41}, 0);
    feed(step("connect controller 00:1f.2", false), SECOND);
    feed(step("connect controller 00:1f.2", true), 2 * SECOND);
    feed(phase("memory"), 3 * SECOND);
    feed(finding("memory-bit-error", "DIMM 0 Acme", POSSIBLE), 100 * SECOND);
    feed(finding("memory-bit-error", "DIMM 0 Acme", LIKELY), 101 * SECOND);
    feed(finding("disk-media", "SN9", CERTAIN), 102 * SECOND);
    feed(phase("imaging"), 200 * SECOND);
    feed(step("first read NVMe 00:03.0", false), 201 * SECOND);
}

static void test_a_run_that_dies_is_told(void **state)
{
    struct outline_keeper next;

    (void)state;
    run();
    assert_int_equal(store.writes, 9);
    assert_int_equal(notes, 0);
    assert_true(outline_keeper_init(&next, &variable, &sink, false, &earlier));
    outline_tell(&earlier, &sink);
    assert_int_equal(prior_run.prior_run.number, 41);
    assert_int_equal(prior_run.prior_run.after_s, 201);
    assert_string_equal(prior_run.prior_run.phase, "imaging");
    assert_string_equal(prior_run.prior_run.step, "first read NVMe 00:03.0");
    assert_int_equal(notes, 2);
    assert_non_null(strstr(said, "had found memory-bit-error (likely): DIMM 0 Acme"));
    assert_non_null(strstr(said, "had found disk-media (certain): SN9"));
    assert_int_equal(store.erases, 0);
    assert_int_equal(outline_keeper_end(&next), OK);
    assert_int_equal(store.size, 0);
    assert_false(outline_keeper_init(&next, &variable, &sink, false, &earlier));
    assert_int_equal(outline_keeper_end(&next), OK);
    assert_int_equal(store.erases, 1);
}

static void test_a_run_that_ends_leaves_nothing(void **state)
{
    (void)state;
    run();
    assert_int_equal(outline_keeper_end(&keeper), OK);
    assert_int_equal(store.size, 0);
    feed(phase("late"), 300 * SECOND);
    assert_int_equal(store.size, 0);
}

static void test_nothing_unless_asked_for(void **state)
{
    (void)state;
    outline_keeper_init(&keeper, &variable, &sink, false, &earlier);
    run();
    assert_int_equal(outline_keeper_end(&keeper), OK);
    assert_int_equal(store.writes + store.erases + store.asked + notes, 0);
}

static void test_refusals(void **state)
{
    static const struct {
        uint64_t total, free, largest;
        int space_error, write_error;
        bool writes;
        const char *said;
    } cases[] = {
        {65536, 32768, 4096, OK, OK, true, ""},
        {65536, 32767, 4096, OK, OK, false, "less than half"},
        {65535, 32767, 4096, OK, OK, false, "less than half"},
        {65535, 32768, 4096, OK, OK, true, ""},
        {65536, 0, 4096, OK, OK, false, "less than half"},
        {0, 0, 4096, OK, OK, false, "less than half"},
        {65536, UINT64_MAX, 4096, OK, OK, false, "less than half"},
        {65536, 65536, OUTLINE_SIZE, OK, OK, false, "no variable of that size"},
        {65536, 65536, 0, OK, OK, false, "no variable of that size"},
        {0, 0, 0, ERR_UNSUPPORTED, OK, false, "does not tell how much room"},
        {0, 0, 0, ERR_IO, OK, false, "does not tell how much room"},
        {65536, 65536, 4096, OK, ERR_FULL, false, "no room left"},
        {65536, 65536, 4096, OK, ERR_REFUSED, false, "refused"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        setup(state);
        store.space = (struct variable_space){
            .total = cases[i].total, .free = cases[i].free, .largest = cases[i].largest};
        store.space_error = cases[i].space_error;
        store.write_error = cases[i].write_error;
        run();
        assert_int_equal(store.size != 0, cases[i].writes);
        assert_int_equal(notes, cases[i].writes ? 0 : 1);
        assert_non_null(strstr(said, cases[i].said));
        assert_int_equal(store.writes, cases[i].writes ? 9 : cases[i].write_error ? 1 : 0);
    }
}

/* Somebody else fills the store while the run goes. */
static void test_store_fills_in_the_middle(void **state)
{
    (void)state;
    feed(phase("memory"), SECOND);
    assert_int_equal(store.writes, 1);
    store.space.free--;
    feed(phase("imaging"), 2 * SECOND);
    feed(phase("verdict"), 200 * SECOND);
    assert_int_equal(store.writes, 1);
    assert_int_equal(notes, 1);
    assert_int_equal(outline_keeper_end(&keeper), OK);
    assert_int_equal(store.size, 0);
}

static void test_flash_is_spared(void **state)
{
    unsigned before;
    char component[32];

    (void)state;
    feed(phase("memory"), 0);
    for (unsigned i = 1; i <= 3600; i++)
        feed(progress, i * SECOND);
    assert_int_equal(store.writes, 1 + 60);
    before = store.writes;
    for (unsigned i = 0; i < 1000; i++) {
        format_text(component, sizeof(component), "SN%u", i);
        feed(finding("disk-media", component, CERTAIN), (3601 + i / 100) * SECOND);
    }
    assert_int_equal(store.writes - before, OUTLINE_WRITES - 1);
    feed(finding("disk-media", "last", CERTAIN), 3700 * SECOND);
    assert_int_equal(store.writes - before, OUTLINE_WRITES);
    assert_int_equal(outline_decode(store.bytes, store.size, &earlier), OK);
    assert_int_equal(earlier.count, OUTLINE_FINDINGS);
    assert_string_equal(earlier.findings[OUTLINE_FINDINGS - 1].component, "last");
    assert_string_equal(earlier.findings[0].component, "SN994");
    assert_int_equal(earlier.found, 1001);
    assert_int_equal(store.size, OUTLINE_SIZE);
    notes = 0;
    outline_tell(&earlier, &sink);
    assert_int_equal(notes, OUTLINE_FINDINGS + 1);
    assert_non_null(strstr(said, "had 994 more findings"));
}

/* What stands there already is no reason to write again. */
static void test_no_write_without_news(void **state)
{
    (void)state;
    feed(phase("memory"), 0);
    feed(finding("disk-media", "SN9", CERTAIN), SECOND);
    for (unsigned i = 0; i < 50; i++) {
        feed(finding("disk-media", "SN9", CERTAIN), 2 * SECOND);
        feed(phase("memory"), 2 * SECOND);
        feed((struct event){.type = EVENT_SAMPLE}, 2 * SECOND);
    }
    assert_int_equal(store.writes, 2);
}

static void test_every_broken_byte_is_noticed(void **state)
{
    uint8_t bytes[OUTLINE_SIZE + 1];
    size_t size;

    (void)state;
    run();
    size = store.size;
    for (size_t i = 0; i < size; i++) {
        memcpy(bytes, store.bytes, size);
        bytes[i] ^= 1 << i % 8;
        assert_int_equal(outline_decode(bytes, size, &earlier), ERR_FORMAT);
    }
    for (size_t i = 0; i < size; i++) {
        uint8_t *cut = malloc(i + 1);

        memcpy(cut, store.bytes, i);
        assert_int_equal(outline_decode(cut, i, &earlier), ERR_FORMAT);
        free(cut);
    }
    memcpy(bytes, store.bytes, size);
    assert_int_equal(outline_decode(bytes, size + 1, &earlier), ERR_FORMAT);
    assert_int_equal(outline_decode(bytes, size, &earlier), OK);
}

static void test_junk_of_another_is_deleted(void **state)
{
    struct outline_keeper next;

    (void)state;
    store.size = 2000; /* larger than any outline */
    assert_false(outline_keeper_init(&next, &variable, &sink, false, &earlier));
    assert_int_equal(outline_keeper_end(&next), OK);
    assert_int_equal(store.size, 0);
    store.size = 16;
    assert_false(outline_keeper_init(&next, &variable, &sink, false, &earlier));
    store.erase_error = ERR_REFUSED;
    assert_int_equal(outline_keeper_end(&next), ERR_REFUSED);
}

static void test_hostile_texts(void **state)
{
    char longest[TEXT_SIZE];

    (void)state;
    memset(longest, '\xC4', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    longest[NAME_SIZE - 1] = '\0';
    feed(phase(longest), 0);
    feed(step(longest, false), 0);
    memset(longest, '\n', sizeof(longest) - 1);
    feed(finding("id", longest, LIKELY), 0);
    assert_int_equal(outline_decode(store.bytes, store.size, &earlier), OK);
    assert_int_equal(strlen(earlier.phase), OUTLINE_PHASE_SIZE - 1);
    assert_int_equal(strlen(earlier.step), OUTLINE_STEP_SIZE - 1);
    assert_int_equal(strlen(earlier.findings[0].component), OUTLINE_COMPONENT_SIZE - 1);
    for (const char *c = earlier.findings[0].component; *c; c++)
        assert_in_range(*c, ' ', '~');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_a_run_that_dies_is_told, setup),
        cmocka_unit_test_setup(test_a_run_that_ends_leaves_nothing, setup),
        cmocka_unit_test_setup(test_nothing_unless_asked_for, setup),
        cmocka_unit_test_setup(test_refusals, setup),
        cmocka_unit_test_setup(test_store_fills_in_the_middle, setup),
        cmocka_unit_test_setup(test_flash_is_spared, setup),
        cmocka_unit_test_setup(test_no_write_without_news, setup),
        cmocka_unit_test_setup(test_every_broken_byte_is_noticed, setup),
        cmocka_unit_test_setup(test_junk_of_another_is_deleted, setup),
        cmocka_unit_test_setup(test_hostile_texts, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
