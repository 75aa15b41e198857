#include "sensors/link_watch.h"

#include "base/error.h"

/* Registers of the PCI Express capability, section 7.5.3; 16-bit ones lie in the high half of those
 * marked so. */
enum {
    AT_FLAGS = 0x00, /* high half */
    AT_LINK_CAPABILITIES = 0x0C,
    AT_LINK_STATUS = 0x10, /* high half */
    AT_SLOT_CAPABILITIES = 0x14,
    AT_SLOT_STATUS = 0x18, /* high half */
    AT_LINK_CONTROL_2 = 0x30,
};

enum {
    FLAGS_VERSION = 0xF, /* Link Control 2 is there from 2 on */
    FLAGS_SLOT = 1 << 8,
    CAN_TELL_ACTIVE = 1 << 20,
    CAN_TELL_BANDWIDTH = 1 << 21,
    LINK_TRAINS = 1 << 11,
    LINK_IS_ACTIVE = 1 << 13,
    LINK_BANDWIDTH_MANAGED = 1 << 14, /* it changed because of errors, or somebody retrained it */
    LINK_AUTONOMOUS = 1 << 15,        /* it changed for another reason */
    SLOT_HOT_PLUG = 1 << 6,
    SLOT_OCCUPIED = 1 << 6,
};

/* Twice and equal. */
static bool read_same(const struct pcie_access *access, uint16_t offset, uint32_t *ret_value)
{
    uint32_t again;

    return access->read(access->context, offset, ret_value) == OK &&
           access->read(access->context, offset, &again) == OK && again == *ret_value;
}

static bool answers(const struct pcie_access *access, const struct link_end *end)
{
    uint32_t identity;

    return end->at && read_same(access, 0, &identity) && identity == end->identity;
}

/* Link Status; 0 where nothing is to be believed. */
static uint16_t status_at(const struct pcie_access *access, const struct link_end *end)
{
    uint32_t value;
    uint16_t status;

    if (!answers(access, end) || !read_same(access, end->at + AT_LINK_STATUS, &value) ||
        value == UINT32_MAX)
        return 0;
    status = (uint16_t)(value >> 16);
    if (status & LINK_TRAINS || (end->can & CAN_TELL_ACTIVE && !(status & LINK_IS_ACTIVE)))
        return 0;
    return status;
}

static uint8_t speed_of(uint32_t link)
{
    return link & 0xF;
}

static uint8_t width_of(uint32_t link)
{
    return link >> 4 & 0x3F;
}

static uint8_t smaller(uint8_t a, uint8_t b)
{
    return a < b ? a : b;
}

/* ---- the beginning */

static bool is_lower_end(uint8_t port)
{
    return port == PCIE_ENDPOINT || port == PCIE_LEGACY_ENDPOINT || port == PCIE_UPSTREAM ||
           port == PCIE_TO_PCI;
}

static bool is_upper_end(uint8_t port)
{
    return port == PCIE_ROOT_PORT || port == PCIE_DOWNSTREAM;
}

static int begin_end(const struct pcie_access *access, bool (*fits)(uint8_t port),
                     struct link_end *ret_end, uint32_t *ret_class)
{
    struct pcie_device device = {.has_pcie = false};

    if (pcie_read_by(access, &device) == ERR_ABSENT || !device.has_pcie || !device.pcie.has_link ||
        !fits(device.pcie.port))
        return ERR_ABSENT;
    *ret_class = device.class_code;
    *ret_end = (struct link_end){
        .identity = device.vendor | (uint32_t)device.device << 16,
        .at = device.pcie_at,
    };
    if (!read_same(access, ret_end->at + AT_LINK_CAPABILITIES, &ret_end->can) ||
        ret_end->can == UINT32_MAX)
        ret_end->can = 0;
    return OK;
}

static bool tells(uint16_t status)
{
    return speed_of(status) && width_of(status);
}

int link_watch_begin(const struct pcie_access *device, const struct pcie_access *port,
                     struct link_watched *ret_watched)
{
    struct link_watched watched = {.last.change = LINK_CHANGES, .told.change = LINK_CHANGES};
    uint16_t status = 0;
    uint32_t class_code;

    if (begin_end(device, is_lower_end, &watched.device, &watched.class_code))
        return ERR_ABSENT;
    if (port && !begin_end(port, is_upper_end, &watched.port, &class_code)) {
        status = status_at(port, &watched.port);
        watched.speed_most = smaller(speed_of(watched.device.can), speed_of(watched.port.can));
        watched.width_most = smaller(width_of(watched.device.can), width_of(watched.port.can));
    }
    watched.port_tells = tells(status);
    if (!watched.port_tells)
        status = status_at(device, &watched.device);
    if (!tells(status))
        return ERR_ABSENT;
    watched.speed_best = speed_of(status);
    watched.width_best = width_of(status);
    *ret_watched = watched;
    return OK;
}

/* ---- a look */

/* Where that cannot be read it counts as done, and nobody is accused. */
static bool was_pulled_out(const struct pcie_access *port, const struct link_end *end)
{
    uint32_t flags, can, status;

    if (!read_same(port, end->at + AT_FLAGS, &flags) ||
        !read_same(port, end->at + AT_SLOT_CAPABILITIES, &can) ||
        !read_same(port, end->at + AT_SLOT_STATUS, &status))
        return true;
    return flags >> 16 & FLAGS_SLOT && can & SLOT_HOT_PLUG && !(status >> 16 & SLOT_OCCUPIED);
}

