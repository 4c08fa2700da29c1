# minpack.lm::nlsLM on the loss law, squared residuals of logs: resamples of rows.
# usage: Rscript nlslm_loss.R CSV COUNT       prints one JSON line
suppressMessages(library(minpack.lm))
arguments <- commandArgs(TRUE)
d <- read.csv(arguments[1])
count <- as.integer(arguments[2])
d <- data.frame(n = log(d$N), t = log(d$D), l = log(d$L))
law <- l ~ log(exp(e) + exp(a - alpha * n) + exp(b - beta * t))
best <- as.list(coef(nlsLM(law, d, start = list(a = 6.2, b = 7.6, e = 0.6, alpha = 0.35, beta = 0.37))))
set.seed(1)
begin <- proc.time()[[3]]
found <- sapply(seq_len(count), function(k) {
  m <- try(nlsLM(law, d[sample.int(nrow(d), replace = TRUE), ], start = best), silent = TRUE)
  if (inherits(m, "try-error")) rep(NA, 5) else coef(m)
})
seconds <- proc.time()[[3]] - begin
rss <- deviance(nlsLM(law, d, start = best))
cat(sprintf('{"seconds": %.6f, "count": %d, "loss": %.15g, "se": [%s]}\n', seconds, count, rss,
            paste(sprintf("%.6g", apply(found, 1, sd, na.rm = TRUE)), collapse = ", ")))
