#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "sensors/cper_fields.h"
#include "sensors/cper_memory.h"
#include "sensors/cper_pcie.h"
#include "sensors/cper_processor.h"
#include "tests/sim/hex.h"
#include "tests/unit/cper_samples.h"

enum { SIZE_MAX_HERE = 4096 };

static uint8_t bytes[SIZE_MAX_HERE];

/* The only section of a record. */
static struct cper_section only(const char *sample, struct cper_record *ret_record)
{
    struct cper_section section, none;
    struct cper_walk walk;
    size_t size = from_hex(sample, bytes, sizeof(bytes));

    assert_int_equal(cper_record_begin(bytes, size, ret_record, &walk), OK);
    assert_true(cper_next(&walk, &section));
    assert_false(cper_next(&walk, &none));
    assert_int_equal(walk.error, OK);
    return section;
}

static void check_guid(const struct cper_guid *guid, const char *expected)
{
    char buffer[40];
    struct text text = text_in(buffer, sizeof(buffer));

    cper_guid_text(&text, guid);
    assert_string_equal(buffer, expected);
}

static void check_value(struct cper_value value, uint64_t expected)
{
    assert_true(value.present);
    assert_int_equal(value.value, expected);
}

#define ABSENT(v)                                                                                  \
    do {                                                                                           \
        assert_false((v).present);                                                                 \
        assert_int_equal((v).value, 0);                                                            \
    } while (0)

static void reads_a_header(void **state)
{
    struct cper_record record;
    struct cper_section section = only(sample_memory_1, &record);

    (void)state;
    assert_int_equal(record.revision, 0);
    assert_int_equal(record.sections, 1);
    assert_int_equal(record.severity, CPER_CORRECTED);
    assert_int_equal(record.size, 280);
    assert_true(record.time.present);
    assert_false(record.time.precise);
    assert_int_equal(record.time.year, 9932);
    assert_int_equal(record.time.month, 1);
    assert_int_equal(record.time.day, 17);
    assert_int_equal(record.time.hour, 1);
    assert_int_equal(record.time.minute, 0);
    assert_int_equal(record.time.second, 19);
    assert_int_equal(record.id, 1918502651);
    assert_true(record.simulated);
    assert_false(record.previous);
    assert_false(record.recovered);
    assert_int_equal(section.kind, CPER_MEMORY);
    check_guid(&section.type, "a5bc1114-6f64-4ede-b863-3e83ed7c83b1");
    assert_int_equal(section.severity, CPER_RECOVERABLE);
    assert_int_equal(section.revision, 114 << 8 | 169);
    assert_int_equal(section.flags,
                     CPER_PRIMARY | CPER_CONTAINMENT_WARNING | CPER_THRESHOLD_EXCEEDED);
    assert_true(section.has_part);
    check_guid(&section.part, "4c476e7d-44b9-3eab-6f24-1438848ed43c");
    assert_string_equal(section.name, "+q$`4pGx'S6@wY|5gp!");
    assert_int_equal(section.body.size, 80);
    assert_false(section.time.present);
}

/* Written by Windows, whose times are plain numbers. The record ends in its second section. */
static void reads_a_record_of_windows(void **state)
{
    static const enum cper_kind kinds[] = {CPER_MEMORY, CPER_PROCESSOR};
    struct cper_processor processor;
    struct cper_memory memory;
    struct cper_section section;
    struct cper_record record;
    struct cper_walk walk;
    size_t size = from_hex(sample_windows, bytes, sizeof(bytes));

    (void)state;
    assert_int_equal(cper_record_begin(bytes, size, &record, &walk), OK);
    assert_int_equal(record.revision, 0x0210);
    assert_int_equal(record.sections, 4);
    assert_int_equal(record.severity, CPER_FATAL);
    assert_int_equal(record.size, 1019);
    assert_int_equal(record.id, 133742532178400704);
    assert_true(record.previous);
    assert_false(record.simulated);
    assert_false(record.has_platform);
    assert_true(record.time.present);
    assert_int_equal(record.time.year, 2024);
    assert_int_equal(record.time.month, 10);
    assert_int_equal(record.time.day, 24);
    assert_int_equal(record.time.hour, 14);
    assert_int_equal(record.time.minute, 20);
    assert_int_equal(record.time.second, 20);
    for (size_t i = 0; i < 2; i++) {
        assert_true(cper_next(&walk, &section));
        assert_int_equal(section.kind, kinds[i]);
        assert_int_equal(section.severity, CPER_FATAL);
        assert_int_equal(section.revision, 0x0300);
        assert_int_equal(section.flags, i == 0 ? CPER_PRIMARY : 0);
        assert_string_equal(section.name, "");
        if (i == 0) {
            assert_int_equal(section.body.size, 80);
            assert_int_equal(cper_memory_of(&section, &memory), OK);
            ABSENT(memory.address);
            ABSENT(memory.module_handle);
        }
    }
    assert_int_equal(walk.error, ERR_FORMAT);
    assert_int_equal(section.body.size, 6); /* what is there of it */
    assert_int_equal(cper_processor_of(&section, &processor), ERR_FORMAT);
    assert_false(cper_next(&walk, &section));
}

static void names_sections_of_vendors(void **state)
{
    struct cper_record record;
    struct cper_section section = only(sample_driver, &record);

    (void)state;
    assert_int_equal(record.severity, CPER_FATAL);
    assert_int_equal(record.size, 298);
    assert_true(record.has_platform);
    check_guid(&record.platform, "83c1603c-1552-48a7-87d1-14d9467d7765");
    assert_true(record.has_partition);
    assert_int_equal(record.time.year, 2024);
    assert_int_equal(record.time.hour, 21);
    assert_int_equal(section.kind, CPER_UNKNOWN);
    check_guid(&section.type, "00000000-0000-0000-0000-000000000000");
    assert_int_equal(section.severity, CPER_FATAL);
    assert_int_equal(section.body.size, 98);
    assert_memory_equal(section.body.data, "STORPORT", 8);
    assert_string_equal(cper_kind_text(section.kind), "unknown");
}

