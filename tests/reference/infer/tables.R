# Linear laws on four tables by R: what test_infer_tables.c compares with.
#
#     Rscript tests/reference/infer/tables.R ../shared/data
#
# writes tests/reference/infer/tables.json. Packages: sandwich, clubSandwich, car, lmtest, jsonlite; Jarque-Bera and
# Anderson-Darling (as nortest's ad.test) by hand.
suppressMessages({library(sandwich); library(clubSandwich); library(car); library(lmtest)})
shared <- commandArgs(TRUE)[1]

jarque_bera <- function(e) {
    e <- e - mean(e); n <- length(e); s2 <- mean(e^2)
    w <- n / 6 * ((mean(e^3) / s2^1.5)^2 + (mean(e^4) / s2^2 - 3)^2 / 4)
    c(w, pchisq(w, 2, lower.tail = FALSE))
}
anderson_darling <- function(e) {
    x <- sort(e); n <- length(x); z <- (x - mean(x)) / sd(x)
    a <- -n - mean((2 * seq_len(n) - 1) * (pnorm(z, log.p = TRUE) + pnorm(-rev(z), log.p = TRUE)))
    aa <- (1 + 0.75 / n + 2.25 / n^2) * a
    p <- if (aa < 0.2) 1 - exp(-13.436 + 101.14 * aa - 223.73 * aa^2)
         else if (aa < 0.34) 1 - exp(-8.318 + 42.796 * aa - 59.938 * aa^2)
         else if (aa < 0.6) exp(0.9177 - 4.279 * aa - 1.38 * aa^2)
         else if (aa < 10) exp(1.2937 - 5.709 * aa + 0.0186 * aa^2)
         else 3.7e-24
    c(a, p)
}
by_test <- function(t) unname(c(t$statistic, t$p.value))

judge <- function(formula, data, group, regressors, joint) {
    fit <- lm(formula, data = data)
    cr2 <- vcovCR(fit, cluster = group, type = "CR2")
    small <- coef_test(fit, vcov = cr2, test = "Satterthwaite")
    wald <- Wald_test(fit, constraints = constrain_zero(joint), vcov = cr2, test = "HTZ")
    se <- function(v) unname(sqrt(diag(v)))
    pick <- function(v) unname(v[c(1, 8, nobs(fit))])
    numbers <- data[regressors]
    list(names = names(coef(fit)), groups = length(unique(group)), n = nobs(fit),
         coefficients = unname(coef(fit)), classical = se(vcov(fit)),
         hc0 = se(vcovHC(fit, "HC0")), hc1 = se(vcovHC(fit, "HC1")), hc2 = se(vcovHC(fit, "HC2")),
         hc3 = se(vcovHC(fit, "HC3")), cluster = se(vcovCL(fit, group, type = "HC1", cadjust = TRUE)),
         cr2 = se(cr2), cr2_df = small$df_Satt, cr2_p = small$p_Satt,
         htz = c(wald$Fstat, wald$df_num, wald$df_denom, wald$p_val),
         inflation = unname(vif(fit)), correlation = unname(cov2cor(vcov(fit))),
         cook = pick(cooks.distance(fit)), leverage = pick(hatvalues(fit)), studentised = pick(rstudent(fit)),
         breusch_pagan = by_test(bptest(fit)), durbin_watson = unname(dwtest(fit)$statistic),
         reset = by_test(resettest(fit, power = 2:3, type = "fitted")),
         jarque_bera = jarque_bera(resid(fit)), anderson_darling = anderson_darling(resid(fit)),
         pearson = unname(cor(numbers)), spearman = unname(cor(numbers, method = "spearman")))
}

bert <- subset(read.csv(file.path(shared, "ecai2025/transformer_energy.csv")), model == "bert")
zeus <- read.csv(file.path(shared, "zeus2023/bert_power.csv"))
runs <- subset(read.csv("data/sets/published_runs.csv"), !is.na(C) & C > 0 & !is.na(params) & !is.na(energy_kWh))
sweep <- subset(read.csv("data/sets/bert_sweep_simulated.csv"), startsWith(gpu, "NVIDIA A100"))

out <- list(
    bert = judge(log(energy_joules) ~ log(num_layers) + log(d_model) + log(seq_length) + log(batch_size), bert,
                 paste(bert$num_layers, bert$d_model), c("num_layers", "d_model", "seq_length", "batch_size"), 2:3),
    zeus = judge(log(average_power_W) ~ log(power_limit_W) + log(batch_size), zeus, zeus$gpu,
                 c("power_limit_W", "batch_size"), 2:3),
    published = judge(log(energy_kWh) ~ log(C) + log(params), runs, runs$source, c("C", "params"), 2:3),
    sweep = judge(log(energy_kWh) ~ log(num_layers) + log(hidden_size) + log(batch_size) + log(gpus), sweep,
                  paste(sweep$num_layers, sweep$hidden_size), c("num_layers", "hidden_size", "batch_size", "gpus"),
                  2:5))
writeLines(jsonlite::toJSON(out, digits = I(17), auto_unbox = TRUE, pretty = FALSE, na = "null"),
           "tests/reference/infer/tables.json")
