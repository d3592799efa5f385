#!/usr/bin/env python3
"""Reference values for the statistics of the rollout controller.

What it is: an independent computation of every test of section 3 of the rollout
specification. It is deliberately written from the formulas alone, without a look
at the controller's own code, in 50-digit arithmetic with mpmath, by the direct
definition: for every tick explicit sums over starts and grid, every product taken
afresh over its ticks, no recursions, no tricks. Every value is then computed a
second time by another route (doubles, running sums, log-sum-exp, scipy's special
functions and root finder) and both must agree to 1e-9, or nothing is written.

How to run it (Python 3.9 or later):

    python -m venv venv && . venv/bin/activate
    pip install mpmath scipy numpy confseq
    python generate.py                 # writes values.json beside itself

confseq has to be compiled and needs Debian's libboost-dev. As released (0.0.11) it
needs numpy before 2 (it names np.float_), and its build file pins pybind11 2.6,
which does not compile with Python 3.11 or later. What worked with Python 3.11:

    pip install "pybind11<3" cmake ninja scikit-build "setuptools<70" wheel
    pip install mpmath scipy "numpy<2" "pandas<3"
    pip install --no-build-isolation confseq

The output is deterministic: the counts come from Python's own generator with a
fixed seed, the values are correctly rounded from 50 digits. Only the objects
"confseq" come from somebody else's doubles and may differ in their last digits on
another machine.

What confseq 0.0.11 has in common with the specification:

* boundaries.beta_binomial_log_mixture, two-sided, is a beta-binomial mixture whose
  prior is Beta(r/(h(g+h)), r/(g(g+h))) about the null g/(g+h). With g = h = 1/2,
  s = a - n/2, v = n/4 the null is 1/2 and the prior Beta(2r, 2r): r = 1/2 is the
  sample-ratio e-value at the share 1/2, and r = 1/4 the e-value of the confidence
  sequence of a proportion at p = 1/2. r is not a parameter but rho - g h with
  rho = v_opt / (2 ln(1/alpha_opt) + ln(1 + 2 ln(1/alpha_opt))), so v_opt is
  (r + 1/4) times that denominator. At any other null its prior has its mean at the
  null, so there is no coincidence at another share. Its
  bernoulli_confidence_interval re-tunes the prior at every p, so no interval
  coincides; but the point 1/2 is the end of ours exactly when alpha = 1/E(1/2),
  which is how the "proportion" objects below use it.
* betting.diversified_betting_mart, theta = 1, trunc_scale = 1, is a weighted mean of
  products of 1 + lambda_t (x_t - m) over single observations. A bet of
  (q - m)/(m (1 - m)) is the likelihood ratio of q against the null m, a bet of 0 is
  a start that has not come yet: with 12 (1 + M) constant-after-their-start bets,
  weighted 1/2 * 1/12 and 1/2 * 1/M * 1/12, it is exactly the whole E, so for "above",
  "below", the hashed treatment-control test (the observations are failures, an arm
  each), and the per-request one as long as nT : nC stays the same.

Nothing in it coincides with the ratio of two rates, the cuts or Clopper-Pearson.
"""

import json
import math
import random
from fractions import Fraction
from pathlib import Path

import numpy as np
from mpmath import mp, mpf
from scipy import optimize, special, stats

try:
    from confseq.betting import diversified_betting_mart
    from confseq.boundaries import beta_binomial_log_mixture
except (ImportError, AttributeError) as error:
    raise SystemExit(f"{error}: see the head of this file for how to build confseq")

mp.dps = 50
SEED = 20260101
TICKS_PER_MINUTE = 4
GRID = range(1, 13)
STEP = mpf("1.3")


# --- the definitions, in 50 digits -------------------------------------------------


def combine(factors, starts, interval):
    """ln E after each tick: E = 1/2 E(1) + 1/2 (1/starts) sum over s of E(s).

    factors[j][t] is ln e of grid point j in tick t + 1; a start s is at the ticks
    1, 1 + interval, 1 + 2 interval, ..., never more than `starts` of them.
    """
    result = []
    for now in range(1, len(factors[0]) + 1):

        def since(start):
            if start > now:
                return mpf(1)
            products = [mp.exp(mp.fsum(row[start - 1 : now])) for row in factors]
            return mp.fsum(products) / len(products)

        late = mp.fsum(since(1 + i * interval) for i in range(starts)) / starts
        result.append(mp.log((since(1) + late) / 2))
    return result


def minutes(max_soak):
    return max(1, math.floor(max_soak))


def five_minutes(max_soak):
    return max(1, math.floor(Fraction(max_soak) / 5))