static void reads_memory(void **state)
{
    struct cper_record record;
    struct cper_memory memory;
    struct cper_section section = only(sample_memory_1, &record);

    (void)state;
    assert_int_equal(cper_memory_of(&section, &memory), OK);
    assert_int_equal(cper_or_zero(memory.status) >> 8 & 0xFF, 16);
    assert_string_equal(cper_status_text(memory.status.value), "on a bus");
    ABSENT(memory.address);
    check_value(memory.address_mask, 10899239918570409638ull);
    ABSENT(memory.node);
    check_value(memory.card, 55781);
    ABSENT(memory.module);
    check_value(memory.bank, 52608);
    ABSENT(memory.device);
    check_value(memory.row, 24942);
    ABSENT(memory.column);
    check_value(memory.bit, 1470);
    ABSENT(memory.requestor);
    check_value(memory.responder, 4951761760294835334);
    ABSENT(memory.target);
    check_value(memory.type, CPER_MEMORY_UNKNOWN);
    check_value(memory.card_handle, 5005);
    check_value(memory.module_handle, 21116);
    check_value(memory.chip, 6);
    ABSENT(memory.corrected);
}

static void reads_memory_by_its_validation_bits(void **state)
{
    struct cper_record record;
    struct cper_memory memory;
    struct cper_section section = only(sample_memory_valid, &record);
    char buffer[160];
    struct text text = text_in(buffer, sizeof(buffer));

    (void)state;
    assert_int_equal(section.flags, CPER_PRIMARY | CPER_CONTAINMENT_WARNING);
    assert_string_equal(section.name, "");
    check_guid(&section.part, "cc4f334a-c563-11eb-8f88-9f7ac76c6f0c");
    assert_int_equal(cper_memory_of(&section, &memory), OK);
    ABSENT(memory.status);
    check_value(memory.address, 2147483648);
    check_value(memory.address_mask, 18446744073709547520ull);
    check_value(memory.node, 0);
    check_value(memory.column, 0);
    ABSENT(memory.bit);
    check_value(memory.requestor, 170);
    ABSENT(memory.responder);
    check_value(memory.rank, 0);
    check_value(memory.type, CPER_MEMORY_MULTI_BIT);
    ABSENT(memory.card_handle);
    check_value(memory.module_handle, 14);
    assert_string_equal(cper_memory_type_text(&memory), "multi-bit error");
    cper_memory_place(&memory, &text);
    assert_string_equal(buffer,
                        "node 0, card 0, module 0, rank 0, bank 0, device 0, row 0, column 0");
}

static void reads_the_second_form_of_memory(void **state)
{
    struct cper_record record;
    struct cper_memory memory;
    struct cper_section section = only(sample_memory_2, &record);

    (void)state;
    assert_int_equal(section.kind, CPER_MEMORY_2);
    assert_int_equal(section.flags, CPER_PRIMARY | CPER_PROPAGATED | CPER_OVERFLOW);
    assert_int_equal(cper_memory_of(&section, &memory), OK);
    assert_string_equal(cper_status_text(memory.status.value), "address that nobody has");
    ABSENT(memory.address); /* the source shows it, though its validation bit is clear */
    check_value(memory.address_mask, 11184253056638554426ull);
    ABSENT(memory.node);
    check_value(memory.card, 59165);
    ABSENT(memory.module);
    check_value(memory.bank, 37435);
    ABSENT(memory.device);
    check_value(memory.row, 805005788);
    ABSENT(memory.column);
    check_value(memory.rank, 390551744);
    ABSENT(memory.bit);
    check_value(memory.chip, 125);
    ABSENT(memory.type);
    check_value(memory.corrected, 0);
    ABSENT(memory.requestor);
    check_value(memory.responder, 9346766373033023486ull);
    check_value(memory.card_handle, 2010085974);
    ABSENT(memory.module_handle);
}

/* Sections of 64 and of 73 bytes, as old firmware writes them: what they do not reach is absent. */
static void reads_short_memory(void **state)
{
    struct cper_record record;
    struct cper_memory memory;
    struct cper_section section = only(sample_memory_valid, &record);

    (void)state;
    section.body.size = 73;
    assert_int_equal(cper_memory_of(&section, &memory), OK);
    check_value(memory.type, CPER_MEMORY_MULTI_BIT);
    ABSENT(memory.rank);
    ABSENT(memory.module_handle);
    section.body.size = 64;
    assert_int_equal(cper_memory_of(&section, &memory), OK);
    check_value(memory.requestor, 170);
    ABSENT(memory.type);
    check_value(memory.address, 2147483648);
    section.body.size = 8;
    assert_int_equal(cper_memory_of(&section, &memory), OK);
    ABSENT(memory.address);
    section.body.size = 7;
    assert_int_equal(cper_memory_of(&section, &memory), ERR_FORMAT);
    section.kind = CPER_PCIE;
    section.body.size = 80;
    assert_int_equal(cper_memory_of(&section, &memory), ERR_FORMAT);
}

