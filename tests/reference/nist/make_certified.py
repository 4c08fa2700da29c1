#!/usr/bin/env python3
"""Writes certified.json for the 13 problems of this folder: NIST's certified values (11 digits), and beside them an independent refit in
70-digit arithmetic (mpmath; Gauss-Newton, central differences of relative size 1e-25) that must agree.
usage: python3 make_certified.py        (needs python3-mpmath)
Source: NIST StRD nonlinear regression, https://www.itl.nist.gov/div898/strd/ (US government work, public domain)."""
import csv
import json
import pathlib

import mpmath as mp

mp.mp.dps = 70
HERE = pathlib.Path(__file__).parent
# name: (model, response, level, starts, certified values, certified RSS)
PROBLEMS = {
    "Misra1b": ("b1*(1-(1+b2*x/2)^(-2))", "y", "lower", [[500, 0.0001], [300, 0.0002]],
                "3.3799746163E+02 3.9039091287E-04", "7.5464681533E-02"),
    "Misra1c": ("b1*(1-(1+2*b2*x)^(-0.5))", "y", "average", [[500, 0.0001], [600, 0.0002]],
                "6.3642725809E+02 2.0813627256E-04", "4.0966836971E-02"),
    "Misra1d": ("b1*b2*x*(1+b2*x)^(-1)", "y", "average", [[500, 0.0001], [450, 0.0003]],
                "4.3736970754E+02 3.0227324449E-04", "5.6419295283E-02"),
    "Chwirut1": ("exp(-b1*x)/(b2+b3*x)", "y", "lower", [[0.1, 0.01, 0.02], [0.15, 0.008, 0.010]],
                 "1.9027818370E-01 6.1314004477E-03 1.0530908399E-02", "2.3844771393E+03"),
    "Gauss2": ("b1*exp(-b2*x)+b3*exp(-(x-b4)^2/b5^2)+b6*exp(-(x-b7)^2/b8^2)", "y", "lower",
               [[96, 0.009, 103, 106, 18, 72, 151, 18], [98, 0.0105, 103, 105, 20, 73, 150, 20]],
               "9.9018328406E+01 1.0994945399E-02 1.0188022528E+02 1.0703095519E+02 2.3578584029E+01 7.2045589471E+01 "
               "1.5327010194E+02 1.9525972636E+01", "1.2475282092E+03"),
    "Gauss3": ("b1*exp(-b2*x)+b3*exp(-(x-b4)^2/b5^2)+b6*exp(-(x-b7)^2/b8^2)", "y", "average",
               [[94.9, 0.009, 90.1, 113, 20, 73.8, 140, 20], [96, 0.0096, 80, 110, 25, 74, 139, 25]],
               "9.8940368970E+01 1.0945879335E-02 1.0069553078E+02 1.1163619459E+02 2.3300500029E+01 7.3705031418E+01 "
               "1.4776164251E+02 1.9668221230E+01", "1.2444846360E+03"),
    "Lanczos1": ("b1*exp(-b2*x)+b3*exp(-b4*x)+b5*exp(-b6*x)", "y", "average",
                 [[1.2, 0.3, 5.6, 5.5, 6.5, 7.6], [0.5, 0.7, 3.6, 4.2, 4, 6.3]],
                 "9.5100000027E-02 1.0000000001E+00 8.6070000013E-01 3.0000000002E+00 1.5575999998E+00 5.0000000001E+00",
                 "1.4307867721E-25"),
    "Lanczos2": ("b1*exp(-b2*x)+b3*exp(-b4*x)+b5*exp(-b6*x)", "y", "average",
                 [[1.2, 0.3, 5.6, 5.5, 6.5, 7.6], [0.5, 0.7, 3.6, 4.2, 4, 6.3]],
                 "9.6251029939E-02 1.0057332849E+00 8.6424689056E-01 3.0078283915E+00 1.5529016879E+00 5.0028798100E+00",
                 "2.2299428125E-11"),
    "Nelson": ("b1-b2*x1*exp(-b3*x2)", "log(y)", "average", [[2, 0.0001, -0.01], [2.5, 0.000000005, -0.05]],
               "2.5906836021E+00 5.6177717026E-09 -5.7701013174E-02", "3.7976833176E+00"),
    "MGH10": ("b1*exp(b2/(x+b3))", "y", "higher", [[2, 400000, 25000], [0.02, 4000, 250]],
              "5.6096364710E-03 6.1813463463E+03 3.4522363462E+02", "8.7945855171E+01"),
    "Rat42": ("b1/(1+exp(b2-b3*x))", "y", "higher", [[100, 1, 0.1], [75, 2.5, 0.07]],
              "7.2462237576E+01 2.6180768402E+00 6.7359200066E-02", "8.0565229338E+00"),
    "Eckerle4": ("b1/b2*exp(-0.5*((x-b3)/b2)^2)", "y", "higher", [[1, 10, 500], [1.5, 5, 450]],
                 "1.5543827178E+00 4.0888321754E+00 4.5154121844E+02", "1.4635887487E-03"),
    "Bennett5": ("b1*(b2+x)^(-1/b3)", "y", "higher", [[-2000, 50, 0.8], [-1500, 45, 0.85]],
                 "-2.5235058043E+03 4.6736564644E+01 9.3218483193E-01", "5.2404744073E-04"),
}


