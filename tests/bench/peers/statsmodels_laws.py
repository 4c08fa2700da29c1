"""statsmodels: 16 log-linear laws on repeated grouped 70/30 splits, OLS by formula with HC3.

usage: statsmodels_laws.py CSV REPEATS      prints one JSON line: seconds, mean RMSE of the best law"""
import json
import sys
import time

import numpy as np
import pandas as pd
import statsmodels.formula.api as smf

LAWS = ["lC", "lM", "lC+lM", "lC+leta", "lM+leta", "lC+lM+leta", "lC+lbatch", "lC+ldepth+lwidth", "lC+lM+leta+lbatch",
        "lC+lM+leta+ldepth", "lC+lM+leta+ldepth+lwidth", "lC+lM+leta+lbatch+ldepth+lwidth", "lC+regime", "lC+lM+regime",
        "lC+lM+leta+regime", "lC+lM+leta+lbatch+ldepth+lwidth+regime"]


def main():
    d = pd.read_csv(sys.argv[1])
    repeats = int(sys.argv[2])
    for c in ("C", "M", "eta", "batch", "depth", "width", "E"):
        d["l" + c] = np.log(d[c])
    families = d.family.unique()
    rng = np.random.default_rng(5)
    splits = []
    for _ in range(repeats):
        train = d.family.isin(rng.permutation(families)[: round(0.7 * len(families))]).to_numpy()
        splits.append((d[train], d[~train]))
    begin = time.perf_counter()
    score = np.empty((len(LAWS), repeats))
    for i, law in enumerate(LAWS):
        for j, (train, test) in enumerate(splits):
            found = smf.ols("lE ~ " + law, train).fit(cov_type="HC3")
            found.bse
            score[i, j] = np.sqrt(np.mean((test.lE - found.predict(test)) ** 2))
    seconds = time.perf_counter() - begin
    full = smf.ols("lE ~ " + LAWS[-1], d).fit()
    print(json.dumps({"seconds": seconds, "count": len(LAWS) * repeats, "loss": full.ssr,
                      "rmse": score.mean(1).min()}))


main()