/* Bank groups, rows of 18 bits: bits 18 to 20 of the validation bits. */
static void reads_extended_memory(void **state)
{
    struct cper_record record;
    struct cper_memory memory;
    struct cper_section section = only(sample_memory_valid, &record);
    uint8_t body[80];
    char buffer[160];
    struct text text = text_in(buffer, sizeof(buffer));

    (void)state;
    memcpy(body, section.body.data, sizeof(body));
    section.body.data = body;
    body[0] = 0, body[1] = 0x01, body[2] = 0x1C; /* row; 18, 19, 20 */
    body[38] = 5, body[39] = 2;
    body[42] = 0x34, body[43] = 0x12;
    body[73] = 0xE2;
    assert_int_equal(cper_memory_of(&section, &memory), OK);
    check_value(memory.row, 0x21234);
    check_value(memory.bank_address, 5);
    check_value(memory.bank_group, 2);
    ABSENT(memory.bank);
    ABSENT(memory.chip);
    cper_memory_place(&memory, &text);
    assert_string_equal(buffer, "bank group 2, bank 5, row 135732");
}

static void reads_a_processor(void **state)
{
    struct cper_record record;
    struct cper_processor processor;
    struct cper_section section = only(sample_generic, &record);

    (void)state;
    assert_int_equal(section.kind, CPER_PROCESSOR);
    assert_int_equal(section.severity, CPER_FATAL);
    assert_int_equal(cper_processor_of(&section, &processor), OK);
    check_value(processor.type, 232);
    ABSENT(processor.isa);
    check_value(processor.errors, 183);
    ABSENT(processor.operation);
    assert_int_equal(processor.flags.value & 0xF, 0x5); /* restartable, overflow */
    ABSENT(processor.level);
    check_value(processor.version, 5008881393156084321);
    assert_string_equal(processor.brand, "");
    check_value(processor.id, 15978513557986590873ull);
    ABSENT(processor.address);
    check_value(processor.requestor, 10202110294826993335ull);
    ABSENT(processor.responder);
    check_value(processor.instruction, 16390103128374526526ull);
}

static void check_contexts(struct cper_x86 *x86)
{
    static const struct {
        uint16_t type, size;
        uint32_t msr;
    } contexts[] = {
        {0, 64, 3295317151}, {0, 160, 3516620450}, {1, 64, 3203378266}, {3, 244, 4102382359}};
    struct cper_x86_context context;

    for (size_t i = 0; i < 4; i++) {
        assert_true(cper_x86_next_context(x86, &context));
        assert_int_equal(context.type, contexts[i].type);
        assert_int_equal(context.registers.size, contexts[i].size);
        assert_int_equal(context.msr, contexts[i].msr);
    }
    assert_false(cper_x86_next_context(x86, &context));
    assert_int_equal(x86->error, OK);
}

static void reads_an_x86_processor(void **state)
{
    struct cper_record record;
    struct cper_x86 x86, again;
    struct cper_x86_error error;
    struct cper_section section = only(sample_x86, &record);

    (void)state;
    assert_int_equal(section.kind, CPER_PROCESSOR_X86);
    assert_int_equal(section.flags, CPER_PRIMARY | CPER_LATENT | CPER_PROPAGATED | CPER_OVERFLOW);
    assert_int_equal(cper_x86_begin(&section, &x86), OK);
    assert_int_equal(x86.errors, 1);
    assert_int_equal(x86.contexts, 4);
    again = x86;
    assert_true(cper_x86_next_error(&x86, &error));
    check_guid(&error.type, "fc06b535-5e1f-4562-9f25-0a3b9adb63c3");
    assert_int_equal(error.check, CPER_CHECK_TLB);
    check_value(error.transaction, 3);
    check_value(error.operation, 7);
    check_value(error.level, 7);
    check_value(error.corrupt, 1);
    check_value(error.uncorrected, 1);
    check_value(error.precise, 1);
    check_value(error.restartable, 1);
    check_value(error.overflow, 1);
    ABSENT(error.participation);
    ABSENT(error.target);
    check_value(error.requestor, 9254433568748822516ull);
    ABSENT(error.responder);
    check_value(error.instruction, 12167231194572331088ull);
    assert_false(cper_x86_next_error(&x86, &error));
    check_contexts(&x86);
    check_contexts(&again); /* without having read the errors */
}

/* An x86 section of any length: what fits is given. */
static void cut_x86_sections_are_safe(void **state)
{
    struct cper_record record;
    struct cper_section section = only(sample_x86, &record);
    size_t whole = section.body.size;

    (void)state;
    for (size_t size = 0; size <= whole; size++) {
        struct cper_x86_context context;
        struct cper_x86_error error;
        struct cper_x86 x86;
        unsigned count = 0;

        section.body.size = size;
        if (cper_x86_begin(&section, &x86) != OK) {
            assert_true(size < 64);
            continue;
        }
        while (cper_x86_next_error(&x86, &error))
            count++;
        while (cper_x86_next_context(&x86, &context))
            count++;
        assert_int_equal(x86.error == OK, size == whole);
        assert_int_equal(count, (size >= 128) + (size >= 208) + (size >= 384) + (size >= 464) +
                                    (size >= 724));
    }
}

