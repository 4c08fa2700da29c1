# The verdict on every parameter, in every face of a fit.
. "$JOULEFIT_SOURCE/tests/golden/cli.bash"

awk 'BEGIN { print "x,near,twice,own,y"; for (i = 1; i <= 30; i++) { x = 1 + (i * 7 % 11) / 4
    printf "%.6f,%.6f,%.6f,%.6f,%.6f\n", x, x + 0.01 * sin(5 * i), 2 * x, i * 13 % 17, 1 + 2 * x + 0.2 * cos(11 * i) } }' >runs.csv
trade='trades off with b (correlation'

run fit runs.csv --law 'y ~ b0 + a*x + b*near + c*own'
exits 0; says_part "'a' is weakly determined: $trade"
prints_part 'well determined (relative error): b0 ('
prints_part "- a: weakly determined: $trade"
prints_part '- c: determined (relative error'
for format in markdown html latex; do
    run fit runs.csv --law 'y ~ b0 + a*x + b*near + c*own' -f $format
    exits 0; prints_part "weakly determined: $trade"; prints_part 'well determined (relative error'
done

run fit runs.csv --law 'y ~ b0 + a*b*x'
exits 0
prints_part '- a, b: not identifiable by any rows (structurally): moving along a - b (in'
says_part 'no rows can determine a - b (in shares of their values)'
run fit runs.csv --law 'y ~ b0 + a*x + b*twice'
exits 0
prints_part '- a, b: not identifiable by these rows: moving along a - 0.5*b'
run fit runs.csv --law 'y ~ b0 + a*x' --bounds a=:1
exits 0; prints_part '- a: at its upper bound 1, which holds it there'

if needs_python "the keys of a verdict"; then
    run fit runs.csv --law 'y ~ b0 + a*x + b*near + c*own' --bounds c=0.5:2 --save model.json --json
    exits 0
    keys="class relative_error condition_index variance_share trades_off_with correlation profile"
    check "every key of a verdict" [ "$(json "$work/stdout" \
        "[k for k in '$keys'.split() for p in r['parameters'] if k not in p['identifiability']]")" = "[]" ]
    check "classes" [ "$(json "$work/stdout" "[p['identifiability']['class'] for p in r['parameters'] if p['name'] != 'b0']")" = \
        "['weakly', 'weakly', 'at_bound']" ]
    check "states" [ "$(json "$work/stdout" "[p['state'] for p in r['parameters']]")" = "['ok', 'weak', 'weak', 'at_bound']" ]
    check "every parameter has a verdict" [ "$(json "$work/stdout" "all(p['verdict'] for p in r['parameters'])")" = True ]
    check "who trades off with whom" [ "$(json "$work/stdout" \
        "[p['identifiability']['trades_off_with'] for p in r['parameters']]")" = "[[], ['b'], ['a'], []]" ]
    run report model.json
    exits 0; prints_part "- a: weakly determined: $trade"
    run fit runs.csv --law 'y ~ b0 + a*x + b*near' --threads 1 --json
    cp "$work/stdout" one.json
    run fit runs.csv --law 'y ~ b0 + a*x + b*near' --threads 3 --json
    check "the same verdicts for any threads" cmp one.json "$work/stdout"
fi

# A contour about what the rows leave open is unbounded, and says why.
run fit runs.csv --law 'y ~ b0 + a*b*x' --contour a,b
exits 0; prints_part "- a and b at 95 %: unbounded: these rows do not determine 'a'"

# What rows do determine has bootstrap intervals, whatever else they leave open: the same as without the redundant parameter.
boot="--ci bootstrap --bootstrap 99 --bootstrap-interval percentile,bca --resample pairs,residual --json"
run fit runs.csv --law 'y ~ b0 + b1 + a*x' $boot
exits 0; cp "$work/stdout" redundant.json
run fit runs.csv --law 'y ~ b0 + a*x' $boot
exits 0
if needs_python "bootstraps beside what is open"; then
    check "no resample fails" [ "$(json redundant.json "[i['failed'] for i in r['intervals'][1:]]")" = "[0, 0, 0, 0]" ]
    intervals="[[round(i['parameters'][-1][end], 9) for end in ('low', 'high')] for i in r['intervals'][1:]]"
    check "the intervals of what is determined" [ "$(json redundant.json "$intervals")" = "$(json "$work/stdout" "$intervals")" ]
fi

finish
