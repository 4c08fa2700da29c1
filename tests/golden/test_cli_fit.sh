# joulefit fit, predict and report: the JSON of the contract, files, streams, exit codes, the same bytes for any threads.
. "$JOULEFIT_SOURCE/tests/golden/cli.bash"

law='log(energy) ~ b0 + a*log(tokens)'
curved='energy ~ k*tokens^a + E0'
{
    echo energy_J,tokens,gpu,family
    awk 'BEGIN { for (i = 1; i <= 24; i++) printf "%.6f,%d,%s,f%d\n", (5 + 3 * i^0.8) * (1 + 0.06 * sin(7 * i)), i, i % 2 ? "A" : "B", i % 8 }'
} >runs.csv

run fit runs.csv --law "$law"
exits 0; says_nothing
prints_part "24 of 24 rows used"
check "no escape codes in a file" [ -z "$(grep -l $'\033' "$work/stdout")" ]

if needs_python "the keys of a fit"; then
    run fit runs.csv --law "$law" --json --derive 'ratio = a/b0' --test 'a=1'
    exits 0; says_nothing
    keys="joulefit schema data law outcome n k df groups parameters intervals covariance loss rss sigma r2 r2_raw rmse rmse_raw criteria starts diagnostics derived tests warnings seed"
    check "every key of a fit" [ "$(json "$work/stdout" "[k for k in '$keys'.split() if k not in r]")" = "[]" ]
    check "every key of the data" [ "$(json "$work/stdout" "[k for k in 'file sha256 rows_read rows_used dropped duplicates columns_read'.split() if k not in r['data']]")" = "[]" ]
    check "every key of the law" [ "$(json "$work/stdout" "[k for k in 'name formula response error post_run'.split() if k not in r['law']]")" = "[]" ]
    check "every key of a parameter" [ "$(json "$work/stdout" "[k for k in 'name estimate std_error ci_low ci_high statistic p_value state verdict'.split() for p in r['parameters'] if k not in p]")" = "[]" ]
    check "the formula as typed" [ "$(json "$work/stdout" "r['law']['formula']")" = "$law" ]
    check "the sum of the bytes read" [ "$(json "$work/stdout" "r['data']['sha256']")" = "$(sha256sum runs.csv | cut -d' ' -f1)" ]
    check "a default seed" [ "$(json "$work/stdout" "r['seed']")" = 20260623 ]
    check "what was derived" [ "$(json "$work/stdout" "len(r['derived']), len(r['tests'])")" = "(1, 1)" ]
    run fit runs.csv --law "$law" --group family --se cluster,cr2,cr1 --json
    check "cluster is cr2 where groups are few, and there once" [ "$(json "$work/stdout" "[s['kind'] for s in r['intervals']]")" = \
        "['wald:cr2', 'wald:cr1']" ]
    run fit runs.csv --law "$law" --group family --seed 5 --json
    check "groups and seed" [ "$(json "$work/stdout" "(r['groups'], r['covariance']['kind'], r['seed'])")" = "(8, 'cr2', 5)" ]
fi

# The command that gives a result again is in it: run as it stands, it gives the same bytes. (The folder of the program may
# be none of PATH's.)
if needs_python "the command of a result"; then
    cp runs.csv "it's runs.csv"
    run fit "it's runs.csv" --law "$curved" --error log --level 0.9 --json
    exits 0; cp "$work/stdout" command.json
    command=$(json command.json "r['command']")
    check "it is short: what is as by default is left out" [ "$command" = \
        "joulefit fit 'it'\\''s runs.csv' --law '$curved' --error log --level 0.9" ]
    joulefit() { "$JOULEFIT" "$@"; }
    eval "$command --json" >again.json
    check "the command gives the result again" cmp command.json again.json
    run fit "it's runs.csv" --law "$curved" --error log --level 0.9 -f markdown
    prints_part "$command"
fi
# The same bytes for any number of threads.
for threads in 1 2 3; do
    run fit runs.csv --law "$curved" --error log --threads $threads --json
    exits 0
    cp "$work/stdout" "threads$threads.json"
