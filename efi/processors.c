#include "efi/processors.h"

#include "base/error.h"
#include "efi/clock.h"
#include "efi/firmware.h"
#include "efi/machine_check.h"
#include "efi/ports.h"
#include "sensors/machine_check.h"
#include "stress/kernel.h"

enum {
    PROCESSORS_MAX = 256,
    STACK_SIZE = 64 * 1024,
    CHECKS_MAX = 32, /* machine-check records that wait for the boot processor, of one processor */
    PROOF_US = 2000000, /* a started processor has shown itself within this time */
    SLICE_US = 250000,
    STOP_US = 1000000,
    TICK_US = 1000000,
};

/* One other processor: what it needs, and what it tells. */
struct processor {
    unsigned number; /* the firmware's */
    uint32_t apic;
    void *stack_top;
    atomic_bool running;
    atomic_uint checks_put; /* records ever written by the processor */
    unsigned checks_taken;  /* and taken by the boot processor */
    struct event_machine_check checks[CHECKS_MAX];
    bool asked_banks;
    unsigned banks;
    uint16_t package, core; /* where it is */
    struct cpu_registers registers;
    atomic_uint samples_put; /* the one of number n is samples[n % 2] */
    struct cpu_sample samples[2];
    uint64_t next_tick;
    EFI_EVENT event;
};

enum way { WAY_ALL, WAY_ONE_BY_ONE, WAY_SLICES, WAY_NONE };

static const char *const way_names[] = {
    "all started at once",
    "started one by one",
    "started in short slices",
    "none",
};

static struct {
    bool started;
    struct mp_services *service;
    struct queue queue;
    struct processor *list; /* PROCESSORS_MAX */
    unsigned count;         /* other processors that may be used */
    unsigned present;
    unsigned boot_number;
    uint16_t boot_package, boot_core;
    enum way way;
    enum mp_fault fault;
    bool avx; /* the kernels use it, so each processor enables its state */
    const struct access *access;
    atomic_bool stop, senses;
    _Atomic uint64_t slice_end; /* ticks; 0: no end */
    EFI_EVENT event;
} state;

/* On the clock that the time-stamp counters of all processors share, more or less. */
static uint64_t ticks_us(void)
{
    uint64_t ticks = clock_ticks(), of_ms = clock_ticks_for(1000);

    return ticks / of_ms * 1000 + ticks % of_ms * 1000 / of_ms;
}

static void sample_self(struct processor *self)
{
    unsigned put = atomic_load_explicit(&self->samples_put, memory_order_relaxed) + 1;
    struct cpu_sample *sample = &self->samples[put % 2];

    sample->time_us = ticks_us();
    sample->package = self->package;
    sample->core = self->core;
    cpu_sample_read(state.access, &self->registers, sample);
    atomic_store_explicit(&self->samples_put, put, memory_order_release);
}

/* Reads the calling processor's own banks and sensors, once a second. */
static void tick(struct processor *self)
{
    struct event_machine_check found[4];
    unsigned count;
    unsigned put = atomic_load_explicit(&self->checks_put, memory_order_relaxed);
    bool first = !self->asked_banks;

    if (clock_ticks() < self->next_tick)
        return;
    self->next_tick = clock_ticks() + clock_ticks_for(TICK_US);
    if (first) {
        int banks = machine_check_banks(state.access);

        self->banks = banks > 0 ? (unsigned)banks : 0;
        self->registers = own_registers();
        self->asked_banks = true;
    }
    count = machine_check_read(state.access, self->banks, handler_held(), (uint16_t)self->number,
                               first, found, 4);
    for (unsigned i = 0; i < count; i++)
        self->checks[put++ % CHECKS_MAX] = found[i];
    atomic_store_explicit(&self->checks_put, put, memory_order_release);
    if (atomic_load_explicit(&state.senses, memory_order_relaxed))
        sample_self(self);
}

static bool slice_is_over(void)
{
    uint64_t end = atomic_load_explicit(&state.slice_end, memory_order_relaxed);

    return end && clock_ticks() >= end;
}

