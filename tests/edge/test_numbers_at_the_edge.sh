# Tables and weights at the edge of what a fit can bear: each has a stated outcome, its exit code and one clear line.
. "$JOULEFIT_SOURCE/tests/golden/cli.bash"

log_law='log(energy) ~ b0 + a*log(tokens)'
line='energy ~ b0 + a*tokens'

# table NAME ROW...: NAME.csv with a header of energy_J,tokens
table() {
    local name=$1
    shift
    { printf 'energy_J,tokens%s\n' "${extra:-}"; [ $# -eq 0 ] || printf '%s\n' "$@"; } >"$name.csv"
}
table one 1,2
table none NA,NA , NA,
table nothing_measured NA,1 ,2 NA,3
table constant_x 1,2 3,2 5,2 7,2
table constant_y 5,2 5,3 5,4 5,5
table infinite inf,1 2,2 3,3 4,4 5,5
table beyond 1e309,1 2,2 3,3 4,4 6,5
table largest 1e308,1 1.7e308,2 1.2e308,3 1.1e308,4 9e307,5
table subnormal 1e-310,1 2e-310,2 3e-310,3 5e-324,4 5e-310,5
table minus_zero -0,1 1,2 2,3 3,4 4,5
table negative -1,1 0,2 2,3 3,4 4,5 5,6
table copies 1,2 1,2 1,2 1,2
table offset 1000000000000001,1000000000001 1000000000000002,1000000000002 1000000000000003.5,1000000000003 \
    1000000000000004,1000000000004 1000000000000006,1000000000005
extra=,zero,minus,inf,some table weights 1,2,0,1,1,1 2,3,0,-1,inf, 3.5,4,0,1,1, 4,5,0,1,1,1 6,6,0,1,1,1
extra=,double table collinear 1,2,4 2,3,6 3.5,4,8 4,5,10 5.5,7,14
extra=,g table one_level 1,2,A 2,3,A 3.5,4,A 4,5,A

# outcome EXIT TEXT WORDS...: the exit code, and a part of stderr ("" where nothing may be said)
outcome() {
    local wanted=$1 text=$2
    shift 2
    run "$@"
    exits "$wanted"
    if [ -z "$text" ]; then says_nothing; else says_part "$text"; fi
    case $wanted in 2 | 3) prints_nothing ;; esac # a failed fit (4) is a result too
}

outcome 3 "error: law 'law1' has 2 free parameters, but only 1 row can be used" fit one.csv --law "$line"
outcome 3 "error: law 'law1' has 2 free parameters, but only 1 row can be used" compare one.csv --law "$line"
outcome 3 "none of 3 rows has all the values that it needs (first missing: 'energy')" fit none.csv --law "$line"
outcome 3 "none of 3 rows has all the values that it needs" fit nothing_measured.csv --law "$log_law"
for law in "$log_law" "$line"; do
    outcome 0 "[W_UNIDENTIFIED]" fit constant_x.csv --law "$law"
    outcome 0 "3 are exact copies of others and no measurements of their own [W_DUPLICATES]" fit copies.csv --law "$law"
    outcome 0 "4 rows leave 2 degrees of freedom after 2 parameters [W_FEW_ROWS]" fit constant_y.csv --law "$law"
    outcome 0 "1 of 5 rows were left out because the formula is not finite there (first infinite.csv:2)" \
        fit infinite.csv --law "$law"
    outcome 2 "cells without a number: 1 of 5, the first is '1e309' in line 2 [W_MIXED_COLUMN]" fit beyond.csv --law "$law"
    outcome 0 "" fit subnormal.csv --law "$law"
done
outcome 0 "" fit largest.csv --law "$log_law"
outcome 4 "no usable fit: no start led to a finite loss" fit largest.csv --law "$line"
outcome 3 "column 'energy': log(energy) is not defined for" fit minus_zero.csv --law "$log_law"
outcome 3 "column 'energy': log(energy) is not defined for -1" fit negative.csv --law "$log_law"
outcome 0 "" fit negative.csv --law "$line"
outcome 0 "" fit offset.csv --law "$line"
outcome 0 "these rows do not determine a - 0.5*b" fit collinear.csv --law 'energy ~ b0 + a*tokens + b*double'
outcome 3 "'h' has no level besides its reference in these rows" fit one_level.csv --law 'energy ~ h[g = "A"] + a*tokens'
outcome 2 "error: law 'law1': the formula does not depend on its parameter 'zz'" fit negative.csv --law 'energy ~ a*tokens + 0*zz'

# weights
no_weight="error: law 'law1': no row with a weight above zero has all the values that it needs"
outcome 3 "$no_weight" fit weights.csv --law "$log_law" --weights zero
outcome 3 "$no_weight" fit weights.csv --law "$log_law" --weights zero --weights-kind frequency
outcome 3 "$no_weight" fit weights.csv --law "$log_law" --sigma 1e308
outcome 3 "weights.csv:2: --sigma: expected a finite number above 0, found 0" fit weights.csv --law "$log_law" --sigma zero
outcome 3 "weights.csv:3: --weights: expected a finite number not below 0, found -1" \
    fit weights.csv --law "$log_law" --weights minus
outcome 3 "weights.csv:3: --weights: expected a finite number not below 0, found inf" \
    fit weights.csv --law "$log_law" --weights inf
outcome 0 "2 of 5 rows were left out because a value is missing (first 'weight')" fit weights.csv --law "$log_law" --weights some
outcome 4 "no usable fit" fit weights.csv --law "$log_law" --weights 1e308

# Whole numbers beyond 2^53: as labels they keep every digit, as numbers they are the nearest double.
extra=,id table beyond_2_53 1,9007199254740992,9007199254740992 2,9007199254740993,9007199254740993 4,9007199254740996,9007199254740995 \
    5,36028797018963968,36028797018963968 6,36028797018963969,36028797018963969
outcome 0 "'h[9007199254740993]'" fit beyond_2_53.csv --law 'energy ~ h[id]' --label id
for label in 9007199254740992 9007199254740995 36028797018963968 36028797018963969; do says_part "'h[$label]'"; done
run fit beyond_2_53.csv --law 'energy ~ h[id]'
exits 0; prints_part "n = 5, k = 3"
run fit beyond_2_53.csv --law 'energy ~ b' --where 'tokens == 9007199254740992'
exits 0; prints_part "2 of 5 rows used"

# A locale with a decimal comma changes nothing.
if command -v localedef >/dev/null && mkdir locales && localedef -i de_DE -f UTF-8 locales/de_DE.UTF-8 2>/dev/null &&
    [ "$(env LOCPATH="$PWD/locales" LC_ALL=de_DE.UTF-8 bash -c 'printf %.1f 1,5' 2>/dev/null)" = 1,5 ]; then
    program=$JOULEFIT
    printf '#!/bin/sh\nexec env LOCPATH="%s/locales" LC_ALL=de_DE.UTF-8 "%s" "$@"\n' "$PWD" "$program" >german
    chmod +x german
    for format in json text csv; do
        JOULEFIT=$program run fit offset.csv --law "$line" --format "$format" --quiet
        mv stdout "plain.$format"
        JOULEFIT=./german run fit offset.csv --law "$line" --format "$format" --quiet
        exits 0; check "the same $format with a decimal comma" cmp -s stdout "plain.$format"
    done
else
    echo "SKIPPED: a locale with a decimal comma, needs localedef and the sources of de_DE (Debian: locales)"
fi
finish
