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


def wald_statistics(X, Y, group, R, r):
    """Wald statistic of R beta = r by CR1 errors, for each column of Y."""
    n, k = X.shape
    G = group.max() + 1
    bread = np.linalg.inv(X.T @ X)
    beta = bread @ X.T @ Y
    U = Y - X @ beta
    out = np.empty(Y.shape[1])
    for column in range(Y.shape[1]):
        meat = np.zeros((k, k))
        for g in range(G):
            score = X[group == g].T @ U[group == g, column]
            meat += np.outer(score, score)
        V = R @ bread @ meat @ bread @ R.T * G / (G - 1) * (n - 1) / (n - k)
        d = R @ beta[:, column] - r
        out[column] = d @ np.linalg.solve(V, d)
    return out


def joint_p(X, y, group, R, r, patterns):
    """p of R beta = r; the restricted fit by the null space of R, not by the estimate's own step."""
    R, r = np.atleast_2d(np.asarray(R, float)), np.asarray(r, float)
    special = np.linalg.lstsq(R, r, rcond=None)[0]
    free = np.linalg.svd(R)[2][len(r):].T
    at = special + (free @ np.linalg.lstsq(X @ free, y - X @ special, rcond=None)[0] if free.size else 0)
    fitted = X @ at
    drawn = fitted[:, None] + (y - fitted)[:, None] * patterns.T[group]
    W = wald_statistics(X, y[:, None], group, R, r)[0]
    return float(np.mean(wald_statistics(X, drawn, group, R, r) >= W * (1 - 2e-10)))


# Statements of coefficients (a, b, c), as the test writes them.
JOINT = [("b=0.25, c=0.4", [[0, 1, 0], [0, 0, 1]], [0.25, 0.4]),
         ("b=c", [[0, 1, -1]], [0]),
         ("b + 2*c = 1", [[0, 1, 2]], [1]),
         ("a=1, b=0.25, c=0.25", np.eye(3), [1, 0.25, 0.25]),
         ("a - b = 1, c = 0", [[1, -1, 0], [0, 0, 1]], [1, 0])]


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
                high=[end(X, data["y"], data["group"], j, 1, patterns) for j in range(3)],
                joint=[dict(test=text, p=joint_p(X, data["y"], data["group"], R, r, patterns)) for text, R, r in JOINT])


json.dump([case(4, 40, 1), case(5, 60, 2), case(12, 84, 3)], sys.stdout, indent=1)
print()
