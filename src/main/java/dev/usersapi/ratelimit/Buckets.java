package dev.usersapi.ratelimit;

import io.github.bucket4j.ConsumptionProbe;

/** The token buckets, one for each limit. A bucket starts full, and is full again after a window without requests. */
interface Buckets {

    /** Takes one token if there is one. */
    ConsumptionProbe tryConsume(Limit limit);

    void refund(Limit limit);
}
