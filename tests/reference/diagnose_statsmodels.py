"""Diagnostics of two linear laws on measured rows, by statsmodels: what test_diagnose_tables.c compares with.

    /usr/bin/python3 tests/reference/diagnose_statsmodels.py ../shared/data

writes tests/reference/diagnose_statsmodels.json. Lack of fit is the F test between the law and one mean for each
(gpu, batch size).
"""
import json
import sys

import numpy as np
import pandas as pd
import statsmodels.api as sm
from statsmodels.stats.diagnostic import het_breuschpagan, linear_reset
from statsmodels.stats.outliers_influence import variance_inflation_factor
from statsmodels.stats.stattools import durbin_watson, jarque_bera

ROWS = [0, 10, -1]


def diagnose(y, x):
    fit = sm.OLS(y, x).fit()
    influence = fit.get_influence()
    lm, lm_p, _, _ = het_breuschpagan(fit.resid, x)
    jb, jb_p, _, _ = jarque_bera(fit.resid)
    reset = linear_reset(fit, power=3, use_f=True, test_type="fitted")
    scaled = x / np.sqrt((x * x).sum(axis=0))
    pick = lambda values: [float(values[i]) for i in ROWS]
    return {"breusch_pagan": [lm, lm_p], "jarque_bera": [jb, jb_p], "durbin_watson": durbin_watson(fit.resid),
            "reset": [float(reset.statistic), float(reset.pvalue)], "condition_number": np.linalg.cond(scaled),
            "inflation": [variance_inflation_factor(x, j) for j in range(1, x.shape[1])],
            "cook": pick(influence.cooks_distance[0]), "leverage": pick(influence.hat_matrix_diag),
            "studentised": pick(influence.resid_studentized_external)}


def bert(folder):
    table = pd.read_csv(folder + "/ecai2025/transformer_energy.csv")
    table = table[table.model == "bert"]
    columns = ["num_layers", "d_model", "seq_length", "batch_size"]
    x = np.column_stack([np.ones(len(table))] + [np.log(table[c]) for c in columns])
    return np.log(table.energy_joules.to_numpy()), x


def zeus(folder):
    table = pd.read_csv(folder + "/zeus2023/bert_power.csv")
    return table, np.log(table.average_power_W.to_numpy())


def zeus_columns(table):
    others = sorted(set(table.gpu) - {"a40"})
    return np.column_stack([np.ones(len(table)), np.log(table.power_limit_W), np.log(table.batch_size)] +
                           [(table.gpu == gpu).astype(float) for gpu in others])


def lack_of_fit(table, y):
    x = np.column_stack([np.ones(len(table)), np.log(table.batch_size)])
    law = sm.OLS(y, x).fit()
    cells = pd.get_dummies(table.gpu + " " + table.batch_size.astype(str)).to_numpy(dtype=float)
    full = sm.OLS(y, cells).fit()
    f, p, df = full.compare_f_test(law)
    return {"statistic": f, "p_value": p, "df1": df, "df2": full.df_resid, "r2_limit": 1 - full.ssr / law.centered_tss,
            "configurations": cells.shape[1]}


folder = sys.argv[1]
table, power = zeus(folder)
out = {"bert": diagnose(*bert(folder)), "zeus": diagnose(power, zeus_columns(table)),
       "lack_of_fit": lack_of_fit(table, power)}
with open("tests/reference/diagnose_statsmodels.json", "w") as file:
    json.dump(out, file, indent=1)
    file.write("\n")
