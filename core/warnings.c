/* Coded warnings: the list that travels with a result, and what each code means. */
#include "core/warnings.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "core/memory.h"

const jf_warning_help jf_warning_codes[] = {
    {"W_CHANGED", "a file, a library or the program is not what it was when a study's results were made",
     "look at what is named; 'joulefit run' makes the results anew"},
    {"W_NO_PDF", "LaTeX could not make a PDF of a study's report; all else is there",
     "run pdflatex report.tex in the study's folder and read its report.log"},
    {"W_PROXY_DEFAULT", "a proxy needs an input that no column holds, and the usual value was taken",
     "name the column with --map NAME=COLUMN, or give the value: --map precision='\"bf16\"'"},
    {"W_UNKNOWN_LABEL", "labels of an input are not known; what is made from it is missing in those rows",
     "say what they mean: --let or --map with if(...), or --arch for the architecture"},
    {"W_GPU_ASSUMED", "a GPU's name leaves the variant open (memory, board), and the usual one was taken",
     "write the full name in the table, as \"A100-SXM4-80GB\""},
    {"W_NO_PEAK", "a GPU does not support the precision of its runs, so it has no peak rate there",
     "look at the precision column; emulated types have no peak to compare with"},
    {"W_UNMATCHED", "runs on several GPUs have no single-GPU run of their family, so no efficiency",
     "measure the missing single-GPU runs, or name the columns of a family with --map family=A,B"},
    {"W_OTHER_WORK", "efficiency from durations was asked for where runs differ in the work they did",
     "use eta, which compares tokens a second"},
    {"W_OWN_COLUMN", "the table has a column of the name of a proxy that was asked for, and it is kept",
     "rename the column if the proxy is wanted"},
    {"W_PROXY_SKIPPED", "some proxies could not be made from this table", "see the reason beside it"},
    {"W_DUPLICATES", "some rows are equal in every column but an index: they are copies, not repeats",
     "look where they come from; --duplicates drop keeps the first of each, --duplicates error refuses them"},
    {"W_MIXED_COLUMN", "a column holds numbers and a few texts that are no numbers, and is read as labels",
     "correct the cells named, or write them as NA; --label COL says that labels are meant"},
    {"W_REJECTED_ROWS", "rows of a file could not be read and take no part",
     "--ledger FILE lists each with its line and cause; correct the file"},
    {"W_ROWS_DROPPED", "rows were left out because a value that the law needs is missing or not finite",
     "look at the columns named, or leave such rows out by --where"},
    {"W_SI_NAME", "the file has a column called like one that joulefit makes in SI units, in another unit",
     "rename it, give its unit with --unit, or use the file's column knowing its unit"},
    {"W_SCOPE", "the energy column of the chosen scope was picked among several or by its name alone",
     "choose with --scope gpu|cpu|ram|total, or make the column with --let 'energy [J] = ...'"},
    {"W_LEVELS_TWICE", "a level parameter stands twice in one law and is the same parameter both times",
     "give the second one another name if two parameters were meant"},
    {"W_FEW_GROUPS", "there are few groups, so cluster errors and splits by group are rough",
     "measure more groups, use the wild cluster bootstrap, or report the number of groups beside the errors"},
    {"W_FEW_ROWS", "there are hardly more rows than parameters", "measure more runs or take a smaller law"},
    {"W_COLLINEAR", "two or more parameters can hardly be told apart by these rows",
     "fix or drop one of those named, or measure runs that change one and not the other"},
    {"W_REDUNDANT_LEVELS", "levels and an intercept are redundant: their sum is fixed by nothing",
     "name a reference level, as in r[strategy = \"Baseline\"], or drop the intercept"},
    {"W_ONE_ROW_LEVEL", "a level has a single row, which its parameter fits without error",
     "join it with another level, leave it out by --where, or measure more of it"},
    {"W_AT_BOUND",
     "an estimate lies on its bound, so it has no standard error of the usual kind, and those of the others "
     "take "
     "it for known",
     "widen the bound if it is not physical; else ask for profile or bootstrap percentile intervals, of the "
     "others "
     "too"},
    {"W_FLAT", "the loss hardly changes along some direction, so the estimates there are arbitrary",
     "fix a parameter, take a smaller law, or measure runs that tell them apart"},
    {"W_HIT_LIMIT", "the solver stopped at its limit before it converged",
     "give better starts (--start), more of them (--starts), or a simpler law"},
    {"W_UNIDENTIFIED", "these rows, or (structurally) no rows, determine a parameter at all",
     "fix it or drop its term; where other rows would help, measure runs in which its term differs"},
    {"W_PROXY_NAME",
     "parameters that these rows do not determine bear names of features that joulefit could make",
     "ask for the features with --proxy, or name the parameters otherwise"},
    {"W_WEAK",
     "a parameter is determined only weakly: it trades off with others, or its interval is open on one side",
     "report the interval, not the estimate; measure where the term matters, or fix one of those named"},
    {"W_MANY_BASINS", "starts ended in different minima of nearly the same loss",
     "raise --starts, look at the basins listed, or bound the parameters"},
    {"W_BETTER_MINIMUM",
     "a profile came on a lower minimum than the search had found, and the fit was redone",
     "give that minimum as --start, or search longer with --starts N; look whether the law has several ends"},
    {"W_INTERVALS_DISAGREE", "kinds of interval that should be alike differ in length by more than half",
     "with groups trust the clustered kinds, and where the law is far from linear profiles or the bootstrap "
     "before Wald; say which it is"},
    {"W_PROFILE_ROWS", "profile intervals take rows as independent, and the rows stand in groups",
     "with groups, report the cluster intervals or --ci bootstrap, which draws whole groups"},
    {"W_POST_RUN", "the law reads values that are known only after the run, so it explains and cannot plan",
     "use pre-run columns for planning; --pre-run refuses the others"},
    {"W_EXTRAPOLATION", "predictions lie outside the runs that the law was fitted on",
     "see the distance column; measure a run out there before relying on them"},
    {"W_NO_PREDICTION", "rows have no prediction: an input is missing, or is a level that the fit never saw",
     "fill the cell, measure a run of that level, or leave such rows out by --where"},
    {"W_SIMULATED", "the runs were drawn by a model and not measured",
     "use them to try the program; claim nothing about hardware from them"},
    {"W_INFEASIBLE_SPLITS", "some splits would ask for levels that their training part does not have",
     "use another plan, or laws without those levels"},
    {"W_CONFORMAL_FEW",
     "there are too few calibration groups for the level asked for: the interval is infinite",
     "lower --level or measure as many more groups as the message says"},
    {"W_REDRAWN_SPLITS", "random splits were drawn again because training lacked a level of their test part",
     "nothing need be done; many redraws mean that a level has few groups"},
    {"W_NO_CRITERIA", "a law has no information criteria that could be compared with the others'",
     "compare it by its scores on held-out runs, or fit all laws by least squares on the same rows"},
    {"W_LAW_FAILED", "a law could not be fitted, to all rows or on too many splits, and stands last",
     "see the reason beside it; give starts or bounds, or drop the law"},
    {"W_SUSPECT_ENERGY", "a measured energy cannot be right: its power, its window or its unit",
     "look at the lines named in the ledger; leave them out by --where or mend the file"},
    {"W_SHORT_RUN", "a run is too short for the power sensor that measured it",
     "measure at least ten times the sensor's update period and averaging window, or repeat the work"},
    {"W_SENSOR_BLIND", "the power sensor averages over a part of its update period only",
     "repeat the work often, with delays that shift its phase, and report the sensor"},
    {"W_COUNTER_TRACE",
     "two measurements of one run's energy, as a counter and a power trace, are more than 5 % apart",
     "look at the trace's gaps and window; a counter is better than a trace"},
    {"W_ASSUMED_INTERVAL", "a log bears no times, so that the distance of its samples had to be assumed",
     "say it (--interval SECONDS), or log with times"},
    {"W_NO_WINDOW", "a power log covers none of the runs' windows",
     "check the clocks: logs may be in local time and runs in UTC (--shift SECONDS)"},
    {"W_PREDICTED_ENERGY", "an energy is the tracker's prediction, not a measurement",
     "leave the run out, or let the tracker run to the end"},
    {"W_RUNAWAY", "a parameter has no best value: the loss falls for ever along it, by ever less",
     "fix it, bound it or drop its term; predictions like these runs do not depend on it"},
    {"W_NO_VARIANT", "a law of two stages could not be set beside the same law with or without its stage",
     "see the reason beside it; the other variants are compared"},
    {"W_MISSING_COLUMN", "one of several files lacks a column that others have, and its rows miss the value",
     "add the column to that file, or leave its rows out with --where"},
    {"W_SEARCHED",
     "a law was found by a search, and a plan with many splits scores the one chosen on all rows",
     "read the scores of the other plans, where the search is made anew in each split"},
    {"W_BOOTSTRAP_FAILED",
     "some resamples of a bootstrap could not be fitted and are left out of its intervals",
     "try --resample residual or wild, which keep all rows, or leave out levels with few rows"},
    {"W_LEARNED_ANEW", "a saved law has constants learned from its own runs, and others are learned here",
     "simulate on the runs that the law was fitted to, or write the constants into the law"},
    {"W_SMALL_SAMPLE", "there are few rows for a kind of interval that holds the truth only in large samples",
     "ask for classical, profile or hc3; joulefit simulate measures how often each holds it on your design"},
    {"W_UNEQUAL_SCATTER",
     "runs scatter more at some inputs than at others, and an interval takes it for equal",
     "ask for --se hc3 or, for bootstraps, --resample wild; or let noise enter otherwise (--error)"},
    {"W_GROUPS_IGNORED", "groups were named, and an interval of a kind that knows none was asked for",
     "rely on cluster errors, or --resample cluster or wild-cluster; others are for comparison"},
    {"W_COVERAGE", "in simulated studies an interval holds the truth less often than its level says",
     "take a kind that holds it on this design, or measure more runs or groups"},
    {"W_REPLICATES_LOST", "some simulated data sets led to no usable fit; the figures are of the others",
     "look at the outcomes: figures of what is left flatter a law that often fails"},
    {0},
};

