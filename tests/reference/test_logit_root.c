/* The implicit function behind logistic_root against mpmath (logit_root.py), on every instruction set. */
#include <stdio.h>
#include "core/expr/kernels.h"
#include "tests/expr_table.h"

enum { N_ROWS = 16 }; /* a multiple of JF_LANES */

static const struct known {
    double x, p, root;
} all[] = {
#include "tests/reference/logit_root.inc"
};

/* What rounding x, and the sum that is to equal it, by a unit in the last place does to the root. */
static double last_places(const struct known *known)
{
    double slope = known->root > 0 ? known->p : 1, part = fabs(known->p - 1) * M_LN2;

    return DBL_EPSILON * (fabs(known->root) + (fabs(known->x) + part) / fmin(slope, 1));
}

static void roots_are_right_to_the_last_digits(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        const struct known *k = &all[i];
        double found = jf_logit_root(k->x, k->p);
        if (!(fabs(found - k->root) <= 4 * last_places(k)))
            fail_msg("x %g, p %g: %.17g, wanted %.17g", k->x, k->p, found, k->root);
    }
}

static void extremes_have_their_limits(void **state)
{
    (void)state;
    for (double p = 1e-300; p < 1e300; p *= 1e10) {
        double u = jf_logit_root(1, p), soft = fmax(u, 0) + log1p(exp(-fabs(u)));
        assert_true(jf_logit_root(INFINITY, p) == INFINITY);
        assert_true(jf_logit_root(-INFINITY, p) == -INFINITY);
        check_close(u < 0 ? u + (p - 1) * log1p(exp(u)) : p * u + (p - 1) * (soft - u), 1,
                    1e-13 * fmax(1, fabs(u)), "p %g: the equation at its root", p);
        assert_true(isnan(jf_logit_root(NAN, p)));
        assert_true(isnan(jf_logit_root(1, -p)));
    }
    assert_true(isnan(jf_logit_root(1, 0)));
    assert_true(isnan(jf_logit_root(1, INFINITY)));
    assert_true(isnan(jf_logit_root(1, NAN)));
}

static void every_instruction_set_gives_the_same_bytes(void **state)
{
    static const char *const sets[] = {"sse2", "avx2", "avx512", "generic"};
    const char *chosen = jf_kernels_name();
    double x[N_ROWS], p[N_ROWS], one_by_one[N_ROWS], found[N_ROWS];
    size_t n_sets = 0;

    (void)state;
    for (size_t i = 0; i < N_ROWS; i++) {
        x[i] = all[7 * i].x;
        p[i] = all[7 * i].p;
        one_by_one[i] = jf_logit_root(x[i], p[i]);
    }
    for (size_t s = 0; s < sizeof sets / sizeof *sets; s++) {
        if (!jf_kernels_choose(sets[s])) continue;
        n_sets++;
        jf_kernels_active()->table[JF_OP_LOGIT_ROOT][JF_ALL_ROWS](found, x, p, NULL, N_ROWS);
        assert_memory_equal(found, one_by_one, sizeof found);
    }
    assert_true(n_sets > 0);
    assert_true(jf_kernels_choose(chosen));
}

/* p = 1 is the sigmoid; swapping t and 1 - t swaps p with 1/p. */
static void roots_have_the_symmetries_of_the_equation(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        const struct known *k = &all[i];
        double mirrored = -jf_logit_root(-k->x / k->p, 1 / k->p);
        assert_true(jf_logit_root(k->x, 1) == k->x);
        double allowed = 8 * (last_places(k) * fmax(1, 1 / k->p) + DBL_EPSILON); /* 1/p is rounded */
        if (!(fabs(mirrored - k->root) <= allowed))
            fail_msg("x %g, p %g: mirrored %.17g, wanted %.17g", k->x, k->p, mirrored, k->root);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(roots_are_right_to_the_last_digits),
        cmocka_unit_test(extremes_have_their_limits),
        cmocka_unit_test(every_instruction_set_gives_the_same_bytes),
        cmocka_unit_test(roots_have_the_symmetries_of_the_equation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
