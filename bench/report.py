#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""One table of everything that scripts/bench has measured, as Markdown and as JSON.

  bench/report.py --bench native=cpp.json [--bench avx2=...] [--peers peers.jsonl] [--compile compile.jsonl] OUT

writes OUT.md and OUT.json. Somebody else's time is compared with robagg's at the same operator, shape,
scalar type and storage (Python: row-major float). Exits 1 if an answer was wrong.
"""

import argparse
import json
import math
import pathlib
import sys


def read_bench(label, file):
    """Rows of robagg and of others, from Google Benchmark's JSON, and what is not of one table (elections, experts, evictions of
    many heads); of repeated runs the fastest."""
    rows, more, wrong = {}, {}, []
    document = json.loads(pathlib.Path(file).read_text())
    context = document.get("context", {})
    for entry in document["benchmarks"]:
        if entry.get("run_type") == "aggregate":
            continue
        name = entry["name"].split("/")
        if entry.get("error_occurred"):
            wrong.append(f"{entry['name']}: {entry.get('error_message', '')}")
            continue
        if len(name) < 5 or not (name[3].isdigit() and name[4].isdigit()):
            if entry["name"] not in more or more[entry["name"]]["seconds"] > entry["seconds"]:
                counters = {key: value for key, value in entry.items() if key.startswith(("of_", "times_", "reads", "ns_"))}
                more[entry["name"]] = {"built_for": label, "what": entry["name"], "seconds": entry["seconds"], **counters}
            continue
        row = {
            "built_for": label, "op": name[0], "scalar": name[1], "storage": name[2], "n": int(name[3]), "d": int(name[4]),
            "peer": name[5] if len(name) > 5 else None, "seconds": entry["seconds"],
            "gigabytes_per_second": entry["bytes/s"] / 1e9, "of_a_read": entry.get("of_a_read"),
        }
        if "times_nth_element" in entry:
            row["times_faster"] = {"nth_element": entry["times_nth_element"]}
        if "of_by_hand" in entry:
            row["times_faster"] = {"by hand": 1 / entry["of_by_hand"]}
        if entry["name"] not in rows or rows[entry["name"]]["seconds"] > row["seconds"]:
            rows[entry["name"]] = row
    return list(rows.values()), list(more.values()), wrong, context


def read_lines(file):
    if not file or not pathlib.Path(file).exists():
        return []
    return [json.loads(line) for line in pathlib.Path(file).read_text().splitlines() if line.strip()]


def compare(ours, others):
    """Puts into each of our rows how many times slower the others are."""
    for row in ours:
        faster = row.setdefault("times_faster", {})
        for other in others:
            same = all(row[key] == other[key] for key in ("op", "n", "d", "scalar"))
            if same and row["built_for"] == other["built_for"] and row["storage"] == other["storage"]:
                faster[other["peer"]] = other["seconds"] / row["seconds"]


def against_the_best(ours):
    """For every operator and shape that others have too: how many times faster than the best of them, those where we are not
    first."""
    rows = []
    for row in ours:
        if row["scalar"] == "float" and row["storage"] == "row_major" and row["times_faster"]:
            peer, times = min(row["times_faster"].items(), key=lambda entry: entry[1])
            rows.append((times, row, peer))
    return sorted(rows, key=lambda entry: (entry[0] >= 1, entry[1]["op"], entry[1]["n"], entry[1]["d"]))


def exponent(points):
    """The slope of log(seconds) over log(size)."""
    if len(points) < 3:
        return None
    xs, ys = [math.log(x) for x, _ in points], [math.log(y) for _, y in points]
    x, y = sum(xs) / len(xs), sum(ys) / len(ys)
    return sum((a - x) * (b - y) for a, b in zip(xs, ys)) / sum((a - x) ** 2 for a in xs)


def growth(ours):
    """Per operator: time against n (at 1,000 columns, from 25 rows on) and against d (at 25 rows, from 1,000 columns on)."""
    rows = []
    for op in sorted({row["op"] for row in ours}):
        own = [row for row in ours if row["op"] == op and row["scalar"] == "float" and row["storage"] == "row_major"]
        by_n = exponent([(row["n"], row["seconds"]) for row in own if row["d"] == 1000 and row["n"] >= 25])
        by_d = exponent([(row["d"], row["seconds"]) for row in own if row["n"] == 25 and row["d"] >= 1000])
        if by_n is not None and by_d is not None:
            rows.append([op.replace("|", "\\|"), number(by_n, 2), number(by_d, 2)])
    return rows


def number(value, digits=3):
    return "" if value is None else f"{value:.{digits}g}" if value < 10 ** digits else f"{value:.0f}"


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]) + "\n"


def markdown(result):
    ours = result["robagg"]
    parts = ["# Benchmarks\n", f"{result['machine']}. One thread; the best of a few calls. *Of a read* is the time of one plain read of the same table "
             "over the time of the operator; *times faster* is the time of somebody else's code over it, at the same shape.\n"]
    best = against_the_best(ours)
    if best:
        parts.append("\n## Against the best of the others\n\nWhere robagg is not ahead stands first.\n")
        parts.append(table(["operator", "n", "d", "ms", "of a read", "times faster", "than"],
                           [[row["op"].replace("|", "\\|"), row["n"], row["d"], number(row["seconds"] * 1e3), number(row["of_a_read"], 2),
                             number(times, 2), peer] for times, row, peer in best]))
    grown = growth(ours)
    if grown:
        parts.append("\n## Growth\n\nThe fitted exponents of time: in n from 25 rows on, at 1,000 columns; in d from 1,000 columns on, at 25 "
                     "rows.\n")
        parts.append(table(["operator", "n", "d"], grown))
    parts.append("\n## Everything\n")
    rows = []
    for row in ours:
        faster = ", ".join(f"{peer} {number(times, 2)}x" for peer, times in sorted(row["times_faster"].items()))
        rows.append([row["op"].replace("|", "\\|"), row["n"], row["d"], row["scalar"], row["storage"], row["built_for"],
                     number(row["seconds"] * 1e3), number(row["gigabytes_per_second"]), number(row["of_a_read"], 2), faster])
    parts.append(table(["operator", "n", "d", "scalar", "storage", "built for", "ms", "GB/s", "of a read", "times faster than"], rows))
    if result["others"]:
        parts.append("\n## Others\n")
        parts.append(table(["whose", "operator", "n", "d", "scalar", "storage", "ms"],
                           [[row["peer"], row["op"], row["n"], row["d"], row["scalar"], row["storage"], number(row["seconds"] * 1e3)]
                            for row in result["others"]]))
    if result["more"]:
        parts.append("\n## Not of one table\n")
        parts.append(table(["what", "built for", "ms", "besides"],
                           [[row["what"].replace("|", "\\|"), row["built_for"], number(row["seconds"] * 1e3),
                             ", ".join(f"{key} {number(value)}" for key, value in row.items() if key not in ("what", "built_for", "seconds"))]
                            for row in result["more"]]))
    if result["compile"]:
        parts.append("\n## Compiling\n")
        parts.append(table(["translation unit at -O2", "x Eigen/Core", "seconds", "MB"],
                           [[row["unit"], row["ratio"], row["seconds"], row["megabytes"]] for row in result["compile"]]))
    if result["wrong"]:
        parts.append("\n## Not timed\n\n" + "\n".join(f"- {line}" for line in result["wrong"]) + "\n")
    return "\n".join(parts)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", action="append", default=[], metavar="LABEL=FILE")
    parser.add_argument("--peers")
    parser.add_argument("--compile")
    parser.add_argument("out")
    arguments = parser.parse_args()

    rows, more, wrong, machine = [], [], [], ""
    for argument in arguments.bench:
        label, _, file = argument.partition("=")
        some, others, failed, context = read_bench(label, file)
        rows += some
        more += others
        wrong += failed
        caches = ", ".join(f"L{c['level']} {c['size'] // 1024} KiB" for c in context.get("caches", []) if c["type"] != "Instruction")
        machine = machine or f"{context.get('date', '')[:10]}, {context.get('mhz_per_cpu', '?')} MHz, {caches}"
    ours = [row for row in rows if not row["peer"]]
    others = [row for row in rows if row["peer"]]
    label = arguments.bench[0].partition("=")[0] if arguments.bench else ""
    lines = read_lines(arguments.peers)
    others += [{"scalar": "float", "storage": "row_major", **line, "built_for": label} for line in lines if "seconds" in line]
    compare(ours, others)
    for row in ours:
        del row["peer"]
    order = lambda row: (row["op"], row["scalar"] != "float", row["storage"] != "row_major", row["storage"], row["n"], row["d"])
    result = {"machine": machine, "robagg": sorted(ours, key=order), "others": sorted(others, key=order),
              "more": more,
              "compile": read_lines(arguments.compile), "wrong": wrong, "beyond": [line for line in lines if "beyond" in line]}
    pathlib.Path(arguments.out + ".json").write_text(json.dumps(result, indent=1) + "\n")
    pathlib.Path(arguments.out + ".md").write_text(markdown(result))
    for line in wrong:
        print(f"bench: {line}", file=sys.stderr)
    return 1 if any("differs" in line for line in wrong) else 0


if __name__ == "__main__":
    sys.exit(main())
