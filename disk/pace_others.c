#include "disk/pace.h"

uint64_t pace_now(const struct pace *pace)
{
    return pace->now;
}

uint64_t pace_usual(const struct pace *pace)
{
    return pace->usual;
}

bool pace_kept(const struct pace *pace, bool *ret_known)
{
    *ret_known = pace->usual != 0;
    return pace->now >= pace->usual / 2;
}

void pace_others_add(struct pace_others *others, const struct pace *other)
{
    bool known, kept = pace_kept(other, &known);

    if (known) {
        others->known++;
        others->kept += kept;
    }
    if (other->carried != 0 && other->now != 0) {
        others->carried_known++;
        others->carried_kept += other->now >= pace_believable(other->carried) / 2;
    }
}

unsigned pace_others_flags(const struct pace_others *others)
{
    unsigned flags = 0;

    if (others->known != 0)
        flags |= PACE_OTHERS_KNOWN | (others->kept != 0 ? PACE_OTHERS_KEPT : 0);
    if (others->carried_known != 0)
        flags |= PACE_CARRIED_KNOWN |
                 (others->carried_kept * 2 >= others->carried_known ? PACE_CARRIED_KEPT : 0);
    return flags;
}