static char *format_message(const char *format, va_list arguments)
{
    va_list again;
    char *message = NULL;
    int length;

    va_copy(again, arguments);
    length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (length >= 0) message = JF_NEW_ARRAY(char, (size_t)length + 1);
    if (message) vsnprintf(message, (size_t)length + 1, format, arguments);
    return message;
}

static bool has_warning(const jf_warnings *list, const char *code, const char *message)
{
    for (size_t i = 0; i < list->n; i++)
        if (strcmp(list->items[i].code, code) == 0 && strcmp(list->items[i].message, message) == 0)
            return true;
    return false;
}

void jf_warn(jf_warnings *list, const char *code, const char *format, ...)
{
    va_list arguments;
    char *message;

    if (!list) return;
    va_start(arguments, format);
    message = format_message(format, arguments);
    va_end(arguments);
    if (!message || has_warning(list, code, message) ||
        !jf_grow((void **)&list->items, &list->capacity, list->n + 1, sizeof *list->items)) {
        jf_free(message);
        return;
    }
    list->items[list->n++] = (jf_warning){.code = code, .message = message};
}

void jf_warnings_append(jf_warnings *list, const jf_warnings *more)
{
    for (size_t i = 0; i < more->n; i++) jf_warn(list, more->items[i].code, "%s", more->items[i].message);
}

void jf_warnings_free(jf_warnings *list)
{
    for (size_t i = 0; i < list->n; i++) jf_free(list->items[i].message);
    jf_free(list->items);
    *list = (jf_warnings){0};
}

const jf_warning_help *jf_warning_explain(const char *code)
{
    for (const jf_warning_help *row = jf_warning_codes; row->code; row++)
        if (strcmp(row->code, code) == 0) return row;
    return NULL;
}