done
check "the same bytes for one and two threads" cmp threads1.json threads2.json
check "the same bytes for one and three threads" cmp threads1.json threads3.json

# Several bootstraps at once, and several limits from each.
run fit runs.csv --law "$law" --ci bootstrap --bootstrap 40 --resample 'pairs, wild' --bootstrap-interval percentile,bca --json
exits 0
for kind in pairs:percentile pairs:bca wild:percentile wild:bca; do prints_part "\"bootstrap:$kind\""; done
run fit runs.csv --law "$law" --ci bootstrap --resample pairs,wilt
exits 2; says_part "--resample: expected pairs, cluster, residual, wild, wild-cluster or parametric, found 'wilt' (did you mean 'wild'?)"

# Kinds of interval that do not suit the sample are told.
awk -F, 'BEGIN { print "energy_J,tokens,family" }
    { print exp(log(NR)*0.8 + (NR > 18 ? 0.5 : 0.02) * (NR % 2 ? 1 : -1)) "," NR ",f" NR % 8 }' runs.csv | head -n 25 >uneven.csv
run fit uneven.csv --law "$law" --ci profile
exits 0; says_part "these intervals take it for equal: wald:classical, profile [W_UNEQUAL_SCATTER]"
run fit uneven.csv --law "$law" --se hc3
exits 0; says_nothing
head -n 7 runs.csv >few.csv
run fit few.csv --law "$law" --se hc0 --ci bootstrap --bootstrap 30
exits 0; says_part "6 rows for 2 parameters are few for intervals that are right in large samples only: wald:hc0, bootstrap:pairs [W_SMALL_SAMPLE]"
run fit few.csv --law "$law" --ci profile
exits 0; says_nothing
run fit runs.csv --law "$law" --group family --se cluster,classical
exits 0; says_part "these intervals take runs of one group for independent: wald:classical [W_GROUPS_IGNORED]"

# -o, by its ending or by --format, holds what stdout would.
run fit runs.csv --law "$law" -o fit.json
exits 0; prints_nothing; says_nothing
run fit runs.csv --law "$law" --json
check "-o holds what stdout would" cmp "$work/stdout" fit.json
for ending in md csv; do
    run fit runs.csv --law "$law" -o "fit.$ending"
    exits 0; prints_nothing
    check "fit.$ending is written" [ -s "fit.$ending" ]
done
check "Markdown by its ending" grep -q '^| parameter' fit.md
check "CSV by its ending" grep -q '^parameter,' fit.csv

# Rows, a model, a report of it, and predictions from it.
run fit runs.csv --law "$law" --rows rows.csv --save model.json -q
exits 0; says_nothing
check "a line for each row" [ "$(wc -l <rows.csv)" -eq 25 ]
check "the columns of --rows" [ "$(head -n 1 rows.csv)" = "row,line,observed,fitted,residual,leverage,cook,weight,raw_observed,raw_fitted,studentised" ]
check "leverages sum to the number of parameters" \
    awk -F, 'NR > 1 { sum += $6; if ($2 != NR) exit 1 } END { exit !(sum > 1.999999 && sum < 2.000001) }' rows.csv
check "residual is observed less fitted" \
    awk -F, 'NR > 1 && ($3 - $4 - $5 > 1e-12 || $3 - $4 - $5 < -1e-12) { exit 1 }' rows.csv
run report model.json --json
exits 0; prints_part '"schema": 1'
run report model.json
exits 0; says_nothing; prints_part "24 of 24 rows used"
run predict model.json runs.csv
exits 0; says_nothing
check "a line for each row" [ "$(wc -l <"$work/stdout")" -eq 25 ]
check "predictions on the rows of the fit are its fitted values" \
    awk -F, 'NR == FNR { fitted[FNR] = $10; next } FNR > 1 { p = $(NF - 8); d = p - fitted[FNR]; if (d > 1e-9 * p || d < -1e-9 * p) exit 1 }' rows.csv "$work/stdout"
check "mean band inside the interval of a new run" \
    awk -F, 'FNR > 1 && !($(NF-5) < $(NF-7) && $(NF-7) < $(NF-8) && $(NF-8) < $(NF-6) && $(NF-6) < $(NF-4)) { exit 1 }' "$work/stdout"
