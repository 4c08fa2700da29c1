#!/usr/bin/env python3
"""Writes expr_derivatives.inc: values, gradients and second derivatives of laws by mpmath, at 60 digits.

Run by hand: python3 tests/reference/expr_derivatives.py > tests/reference/expr_derivatives.inc
"""
import mpmath as mp

mp.mp.dps = 60


def logistic_root(v, p):
    """The t in (0, 1) where log t - p log(1 - t) = v: bisection of the log-odds, then secants."""
    f = lambda u: u + (p - 1) * mp.log1p(mp.exp(u)) - v
    low, high = min(v, v / p) - 1 - abs(mp.log(p)), max(v, v / p) + 1 + abs(mp.log(p))
    while high - low > mp.mpf(10) ** -(mp.mp.dps // 3):
        middle = (low + high) / 2
        low, high = (middle, high) if f(middle) < 0 else (low, middle)
    u = (low + high) / 2
    for _ in range(4):
        s = 1 / (1 + mp.exp(-u))
        u -= f(u) / (1 - s + p * s)
    return 1 / (1 + mp.exp(-u))


# text, parameters, and the same law as a function of (x, y, parameters)
LAWS = [
    ("lse(a - b*log(x), c - d*log(y), e)", ["a", "b", "c", "d", "e"],
     lambda x, y, a, b, c, d, e: mp.log(mp.exp(a - b * mp.log(x)) + mp.exp(c - d * mp.log(y)) + mp.exp(e))),
    ("log(a*x^b + c)", ["a", "b", "c"], lambda x, y, a, b, c: mp.log(a * x ** b + c)),
    ("a + b*x^-c + d/y", ["a", "b", "c", "d"], lambda x, y, a, b, c, d: a + b * x ** -c + d / y),
    ("a*sigmoid(b*(x - c))", ["a", "b", "c"], lambda x, y, a, b, c: a / (1 + mp.exp(-b * (x - c)))),
    ("a*tanh(b*x) + c*atan(d*y)", ["a", "b", "c", "d"],
     lambda x, y, a, b, c, d: a * mp.tanh(b * x) + c * mp.atan(d * y)),
    ("a*erf(b*x) + sqrt(c*y + 1)", ["a", "b", "c"], lambda x, y, a, b, c: a * mp.erf(b * x) + mp.sqrt(c * y + 1)),
    ("log1p(a*x) + expm1(-b*y) + log2(c + x) - log10(c*y)", ["a", "b", "c"],
     lambda x, y, a, b, c: mp.log1p(a * x) + mp.expm1(-b * y) + mp.log(c + x, 2) - mp.log10(c * y)),
    ("sin(a*x)*cos(b*y) + (a - b)^3/(1 + c^2)", ["a", "b", "c"],
     lambda x, y, a, b, c: mp.sin(a * x) * mp.cos(b * y) + (a - b) ** 3 / (1 + c ** 2)),
    ("max(a*x, b)^2.5 + min(c*y, a)", ["a", "b", "c"],
     lambda x, y, a, b, c: max(a * x, b) ** mp.mpf("2.5") + min(c * y, a)),
    ("a*hinge(x, b)^1.5 + abs(c - y)", ["a", "b", "c"],
     lambda x, y, a, b, c: a * max(x - b, 0) ** mp.mpf("1.5") + abs(c - y)),
    ("if(x > 2, a*log(x - 2)^2*b, exp(c*y)/b)", ["a", "b", "c"],
     lambda x, y, a, b, c: a * mp.log(x - 2) ** 2 * b if x > 2 else mp.exp(c * y) / b),
    ("(a^x)^b/exp(c*x)^0.5", ["a", "b", "c"],
     lambda x, y, a, b, c: (a ** x) ** b / mp.sqrt(mp.exp(c * x))),
    ("logistic_root(a*log(x) + b, c)", ["a", "b", "c"],
     lambda x, y, a, b, c: logistic_root(a * mp.log(x) + b, c)),
    ("logistic_root(a*(x - 12) - b*y, 4*c*y)", ["a", "b", "c"],
     lambda x, y, a, b, c: logistic_root(a * (x - 12) - b * y, 4 * c * y)),
]
ROWS = [("0.75", "1.25"), ("1.5", "0.375"), ("3.0", "2.5"), ("7.25", "0.0625"), ("40.0", "12.0")]
THETA = ["1.3125", "0.4375", "0.8125", "0.28125", "-0.625"]


def derivative(f, theta, orders):
    return mp.diff(f, theta, orders) if sum(orders) else f(*theta)


def main():
    print("/* Written by expr_derivatives.py: value, gradient, second derivatives (0,0) (1,0) (1,1) ... */")
    for text, names, law in LAWS:
        k = len(names)
        theta = tuple(mp.mpf(t) for t in THETA[:k])
        print('{"%s", %d, {' % (text, k))
        for x, y in ROWS:
            f = lambda *p: law(mp.mpf(x), mp.mpf(y), *p)
            found = [f(*theta)]
            for a in range(k):
                found.append(derivative(f, theta, tuple(int(i == a) for i in range(k))))
            for a in range(k):
                for b in range(a + 1):
                    found.append(derivative(f, theta, tuple(int(i == a) + int(i == b) for i in range(k))))
            print("    {" + ", ".join(mp.nstr(v, 17) for v in found) + "},")
        print("}},")


main()
