#!/usr/bin/env python3
"""Measures how often intervals hold the truth, with `joulefit simulate`, and writes coverage.md beside itself.

    python3 coverage.py build/release/joulefit [REPLICATES [FOLDER]]

Takes a quarter of an hour of one core with 2000 replicates, most of it for the bootstraps of nonlinear laws. What the program gave is kept in
FOLDER (else in a temporary one), so that a run which was interrupted goes on there; another program needs another FOLDER.
tests/golden/test_coverage_commands.sh holds that its command lines still run. Designs come from
coverage_designs.awk; every command is in the table, so that any line can be made again by itself.
"""
import hashlib, json, os, shlex, subprocess, sys, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAM = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else "joulefit"
REPLICATES = int(sys.argv[2]) if len(sys.argv) > 2 else 2000
RESAMPLES = 499
WARNED = 200

LAWS = {
    "line": ("`log(y) ~ a + b*log(x)`, 120 runs, sigma 0.2", ("line", 120),
             ["log(y) ~ a + b*log(x)", "--truth", "a=1,b=0.8", "--sigma-value", "0.2"]),
    "power": ("power + constant, `y ~ k*x^a + e` with noise on the logarithm, 120 runs, sigma 0.05", ("line", 120),
              ["y ~ k*x^a + e", "--error", "log", "--truth", "k=1,a=0.8,e=5", "--sigma-value", "0.05"]),
    "chinchilla": ("Chinchilla with its published values, 120 runs, sigma 0.005", ("chinchilla", 120),
                   ["chinchilla", "--sigma-value", "0.005"]),
}
GROUPED = ["log(y) ~ a + b*log(x) + c*log(z)", "--truth", "a=1,b=0.8,c=0.5", "--sigma-value", "0.2", "--group-sd", "0.2",
           "--group", "g"]
GROUPED_POWER = ["y ~ k*x^a*z^c + e", "--error", "log", "--truth", "k=1,a=0.8,c=0.5,e=2", "--sigma-value", "0.05",
                 "--group-sd", "0.05", "--group", "g"]
UNEQUAL = {"line": "0.5 + x/500", "power": "0.5 + x/500", "chinchilla": "0.5 + N/1e10"}
WALD = ["--se", "classical,hc0,hc1,hc2,hc3", "--ci", "profile,bootstrap", "--resample", "pairs,residual,wild,parametric",
        "--bootstrap-interval", "percentile,basic,bca", "--bootstrap", str(RESAMPLES), "--no-new-runs"]
CLUSTER = ["--se", "cr2,cr1,classical", "--ci", "bootstrap", "--resample", "cluster,wild-cluster",
           "--bootstrap-interval", "percentile,basic,bca,t", "--bootstrap", str(RESAMPLES), "--no-new-runs"]

folder = sys.argv[3] if len(sys.argv) > 3 else tempfile.mkdtemp()
os.makedirs(folder, exist_ok=True)
out = []


def design(name, size):
    """`size`: runs, or groups of the grouped design."""
    path = os.path.join(folder, f"{name}{size}.csv")
    with open(path, "w") as file:
        subprocess.run(["awk", "-v", f"design={name}", "-v", f"size={size}", "-f",
                        os.path.join(HERE, "coverage_designs.awk")], stdout=file, check=True)
    return path


def simulate(path, words, replicates=REPLICATES):
    command = ["simulate", words[0], "--design", path, *words[1:], "-n", str(replicates)]
    shown = " ".join(shlex.quote(w) for w in ["joulefit", *command]).replace(folder + "/", "")
    kept = os.path.join(folder, hashlib.sha256(shown.encode()).hexdigest()[:16] + ".json")
    if not os.path.exists(kept):
        run = subprocess.run([PROGRAM, *command, "--json", "-q"], stdout=subprocess.PIPE, check=True)
        with open(kept + ".part", "wb") as file:
            file.write(run.stdout)
        os.replace(kept + ".part", kept)
    with open(kept) as file:
        return json.load(file), shown


def percent(value):
    return "-" if value is None else f"{100 * value:.1f}"


def mark(share, level=0.95, tolerance=0.02):
    """A share outside of 93 to 97 % by more than chance is marked."""
    if share is None:
        return "-"
    return f"**{100 * share:.1f}**" if abs(share - level) > tolerance else f"{100 * share:.1f}"


def codes_of(path, words):
    """What the program itself says of such data, from the first WARNED of them."""
    result, _ = simulate(path, [*words, "--bootstrap", "199"], WARNED)
    codes = [f"{w['code']} ({w['message'].split(' of ')[0]})" for w in result["recovery"]["warnings"]]
    return ", ".join(codes) or "none"