def theta(ratio, share, n_treatment, n_control):
    if share is None:
        return ratio * n_treatment / (ratio * n_treatment + n_control)
    return ratio * mpf(share) / (ratio * mpf(share) + 1 - mpf(share))


def log_bernoulli(x, p, y, q):
    """x ln p + y ln q, with 0 ln 0 = 0."""
    return (x * mp.log(p) if x else mpf(0)) + (y * mp.log(q) if y else mpf(0))


def treatment_control(share, tolerance, max_soak, ticks):
    rows = []
    for j in GRID:
        row = []
        for n_t, x_t, n_c, x_c in ticks:
            if share is None and (n_t == 0 or n_c == 0):
                row.append(mpf(0))
                continue
            null = theta(mpf(tolerance), share, n_t, n_c)
            other = theta(mpf(tolerance) * STEP**j, share, n_t, n_c)
            row.append(log_bernoulli(x_t, other / null, x_c, (1 - other) / (1 - null)))
        rows.append(row)
    return combine(rows, minutes(max_soak), TICKS_PER_MINUTE)


def above(limit, max_soak, ticks):
    p = mpf(limit)
    grid = [p * STEP**j for j in GRID if p * STEP**j < 1]
    rows = [[log_bernoulli(x, q / p, n - x, (1 - q) / (1 - p)) for n, x in ticks] for q in grid]
    return combine(rows, minutes(max_soak), TICKS_PER_MINUTE)


def below(success, limit, max_soak, ticks):
    p0, p1 = mpf(success), mpf(limit)
    row = [-log_bernoulli(x, p1 / p0, n - x, (1 - p1) / (1 - p0)) for n, x in ticks]
    return combine([row], five_minutes(max_soak), 5 * TICKS_PER_MINUTE)


def sample_ratio(share, users):
    w, result = mpf(share), []
    for now in range(1, len(users) + 1):
        a = sum(tick[0] for tick in users[:now])
        b = sum(tick[1] for tick in users[:now])
        result.append(mp.log(mp.beta(a + 1, b + 1)) - a * mp.log(w) - b * mp.log(1 - w))
    return result


def cut(bounds, cumulative, quantile):
    """Exact: the quantile is the decimal it is written as, not its double."""
    limit = Fraction(str(quantile)) * cumulative[-1]
    below_it = [b for b, count in zip(bounds, cumulative) if count <= limit]
    if not below_it:
        return None, None
    c = max(below_it)
    slower = [b for b in bounds if Fraction(b) >= Fraction("1.2") * Fraction(c) * (1 - Fraction("1e-9"))]
    return c, min(slower, default=None)


def bisect(inside, outside, holds):
    """The point between `inside`, where `holds`, and `outside`, where it does not."""
    for _ in range(240):
        middle = (inside + outside) / 2
        if holds(middle):
            inside = middle
        else:
            outside = middle
    return (inside + outside) / 2


def proportion(n, x, alpha):
    def contains(p):
        weight = mp.beta(x + mpf(1) / 2, n - x + mpf(1) / 2) / mp.beta(mpf(1) / 2, mpf(1) / 2)
        return weight / (p**x * (1 - p) ** (n - x)) < 1 / mpf(alpha)

    middle = mpf(x) / n if n else mpf(1) / 2
    lower = mpf(0) if x == 0 else bisect(middle, mpf(0) + mpf(10) ** -60, contains)
    upper = mpf(1) if x == n else bisect(middle, 1 - mpf(10) ** -40, contains)
    return lower, upper


def ratio(share, alpha, ticks):
    points = [mpf("1.05") ** i for i in range(-94, 95)]

    def likelihood(value):
        terms = []
        for n_t, x_t, n_c, x_c in ticks:
            if share is None and (n_t == 0 or n_c == 0):
                continue
            th = theta(value, share, n_t, n_c)
            terms.append(log_bernoulli(x_t, th, x_c, 1 - th))
        return mp.fsum(terms)

    logs = [likelihood(value) for value in points]
    members = []
    for value, here in zip(points, logs):
        e = mp.fsum(mp.exp(other - here) for other in logs) / len(logs)
        # No member may hang on a rounding.
        assert abs(mp.log(e) + mp.log(mpf(alpha))) > mpf("1e-6"), "choose another case"
        if e < 1 / mpf(alpha):
            members.append(value)
    return min(members), max(members)


