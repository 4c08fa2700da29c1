/* NIST's Statistical Reference Datasets: problems with certified answers, solved. */
#ifndef JF_TESTS_REFERENCE_NIST_DATA_H
#define JF_TESTS_REFERENCE_NIST_DATA_H

#include "fit/solve/solve.h"

enum { NIST_MOST = 12 };

typedef struct nist_problem {
    char name[32];
    char file[64]; /* beside certified.json */
    char law[512]; /* "y ~ b1*(1-exp(-b2*x))" */
    bool linear;
    size_t k;
    double start[2][NIST_MOST];                      /* of b1, b2, ...; nonlinear problems */
    double certified[NIST_MOST], sd[NIST_MOST], rss; /* of b1, b2, ... */
} nist_problem;

typedef struct nist_set {
    char folder[4096];
    nist_problem *problems;
    size_t n;
} nist_set;

typedef struct nist_answer {
    jf_solution solution;
    double theta[NIST_MOST];             /* b1, b2, ... */
    double parameter_digits, rss_digits; /* fewest over parameters */
    double error_digits;                 /* of classical standard errors, fewest over parameters */
} nist_answer;

/* Reads certified.json; an empty set when path is NULL; false when it does not read. */
bool nist_read(const char *path, nist_set *out);
void nist_clear(nist_set *set);
/* Digits that two numbers share: -log10 of the relative difference, 0 to 11 (the certified ones). */
double nist_digits(double found, double certified);
/* Solves one from start 1 or 2, or from none (0), with default settings: the solver's answer, and the
 * standard errors of the whole fit. */
void nist_solve(const nist_set *set, const nist_problem *nist, int start, nist_answer *out);
/* The problem of this name; fails the test when there is none. */
const nist_problem *nist_find(const nist_set *set, const char *name);
/* The solver's answer from start 1 or 2 with no more than `most` iterations and one other start. */
jf_solution nist_solve_within(const nist_set *set, const nist_problem *nist, int start, size_t most);
/* The loss reached from no start with another seed, and the outcome. */
double nist_loss_from(const nist_set *set, const nist_problem *nist, uint64_t seed, jf_outcome *outcome);
void nist_answer_clear(nist_answer *answer);

#endif