def coverage_table(title, path, words):
    result, shown = simulate(path, words)
    names = [p["name"] for p in result["recovery"]["parameters"]]
    kinds = []
    for c in result["coverage"]:
        if c["kind"] not in kinds:
            kinds.append(c["kind"])
    print(title, file=sys.stderr)
    out.append(f"\n### {title}\n\n    {shown}\n")
    outcomes = ", ".join(f"{n} {name}" for name, n in result["recovery"]["outcomes"].items() if n)
    out.append(f"Fits: {outcomes}. Warnings that {WARNED} of them gave: {codes_of(path, words)}.\n")
    out.append("| interval | " + " | ".join(names) + " | longest over shortest |\n|---|" + "---|" * (len(names) + 1))
    shortest = {}
    for c in result["coverage"]:
        if c["length"]:
            shortest[c["parameter"]] = min(c["length"], shortest.get(c["parameter"], 1e300))
    for kind in kinds:
        row = {c["parameter"]: c for c in result["coverage"] if c["kind"] == kind}
        ratio = max((row[n]["length"] or 0) / shortest[n] for n in names)
        cells = []
        for n in names:
            none = row[n]["none"]
            cells.append(mark(row[n]["coverage"]) + (f" ({none} without)" if none else ""))
        out.append(f"| {kind} | " + " | ".join(cells) + f" | {ratio:.2f} |")
    return result


def new_runs_table(title, path, words, replicates=REPLICATES):
    result, shown = simulate(path, words, replicates)
    print(title, file=sys.stderr)
    out.append(f"\n### {title}\n\n    {shown}\n")
    out.append("| interval | holds new runs, % | Monte-Carlo error, % | infinite, % | median length |\n|---|---|---|---|---|")
    for c in result["new_runs"]:
        length = "-" if c["length"] is None else f"{c['length']:.3g}"
        out.append(f"| {c['kind']} | {percent(c['coverage'])} | {100 * c['monte_carlo_error']:.2f} | "
                   f"{percent(c['open'] / max(c['made'], 1))} | {length} |")


out.append("# How often intervals hold the truth")
out.append(f"""
Made by `tests/reference/coverage.py` with `joulefit simulate`: {REPLICATES} data sets each, bootstraps with {RESAMPLES}
resamples, level 95 %, default seed. The Monte-Carlo error of a share near 95 % is
{100 * (0.95 * 0.05 / REPLICATES) ** 0.5:.1f} %. Shares outside of 93 to 97 % are bold. "Longest over shortest": of the kind's
median length over that of the shortest kind, for the parameter where that is largest. Warnings are counted on {WARNED} data sets
each, with 199 resamples.

What the tables say:

- With equal noise and 120 runs every kind holds the truth, on the line, the power + constant and Chinchilla; bootstraps of pairs, BCa
  most of all, fall short by a percent or two.
- Where the scatter changes with the inputs, kinds that take it for equal fail (classical, profile, residual and parametric
  bootstraps): `W_UNEQUAL_SCATTER`. hc3, wild and pairs hold; BCa of pairs again falls short.
- With groups, errors that ignore them fail: `W_GROUPS_IGNORED`. CR2 with its degrees of freedom, which `--se cluster` is below 50 groups,
  holds with 40, 20 and 10 groups; the t of the wild cluster bootstrap with 40 and 20, and within half a point of that with 10. CR1 and the
  other bootstraps by group fall short below some 50 groups: `W_FEW_GROUPS`.
- On tiny samples only classical, profile and hc3 hold: `W_SMALL_SAMPLE`.
- For new runs, split conformal is at its level where the calibration groups (a fifth of the groups) are many: 100 of them in the
  first line. With 20, each of four runs, the quantile must be the largest residual of all, and it holds more; below 19 it is
  infinite, which the result says. CV+ stays above its guarantee of 90 %, and near 95 %.
""")
out.append("\n## Equal normal noise")
for name, (title, shape, words) in LAWS.items():
    coverage_table(title, design(*shape), words + WALD)
out.append("\n## Scatter that grows with the input, unknown to the fit")
for name, scatter in UNEQUAL.items():
    title, shape, words = LAWS[name]
    coverage_table(f"{title}, times `{scatter}`", design(*shape), words + ["--scatter", scatter] + WALD)
out.append("\n## Groups of four runs that share a part of their noise")
for groups in (40, 20, 10):
    coverage_table(f"`log(y) ~ a + b*log(x) + c*log(z)`, {groups} groups (b: of the group's own input; c: within groups)",
                   design("grouped", groups), GROUPED + CLUSTER)
coverage_table("power + constant, `y ~ k*x^a*z^c + e`, 40 groups", design("grouped", 40), GROUPED_POWER + CLUSTER)
out.append("\n## Small samples")
for name in ("line", "power"):
    title, (shape, _), words = LAWS[name]
    coverage_table(title.replace("120 runs", "30 runs"), design(shape, 30), words + WALD)
coverage_table(LAWS["line"][0].replace("120 runs", "6 runs"), design("line", 6), LAWS["line"][2] + WALD)
out.append("\n## New runs")
for groups in (500, 100, 40, 20):
    new_runs_table(f"the grouped line, {groups} groups of four runs", design("grouped", groups),
                   GROUPED + ["--se", "cluster"], REPLICATES // 10 if groups == 500 else REPLICATES)
for name in ("power", "chinchilla"):
    new_runs_table(LAWS[name][0], design(*LAWS[name][1]), LAWS[name][2])

with open(os.path.join(HERE, "coverage.md"), "w") as file:
    file.write("\n".join(out) + "\n")
