/*
 * Registers, opcodes and fields of the NVMe driver: NVMe Base 2.0 sections 3.1.3
 * (properties), 3.3.3 (queue entries), 5 (admin commands), and the NVM command set 3.2. The inside
 * of nvme.h.
 */
#ifndef ASSAY_DISK_NVME_REGISTERS_H
#define ASSAY_DISK_NVME_REGISTERS_H

enum {
    REG_CAP_LOW = 0x00,  /* 15:0 MQES, 31:24 TO in 500 ms */
    REG_CAP_HIGH = 0x04, /* 3:0 DSTRD, 12:5 CSS, 19:16 MPSMIN */
    REG_VS = 0x08,
    REG_INTMS = 0x0C,
    REG_CC = 0x14,
    REG_CSTS = 0x1C,
    REG_AQA = 0x24,
    REG_ASQ_LOW = 0x28,
    REG_ASQ_HIGH = 0x2C,
    REG_ACQ_LOW = 0x30,
    REG_ACQ_HIGH = 0x34,
    REG_DOORBELLS = 0x1000,
};

enum {
    CC_ENABLE = 1 << 0,
    CC_SHUTDOWN_NORMAL = 1 << 14,
    CC_SHUTDOWN = 3 << 14,
    CC_ENTRY_SIZES = 6 << 16 | 4 << 20, /* 64 and 16 bytes; pages of 4 KiB, NVM command set: 0 */
    CSTS_READY = 1 << 0,
    CSTS_FATAL = 1 << 1,
    CSTS_SHUTDOWN = 3 << 2,
    CSTS_SHUTDOWN_DONE = 2 << 2,
    CAP_CSS_NVM = 1 << 5, /* in the upper half */
};

/* What a register of a function that left the bus reads as. */
#define REGISTER_GONE 0xFFFFFFFFu

enum {
    ADMIN_DELETE_SQ = 0x00,
    ADMIN_CREATE_SQ = 0x01,
    ADMIN_DELETE_CQ = 0x04,
    ADMIN_CREATE_CQ = 0x05,
    ADMIN_IDENTIFY = 0x06,
    ADMIN_ABORT = 0x08,
    ADMIN_SET_FEATURES = 0x09,
    FEATURE_QUEUES = 0x07,
    QUEUE_CONTIGUOUS = 1,
    CNS_ACTIVE_LIST = 0x02,
    IO_FLUSH = 0x00,
    IO_WRITE = 0x01,
    IO_READ = 0x02,
};

enum {
    NVME_PAGE = 4096,
    SUBMISSION_DWORDS = 16,
    COMPLETION_DWORDS = 4,
    STATUS_NOT_AGAIN = 0x4000, /* DNR, in the status field */
};

#endif
