# What has no number says why, options that would be idle are refused, and many kinds of interval stay readable.
. "$JOULEFIT_SOURCE/tests/golden/cli.bash"

{
    echo time_s,power_W,size,noise,family
    awk 'BEGIN { for (i = 1; i <= 40; i++) printf "%.6f,%.6f,%d,%.6f,f%d\n", (5 + 3 * i^0.8) * (1 + 0.06 * sin(7 * i)), 100 + i % 7, i, 1 + i * 13 % 17, i % 10 }'
} >runs.csv
law='log(time_s) ~ b0 + a*log(size) + c*log(noise)'

# Statements under the wild cluster t: joint ones where a restricted fit is there, else the reason.
run fit runs.csv --law "$law" --group family --ci bootstrap --resample wild-cluster --bootstrap 99 --test 'a=0.8, c=0' --test 'a=c' --test 'a*c=0.1' --save tests.json
exits 0
check "joint statements have a p" grep -qE 'a=0.8, c=0 +bootstrap:wild-cluster:t +[0-9]' "$work/stdout"
check "linear statements about several have a p" grep -qE 'a=c +bootstrap:wild-cluster:t +[0-9]' "$work/stdout"
prints_part 'no restricted fit: a statement'
if needs_python "reasons in JSON"; then
    check "states of tests" [ "$(json tests.json "[t['state'][:18] for s in r['intervals'][1:] for t in s['tests']]")" = "['ok', 'ok', 'no restricted fit:']" ]
    check "a p or a reason" [ "$(json tests.json "all((t['p_value'] is None) == (t['state'] != 'ok') for s in r['intervals'][1:] for t in s['tests'])")" = True ]
fi

# Quantities and tests without a number.
run fit runs.csv --law "$law" --bounds a=0:0.3 --derive 'twice = 2*a' --derive 'odd = log(-b0^2)' --test 'a=0.3' --test 'c=0' --json
exits 0; cp "$work/stdout" odd.json
if needs_python "reasons of derived quantities"; then
    check "why what was derived has no error" [ "$(json odd.json "[(d['std_error'], d['state']) for d in r['derived']]")" = \
        "[(None, 'a parameter is at its bound'), (None, 'it has no finite value at the estimates')]" ]
    check "why a test has no statistic" [ "$(json odd.json "[t['state'] for t in r['tests']]")" = "['a parameter is at its bound', 'ok']" ]
fi
run fit runs.csv --law "$law" --fix a=1 --test 'a=1'
exits 2; says "joulefit: error: --test: no parameter in 'a=1' is free to be tested"

# Wishes about a bootstrap that nobody asked for.
run fit runs.csv --law "$law" --resample wild
exits 2; says "joulefit: error: --resample wild goes with --ci bootstrap"
run fit runs.csv --law "$law" --bootstrap 5000 --ci profile
exits 2; says "joulefit: error: --bootstrap 5000 goes with --ci bootstrap"
run fit runs.csv --law "$law" --bootstrap-interval bca
exits 2; says "joulefit: error: --bootstrap-interval bca goes with --ci bootstrap"
run fit runs.csv --law "$law" --weights-kind frequency
exits 2; says "joulefit: error: --weights-kind goes with --weights"

# Many kinds of interval: a row each, within the page, tests and resamples once for each resample.
run fit runs.csv --law "$law" --group family --se cr2,hc3,classical --ci profile,bootstrap --resample cluster,pairs --bootstrap 50 \
    --bootstrap-interval percentile,bca --derive 'sum = a + c' --test 'a=0.8' -q
exits 0
prints_part '95 % intervals of every kind'
check "no line is wider than the page" [ "$(awk 'length > 80' "$work/stdout" | wc -l)" -eq 0 ]
check "a p for each resample" [ "$(grep -cE '^ +a=0.8 +bootstrap:(cluster|pairs) ' "$work/stdout")" -eq 2 ]
check "its refits once" [ "$(grep -c 'of which 0 had no fit' "$work/stdout")" -eq 2 ]

# Units and classes of columns that --let makes.
energy='E = time_s*power_W'
run fit runs.csv --let "$energy" --unit E=J --law 'log(E) ~ b0 + a*log(size)' --json
exits 0
needs_python "a unit" && check "the unit of a new column" [ "$(json "$work/stdout" "r['law']['unit']")" = J ]
run fit runs.csv --let "$energy" --unit E=kJ --law 'log(E) ~ b0 + a*log(size)'
exits 2; says "joulefit: error: --let E: stated to be in kJ, but the expression gives J; multiply it by 0.001"
run fit runs.csv --let 'E [J] = time_s*power_W' --unit E=kJ --law 'log(E) ~ b0 + a*log(size)'
exits 2; says "joulefit: error: --let E: stated to be in J, and --unit says kJ"
run fit runs.csv --let 'load = size*2' --class load=post --law 'log(time_s) ~ b0 + a*log(load)' --pre-run
exits 2; says_part "load"

# Warnings about what a law does not read, and advice that was taken already, are noise.
sed '1s/$/,total_energy_kWh,gpu_energy_kWh/; 1!s/$/,2,1/' runs.csv | sed 's/time_s/duration_s/' >scopes.csv
run fit scopes.csv --law 'log(duration) ~ b0 + a*log(size)' --se hc3
exits 0; says_nothing
run fit scopes.csv --law 'log(energy) ~ b0 + a*log(size)' --se hc3
exits 0; says_part W_SCOPE
run fit runs.csv --law "$law" --group family --ci bootstrap --resample wild-cluster --bootstrap 99
says_part "rely on cr2 and on the t of the wild cluster bootstrap"
run fit runs.csv --law "$law" --group family --where 'family in ("f1", "f2")'
says_part "no error and no bootstrap by so few can be relied on"

# A response with a name that nothing is known of was measured all the same: it tells no repeats apart.
{ echo x,y; awk 'BEGIN { for (i = 1; i <= 24; i++) { x = int((i + 1) / 2); printf "%d,%.4f\n", x, 2 * x^0.9 + 0.05 * sin(9 * i) + (x > 8) } }'; } >repeats.csv
run fit repeats.csv --law 'y ~ k*x^a' --json -q
exits 0
needs_python "repeats" && check "what repeats say" [ "$(json "$work/stdout" \
    "[r['diagnostics']['repeats'][k] for k in ('rows', 'configurations')], r['diagnostics']['repeats']['lack_of_fit']['p_value'] < 1e-6")" = "([24, 12], True)" ]
run fit repeats.csv --law 'y ~ k*x^a' -v -q
prints_part '  lack of fit '

# A damaged model is told by its file and by what is wrong, and is an error of data.
run fit runs.csv --law 'log(time_s) ~ b0 + a*log(size)' --save model.json -q
sed 's/"formula": "b0 + a\*log(size)"/"formula": "b0 + a*"/' model.json >cut.json
run predict cut.json --grid 'size=4'
exits 3; says 'joulefit: error: cut.json: damaged model: formula: column 8: expected a value, found the end'
run predict runs.csv --grid 'size=4'
exits 3; says_part 'runs.csv'
# Is there a floor? A constant of a sum is a term too.
run compare runs.csv --law 'floor: time_s ~ k*size^a + e0' --error log --no-trees --group family -q --json
exits 0
needs_python "terms left out" && check "the floor is left out in its turn" [ "$(json "$work/stdout" "sorted(a['term'] for a in r['ablations'])")" = "['e0', 'k*size^a']" ]
finish