static bool is_lost(const struct pcie_access *port, const struct link_watched *watched)
{
    if (!watched->port.at)
        return true;
    return answers(port, &watched->port) && !was_pulled_out(port, &watched->port);
}

/* The speed that the port is told to go for, 0 where it does not say. */
static uint8_t target_speed(const struct pcie_access *port, const struct link_watched *watched)
{
    uint32_t flags, control;

    if (!watched->port.at || !read_same(port, watched->port.at + AT_FLAGS, &flags) ||
        (flags >> 16 & FLAGS_VERSION) < 2 ||
        !read_same(port, watched->port.at + AT_LINK_CONTROL_2, &control))
        return 0;
    return speed_of(control);
}

static bool saves_power(uint16_t status, const struct link_watched *watched)
{
    return watched->varies || (watched->port_tells && watched->port.can & CAN_TELL_BANDWIDTH &&
                               status & LINK_AUTONOMOUS && !(status & LINK_BANDWIDTH_MANAGED));
}

static struct link_sight sight_of(uint16_t status, const struct pcie_access *port,
                                  const struct link_watched *watched)
{
    struct link_sight sight = {LINK_AT_START, speed_of(status), width_of(status)};
    uint8_t asked = watched->speed_best, target;

    if (!tells(status)) {
        sight.change = LINK_CHANGES;
        return sight;
    }
    if (sight.speed < asked) {
        target = target_speed(port, watched);
        asked = target ? smaller(asked, target) : asked;
    }
    if (sight.speed < asked || sight.width < watched->width_best)
        sight.change = saves_power(status, watched) ? LINK_CHANGES : LINK_LOWER;
    return sight;
}

static struct link_sight look_at(const struct pcie_access *device, const struct pcie_access *port,
                                 const struct link_watched *watched)
{
    struct link_sight sight = {.change = LINK_CHANGES};
    uint32_t identity;

    if (!read_same(device, 0, &identity))
        return sight;
    if (identity == UINT32_MAX && is_lost(port, watched))
        sight.change = LINK_LOST;
    else if (identity == watched->device.identity)
        sight = sight_of(watched->port_tells ? status_at(port, &watched->port)
                                             : status_at(device, &watched->device),
                         port, watched);
    return sight;
}

/* ---- telling */

static void add_state(struct text *text, uint8_t speed, uint8_t width)
{
    text_format(text, "%s, %u lane%s", pcie_speed_text(speed), width, width == 1 ? "" : "s");
}

static void write_words(struct event_pcie_link *link)
{
    struct text text = text_in(link->text, sizeof(link->text));

    if (link->change == LINK_LOST)
        text_add(&text, "nobody answers");
    else
        add_state(&text, link->speed, link->width);
    if (link->change != LINK_AT_START) {
        text_add(&text, "; it was ");
        add_state(&text, link->speed_best, link->width_best);
    } else if (link->speed_most && link->width_most) {
        text_add(&text, "; both ends can do ");
        add_state(&text, link->speed_most, link->width_most);
    }
}

static void tell(struct link_watched *watched, enum link_change change, struct link_sight sight,
                 struct event_pcie_link *link)
{
    watched->told = sight;
    watched->tellings++;
    *link = (struct event_pcie_link){
        .change = (uint8_t)change,
        .speed = sight.speed,
        .width = sight.width,
        .speed_best = watched->speed_best,
        .width_best = watched->width_best,
        .speed_most = watched->speed_most,
        .width_most = watched->width_most,
    };
    copy_text(link->name, sizeof(link->name), pcie_class_text(watched->class_code));
    write_words(link);
}

/* Of two sights that both are lower the second is news when it is lower still. */
static bool is_news(struct link_sight told, struct link_sight now)
{
    return now.change != told.change ||
           (now.change == LINK_LOWER && (now.speed < told.speed || now.width < told.width));
}

static void raise_best(struct link_watched *watched, struct link_sight sight)
{
    if (sight.speed > watched->speed_best)
        watched->speed_best = sight.speed;
    if (sight.width > watched->width_best)
        watched->width_best = sight.width;
}

bool link_watch_look(const struct pcie_access *device, const struct pcie_access *port,
                     struct link_watched *watched, bool loaded, struct event_pcie_link *ret_link)
{
    struct link_sight before = watched->last, sight;

    if (watched->told.change == LINK_CHANGES) {
        sight = (struct link_sight){LINK_AT_START, watched->speed_best, watched->width_best};
        tell(watched, LINK_AT_START, sight, ret_link);
        return true;
    }
    sight = look_at(device, port, watched);
    if (sight.change == LINK_LOWER && !loaded)
        sight.change = LINK_CHANGES;
    watched->last = sight;
    if (sight.change == LINK_CHANGES || sight.change != before.change ||
        sight.speed != before.speed || sight.width != before.width)
        return false;
    if (sight.change == LINK_AT_START)
        raise_best(watched, sight);
    if (!is_news(watched->told, sight) || watched->tellings == LINK_TELLINGS)
        return false;
    tell(watched, sight.change == LINK_AT_START ? LINK_BACK : (enum link_change)sight.change, sight,
         ret_link);
    return true;
}
