/* Reading and solving NIST's problems. */
#include "tests/reference/nist_data.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "core/memory.h"
#include "data/csv.h"
#include "tests/check.h"
#include "tests/problem.h"

static void read_numbers(const json_t *list, double *out)
{
    for (size_t i = 0; i < json_array_size(list) && i < NIST_MOST; i++)
        out[i] = json_number_value(json_array_get(list, i));
}

static void read_problem(const char *name, const json_t *entry, bool linear, nist_problem *out)
{
    const char *model = json_string_value(json_object_get(entry, "model"));

    *out = (nist_problem){.linear = linear};
    snprintf(out->name, sizeof out->name, "%s", name);
    snprintf(out->file, sizeof out->file, "%s", json_string_value(json_object_get(entry, "file")));
    snprintf(out->law, sizeof out->law, "%s ~ %s", json_string_value(json_object_get(entry, "response")),
             model);
    out->k = (size_t)json_integer_value(json_object_get(entry, "k"));
    out->rss = json_number_value(json_object_get(entry, "rss"));
    read_numbers(json_object_get(entry, "certified"), out->certified);
    read_numbers(json_object_get(entry, "sd"), out->sd);
    read_numbers(json_object_get(entry, "start1"), out->start[0]);
    read_numbers(json_object_get(entry, "start2"), out->start[1]);
}

bool nist_read(const char *path, nist_set *out)
{
    static const char *const sections[] = {"nonlinear", "linear"};
    json_t *root, *entry;
    const char *name;

    *out = (nist_set){.n = 0};
    if (!path) return true;
    snprintf(out->folder, sizeof out->folder, "%.*s", (int)(strrchr(path, '/') - path), path);
    root = json_load_file(path, 0, NULL);
    if (!root) return false;
    out->problems = JF_NEW_ZEROED(nist_problem, json_object_size(json_object_get(root, "nonlinear")) +
                                                    json_object_size(json_object_get(root, "linear")) + 1);
    for (size_t s = 0; out->problems && s < 2; s++) {
        json_t *section = json_object_get(root, sections[s]);

        json_object_foreach(section, name, entry) read_problem(name, entry, s == 1, &out->problems[out->n++]);
    }
    json_decref(root);
    return out->n > 0;
}

void nist_clear(nist_set *set)
{
    jf_free(set->problems);
    *set = (nist_set){.n = 0};
}

double nist_digits(double found, double certified)
{
    double difference = certified != 0 ? fabs(found - certified) / fabs(certified) : fabs(found);

    if (!(difference < 1)) return 0;
    return difference > 0 ? fmin(-log10(difference), 11) : 11;
}

/* The parameter "b1" of NIST's first certified number, and so on: laws number theirs by first appearance. */
static size_t place(const jf_problem *problem, size_t b)
{
    char name[24];

    snprintf(name, sizeof name, "b%d", (int)b + 1);
    return test_parameter(problem, name);
}

/* The law with these starting values; NULL: none. */
static jf_law *law_from(const nist_problem *nist, const double *start)
{
    jf_error err = {0};
    jf_law *law;

    check_ok(jf_law_read(nist->law, &law, &err), &err);
    for (size_t b = 0; start && b < nist->k; b++) {
        char text[64];

        snprintf(text, sizeof text, "b%zu=%.17g", b + 1, start[b]);
        check_ok(jf_law_set_starts(law, text, &err), &err);
    }
    return law;
}

/* Standard errors as users get them, at the solution `theta`. */
static double error_digits(const nist_problem *nist, const double *theta, const jf_table *table)
{
    jf_fit_options settings;
    double fewest = 11;
    jf_error err = {0};
    char name[24];
    jf_fit *fit;

    jf_law *law = law_from(nist, theta);

    jf_fit_options_default(&settings);
    check_ok(jf_fit_run(law, table, NULL, 0, NULL, &settings, &fit, &err), &err);
    for (size_t b = 0; b < nist->k; b++) {
        snprintf(name, sizeof name, "b%zu", b + 1);
        for (size_t j = 0; j < fit->n_estimates; j++)
            if (strcmp(fit->estimates[j].name, name) == 0)
                fewest = fmin(fewest, nist_digits(fit->estimates[j].std_error, nist->sd[b]));
    }
    jf_fit_free(fit);
    jf_law_free(law);
    return fewest;
}

/* The law bound to the problem's file; all three freed by the caller. */
static jf_problem *bind(const nist_set *set, const nist_problem *nist, int start, jf_law **law,
                        jf_table **table)
{
    jf_fit_options settings = {.error = NULL};
    jf_problem *problem;
    jf_error err = {0};
    char path[8192];

    *law = law_from(nist, start ? nist->start[start - 1] : NULL);
    snprintf(path, sizeof path, "%s/%s", set->folder, nist->file);
    check_ok(jf_csv_read(path, &(jf_csv_options){0}, NULL, NULL, table, &err), &err);
    check_ok(jf_problem_build(*law, *table, NULL, 0, &settings, NULL, &problem, &err), &err);
    return problem;
}

static void unbind(jf_problem *problem, jf_law *law, jf_table *table)
{
    jf_problem_free(problem);
    jf_law_free(law);
    jf_table_free(table);
}

void nist_solve(const nist_set *set, const nist_problem *nist, int start, nist_answer *out)
{
    jf_solve_options options = test_solve_options();
    jf_table *table;
    jf_law *law;
    jf_problem *problem = bind(set, nist, start, &law, &table);
    jf_error err = {0};

    *out = (nist_answer){.parameter_digits = 11};
    check_ok(jf_solve(problem, &options, &out->solution, &err), &err);
    for (size_t b = 0; b < nist->k; b++) {
        out->theta[b] = out->solution.theta[place(problem, b)];
        out->parameter_digits = fmin(out->parameter_digits, nist_digits(out->theta[b], nist->certified[b]));
    }
    out->rss_digits = nist_digits(out->solution.loss, nist->rss);
    out->error_digits = error_digits(nist, out->theta, table);
    unbind(problem, law, table);
}

const nist_problem *nist_find(const nist_set *set, const char *name)
{
    for (size_t i = 0; i < set->n; i++)
        if (strcmp(set->problems[i].name, name) == 0) return &set->problems[i];
    fail_msg("no problem %s", name);
    return NULL;
}

jf_solution nist_solve_within(const nist_set *set, const nist_problem *nist, int start, size_t most)
{
    jf_solve_options options = test_solve_options();
    jf_table *table;
    jf_law *law;
    jf_problem *problem = bind(set, nist, start, &law, &table);
    jf_solution solution;
    jf_error err = {0};

    options.max_iterations = most;
    options.starts = 1;
    check_ok(jf_solve(problem, &options, &solution, &err), &err);
    unbind(problem, law, table);
    return solution;
}

double nist_loss_from(const nist_set *set, const nist_problem *nist, uint64_t seed, jf_outcome *outcome)
{
    jf_solve_options options = test_solve_options();
    jf_table *table;
    jf_law *law;
    jf_problem *problem = bind(set, nist, 0, &law, &table);
    jf_solution solution;
    jf_error err = {0};
    double loss;

    options.seed = seed;
    check_ok(jf_solve(problem, &options, &solution, &err), &err);
    loss = solution.loss;
    *outcome = solution.outcome;
    jf_solution_clear(&solution);
    unbind(problem, law, table);
    return loss;
}

void nist_answer_clear(nist_answer *answer)
{
    jf_solution_clear(&answer->solution);
}