cut -d, -f2- runs.csv >plan.csv
run predict model.json plan.csv --where 'tokens > 20'
exits 0; says_nothing
check "rows that --where keeps, without any energy" [ "$(wc -l <"$work/stdout")" -eq 5 ]
run predict model.json --grid 'tokens=10,100'
exits 0
says "joulefit: warning: 1 of 2 predictions lie outside the runs that the law was fitted on [W_EXTRAPOLATION]"
check "100 is log(100/24) outside" awk -F, 'NR == 3 { exit !($7 > 1.427116 && $7 < 1.427117 && $8 == 0) }' "$work/stdout"
run predict model.json --grid 'tokens=10,100' --strict
exits 1
run predict model.json --grid 'tokens=1:2:0.25'
exits 0
check "both ends of a range" [ "$(cut -d, -f1 "$work/stdout" | tr '\n' ' ')" = "tokens 1 1.25 1.5 1.75 2 " ]
for grid in tokens '=1' 'tokens=' 'tokens=2:1:1' 'tokens=1:2' 'tokens=1:2:0'; do
    run predict model.json --grid "$grid"
    exits 2; prints_nothing; says_part "joulefit: error: --grid: expected "
done
run predict model.json --grid 'token=1'
exits 2; prints_nothing; says "joulefit: error: --grid: the model does not read 'token' (did you mean 'tokens'?)"

# Intervals of predictions: conformal ones come from the model alone, and say how many groups they miss.
run predict model.json runs.csv --interval conformal
exits 0; says_nothing
check "conformal intervals hold most runs" awk -F, 'NR > 1 && $5 >= $9 && $5 <= $10 { n++ } END { exit n < 21 }' "$work/stdout"
run predict model.json runs.csv --interval conformal --level 0.99
exits 0; says_part "are infinite with 24 calibration rows: 75 more are needed [W_CONFORMAL_FEW]"
run predict model.json runs.csv --interval mean
check "no interval of a new run" [ "$(head -n 1 "$work/stdout")" = "energy_J,tokens,gpu,family,energy,predicted,mean_low,mean_high,distance,inside,mahalanobis,smeared_mean" ]
run predict model.json runs.csv --interval conformel
exits 2; says_part "(did you mean 'conformal'?)"
run fit runs.csv --law "$law" --save plain.json --conformal none -q
run predict plain.json runs.csv --interval conformal
exits 2; says_part "the model keeps no calibration"

# Bootstraps of derived quantities and of tests.
run fit runs.csv --law "$law" --derive 'twice = 2*a' --test 'a = 0.8' --test 'a = 0' --ci bootstrap --bootstrap 200 --resample wild \
    --bootstrap-interval percentile --json -q
exits 0
cp "$work/stdout" derived.json
if needs_python "bootstraps of derived quantities"; then
    set='[s for s in r["intervals"] if s["kind"].startswith("bootstrap")][0]'
    check "twice a parameter has twice its limits" [ "$(json derived.json \
        "abs($set['derived'][0]['low'] - 2*$set['parameters'][1]['low']) < 1e-12 and abs($set['derived'][0]['std_error'] - 2*$set['parameters'][1]['std_error']) < 1e-12")" = True ]
    check "what is false is refuted by every refit" [ "$(json derived.json "abs($set['tests'][1]['p_value'] - 1/201) < 1e-12")" = True ]
    check "what is about right is not" [ "$(json derived.json "$set['tests'][0]['p_value'] > r['tests'][0]['p_value'] / 20")" = True ]
fi

# Contours, constants from elsewhere, levels: asked for by option, and shown.
run fit runs.csv --law "$law" --contour b0,a --at a=0.8 --by gpu --se classical -q
exits 0; says_nothing
for part in 'joint regions of two parameters' 'Constants judged on these runs (a=0.8)' 'By gpu' 'likelihood_ratio'; do
    check "shows $part" grep -qF "$part" "$work/stdout"
done
for format in markdown latex html; do
    run fit runs.csv --law "$law" --contour b0,a --at a=0.8 --by gpu --format $format -q
    check "$format shows what --by found" grep -q 'By gpu' "$work/stdout"
