#include "efi/machine_check.h"

#include <stdatomic.h>

#include "base/error.h"
#include "efi/clock.h"
#include "efi/firmware.h"
#include "efi/ports.h"
#include "efi/reset.h"
#include "sensors/machine_check_handler.h"

#define CR0_WP (1ull << 16)
#define CR4_MCE (1ull << 6)
#define CR4_CET (1ull << 23)
#define GATE_PRESENT_INTERRUPT 0x8E00ull /* privilege 0, no stack of its own */

enum {
    SLOTS_MAX = 257, /* other processors, and this one */
    VECTOR = 18,
    GATE_SIZE = 16,
    LOCK_US = 100000,
    OTHER_RESETS_US = 3000000,
};

/* Entry of an interrupt table in 64-bit mode: Intel SDM volume 3, "64-Bit Mode IDT". */
struct gate {
    uint64_t low, high;
};

struct slot {
    atomic_uint apic; /* APIC id plus one; 0 until the rest is made */
    struct machine_check_handler handler;
    volatile struct gate *place; /* NULL: another processor has put the gate there */
    struct gate old;
    bool set_mce;
};

static struct {
    struct slot *slots; /* SLOTS_MAX */
    atomic_uint count;
    const struct access *access;
    atomic_flag lock;
    atomic_bool resetting;
} state;

static struct slot *own_slot(void)
{
    unsigned apic = apic_id() + 1;
    unsigned count = state.slots ? atomic_load(&state.count) : 0;

    for (unsigned i = 0; i < count && i < SLOTS_MAX; i++) {
        if (atomic_load(&state.slots[i].apic) == apic)
            return &state.slots[i];
    }
    return NULL;
}

/* ---- in the exception */

/* The first processor that cannot go on resets the machine; others wait for that. */
static void give_up(struct slot *slot, enum machine_check_answer answer)
{
    uint64_t end = clock_ticks() + clock_ticks_for(OTHER_RESETS_US);

    if (!atomic_exchange(&state.resetting, true) && slot) {
        reset_print(""); /* whatever stands in the line */
        machine_check_tell(&slot->handler, answer, reset_print);
    } else {
        while (clock_ticks() < end)
            __asm__ volatile("pause");
    }
    reset_now();
}

static __attribute__((used)) void raised(void)
{
    struct slot *slot = own_slot();
    enum machine_check_answer answer =
        slot ? machine_check_raised(&slot->handler) : MACHINE_CHECK_NO_RETURN;

    if (answer != MACHINE_CHECK_GO_ON)
        give_up(slot, answer);
}

/* The exception may come between any two instructions, so what C may change is kept, SSE registers
 * as well. Upper halves of vector registers are touched by no code of the image that runs here. */
static __attribute__((naked)) void entry(void)
{
    __asm__ volatile("push %rbp\n\t"
                     "mov %rsp, %rbp\n\t"
                     "push %rax\n\t"
                     "push %rcx\n\t"
                     "push %rdx\n\t"
                     "push %rsi\n\t"
                     "push %rdi\n\t"
                     "push %r8\n\t"
                     "push %r9\n\t"
                     "push %r10\n\t"
                     "push %r11\n\t"
                     "sub $512, %rsp\n\t"
                     "and $-16, %rsp\n\t"
                     "fxsave64 (%rsp)\n\t"
                     "cld\n\t"
                     "call raised\n\t"
                     "fxrstor64 (%rsp)\n\t"
                     "lea -72(%rbp), %rsp\n\t"
                     "pop %r11\n\t"
                     "pop %r10\n\t"
                     "pop %r9\n\t"
                     "pop %r8\n\t"
                     "pop %rdi\n\t"
                     "pop %rsi\n\t"
                     "pop %rdx\n\t"
                     "pop %rcx\n\t"
                     "pop %rax\n\t"
                     "pop %rbp\n\t"
                     "iretq");
}

/* ---- putting it in place */

static uint64_t read_cr4(void)
{
    uint64_t value;

    __asm__ volatile("mov %%cr4, %0" : "=r"(value));
    return value;
}

static void write_cr4(uint64_t value)
{
    __asm__ volatile("mov %0, %%cr4" : : "r"(value) : "memory");
}

static struct gate own_gate(void)
{
    uint64_t address = (uint64_t)(uintptr_t)entry;
    uint16_t selector;

    __asm__ volatile("mov %%cs, %0" : "=r"(selector));
    return (struct gate){
        .low = (address & 0xFFFF) | (uint64_t)selector << 16 | GATE_PRESENT_INTERRUPT << 32 |
               (address >> 16 & 0xFFFF) << 48,
        .high = address >> 32,
    };
}

