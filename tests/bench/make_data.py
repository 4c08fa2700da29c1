#!/usr/bin/env python3
"""Draws the tables that the benchmarks read, from fixed seeds.

usage: make_data.py loss|energy|wide OUT.csv [ROWS]
loss    N, D, L: a Chinchilla-like loss surface with 1 % noise (240 rows, or as many as asked)
energy  40 configuration families of runs: E = k C^a M^b eta^g exp(regime), proportional noise and a floor (1600 rows)
wide    44 columns as a tracker with everything switched on writes them: 8 of text, 18 integers, 18 decimals (1e6 rows)"""
import sys

import numpy as np


def loss(out, rows):
    rng = np.random.default_rng(11)
    out.write("N,D,L\n")
    for first in range(0, rows, 500000):
        n = min(500000, rows - first)
        N = 10 ** rng.uniform(7.5, 10.2, n)
        D = 10 ** rng.uniform(9, 11.7, n)
        L = (1.82 + 480 / N**0.348 + 2090 / D**0.366) * np.exp(0.01 * rng.standard_normal(n))
        out.writelines("%.10g,%.10g,%.17g\n" % row for row in zip(N, D, L))


def energy(out, rows):
    rng = np.random.default_rng(12)
    family = rng.integers(0, 40, rows)
    C = 10 ** rng.uniform(-2, 3, rows)
    M = C**0.7 * 10 ** rng.uniform(-1, 1, rows)
    eta = rng.uniform(0.08, 0.65, rows)
    regime = rng.integers(0, 3, rows)
    shift = np.array([0.0, 0.35, -0.22])[regime]
    mean = 12.5 * C**0.82 * M**0.17 * eta**-0.31 * np.exp(shift + 0.03 * rng.standard_normal(40)[family])
    sigma = 0.04 * mean + 0.02
    E = np.maximum(mean + sigma * rng.standard_normal(rows), 1e-4)
    names = np.array(["compute", "memory", "launch"])[regime]
    sizes = 2 ** rng.integers(0, 8, rows), rng.integers(2, 97, rows), 64 * rng.integers(1, 129, rows)
    out.write("family,C,M,eta,regime,batch,depth,width,E,sigma\n")
    for row in zip(family, C, M, eta, names, *sizes, E, sigma):
        out.write("f%02d,%.17g,%.17g,%.17g,%s,%d,%d,%d,%.17g,%.17g\n" % row)


def wide(out, rows):
    rng = np.random.default_rng(13)
    text = ["run", "node", "gpu_model", "family", "regime", "precision", "state", "remark"]
    out.write(",".join(text + ["k%02d" % i for i in range(18)] + ["v%02d" % i for i in range(18)]) + "\n")
    form = '"run-%08x",node-%02d,"Board %d, 80GB",dense,memory,bf16,ok,"try ""%d"""' + ",%d" * 18 + ",%.17g" * 13 + ",%.6f" * 5
    for first in range(0, rows, 20000):
        n = min(20000, rows - first)
        columns = [rng.integers(0, 2**32, n), rng.integers(0, 64, n), rng.integers(0, 4, n), rng.integers(0, 1000, n)]
        columns += list(rng.integers(0, 10 ** rng.integers(1, 6, 18), (n, 18)).T)
        columns += list(np.exp(rng.uniform(-12, 12, (13, n)))) + list(rng.uniform(0, 1000, (5, n)))
        out.write("\n".join(map(form.__mod__, zip(*[c.tolist() for c in columns]))) + "\n")


def main():
    kind, path = sys.argv[1:3]
    default = {"loss": 240, "energy": 1600, "wide": 1000000}
    rows = int(sys.argv[3]) if len(sys.argv) > 3 else default[kind]
    with open(path, "w") as out:
        {"loss": loss, "energy": energy, "wide": wide}[kind](out, rows)


main()
