#!/usr/bin/env python3
"""Lines and branches that a run of the suite reached, by folder: coverage.py BUILD SOURCE [--missing FOLDER] [--write README].

Reads what gcov says of every object of the build (files of `cmake --preset coverage`). --missing lists the lines that no test
runs; --write puts the table between the marks of tests/README.md. Branches that only exceptions of C++ take are not counted by
gcov for C; those of assert are left out here, since an assertion that fails is a mistake of ours.
"""
import collections
import json
import os
import re
import subprocess
import sys

ROOMS = ("core", "data", "proxies", "fit", "plots", "reports", "cli")
MARKS = ("<!-- coverage begins -->", "<!-- coverage ends -->")


def notes_of(build):
    """Every object's .gcda, tests aside."""
    for folder, _, names in os.walk(build):
        if "/CMakeFiles/jf_check" in folder or "/tests/" in folder:
            continue
        for name in names:
            if name.endswith(".gcda"):
                yield os.path.join(folder, name)


def read_gcov(build, source):
    """{file: {line: [count, [branch counts]]}} over all objects that a file is part of."""
    files = collections.defaultdict(dict)
    for notes in notes_of(build):
        said = subprocess.run(["gcov", "-j", "-b", "--stdout", notes], capture_output=True, cwd=build, check=True).stdout
        for report in said.splitlines():
            for entry in json.loads(report)["files"]:
                name = os.path.relpath(os.path.join(build, entry["file"]), source)
                if name.split("/")[0] in ROOMS:
                    merge(files[name], entry["lines"])
    return files


def merge(lines, found):
    for line in found:
        kept = lines.setdefault(line["line_number"], [0, {}])
        kept[0] += line["count"]
        for i, branch in enumerate(line["branches"]):
            kept[1][i] = kept[1].get(i, 0) + branch["count"]


def is_assert(text):
    return re.match(r"\s*assert\(", text) is not None


def tables(files, source):
    """{room: [lines, lines run, branches, branches taken]} and {file: lines not run}."""
    sums = {room: [0, 0, 0, 0] for room in ROOMS}
    missing = {}
    for name, lines in sorted(files.items()):
        text = open(os.path.join(source, name), encoding="utf-8").read().split("\n")
        row = sums[name.split("/")[0]]
        missing[name] = []
        for number, (count, branches) in sorted(lines.items()):
            if is_assert(text[number - 1]):
                continue
            row[0] += 1
            row[1] += count > 0
            row[2] += len(branches)
            row[3] += sum(taken > 0 for taken in branches.values())
            if not count:
                missing[name].append(number)
    return sums, missing


def markdown(sums):
    out = ["| folder | lines | run | branches | taken |", "|---|---:|---:|---:|---:|"]
    for room, (lines, run, branches, taken) in list(sums.items()) + [("all", [sum(c) for c in zip(*sums.values())])]:
        out.append(f"| {room} | {lines} | {100 * run / max(lines, 1):.1f} % | {branches} | {100 * taken / max(branches, 1):.1f} % |")
    return "\n".join(out)


def write_into(readme, table):
    text = open(readme, encoding="utf-8").read()
    before, rest = text.split(MARKS[0])
    after = rest.split(MARKS[1])[1]
    with open(readme, "w", encoding="utf-8") as file:
        file.write(f"{before}{MARKS[0]}\n{table}\n{MARKS[1]}{after}")


def main(words):
    build, source = os.path.abspath(words[0]), os.path.abspath(words[1])
    sums, missing = tables(read_gcov(build, source), source)
    if "--missing" in words:
        folder = words[words.index("--missing") + 1]
        for name, numbers in missing.items():
            if name.startswith(folder) and numbers:
                print(f"{name}: {len(numbers)}: {' '.join(map(str, numbers))}")
        return
    table = markdown(sums)
    print(table)
    if "--write" in words:
        write_into(words[words.index("--write") + 1], table)


if __name__ == "__main__":
    main(sys.argv[1:])
