# joulefit compare: the JSON of the contract, the same bytes for any threads, reports and files from a saved result.
. "$JOULEFIT_SOURCE/tests/golden/cli.bash"

{
    echo energy_J,n,tokens,family
    awk 'BEGIN { for (f = 1; f <= 40; f++) for (i = 1; i <= 3; i++)
        printf "%.6f,%d,%d,f%d\n", (4 + 2 * f^0.9 * i) * (1 + 0.05 * sin(13 * f + 5 * i)), f, 100 * i, f }'
} >runs.csv
laws=(--law 'power: log(energy) ~ b0 + a*log(n) + c*log(tokens)' --law 'sum: energy ~ e0 + k*n^a*tokens' --error log)
plans=(--validate grouped:repeats=5,test=0.3 --validate extrapolate:n:0.75)

for threads in 1 2 3; do
    run compare runs.csv "${laws[@]}" "${plans[@]}" --group family --threads $threads --save "saved$threads.json" --json
    exits 0
    cp "$work/stdout" "threads$threads.json"
done
check "the same bytes for one and two threads" cmp threads1.json threads2.json
check "the same bytes for one and three threads" cmp threads1.json threads3.json
check "the same saved bytes" cmp saved1.json saved2.json
run compare runs.csv "${laws[@]}" "${plans[@]}" --group family --seed 7 --json
check "another seed, other splits" [ -n "$(cmp "$work/stdout" threads1.json 2>&1)" ]

if needs_python "the keys of a comparison"; then
    check "every key" [ "$(json threads1.json "[k for k in 'data plans candidates tests best indistinguishable verdict warnings seed joulefit schema'.split() if k not in r]")" = "[]" ]
    check "every key of a plan" [ "$(json threads1.json "[k for k in 'plan splits redrawn infeasible'.split() for p in r['plans'] if k not in p]")" = "[]" ]
    check "every key of a candidate" [ "$(json threads1.json "[k for k in 'law post_run fit validation'.split() for c in r['candidates'] if k not in c]")" = "[]" ]
    check "every key of a validation" [ "$(json threads1.json "[k for k in 'plan metrics pooled splits'.split() for c in r['candidates'] for v in c['validation'] if k not in v]")" = "[]" ]
    check "every statistic of every metric" [ "$(json threads1.json "[k for k in 'median q25 q75 mean sd'.split() for c in r['candidates'] for v in c['validation'] for m in v['metrics'].values() if k not in m]")" = "[]" ]
    check "every metric" [ "$(json threads1.json "[k for k in 'r2 rmse r2_log rmse_log bias_log within2 mdape mape r2_raw rmse_raw calibration_slope calibration_intercept coverage width'.split() for c in r['candidates'] for v in c['validation'] if k not in v['metrics'] or k not in v['pooled']]")" = "[]" ]
    check "every key of a test" [ "$(json threads1.json "[k for k in 'kind plan metric a b statistic p_value p_adjusted'.split() for t in r['tests'] if k not in t]")" = "[]" ]
    check "every key of the best" [ "$(json threads1.json "[k for k in 'law rule plan metric value'.split() if k not in r['best']]")" = "[]" ]
    check "the law that drew the runs is found" [ "$(json threads1.json "r['best']['law']")" = sum ]
    check "laws as typed" [ "$(json threads1.json "r['candidates'][0]['law']['formula']")" = "log(energy) ~ b0 + a*log(n) + c*log(tokens)" ]
    check "each law is a fit on the same rows" [ "$(json threads1.json "sorted({c['fit']['n'] for c in r['candidates']})")" = "[120]" ]
fi

run compare runs.csv "${laws[@]}" --validate kfold:4 --no-baselines --predictions held_out.csv
exits 0; prints_part "Comparison of 2 laws"
check "the columns of --predictions" [ "$(head -n 1 held_out.csv)" = "row,law,plan,split,observed,predicted,low,high" ]
check "each law predicts each row once" [ "$(wc -l <held_out.csv)" -eq 241 ]
run compare runs.csv "${laws[@]}" --validate kfold:4 --bounds sum.a=0:0.5 --json
exits 0
if needs_python "a bound of one law"; then
    check "the bound holds for that law alone" [ "$(json "$work/stdout" "[c['fit']['outcome'] for c in r['candidates'][:2]]")" = "['converged', 'at_bound']" ]
fi

# Weights count in the metrics, and the report says so.
run compare runs.csv "${laws[@]}" --validate kfold:4 --no-trees --weights 'n'
exits 0; check "weights are told" [ "$(tr -s "[:space:]" " " <"$work/stdout" | grep -c "rows count by their weights")" -eq 1 ]

# Trees are named with their library, or why there are none; --no-trees leaves them out without a word.
run compare runs.csv "${laws[@]}" --validate kfold:4
exits 0; prints_part "  trees  "
run compare runs.csv "${laws[@]}" --validate kfold:4 --json
if needs_python "trees in the result"; then
    check "trees, or why there are none" [ "$(json "$work/stdout" "r['trees']['state'] in ('grown', 'no_library') and len(r['trees']['library']) > 8 and sum(c['trees'] for c in r['candidates']) == 2 * (r['trees']['state'] == 'grown')")" = "True" ]
    if [ "$(json "$work/stdout" "r['trees']['state']")" = "grown" ]; then
        run compare runs.csv "${laws[@]}" --validate kfold:4 --save trees.json
        run predict trees.json runs.csv --law 'random forest'
        exits 2; says_part "have no formula: choose a law with --law"
    fi
