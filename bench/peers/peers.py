#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Times what NumPy, SciPy and PyTorch offer for robagg's operators, on the tables that robagg-bench reads.

  bench/peers/peers.py --data build/bench/bench/robagg-bench-data --out peers.jsonl 9x100000 64x65536

One line of JSON per measurement: {"peer", "op", "n", "d", "seconds"}; one thread, float, the best of a few
calls. Each answer is checked on some columns against the definition before its clock starts, in tables of up to
10 million cells, and the table itself by the median that robagg-bench-data wrote beside it. What took longer than
--limit seconds is not asked of tables with as many rows and columns: {"beyond": true} in place of the seconds. A
package that is missing is said and skipped.
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
    yield "NumPy", "worst_case", lambda: np.min(x, axis=0), min
    for op, rule in by_norms(f).items():
        yield "NumPy (byzfl's way)", op, lambda rule=rule: rule(x), Table(rule)


def by_norms(f):
    """Rules that need norms, and distances to one row or point, as byzfl writes them."""
    def factors(norms, radius):
        return np.minimum(1, radius / np.maximum(norms, 1e-30)).astype(norms.dtype)

    def clip(x):
        return x * factors(np.linalg.norm(x, axis=1), 5)[:, None]

    def adaptive_clip(x):
        norms, k = np.linalg.norm(x, axis=1), int(2 * f / len(x) * (len(x) - f))
        return x * factors(norms, np.sort(norms)[::-1][k])[:, None]

    def nearest_mean(x, distances):
        return x[np.argpartition(distances, len(x) - f - 1)[:len(x) - f]].mean(axis=0)

    def centered_clipping(x):
        v = np.zeros(x.shape[1], dtype=x.dtype)
        for _ in range(3):
            gaps = x - v
            v = v + (gaps * factors(np.linalg.norm(gaps, axis=1), 5)[:, None]).mean(axis=0)
        return v

    return {"clip": clip, "clip|mean": lambda x: clip(x).mean(axis=0), "adaptive_clip": adaptive_clip,
            "nearest_to": lambda x: nearest_mean(x, np.linalg.norm(x - x[0], axis=1)),
            "comparative_gradient_elimination": lambda x: nearest_mean(x, np.linalg.norm(x, axis=1)),
            "centered_clipping": centered_clipping}


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
    yield "PyTorch", "worst_case", lambda: torch.amin(t, dim=0), min
    numpy_way = by_norms(f)

    def clipped(rows, radius):
        return rows * torch.clamp(radius / torch.clamp(torch.linalg.vector_norm(rows, dim=1), min=1e-30), max=1)[:, None]

    def adaptive_clip():
        norms, j = torch.linalg.vector_norm(t, dim=1), int(2 * f / n * (n - f))
        return clipped(t, torch.sort(norms, descending=True).values[j])

    def nearest_mean(distances):
        return t[torch.topk(distances, k, largest=False, sorted=False).indices].mean(dim=0)

    def centered_clipping():
        v = torch.zeros(t.shape[1])
        for _ in range(3):
            v = v + clipped(t - v, 5).mean(dim=0)
        return v

    for op, call in (("clip", lambda: clipped(t, 5)), ("clip|mean", lambda: clipped(t, 5).mean(dim=0)), ("adaptive_clip", adaptive_clip),
                     ("nearest_to", lambda: nearest_mean(torch.linalg.vector_norm(t - t[0], dim=1))),
                     ("comparative_gradient_elimination", lambda: nearest_mean(torch.linalg.vector_norm(t, dim=1))),
                     ("centered_clipping", centered_clipping)):
        yield "PyTorch (byzfl's way)", op, call, Table(numpy_way[op])

    def torch_krum():
        distances = torch.cdist(t, t) ** 2
        return t[torch.argmin(torch.sort(distances, dim=1).values[:, :k].mean(dim=1))]
    yield "PyTorch (byzfl's way)", "krum", torch_krum, Table(krum)


# --- many elections at once: inputs x models x classes --------------------------------------------

