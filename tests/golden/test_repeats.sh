# Repeats merged by --aggregate say of noise and of the law what the runs themselves say.
. "$JOULEFIT_SOURCE/tests/golden/cli.bash"

# two to four runs of each size, noise of a few percent, a law that is not quite right
awk 'BEGIN { print "n,energy_J"; for (n = 1; n <= 8; n++) for (i = 1; i <= 2 + n % 3; i++)
    printf "%d,%.6f\n", n, (10 + 3*n + 0.05*n*n)*(1 + 0.002*sin(7*n + 3*i)) }' >runs.csv
run fit runs.csv --law 'energy ~ a + b*n' --json
exits 0; cp "$work/stdout" each.json
run fit runs.csv --law 'energy ~ a + b*n' --aggregate mean --weights repeats --json
exits 0; cp "$work/stdout" merged.json
run fit runs.csv --law 'energy ~ a + b*n' --aggregate mean --json
exits 0; cp "$work/stdout" unweighted.json
run fit runs.csv --law 'log(energy) ~ a + b*log(n)' --json
exits 0; cp "$work/stdout" log_each.json
run fit runs.csv --law 'log(energy) ~ a + b*log(n)' --aggregate mean --weights repeats --json
exits 0; cp "$work/stdout" log_merged.json
if needs_python "merged repeats"; then
    python3 - <<'PYTHON' || fail "merged repeats tell another pure error or lack of fit"
import json, sys
def load(name): return json.load(open(name + ".json"))
def near(a, b, tolerance): return abs(a - b) <= tolerance*abs(b)
def same(a, b, tolerance):
    x, y = load(a)["diagnostics"]["repeats"], load(b)["diagnostics"]["repeats"]
    ok = near(x["pure_error"], y["pure_error"], tolerance) and near(1 - x["r2_limit"], 1 - y["r2_limit"], tolerance)
    ok = ok and near(x["lack_of_fit"]["statistic"], y["lack_of_fit"]["statistic"], tolerance)
    return ok and [x["lack_of_fit"][k] for k in ("df1", "df2")] == [y["lack_of_fit"][k] for k in ("df1", "df2")]
ok = same("merged", "each", 1e-9) and same("log_merged", "log_each", 0.01)
ok = ok and load("unweighted")["diagnostics"]["repeats"]["lack_of_fit"]["statistic"] is None
ok = ok and near(load("unweighted")["diagnostics"]["repeats"]["pure_error"], load("each")["diagnostics"]["repeats"]["pure_error"], 1e-9)
sys.exit(not ok)
PYTHON
fi
finish