/* Checks of every kind, by tables N.12 to N.15: each field alone. */
static void reads_checks(void **state)
{
    static const struct {
        uint8_t guid[4];
        uint64_t info;
        size_t to;
        uint64_t value;
    } cases[] = {
        /* Bits 8 to 10 mean something for a bus alone. */
        {{0xF5, 0x01, 0x57, 0xA5},
         0x0701 | 1ull << 16,
         offsetof(struct cper_x86_error, transaction),
         1},
        {{0xF5, 0x01, 0x57, 0xA5},
         0x0001 | 2ull << 16,
         offsetof(struct cper_x86_error, transaction),
         2},
        {{0xF5, 0x01, 0x57, 0xA5},
         0x0002 | 8ull << 18,
         offsetof(struct cper_x86_error, operation),
         8},
        {{0xF5, 0x01, 0x57, 0xA5}, 0x0004 | 5ull << 22, offsetof(struct cper_x86_error, level), 5},
        {{0xF5, 0x01, 0x57, 0xA5},
         0x0010 | 1ull << 26,
         offsetof(struct cper_x86_error, uncorrected),
         1},
        {{0xB3, 0xF8, 0xF3, 0x1C},
         0x0100 | 2ull << 30,
         offsetof(struct cper_x86_error, participation),
         2},
        {{0xB3, 0xF8, 0xF3, 0x1C},
         0x0200 | 1ull << 32,
         offsetof(struct cper_x86_error, timeout),
         1},
        {{0xB3, 0xF8, 0xF3, 0x1C}, 0x0400 | 2ull << 33, offsetof(struct cper_x86_error, space), 2},
        {{0x57, 0x7F, 0xAB, 0x48}, 0x0001 | 5ull << 16, offsetof(struct cper_x86_error, kind), 5},
        {{0x57, 0x7F, 0xAB, 0x48},
         0x0002 | 1ull << 19,
         offsetof(struct cper_x86_error, corrupt),
         1},
        {{0x57, 0x7F, 0xAB, 0x48},
         0x0020 | 1ull << 23,
         offsetof(struct cper_x86_error, overflow),
         1},
    };
    static const char *const whole[] = {"f50157a5efe3de43ac72249b573fad2c",
                                        "b3f8f31cb1c5a249aa595eef92ffa63c",
                                        "577fab4834dc6c4fa7d3b0b5b0a74314"};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t body[128] = {[0] = 1 << 2, [64 + 16] = 1};
        struct cper_section section = {.kind = CPER_PROCESSOR_X86,
                                       .body = bytes_of(body, sizeof(body))};
        struct cper_x86_error error;
        struct cper_x86 x86;
        unsigned present = 0;

        for (size_t j = 0; j < 3; j++) {
            from_hex(whole[j], body + 64, 16);
            if (memcmp(body + 64, cases[i].guid, 4) == 0)
                break;
        }
        for (unsigned j = 0; j < 8; j++)
            body[64 + 24 + j] = (uint8_t)(cases[i].info >> 8 * j);
        assert_int_equal(cper_x86_begin(&section, &x86), OK);
        assert_true(cper_x86_next_error(&x86, &error));
        check_value(*(const struct cper_value *)((const uint8_t *)&error + cases[i].to),
                    cases[i].value);
        for (size_t at = offsetof(struct cper_x86_error, transaction); at < sizeof(error);
             at += sizeof(struct cper_value))
            present += ((const struct cper_value *)((const uint8_t *)&error + at))->present;
        assert_int_equal(present, 1);
    }
}

static void put64(uint8_t *to, uint64_t value)
{
    for (unsigned i = 0; i < 8; i++)
        to[i] = (uint8_t)(value >> 8 * i);
}

/* Classic banks: from MSR 400h on; AMD's: from C0002001h, the status of bank 0, on. */
static void finds_banks_in_registers(void **state)
{
    uint8_t registers[12 * 8] = {0};
    struct cper_x86_context context = {.type = CPER_CONTEXT_MSR,
                                       .msr = 0x400,
                                       .registers = bytes_of(registers, sizeof(registers))};
    struct cper_bank bank;

    (void)state;
    assert_int_equal(cper_x86_bank(&context, 0, &bank), ERR_ABSENT);
    put64(registers + 5 * 8, 0xBC00000000010091); /* bank 1: address and misc are valid */
    put64(registers + 6 * 8, 0x12345000);
    put64(registers + 7 * 8, 0x86);
    put64(registers + 9 * 8, 0x9000000000000005); /* bank 2: neither */
    put64(registers + 10 * 8, 0xFFFF);
    assert_int_equal(cper_x86_bank(&context, 0, &bank), OK);
    assert_int_equal(bank.bank, 1);
    assert_int_equal(bank.status, 0xBC00000000010091);
    check_value(bank.address, 0x12345000);
    check_value(bank.misc, 0x86);
    ABSENT(bank.part);
    assert_int_equal(cper_x86_bank(&context, 1, &bank), OK);
    assert_int_equal(bank.bank, 2);
    ABSENT(bank.address);
    ABSENT(bank.misc);
    assert_int_equal(cper_x86_bank(&context, 2, &bank), ERR_ABSENT);
    context.type = 3;
    assert_int_equal(cper_x86_bank(&context, 0, &bank), ERR_ABSENT);

    memset(registers, 0, sizeof(registers));
    context.type = CPER_CONTEXT_MSR;
    context.msr = 0xC0002001 + 16 * 17;
    put64(registers, 0x9C2040000000011B);
    put64(registers + 1 * 8, 0xABCDE0);
    put64(registers + 4 * 8, 0x0000009600050F00);
    assert_int_equal(cper_x86_bank(&context, 0, &bank), OK);
    assert_int_equal(bank.bank, 17);
    check_value(bank.address, 0xABCDE0);
    check_value(bank.misc, 0);
    check_value(bank.part, 0x0000009600050F00);
    assert_int_equal(cper_x86_bank(&context, 1, &bank), ERR_ABSENT);
    context.registers.size = 8; /* the status alone */
    assert_int_equal(cper_x86_bank(&context, 0, &bank), OK);
    ABSENT(bank.address);
}