def all_elections(x):
    """Winners and certified radii of run-offs, in whole arrays."""
    inputs, models, classes = x.shape
    every, numbers = np.arange(inputs), np.arange(classes)
    votes = (x.argmax(axis=2)[:, :, None] == numbers).sum(axis=1)
    one = votes.argmax(axis=1)
    others = votes.copy()
    others[every, one] = -1
    two = others.argmax(axis=1)

    def preferring(a):  # how many models rank a before each class
        mine = np.take_along_axis(x, a[:, None, None], axis=2)
        return np.where(numbers > a[:, None], (mine >= x).sum(axis=1), (mine > x).sum(axis=1))

    stands = 2 * preferring(one)[every, two] + (two > one) > models
    winner, second = np.where(stands, one, two), np.where(stands, two, one)
    is_winner = numbers == winner[:, None]

    def half_up(gap):
        return (np.maximum(gap, 0) + 1) // 2

    first_gap = votes[every, winner][:, None] - votes + (numbers > winner[:, None])
    enters = half_up(votes[every, second][:, None] - votes + (numbers > second[:, None]))
    enters[every, second] = 0
    beaten = half_up(2 * preferring(winner) - models + (numbers > winner[:, None]))
    points = np.where(is_winner, models + 1, np.maximum(enters, beaten)).min(axis=1)
    smallest = np.sort(np.where(is_winner, 4 * models, np.maximum(first_gap, 0)), axis=1)
    together = np.maximum(half_up(smallest[:, 1]), (smallest[:, 0] + smallest[:, 1] + 2) // 3)
    return np.stack([winner, np.minimum(points, together) - 1])


def one_election(scores):
    """The same for one input, as the definition says it."""
    models, classes = scores.shape
    ballots = [sorted(range(classes), key=lambda c: -scores[m][c]) for m in range(models)]
    votes = [sum(b[0] == c for b in ballots) for c in range(classes)]
    one, two = sorted(range(classes), key=lambda c: -votes[c])[:2]

    def gap1(a, b):
        return votes[a] - votes[b] + (b > a)

    def gap2(a, b):
        return 2 * sum(v.index(a) < v.index(b) for v in ballots) - models + (b > a)
    winner, second = (one, two) if gap2(one, two) > 0 else (two, one)
    rest = [c for c in range(classes) if c != winner]

    def alone(gap):
        return -(-max(gap, 0) // 2)

    def both(g, h):
        return max(alone(g), alone(h), -(-(max(g, 0) + max(h, 0)) // 3))
    least = min(max(0 if b == second else alone(gap1(second, b)), alone(gap2(winner, b))) for b in rest)
    least = min([least] + [both(gap1(winner, a), gap1(winner, b)) for a in rest for b in rest if a < b])
    return winner, least - 1


def elections(arguments, folder, inputs=10000, models=250, classes=10):
    file = str(pathlib.Path(folder) / "cube")
    subprocess.run([arguments.data, str(inputs * models), str(classes), file], check=True)
    x = np.fromfile(file, dtype=np.float32).reshape(inputs, models, classes)
    result = all_elections(x)
    for i in range(0, inputs, inputs // 20):
        if tuple(result[:, i]) != one_election(x[i]):
            raise ValueError(f"election {i} differs from the definition")
    yield {"peer": "NumPy", "op": "each(run_off)", "n": models, "d": classes, "storage": f"cube of {inputs}",
            "seconds": seconds_of(lambda: all_elections(x), arguments.seconds)}


# --- votes among answers, and what more of them are worth ------------------------------------------

def votes(arguments, inputs=1_000_000, answers=1000):
    random = np.random.default_rng(1)
    labels = random.integers(answers, size=inputs).astype(np.int32)
    scores = (random.integers(8, size=inputs) / 8).astype(np.float32)

    def weighted():
        names, slots = np.unique(labels, return_inverse=True)
        return names[np.bincount(slots, weights=scores).argmax()]

    def counted():  # the answers are known to be small integers
        return np.bincount(labels, weights=scores).argmax()
    sums = [0.] * answers
    for label, score in zip(labels.tolist(), scores.tolist()):
        sums[label] += score
    best = max(range(answers), key=lambda a: sums[a])
    if weighted() != best or counted() != best:
        raise ValueError("the weighted vote differs from the definition")
    line = {"op": "weighted_vote", "n": inputs, "d": 1, "storage": f"{answers} answers"}
    yield {**line, "peer": "NumPy (unique)", "scalar": "hashed", "seconds": seconds_of(weighted, arguments.seconds)}
    yield {**line, "peer": "NumPy (bincount)", "scalar": "integers", "seconds": seconds_of(counted, arguments.seconds)}


def curve(arguments, pool=12_600):
    random = np.random.default_rng(1)
    proxy = random.standard_normal(pool).astype(np.float32)
    value = np.empty(pool)
    value[np.argsort(proxy, kind="stable")] = np.arange(1, pool + 1)
    ns = np.array([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096, 8192, 12500])

    def expected():
        order = np.argsort(proxy, kind="stable")
        log_factorial = np.concatenate([[0], np.cumsum(np.log(np.arange(1, pool + 1)))])
        i = np.arange(1, pool + 1)
        out = []
        for n in ns:
            i_n = i[n - 1:]
            chance = np.exp(log_factorial[i_n - 1] - log_factorial[i_n - n] - log_factorial[n - 1]
                            - log_factorial[pool] + log_factorial[n] + log_factorial[pool - n])
            out.append((chance * value[order][n - 1:]).sum())
        return np.array(out)
    if not np.allclose(expected(), ns * (pool + 1) / (ns + 1), rtol=1e-6):
        raise ValueError("the best-of-n curve differs from the definition")
    yield {"peer": "NumPy", "op": "best_of_n_curve", "n": pool, "d": 1, "storage": f"{len(ns)} values of n",
           "seconds": seconds_of(expected, arguments.seconds)}


def evictions(arguments, queries=128, keys=131_072, keep=26_220 - 32):
    """DefensiveKV given the window's attention: pooled rows with their mass kept, the worst case, the floor, value norms, the
    keys of 90 % of the mean attention first, the highest scores."""
    random = np.random.default_rng(1)
    x = (random.random((queries, keys)) / keys).astype(np.float32)
    norms = random.random(keys).astype(np.float32)

    def by_numpy():
        padded = np.pad(x, ((0, 0), (2, 2)))
        pooled = sum(padded[:, k:k + keys] for k in range(5)) / np.float32(5)
        pooled *= (x.sum(axis=1) / pooled.sum(axis=1))[:, None]
        worst = pooled.max(axis=0)
        score = np.maximum(worst, worst.mean()) * (norms / norms.sum())
        average = x.mean(axis=0)
        order = np.argsort(-average, kind="stable")
        reached = np.cumsum(average[order] / average.sum()) >= .9 - (1 - average.sum())
        score[order[:min(int(reached.argmax()), int(.2 * keys) - 32)]] = np.inf
        return np.sort(np.argpartition(-score, keep)[:keep])

    line = {"op": "defensivekv", "n": queries, "d": keys, "scalar": "float", "storage": "rows"}
    expected = by_numpy()
    yield {**line, "peer": "NumPy", "seconds": seconds_of(by_numpy, arguments.seconds)}
    if torch is None:
        return
    attention, norm = torch.from_numpy(x), torch.from_numpy(norms)

    def by_torch():
        pooled = torch.nn.functional.avg_pool1d(attention[None], 5, 1, 2)[0]
        pooled = pooled * (attention.sum(1) / pooled.sum(1))[:, None]
        worst = pooled.amax(0)
        score = torch.clamp(worst, min=worst.mean()) * (norm / norm.sum())
        average = attention.mean(0)
        sorted_average, order = average.sort(descending=True)
        reached = (sorted_average / average.sum()).cumsum(0) >= .9 - (1 - average.sum())
        score[order[:min(int(reached.int().argmax()), int(.2 * keys) - 32)]] = float("inf")
        return score.topk(keep).indices.sort().values
    if len(np.setxor1d(by_torch().numpy(), expected)) > keep // 100:
        raise ValueError("PyTorch and NumPy keep other keys")
    yield {**line, "peer": "PyTorch", "seconds": seconds_of(by_torch, arguments.seconds)}


def forecasts(arguments, n=400, models=12, levels=23):
    """The weights of an ensemble as SciPy's linear program (HiGHS), and a linear pool by sampling, as hubEnsembles does it."""
    if stats is None:
        return
    from scipy.optimize import linprog
    from scipy.sparse import csr_matrix, hstack, identity, vstack
    random = np.random.default_rng(1)
    tau = (np.arange(levels) + 1) / (levels + 1)
    y = 10 * random.random(n)
    middle = y[:, None] + (random.random((n, models)) - .5) * (np.arange(models) + 4)
    q = middle[:, :, None] + (4 + .8 * np.arange(models))[:, None] * (tau - .5)
    design = (q - y[:, None, None]).transpose(0, 2, 1).reshape(n * levels, models)
    cost = np.concatenate([np.zeros(models), np.tile(tau, n), np.tile(1 - tau, n)])
    rows = n * levels
    sums = csr_matrix(np.concatenate([np.ones(models), np.zeros(2 * rows)])[None])
    equations = vstack([hstack([csr_matrix(design), identity(rows), -identity(rows)]), sums]).tocsr()
    target = np.concatenate([np.zeros(rows), [1]])

    def by_highs():
        return linprog(cost, A_eq=equations, b_eq=target, method="highs")
    found = by_highs()
    w = found.x[:models]
    e = -(design @ w)
    if abs(np.maximum(np.tile(tau, n) * e, (np.tile(tau, n) - 1) * e).sum() - found.fun) > 1e-6 * found.fun:
        raise ValueError("HiGHS's weights are not worth what it says")
    yield {"op": "quantile_averaging", "n": n, "d": models * levels, "scalar": "double", "storage": "coarse", "peer": "SciPy (HiGHS)",
           "seconds": seconds_of(by_highs, 0)}

    tables = np.sort(q[:20, :10], axis=2)
    at = (np.arange(10_000) + .5) / 10_000

    def by_sampling():
        return [np.quantile(np.concatenate([np.interp(at, tau, row) for row in table]), tau) for table in tables]
    yield {"op": "linear_pool", "n": 10, "d": levels, "scalar": "double", "storage": "a table", "peer": "NumPy (sampling)",
           "seconds": seconds_of(by_sampling, arguments.seconds) / len(tables)}


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
    while calls < 1 or (spent < at_least and calls < 20):
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
    parser.add_argument("--limit", type=float, default=2, help="seconds after which a peer is not asked at larger shapes")
    parser.add_argument("shapes", nargs="+", metavar="NxD")
    arguments = parser.parse_args()

    for package, found in (("NumPy", np), ("SciPy", stats), ("PyTorch", torch)):
        if found is None:
            print(f"peers: {package} is not installed, skipped", file=sys.stderr)
    out = open(arguments.out, "w") if arguments.out else sys.stdout
    if np is None:
        return 0

    wrong, slow, random = 0, {}, np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as folder:
        for shape in arguments.shapes:
            n, d = (int(v) for v in shape.split("x"))
            file = str(pathlib.Path(folder) / "table")
            subprocess.run([arguments.data, str(n), str(d), file], check=True)
            x = np.fromfile(file, dtype=np.float32).reshape(n, d)
            if not np.allclose(np.fromfile(file + ".median", dtype=np.float32), np.median(x, axis=0), rtol=0, atol=1e-6):
                sys.exit(f"peers: the {shape} table and its median differ")
            # Small tables are many, as in bench/main.cpp: the rows of the same one in other orders.
            tables = [x] + [random.permutation(x) for _ in range(min(64, 65536 // x.size) - 1)]
            rules = [list(numpy_rules(t)) + (list(scipy_rules(t)) if stats else []) + (list(torch_rules(t)) if torch else []) for t in tables]
            for number, (peer, op, call, definition) in enumerate(rules[0]):
                calls = [of_table[number][2] for of_table in rules]
                line = {"peer": peer, "op": op, "n": n, "d": d}
                if any(n >= rows and d >= columns for rows, columns in slow.get((peer, op), ())):
                    print(json.dumps(line | {"beyond": True}), file=out, flush=True)
                    continue
                if n * d <= 10_000_000 and not right(call(), x, definition):
                    print(f"peers: {peer}'s {op} of {shape} differs from the definition", file=sys.stderr)
                    wrong += 1
                    continue
                seconds = seconds_of(lambda: [run() for run in calls], arguments.seconds) / len(calls)
                if seconds > arguments.limit:
                    slow.setdefault((peer, op), []).append((n, d))
                print(json.dumps(line | {"seconds": seconds}), file=out, flush=True)
        for measure in (lambda: elections(arguments, folder), lambda: votes(arguments), lambda: curve(arguments), lambda: evictions(arguments),
                        lambda: forecasts(arguments)):
            try:
                for line in measure():
                    print(json.dumps(line), file=out, flush=True)
            except ValueError as error:
                print(f"peers: {error}", file=sys.stderr)
                wrong += 1
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
