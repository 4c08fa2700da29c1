# Bootstrap limits by R: what test_bootstrap_boot.c compares with.
#
#     Rscript tests/reference/bootstrap_boot.R
#
# writes tests/reference/bootstrap_boot.json. Stopping distances of cars (Ezekiel 1930; R's datasets) by a line and by a
# power; 499 resamples whose rows come from a small generator that the test repeats, refits by lm and by
# a search of one dimension, limits
# written out (percentiles are quantiles of type 7, the acceleration is that of the jackknife; Efron 1987), and beside
# them those of package boot for the same resamples, which takes other order statistics and another acceleration.
library(boot)
n <- nrow(cars); R <- 499; level <- 0.9
state <- 20260623
draw <- function() { state <<- (16807 * state) %% 2147483647; floor(state / 2147483647 * n) + 1 }
rows <- t(replicate(R, replicate(n, draw())))
power <- function(d) {
    # the smallest squares for each a are those of a line through zero: one search, no starting values
    best <- function(a) { g <- d$speed^a; k <- sum(g * d$dist) / sum(g^2); c(k, sum((d$dist - k * g)^2)) }
    slope <- function(a) { # of the squares by a, at the best k
        g <- d$speed^a; k <- best(a)[1]; -2 * sum((d$dist - k * g) * k * g * log(d$speed))
    }
    a <- uniroot(slope, c(0.2, 4), tol = 1e-13)$root
    c(k = best(a)[1], a = a)
}
line <- function(d) coef(lm(dist ~ speed, d))
limits <- function(fit) {
    value <- fit(cars)
    refits <- t(apply(rows, 1, function(i) fit(cars[i, ])))
    left <- t(sapply(1:n, function(i) fit(cars[-i, ])))
    # boot's own limits from the same resamples: a boot object made of them
    made <- boot(cars, function(d, i) fit(d[i, ]), R = 2)
    made$t <- refits; made$R <- R
    tails <- c((1 - level) / 2, (1 + level) / 2)
    lapply(seq_along(value), function(j) {
        t <- refits[, j]
        percentile <- quantile(t, tails, type = 7, names = FALSE)
        z0 <- qnorm(mean(t < value[j]) + mean(t == value[j]) / 2)
        d <- mean(left[, j]) - left[, j]
        a <- sum(d^3) / (6 * sum(d^2)^1.5)
        z <- z0 + qnorm(tails)
        theirs <- boot.ci(made, conf = level, type = c("perc", "basic", "bca"), t0 = value[j], t = t,
                          L = (n - 1) * d)
        list(estimate = value[[j]], error = sd(t), percentile = percentile, basic = 2 * value[[j]] - rev(percentile),
             bca = quantile(t, pnorm(z0 + z / (1 - a * z)), type = 7, names = FALSE),
             boot_percentile = theirs$percent[4:5], boot_basic = theirs$basic[4:5], boot_bca = theirs$bca[4:5])
    })
}
number <- function(v) sprintf("%.17g", v)
show <- function(v) if (length(v) > 1) paste0("[", paste(number(v), collapse = ", "), "]") else number(v)
object <- function(l) paste0("{", paste(sprintf('"%s": %s', names(l), sapply(l, show)), collapse = ", "), "}")
law <- function(fit) paste0("[", paste(sapply(limits(fit), object), collapse = ",\n  "), "]")
cat('{"speed": ', show(cars$speed), ',\n "dist": ', show(cars$dist), ',\n "line": ', law(line), ',\n "power": ', law(power),
    "}\n", sep = "", file = "tests/reference/bootstrap_boot.json")
