#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Times what NumPy, SciPy and PyTorch offer for robagg's operators, on the tables that robagg-bench reads.

  bench/peers/peers.py --data build/bench/bench/robagg-bench-data --out peers.jsonl 9x100000 64x65536

One line of JSON per measurement: {"peer", "op", "n", "d", "seconds"}; one thread, float, the best of a few
calls. Each answer is checked on some columns against the definition before its clock starts, and the table
itself by the median that robagg-bench-data wrote beside it. A package that is missing is said and skipped.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

try:
    import numpy as np
except ImportError:
    np = None
try:
    import scipy.stats as stats
    from scipy.spatial import distance
except ImportError:
    stats = None
try:
    import torch
    torch.set_num_threads(1)
except ImportError:
    torch = None


def liars(n):
    """How many rows may lie; bench.hpp has the same."""
    return 8 if n == 64 else n // 5


# --- the definitions, a column of Python numbers at a time ---------------------------------------

def mean(values):
    return sum(values) / len(values)


def middle(values):
    v = sorted(values)
    return (v[(len(v) - 1) // 2] + v[len(v) // 2]) / 2


def lower_middle(values):
    return sorted(values)[(len(values) - 1) // 2]


def trimmed(values):
    f = liars(len(values))
    return mean(sorted(values)[f:len(values) - f])


def around(centre):
    def of(values):
        m = centre(values)
        return mean(sorted(values, key=lambda v: abs(v - m))[:len(values) - liars(len(values))])
    return of


class Table:
    """A definition of the whole answer, in double, instead of one column's."""

    def __init__(self, answer):
        self.answer = answer


def squared_distances(x):
    return np.array([((x - row) ** 2).sum(axis=1) for row in x])


def scores(distances, f):
    """Krum's: the mean over the n - f nearest rows, itself included, as byzfl has it."""
    return np.sort(distances, axis=1)[:, :len(distances) - f].mean(axis=1)


def krum(x):
    return x[np.argmin(scores(squared_distances(x), liars(len(x))))]


def mixed(x, distances):
    nearest = np.argsort(distances, axis=1, kind="stable")[:, :len(x) - liars(len(x))]
    return np.array([x[rows].mean(axis=0) for rows in nearest])


def mixed_trimmed(x):
    f = liars(len(x))
    return np.sort(mixed(x, squared_distances(x)), axis=0)[f:len(x) - f].mean(axis=0)


# --- what people write: peer, operator, call, definition -----------------------------------------

def numpy_rules(x):
    n, f = x.shape[0], liars(x.shape[0])
    k = n - f

    def mean_around_median():
        distance = np.abs(x - np.median(x, axis=0))
        return np.mean(np.take_along_axis(x, np.argpartition(distance, k - 1, axis=0)[:k], axis=0), axis=0)

    yield "NumPy", "mean", lambda: np.mean(x, axis=0), mean
    yield "NumPy", "median", lambda: np.median(x, axis=0), middle
    yield "NumPy", "trimmed_mean", lambda: np.sort(x, axis=0)[f:n - f].mean(axis=0), trimmed
    yield "NumPy", "mean_around_median", mean_around_median, around(middle)
    yield "NumPy", "sort", lambda: np.sort(x, axis=0), sorted
    # As byzfl does it: differences row by row, three steps of Weiszfeld from the origin with smoothing 0.1.
    yield "NumPy (byzfl's way)", "krum", lambda: krum(x), Table(krum)
    yield "NumPy (byzfl's way)", "nearest_neighbour_mixing|trimmed_mean", lambda: mixed_trimmed(x), Table(mixed_trimmed)

    def three_steps(rows):
        z = np.zeros(rows.shape[1], dtype=rows.dtype)
        for _ in range(3):
            weights = 1 / np.maximum(np.linalg.norm(rows - z, axis=1), .1)
            z = (rows * weights[:, None]).sum(axis=0) / weights.sum()
        return z
    yield "NumPy (byzfl's way, three steps)", "geometric_median", lambda: three_steps(x), Table(three_steps)


def scipy_rules(x):
    n, f = x.shape[0], liars(x.shape[0])
    # A share of (f + 1/2) / n cuts f rows, whichever way it is rounded.
    yield "SciPy", "trimmed_mean", lambda: stats.trim_mean(x, (f + .5) / n, axis=0), trimmed
    yield "SciPy", "krum", lambda: x[np.argmin(scores(distance.cdist(x, x, "sqeuclidean"), f))], Table(krum)


def torch_rules(x):
    n, f = x.shape[0], liars(x.shape[0])
    k, t = n - f, torch.from_numpy(x)
    # Its median is the lower of the two in the middle.
    lower = "PyTorch" if n % 2 else "PyTorch (lower median)"

    def mean_around_median():
        distance = torch.abs(t - torch.median(t, dim=0).values)
        return torch.gather(t, 0, torch.topk(distance, k, dim=0, largest=False, sorted=False).indices).mean(dim=0)

    yield "PyTorch", "mean", lambda: torch.mean(t, dim=0), mean
    yield lower, "median", lambda: torch.median(t, dim=0).values, lower_middle
    yield "PyTorch", "trimmed_mean", lambda: torch.sort(t, dim=0).values[f:n - f].mean(dim=0), trimmed
    yield lower, "mean_around_median", mean_around_median, around(lower_middle)
    yield "PyTorch", "sort", lambda: torch.sort(t, dim=0).values, sorted


def right(result, x, definition):
    result = np.asarray(result)
    if isinstance(definition, Table):
        return np.allclose(result, definition.answer(x.astype(np.float64)), rtol=0, atol=1e-4)
    for c in range(0, x.shape[1], max(1, x.shape[1] // 50)):
        if not np.allclose(result[..., c], definition([float(v) for v in x[:, c]]), rtol=0, atol=1e-5):
            return False
    return True


def seconds_of(call, at_least):
    best, spent, calls = float("inf"), 0, 0
    while calls < 2 or (spent < at_least and calls < 20):
        start = time.perf_counter()
        call()
        seconds = time.perf_counter() - start
        best, spent, calls = min(best, seconds), spent + seconds, calls + 1
    return best


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, help="the program robagg-bench-data")
    parser.add_argument("--out", help="where the lines go instead of standard output")
    parser.add_argument("--seconds", type=float, default=.2, help="how long to repeat each call")
    parser.add_argument("shapes", nargs="+", metavar="NxD")
    arguments = parser.parse_args()

    for package, found in (("NumPy", np), ("SciPy", stats), ("PyTorch", torch)):
        if found is None:
            print(f"peers: {package} is not installed, skipped", file=sys.stderr)
    out = open(arguments.out, "w") if arguments.out else sys.stdout
    if np is None:
        return 0

    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        for shape in arguments.shapes:
            n, d = (int(v) for v in shape.split("x"))
            file = str(pathlib.Path(folder) / "table")
            subprocess.run([arguments.data, str(n), str(d), file], check=True)
            x = np.fromfile(file, dtype=np.float32).reshape(n, d)
            if not np.allclose(np.fromfile(file + ".median", dtype=np.float32), np.median(x, axis=0), rtol=0, atol=1e-6):
                sys.exit(f"peers: the {shape} table and its median differ")
            rules = list(numpy_rules(x)) + (list(scipy_rules(x)) if stats else []) + (list(torch_rules(x)) if torch else [])
            for peer, op, call, definition in rules:
                if not right(call(), x, definition):
                    print(f"peers: {peer}'s {op} of {shape} differs from the definition", file=sys.stderr)
                    wrong += 1
                    continue
                line = {"peer": peer, "op": op, "n": n, "d": d, "seconds": seconds_of(call, arguments.seconds)}
                print(json.dumps(line), file=out, flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
