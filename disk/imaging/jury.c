#include "disk/imaging/jury.h"

void jury_add(struct jury *jury, struct hash hash, unsigned processor)
{
    if (!jury_is_full(jury))
        jury->votes[jury->count++] =
            (struct jury_vote){.hash = hash, .processor = (uint16_t)processor};
}

void jury_recall(struct jury *jury, struct hash hash, unsigned processor)
{
    jury_add(jury, hash, processor);
    jury->recalled |= 1u << (jury->count - 1);
}

bool jury_is_full(const struct jury *jury)
{
    return jury->count == JURY_VOTES;
}

static unsigned votes_for(const struct jury *jury, struct hash hash)
{
    unsigned count = 0;

    for (unsigned i = 0; i < jury->count; i++)
        count += hash_equal(jury->votes[i].hash, hash);
    return count;
}

static bool is_shared(const struct jury *jury, const struct jury_vote *vote)
{
    for (unsigned i = 0; i < jury->count; i++) {
        const struct jury_vote *other = &jury->votes[i];

        if (other->processor != vote->processor && hash_equal(other->hash, vote->hash))
            return true;
    }
    return false;
}

/* Whether the next vote of another processor, before or after this one, is that of the majority, or
 * there is none. */
static bool agrees_beside(const struct jury *jury, unsigned index, int step, struct hash majority)
{
    unsigned i = index + (unsigned)step;

    while (i < jury->count && jury->votes[i].processor == jury->votes[index].processor)
        i += (unsigned)step;
    return i >= jury->count || hash_equal(jury->votes[i].hash, majority);
}

static bool dissents(const struct jury *jury, unsigned index, struct hash majority)
{
    const struct jury_vote *vote = &jury->votes[index];

    return !hash_equal(vote->hash, majority) && !is_shared(jury, vote) &&
           agrees_beside(jury, index, -1, majority) && agrees_beside(jury, index, 1, majority);
}

/* Twice, and once of these on the very bytes that all have hashed. */
static bool is_wrong(const struct jury *jury, unsigned processor, struct hash majority)
{
    unsigned count = 0, here = 0;

    for (unsigned i = 0; i < jury->count; i++) {
        if (jury->votes[i].processor != processor || !dissents(jury, i, majority))
            continue;
        count++;
        here += !(jury->recalled >> i & 1);
    }
    return count >= 2 && here >= 1;
}

bool jury_verdict(const struct jury *jury, uint16_t *ret_processor)
{
    struct hash majority = jury->votes[0].hash;

    for (unsigned i = 1; i < jury->count; i++) {
        if (votes_for(jury, jury->votes[i].hash) > votes_for(jury, majority))
            majority = jury->votes[i].hash;
    }
    for (unsigned i = 0; i < jury->count; i++) {
        if (is_wrong(jury, jury->votes[i].processor, majority)) {
            *ret_processor = jury->votes[i].processor;
            return true;
        }
    }
    return false;
}