def proportion_upper(n, x, alpha):
    """Clopper-Pearson: the p at which at most x of n has the probability alpha."""
    if x == n:
        return mpf(1)

    def at_least_alpha(p):
        chance = mp.fsum(mp.binomial(n, i) * p**i * (1 - p) ** (n - i) for i in range(x + 1))
        return chance >= mpf(alpha)

    return bisect(mpf(x) / n, mpf(1), at_least_alpha)


# --- the second route, in doubles --------------------------------------------------


def combine_again(factors, starts, interval):
    """Running sums per start and grid point, log-sum-exp over all of them at once."""
    factors = np.array(factors, dtype=float)
    width, length = factors.shape
    first = 1 + interval * np.arange(starts)
    weights = np.full((starts, width), math.log(0.5 / starts / width))
    weights[0] = np.logaddexp(weights[0], math.log(0.5 / width))
    running = np.zeros((starts, width))
    result = []
    for tick in range(1, length + 1):
        running[first <= tick] += factors[:, tick - 1]
        result.append(special.logsumexp(running + weights))
    return result


def treatment_control_again(share, tolerance, max_soak, ticks):
    n_t, x_t, n_c, x_c = np.array(ticks, dtype=float).T
    ratios = tolerance * 1.3 ** np.arange(1, 13)[:, None]
    if share is None:
        known = (n_t > 0) & (n_c > 0)
        odds = np.where(known, n_t, 1) / np.where(known, n_c, 1)
    else:
        known = np.full(len(ticks), True)
        odds = np.full(len(ticks), share / (1 - share))
    # ln(theta/theta0) = ln(L/L0) - d, ln((1-theta)/(1-theta0)) = -d.
    d = np.log1p(ratios * odds) - np.log1p(tolerance * odds)
    rows = np.where(known, x_t * np.log(ratios / tolerance) - (x_t + x_c) * d, 0)
    return combine_again(rows, minutes(max_soak), 4)


def above_again(limit, max_soak, ticks):
    n, x = np.array(ticks, dtype=float).T
    q = limit * 1.3 ** np.arange(1, 13)[:, None]
    q = q[q[:, 0] < 1]
    rows = x * np.log(q / limit) + (n - x) * (np.log1p(-q) - math.log1p(-limit))
    return combine_again(rows, minutes(max_soak), 4)


