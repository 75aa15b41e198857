/* The two ends of a PCI Express link, register by register: what is told of it in a run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "sensors/link_watch.h"

enum { AT = 0x40, GEN1 = 1, GEN3 = 3, GEN4 = 4 };

enum {
    ACTIVE = 1 << 13,
    TRAINS = 1 << 11,
    MANAGED = 1 << 14,
    AUTONOMOUS = 1 << 15,
};

/* One end. */
struct end {
    uint32_t identity, class_code;
    uint8_t port, version;
    uint32_t can;
    uint16_t status; /* Link Status */
    uint16_t target;
    bool slot, hot_plug, occupied;
    bool gone, fails;
    unsigned writes;
    unsigned odd_reads; /* so many reads of Link Status give `odd` */
    uint32_t odd;
};

static struct end device_end, port_end;

static uint32_t register_of(struct end *end, uint16_t offset)
{
    switch (offset) {
    case 0x00:
        return end->identity;
    case 0x04:
        return 1u << 20;
    case 0x08:
        return end->class_code << 8;
    case 0x34:
        return AT;
    case AT:
        return 0x10 | (uint32_t)(end->version | end->port << 4 | end->slot << 8) << 16;
    case AT + 0x0C:
        return end->can;
    case AT + 0x10:
        if (end->odd_reads) {
            end->odd_reads--;
            return end->odd;
        }
        return (uint32_t)end->status << 16;
    case AT + 0x14:
        return end->hot_plug ? 1 << 6 : 0;
    case AT + 0x18:
        return end->occupied ? 1u << 22 : 0;
    case AT + 0x30:
        return end->target;
    default:
        return 0;
    }
}

static int read_register(void *context, uint16_t offset, uint32_t *ret_value)
{
    struct end *end = context;

    if (end->fails || offset % 4)
        return ERR_IO;
    *ret_value = end->gone ? UINT32_MAX : register_of(end, offset);
    return OK;
}

static int write_register(void *context, uint16_t offset, uint32_t value)
{
    (void)offset;
    (void)value;
    ((struct end *)context)->writes++;
    return OK;
}

static const struct pcie_access device = {
    .context = &device_end, .read = read_register, .write = write_register};
static const struct pcie_access port = {
    .context = &port_end, .read = read_register, .write = write_register};
static struct link_watched watched;
static struct event_pcie_link told;

static uint32_t can(unsigned speed, unsigned width)
{
    return speed | width << 4 | 1 << 20 | 1 << 21;
}

static void runs_at(unsigned speed, unsigned width, unsigned more)
{
    port_end.status = (uint16_t)(speed | width << 4 | ACTIVE | more);
    device_end.status = (uint16_t)(speed | width << 4);
}

/* A network card in a slot of the same kind. */
static void plug(unsigned speed, unsigned width)
{
    device_end = (struct end){.identity = 0x10008086,
                              .class_code = 0x020000,
                              .port = PCIE_ENDPOINT,
                              .version = 2,
                              .can = speed | width << 4};
    port_end = (struct end){.identity = 0x20008086,
                            .class_code = 0x060400,
                            .port = PCIE_ROOT_PORT,
                            .version = 2,
                            .can = can(speed, width),
                            .target = (uint16_t)speed,
                            .slot = true,
                            .occupied = true};
    runs_at(speed, width, 0);
}

static bool look(bool loaded)
{
    memset(&told, 0xAA, sizeof(told));
    return link_watch_look(&device, &port, &watched, loaded, &told);
}

static void begin(void)
{
    assert_int_equal(link_watch_begin(&device, &port, &watched), OK);
    assert_true(look(false));
    assert_int_equal(told.change, LINK_AT_START);
}

static void check_silent(bool loaded)
{
    for (unsigned i = 0; i < 4; i++)
        assert_false(look(loaded));
    assert_int_equal(device_end.writes + port_end.writes, 0);
}

/* Told at the second look, and not again. */
static void check_told(enum link_change change, const char *words)
{
    assert_false(look(true));
    assert_true(look(true));
    assert_int_equal(told.change, change);
    assert_string_equal(told.text, words);
    check_silent(true);
}

