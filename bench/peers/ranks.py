#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Times what NumPy and SciPy offer for the sizes of bench/rank/rankings.bench.cpp, and formulas that people write with them.

  bench/peers/ranks.py [--out FILE]

One line of JSON per measurement: {"peer", "op", "seconds"}, the best of a few calls on one thread; answers are checked first. What is
missing is said and skipped.
"""

import argparse
import json
import os
import sys
import time

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

try:
    import numpy as np
    from scipy import optimize, stats
except ImportError as error:
    sys.exit(f"ranks.py: {error}: skipped")


def borda(x):
    """Items placed below, level ones half."""
    return (stats.rankdata(x, axis=1) - 1).sum(axis=0)


def rank_intervals(x, draws, random):
    points = stats.rankdata(x, axis=1) - 1
    counts = random.multinomial(len(x), np.full(len(x), 1 / len(x)), size=draws)
    ranks = stats.rankdata(-(counts @ points), axis=1)
    return np.quantile(ranks, [.025, .975], axis=0)


def minorise_maximise(wins, tolerance=1e-8):
    """Hunter's iteration for Bradley and Terry, as choix runs it."""
    games, won = wins + wins.T, wins.sum(axis=1)
    strengths = np.ones(len(wins))
    for _ in range(10000):
        new = won / (games / (strengths[:, None] + strengths[None, :])).sum(axis=1)
        new /= np.exp(np.log(new).mean())
        if np.abs(np.log(new / strengths)).max() < tolerance:
            return new
        strengths = new
    raise SystemExit("ranks.py: the iteration did not converge")


def best_of(call, times=5):
    least = float("inf")
    for _ in range(times):
        start = time.perf_counter()
        call()
        least = min(least, time.perf_counter() - start)
    return least


def measurements():
    random = np.random.default_rng(1)
    x = np.floor(8 * random.random((41, 332))) + np.arange(332) / 100
    wins = (x[:, :, None] > x[:, None, :]).sum(axis=0) + .5 * (x[:, :, None] == x[:, None, :]).sum(axis=0)
    assert np.allclose(borda(x), wins.sum(axis=1) - 41 / 2)
    yield "SciPy", "borda/41/332", lambda: borda(x)
    low, high = rank_intervals(x, 100, random)
    assert (low <= high).all()
    yield "NumPy and SciPy", "rank_intervals of borda/41/332/1000 draws", lambda: rank_intervals(x, 1000, random)
    for n in (332, 500):
        values = random.random((n, n))
        yield "SciPy", f"assignment/{n}", lambda v=values: optimize.linear_sum_assignment(v, maximize=True)
    a = random.random(100000)
    b = .5 * a + random.random(100000)
    yield "SciPy", "kendall/100000", lambda: stats.kendalltau(a, b)
    for items, count in ((200, 2_000_000), (60, 140_000)):
        first = random.integers(items, size=count)
        second = (first + 1 + random.integers(items - 1, size=count)) % items
        better = random.random(count) < 1 / (1 + np.exp((second - first) / items))
        table = np.zeros((items, items))
        np.add.at(table, (np.where(better, first, second), np.where(better, second, first)), 1)
        strengths = minorise_maximise(table)
        chance = strengths[:, None] / (strengths[:, None] + strengths[None, :])
        assert np.abs(((table + table.T) * chance - table).sum(axis=1)).max() < 1e-3 * count / items
        yield "NumPy (minorise-maximise)", f"bradley_terry/{items}/{count}", lambda t=table: minorise_maximise(t)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", help="also write the lines here")
    arguments = parser.parse_args()
    lines = []
    for peer, op, call in measurements():
        lines.append(json.dumps({"peer": peer, "op": op, "seconds": best_of(call)}))
        print(lines[-1], flush=True)
    if arguments.out:
        with open(arguments.out, "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
