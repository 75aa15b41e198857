/*
 * Heat in a made-up machine: a die, the metal that spreads its heat, a heat sink and the air of a
 * case, fans that follow a curve, and a processor that slows down at its limit of temperature.
 *
 * A network of resistances and capacities, in degrees, watts, seconds. The figures are those of
 * machines; none is taken from a rule, and no header of the diagnosis is included. Floating point
 * is for the host alone.
 */
#ifndef ASSAY_TESTS_SIM_HEAT_MODEL_H
#define ASSAY_TESTS_SIM_HEAT_MODEL_H

#include <stdbool.h>
#include <stdint.h>

enum heat_kind {
    HEAT_NOTEBOOK,
    HEAT_MINI,
    HEAT_DESKTOP,
    HEAT_SEEKER, /* a desktop whose processor goes to its limit by design */
    HEAT_LIQUID,
    HEAT_SERVER,
    HEAT_KINDS,
};

enum heat_fault {
    HEAT_LOOSE,
    HEAT_DRY,
    HEAT_FAN_DEAD,
    HEAT_FAN_SLOW,
    HEAT_FAN_DEAF,
    HEAT_BLOCKED,
    HEAT_WEAK_SUPPLY,
    HEAT_FAULTS,
    HEAT_HEALTHY = HEAT_FAULTS,
};

extern const char *const heat_kind_names[HEAT_KINDS];
extern const char *const heat_fault_names[HEAT_FAULTS + 1];

enum heat_phase {
    HEAT_BASELINE,
    HEAT_MEMORY,
    HEAT_DISKS,
    HEAT_IMAGING,
    HEAT_COOL_DOWN,
    HEAT_PHASES,
};

enum { HEAT_FANS = 4 };

struct heat_fan {
    double rpm_max, slowest; /* the latter as a share of it */
    double cool, hot;        /* of the die: slowest below, full above */
    bool constant, pump;
    bool passive;   /* off while cool */
    bool follows;   /* the air of the case, not the die */
    double fails_s; /* it dies or slows down then; negative: never; 0: it did before the run */
    double left;    /* share of its speed that is left then, at most and for good */
    bool stuck;     /* at its slowest, whatever the heat */
    bool readable, named;
    bool failed;
    double most;  /* since it failed */
    double speed; /* now, as a share of the full one */
};

struct heat_machine {
    uint64_t seed, dealing, noise;
    enum heat_kind kind;
    enum heat_fault fault;
    double ambient, limit;
    double power_idle, power_base; /* at its base clock, all of it at work */
    double power_long, power_burst, burst_s, power_limit;
    double clock_base, clock_top;
    bool slow_firmware;                  /* never reaches its base clock, and is well */
    double junction, contact, sink, air; /* K/W; sink and air with all fans at full speed */
    double still_sink, still_air;        /* share of the conductance that is left without fans */
    double spreader_capacity, sink_capacity, air_capacity; /* J/K */
    double supply_s, supply_share; /* when another device slows it down, and how far */
    double drive_rest, drive_rise, drive_s;
    double board_share, module_share;
    struct heat_fan fans[HEAT_FANS];
    unsigned fan_count;
    double phases_s[HEAT_PHASES], loads[HEAT_PHASES];

    /* now */
    double time_s, load_s, power, clock, smoothed, wave;
    double die, spreader, sinks, case_air, drive;
    bool prochot;
    double slow_s, slow_longest_s, slow_hottest; /* below base clock, for whatever reason */
    double drive_load;
};

/* Everything as it is when the machine has long been idle. */
void heat_settle(struct heat_machine *machine);
/* A fraction of a second goes by in this phase. */
void heat_step(struct heat_machine *machine, enum heat_phase phase, double seconds);

/* Random numbers of the making, and of the running. */
double heat_from(struct heat_machine *machine, double low, double high);
bool heat_chance(struct heat_machine *machine, unsigned percent);
double heat_noise(struct heat_machine *machine, double size); /* about 0 */

#endif
