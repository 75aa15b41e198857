#include <stddef.h>

#include "base/error.h"
#include "base/workers.h"

void queue_init(struct queue *queue)
{
    for (uint64_t i = 0; i < QUEUE_SIZE; i++) {
        atomic_init(&queue->slots[i].sequence, i);
        queue->slots[i].job = NULL;
    }
    atomic_init(&queue->head, 0);
    queue->tail = 0;
}

int queue_put(struct queue *queue, struct job *job)
{
    struct queue_slot *slot = &queue->slots[queue->tail % QUEUE_SIZE];

    if (atomic_load_explicit(&slot->sequence, memory_order_acquire) != queue->tail)
        return ERR_FULL;
    slot->job = job;
    atomic_store_explicit(&slot->sequence, queue->tail + 1, memory_order_release);
    queue->tail++;
    return OK;
}

struct job *queue_take(struct queue *queue)
{
    uint64_t head = atomic_load_explicit(&queue->head, memory_order_relaxed);

    /* Each turn of this loop means that another processor took a job meanwhile. */
    for (;;) {
        struct queue_slot *slot = &queue->slots[head % QUEUE_SIZE];
        uint64_t sequence = atomic_load_explicit(&slot->sequence, memory_order_acquire);

        if ((int64_t)(sequence - (head + 1)) < 0)
            return NULL;
        if (sequence == head + 1 && atomic_compare_exchange_weak(&queue->head, &head, head + 1)) {
            struct job *job = slot->job;

            atomic_store_explicit(&slot->sequence, head + QUEUE_SIZE, memory_order_release);
            return job;
        }
        if (sequence != head + 1)
            head = atomic_load_explicit(&queue->head, memory_order_relaxed);
    }
}

bool queue_run_one(struct queue *queue, unsigned processor)
{
    struct job *job = queue_take(queue);

    if (!job)
        return false;
    job->run(job, processor);
    job->processor = (uint16_t)processor;
    atomic_store_explicit(&job->done, true, memory_order_release);
    return true;
}
