"""Ordinary least squares of the log energy of 863 measured BERT rows, by statsmodels: what test_fit_ols.c compares with.

    /usr/bin/python3 tests/reference/fit_ols_bert.py ../shared/data/ecai2025/transformer_energy.csv

writes tests/reference/fit_ols_bert.json: estimates, standard errors of every kind (cluster: by num_layers and
d_model, CR1), log-likelihood of log(y), weighted and joint-test results.
"""
import json
import sys

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy.optimize import linprog
from scipy.stats import norm

table = pd.read_csv(sys.argv[1])
table = table[table.model == "bert"]
columns = ["num_layers", "d_model", "seq_length", "batch_size"]
names = ["b0", "l", "w", "s", "b"]
x = np.column_stack([np.ones(len(table))] + [np.log(table[c]) for c in columns])
y = np.log(table.energy_joules.to_numpy())
groups = table.groupby(["num_layers", "d_model"]).ngroup().to_numpy()


def summary(result):
    return {"estimate": list(result.params), "std_error": list(result.bse), "p_value": list(result.pvalues)}


plain = sm.OLS(y, x).fit()
out = {"n": int(len(y)), "names": names, "groups": int(groups.max() + 1), "classical": summary(plain),
       "loglik": plain.llf + 0.0, "loglik_raw": plain.llf - y.sum(), "aic_raw": -2 * (plain.llf - y.sum()) + 2 * 6,
       "r2": plain.rsquared, "rss": plain.ssr, "sigma": float(np.sqrt(plain.scale))}
for kind in ["HC0", "HC1", "HC2", "HC3"]:
    out[kind.lower()] = summary(sm.OLS(y, x).fit(cov_type=kind, use_t=True))
cluster = sm.OLS(y, x).fit(cov_type="cluster", cov_kwds={"groups": groups, "df_correction": True}, use_t=True)
out["cluster"] = summary(cluster)
out["interval_cluster"] = cluster.conf_int().tolist()
out["interval_classical"] = plain.conf_int().tolist()
out["leverage_largest"] = float(plain.get_influence().hat_matrix_diag.max())

weighted = sm.WLS(y, x, weights=table.batch_size.to_numpy()).fit()
out["weighted"] = summary(weighted)
out["weighted"]["loglik"] = weighted.llf
out["weighted"]["sigma"] = float(np.sqrt(weighted.scale))
hc3 = sm.WLS(y, x, weights=table.batch_size.to_numpy()).fit(cov_type="HC3", use_t=True)
out["weighted"]["hc3"] = list(hc3.bse)

test = plain.f_test("x1 = 1, x4 = 0.42")
out["test"] = {"statistic": float(test.fvalue), "p_value": float(test.pvalue), "df1": 2, "df2": int(plain.df_resid)}
ratio = plain.params[1] / (plain.params[1] + plain.params[2])
a, c = plain.params[1], plain.params[2]
gradient = np.array([0, c / (a + c) ** 2, -a / (a + c) ** 2, 0, 0])
out["derived"] = {"value": float(ratio), "std_error": float(np.sqrt(gradient @ plain.cov_params() @ gradient))}


# Huber's M-estimator with a fixed delta, and least absolute deviations: classical errors by their formulas.
delta = 0.1
beta = plain.params.copy()
for _ in range(500):
    r = y - x @ beta
    w = np.minimum(1, delta / np.abs(r))
    beta = np.linalg.solve(x.T @ (w[:, None] * x), x.T @ (w * y))
r = y - x @ beta
psi = np.clip(r, -delta, delta)
slope = np.mean(np.abs(r) <= delta)
bread = np.linalg.inv(x.T @ x)
n, k = x.shape
out["huber"] = {"delta": delta, "estimate": list(beta),
                "std_error": list(np.sqrt(np.diag(bread) * (psi @ psi) / (n - k)) / slope),
                "hc0": list(np.sqrt(np.diag(bread @ (x.T @ (psi[:, None] ** 2 * x)) @ bread)) / slope)}

l1 = linprog(np.concatenate([np.zeros(2 * k), np.ones(2 * n)]), method="highs",
             A_eq=np.hstack([x, -x, np.eye(n), -np.eye(n)]), b_eq=y).x
beta = l1[:k] - l1[k:2 * k]
r = y - x @ beta
z, x0 = norm.ppf(0.975), norm.ppf(0.5)
h = n ** (-1 / 3) * z ** (2 / 3) * (1.5 * norm.pdf(x0) ** 2 / (2 * x0 ** 2 + 1)) ** (1 / 3)
density = 2 * h / (np.quantile(r, 0.5 + h) - np.quantile(r, 0.5 - h))
out["l1"] = {"estimate": list(beta), "loss": float(np.abs(r).sum()),
             "std_error": list(np.sqrt(np.diag(bread)) * 0.5 / density)}

json.dump(out, open("tests/reference/fit_ols_bert.json", "w"), indent=1)
