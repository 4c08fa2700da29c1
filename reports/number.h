/* Numbers as readers want them: rounded to what their errors allow. Free of the locale. */
#ifndef JF_REPORTS_NUMBER_H
#define JF_REPORTS_NUMBER_H

#include <stddef.h>
#include "core/text.h"

/* All write into `buffer` of JF_NUMBER_TEXT bytes and return it; "-" stands for a number that does not exist.
 */

/* `digits` significant digits: "0.1235", "1.235e7". */
const char *jf_show_number(char *buffer, double value, int digits);
/* As it is, at most `digits` significant digits and no trailing zeros: "12", "0.5", "2.96868e13". */
const char *jf_show_plain(char *buffer, double value, int digits);
/* `decimals` places, with an exponent where the number is so large or small that places would not do. */
const char *jf_show_fixed(char *buffer, double value, int decimals);
/* An estimate rounded to the place of its error's second digit: 1.23456 +- 0.0789 is "1.235". */
const char *jf_show_estimate(char *buffer, double value, double error, int digits);
/* An error by itself: two digits. */
const char *jf_show_error(char *buffer, double error);
/* "0.0123", "4.5e-7", "<1e-16". */
const char *jf_show_p(char *buffer, double p);
/* A share as "12.3 %". */
const char *jf_show_percent(char *buffer, double share);

#endif
