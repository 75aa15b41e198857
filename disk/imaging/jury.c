#include "disk/imaging/jury.h"

void jury_add(struct jury *jury, struct hash hash, unsigned processor)
{
    if (!jury_is_full(jury))
        jury->votes[jury->count++] =
            (struct jury_vote){.hash = hash, .processor = (uint16_t)processor};
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

static unsigned dissent(const struct jury *jury, unsigned processor, struct hash majority)
{
    unsigned count = 0;

    for (unsigned i = 0; i < jury->count; i++) {
        const struct jury_vote *vote = &jury->votes[i];

        count += vote->processor == processor && !hash_equal(vote->hash, majority);
    }
    return count;
}

bool jury_verdict(const struct jury *jury, uint16_t *ret_processor)
{
    struct hash majority = jury->votes[0].hash;

    for (unsigned i = 1; i < jury->count; i++) {
        if (votes_for(jury, jury->votes[i].hash) > votes_for(jury, majority))
            majority = jury->votes[i].hash;
    }
    for (unsigned i = 0; i < jury->count; i++) {
        if (dissent(jury, jury->votes[i].processor, majority) >= 2) {
            *ret_processor = jury->votes[i].processor;
            return true;
        }
    }
    return false;
}
