"""Long-hand F and likelihood-ratio tests between nonlinear laws, one within the other, in 50 digits.

Laws on the logarithm, with their derivatives written out by hand; Gauss-Newton from near the answer until nothing
moves at 1e-40.  python3 nested_curves.py > nested_curves.json   (needs mpmath)
"""
import json
from mpmath import mp, mpf, matrix, exp, log, sin, cos, lu_solve, betainc, erfc, sqrt, pi

mp.dps = 50
N = 60
xs, zs, ys = [], [], []
for i in range(1, N + 1):
    x, z = mpf(1 + (i * 37) % 61), mpf(2 + (i * 23) % 17)
    y = (3 + mpf(8) / 10 * x ** (mpf(9) / 10)) * z ** (mpf(4) / 10) * exp(
        sin(i * mpf("12.9898")) / 10 + cos(i * mpf("78.2")) / 20)
    xs.append(x), zs.append(z), ys.append(mpf(float(y)))  # what the file holds is what is fitted
logs = [log(y) for y in ys]


def full(p, x, z):  # log(e + k x^a) + b log z
    e, k, a, b = p
    s = e + k * x ** a
    return log(s) + b * log(z), [1 / s, x ** a / s, k * x ** a * log(x) / s, log(z)]


def straight(p, x, z):  # a = 1
    value, d = full([p[0], p[1], mpf(1), p[2]], x, z)
    return value, [d[0], d[1], d[3]]


def power(p, x, z):  # e = 0
    return p[0] + p[1] * log(x) + p[2] * log(z), [mpf(1), log(x), log(z)]


def tied(p, x, z):  # b = a
    value, d = full([p[0], p[1], p[2], p[2]], x, z)
    return value, [d[0], d[1], d[2] + d[3]]


def fit(law, start):
    p = [mpf(v) for v in start]
    for _ in range(200):
        rows = [law(p, x, z) for x, z in zip(xs, zs)]
        r = [l - v for l, (v, _) in zip(logs, rows)]
        k = len(p)
        a = matrix(k, k)
        g = matrix(k, 1)
        for ri, (_, d) in zip(r, rows):
            for i in range(k):
                g[i] += d[i] * ri
                for j in range(k):
                    a[i, j] += d[i] * d[j]
        step = lu_solve(a, g)
        p = [v + s for v, s in zip(p, step)]
        if max(abs(s) for s in step) < mpf(10) ** -40:
            break
    else:
        raise SystemExit("no convergence")
    rss = sum((l - law(p, x, z)[0]) ** 2 for l, x, z in zip(logs, xs, zs))
    return p, rss


laws = {"full": (full, [3, "0.8", "0.9", "0.4"]), "straight": (straight, [3, "0.6", "0.4"]),
        "power": (power, [1, "0.6", "0.4"]), "tied": (tied, [1, 1, "0.5"])}
fits = {name: fit(*what) for name, what in laws.items()}
loglik = {name: -mpf(N) / 2 * (log(2 * pi * rss / N) + 1) - sum(logs) for name, (_, rss) in fits.items()}
tests = []
for small in ("straight", "power", "tied"):
    df2 = N - 4
    f = (fits[small][1] - fits["full"][1]) / (fits["full"][1] / df2)
    lr = 2 * (loglik["full"] - loglik[small])
    tests.append({"small": small, "f": float(f), "df2": df2,
                  "f_p": float(betainc(mpf(df2) / 2, mpf(1) / 2, 0, df2 / (df2 + f), regularized=True)),
                  "lr": float(lr), "lr_p": float(erfc(sqrt(lr / 2)))})
json.dump({"x": [float(x) for x in xs], "z": [float(z) for z in zs], "y": [float(y) for y in ys],
           "rss": {name: float(rss) for name, (_, rss) in fits.items()}, "tests": tests}, __import__("sys").stdout, indent=1)
print()
