"""SciPy or lmfit on E = k C^a M^b eta^g exp(regime), weights 1/sigma^2: starts, then resamples of rows from the best.

usage: scipy_energy.py CSV STARTS RESAMPLES curve_fit|least_squares|lmfit      prints one JSON line"""
import json
import sys
import time
import warnings

import numpy as np
import pandas as pd
from scipy.optimize import curve_fit, least_squares

warnings.simplefilter("ignore")
NAMES = ["k", "a", "b", "g", "m", "l"]


def law(X, k, a, b, g, m, l):
    return k * X[0] ** a * X[1] ** b * X[2] ** g * np.exp(m * X[3] + l * X[4])


def slopes(X, *p):
    f = law(X, *p)
    return np.column_stack([f / p[0], f * np.log(X[0]), f * np.log(X[1]), f * np.log(X[2]), f * X[3], f * X[4]])


def by_curve_fit(X, y, s, start):
    return curve_fit(law, X, y, start, s, absolute_sigma=True, maxfev=4000)[0]


def by_least_squares(X, y, s, start):
    return least_squares(lambda p: (law(X, *p) - y) / s, start, lambda p: slopes(X, *p) / s[:, None], method="lm",
                         max_nfev=400).x


def law_of_columns(C, M, eta, memory, launch, k, a, b, g, m, l):
    return k * C**a * M**b * eta**g * np.exp(m * memory + l * launch)


def by_lmfit(X, y, s, start):
    import lmfit

    columns = dict(zip(["C", "M", "eta", "memory", "launch"], X))
    model = lmfit.Model(law_of_columns, independent_vars=list(columns))
    found = model.fit(y, model.make_params(**dict(zip(NAMES, start))), weights=1 / s, calc_covar=False,
                      nan_policy="omit", method="leastsq", **columns)
    return np.array([found.params[n].value for n in NAMES])


def main():
    d = pd.read_csv(sys.argv[1])
    n_starts, n_resamples = int(sys.argv[2]), int(sys.argv[3])
    fit = {"curve_fit": by_curve_fit, "least_squares": by_least_squares, "lmfit": by_lmfit}[sys.argv[4]]
    X = np.vstack([d.C, d.M, d.eta, d.regime == "memory", d.regime == "launch"]).astype(float)
    y, s = d.E.to_numpy(), d.sigma.to_numpy()

    def chi2(p):
        return float((((law(X, *p) - y) / s) ** 2).sum())

    rng = np.random.default_rng(3)
    low, high = np.array([np.log(0.1), -1, -1, -2, -1, -1]), np.array([np.log(1000), 2, 2, 1, 1, 1])
    starts = rng.uniform(low, high, (n_starts, 6))
    starts[:, 0] = np.exp(starts[:, 0])
    begin = time.perf_counter()
    best = None
    for start in starts:
        try:
            p = fit(X, y, s, start)
        except Exception:
            continue
        if best is None or chi2(p) < chi2(best):
            best = p
    middle = time.perf_counter()
    estimates = np.empty((n_resamples, 6))
    for k in range(n_resamples):
        rows = rng.integers(0, len(y), len(y))
        estimates[k] = fit(X[:, rows], y[rows], s[rows], best)
    end = time.perf_counter()
    print(json.dumps({"seconds": end - begin, "seconds_starts": middle - begin, "n_starts": n_starts, "seconds_resamples": end - middle,
                      "count": n_resamples, "loss": chi2(best), "se": list(estimates.std(0))}))


main()
