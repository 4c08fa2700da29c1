/* Prints the digits reached on each of NIST's problems: `nist CERTIFIED.json ...`. */
#include "tests/check.h"

#include <stdio.h>
#include <string.h>
#include "fit/fit.h"
#include "tests/problem.h"
#include "tests/reference/nist_data.h"

static const char *outcome_name(jf_outcome outcome)
{
    static const char *const names[] = {"converged", "at_bound", "flat", "hit_limit", "failed"};

    return names[outcome];
}

/* The certified minimum from no start, with its terms in another order. */
static bool is_twin(const nist_answer *answer, int start)
{
    return start == 0 && answer->rss_digits >= 8 && answer->parameter_digits < 8;
}

static void print_problem(const nist_set *set, const nist_problem *nist)
{
    static const char *const starts[] = {"none", "1", "2"};

    for (int start = nist->linear ? 0 : 1, i = 0; i < (nist->linear ? 1 : 3); i++, start = (start + 1) % 3) {
        nist_answer answer;
        const jf_solution *s = &answer.solution;

        nist_solve(set, nist, start, &answer);
        printf("| %-9s | %-5s | %6.1f%c| %6.1f | %6.1f | %9s | %8.1e | %5zu of %2zu |\n", nist->name,
               nist->linear ? "-" : starts[start], answer.parameter_digits,
               is_twin(&answer, start) ? '*' : ' ', answer.error_digits, answer.rss_digits,
               outcome_name(s->outcome), s->scaled_gradient, s->starts_agreeing, s->starts_finished);
        nist_answer_clear(&answer);
    }
}

int main(int argc, char **argv)
{
    test_settle_libraries(NULL);
    printf("| problem   | start | digits | of SE  | of RSS | outcome   | gradient | agreeing |\n");
    printf("|-----------|-------|--------|--------|--------|-----------|----------|----------|\n");
    for (int i = 1; i < argc; i++) {
        nist_set set;

        if (!nist_read(argv[i], &set)) {
            fprintf(stderr, "%s: cannot be read\n", argv[i]);
            return 1;
        }
        for (size_t p = 0; p < set.n; p++) print_problem(&set, &set.problems[p]);
        nist_clear(&set);
    }
    return 0;
}