/* WHEA_XPF_MCA_SECTION by the offsets of the Windows driver kit. */
static void reads_machine_checks_of_windows(void **state)
{
    uint8_t body[264] = {[0] = 2, [16] = 3, [20] = 5, [36] = 4, [68] = 6};
    struct cper_section section = {.kind = CPER_MACHINE_CHECK,
                                   .body = bytes_of(body, sizeof(body))};
    struct cper_machine_check check;

    (void)state;
    assert_int_equal(cper_machine_check_of(&section, &check), ERR_ABSENT);
    put64(body + 40, 0xBE00000000800400);
    put64(body + 48, 0x1111);
    put64(body + 56, 0x2222);
    assert_int_equal(cper_machine_check_of(&section, &check), OK);
    assert_int_equal(check.processor, 3);
    assert_int_equal(check.global_status, 5);
    assert_int_equal(check.bank.bank, 4);
    assert_int_equal(check.bank.status, 0xBE00000000800400);
    check_value(check.bank.address, 0x1111);
    check_value(check.bank.misc, 0x2222);
    check_value(check.apic_id, 6);
    body[0] = 1;
    put64(body + 40, 0xB000000000800400);
    assert_int_equal(cper_machine_check_of(&section, &check), OK);
    ABSENT(check.apic_id);
    ABSENT(check.bank.address);
    ABSENT(check.bank.misc);
    section.body.size = 71;
    assert_int_equal(cper_machine_check_of(&section, &check), ERR_FORMAT);
}

static void reads_pcie(void **state)
{
    struct cper_record record;
    struct cper_pcie pcie;
    struct cper_section section = only(sample_pcie_port, &record);

    (void)state;
    assert_int_equal(section.kind, CPER_PCIE);
    assert_int_equal(section.flags, CPER_CONTAINMENT_WARNING | CPER_LATENT | CPER_OVERFLOW);
    assert_int_equal(cper_pcie_of(&section, &pcie), OK);
    check_value(pcie.port, PCIE_UPSTREAM);
    ABSENT(pcie.version);
    check_value(pcie.command, 49788);
    check_value(pcie.status, 63572);
    assert_false(pcie.has_device);
    check_value(pcie.serial, 15302925148404145445ull);
    ABSENT(pcie.bridge_status);
    assert_true(pcie.has_pcie);
    assert_int_equal(pcie.pcie.port, 5);
    assert_int_equal(pcie.pcie.status & 0xF, PCIE_FATAL | PCIE_UNSUPPORTED);
    assert_int_equal(pcie.pcie.speed, 12);
    assert_int_equal(pcie.pcie.width, 63);
    assert_int_equal(pcie.pcie.speed_most, 0);
    assert_int_equal(pcie.pcie.width_most, 23);
    assert_true(pcie.has_aer);
    assert_int_equal(pcie.aer.first, 10);
    assert_false(pcie.aer.has_root); /* an upstream port has none */
    /* Bits that the source names as set, and as clear. */
    assert_int_equal(pcie.aer.uncorrected & 0x3FF00030,
                     (1u << 20 | 1u << 22 | 1u << 24 | 1u << 25 | 1u << 27 | 1u << 28 | 1u << 29));
    assert_int_equal(pcie.aer.uncorrected & 0x000FF000,
                     1u << 12 | 1u << 13 | 1u << 14 | 1u << 15 | 1u << 18 | 1u << 19);
    assert_int_equal(pcie.aer.corrected & 0xF1C1,
                     1u << 0 | 1u << 8 | 1u << 13 | 1u << 14 | 1u << 15);
    assert_int_equal(pcie.aer.corrected_mask & 0xF1C1,
                     1u << 0 | 1u << 6 | 1u << 7 | 1u << 8 | 1u << 13 | 1u << 15);
}

static void short_pcie_sections_are_safe(void **state)
{
    struct cper_record record;
    struct cper_section section = only(sample_pcie_port, &record);

    (void)state;
    for (size_t size = 0; size <= 208; size++) {
        struct cper_pcie pcie;

        section.body.size = size;
        assert_int_equal(cper_pcie_of(&section, &pcie) == OK, size >= 8);
        if (size < 8)
            continue;
        assert_int_equal(pcie.port.present, size >= 12);
        assert_int_equal(pcie.serial.present, size >= 48);
        assert_int_equal(pcie.has_pcie, size >= 52 + PCIE_CAPABILITY_SIZE);
        assert_int_equal(pcie.has_aer, size >= 112 + AER_SIZE);
    }
}

static void reads_firmware_references(void **state)
{
    struct cper_record record;
    struct cper_firmware firmware;
    struct cper_section section = only(sample_firmware, &record);

    (void)state;
    assert_int_equal(section.severity, CPER_FATAL);
    assert_int_equal(record.severity, CPER_INFORMATIONAL);
    assert_int_equal(cper_firmware_of(&section, &firmware), OK);
    assert_int_equal(firmware.type, 0);
    assert_int_equal(firmware.revision, 2);
    assert_int_equal(firmware.id, 0);
    assert_true(firmware.has_guid);
    check_guid(&firmware.guid, "ed782c67-8094-48bd-bfca-5dc5a0619384");
    assert_int_equal(firmware.log_size, 0);
    section.body.size = 31;
    assert_int_equal(cper_firmware_of(&section, &firmware), ERR_FORMAT);
}

/* ---- blocks */

/* The region of a notebook that froze: an entry of 0A20h bytes, of which 36 are here. */
static void reads_a_boot_region(void **state)
{
    size_t size = from_hex(sample_boot, bytes, sizeof(bytes));
    struct cper_region region = cper_region_begin(bytes, size);
    struct cper_firmware firmware;
    struct cper_section section;
    struct cper_block block;
    struct cper_walk walk;

    (void)state;
    assert_false(cper_region_next(&region, &block, &walk)); /* read and cleared by the kernel */
    assert_int_equal(region.error, OK);
    bytes[0] = 1;
    region = cper_region_begin(bytes, size);
    assert_true(cper_region_next(&region, &block, &walk));
    assert_true(block.uncorrected);
    assert_false(block.corrected);
    assert_int_equal(block.severity, CPER_FATAL);
    assert_int_equal(block.size, 20 + 0x0CD0);
    assert_true(cper_next(&walk, &section));
    assert_int_equal(section.kind, CPER_FIRMWARE);
    assert_int_equal(section.severity, CPER_FATAL);
    assert_int_equal(section.revision, 0x0300);
    assert_int_equal(section.body.size, 36);
    assert_int_equal(cper_firmware_of(&section, &firmware), OK);
    assert_int_equal(firmware.type, 2);
    assert_int_equal(firmware.revision, 2);
    check_guid(&firmware.guid, "8f87f311-c998-4d9e-a0c4-6065518c4f6d");
    assert_int_equal(walk.error, ERR_FORMAT); /* cut */
    assert_false(cper_next(&walk, &section));
    assert_false(cper_region_next(&region, &block, &walk));
}

