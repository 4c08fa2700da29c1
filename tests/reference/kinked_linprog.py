#!/usr/bin/env python3
"""Least absolute and quantile fits as linear programmes, by HiGHS: what test_kinked_linprog.c compares with.

    /usr/bin/python3 tests/reference/kinked_linprog.py ../shared/data/ecai2025/transformer_energy.csv

writes tests/reference/kinked_linprog.json. Simulated cases carry their rows with them; those of the measured
BERT rows (many of them copies of others) only their answers.
"""
import json
import sys

import numpy as np
import pandas as pd
from scipy.optimize import linprog
from scipy.sparse import csr_matrix, hstack, identity

LEVELS = {"l1": (1, 1), "quantile:0.1": (0.1, 0.9), "quantile:0.5": (0.5, 0.5), "quantile:0.9": (0.9, 0.1)}


def solve(x, y, loss, w, bounds):
    n, k = x.shape
    above, below = LEVELS[loss]
    found = linprog(np.r_[np.zeros(k), above * w, below * w], method="highs-ds",
                    A_eq=hstack([csr_matrix(x), identity(n), -identity(n)]), b_eq=y,
                    bounds=[tuple(bounds or (None, None))] * k + [(0, None)] * (2 * n),
                    options={"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10})
    r = y - x @ found.x[:k]
    return float(np.sum(w * np.where(r > 0, above * r, -below * r)))


def simulated(kind, g, n=60, k=3):
    """x0 is one; columns b0 .. b2 multiply x0 .. x2."""
    x, w, bounds = np.c_[np.ones(n), g.normal(size=(n, k - 1))], np.ones(n), None
    y = x @ np.array([1.0, -0.5, 2.0]) + 0.3 * g.standard_t(2, size=n)
    if kind == "weighted":
        w = g.uniform(0.1, 10, size=n)
    if kind == "bounded":
        bounds = (-0.25, 1.25)
    if kind == "copies":
        at = g.integers(0, n // 4, size=n)
        x, y = x[at], y[at]
    if kind == "whole numbers":  # hundreds of vertices in one place
        x, y = g.integers(-2, 3, size=(n, k)), g.integers(-3, 4, size=n)
    if kind == "mostly exact":
        y = np.where(g.random(n) < 0.7, x @ np.array([1.0, -0.5, 2.0]), y)
    if kind == "two columns alike":
        x[:, 2] = 3 * x[:, 1]
    if kind == "scales apart":
        x = x * np.array([1, 1e9, 1e-7])
    if kind == "whole numbers, bounded, weighted":
        x, y, w, bounds = g.integers(-2, 3, size=(n, k)), g.integers(-3, 4, size=n), g.integers(1, 4, size=n), (-0.5, 0.5)
    return x.astype(float), y.astype(float), w.astype(float), bounds


cases = []
for number, kind in enumerate(["plain", "weighted", "bounded", "copies", "whole numbers", "mostly exact", "two columns alike",
                               "scales apart", "whole numbers, bounded, weighted"]):
    x, y, w, bounds = simulated(kind, np.random.default_rng(number))
    cases.append({"kind": kind, "x0": list(x[:, 0]), "x1": list(x[:, 1]), "x2": list(x[:, 2]), "y": list(y), "w": list(w),
                  "bounds": bounds, "loss": {name: solve(x, y, name, w, bounds) for name in LEVELS}})

bert = pd.read_csv(sys.argv[1])
bert = bert[bert.model == "bert"]
x = np.column_stack([np.ones(len(bert))] + [np.log(bert[c]) for c in ["num_layers", "d_model", "seq_length", "batch_size"]])
y = np.log(bert.energy_joules.to_numpy())
json.dump({"cases": cases, "bert": {name: solve(x, y, name, np.ones(len(y)), None) for name in LEVELS}},
          open("tests/reference/kinked_linprog.json", "w"), indent=0)
