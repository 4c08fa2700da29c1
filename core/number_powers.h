/* Powers of five for reading decimals: 128 bits each, high half first. */
#ifndef JF_CORE_NUMBER_POWERS_H
#define JF_CORE_NUMBER_POWERS_H

#include <stdint.h>

enum { JF_SMALLEST_POWER = -342, JF_LARGEST_POWER = 308 }; /* beyond: 0 and infinity, for up to 19 digits */
extern const uint64_t jf_powers_of_five[JF_LARGEST_POWER - JF_SMALLEST_POWER + 1][2];

#endif
