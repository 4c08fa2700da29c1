#!/usr/bin/env python3
"""Times joulefit beside the tools that people use, in turn, on the same data and at the same optimum; prints ratios.

usage: bench.py JOBS_PROGRAM JOULEFIT_PROGRAM WORK_FOLDER [--rounds 3] [--instructions] [--table] [JOB ...]
A round runs joulefit and then the peer; the ratio is peer seconds / joulefit seconds of that round, per unit of work where
the peer did a stated fraction. Seconds are those of the job inside each process. Losses are compared: a peer that ends more than
1e-9 above joulefit's is said to have stopped early, and the other way round. --instructions counts with callgrind, --table
writes what was measured into README.md beside this file, with date, machine and load."""
import argparse
import json
import os
import pathlib
import platform
import shutil
import statistics
import subprocess
import sys
import time

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
              [("scipy curve_fit", "scipy", ["scipy_large.py"], 12),
               ("GSL multilarge", "gsl", ["gsl_large", "large"], 5),
               ("GSL multifit, Cholesky", "gsl", ["gsl_large", "nlinear"], None)]),
    "large-1e7": ("loss", 10000000, ["large"],
                  [("scipy curve_fit", "scipy", ["scipy_large.py"], 12),
                   ("GSL multilarge", "gsl", ["gsl_large", "large"], 5)]),
}
# Jobs that are also timed on two threads.
THREADED = ["starts", "resamples", "energy", "laws", "large"]
# Rows at which a loss and its gradient are timed against a loop written by hand for that law, and the most asked of ns / ns.
GRADIENT_ROWS, GRADIENT_GOAL = [240, 1000000], 1.3
LAW = "log(L) ~ lse(a - alpha*log(N), b - beta*log(D), e)"
# What part of joulefit's count a peer that reports starts and resamples apart did.
SPLIT = {"energy": (100, 10000)}


def has(need):
    if need == "gsl":
        return True  # joulefit is built with it
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
        peer = peer_command(program, command, path)
        ratios, ours, theirs, apart, memory = [], [], [], 0.0, ()
        for _ in range(rounds):
            a = run([program, own[0], path] + own[1:])
            b = run(peer)
            mine, other = seconds_per_job(job, a, a["count"]), seconds_per_job(job, b, a["count"])
            ours.append(mine)
            theirs.append(other)
            ratios.append(other / mine)
            apart = max(apart, b["loss"] / a["loss"] - 1, key=abs) if a.get("loss") else apart
            memory = (a.get("peak_MiB"), b.get("peak_MiB"))
        out.append((job, name, statistics.median(ours), statistics.median(theirs), statistics.median(ratios), min(ratios),
                    max(ratios), goal, apart, memory))
        print_row(out[-1])
    return out


def peer_command(program, command, path):
    """A script beside this one, or a program beside the jobs."""
    if command[0].endswith(".R"):
        return ["Rscript", HERE / "peers" / command[0], path] + command[1:]
    if command[0].endswith(".py"):
        return [PYTHON, HERE / "peers" / command[0], path] + command[1:]
    return [pathlib.Path(program).parent / command[0], path] + command[1:]


def measure_threads(job, program, folder, rounds):
    """Seconds of one thread / seconds of two, in turn."""
    kind, rows, own, _ = JOBS[job]
    path, ratios = data_file(folder, kind, rows), []
    for _ in range(rounds):
        one, two = (run([program, own[0], path] + own[1:] + ["threads=%d" % n])["seconds"] for n in (1, 2))
        ratios.append(one / two)
    row = (job, "itself on one thread", 0, 0, statistics.median(ratios), min(ratios), max(ratios), 1.8, 0.0, ())
    print("%-18s two threads against one  %8.2fx  (%.2f to %.2f)  goal 1.8x" % (job, *row[4:7]), flush=True)
    return row


