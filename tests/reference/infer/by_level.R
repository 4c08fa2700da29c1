# One law at each level of a column against one law for all, by R: what test_by_level.c compares with.
#
#     Rscript tests/reference/infer/by_level.R
#
# writes tests/reference/infer/by_level.json: Chow's F and the likelihood ratio from the law with all terms crossed with
# the column, and Wald's F of the crossed terms with its classical and its clustered (CR1) covariance.
suppressMessages({library(sandwich); library(car)})
runs <- read.csv("data/sets/bert_sweep_simulated.csv")
group <- paste(runs$num_layers, runs$hidden_size)
pooled <- lm(log(energy_kWh) ~ log(tokens) + log(hidden_size), runs)
crossed <- lm(log(energy_kWh) ~ strategy * (log(tokens) + log(hidden_size)), runs)
f <- anova(pooled, crossed)
n <- nrow(runs)
ratio <- n * log(deviance(pooled) / deviance(crossed))
terms <- grep("strategy", names(coef(crossed)), value = TRUE)
clustered <- vcovCL(crossed, group, type = "HC1", cadjust = TRUE)
wald <- function(v, df, names) {
    d <- coef(crossed)[names]
    s <- drop(d %*% solve(v[names, names], d)) / length(names)
    c(s, length(names), df, pf(s, length(names), df, lower.tail = FALSE))
}
slopes <- grep("tokens", terms, value = TRUE)
groups <- length(unique(group))
out <- list(F = c(f$F[2], f$Df[2], f$Res.Df[2], f$`Pr(>F)`[2]),
            likelihood_ratio = c(ratio, f$Df[2], pchisq(ratio, f$Df[2], lower.tail = FALSE)),
            cluster = wald(clustered, groups - 1, terms), cluster_slope = wald(clustered, groups - 1, slopes))
# Classical: each level with its own variance, as its own fit has.
parts <- lapply(split(runs, runs$strategy), function(p) lm(log(energy_kWh) ~ log(tokens) + log(hidden_size), p))
parts <- parts[unique(runs$strategy)]
first <- parts[[1]]
d <- unlist(lapply(parts[-1], function(p) coef(p) - coef(first)))
v <- kronecker(matrix(1, length(parts) - 1, length(parts) - 1), vcov(first))
for (i in seq_along(parts)[-1]) { at <- (i - 2) * 3 + 1:3; v[at, at] <- v[at, at] + vcov(parts[[i]]) }
df <- sum(sapply(parts, df.residual))
s <- drop(d %*% solve(v, d)) / length(d)
out$classical <- c(s, length(d), df, pf(s, length(d), df, lower.tail = FALSE))
writeLines(jsonlite::toJSON(out, digits = NA, auto_unbox = TRUE), "tests/reference/infer/by_level.json")
