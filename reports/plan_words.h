/* Validation plans in words: a short column title, and a sentence on what was held out. */
#ifndef JF_REPORTS_PLAN_WORDS_H
#define JF_REPORTS_PLAN_WORDS_H

#include <jansson.h>
#include "core/text.h"

/* "grouped", "10-fold", "up", "down", ...: of "grouped:repeats=20,test=0.3", "kfold:10",
 * "extrapolate:n:0.75". */
void jf_plan_short(jf_text *out, const char *plan);
/* The same with the column that the plan goes along: "up along C", a panel's title. */
void jf_plan_title(jf_text *out, const char *plan);
/* "20 random splits, each holding out 30 % of the 48 groups": of a plan's object in a comparison. */
void jf_plan_in_words(jf_text *out, const json_t *plan);

/* The same in fewer words where there are many, for the key of a figure: "tested above the 75 % quantile of
 * C". */
void jf_plan_key(jf_text *out, const json_t *plan);

#endif