/* The life of another processor: jobs, its own registers, and PAUSE. */
static void work(void *argument)
{
    struct processor *self = argument;

    handler_install((uint16_t)self->number);
    atomic_store(&self->running, true);
    while (!atomic_load_explicit(&state.stop, memory_order_acquire) && !slice_is_over()) {
        tick(self);
        if (!queue_run_one(&state.queue, self->number))
            clock_relax();
    }
    if (atomic_load(&state.stop))
        handler_leave();
    atomic_store(&self->running, false);
}

/* SSE state as the ABI wants it; firmware need not have left it so. */
static void prepare_sse(void)
{
    uint64_t cr0, cr4;
    uint32_t mxcsr = 0x1F80;

    __asm__ volatile("mov %%cr0, %0" : "=r"(cr0));
    __asm__ volatile("mov %0, %%cr0" : : "r"((cr0 & ~(uint64_t)0xC) | 2)); /* EM, TS off; MP on */
    __asm__ volatile("mov %%cr4, %0" : "=r"(cr4));
    __asm__ volatile("mov %0, %%cr4" : : "r"(cr4 | 0x600)); /* OSFXSR, OSXMMEXCPT */
    __asm__ volatile("fninit; ldmxcsr %0" : : "m"(mxcsr));
}

/* The calling processor's AVX state (Intel SDM volume 1, 13.3); firmware leaves it off. */
static void prepare_avx(void)
{
    uint64_t cr4;
    uint32_t low, high;

    __asm__ volatile("mov %%cr4, %0" : "=r"(cr4));
    __asm__ volatile("mov %0, %%cr4" : : "r"(cr4 | 1 << 18)); /* OSXSAVE */
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    __asm__ volatile("xsetbv" : : "a"(low | 7), "d"(high), "c"(0)); /* x87, SSE, AVX */
}

static struct kernel_cpuid read_features(void)
{
    const uint32_t last = cpuid(0, 0).eax, hypervisor = 0x40000000;
    struct kernel_cpuid features = {.leaf_1_ecx = cpuid(1, 0).ecx, .leaf_1_edx = cpuid(1, 0).edx};

    if (last >= 7)
        features.leaf_7_ebx = cpuid(7, 0).ebx;
    if (last >= 0xD)
        features.leaf_d_eax = cpuid(0xD, 0).eax;
    if (features.leaf_1_ecx >> 31) { /* there is a hypervisor, and its leaf */
        struct cpuid signature = cpuid(hypervisor, 0);

        features.hypervisor_ebx = signature.ebx;
        features.hypervisor_ecx = signature.ecx;
        features.hypervisor_edx = signature.edx;
    }
    return features;
}

/* Which kernels the run uses; before any other processor takes a job. */
static void choose_kernels(void)
{
    struct kernel_cpuid cpuid = read_features();
    struct kernel_features features = kernel_features(&cpuid);

    kernels_use(kernels_choose(&features));
    state.avx = kernels_used() == &kernels_avx2;
    if (state.avx)
        prepare_avx(); /* the boot processor takes jobs, too */
}

/* Calls function(argument) on another stack and comes back on this one. */
static void call_on_stack(void (*function)(void *), void *argument, void *stack_top)
{
    __asm__ volatile("mov %%rsp, %%rbx\n\t"
                     "mov %2, %%rsp\n\t"
                     "call *%0\n\t"
                     "mov %%rbx, %%rsp"
                     : "+a"(function), "+D"(argument)
                     : "r"(stack_top)
                     : "rbx", "rcx", "rdx", "rsi", "r8", "r9", "r10", "r11", "memory", "cc", "xmm0",
                       "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9",
                       "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");
}

/* What the firmware starts. Which processor this is, its APIC id tells. */
static VOID EFIAPI arrive(VOID *argument)
{
    uint32_t id = apic_id();

    (void)argument;
    for (unsigned i = 0; i < state.count; i++) {
        struct processor *self = &state.list[i];

        if (self->apic == id && !atomic_load(&self->running)) {
            prepare_sse();
            if (state.avx)
                prepare_avx();
            call_on_stack(work, self, self->stack_top);
            return;
        }
    }
}

static EFI_STATUS start_all(EFI_EVENT event, UINTN timeout_us)
{
    if (state.fault == MP_REFUSES || (state.fault == MP_REFUSES_EVENTS && event))
        return EFI_UNSUPPORTED;
    if (state.fault == MP_SILENT)
        return EFI_SUCCESS;
    while (state.fault == MP_HANGS)
        __asm__ volatile("pause"); /* the watchdog ends this; the next boot knows the step */
    return state.service->start_all(state.service, arrive, FALSE, event, timeout_us, NULL, NULL);
}

