/* A clock for durations; results never read it. */
#ifndef JF_CORE_CLOCK_H
#define JF_CORE_CLOCK_H

/* Seconds since an unknown moment, on a clock that nobody sets back. */
double jf_clock_seconds(void);

#endif
