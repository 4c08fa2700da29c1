/* Double-double sums: a running total with twice the digits of a double (Dekker 1971, Knuth; Ogita, Rump and
 * Oishi 2005). Needs -ffp-contract=off, which the whole house is built with. */
#ifndef JF_FIT_TWOFOLD_H
#define JF_FIT_TWOFOLD_H

typedef struct jf_twofold {
    double high, low;
} jf_twofold;

static inline jf_twofold jf_two_sum(double a, double b)
{
    double sum = a + b, back = sum - a;

    return (jf_twofold){sum, (a - (sum - back)) + (b - back)};
}

static inline jf_twofold jf_two_product(double a, double b)
{
    const double splitter = 134217729; /* 2^27 + 1 */
    double product = a * b, t, a_high, a_low, b_high, b_low;

    if (!(a < 1e290 && a > -1e290 && b < 1e290 && b > -1e290))
        return (jf_twofold){product, 0}; /* splitting would overflow */
    t = splitter * a, a_high = t - (t - a), a_low = a - a_high;
    t = splitter * b, b_high = t - (t - b), b_low = b - b_high;
    return (jf_twofold){product,
                        ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low};
}

static inline void jf_twofold_add(jf_twofold *total, double x)
{
    jf_twofold s = jf_two_sum(total->high, x);

    s.low += total->low;
    total->high = s.high + s.low;
    total->low = s.low - (total->high - s.high);
}

static inline void jf_twofold_add_product(jf_twofold *total, double a, double b)
{
    jf_twofold p = jf_two_product(a, b);

    jf_twofold_add(total, p.high);
    total->low += p.low;
}

static inline double jf_twofold_value(const jf_twofold *total)
{
    return total->high + total->low;
}

#endif