done
run fit runs.csv --law "$law" --contour b0,A
exits 2; says "joulefit: error: --contour: no parameter 'A' (did you mean 'a'?)"
run fit runs.csv --law "$law" --by gup
exits 2; says "joulefit: error: --by: no column 'gup' (did you mean 'gpu'?)"
run fit runs.csv --law "$law" --at published
exits 2; says_part "has no published constants"
run fit runs.csv --law "$law" --se cr2
exits 2; says "joulefit: error: --se cr2 needs --group"
run fit runs.csv --law "$law" --se cr2 --group family
exits 0; says_part "cr2 corrects them"
check "names CR2" grep -q 'reduced for bias (CR2)' "$work/stdout"
for threads in 1 2 8; do
    run fit runs.csv --law "$curved" --error log --contour k,a --at a=0.8 --by gpu --ci profile,bootstrap --bootstrap 50 --resample wild,pairs \
        --group family --se cr2 --save same.json --threads $threads --json
    cp "$work/stdout" "threads$threads.json"; cp same.json "same$threads.json"
done
check "the same bytes for 1, 2 and 8 threads" \
    [ "$(sed 's/--threads [0-9]*//' threads[128].json | sort | uniq -c | awk '$1 % 3' | wc -l)" -eq 0 ]
check "the same model for 1 and 8 threads" cmp <(sed 's/--threads [0-9]*//' same1.json) <(sed 's/--threads [0-9]*//' same8.json)

# Labels that the model never saw give no number, and a reason.
run fit runs.csv --law 'log(energy) ~ h[gpu] + a*log(tokens)' --save levels.json
exits 0
run predict levels.json --grid 'tokens=10; gpu=A,C'
exits 0; says_part 'in the first of them the law never saw gpu "C" [W_NO_PREDICTION]'
check "no number for C" grep -q '^10,C,,,,,,inf,0,' "$work/stdout"

# Warnings: on stderr, counted by --strict, silenced by -q.
cat runs.csv <(sed -n 2,4p runs.csv) >copies.csv
run fit copies.csv --law "$law" --json
exits 0; says_part "[W_DUPLICATES]"
run fit copies.csv --law "$law" --json --strict
exits 1
run fit copies.csv --law "$law" --json -q
exits 0; says_nothing
run fit copies.csv --law "$law" --json --duplicates drop --strict
exits 0; says_nothing
if needs_python "copies that were dropped"; then
    check "copies are counted" [ "$(json "$work/stdout" "(r['data']['rows_read'], r['data']['rows_used'], r['data']['dropped'])")" = \
        "(27, 24, [{'reason': 'duplicate', 'rows': 3}])" ]
fi

# No usable fit: a result that says so, and exit 4.
run fit runs.csv --law 'energy ~ sqrt(-1 - a^2)*tokens' --json
exits 4
prints_part '"outcome": "failed"'
says_part "joulefit: error: no usable fit: "
# A model goes to a machine with other instructions, without the runs, under another language: the same numbers.
run fit runs.csv --law "$curved" --error log --group family --save travels.json
exits 0
mkdir elsewhere
cp travels.json elsewhere/
cd elsewhere || exit 1
for kernels in sse2 avx2 avx512; do
    JOULEFIT_KERNELS=$kernels LC_ALL=de_DE.UTF-8 run predict travels.json --grid 'tokens=1,7,24,300' --interval conformal --quiet
    exits 0
    cp "$work/stdout" "$kernels.csv"
    check "the same numbers by $kernels" awk -F, 'NR == FNR { for (i = 1; i <= NF; i++) was[FNR, i] = $i; next }
        { for (i = 1; i <= NF; i++) if (FNR > 1 && ($i - was[FNR, i]) ^ 2 > 1e-20 * $i ^ 2) exit 1 }' sse2.csv "$kernels.csv"
done
check "there are four rows of numbers" [ "$(grep -c '^[0-9].*,[0-9.e+-]*,' sse2.csv)" -eq 4 ]
cd "$work" || exit 1

finish
