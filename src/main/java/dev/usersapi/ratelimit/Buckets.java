package dev.usersapi.ratelimit;

import io.github.bucket4j.ConsumptionProbe;

/** Holds one bucket of tokens for each limit: full at first, and again when nobody took any for a window. */
interface Buckets {

    /** Takes one token where there is one. */
    ConsumptionProbe take(Limit limit);

    void giveBack(Limit limit);
}
