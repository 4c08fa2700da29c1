"""scipy.optimize.curve_fit of L = exp(e) + exp(a - alpha log N) + exp(b - beta log D) on a large table.

usage: scipy_large.py CSV      prints one JSON line: seconds of the fit, residual sum of squares"""
import json
import resource
import sys
import time

import numpy as np
import pandas as pd
from scipy.optimize import curve_fit


def law(X, a, b, e, alpha, beta):
    return np.exp(e) + np.exp(a - alpha * X[0]) + np.exp(b - beta * X[1])


def slopes(X, a, b, e, alpha, beta):
    A, B = np.exp(a - alpha * X[0]), np.exp(b - beta * X[1])
    return np.column_stack([A, B, np.full_like(A, np.exp(e)), -A * X[0], -B * X[1]])


d = pd.read_csv(sys.argv[1])
X, y = np.vstack([np.log(d.N), np.log(d.D)]), d.L.to_numpy()
begin = time.perf_counter()
p = curve_fit(law, X, y, (5.0, 6.0, 0.0, 0.3, 0.3), jac=slopes)[0]
seconds = time.perf_counter() - begin
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"seconds": seconds, "count": len(y), "loss": float(((law(X, *p) - y) ** 2).sum()), "peak_MiB": peak}))
