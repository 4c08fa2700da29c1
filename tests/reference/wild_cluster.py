#!/usr/bin/env python3
"""The wild cluster restricted bootstrap-t written out long-hand, over every pattern of factors.

    python3 wild_cluster.py > wild_cluster.json        (needs numpy; under a minute)

Every draw makes a response and fits it by least squares; every t has CR1 errors; nothing is shared with the program, which
sums scores of groups instead. A p-value is the share of patterns with |t*| >= |t| (ties by rounding count); an end of the
interval is the last value whose p is above 5 %, by bisection. Factors: Webb's six points below 12 groups, else signs.
"""
import itertools, json, sys
import numpy as np

WEBB = [-np.sqrt(1.5), -1.0, -np.sqrt(0.5), np.sqrt(0.5), 1.0, np.sqrt(1.5)]


def table(groups, rows, seed):
    random = np.random.default_rng(seed)
    group = np.arange(rows) % groups
    x = np.round(random.uniform(1, 9, rows) + 0.5 * group, 3)
    z = np.round(random.normal(size=groups)[group], 3)
    y = np.round(1 + 0.4 * x + 0.3 * z + random.normal(size=groups)[group] + 0.7 * random.normal(size=rows), 3)
    return dict(group=group, x=x, z=z, y=y)


def t_statistics(X, Y, group, j, value):
    """t of coefficient j against `value`, for each column of Y."""
    n, k = X.shape
    G = group.max() + 1
    bread = np.linalg.inv(X.T @ X)
    beta = bread @ X.T @ Y
    U = Y - X @ beta
    variance = np.zeros(Y.shape[1])
    for g in range(G):
        score = X[group == g].T @ U[group == g]
        variance += (bread[j] @ score) ** 2
    variance *= G / (G - 1) * (n - 1) / (n - k)
    return (beta[j] - value) / np.sqrt(variance)


def p_value(X, y, group, j, value, patterns):
    others = np.delete(X, j, axis=1)
    offset = X[:, j] * value
    gamma = np.linalg.lstsq(others, y - offset, rcond=None)[0]
    fitted = offset + others @ gamma
    residual = y - fitted
    t = abs(t_statistics(X, y[:, None], group, j, value)[0])
    drawn = fitted[:, None] + residual[:, None] * patterns.T[group]
    return float(np.mean(np.abs(t_statistics(X, drawn, group, j, value)) >= t * (1 - 1e-10)))


def end(X, y, group, j, side, patterns):
    beta = np.linalg.solve(X.T @ X, X.T @ y)
    t0 = t_statistics(X, y[:, None], group, j, 0)[0]
    error = abs(beta[j] / t0)
    inside, step = beta[j], 2 * error
    for _ in range(9):
        outside = beta[j] + side * step
        if p_value(X, y, group, j, outside, patterns) <= 0.05:
            break
        inside, step = outside, 2 * step
    else:
        return None
    while abs(outside - inside) > 1e-10 * error:
        middle = (inside + outside) / 2
        if p_value(X, y, group, j, middle, patterns) <= 0.05:
            outside = middle
        else:
            inside = middle
    return float(inside)


def case(groups, rows, seed):
    data = table(groups, rows, seed)
    X = np.column_stack([np.ones(rows), data["x"], data["z"]])
    points = WEBB if groups < 12 else [-1.0, 1.0]
    patterns = np.array(list(itertools.product(points, repeat=groups)))
    values = [0.0, 0.25, 0.4, 1.0]
    return dict(groups=groups, patterns=len(patterns), **{k: v.tolist() for k, v in data.items()}, values=values,
                p=[[p_value(X, data["y"], data["group"], j, v, patterns) for v in values] for j in range(3)],
                low=[end(X, data["y"], data["group"], j, -1, patterns) for j in range(3)],
                high=[end(X, data["y"], data["group"], j, 1, patterns) for j in range(3)])


json.dump([case(4, 40, 1), case(5, 60, 2), case(12, 84, 3)], sys.stdout, indent=1)
print()
