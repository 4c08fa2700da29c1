# Profile likelihood intervals by hand: what test_profile_intervals.c compares with.
#
#     Rscript tests/reference/profile_intervals.R
#
# writes tests/reference/profile_intervals.json. For every value of a parameter the smallest sum of squares over the
# others is found by linear least squares inside a one-dimensional search; the ends are where it comes to
# RSS (1 + t^2 / df), with t the 97.5 % quantile on n - 3 degrees of freedom.
y <- list(power = c(4.9, 6.3, 7.4, 8.9, 12.1, 17.8, 21.7, 25.2, 36.9, 52.3))
x <- list(power = c(1, 2, 3, 4, 8, 16, 24, 32, 64, 128))
# Puromycin's velocities (Treloar 1974; R's datasets), treated cells: v = V s / (K + s), with an offset b.
treated <- Puromycin[Puromycin$state == "treated", ]
x$enzyme <- treated$conc
y$enzyme <- treated$rate
basis <- list(power = function(x, c) x^c, enzyme = function(x, c) x / (c + x))
within <- list(power = c(0.05, 2), enzyme = c(1e-4, 2))

rss <- function(columns, y) if (is.null(columns)) sum(y^2) else sum(qr.resid(qr(columns), y)^2)
best <- function(f, range) {
    grid <- seq(range[1], range[2], length.out = 400)
    at <- which.min(sapply(grid, f))
    optimize(f, grid[c(max(at - 1, 1), min(at + 1, 400))], tol = 1e-13)$objective
}
profile_of <- function(law, parameter) {
    x <- x[[law]]; y <- y[[law]]; g <- basis[[law]]; range <- within[[law]]
    switch(parameter,
           b = function(v) best(function(c) rss(cbind(g(x, c)), y - v), range),
           a = function(v) best(function(c) rss(cbind(rep(1, length(x))), y - v * g(x, c)), range),
           c = function(v) rss(cbind(1, g(x, v)), y))
}
ends <- function(law) {
    x <- x[[law]]; y <- y[[law]]; g <- basis[[law]]
    f <- function(c) rss(cbind(1, g(x, c)), y)
    grid <- seq(within[[law]][1], within[[law]][2], length.out = 400)
    at <- which.min(sapply(grid, f))
    c <- optimize(f, grid[c(at - 1, at + 1)], tol = 1e-13)
    linear <- qr.coef(qr(cbind(1, g(x, c$minimum))), y)
    estimate <- c(b = linear[1], a = linear[2], c = c$minimum)
    names(estimate) <- c("b", "a", "c")
    df <- length(y) - 3
    goal <- c$objective * (1 + qt(0.975, df)^2 / df)
    out <- list()
    for (p in names(estimate)) {
        h <- function(v) profile_of(law, p)(v) - goal
        wide <- abs(estimate[[p]]) * 0.02 + 0.02
        low <- high <- estimate[[p]]
        while (h(low) < 0) low <- low - wide
        while (h(high) < 0) high <- high + wide
        out[[p]] <- c(uniroot(h, c(low, estimate[[p]]), tol = 1e-13)$root,
                      uniroot(h, c(estimate[[p]], high), tol = 1e-13)$root)
    }
    out
}
line <- function(name, values) sprintf('  "%s": [%s]', name, paste(sprintf("%.15g", values), collapse = ", "))
object <- function(law) {
    found <- ends(law)
    rows <- c(line("x", x[[law]]), line("y", y[[law]]), sapply(names(found), function(p) line(p, found[[p]])))
    sprintf(' "%s": {\n%s\n }', law, paste(rows, collapse = ",\n"))
}
writeLines(c("{", paste(sapply(c("power", "enzyme"), object), collapse = ",\n"), "}"),
           "tests/reference/profile_intervals.json")
