"""pandas reading a CSV.  usage: pandas_load.py CSV fast|exact      prints one JSON line: seconds, sum of column v00"""
import json
import sys
import time

import pandas as pd

begin = time.perf_counter()
d = pd.read_csv(sys.argv[1], engine="c", float_precision="round_trip" if sys.argv[2] == "exact" else None)
total = float(d["v00"].sum())
print(json.dumps({"seconds": time.perf_counter() - begin, "count": len(d), "loss": total}))