static int gen4_x8(void **state)
{
    (void)state;
    plug(GEN4, 8);
    begin();
    return 0;
}

/* ---- faults */

static void drops_under_load(void **state)
{
    (void)state;
    assert_string_equal(told.name, "network controller");
    assert_string_equal(told.text, "16 GT/s, 8 lanes; both ends can do 16 GT/s, 8 lanes");
    check_silent(true);
    runs_at(GEN1, 4, 0);
    check_told(LINK_LOWER, "2.5 GT/s, 4 lanes; it was 16 GT/s, 8 lanes");
    runs_at(GEN4, 8, 0);
    check_told(LINK_BACK, "16 GT/s, 8 lanes; it was 16 GT/s, 8 lanes");
}

static void fields_tell_the_same(void **state)
{
    (void)state;
    runs_at(GEN1, 4, MANAGED | AUTONOMOUS);
    assert_false(look(true));
    assert_true(look(true));
    assert_int_equal(told.speed, 1);
    assert_int_equal(told.width, 4);
    assert_int_equal(told.speed_best, 4);
    assert_int_equal(told.width_best, 8);
    assert_int_equal(told.speed_most, 4);
    assert_int_equal(told.width_most, 8);
}

static void drops_in_steps(void **state)
{
    (void)state;
    runs_at(GEN3, 8, 0);
    check_told(LINK_LOWER, "8 GT/s, 8 lanes; it was 16 GT/s, 8 lanes");
    runs_at(GEN3, 1, 0);
    check_told(LINK_LOWER, "8 GT/s, 1 lane; it was 16 GT/s, 8 lanes");
    runs_at(GEN3, 4, 0); /* a little better is no news */
    check_silent(true);
}

static void drops_below_what_it_rose_to(void **state)
{
    (void)state;
    plug(GEN4, 8);
    runs_at(GEN1, 8, 0);
    begin();
    assert_string_equal(told.text, "2.5 GT/s, 8 lanes; both ends can do 16 GT/s, 8 lanes");
    runs_at(GEN4, 8, 0);
    check_silent(true);
    runs_at(GEN1, 8, 0);
    check_told(LINK_LOWER, "2.5 GT/s, 8 lanes; it was 16 GT/s, 8 lanes");
}

/* The device answers no more, and its port says that the link is down, or not even that. */
static void is_lost(void **state)
{
    (void)state;
    device_end.gone = true;
    port_end.occupied = false; /* which is no word of a slot that is not for hot plug */
    port_end.status = 0;
    check_told(LINK_LOST, "nobody answers; it was 16 GT/s, 8 lanes");
    device_end.gone = false;
    runs_at(GEN4, 8, 0);
    check_told(LINK_BACK, "16 GT/s, 8 lanes; it was 16 GT/s, 8 lanes");
    device_end.gone = true;
    check_told(LINK_LOST, "nobody answers; it was 16 GT/s, 8 lanes");
    device_end.gone = false;
    runs_at(GEN4, 4, 0);
    check_told(LINK_LOWER, "16 GT/s, 4 lanes; it was 16 GT/s, 8 lanes");
}

static void is_lost_in_a_slot_that_says_it_is_there(void **state)
{
    (void)state;
    port_end.hot_plug = true;
    device_end.gone = true;
    check_told(LINK_LOST, "nobody answers; it was 16 GT/s, 8 lanes");
}

/* As with QEMU after an uncorrectable error: what an end can do reads 0 from then on. */
static void drops_after_capabilities_are_lost(void **state)
{
    (void)state;
    device_end.can = port_end.can = 0;
    check_silent(true);
    runs_at(GEN1, 4, 0);
    assert_false(look(true));
    assert_true(look(true));
    assert_int_equal(told.speed_most, 4);
    assert_int_equal(told.width_most, 8);
}

