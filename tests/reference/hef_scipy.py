#!/usr/bin/env python3
"""The saturating law of hardware efficiency fitted by scipy from 60 random starts for each source and operation of
../shared/data/ecai2025/transformer_hef.csv: the numbers of tests/golden/test_measured_efficiency.sh.

usage: hef_scipy.py transformer_hef.csv
prints: source,operation,etamax,k,alpha,sum of squares"""
import csv
import sys

import numpy as np
from scipy.optimize import least_squares

with open(sys.argv[1], newline="") as file:
    rows = list(csv.DictReader(file))
draw = np.random.default_rng(1)
for source in sorted({row["source"] for row in rows}):
    for operation in sorted({row["operation"] for row in rows}):
        mine = [row for row in rows if row["source"] == source and row["operation"] == operation]
        flops = np.array([float(row["FLOPs"]) / 1e12 for row in mine])
        efficiency = np.array([float(row["HEF"]) for row in mine])
        if np.ptp(efficiency) < 0.1:
            continue  # hardly varies: no minimum to find

        def miss(p):
            return p[0] * (1 - np.exp(-p[1] * flops ** p[2])) - efficiency

        def slope(p):
            powers = flops ** p[2]
            left = np.exp(-p[1] * powers)
            return np.stack([1 - left, p[0] * left * powers, p[0] * left * p[1] * powers * np.log(flops)], axis=1)

        best = None
        for _ in range(60):
            start = [draw.uniform(1, 120), 10 ** draw.uniform(-2, 3), draw.uniform(0.05, 2)]
            try:
                with np.errstate(all="ignore"):
                    end = least_squares(miss, start, slope, x_scale="jac", xtol=1e-15, ftol=1e-15, gtol=1e-15, max_nfev=3000)
            except ValueError:
                continue  # ran out of the range of numbers
            if best is None or end.cost < best.cost:
                best = end
        print(source, operation, *("%.10g" % value for value in [*best.x, 2 * best.cost]), sep=",", flush=True)
