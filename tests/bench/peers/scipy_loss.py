"""SciPy on the loss law log(L) ~ lse(a - alpha log N, b - beta log D, e): a grid of starts, or resamples of rows.

usage: scipy_loss.py CSV starts COUNT | resamples COUNT huber|squares
Analytic gradients. Huber with delta 1e-3, the sum divided by delta, stopped at a gradient of 1e-7: with SciPy's default stops
this loss ends early. Prints one JSON line: seconds of the fits alone, best loss."""
import itertools
import json
import sys
import time

import numpy as np
from scipy.optimize import least_squares, minimize

DELTA = 1e-3
STOPS = {"ftol": 1e-15, "gtol": 1e-7, "maxiter": 3000, "maxfun": 20000}


def shares(p, logN, logD, logL):
    terms = np.stack([p[0] - p[3] * logN, p[1] - p[4] * logD, np.full_like(logN, p[2])])
    top = terms.max(0)
    weights = np.exp(terms - top)
    total = weights.sum(0)
    return top + np.log(total) - logL, weights / total


def jacobian(p, *data):
    w = shares(p, *data)[1]
    return np.column_stack([w[0], w[1], w[2], -w[0] * data[0], -w[1] * data[1]])


def huber(p, *data):
    r, w = shares(p, *data)
    size = np.abs(r)
    value = np.where(size <= DELTA, 0.5 * r * r, DELTA * (size - 0.5 * DELTA)).sum() / DELTA
    w = w * np.clip(r, -DELTA, DELTA) / DELTA
    return value, np.array([w[0].sum(), w[1].sum(), w[2].sum(), -(w[0] @ data[0]), -(w[1] @ data[1])])


def fit(start, data, loss):
    if loss == "squares":
        return least_squares(lambda p: shares(p, *data)[0], start, lambda p: jacobian(p, *data), method="lm")
    return minimize(huber, start, args=data, jac=True, method="L-BFGS-B", options=STOPS)


def main():
    table = np.genfromtxt(sys.argv[1], delimiter=",", names=True)
    data = tuple(np.log(table[c]) for c in "NDL")
    job, count = sys.argv[2], int(sys.argv[3])
    if job == "starts":
        grid = list(itertools.product(range(0, 26, 5), range(0, 26, 5), [-1, -0.5, 0, 0.5, 1], [0, 0.5, 1, 1.5, 2],
                                      [0, 0.5, 1, 1.5, 2]))
        grid = grid[:: len(grid) // count][:count]
        begin = time.perf_counter()
        found = [DELTA * fit(np.array(s, float), data, "huber").fun for s in grid]
        seconds = time.perf_counter() - begin
        print(json.dumps({"seconds": seconds, "count": len(grid), "loss": min(found)}))
        return
    loss = sys.argv[4]
    best = fit(np.array([6.2, 7.6, 0.6, 0.35, 0.37]), data, loss).x
    rng = np.random.default_rng(1)
    estimates = np.empty((count, 5))
    begin = time.perf_counter()
    for k in range(count):
        rows = rng.integers(0, len(data[0]), len(data[0]))
        estimates[k] = fit(best, tuple(c[rows] for c in data), loss).x
    seconds = time.perf_counter() - begin
    value = DELTA * huber(best, *data)[0] if loss == "huber" else float((shares(best, *data)[0] ** 2).sum())
    print(json.dumps({"seconds": seconds, "count": count, "loss": value, "se": list(estimates.std(0))}))


main()