static EFI_STATUS start_one(struct processor *processor)
{
    if (state.fault == MP_REFUSES || state.fault == MP_REFUSES_EVENTS)
        return EFI_UNSUPPORTED;
    if (state.fault == MP_SILENT)
        return EFI_SUCCESS;
    if (EFI_ERROR(firmware.boot->CreateEvent(0, 0, NULL, NULL, &processor->event)))
        return EFI_OUT_OF_RESOURCES;
    return state.service->start_one(state.service, arrive, processor->number, processor->event, 0,
                                    NULL, NULL);
}

static unsigned running(void)
{
    unsigned count = 0;

    for (unsigned i = 0; i < state.count; i++)
        count += atomic_load(&state.list[i].running);
    return count;
}

/* Waits until all have shown themselves, or the time is up; returns how many have. */
static unsigned wait_for_proof(void)
{
    uint64_t end = clock_ticks() + clock_ticks_for(PROOF_US);

    while (running() < state.count && clock_ticks() < end)
        firmware.boot->Stall(1000);
    return running();
}

static bool try_all(void)
{
    if (EFI_ERROR(firmware.boot->CreateEvent(0, 0, NULL, NULL, &state.event)))
        return false;
    return !EFI_ERROR(start_all(state.event, 0)) && wait_for_proof() > 0;
}

static bool try_one_by_one(void)
{
    for (unsigned i = 0; i < state.count; i++) {
        /* A busy processor is not started twice: some services do not check. */
        if (!atomic_load(&state.list[i].running) && EFI_ERROR(start_one(&state.list[i])))
            break;
    }
    return wait_for_proof() > 0;
}

static void run_slice(void)
{
    atomic_store(&state.slice_end, clock_ticks() + clock_ticks_for(SLICE_US));
    start_all(NULL, 4 * SLICE_US);
}

static bool try_slices(void)
{
    unsigned seen = 0;

    run_slice();
    for (unsigned i = 0; i < state.count; i++)
        seen += state.list[i].asked_banks;
    return seen > 0;
}

static bool try_way(enum way way)
{
    switch (way) {
    case WAY_ALL:
        return try_all();
    case WAY_ONE_BY_ONE:
        return try_one_by_one();
    case WAY_SLICES:
        return try_slices();
    default:
        return true;
    }
}

static int submit(void *context, struct job *job)
{
    (void)context;
    return queue_put(&state.queue, job);
}

static void poll(void *context)
{
    (void)context;
    if (state.way == WAY_SLICES)
        run_slice();
    else if (state.way == WAY_NONE)
        queue_run_one(&state.queue, state.boot_number);
}

static bool help(void *context)
{
    (void)context;
    return queue_run_one(&state.queue, state.boot_number);
}

/* Lists the processors that may be used and gives each its stack. */
static void list_processors(unsigned limit)
{
    UINTN total = 0, enabled = 0, self = 0;

    state.present = 1;
    state.list = pages_for(PROCESSORS_MAX * sizeof(*state.list));
    if (!state.list)
        return;
    if (EFI_ERROR(state.service->get_count(state.service, &total, &enabled)))
        return;
    state.present = (unsigned)total;
    state.service->who_am_i(state.service, &self);
    state.boot_number = (unsigned)self;
    for (UINTN i = 0; i < total && state.count < PROCESSORS_MAX && state.count + 1 < limit; i++) {
        struct mp_processor_info info = {0};
        struct processor *processor = &state.list[state.count];
        uint8_t *stack;

        if (EFI_ERROR(state.service->get_info(state.service, i, &info)))
            continue;
        if (info.flags & MP_FLAG_BOOT) {
            state.boot_package = (uint16_t)info.package;
            state.boot_core = (uint16_t)info.core;
        }
        if ((info.flags & MP_FLAG_BOOT) || !(info.flags & MP_FLAG_ENABLED))
            continue;
        stack = pages_for(STACK_SIZE);
        if (!stack)
            return;
        processor->number = (unsigned)i;
        processor->apic = (uint32_t)info.id;
        processor->package = (uint16_t)info.package;
        processor->core = (uint16_t)info.core;
        processor->stack_top = stack + STACK_SIZE;
        state.count++;
    }
}

