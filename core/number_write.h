/* Digits of doubles without the C library: what "%.15g", "%.16g" or "%.17g" prints, many times faster. */
#ifndef JF_CORE_NUMBER_WRITE_H
#define JF_CORE_NUMBER_WRITE_H

#include <stdbool.h>

/* Writes a finite value as "%.*g" with `digits` (15 to 17) significant digits prints it in the C locale;
 * `buffer` takes 32 bytes. False, with nothing written, for the few values that it leaves to the library:
 * zero, those outside 1e-280 to 1e280, and those within a hair of half way between two decimals. */
bool jf_number_write(char *buffer, double value, int digits);

#endif