def below_again(success, limit, max_soak, ticks):
    n, x = np.array(ticks, dtype=float).T
    row = x * math.log(success / limit) + (n - x) * (math.log1p(-success) - math.log1p(-limit))
    return combine_again([row], max(1, int(max_soak // 5)), 20)


def sample_ratio_again(share, users):
    """The predictive form: Laplace's rule bets on one user after the other."""
    a = b = 0
    total, result = 0.0, []
    for new_a, new_b in users:
        for _ in range(new_a):
            total += math.log((a + 1) / (a + b + 2) / share)
            a += 1
        for _ in range(new_b):
            total += math.log((b + 1) / (a + b + 2) / (1 - share))
            b += 1
        result.append(total)
    return result


def cut_again(bounds, cumulative, quantile):
    at = np.searchsorted(cumulative[:-1], quantile * cumulative[-1], side="right") - 1
    if at < 0:
        return None, None
    comparison = np.searchsorted(bounds, 1.2 * bounds[at] * (1 - 1e-9), side="left")
    return bounds[at], bounds[comparison] if comparison < len(bounds) else None


def proportion_again(n, x, alpha):
    def excess(p):
        return (
            special.betaln(x + 0.5, n - x + 0.5)
            - special.betaln(0.5, 0.5)
            - special.xlogy(x, p)
            - special.xlog1py(n - x, -p)
            + math.log(alpha)
        )

    middle = x / n if n else 0.5
    lower = 0.0 if x == 0 else optimize.brentq(excess, 1e-300, middle if x < n else 1.0, xtol=1e-15)
    upper = 1.0 if x == n else optimize.brentq(excess, middle, 1 - 1e-16, xtol=1e-15)
    return lower, upper


def ratio_again(share, alpha, ticks):
    n_t, x_t, n_c, x_c = np.array(ticks, dtype=float).T
    values = 1.05 ** np.arange(-94, 95)[:, None]
    if share is None:
        known = (n_t > 0) & (n_c > 0)
        odds = np.where(known, n_t, 1) / np.where(known, n_c, 1)
    else:
        known, odds = np.full(len(ticks), True), np.full(len(ticks), share / (1 - share))
    terms = x_t * np.log(values * odds) - (x_t + x_c) * np.log1p(values * odds)
    logs = np.where(known, terms, 0).sum(axis=1)
    log_e = special.logsumexp(logs) - math.log(len(logs)) - logs
    members = values[log_e < -math.log(alpha), 0]
    return members.min(), members.max()


def proportion_upper_again(n, x, alpha):
    return 1.0 if x == n else stats.beta.ppf(1 - alpha, x + 1, n - x)


def agree(first, second):
    first, second = list(first), list(second)
    assert len(first) == len(second)
    for one, other in zip(first, second):
        assert abs(one - mpf(float(other))) <= 1e-9 * max(1, abs(one)), (one, other)


# --- confseq -----------------------------------------------------------------------


def tuned(r):
    """v_opt for which confseq's mixture with g = h = 1/2 has this r."""
    alpha_opt = 0.05
    odds = 2 * math.log(1 / alpha_opt)
    v_opt = (r + 0.25) * (odds + math.log(1 + odds))
    return dict(v_opt=v_opt, g=0.5, h=0.5, alpha_opt=alpha_opt, is_one_sided=False)


def confseq_mixture(a, b, r):
    n = a + b
    return float(beta_binomial_log_mixture(s=a - n / 2, v=n / 4, **tuned(r)))


def confseq_bets(null, alternatives, starts, interval, ticks):
    """ticks: [(ones, zeros)]; the whole E by one call of diversified_betting_mart."""
    observations, first, last = [], [], []
    for ones, zeros in ticks:
        first.append(len(observations))
        observations += [1.0] * ones + [0.0] * zeros
        last.append(len(observations))
    size = len(observations)
    bets, weights = [], []

    def bet(q, start):
        size_of_bet = (q - null) / (null * (1 - null))
        begins = first[start - 1] if start <= len(ticks) else size
        fixed = np.concatenate([np.zeros(begins), np.full(size - begins, size_of_bet)])
        return lambda x, m: fixed

    for q in alternatives:
        bets.append(bet(q, 1))
        weights.append(0.5 / len(alternatives))
        for i in range(starts):
            bets.append(bet(q, 1 + i * interval))
            weights.append(0.5 / starts / len(alternatives))
    wealth = diversified_betting_mart(
        np.array(observations), null, bets, lambdas_weights=weights, theta=1, trunc_scale=1
    )
    return [math.log(wealth[end - 1]) if end else 0.0 for end in last]


# --- the cases ---------------------------------------------------------------------

rng = random.Random(SEED)
cases = []


def draw(n, p):
    return sum(rng.random() < p for _ in range(n))


def around(mean):
    """A count near a mean (what distribution it has is of no importance)."""
    return draw(2 * mean, 0.5)


def two_arms(length, mean_t, mean_c, p_t, p_c):
    """p_t and p_c: failure rates, or functions of the tick (1, 2, ...)."""
    ticks = []
    for k in range(1, length + 1):
        n_t, n_c = around(mean_t), around(mean_c)
        rate_t = p_t(k) if callable(p_t) else p_t
        rate_c = p_c(k) if callable(p_c) else p_c
        ticks.append([n_t, draw(n_t, rate_t), n_c, draw(n_c, rate_c)])
    return ticks


def one_arm(length, mean, p):
    return [[n, x] for n, x, _, _ in two_arms(length, mean, 0, p, 0)]


def add(**case):
    cases.append(case)


def add_treatment_control(share, tolerance, max_soak, ticks):
    log_e = treatment_control(share, tolerance, max_soak, ticks)
    agree(log_e, treatment_control_again(share, tolerance, max_soak, ticks))
    add(test="treatment_control", share=share, tolerance=tolerance, maxSoakMinutes=max_soak, ticks=ticks, logE=log_e)


def add_above(limit, max_soak, ticks):
    log_e = above(limit, max_soak, ticks)
    agree(log_e, above_again(limit, max_soak, ticks))
    add(test="above", limit=limit, maxSoakMinutes=max_soak, ticks=ticks, logE=log_e)


def add_below(success, limit, max_soak, ticks):
    log_e = below(success, limit, max_soak, ticks)
    agree(log_e, below_again(success, limit, max_soak, ticks))
    add(test="below", success=success, limit=limit, maxSoakMinutes=max_soak, ticks=ticks, logE=log_e)


def add_sample_ratio(share, users):
    log_e = sample_ratio(share, users)
    agree(log_e, sample_ratio_again(share, users))
    add(test="sample_ratio", share=share, users=users, logE=log_e)


def add_cut(bounds, cumulative, quantile):
    assert len(cumulative) == len(bounds) + 1 and cumulative == sorted(cumulative)
    c, comparison = cut(bounds, cumulative, quantile)
    assert (c, comparison) == cut_again(bounds, cumulative, quantile)
    add(test="cut", bounds=bounds, cumulative=cumulative, quantile=quantile, cut=c, comparison=comparison)
    return c, comparison


def add_proportion(n, x, alpha):
    lower, upper = proportion(n, x, alpha)
    agree([lower, upper], proportion_again(n, x, alpha))
    add(test="proportion", n=n, x=x, alpha=alpha, lower=lower, upper=upper)


def add_ratio(share, alpha, ticks):
    lower, upper = ratio(share, alpha, ticks)
    agree([lower, upper], ratio_again(share, alpha, ticks))
    add(test="ratio", share=share, alpha=alpha, ticks=ticks, lower=lower, upper=upper)


def add_proportion_upper(n, x, alpha):
    upper = proportion_upper(n, x, alpha)
    agree([upper], [proportion_upper_again(n, x, alpha)])
    add(test="proportion_upper", n=n, x=x, alpha=alpha, upper=upper)


def treatment_control_cases():
    # Healthy, 50 requests a second, 10 % in the treatment.
    add_treatment_control(None, 1.0, 120, two_arms(120, 75, 675, 0.003, 0.003))
    # A regression of one point from the start.
    add_treatment_control(None, 1.0, 120, two_arms(60, 75, 675, 0.013, 0.003))
    # A late one: from tick 81 (minute 20) on.
    late = two_arms(140, 75, 675, lambda k: 0.003 if k <= 80 else 0.04, 0.003)
    add_treatment_control(None, 1.0, 120, late)
    # No traffic at all in ticks 11 to 20, none at first, none in the treatment in 31 to 33.
    ticks = two_arms(48, 75, 675, 0.03, 0.01)
    for k in [1, *range(11, 21)]:
        ticks[k - 1] = [0, 0, 0, 0]
    for k in range(31, 34):
        ticks[k - 1] = [0, 0, 700, 9]
    add_treatment_control(None, 1.0, 30, ticks)
    # No control in some ticks, where the treatment's failures must not count.
    ticks = two_arms(40, 300, 300, 0.02, 0.01)
    for k in [5, 6, 7, 22]:
        ticks[k - 1] = [310, 30, 0, 0]
    add_treatment_control(None, 1.0, 10, ticks)
    # Hashed, share 0.1; ticks without requests in an arm count all the same.
    ticks = two_arms(64, 75, 675, 0.02, 0.006)
    ticks[9] = [0, 0, 650, 4]
    ticks[30] = [80, 3, 0, 0]
    ticks[31] = [0, 0, 0, 0]
    add_treatment_control(0.1, 1.0, 60, ticks)
    # Hashed, share 0.5, healthy and with a shared incident in ticks 17 to 28.
    shared = lambda k: 0.08 if 17 <= k <= 28 else 0.003
    add_treatment_control(0.5, 1.0, 60, two_arms(60, 375, 375, shared, shared))
    # Hashed, share 0.99: the holdback of the bake; late regression.
    late = two_arms(60, 743, 8, lambda k: 0.004 if k <= 30 else 0.02, 0.004)
    late[40][3] = 1
    add_treatment_control(0.99, 1.0, 60, late)
    # Tolerance 1.2, per request at exactly 1.2, and hashed beyond it.
    add_treatment_control(None, 1.2, 45, two_arms(60, 375, 375, 0.012, 0.01))
    add_treatment_control(0.5, 1.2, 45, two_arms(40, 375, 375, 0.02, 0.01))
    # Huge counts: 7,500 requests a tick, healthy and at one point more.
    add_treatment_control(None, 1.0, 120, two_arms(40, 3750, 3750, 0.003, 0.003))
    add_treatment_control(None, 1.0, 120, two_arms(24, 750, 6750, 0.013, 0.003))
    # 240 ticks = 60 minutes, but 20 starts only: they run out; it goes bad at tick 161.
    late = two_arms(240, 40, 40, lambda k: 0.01 if k <= 160 else 0.05, 0.01)
    add_treatment_control(None, 1.0, 20, late)
    # A single start.
    add_treatment_control(None, 1.0, 1, two_arms(20, 50, 50, 0.06, 0.02))
    # Exceedances of the median ("slower"): 1.2 c in the treatment, c in the control.
    add_treatment_control(None, 1.0, 120, two_arms(40, 375, 375, 0.40, 0.50))
    add_treatment_control(None, 1.0, 120, two_arms(24, 375, 375, 0.60, 0.50))
    # Everything fails in the treatment; a treatment far better than the control.
    add_treatment_control(None, 1.0, 30, two_arms(12, 75, 675, 1.0, 0.003))
    add_treatment_control(None, 1.0, 30, two_arms(40, 375, 375, 0.001, 0.05))
    # The beyond-grid extreme: one request against many.
    add_treatment_control(None, 1.0, 5, [[1, 1, 7499, 0], [1, 0, 7499, 7499], [7499, 7499, 1, 0], [7499, 0, 1, 1]])


def above_cases():
    add_above(0.01, 120, one_arm(80, 75, 0.003))
    ticks = one_arm(80, 75, lambda k: 0.005 if k <= 50 else 0.05)
    for k in [1, 20, 21, 22]:
        ticks[k - 1] = [0, 0]
    add_above(0.01, 120, ticks)
    add_above(0.01, 10, one_arm(60, 7500, 0.011))
    # The grid reaches beyond 1: eleven points remain.
    add_above(0.05, 60, one_arm(60, 75, 0.05))
    add_above(0.05, 60, one_arm(40, 75, 0.12))
    add_above(0.05, 5, [[20, 20], [20, 20], [0, 0], [20, 19], [20, 0], [20, 0], [1, 1], [1, 0]])
    # Few points remain: 0.7 * 1.3 is the only one below 1.
    add_above(0.7, 3, one_arm(16, 40, 0.75))


def below_cases():
    add_below(0.005, 0.01, 120, one_arm(120, 75, 0.003))
    ticks = one_arm(100, 75, lambda k: 0.03 if k <= 40 else 0.002)
    for k in [41, 42, 60]:
        ticks[k - 1] = [0, 0]
    add_below(0.005, 0.01, 60, ticks)
    # At the rollback limit itself.
    add_below(0.025, 0.05, 60, one_arm(100, 75, 0.05))
    add_below(0.025, 0.05, 60, one_arm(80, 7500, 0.01))
    # K = floor(12/5) = 2: the starts run out; K = 1 for less than ten and for less than five minutes.
    add_below(0.005, 0.01, 12, one_arm(64, 300, lambda k: 0.012 if k <= 22 else 0.002))
    add_below(0.025, 0.05, 9, one_arm(48, 30, 0.02))
    add_below(0.005, 0.01, 3, one_arm(24, 300, 0.004))


def sample_ratio_cases():
    def users(length, mean, share):
        result = []
        for _ in range(length):
            n = around(mean)
            a = draw(n, share)
            result.append([a, n - a])
        return result

    add_sample_ratio(0.5, users(40, 30, 0.5))
    add_sample_ratio(0.1, users(60, 60, 0.1))
    add_sample_ratio(0.1, users(40, 60, 0.13))
    add_sample_ratio(0.99, users(40, 100, 0.99))
    add_sample_ratio(0.5, users(20, 3000, 0.48))
    add_sample_ratio(0.25, [[0, 0], [1, 0], [0, 0], [0, 3], [40, 0], [0, 120], [0, 0], [5, 15]])


def cut_cases():
    # The controller's bounds: 0.005 * 1.2^(j/2) up to 60 s, and 3 and 10.
    grid, j = [], 0
    while mpf("0.005") * mp.sqrt(mpf("1.2")) ** j <= 60:
        grid.append(float(mpf("0.005") * mp.sqrt(mpf("1.2")) ** j))
        j += 1
    grid = sorted([*grid, 3.0, 10.0])

    def lognormal(n, median):
        values = []
        for _ in range(n):
            # Box and Muller, so that only rng.random() is used.
            normal = math.sqrt(-2 * math.log(1 - rng.random())) * math.cos(2 * math.pi * rng.random())
            values.append(median * math.exp(0.8 * normal))
        return [sum(value <= b for value in values) for b in grid] + [n]

    usual = lognormal(1500, 0.4)
    for quantile in [0.5, 0.95, 0.99]:
        add_cut(grid, usual, quantile)
    # About 3 and 10 seconds, the two bounds that are not of the progression.
    slow = lognormal(1200, 2.9)
    for quantile in [0.5, 0.95, 0.99]:
        add_cut(grid, slow, quantile)
    at = grid.index(3.0)
    c, comparison = add_cut(grid, [0] * at + [500] + [501] * (len(grid) - at - 1) + [1000], 0.5)
    assert c == 3.0 and comparison > 3.6
    c, comparison = add_cut(grid, [0] * at + [501] * (len(grid) - at) + [1000], 0.5)
    assert c == grid[at - 1] and comparison > 3.0
    at = grid.index(10.0)
    c, comparison = add_cut(grid, [0] * at + [990] + [1000] * (len(grid) - at), 0.99)
    assert c == 10.0 and comparison > 12

    short = [0.1, 0.12, 0.15, 0.2, 0.3]
    # F(b) exactly q n, and one more than that.
    assert add_cut(short, [10, 50, 80, 95, 99, 100], 0.5) == (0.12, 0.15)
    assert add_cut(short, [10, 51, 80, 95, 99, 100], 0.5) == (0.1, 0.12)
    assert add_cut(short, [10, 50, 80, 95, 99, 100], 0.95) == (0.2, 0.3)
    assert add_cut(short, [10, 50, 80, 95, 99, 100], 0.99) == (0.3, None)
    assert add_cut(short, [10, 50, 80, 96, 99, 100], 0.95) == (0.15, 0.2)
    # q n is not whole: 0.5 * 1001 = 500.5.
    assert add_cut(short, [10, 500, 501, 900, 1000, 1001], 0.5) == (0.12, 0.15)
    # Several bounds with the same count: the largest of them.
    assert add_cut(short, [0, 400, 400, 400, 1000, 1000], 0.5) == (0.2, 0.3)
    # Everything in the first bucket: no cut.
    assert add_cut(short, [1000] * 6, 0.5) == (None, None)
    assert add_cut(short, [1000] * 6, 0.99) == (None, None)
    # Just above the median in the first bucket, the rest anywhere.
    assert add_cut(short, [501, 600, 700, 800, 900, 1000], 0.5) == (None, None)
    # Everything beyond the last bound: a cut, but no comparison bound.
    assert add_cut(short, [0, 0, 0, 0, 0, 1000], 0.95) == (0.3, None)
    # The comparison bound is not the next bound.
    assert add_cut([1.0, 1.1, 1.19, 1.25, 2.0], [100, 600, 700, 800, 900, 1000], 0.5) == (1.0, 1.25)
    # The tolerance: 1.2 less 1e-12 counts as 1.2, less 1e-7 does not.
    close, far = 1.2 * (1 - 1e-12), 1.2 * (1 - 1e-7)
    assert add_cut([1.0, close, 1.5], [500, 900, 990, 1000], 0.5) == (1.0, close)
    assert add_cut([1.0, far, 1.5], [500, 900, 990, 1000], 0.5) == (1.0, 1.5)


def proportion_cases():
    add_proportion(100, 0, 0.05)
    add_proportion(100, 100, 0.05)
    add_proportion(1, 0, 0.02)
    add_proportion(0, 0, 0.05)
    add_proportion(50, 25, 0.05)
    add_proportion(1500, 5, 0.05)
    add_proportion(1500, 1499, 0.01)
    add_proportion(150000, 450, 0.02)
    add_proportion(10000000, 31234, 0.001)


def ratio_cases():
    # No evidence: the whole grid.
    add_ratio(None, 0.05, [[75, 0, 675, 0], [0, 0, 0, 0], [70, 0, 680, 0]])
    add_ratio(None, 0.05, two_arms(40, 75, 675, 0.003, 0.003))
    ticks = two_arms(60, 375, 375, 0.03, 0.01)
    ticks[7] = [0, 0, 380, 5]
    ticks[8] = [400, 40, 0, 0]
    add_ratio(None, 0.05, ticks)
    add_ratio(None, 0.01, two_arms(20, 3750, 3750, 0.0031, 0.003))
    ticks = two_arms(60, 75, 675, 0.02, 0.006)
    ticks[3] = [0, 0, 700, 4]
    ticks[4] = [80, 3, 0, 0]
    add_ratio(0.1, 0.05, ticks)
    add_ratio(0.5, 0.02, two_arms(40, 375, 375, 0.01, 0.01))
    add_ratio(0.99, 0.05, two_arms(80, 743, 8, 0.01, 0.01))
    # Beyond the grid: only the treatment fails, only the control fails.
    add_ratio(0.5, 0.05, [[100, 30, 100, 0], [100, 70, 100, 0]])
    add_ratio(None, 0.05, [[100, 0, 100, 30], [100, 0, 100, 70]])


def proportion_upper_cases():
    add_proportion_upper(1000, 0, 0.05)
    add_proportion_upper(1000, 10, 0.05)
    add_proportion_upper(10, 10, 0.05)
    add_proportion_upper(10, 9, 0.01)
    add_proportion_upper(200, 100, 0.025)
    add_proportion_upper(4000, 40, 0.01)


def confseq_cases():
    # The sample ratio at share 1/2: prior Beta(1,1), r = 1/2.
    for mean, rate in [(30, 0.5), (400, 0.45)]:
        users, log_e, a, b = [], [], 0, 0
        for _ in range(20):
            n = around(mean)
            x = draw(n, rate)
            users.append([x, n - x])
            a, b = a + x, b + n - x
            log_e.append(confseq_mixture(a, b, 0.5))
        agree(sample_ratio(0.5, users), log_e)
        add(
            test="confseq",
            what="sample_ratio",
            function="boundaries.beta_binomial_log_mixture",
            share=0.5,
            users=users,
            logE=log_e,
        )
    # A proportion at p = 1/2: prior Beta(1/2,1/2), r = 1/4; with alpha = 1/E it is the interval's end.
    for n, x in [(40, 32), (200, 60), (1000, 560), (20, 0), (3000, 1380)]:
        log_e = confseq_mixture(x, n - x, 0.25)
        assert log_e > 0
        alpha = math.exp(-log_e)
        end = "lower" if 2 * x > n else "upper"
        lower, upper = proportion(n, x, alpha)
        agree([lower if end == "lower" else upper], [0.5])
        add(
            test="confseq",
            what="proportion",
            function="boundaries.beta_binomial_log_mixture",
            n=n,
            x=x,
            p=0.5,
            logE=log_e,
            alpha=alpha,
            end=end,
        )
    bets = "betting.diversified_betting_mart"
    for limit, max_soak, ticks in [
        (0.01, 8, one_arm(28, 40, lambda k: 0.005 if k <= 12 else 0.08)),
        (0.05, 3, one_arm(20, 30, 0.1)),
    ]:
        grid = [limit * 1.3**j for j in GRID if limit * 1.3**j < 1]
        log_e = confseq_bets(limit, grid, max_soak, 4, [(x, n - x) for n, x in ticks])
        agree(above(limit, max_soak, ticks), log_e)
        add(test="confseq", what="above", function=bets, limit=limit, maxSoakMinutes=max_soak, ticks=ticks, logE=log_e)
    for success, limit, max_soak, ticks in [
        (0.005, 0.01, 20, one_arm(50, 40, lambda k: 0.04 if k <= 16 else 0.002)),
        (0.025, 0.05, 10, one_arm(50, 30, 0.02)),
    ]:
        starts = max_soak // 5
        log_e = confseq_bets(limit, [success], starts, 20, [(x, n - x) for n, x in ticks])
        agree(below(success, limit, max_soak, ticks), log_e)
        add(
            test="confseq",
            what="below",
            function=bets,
            success=success,
            limit=limit,
            maxSoakMinutes=max_soak,
            ticks=ticks,
            logE=log_e,
        )
    same = [[90, draw(90, 0.05), 270, draw(270, 0.02)] for _ in range(24)]
    for share, tolerance, max_soak, ticks in [
        (0.1, 1.0, 8, two_arms(28, 75, 675, lambda k: 0.01 if k <= 14 else 0.06, 0.01)),
        (0.5, 1.2, 4, two_arms(24, 300, 300, 0.02, 0.01)),
        (0.99, 1.0, 6, two_arms(24, 743, 8, 0.01, 0.01)),
        (None, 1.0, 10, same),
    ]:
        weight = 90 / 360 if share is None else share
        at = lambda value: value * weight / (value * weight + 1 - weight)
        grid = [at(tolerance * 1.3**j) for j in GRID]
        log_e = confseq_bets(at(tolerance), grid, max_soak, 4, [(x_t, x_c) for _, x_t, _, x_c in ticks])
        agree(treatment_control(share, tolerance, max_soak, ticks), log_e)
        add(
            test="confseq",
            what="treatment_control",
            function=bets,
            share=share,
            tolerance=tolerance,
            maxSoakMinutes=max_soak,
            ticks=ticks,
            logE=log_e,
        )


# --- the output --------------------------------------------------------------------


def text(value):
    if value is None:
        return "null"
    if isinstance(value, str):
        return json.dumps(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, (float, mpf)):
        number = f"{float(value):.17g}"
        assert math.isfinite(float(value)) and float(number) == float(value)
        return "0.0" if float(value) == 0 else number if set(number) & set(".e") else number + ".0"
    if isinstance(value, list):
        return "[" + ",".join(text(item) for item in value) + "]"
    return "{" + ",".join(f"{json.dumps(key)}:{text(item)}" for key, item in value.items()) + "}"


def main():
    treatment_control_cases()
    above_cases()
    below_cases()
    sample_ratio_cases()
    cut_cases()
    proportion_cases()
    ratio_cases()
    proportion_upper_cases()
    confseq_cases()
    output = "[\n" + ",\n".join(text(case) for case in cases) + "\n]\n"
    json.loads(output)
    Path(__file__).with_name("values.json").write_text(output)


if __name__ == "__main__":
    main()
