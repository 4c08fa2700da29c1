# Nonlinear least squares on 328 measured rows by R's nls: what test_fit_nls.c compares with.
#   Rscript tests/reference/fit_nls_zeus.R ../shared/data/zeus2023/bert_power.csv > tests/reference/fit_nls_zeus.json
# Errors other than the classical ones by their formulas from nls's own gradient; clusters: gpu and dataset.
t <- read.csv(commandArgs(trailingOnly = TRUE)[1])
t$E <- t$time_per_epoch_s * t$average_power_W
g <- factor(t$gpu); s <- as.numeric(t$dataset == "squad")
n <- nrow(t)
fit <- nls(log(E) ~ log(e0[g] * (1 + B0 / batch_size)) + d * s, data = t,
           start = list(e0 = rep(8e5, nlevels(g)), B0 = 1, d = -1),
           control = nls.control(tol = 1e-12, scaleOffset = 0, maxiter = 500, warnOnly = TRUE))
b <- coef(fit); J <- fit$m$gradient(); r <- residuals(fit); k <- length(b)
scale <- sqrt(colSums(J^2)); Q <- qr(sweep(J, 2, scale, "/"))
bread <- diag(1 / scale) %*% chol2inv(qr.R(Q)) %*% diag(1 / scale)
h <- rowSums(qr.Q(Q)^2)
meat <- function(w) crossprod(J * (r * w))
se <- function(m) sqrt(diag(bread %*% m %*% bread))
cluster <- interaction(t$gpu, t$dataset, drop = TRUE); G <- nlevels(cluster)
sums <- rowsum(J * as.vector(r), cluster)
cr1 <- G / (G - 1) * (n - 1) / (n - k) * crossprod(sums)
show <- function(x) paste0("[", paste(sprintf("%.17g", x), collapse = ", "), "]")
cat("{\n", sep = "")
cat(' "names": ["', paste(c(paste0("e0[", levels(g), "]"), "B0", "d[squad]"), collapse = '", "'), '"],\n', sep = "")
cat(' "n": ', n, ',\n "groups": ', G, ',\n', sep = "")
cat(' "estimate": ', show(b), ',\n "classical": ', show(sqrt(diag(bread)) * sqrt(sum(r^2) / (n - k))), ',\n', sep = "")
cat(' "hc0": ', show(se(meat(1))), ',\n "hc3": ', show(se(meat(1 / (1 - h)))), ',\n', sep = "")
cat(' "hc2": ', show(se(meat(1 / sqrt(1 - h)))), ',\n "cluster": ', show(se(cr1)), ',\n', sep = "")
cat(' "rss": ', show(sum(r^2)), ',\n "loglik_raw": ', show(as.numeric(logLik(fit)) - sum(log(t$E))), '\n}\n', sep = "")