static void is_told_so_many_times(void **state)
{
    unsigned tellings = 1;

    (void)state;
    for (unsigned i = 0; i < 40; i++) {
        runs_at(i % 2 ? GEN4 : GEN1, 8, 0);
        look(true);
        tellings += look(true);
    }
    assert_int_equal(tellings, LINK_TELLINGS);
}

static void without_a_port_the_device_tells(void **state)
{
    (void)state;
    assert_int_equal(link_watch_begin(&device, NULL, &watched), OK);
    assert_true(link_watch_look(&device, NULL, &watched, true, &told));
    assert_string_equal(told.text, "16 GT/s, 8 lanes");
    runs_at(GEN4, 2, 0);
    assert_false(link_watch_look(&device, NULL, &watched, true, &told));
    assert_true(link_watch_look(&device, NULL, &watched, true, &told));
    assert_int_equal(told.change, LINK_LOWER);
    device_end.gone = true;
    assert_false(link_watch_look(&device, NULL, &watched, true, &told));
    assert_true(link_watch_look(&device, NULL, &watched, true, &told));
    assert_int_equal(told.change, LINK_LOST);
}

/* ---- healthy twins */

static void idle_links_are_slow(void **state)
{
    (void)state;
    runs_at(GEN1, 8, 0);
    check_silent(false);
    runs_at(GEN4, 8, 0);
    check_silent(true);
    runs_at(GEN1, 1, 0);
    check_silent(false);
}

static void partners_that_can_do_less(void **state)
{
    (void)state;
    plug(GEN4, 8);
    port_end.can = can(GEN3, 4);
    runs_at(GEN3, 4, 0);
    begin();
    assert_string_equal(told.text, "8 GT/s, 4 lanes; both ends can do 8 GT/s, 4 lanes");
    check_silent(true);
    plug(GEN4, 8);
    runs_at(GEN1, 1, 0); /* slow from the beginning, whatever both can do */
    begin();
    check_silent(true);
}

static void graphics_and_power_savers(void **state)
{
    (void)state;
    watched.varies = true;
    runs_at(GEN1, 1, 0);
    check_silent(true);
    watched.varies = false;
    runs_at(GEN1, 1, AUTONOMOUS);
    check_silent(true);
    runs_at(GEN1, 8, 0);
    port_end.target = GEN1;
    check_silent(true);
}

/* A port that cannot tell of bandwidth, and one of the first version, say nothing by these bits. */
static void bits_that_do_not_count(void **state)
{
    (void)state;
    plug(GEN4, 8);
    port_end.can &= ~(1u << 21);
    port_end.version = 1;
    port_end.target = GEN1;
    begin();
    runs_at(GEN1, 8, AUTONOMOUS);
    check_told(LINK_LOWER, "2.5 GT/s, 8 lanes; it was 16 GT/s, 8 lanes");
}

static void one_reading_is_none(void **state)
{
    (void)state;
    const uint32_t odd[] = {0, UINT32_MAX, (uint32_t)(GEN1 | 1 << 4 | ACTIVE) << 16};

    for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
        port_end.odd = odd[i];
        for (unsigned reads = 1; reads <= 2; reads++) { /* two: a whole look */
            port_end.odd_reads = reads;
            check_silent(true);
        }
    }
    port_end.odd = odd[2];
    for (unsigned i = 0; i < 4; i++) { /* the first one of every look */
        port_end.odd_reads = 1;
        assert_false(look(true));
    }
    device_end.gone = true;
    assert_false(look(true));
    device_end.gone = false;
    check_silent(true);
}

/* Down, not yet answering, training, slow for a moment: each is seen once. */
static void a_reset_of_the_link(void **state)
{
    (void)state;
    device_end.gone = true;
    port_end.status = 0;
    assert_false(look(true));
    device_end.gone = false;
    device_end.identity = 0xFFFF0001;
    assert_false(look(true));
    device_end.identity = 0x10008086;
    runs_at(GEN1, 8, TRAINS);
    assert_false(look(true));
    runs_at(GEN1, 8, 0);
    assert_false(look(true));
    runs_at(GEN4, 8, 0);
    check_silent(true);
}