/* A block with one entry, of the old revision or the new. */
static size_t make_block(uint8_t *to, uint16_t revision, const uint8_t *body, size_t size)
{
    size_t header = revision >= 0x0300 ? 72 : 64;

    memset(to, 0, 20 + header);
    to[0] = 0x12; /* corrected, one entry */
    to[12] = (uint8_t)(header + size);
    to[16] = CPER_CORRECTED;
    from_hex("1411bca5646fde4eb8633e83ed7c83b1", to + 20, 16);
    to[20 + 16] = CPER_CORRECTED;
    to[20 + 20] = (uint8_t)revision, to[20 + 21] = (uint8_t)(revision >> 8);
    to[20 + 22] = 0x02 | (header == 72 ? 0x04 : 0);
    to[20 + 23] = CPER_THRESHOLD_EXCEEDED;
    to[20 + 24] = (uint8_t)size;
    memcpy(to + 20 + 44, "DIMM_B2 ", 8);
    if (header == 72)
        from_hex("5958231131122620", to + 20 + 64, 8);
    memcpy(to + 20 + header, body, size);
    return 20 + header + size;
}

static void reads_old_and_new_entries(void **state)
{
    static const uint16_t revisions[] = {0x0201, 0x0300};
    uint8_t body[80] = {0};
    struct cper_section section;
    struct cper_memory memory;
    struct cper_block block;
    struct cper_walk walk;
    size_t size;

    (void)state;
    body[1] = 0x40, body[72] = CPER_MEMORY_SINGLE_BIT;
    for (size_t i = 0; i < 2; i++) {
        size = make_block(bytes, revisions[i], body, sizeof(body));
        assert_int_equal(cper_block_begin(bytes, size, &block, &walk), OK);
        assert_true(block.corrected);
        assert_false(block.uncorrected);
        assert_int_equal(block.sections, 1);
        assert_int_equal(block.size, size);
        assert_true(cper_next(&walk, &section));
        assert_int_equal(section.kind, CPER_MEMORY);
        assert_int_equal(section.severity, CPER_CORRECTED);
        assert_int_equal(section.flags, CPER_THRESHOLD_EXCEEDED);
        assert_string_equal(section.name, "DIMM_B2");
        assert_false(section.has_part);
        assert_int_equal(section.time.present, i == 1);
        if (i == 1) {
            assert_true(section.time.precise);
            assert_int_equal(section.time.year, 2026);
            assert_int_equal(section.time.month, 12);
            assert_int_equal(section.time.day, 31);
            assert_int_equal(section.time.hour, 23);
            assert_int_equal(section.time.minute, 58);
            assert_int_equal(section.time.second, 59);
        }
        assert_int_equal(cper_memory_of(&section, &memory), OK);
        check_value(memory.type, CPER_MEMORY_SINGLE_BIT);
        assert_false(cper_next(&walk, &section));
        assert_int_equal(walk.error, OK);
    }
}

static void lying_blocks_are_told(void **state)
{
    uint8_t body[80] = {0};
    struct cper_section section;
    struct cper_region region;
    struct cper_block block;
    struct cper_walk walk;
    size_t size = make_block(bytes, 0x0300, body, sizeof(body));

    (void)state;
    assert_int_equal(cper_block_begin(bytes, 19, &block, &walk), ERR_FORMAT);
    bytes[20 + 24] = 81; /* an entry longer than its block */
    assert_int_equal(cper_block_begin(bytes, size, &block, &walk), OK);
    assert_false(cper_next(&walk, &section));
    assert_int_equal(walk.error, ERR_FORMAT);
    bytes[20 + 24] = 0; /* one without a body: the walk would not get on */
    assert_int_equal(cper_block_begin(bytes, size, &block, &walk), OK);
    assert_false(cper_next(&walk, &section));
    assert_int_equal(walk.error, ERR_FORMAT);
    bytes[20 + 24] = 80;
    bytes[12] = 0; /* a block without entries that says there is an error */
    assert_int_equal(cper_block_begin(bytes, size, &block, &walk), ERR_FORMAT);
    region = cper_region_begin(bytes, size);
    assert_false(cper_region_next(&region, &block, &walk));
    assert_int_equal(region.error, ERR_FORMAT);
    bytes[0] = 0;
    assert_int_equal(cper_block_begin(bytes, size, &block, &walk), ERR_ABSENT);
}

/* Blocks one behind the other, raw data behind the first, then none. */
static void reads_several_blocks(void **state)
{
    uint8_t body[73] = {0};
    size_t first = make_block(bytes, 0x0300, body, sizeof(body));
    size_t raw = 16, second = first + raw;
    struct cper_region region;
    struct cper_block block;
    struct cper_walk walk;

    (void)state;
    bytes[4] = (uint8_t)first, bytes[8] = (uint8_t)raw;
    memset(bytes + first, 0xEE, raw);
    second += make_block(bytes + second, 0x0201, body, sizeof(body));
    memset(bytes + second, 0, 64);
    region = cper_region_begin(bytes, second + 64);
    assert_true(cper_region_next(&region, &block, &walk));
    assert_int_equal(block.size, first + raw);
    assert_true(cper_region_next(&region, &block, &walk));
    assert_false(cper_region_next(&region, &block, &walk));
    assert_int_equal(region.error, OK);
    assert_int_equal(region.count, 2);
}

