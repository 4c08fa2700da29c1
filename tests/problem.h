/* Laws bound to tables for the tests of solvers: the smallest jf_problem that jf_solve takes. */
#ifndef JF_TESTS_PROBLEM_H
#define JF_TESTS_PROBLEM_H

#include "fit/solve/solve.h"

/* Binds "y ~ formula" to all rows; the response is evaluated as written. No bounds, no starts; ranges -1 to 1
 * unless set afterwards. Fails the test on any error. */
jf_problem *test_problem_new(const char *law, const jf_table *table);
void test_problem_free(jf_problem *problem);
/* Index of a parameter by name; fails the test when there is none. */
size_t test_parameter(const jf_problem *problem, const char *name);
/* A table of numeric columns, `n_rows` long: names and values (values are copied). */
jf_table *test_table(size_t n_columns, const char *const *names, const double *const *values, size_t n_rows);
/* Adds a column of labels. */
void test_add_labels(jf_table *table, const char *name, const char *const *cells);
/* What `main` does for the program: GSL's error handler off, OpenBLAS on one thread. A cmocka group setup. */
int test_settle_libraries(void **state);
/* The settings of a user who chose none. */
jf_solve_options test_solve_options(void);

#endif
