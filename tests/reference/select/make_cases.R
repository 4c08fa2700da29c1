# Reference cases for the tests between laws, written by R's own lm, anova, logLik, t.test and p.adjust where it
# has them and by long-hand sums where it has not.  Rscript make_cases.R > cases.json
number <- function(x) ifelse(is.finite(x), sprintf("%.17g", x), "null")
array <- function(x) paste0("[", paste(number(x), collapse = ", "), "]")
field <- function(name, value) sprintf('"%s": %s', name, value)
object <- function(...) paste0("{", paste(..., sep = ",\n  "), "}")

# Sixty runs in fifteen groups; energy = power law with a floor, group effects and noise from a fixed recipe.
n <- 60
i <- seq_len(n)
group <- (i - 1) %% 15
x <- 1 + (i * 37) %% 61
z <- 2 + (i * 23) %% 17
noise <- sin(i * 12.9898) * 0.15 + cos(group * 78.233) * 0.1
y <- (3 + 0.8 * x^0.9) * z^0.4 * exp(noise)

large <- lm(log(y) ~ log(x) + log(z))
small <- lm(log(y) ~ log(x))
other <- lm(y ~ x + z)          # on the raw scale
table <- anova(small, large)
lr <- as.numeric(2 * (logLik(large) - logLik(small)))
nested <- object(
  field("rss_small", number(sum(resid(small)^2))), field("k_small", 2),
  field("rss_large", number(sum(resid(large)^2))), field("k_large", 3), field("n", n),
  field("f", number(table$F[2])), field("df", number(table$Df[2])), field("df2", number(table$Res.Df[2])),
  field("p", number(table[["Pr(>F)"]][2])),
  field("loglik_small", number(as.numeric(logLik(small)))), field("loglik_large", number(as.numeric(logLik(large)))),
  field("lr", number(lr)), field("lr_p", number(pchisq(lr, 1, lower.tail = FALSE))))

# AIC and BIC on the scale of y: the log law gets the change-of-variable term.
aicc <- function(aic, k) aic + 2 * k * (k + 1) / (n - k - 1)   # k counts the variance
criteria <- object(
  field("log_loglik", number(as.numeric(logLik(large)) - sum(log(y)))),
  field("log_aic", number(AIC(large) + 2 * sum(log(y)))), field("log_bic", number(BIC(large) + 2 * sum(log(y)))),
  field("log_aicc", number(aicc(AIC(large) + 2 * sum(log(y)), 4))),
  field("raw_loglik", number(as.numeric(logLik(other)))),
  field("raw_aic", number(AIC(other))), field("raw_bic", number(BIC(other))),
  field("raw_aicc", number(aicc(AIC(other), 4))))

# Vuong, long hand: rowwise log-likelihoods of the log law and the raw law on the scale of y.
rowwise <- function(model) { r <- resid(model); dnorm(r, 0, sqrt(mean(r^2)), log = TRUE) }
a <- rowwise(large) - log(y)
b <- rowwise(other)
m <- a - b
omega <- sqrt(mean((m - mean(m))^2))
vuong <- function(shift) { s <- (sum(m) - shift) / (sqrt(n) * omega); c(s, 2 * pnorm(-abs(s))) }
plain <- vuong(0)
aic <- vuong(1)                       # as if the first law had one parameter more: 4 against 3
bic <- vuong(log(n) / 2)
sums <- tapply(m - mean(m), group, sum)
s <- sum(m) / sqrt(15 / 14 * sum(sums^2))
vuong_case <- object(field("a", array(a)), field("b", array(b)), field("group", array(group)),
  field("plain", array(plain)), field("aic", array(aic)), field("bic", array(bic)),
  field("cluster", array(c(s, 2 * pt(-abs(s), 14)))))

# Corrected resampled t, long hand, and the plain paired t of t.test.
d <- 0.02 + 0.05 * sin((1:20) * 2.3) - 0.01 * cos((1:20) * 0.7)
ratio <- 0.3 / 0.7
t_corrected <- mean(d) / sqrt((1 / 20 + ratio) * var(d))
t_plain <- t.test(d)
corrected <- object(field("difference", array(d)), field("ratio", number(ratio)),
  field("corrected", array(c(t_corrected, 2 * pt(-abs(t_corrected), 19)))),
  field("plain", array(c(t_plain$statistic, t_plain$p.value))))

p <- c(0.04, 0.001, 0.3, 0.012, 0.012, 0.9, 0.02)
holm <- object(field("p", array(p)), field("adjusted", array(p.adjust(p, "holm"))))

probabilities <- c(0, 0.05, 0.25, 0.5, 0.75, 0.9, 1)
quantiles <- object(field("p", array(probabilities)), field("of_y", array(quantile(y, probabilities, type = 7))))

# Metrics of a test part that is predicted with a bias, a wrong slope and a few misses by more than two.
fitted_z <- 0.4 + 0.93 * fitted(large) + 0.6 * sin(i)
fitted_y <- exp(fitted_z)
r2 <- function(o, p) 1 - sum((o - p)^2) / sum((o - mean(o))^2)
rmse <- function(o, p) sqrt(mean((o - p)^2))
line <- lm(log(y) ~ fitted_z)
low <- fitted_y * exp(-0.5 - 0.01 * i)
high <- fitted_y * exp(0.3)
metrics <- object(
  field("r2", number(r2(log(y), fitted_z))), field("rmse", number(rmse(log(y), fitted_z))),
  field("r2_log", number(r2(log(y), fitted_z))), field("rmse_log", number(rmse(log(y), fitted_z))),
  field("bias_log", number(mean(fitted_z - log(y)))), field("within2", number(mean(abs(fitted_z - log(y)) <= log(2)))),
  field("mdape", number(median(abs(fitted_y - y) / y))), field("mape", number(mean(abs(fitted_y - y) / y))),
  field("r2_raw", number(r2(y, fitted_y))), field("rmse_raw", number(rmse(y, fitted_y))),
  field("calibration_slope", number(coef(line)[2])), field("calibration_intercept", number(coef(line)[1])),
  field("coverage", number(mean(y >= low & y <= high))), field("width", number(median(log(high / low)))))

cat(object(field("x", array(x)), field("z", array(z)), field("y", array(y)), field("group", array(group)),
  field("predicted", array(fitted_y)), field("low", array(low)), field("high", array(high)),
  field("nested", nested), field("criteria", criteria), field("vuong", vuong_case), field("corrected_t", corrected),
  field("holm", holm), field("quantiles", quantiles), field("metrics", metrics)), "\n", sep = "")