/* The gate of vector 18 in the calling processor's table, or NULL. */
static volatile struct gate *gate_place(void)
{
    struct __attribute__((packed)) {
        uint16_t limit;
        uint64_t base;
    } table;

    __asm__ volatile("sidt %0" : "=m"(table));
    if (table.limit < (VECTOR + 1) * GATE_SIZE - 1)
        return NULL;
    return (volatile struct gate *)(uintptr_t)(table.base + (uint64_t)VECTOR * GATE_SIZE);
}

static bool same_gate(volatile struct gate *place, struct gate gate)
{
    return place->low == gate.low && place->high == gate.high;
}

/* Firmware may keep the table in pages that are read-only; with CET, WP cannot be lifted. */
static void write_gate(volatile struct gate *place, struct gate gate)
{
    bool may_lift = !(read_cr4() & CR4_CET);
    uint64_t cr0, flags;

    __asm__ volatile("pushfq; pop %0; cli" : "=r"(flags) : : "memory");
    __asm__ volatile("mov %%cr0, %0" : "=r"(cr0));
    if (may_lift)
        __asm__ volatile("mov %0, %%cr0" : : "r"(cr0 & ~CR0_WP) : "memory");
    place->high = gate.high;
    place->low = gate.low;
    if (may_lift)
        __asm__ volatile("mov %0, %%cr0" : : "r"(cr0) : "memory");
    __asm__ volatile("push %0; popfq" : : "r"(flags) : "memory", "cc");
}

/* Processors may share a table, so only one at a time looks and writes. */
static bool lock(void)
{
    uint64_t end = clock_ticks() + clock_ticks_for(LOCK_US);

    while (atomic_flag_test_and_set_explicit(&state.lock, memory_order_acquire)) {
        if (clock_ticks() >= end)
            return false;
        __asm__ volatile("pause");
    }
    return true;
}

static bool put_gate(struct slot *slot)
{
    volatile struct gate *place = gate_place();
    struct gate gate = own_gate();

    if (!place || !lock())
        return false;
    if (!same_gate(place, gate)) {
        slot->old = (struct gate){place->low, place->high};
        slot->place = place;
        write_gate(place, gate);
    }
    atomic_flag_clear_explicit(&state.lock, memory_order_release);
    return true;
}

static struct slot *new_slot(uint16_t processor)
{
    unsigned index = state.slots ? atomic_fetch_add(&state.count, 1) : SLOTS_MAX;
    struct slot *slot;

    if (index >= SLOTS_MAX)
        return NULL;
    slot = &state.slots[index];
    if (machine_check_handler_init(&slot->handler, state.access, processor))
        return NULL;
    atomic_store(&slot->apic, apic_id() + 1);
    return slot;
}

void handler_begin(const struct access *access)
{
    state.access = access;
    state.slots = pages_for(SLOTS_MAX * sizeof(*state.slots));
}

bool handler_install(uint16_t processor)
{
    struct slot *slot = own_slot();

    if (!slot)
        slot = new_slot(processor);
    if (!slot || !put_gate(slot))
        return false;
    slot->handler.processor = processor;
    if (!(read_cr4() & CR4_MCE)) {
        slot->set_mce = true;
        write_cr4(read_cr4() | CR4_MCE);
    }
    return true;
}

/* ---- what it has found */

uint32_t handler_held(void)
{
    struct slot *slot = own_slot();

    return slot ? machine_check_held(&slot->handler) : 0;
}

/* The slots that are in use, one after the other; NULL behind the last. */
static struct slot *next_slot(unsigned *index)
{
    unsigned count = state.slots ? atomic_load(&state.count) : 0;

    while (*index < count && *index < SLOTS_MAX) {
        struct slot *slot = &state.slots[(*index)++];

        if (atomic_load(&slot->apic))
            return slot;
    }
    return NULL;
}

unsigned handler_take(struct event_machine_check *ret, unsigned limit)
{
    struct slot *slot;
    unsigned count = 0;

    for (unsigned i = 0; (slot = next_slot(&i));)
        count += machine_check_take(&slot->handler, ret + count, limit - count);
    return count;
}

void handler_flushed(void)
{
    struct slot *slot;

    for (unsigned i = 0; (slot = next_slot(&i));)
        machine_check_flushed(&slot->handler);
}

unsigned handler_installed(void)
{
    unsigned count = 0;

    for (unsigned i = 0; next_slot(&i);)
        count++;
    return count;
}

/* ---- and away */

void handler_leave(void)
{
    struct slot *slot = own_slot();

    if (slot && slot->set_mce)
        write_cr4(read_cr4() & ~CR4_MCE);
    if (slot)
        slot->set_mce = false;
}

void handler_remove(void)
{
    struct slot *slot;

    for (unsigned i = 0; (slot = next_slot(&i));) {
        if (slot->place && same_gate(slot->place, own_gate()))
            write_gate(slot->place, slot->old);
        slot->place = NULL;
    }
    handler_leave();
}