static void say_result(const struct processors_config *config, unsigned working)
{
    emit_note(config->sink, SEVERITY_INFO, "Processors: %u of %u work (%s).", working + 1,
              state.present, state.count ? way_names[state.way] : "no others");
    emit_note(config->sink, SEVERITY_INFO, "Memory kernels: %s.", kernels_used()->name);
    if (config->skip)
        emit_not_tested(config->sink, "processors", PART_ALL_PROCESSORS, false,
                        "not started: the last boot hung while starting them");
    else if (working < state.count)
        emit_not_tested(config->sink, "processors", PART_ALL_PROCESSORS, false,
                        "%u of %u could not be started by the firmware; the run goes on with %u",
                        state.count - working, state.present, working + 1);
}

static void start(const struct processors_config *config)
{
    queue_init(&state.queue);
    choose_kernels();
    state.fault = config->fault;
    state.access = config->access;
    state.present = 1;
    state.service = protocol_anywhere(&mp_services_guid);
    if (!state.service)
        emit_note(config->sink, SEVERITY_WARNING,
                  "The firmware has no multiprocessor service: one processor is used.");
    else if (!config->skip)
        list_processors(config->limit);
    state.way = state.count ? WAY_ALL : WAY_NONE;
    emit_step(config->sink, "start processors", false);
    while (!try_way(state.way)) {
        atomic_store(&state.slice_end, 0);
        state.way++;
    }
    emit_step(config->sink, "start processors", true);
}

void processors_start(const struct processors_config *config, struct workers *ret_workers)
{
    unsigned others;

    if (!state.started)
        start(config);
    state.started = true;
    others = processors_working() - 1;
    say_result(config, others);
    *ret_workers = (struct workers){
        .count = others ? others : 1,
        .submit = submit,
        .poll = poll,
        .help = help,
    };
}

unsigned processors_working(void)
{
    return state.way == WAY_NONE ? 1 : (state.way == WAY_SLICES ? state.count : running()) + 1;
}

unsigned processors_present(void)
{
    return state.present;
}

unsigned processors_boot_number(void)
{
    return state.boot_number;
}

unsigned processors_machine_checks(struct event_machine_check *ret, unsigned limit)
{
    unsigned count = 0;

    for (unsigned i = 0; i < state.count; i++) {
        struct processor *processor = &state.list[i];
        unsigned put = atomic_load_explicit(&processor->checks_put, memory_order_acquire);

        if (put - processor->checks_taken > CHECKS_MAX)
            processor->checks_taken = put - CHECKS_MAX;
        while (processor->checks_taken != put && count < limit)
            ret[count++] = processor->checks[processor->checks_taken++ % CHECKS_MAX];
    }
    return count;
}

void processors_sense(bool on)
{
    atomic_store_explicit(&state.senses, on, memory_order_relaxed);
}

static bool sample_boot(struct cpu_sample *ret_sample)
{
    struct cpu_registers registers = own_registers();

    *ret_sample = (struct cpu_sample){
        .time_us = ticks_us(), .package = state.boot_package, .core = state.boot_core};
    cpu_sample_read(state.access, &registers, ret_sample);
    return true;
}

/* The next sample comes a second later and into the other place: the copy is whole unless the
 * processor has put two meanwhile. */
static bool sample_other(const struct processor *processor, struct cpu_sample *ret_sample)
{
    unsigned put = atomic_load_explicit(&processor->samples_put, memory_order_acquire);
    struct cpu_sample sample = processor->samples[put % 2];

    atomic_thread_fence(memory_order_acquire);
    if (!put || atomic_load_explicit(&processor->samples_put, memory_order_relaxed) != put)
        return false;
    *ret_sample = sample;
    return true;
}

bool processors_sample(unsigned index, struct cpu_sample *ret_sample)
{
    if (!state.access || index > state.count)
        return false;
    return index ? sample_other(&state.list[index - 1], ret_sample) : sample_boot(ret_sample);
}

void processors_stop(void)
{
    uint64_t end = clock_ticks() + clock_ticks_for(STOP_US);

    atomic_store_explicit(&state.stop, true, memory_order_release);
    while (running() && clock_ticks() < end)
        firmware.boot->Stall(1000);
}