static void what_cannot_be_read(void **state)
{
    (void)state;
    runs_at(GEN4, 0, 0);
    check_silent(true);
    runs_at(0, 4, 0);
    check_silent(true);
    runs_at(GEN1, 4, TRAINS);
    check_silent(true);
    port_end.status = GEN1 | 4 << 4; /* not active, and yet it answers */
    check_silent(true);
    port_end.fails = true;
    check_silent(true);
    port_end.fails = false;
    device_end.fails = true;
    check_silent(true);
}

static void cards_are_pulled_and_changed(void **state)
{
    (void)state;
    port_end.hot_plug = true;
    port_end.occupied = false;
    port_end.status = 0;
    device_end.gone = true;
    check_silent(true);
    device_end.gone = false;
    device_end.identity = 0x30008086;
    runs_at(GEN1, 1, 0);
    check_silent(true);
}

/* The link above went down: that one is told of. */
static void the_port_is_gone_as_well(void **state)
{
    (void)state;
    device_end.gone = port_end.gone = true;
    check_silent(true);
}

static void there_must_be_a_link(void **state)
{
    (void)state;
    plug(GEN4, 8);
    runs_at(GEN4, 0, 0);
    assert_int_equal(link_watch_begin(&device, &port, &watched), ERR_ABSENT);
    plug(GEN4, 8);
    device_end.port = PCIE_ROOT_ENDPOINT;
    assert_int_equal(link_watch_begin(&device, &port, &watched), ERR_ABSENT);
    device_end.port = PCIE_ROOT_PORT;
    assert_int_equal(link_watch_begin(&device, &port, &watched), ERR_ABSENT);
    plug(GEN4, 8);
    device_end.gone = true;
    assert_int_equal(link_watch_begin(&device, &port, &watched), ERR_ABSENT);
    plug(GEN4, 8);
    port_end.status = 0; /* a port that tells nothing: the device does */
    begin();
    device_end.status = GEN1 | 8 << 4;
    check_told(LINK_LOWER, "2.5 GT/s, 8 lanes; it was 16 GT/s, 8 lanes");
}

static void capabilities_that_read_0(void **state)
{
    (void)state;
    plug(GEN4, 8);
    device_end.can = port_end.can = 0;
    begin();
    assert_string_equal(told.text, "16 GT/s, 8 lanes");
    check_silent(true);
    runs_at(GEN4, 4, 0);
    check_told(LINK_LOWER, "16 GT/s, 4 lanes; it was 16 GT/s, 8 lanes");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(drops_under_load, gen4_x8),
        cmocka_unit_test_setup(fields_tell_the_same, gen4_x8),
        cmocka_unit_test_setup(drops_in_steps, gen4_x8),
        cmocka_unit_test(drops_below_what_it_rose_to),
        cmocka_unit_test_setup(is_lost, gen4_x8),
        cmocka_unit_test_setup(is_lost_in_a_slot_that_says_it_is_there, gen4_x8),
        cmocka_unit_test_setup(drops_after_capabilities_are_lost, gen4_x8),
        cmocka_unit_test_setup(is_told_so_many_times, gen4_x8),
        cmocka_unit_test_setup(without_a_port_the_device_tells, gen4_x8),
        cmocka_unit_test_setup(idle_links_are_slow, gen4_x8),
        cmocka_unit_test(partners_that_can_do_less),
        cmocka_unit_test_setup(graphics_and_power_savers, gen4_x8),
        cmocka_unit_test(bits_that_do_not_count),
        cmocka_unit_test_setup(one_reading_is_none, gen4_x8),
        cmocka_unit_test_setup(a_reset_of_the_link, gen4_x8),
        cmocka_unit_test_setup(what_cannot_be_read, gen4_x8),
        cmocka_unit_test_setup(cards_are_pulled_and_changed, gen4_x8),
        cmocka_unit_test_setup(the_port_is_gone_as_well, gen4_x8),
        cmocka_unit_test(there_must_be_a_link),
        cmocka_unit_test(capabilities_that_read_0),
    };

    return cmocka_run_group_tests_name("link_watch", tests, NULL, NULL);
}
