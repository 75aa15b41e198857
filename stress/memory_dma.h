/*
 * DMA against processors: a drive reads into one half of each chunk, while jobs of processors
 * invert the words of other halves.
 *
 * The drive reads the same stretch again and again. Its first read, into a chunk of its own, is the
 * reference that all later ones are compared with. Where one differs, the stretch is read a third
 * time, into yet another chunk, and each word goes by two of three: it is the target that was
 * wrong, and the word is told as a memory fault there, or the reference, which is then replaced. A
 * sector of which most bytes differ, and words of which no two reads agree, are the drive's doing:
 * nothing is told of the memory, and the drive is used no more.
 *
 * Nothing is ever written to a drive.
 */
#ifndef ASSAY_STRESS_MEMORY_DMA_H
#define ASSAY_STRESS_MEMORY_DMA_H

#include "stress/memory_jobs.h"

/* The seam: somebody who can have a drive read into memory, one read at a time. */
struct memory_dma {
    void *context;
    /*
     * Begins to read the first `size` bytes, a multiple of 4096 and at most half of CHUNK_SIZE, of
     * a stretch that holds the same bytes at each read, into `buffer`, which lies at the physical
     * `address`. May take as long as the read where the drive's driver is synchronous. ERR_ABSENT
     * when there is no drive to read from, with a reason for people in *ret_reason; other errors
     * are of the drive.
     */
    int (*begin)(void *context, void *buffer, uint64_t address, size_t size,
                 const char **ret_reason);
    /* OK, and whether the read has ended; a read that has not is asked about again. An error means
     * that it has ended, and badly. */
    int (*poll)(void *context, bool *ret_ended);
};

enum {
    MEMORY_DMA_PATIENCE_S = 40, /* for one read; a driver gives up earlier by itself */
    MEMORY_DMA_STEP_S = 30,     /* for one step; what the drive has not filled then is left out */
};

enum memory_dma_state {
    DMA_OFF,       /* not begun, or ended */
    DMA_REFERENCE, /* the reference is being read */
    DMA_IDLE,      /* the next job may begin */
    DMA_TARGET,    /* the chunk of the first job is being filled */
    DMA_THIRD,     /* it differed */
    DMA_VOTE,      /* all three are here; the job's processor may not have ended */
    DMA_LOST,      /* a read did not end: memory may still be written to */
};

struct memory_dma_run {
    struct memory_jobs *jobs;
    const struct memory_dma *dma;
    enum memory_dma_state state;
    struct chunk *reference, *third;
    size_t size;                               /* of a whole read */
    struct memory_job *queue[MEMORY_JOBS_MAX]; /* held: the first is being read for */
    size_t first, count;
    uint64_t begun_us;  /* of the step */
    uint64_t read_us;   /* of the read */
    uint64_t filled;    /* bytes of the test so far */
    uint64_t replaced;  /* words of references that were wrong */
    const char *reason; /* why it ended early; NULL: it did not */
};

/* Forgets all. `dma` may be NULL: there is no drive. */
void memory_dma_init(struct memory_dma_run *run, struct memory_jobs *jobs,
                     const struct memory_dma *dma);

/* Begins a step: takes two chunks, from the start of the pool or from its end, and begins to read
 * the reference. As those two cannot be filled meanwhile, a step is done twice: for all others, and
 * then, with two others taken, for what was left. */
void memory_dma_begin(struct memory_dma_run *run, bool from_end);

/* True while another job may be added. */
bool memory_dma_has_room(const struct memory_dma_run *run);
/* Adds a job with one piece, before it is started: it is held until its chunk was filled and
 * compared. */
void memory_dma_add(struct memory_dma_run *run, struct memory_job *job);

/* Goes on with what is under way. False when no more jobs are to be added, for `reason`. */
bool memory_dma_step(struct memory_dma_run *run);

/* Ends a step: gives the two chunks back. What is still being read is waited for, for
 * MEMORY_JOBS_DRAIN_MS; a job that a drive has not let go of stays held. */
void memory_dma_end(struct memory_dma_run *run);

#endif