def measure_gradient(program, folder, rounds):
    """Value and gradient of a Huber loss as solvers evaluate it, beside a C loop written by hand with the same flags: ns a row."""
    rows = []
    for n in GRADIENT_ROWS:
        got = [run([pathlib.Path(program).parent / "bench_gradient", data_file(folder, "loss", n)]) for _ in range(rounds)]
        ratios = [g["ns"] / g["hand_ns"] for g in got]
        rows.append((n, got[0]["kernels"], statistics.median(g["ns"] for g in got),
                     statistics.median(g["hand_ns"] for g in got), statistics.median(ratios), min(ratios), max(ratios),
                     max(g["difference"] for g in got)))
        print("gradient, %s kernels, %9s rows: %.2f ns a row, by hand %.2f: %.2f of it (%.2f to %.2f)  goal %.1f   differ by %.1g" % (
            rows[-1][1], format(n, ","), *rows[-1][2:7], GRADIENT_GOAL, rows[-1][7]), flush=True)
    return rows


def measure_command(joulefit, folder):
    """Milliseconds of a whole `joulefit fit` on the small table, start to exit: least and median."""
    command = [joulefit, "fit", data_file(folder, "loss", 240), "--law", LAW, "--loss", "huber:1e-3"]
    times = []
    for _ in range(21):
        begin = time.perf_counter()
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
        times.append(1000 * (time.perf_counter() - begin))
    print("joulefit fit, 240 rows, start to exit: %.1f ms at best, %.1f ms median (goal 30 ms)" % (min(times),
                                                                                             statistics.median(times)))
    return min(times), statistics.median(times)


def instructions(command):
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"] + [str(c) for c in command],
                          capture_output=True, text=True, env=environment)
    return int(done.stderr.split("refs:")[1].split()[0].replace(",", ""))