static void too_many_sections_are_told(void **state)
{
    static uint8_t many[20 + 100 * 65];
    struct cper_section section;
    struct cper_block block;
    struct cper_walk walk;
    unsigned count = 0;

    (void)state;
    memset(many, 0, sizeof(many));
    many[0] = 2;
    many[12] = (uint8_t)(sizeof(many) - 20), many[13] = (uint8_t)((sizeof(many) - 20) >> 8);
    for (size_t i = 0; i < 100; i++)
        many[20 + i * 65 + 24] = 1;
    assert_int_equal(cper_block_begin(many, sizeof(many), &block, &walk), OK);
    while (cper_next(&walk, &section))
        count++;
    assert_int_equal(count, CPER_SECTIONS_MAX);
    assert_int_equal(walk.error, ERR_FULL);
}

static void bad_headers_are_refused(void **state)
{
    struct cper_record record;
    struct cper_walk walk;
    struct cper_section section;
    size_t size = from_hex(sample_memory_1, bytes, sizeof(bytes));

    (void)state;
    assert_int_equal(cper_record_begin(bytes, 127, &record, &walk), ERR_FORMAT);
    assert_int_equal(cper_record_begin(bytes, 128, &record, &walk), OK);
    assert_false(cper_next(&walk, &section));
    assert_int_equal(walk.error, ERR_FORMAT);
    bytes[128] = 199; /* a body in the table of sections */
    assert_int_equal(cper_record_begin(bytes, size, &record, &walk), OK);
    assert_false(cper_next(&walk, &section));
    assert_int_equal(walk.error, ERR_FORMAT);
    bytes[128] = 200;
    bytes[24] = 0x61, bytes[28] = 0x32; /* no such second or day */
    assert_int_equal(cper_record_begin(bytes, size, &record, &walk), OK);
    assert_false(record.time.present);
    bytes[9] = 0;
    assert_int_equal(cper_record_begin(bytes, size, &record, &walk), ERR_FORMAT);
    bytes[9] = 0xFF;
    bytes[0] = 'X';
    assert_int_equal(cper_record_begin(bytes, size, &record, &walk), ERR_FORMAT);
}

/* The region that the lab puts into QEMU's memory, as scripts/qemulab/error_records.py makes it. */
static void reads_the_lab_region(void **state)
{
    FILE *file = fopen("tests/fuzz/corpus/cper/lab-region", "rb");
    struct cper_x86_context context;
    struct cper_x86_error error;
    struct cper_section section;
    struct cper_region region;
    struct cper_memory memory;
    struct cper_block block;
    struct cper_pcie pcie;
    struct cper_walk walk;
    struct cper_bank bank;
    struct cper_x86 x86;
    char buffer[64];
    struct text text = text_in(buffer, sizeof(buffer));
    size_t size;

    (void)state;
    if (!file)
        skip();
    size = fread(bytes, 1, sizeof(bytes), file);
    fclose(file);
    region = cper_region_begin(bytes, size);
    assert_true(cper_region_next(&region, &block, &walk));
    assert_int_equal(block.sections, 3);
    assert_int_equal(block.severity, CPER_FATAL);
    assert_true(cper_next(&walk, &section));
    assert_string_equal(section.name, "DIMM 0");
    assert_int_equal(cper_memory_of(&section, &memory), OK);
    check_value(memory.address, 0x7F345000);
    check_value(memory.type, CPER_MEMORY_MULTI_BIT);
    check_value(memory.card, 1);
    check_value(memory.row, 0x1234);
    check_value(memory.column, 56);
    check_value(memory.module_handle, 0x1100);
    ABSENT(memory.rank);
    assert_true(cper_next(&walk, &section));
    assert_int_equal(section.severity, CPER_RECOVERABLE);
    assert_int_equal(cper_pcie_of(&section, &pcie), OK);
    assert_true(pcie.has_device);
    assert_int_equal(pcie.vendor, 0x8086);
    assert_int_equal(pcie.device_id, 0x1901);
    assert_int_equal(pcie.class_code, 0x060400);
    cper_pcie_place(&pcie, &text);
    assert_string_equal(buffer, "0000:00:01.0");
    assert_true(pcie.has_aer);
    assert_int_equal(pcie.aer.uncorrected, 1 << 14);
    assert_int_equal(pcie.aer.first, 14);
    assert_int_equal(pcie.aer.header[1], 0x0F);
    assert_true(pcie.aer.has_root);
    assert_int_equal(pcie.aer.root_status, 0x24);
    assert_int_equal(pcie.aer.uncorrected_source, 1 << 3);
    assert_true(cper_next(&walk, &section));
    assert_int_equal(cper_x86_begin(&section, &x86), OK);
    check_value(x86.apic_id, 2);
    assert_int_equal(x86.signature, 0x000906EA);
    assert_true(cper_x86_next_error(&x86, &error));
    assert_int_equal(error.check, CPER_CHECK_BUS);
    assert_string_equal(cper_check_text(error.check), "bus");
    check_value(error.level, 3);
    check_value(error.timeout, 1);
    check_value(error.uncorrected, 1);
    assert_true(cper_x86_next_context(&x86, &context));
    assert_int_equal(cper_x86_bank(&context, 0, &bank), OK);
    assert_int_equal(bank.bank, 4);
    assert_int_equal(bank.status, 0xB200000000070F0F);
    assert_false(cper_next(&walk, &section));
    assert_int_equal(walk.error, OK);
    assert_true(cper_region_next(&region, &block, &walk));
    assert_true(block.corrected);
    assert_true(cper_next(&walk, &section));
    assert_false(cper_region_next(&region, &block, &walk));
}

