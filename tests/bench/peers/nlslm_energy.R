# minpack.lm::nlsLM on the energy law with weights 1/sigma^2: starts, then resamples from the best.
# usage: Rscript nlslm_energy.R CSV STARTS RESAMPLES       prints one JSON line
suppressMessages(library(minpack.lm))
arguments <- commandArgs(TRUE)
n_starts <- as.integer(arguments[2])
n_resamples <- as.integer(arguments[3])
d <- read.csv(arguments[1])
d <- transform(d, memory = as.numeric(regime == "memory"), launch = as.numeric(regime == "launch"), precision = 1 / sigma^2)
law <- E ~ k * C^a * M^b * eta^g * exp(m * memory + l * launch)
control <- nls.lm.control(maxiter = 400)
set.seed(3)
begin <- proc.time()[[3]]
best <- NULL
for (i in seq_len(n_starts)) {
  start <- list(k = exp(runif(1, log(.1), log(1000))), a = runif(1, -1, 2), b = runif(1, -1, 2), g = runif(1, -2, 1),
                m = runif(1, -1, 1), l = runif(1, -1, 1))
  found <- try(suppressWarnings(nlsLM(law, d, start = start, weights = precision, control = control)), silent = TRUE)
  if (!inherits(found, "try-error") && (is.null(best) || deviance(found) < deviance(best))) best <- found
}
middle <- proc.time()[[3]]
from <- as.list(coef(best))
found <- sapply(seq_len(n_resamples), function(k) {
  m <- try(nlsLM(law, d[sample.int(nrow(d), replace = TRUE), ], start = from, weights = precision, control = control), silent = TRUE)
  if (inherits(m, "try-error")) rep(NA, 6) else coef(m)
})
end <- proc.time()[[3]]
cat(sprintf('{"seconds": %.6f, "seconds_starts": %.6f, "n_starts": %d, "seconds_resamples": %.6f, "count": %d, "loss": %.15g, "se": [%s]}\n',
            end - begin, middle - begin, n_starts, end - middle, n_resamples, deviance(best),
            paste(sprintf("%.6g", apply(found, 1, sd, na.rm = TRUE)), collapse = ", ")))
