#!/usr/bin/env python3
"""Writes logit_root.inc: x, p and the u where log(sigmoid(u)) - p*log(sigmoid(-u)) = x, by mpmath.

Run by hand: python3 tests/reference/logit_root.py > tests/reference/logit_root.inc
"""
import mpmath as mp

mp.mp.dps = 400  # exp(-700) must be seen beside 1

XS = ["-700", "-300.25", "-37.5", "-8", "-1.5", "-0.015625", "0", "0.0078125", "0.6931471805599453", "2.75", "21", "150.5",
      "700"]
PS = ["0.001", "0.0625", "0.5", "0.9375", "1", "1.015625", "2", "7.5", "50"]


def root(x, p):
    """Bisection alone: slow and sure."""
    f = lambda u: u + (p - 1) * mp.log1p(mp.exp(u)) - x
    low, high = mp.mpf(-2000), mp.mpf(800000)
    for _ in range(150):
        middle = (low + high) / 2
        low, high = (middle, high) if f(middle) < 0 else (low, middle)
    return (low + high) / 2


def main():
    print("/* Written by logit_root.py: x, p, root. */")
    for p in PS:
        for x in XS:
            # the numbers that C reads
            u = root(mp.mpf(float(x)), mp.mpf(float(p)))
            print("{%s, %s, %s}," % (x, p, mp.nstr(u if abs(u) > mp.mpf(10) ** -38 else mp.mpf(0), 20)))


main()