def count_instructions(program, joulefit, folder):
    loss, energy = data_file(folder, "loss", 240), data_file(folder, "energy", 1600)
    rows = []
    for what, job, path, count, more in (("one of the 4,000 Huber resamples", "resamples", loss, 400, ["huber"]),
                                         ("one of them with squares", "resamples", loss, 400, ["squares"]),
                                         ("one of the 10,000 resamples of the energy law", "energy", energy, 100, [])):
        front = ["1"] if job == "energy" else []
        many, none = (instructions([program, job, path] + front + [str(n)] + more) for n in (count, 0))
        rows.append((what, (many - none) // count))
    rows.append(("one whole `joulefit fit` on the 240 rows, one thread", instructions(
        [joulefit, "fit", loss, "--law", LAW, "--loss", "huber:1e-3", "--threads", "1"])))
    for what, n in rows:
        print("%-60s %15s instructions" % (what, format(n, ",")), flush=True)
    return rows


def remark(apart):
    if abs(apart) < 1e-9:
        return ""
    return "%s stopped early, %.1e above" % ("the peer" if apart > 0 else "joulefit", abs(apart))


def print_row(row):
    job, name, ours, theirs, ratio, low, high, goal, apart, _ = row
    print("%-18s %-24s %9.4f %9.3f %8.1fx  (%.1f to %.1f)  goal %s   %s" % (
        job, name, ours, theirs, ratio, low, high, "-" if goal is None else "%dx" % goal, remark(apart)), flush=True)


def machine():
    """What a reader needs to judge the figures: date, processor, compiler, load."""
    model = [line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")]
    compiler = subprocess.run(["gcc", "--version"], capture_output=True, text=True).stdout.splitlines()[0]
    return "%s; %s, %d processors, kernels of joulefit as chosen at start; %s; Python %s" % (
        time.strftime("%Y-%m-%d %H:%M"), model[0] if model else platform.machine(), os.cpu_count(), compiler,
        platform.python_version())


def table(rows, threads, gradient, command, counts, load):
    lines = ["%s. Load average %.1f at the start, %.1f at the end." % (machine(), *load), "",
             "| job | peer | joulefit s | peer s | ratio (range) | asked | losses | peak MiB, joulefit / peer |",
             "|---|---|---|---|---|---|---|---|"]
    for job, name, ours, theirs, ratio, low, high, goal, apart, memory in rows:
        lines.append("| %s | %s | %.4f | %.3f | %.3g (%.3g to %.3g) | %s | %s | %s |" % (
            job, name, ours, theirs, ratio, low, high, "-" if goal is None else goal, remark(apart) or "equal",
            "%.0f / %.0f" % memory if memory and None not in memory else ""))
    if threads:
        lines += ["", "Two threads against one (1.8 asked): " + ", ".join(
            "%s %.2f (%.2f to %.2f)" % (r[0], *r[4:7]) for r in threads) + "."]
    if gradient:
        lines += ["", "A Huber loss with its gradient beside a loop written by hand in C (`hand_loop.inc`; same flags, same instructions of the "
                  "processor), %s kernels:" % gradient[0][1], "",
                  "| rows | joulefit ns a row | by hand | joulefit / hand (range) | asked at most |", "|---|---|---|---|---|"]
        lines += ["| %s | %.2f | %.2f | %.2f (%.2f to %.2f) | %.1f |" % (format(g[0], ","), *g[2:7], GRADIENT_GOAL) for g in gradient]
    if command:
        lines += ["", "`joulefit fit` on 240 rows with its starts, start to exit: %.0f ms at best, %.0f ms median (30 asked)."
                  % command]
    if counts:
        lines += ["", "| instructions (callgrind, which runs the AVX2 kernels) | count |", "|---|---|"]
        lines += ["| %s | %s |" % (what, format(n, ",")) for what, n in counts]
    return "\n".join(lines) + "\n"


def write_table(text):
    """Between the marks of README.md."""
    path = HERE / "README.md"
    begin, end = "<!-- measured -->\n", "<!-- end -->"
    old = path.read_text()
    head, rest = old.split(begin)
    path.write_text(head + begin + text + end + rest.split(end)[1])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("joulefit")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--instructions", action="store_true", help="count instructions with callgrind as well")
    parser.add_argument("--table", action="store_true", help="write what was measured into tests/bench/README.md")
    parser.add_argument("jobs", nargs="*", metavar="JOB", help=", ".join(list(JOBS) + ["gradient"]))
    asked = parser.parse_intermixed_args()
    unknown = [job for job in asked.jobs if job not in [*JOBS, "gradient"]]
    if unknown:
        parser.error("no job %s; there are %s, gradient" % (", ".join(unknown), ", ".join(JOBS)))
    asked.folder.mkdir(parents=True, exist_ok=True)
    needs = sorted({need for _, _, _, peers in JOBS.values() for _, need, _, _ in peers})
    absent = [need for need in needs if not has(need)]
    load = [os.getloadavg()[0]]
    if absent:
        print("not installed, left out: " + ", ".join(absent))
    print("%-18s %-24s %9s %9s %9s" % ("job", "peer", "joulefit", "peer", "ratio"))
    print("%-18s %-24s %9s %9s" % ("", "", "s", "s"))
    rows, chosen = [], asked.jobs or [*JOBS, "gradient"]
    for job in chosen:
        if job in JOBS:
            rows += measure(job, asked.program, asked.folder, asked.rounds, absent)
    threads = [measure_threads(job, asked.program, asked.folder, 2 * asked.rounds + 1) for job in THREADED if job in chosen]
    gradient = measure_gradient(asked.program, asked.folder, asked.rounds) if "gradient" in chosen else []
    command = None if asked.jobs else measure_command(asked.joulefit, asked.folder)
    counts = count_instructions(asked.program, asked.joulefit, asked.folder) if asked.instructions else []
    load.append(os.getloadavg()[0])
    if asked.table:
        write_table(table(rows, threads, gradient, command, counts, load))


main()