/* ---- which module */

static struct memory_map map;

/* Handles 10h, 11h, 12h; the first gigabyte in the first, the second in the others. */
static void make_map(void)
{
    static const struct memory_range ranges[] = {
        {0, 0, 0x3FFFFFFF, 0, 0},
        {1, 0x40000000, 0x7FFFFFFF, 1, 1},
        {2, 0x40000000, 0x7FFFFFFF, 2, 1},
        {2, 0x100000000, 0x13FFFFFFF, 2, 1},
    };

    memset(&map, 0, sizeof(map));
    map.module_count = 3;
    for (unsigned i = 0; i < 3; i++)
        map.modules[i].device.handle = (uint16_t)(0x10 + i);
    map.range_count = 4;
    memcpy(map.ranges, ranges, sizeof(ranges));
}

static void finds_modules(void **state)
{
    struct cper_memory memory = {.module_handle = {true, 0x11}};
    struct cper_modules modules;

    (void)state;
    make_map();
    assert_int_equal(cper_memory_modules(&memory, &map, &modules), OK);
    assert_int_equal(modules.count, 1);
    assert_int_equal(modules.indices[0], 1);
    assert_true(modules.by_handle);
    assert_false(modules.contradicted);
    memory.address = (struct cper_value){true, 0x50000000};
    assert_int_equal(cper_memory_modules(&memory, &map, &modules), OK);
    assert_false(modules.contradicted);
    memory.address.value = 0x1000;
    assert_int_equal(cper_memory_modules(&memory, &map, &modules), OK);
    assert_int_equal(modules.indices[0], 1);
    assert_true(modules.contradicted);
    memory.module_handle.value = 0xFFFF; /* none */
    assert_int_equal(cper_memory_modules(&memory, &map, &modules), OK);
    assert_int_equal(modules.count, 1);
    assert_int_equal(modules.indices[0], 0);
    assert_false(modules.by_handle);
    memory.address.value = 0x50000000;
    assert_int_equal(cper_memory_modules(&memory, &map, &modules), OK);
    assert_int_equal(modules.count, 2);
    assert_int_equal(modules.indices[1], 2);
    memory.address.value = 0x80000000;
    assert_int_equal(cper_memory_modules(&memory, &map, &modules), ERR_ABSENT);
}

/* A mask makes one address many; one without a bit says nothing. */
static void masks_widen_addresses(void **state)
{
    struct cper_memory memory = {.address = {true, 0x3FFFF234},
                                 .address_mask = {true, 0xFFFFFFFFFFFFF000}};
    struct cper_modules modules;

    (void)state;
    make_map();
    assert_int_equal(cper_memory_modules(&memory, &map, &modules), OK);
    assert_int_equal(modules.count, 1);
    memory.address_mask.value = 0xFFFFFFFF80000000;
    assert_int_equal(cper_memory_modules(&memory, &map, &modules), OK);
    assert_int_equal(modules.count, 3);
    memory.address_mask.value = 0;
    assert_int_equal(cper_memory_modules(&memory, &map, &modules), ERR_ABSENT);
    memory.address_mask = (struct cper_value){0};
    map.range_count = 0;
    assert_int_equal(cper_memory_modules(&memory, &map, &modules), ERR_ABSENT);
}

static void names_are_given(void **state)
{
    char buffer[64];
    struct text text = text_in(buffer, sizeof(buffer));
    struct cper_memory memory = {.type = {true, 200}};

    (void)state;
    cper_processor_errors(&text, CPER_ERROR_CACHE | CPER_ERROR_BUS);
    assert_string_equal(buffer, "cache, bus");
    assert_string_equal(cper_severity_text(CPER_CORRECTED), "corrected");
    assert_string_equal(cper_severity_text(77), "of unknown severity");
    assert_string_equal(cper_memory_type_text(&memory), "error");
    assert_null(cper_status_text(0));
    assert_null(cper_status_text(0xFF00));
    assert_string_equal(cper_status_text(0x0400), "in memory");
    assert_string_equal(cper_check_text((enum cper_check)99), "part");
    for (int kind = 0; kind < CPER_KINDS; kind++)
        assert_non_null(cper_kind_text((enum cper_kind)kind));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_a_header),
        cmocka_unit_test(reads_a_record_of_windows),
        cmocka_unit_test(names_sections_of_vendors),
        cmocka_unit_test(reads_memory),
        cmocka_unit_test(reads_memory_by_its_validation_bits),
        cmocka_unit_test(reads_the_second_form_of_memory),
        cmocka_unit_test(reads_short_memory),
        cmocka_unit_test(reads_extended_memory),
        cmocka_unit_test(reads_a_processor),
        cmocka_unit_test(reads_an_x86_processor),
        cmocka_unit_test(cut_x86_sections_are_safe),
        cmocka_unit_test(reads_checks),
        cmocka_unit_test(finds_banks_in_registers),
        cmocka_unit_test(reads_machine_checks_of_windows),
        cmocka_unit_test(reads_pcie),
        cmocka_unit_test(short_pcie_sections_are_safe),
        cmocka_unit_test(reads_firmware_references),
        cmocka_unit_test(reads_a_boot_region),
        cmocka_unit_test(reads_old_and_new_entries),
        cmocka_unit_test(lying_blocks_are_told),
        cmocka_unit_test(reads_several_blocks),
        cmocka_unit_test(too_many_sections_are_told),
        cmocka_unit_test(bad_headers_are_refused),
        cmocka_unit_test(reads_the_lab_region),
        cmocka_unit_test(finds_modules),
        cmocka_unit_test(masks_widen_addresses),
        cmocka_unit_test(names_are_given),
    };

    return cmocka_run_group_tests_name("cper", tests, NULL, NULL);
}
