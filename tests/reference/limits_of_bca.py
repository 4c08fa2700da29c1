"""Bootstrap limits of tests/property/test_bootstrap_refits.c by numpy and scipy (percentile, basic, BCa)."""
import numpy as np
from scipy.stats import norm

x = ((np.arange(999) + 1) / 1000) ** 3 + 0.5
left_out = 0.6 - 0.001 * (np.arange(50) / 10) ** 2
value, level = 0.6, 0.9
tails = np.array([(1 - level) / 2, (1 + level) / 2])
percentile = np.quantile(x, tails)
z0 = norm.ppf((np.sum(x < value) + 0.5 * np.sum(x == value)) / len(x))
d = left_out.mean() - left_out
a = (d**3).sum() / (6 * (d**2).sum() ** 1.5)
z = z0 + norm.ppf(tails)
bca = np.quantile(x, norm.cdf(z0 + z / (1 - a * z)))
basic = 2 * value - percentile[::-1]
print(", ".join("{%.17g, %.17g}" % tuple(p) for p in (percentile, basic, bca)))
