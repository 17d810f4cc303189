#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Writes classics.json: what NumPy, SciPy, statsmodels and astropy compute for the robust statistics that everybody has.

  apt-get install python3-scipy python3-statsmodels python3-astropy
  tests/golden/classics.py > tests/golden/classics.json

Tables are drawn from a fixed seed; a case with weights is computed from rows that are repeated so often."""

import itertools
import json
import sys

import astropy
import numpy as np
import scipy
import scipy.stats as st
import statsmodels
from astropy.stats import biweight_location, mad_std, sigma_clip
from scipy.stats import mstats
from statsmodels.robust import norms

RULES = ["averaged", "inverse_cdf", "closest_observation", "interpolated_inverse_cdf", "hazen", "weibull", "linear",
         "median_unbiased", "normal_unbiased"]
METHODS = ["averaged_inverted_cdf", "inverted_cdf", "closest_observation", "interpolated_inverted_cdf", "hazen", "weibull",
           "linear", "median_unbiased", "normal_unbiased"]
random = np.random.default_rng(12)


def tables():
    for n in (5, 8, 11, 25, 40):
        gauss = random.normal(size=(n, 5)) + np.arange(5)
        yield gauss
        yield np.round(2 * gauss)  # ties
        spoilt = gauss.copy()
        spoilt[random.random(gauss.shape) < .12] *= 50
        yield spoilt


def by_column(x, f):
    return [float(f(x[:, c])) for c in range(x.shape[1])]


def cases(x, weights, heavy):
    """Each with what is computed: without weights, with whole ones or with others."""
    n = len(x)
    for w in (None, weights):
        rows = x if w is None else np.repeat(x, w, axis=0)

        def case(op, source, compute, unweighted=False, **params):
            if w is not None and unweighted:
                return None
            return {"op": op, "source": source, "params": params, "weights": "none" if w is None else "whole",
                    "output": by_column(rows, compute)}

        for rule, method in zip(RULES, METHODS):
            for p in (0., .1, .25, .4, .5, .77, 1.):
                # NumPy before 2.1 takes the odd rank half way between two, not the even one.
                if rule == "closest_observation" and abs((n * p) % 1 - .5) < 1e-9:
                    continue
                yield case("quantile", "numpy.quantile", lambda c: np.quantile(c, p, method=method),
                           unweighted=rule not in RULES[:2], p=p, rule=rule)
            if rule != "closest_observation":
                yield case("quantile_range", "scipy.stats.iqr", lambda c: st.iqr(c, interpolation=method),
                           unweighted=rule not in RULES[:2], rule=rule)
        yield case("median_absolute_deviation", "scipy.stats.median_abs_deviation", st.median_abs_deviation, scale=1)
        yield case("median_absolute_deviation", "astropy.stats.mad_std", mad_std, scale=1.482602218505602)
        for low, high in ((1, 1), (2, 0), (1, 2)):
            share = lambda f: (f + 1e-9) / n  # of whole rows
            if low == high:
                yield case("winsorized_mean", "scipy.stats.mstats.winsorize",
                           lambda c: mstats.winsorize(c, limits=(share(low), share(high))).mean(), unweighted=True, f=low)
            yield case("asymmetric_trimmed_mean", "scipy.stats.mstats.trimr",
                       lambda c: mstats.trimr(c, limits=(share(low), share(high))).mean(), unweighted=True, low=low, high=high)
        for low, high in ((.25, .25), (.1, .3), (0, .45), (.15, 0)):
            yield case("winsorized_mean_by_share", "scipy.stats.mstats.winsorize",
                       lambda c: mstats.winsorize(c, limits=(low, high)).mean(), low=low, high=high)
        for share in (.2, .25, .4):
            if abs(share * len(rows) - round(share * len(rows))) < 1e-9:
                yield case("trimmed_mean_by_share", "scipy.stats.trim_mean",
                           lambda c: st.trim_mean(c, round(share * len(c)) / len(c) + 1e-9), low=share, high=share)
        for low, high, rounds in ((3, 3, 5), (2, 1.5, 5), (1.2, 1.2, 1), (1.5, 2.5, 2), (1.3, 1.3, 3)):
            for centre, spread in itertools.product(("mean", "median"), ("deviation", "absolute_deviation")):
                # Round by round: with more than one, astropy applies the last bounds to all values, and some may come back.
                def clip(c):
                    for _ in range(rounds):
                        rest = sigma_clip(c, sigma_lower=low, sigma_upper=high, maxiters=1, cenfunc=centre, masked=False,
                                          stdfunc="std" if spread == "deviation" else "mad_std")
                        if len(rest) == 0:
                            break
                        c = rest
                    return c
                params = dict(low=low, high=high, iterations=rounds, centre=centre, spread=spread)
                yield case("sigma_clipped_mean", "astropy.stats.sigma_clip", lambda c: clip(c).mean(), **params)
                yield case("sigma_clipped_count", "astropy.stats.sigma_clip", lambda c: len(clip(c)), unweighted=True, **params)
        for c0 in (6, 3):
            yield case("biweight_location", "astropy.stats.biweight_location", lambda c: biweight_location(c, c=c0), c=c0)
        for k in (1.345, .5, 2.5):
            def huber(c):
                scale = st.median_abs_deviation(c, scale="normal")
                if scale == 0:
                    return np.median(c)
                return norms.estimate_location(c, scale, norms.HuberT(k), initial=np.median(c), maxiter=10000, tol=1e-13)
            yield case("huber", "statsmodels.robust.norms.estimate_location", huber, k=k)
        yield case("hodges_lehmann", "numpy.median",
                   lambda c: np.median([(a + b) / 2 for a, b in itertools.combinations_with_replacement(c, 2)]),
                   unweighted=True)
    if len(np.unique(x[:, 0])) == n:  # no ties
        def middle(c):
            order = np.argsort(c)
            w = heavy[order]
            return np.interp(.5 * w.sum(), np.cumsum(w) - .5 * w, c[order])
        yield {"op": "interpolated_median", "source": "numpy.interp", "params": {}, "weights": "others",
               "output": by_column(x, middle)}


def main():
    by = {m.__name__: m.__version__ for m in (np, scipy, statsmodels, astropy)}
    texts = []
    for x in tables():
        whole, others = random.integers(1, 4, size=len(x)), random.uniform(.1, 2, size=len(x))
        answers = ",\n".join(json.dumps(c) for c in cases(x, whole, others) if c)
        table = {"n": len(x), "input": x.ravel().tolist(), "whole": whole.tolist(), "others": others.tolist()}
        texts.append('{"table": %s, "cases": [\n%s]}' % (json.dumps(table), answers))
    sys.stdout.write('{"made_by": %s, "tables": [\n%s\n]}\n' % (json.dumps(by), ",\n".join(texts)))


if __name__ == "__main__":
    main()