fi
run compare runs.csv "${laws[@]}" --validate kfold:4 --no-trees
exits 0
check "no word of trees" [ "$(grep -c tree "$work/stdout")" -eq 0 ]

# A plan that cannot try the laws that were given does not rank what is left.
run compare runs.csv --law 'levels: log(energy) ~ h[n] + c*log(tokens)' --validate logo:n --validate kfold:4 --no-trees --json
exits 0; says_part "[W_INFEASIBLE_SPLITS]"
if needs_python "the plan that ranks"; then
    check "the plan that tried the law ranks" [ "$(json "$work/stdout" "(r['best']['law'], r['best']['plan'])")" = "('levels', 'kfold:4')" ]
fi
run compare runs.csv --law 'levels: log(energy) ~ h[n] + c*log(tokens)' --validate logo:n
exits 0
check "the verdict says that the law was not tried" grep -q "none of the laws given could be tried" <(tr -s '\n ' '  ' <"$work/stdout")

# A saved result is shown as the fresh one, in every format.
run compare runs.csv "${laws[@]}" "${plans[@]}" --group family
exits 0; cp "$work/stdout" fresh.txt
run report saved1.json --brief
exits 0; check "a saved result reads as the fresh one" cmp "$work/stdout" fresh.txt
for format in text json csv markdown; do
    run report saved1.json --format $format
    exits 0; says_nothing
    check "$format holds the winner" grep -q sum "$work/stdout"
done
mkdir out
run report saved1.json -o out/report.md
exits 0; prints_nothing; says_nothing
check "figures stand in Markdown" grep -qE '!\[.*\]\(report-[a-z]+\.png\)' out/report.md
for figure in $(grep -oE 'report-[a-z]+\.png' out/report.md | sort -u); do
    check "$figure was drawn beside it" [ "$(head -c 4 "out/$figure" | tail -c 3)" = PNG ]
done
run report saved1.json --json
check "a saved result holds what --json printed, and rows" [ "$(wc -c <"$work/stdout")" -ge "$(wc -c <threads1.json)" ]
run predict saved1.json --law sum --grid 'n=1,2; tokens=100'
exits 0; check "a law of a comparison predicts" [ "$(wc -l <"$work/stdout")" -eq 3 ]
run predict saved1.json --law smu --grid 'n=1,2; tokens=100'
exits 2; says "joulefit: error: --law: no law 'smu' in the file (did you mean 'sum'?)"

# A search: two numbers, the same bytes for any threads, every face.
for threads in 1 3; do
    run compare runs.csv --search 'terms=log(n),log(tokens),n; interactions=2' "${plans[@]}" --group family --threads $threads --save "searched$threads.json"
    exits 0; prints_part "the error that the law was chosen by, which flatters it"; prints_part "chosen anew"
done
check "a search gives the same bytes for any threads" cmp searched1.json searched3.json
for format in text markdown latex html csv; do
    run report searched1.json --format $format
    exits 0; check "$format shows the searched law" grep -q search "$work/stdout"
done
run compare runs.csv --search 'terms=log(n),log(tokns)' --group family
exits 2; says_part "term 'log(tokns)'"; says_part "did you mean 'tokens'"
sed '1s/energy_J/cost/' runs.csv >costs.csv
run compare costs.csv --search 'terms=log(n),log(tokens); response=log(cost)' --group family
exits 0; prints_part "log(cost) ~"
run compare costs.csv --search 'terms=log(n),log(tokens)' --group family
exits 2; says_part "say what to predict, as in 'response=log(COLUMN)'"
run compare runs.csv --serch 'terms=log(n)'
exits 2; says_part "did you mean '--search'"

# First stages: the column predicted, left out and measured; a two-stage law does not predict from measured values.
awk -F, 'NR == 1 { print $0 ",eta"; next } { printf "%s,%.6f\n", $0, 0.9 * (1 - exp(-0.3 * sqrt($2))) * (1 + 0.03 * sin(7 * NR)) }' runs.csv >staged.csv
run compare staged.csv --law 'two: log(energy) ~ b0 + a*log(n) + c*log(tokens) + g*log(eta)' --stage 'eta ~ top*(1 - exp(-k*n^a))' --class eta=post --pre-run "${plans[@]}" --group family --save staged.json
exits 0; prints_part "First stages"; prints_part "two (measured eta)"; prints_part "two (no eta)"
for format in text markdown latex html csv; do
    run report staged.json --format $format
    exits 0; check "$format shows the law beside" grep -q "no eta" "$work/stdout"
done
run predict staged.json --law two --grid 'n=1,2; tokens=100; eta=0.5'
exits 2; says_part "reads what a first stage predicts"
run compare staged.csv --law 'log(energy) ~ b0 + a*log(n)' --stage 'eta ~ k*n^a' --group family
exits 2; says_part "no law reads 'eta'"
run compare staged.csv --search 'terms=log(eta),log(n),log(tokens)' --stage 'eta ~ k*n^a' --group family --no-baselines --save searched.json
exits 0; prints_part "First stages"; prints_part "searched"
finish
