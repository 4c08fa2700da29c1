#!/usr/bin/env python3
"""Times joulefit beside the tools that people use, in turn, on the same data and at the same optimum; prints ratios.

usage: bench.py JOBS_PROGRAM JOULEFIT_PROGRAM WORK_FOLDER [--rounds 3] [--quick] [--markdown FILE] [JOB ...]
A round runs joulefit and then the peer; the ratio is peer seconds / joulefit seconds of that round, per unit of work where
the peer did a stated fraction. Seconds are those of the job inside each process. A row whose losses differ by more than 1e-9 is marked."""
import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
PYTHON = "/usr/bin/python3" if os.path.exists("/usr/bin/python3") else sys.executable

# job: data kind and rows, joulefit's arguments, peers as (name, needs, command, goal or None).
# COUNT of a peer may be a fraction of joulefit's: ratios are per unit.
JOBS = {
    "starts": ("loss", 240, ["starts", "4500", "all"],
               [("scipy L-BFGS-B, tight", "scipy", ["scipy_loss.py", "starts", "450"], 30)]),
    "starts-staged": ("loss", 240, ["starts", "4500", "staged"],
                      [("scipy L-BFGS-B, tight", "scipy", ["scipy_loss.py", "starts", "450"], 150)]),
    "resamples": ("loss", 240, ["resamples", "4000", "huber"],
                  [("scipy L-BFGS-B, tight", "scipy", ["scipy_loss.py", "resamples", "400", "huber"], 150)]),
    "resamples-squares": ("loss", 240, ["resamples", "4000", "squares"],
                          [("scipy least_squares", "scipy", ["scipy_loss.py", "resamples", "1000", "squares"], 20),
                           ("R nlsLM", "minpack.lm", ["nlslm_loss.R", "400"], 70)]),
    "energy": ("energy", 1600, ["energy", "100", "10000"],
               [("scipy curve_fit", "scipy", ["scipy_energy.py", "100", "1000", "curve_fit"], 25),
                ("lmfit", "lmfit", ["scipy_energy.py", "20", "200", "lmfit"], 80),
                ("R nlsLM", "minpack.lm", ["nlslm_energy.R", "20", "200"], 130)]),
    "laws": ("energy", 1600, ["laws", "20"],
             [("statsmodels formula", "statsmodels", ["statsmodels_laws.py", "20"], 150)]),
    "load": ("wide", 1000000, ["load"],
             [("pandas", "pandas", ["pandas_load.py", "fast"], 2),
              ("pandas, exact", "pandas", ["pandas_load.py", "exact"], None),
              ("data.table fread", "data.table", ["fread_load.R"], 1)]),
    "large": ("loss", 1000000, ["large"],
              [("scipy curve_fit", "scipy", ["scipy_large.py"], 12)]),
}
# What part of joulefit's count a peer that reports starts and resamples apart did.
SPLIT = {"energy": (100, 10000)}


def has(need):
    if need in ("minpack.lm", "data.table"):
        return shutil.which("Rscript") and subprocess.run(["Rscript", "-e", "library(%s)" % need],
                                                          capture_output=True).returncode == 0
    return subprocess.run([PYTHON, "-c", "import " + need], capture_output=True).returncode == 0


def run(command):
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    if done.returncode:
        raise SystemExit("%s failed:\n%s" % (" ".join(map(str, command)), done.stderr[-2000:]))
    return json.loads(done.stdout.strip().splitlines()[-1])


def seconds_per_job(job, result, full):
    """Seconds scaled to joulefit's amount of work."""
    if job in SPLIT:
        parts = SPLIT[job]
        return (result["seconds_starts"] * parts[0] / result["n_starts"] if "n_starts" in result else result["seconds_starts"]) + \
            result["seconds_resamples"] * parts[1] / result["count"]
    return result["seconds"] * full / result["count"]


def data_file(folder, kind, rows):
    path = folder / ("%s-%d.csv" % (kind, rows))
    if not path.exists():
        print("drawing %s" % path.name, file=sys.stderr)
        part = path.with_suffix(".part")
        subprocess.run([PYTHON, HERE / "make_data.py", kind, part, str(rows)], check=True)
        part.rename(path)
    return path


def measure(job, program, folder, rounds, absent):
    kind, rows, own, peers = JOBS[job]
    path = data_file(folder, kind, rows)
    out = []
    for name, need, command, goal in peers:
        if need in absent:
            continue
        runner = ["Rscript"] if command[0].endswith(".R") else [PYTHON]
        peer = runner + [HERE / "peers" / command[0], path] + command[1:]
        ratios, ours, theirs, apart = [], [], [], 0.0
        for _ in range(rounds):
            a = run([program, own[0], path] + own[1:])
            b = run(peer)
            mine, other = seconds_per_job(job, a, a["count"]), seconds_per_job(job, b, a["count"])
            ours.append(mine)
            theirs.append(other)
            ratios.append(other / mine)
            apart = max(apart, abs(a["loss"] / b["loss"] - 1)) if a.get("loss") else apart
        out.append((job, name, statistics.median(ours), statistics.median(theirs), statistics.median(ratios), min(ratios),
                    max(ratios), goal, apart))
        print_row(out[-1])
    return out


def print_row(row):
    job, name, ours, theirs, ratio, low, high, goal, apart = row
    note = "" if apart < 1e-9 else "   losses differ by %.1e" % apart
    print("%-18s %-24s %9.4f %9.3f %8.1fx  (%.1f to %.1f)  goal %s%s" % (
        job, name, ours, theirs, ratio, low, high, "-" if goal is None else "%dx" % goal, note), flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("joulefit")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--markdown", type=pathlib.Path)
    parser.add_argument("jobs", nargs="*")
    asked = parser.parse_intermixed_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    needs = sorted({need for _, _, _, peers in JOBS.values() for _, need, _, _ in peers})
    absent = [need for need in needs if not has(need)]
    if absent:
        print("not installed, left out: " + ", ".join(absent))
    print("%-18s %-24s %9s %9s %9s" % ("job", "peer", "joulefit", "peer", "ratio"))
    print("%-18s %-24s %9s %9s" % ("", "", "s", "s"))
    rows = []
    for job in asked.jobs or JOBS:
        rows += measure(job, asked.program, asked.folder, asked.rounds, absent)
    if asked.markdown:
        lines = ["| job | peer | joulefit s | peer s | ratio (range) | asked | losses apart |", "|---|---|---|---|---|---|---|"]
        lines += ["| %s | %s | %.4f | %.3f | %.1f (%.1f to %.1f) | %s | %.0e |" % (
            r[0], r[1], r[2], r[3], r[4], r[5], r[6], "-" if r[7] is None else r[7], r[8]) for r in rows]
        asked.markdown.write_text("\n".join(lines) + "\n")


main()