def rows_of(name):
    with open(HERE / (name + ".csv")) as f:
        return list(csv.DictReader(f))


def refit(name, model, response, start):
    """Gauss-Newton from the certified values in 70 digits: estimates, standard deviations, RSS."""
    rows = rows_of(name)
    code = compile(model.replace("^", "**"), name, "eval")
    functions = {"exp": mp.exp, "log": mp.log}
    data = [{c: mp.mpf(v) for c, v in row.items()} for row in rows]
    goal = [mp.log(d["y"]) if response == "log(y)" else d["y"] for d in data]
    b = [mp.mpf(v) for v in start]

    def f(b, d):
        return eval(code, functions, {**{"b%d" % (j + 1): v for j, v in enumerate(b)}, **d})

    for _ in range(60):
        r = mp.matrix([g - f(b, d) for g, d in zip(goal, data)])
        J = mp.matrix(len(data), len(b))
        for j in range(len(b)):
            h = abs(b[j]) * mp.mpf(10) ** -25
            up, down = list(b), list(b)
            up[j] += h
            down[j] -= h
            for i, d in enumerate(data):
                J[i, j] = (f(up, d) - f(down, d)) / (2 * h)
        A = J.T * J
        step = mp.lu_solve(A, J.T * r)
        b = [v + s for v, s in zip(b, step)]
        if max(abs(s / v) for s, v in zip(step, b)) < mp.mpf(10) ** -40:
            break
    rss = sum((g - f(b, d)) ** 2 for g, d in zip(goal, data))
    inverse = A ** -1
    sd = [mp.sqrt(inverse[j, j] * rss / (len(data) - len(b))) for j in range(len(b))]
    return b, sd, rss


def main():
    out = {"format": 1, "certified_digits": 11, "nonlinear": {}}
    for name, (model, response, level, starts, certified, rss) in PROBLEMS.items():
        values = [float(v) for v in certified.split()]
        b, sd, found = refit(name, model, response, certified.split())
        digits = min(-mp.log10(abs(x / mp.mpf(v) - 1) + mp.mpf(10) ** -20) for x, v in zip(b, certified.split()))
        rss_digits = -mp.log10(abs(found / mp.mpf(rss) - 1) + mp.mpf(10) ** -20)
        print("%-9s parameters agree to %.1f digits, RSS to %.1f" % (name, digits, rss_digits))
        rows = rows_of(name)
        out["nonlinear"][name] = {
            "file": name + ".csv", "columns": list(rows[0]), "response": response, "model": model, "difficulty": level,
            "n": len(rows), "k": len(values), "start1": starts[0], "start2": starts[1], "certified": values,
            "rss": float(rss), "refit": {"values": [mp.nstr(v, 17) for v in b], "sd": [mp.nstr(v, 17) for v in sd],
                                         "rss": mp.nstr(found, 17)}}
    with open(HERE / "certified.json", "w") as f:
        json.dump(out, f, indent=1)
        f.write("\n")


main()
