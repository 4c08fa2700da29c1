# joulefit simulate: tables, recovery, coverage, power, the next run; the same bytes for any threads; clear errors.
. "$JOULEFIT_SOURCE/tests/golden/cli.bash"

law='energy ~ k*tokens^a'
{
    echo energy_J,tokens,gpu,family,price,power_W
    awk 'BEGIN { for (i = 1; i <= 24; i++)
        printf "%.6f,%d,%s,f%d,%d,%d\n", 3 * i^0.8 * (1 + 0.1 * sin(7 * i)), i, i % 2 ? "A" : "B", i % 8, i, 300 }'
} >runs.csv

# The whole, with several kinds of interval.
run simulate "$law" --error log --design runs.csv -n 20 --se classical,hc3 --ci profile,bootstrap --bootstrap 30 --json
exits 0; says_nothing
cp "$work/stdout" all.json
if needs_python "the keys of simulate"; then
    check "its kind" [ "$(json all.json "r['kind'], r['schema'], r['recovery']['replicates']")" = "('simulate', 1, 20)" ]
    check "every kind for every parameter" [ "$(json all.json "sorted(set(c['kind'] for c in r['coverage']))")" = \
        "['bootstrap:pairs:percentile', 'profile', 'wald:classical', 'wald:hc3']" ]
    check "every parameter" [ "$(json all.json "[p['name'] for p in r['recovery']['parameters']]")" = "['k', 'a']" ]
    check "values come from a fit" [ "$(json all.json "set(p['from'] for p in r['truth']['parameters'])")" = "{'fitted'}" ]
    check "intervals for new runs" [ "$(json all.json "[c['kind'] for c in r['new_runs']]")" = \
        "['mean band', 'new run', 'conformal:split', 'conformal:cv']" ]
    check "what was drawn is near what is found" [ "$(json all.json "all(abs(p['bias']) < 5 * p['bias_monte_carlo_error'] for p in r['recovery']['parameters'])")" = True ]
    command=$(json all.json "r['command']")
    joulefit() { "$JOULEFIT" "$@"; }
    eval "$command --json" >again.json
    check "the command gives the result again" cmp all.json again.json
fi
for threads in 1 2 8; do
    run simulate "$law" --error log --design runs.csv -n 20 --se classical,hc3 --ci profile,bootstrap --bootstrap 30 \
        --threads $threads --json
    check "the same bytes for $threads threads" cmp all.json "$work/stdout"
done
for format in text markdown latex html csv; do
    run simulate "$law" --error log --design runs.csv -n 5 -f $format -q --no-new-runs
    exits 0
    check "something in $format" [ -s "$work/stdout" ]
done
run simulate "$law" --error log --design runs.csv -n 5 --save studies.json -q
exits 0; cp "$work/stdout" shown
run report studies.json --brief
check "report shows what simulate showed" cmp shown "$work/stdout"
run predict studies.json runs.csv
exits 3; says_part "the file holds simulated studies, not a fitted law"

# With groups: their share in the noise is found, or given.
run simulate "$law" --error log --design runs.csv -g family --group-sd 0.2 --sigma-value 0.1 -n 20 --no-new-runs
exits 0; prints_part "24 runs in 8 groups"; prints_part "sigma 0.1000 (given), shared in a group 0.2000"; prints_part "wald:cr2"
run simulate "$law" --error log --design runs.csv --group-sd 0.2
exits 2; says_part "--group-sd needs --group"

# One simulated table: without what would contradict it, marked as simulated; another seed is another draw.
run simulate "$law" --error log --design runs.csv --rows drawn.csv
exits 0; prints_nothing; says_part "left out, since they would contradict the drawn response: energy_J, power_W"
check "its columns" [ "$(head -n 1 drawn.csv)" = tokens,gpu,family,price,energy,simulated ]
check "its rows" [ "$(wc -l <drawn.csv)" -eq 25 ]
run simulate "$law" --error log --design runs.csv --rows other.csv --seed 7
check "another seed is another draw" eval '! cmp -s drawn.csv other.csv'
run fit drawn.csv --law "$law" --error log
exits 0; prints_part W_SIMULATED
run simulate "$law" --error log --design runs.csv --truth k=2,a=0.5 --sigma-value 0 --rows exact.csv
check "without scatter the response is the law" awk -F, 'NR > 1 { d = $5 - 2 * sqrt($1); if (d > 1e-9 || d < -1e-9) exit 1 }' exact.csv

# A saved model is drawn from as it was saved, on runs that need no response.
run fit runs.csv --law "$law" --error log --save model.json -q
cut -d, -f2-4 runs.csv >plan.csv
run simulate model.json --design plan.csv -n 20 --json
exits 0
if needs_python "values of a saved model"; then
    cp "$work/stdout" model_studies.json
    check "the model's values" [ "$(python3 -c "
import json
m, s = json.load(open('model.json')), json.load(open('model_studies.json'))
print([p['estimate'] for p in m['parameters']] == [p['value'] for p in s['truth']['parameters']] and m['sigma'] == s['truth']['sigma'])")" = True ]
fi
run simulate "$law" --error log --design plan.csv
exits 2; says_part "no true value for k, a: give --truth k=..., or a design with the response 'energy'"
run simulate "$law" --error log --design plan.csv --truth k=1,a=1
exits 2; says_part "no scatter to simulate with: give --sigma-value"
run simulate "$law" --error log --design plan.csv --truth k=1,a=1 --sigma-value 0.1 -n 20 --no-new-runs
exits 0

# Power: the far rival loses, and more data never hurt.
run simulate "$law" --error log --design runs.csv --against 'flat: energy ~ c*exp(d*tokens)' --sizes 1,2 -n 20 --json
exits 0
if needs_python "power"; then
    check "the true law is named" [ "$(json "$work/stdout" "[(p['rival'], p['copies'], p['runs'], p['aicc']) for p in r['power']['rivals']]")" = \
        "[('flat', 1, 24, 1.0), ('flat', 2, 48, 1.0)]" ]
fi
run simulate "$law" --error log --design runs.csv --against 'flat: energy ~ c' --sizes 1,x
exits 2; says_part "--sizes: expected at most 32 whole numbers from 1 to 10000, found 'x'"

# The next run: a slope wants the ends; costs count; predictions and unknown goals.
run simulate "$law" --error log --design runs.csv --goal param:a --grid 'tokens=1,5,100' --next 2 -q
exits 0; prints_part "To know a better"; prints_part "Chosen one after another"
check "the far end tells the exponent" grep -Eq '^ +3 +100 ' "$work/stdout"
run simulate "$law" --error log --design runs.csv --goal d --candidates runs.csv --cost price -q
exits 0; prints_part "by how much the error shrinks for its price"
run simulate "$law" --error log --design runs.csv --goal "predict:tokens=1000" --grid 'tokens=1,500' -q
exits 0; prints_part "To know tokens=1000 better"
run simulate "$law" --error log --design plan.csv --truth k=1,a=1 --sigma-value 0.1 --goal param:a -q
exits 0
run simulate "$law" --error log --design runs.csv --goal param:b
exits 2; says_part "no parameter 'b'"
run simulate "$law" --error log --design runs.csv --grid 'tokens=1'
exits 2; says_part "serve --goal"
run simulate "$law" --error log --design runs.csv --goal d --cost pric
exits 2; says_part "did you mean 'price'?"
run simulate "$law" --error log --design runs.csv --goal d --rows -
exits 2; says_part "--rows - leaves no room for other results"

# Requests that cannot be.
run simulate --design runs.csv
exits 2; says_part "no law: give its name, a formula or a saved model after 'simulate'"
run simulate "$law"
exits 2; says_part "no design: give --design DATA"
run simulate "$law" --desing runs.csv
exits 2; says_part "did you mean '--design'?"
run simulate "$law" --error log --design runs.csv --truth b=1
exits 2; says_part "--truth: the law has no parameter 'b'"
run simulate "$law" --error log --design runs.csv --truth a=x
exits 2; says_part "--truth: expected NAME=NUMBER, found 'a=x'"
run simulate "$law" --error log --design runs.csv --bounds a=0:2 --truth a=3
exits 2; says_part "the true value 3 of 'a' lies outside of its bounds, 0 to 2"
run simulate "$law" --error log --design runs.csv --sigma-value -1
exits 2
run simulate 'sqrt(energy) ~ a + b*tokens' --design runs.csv --truth a=0.5,b=0 --sigma-value 0.2 -n 40 --no-new-runs
exits 0; prints_part "refused"; says_part "the noise takes a run beyond what the left side can be [W_REPLICATES_LOST]"

# Noise that no likelihood of the law expects is told by the coverage.
run simulate 'log(energy) ~ a + b*log(tokens)' --design runs.csv --sigma-value 0.3 --scatter 'if(tokens > 20, 6, 1)' -n 100 \
    --se classical,hc3 --no-new-runs --json
exits 0
if needs_python "coverage under unequal scatter"; then
    check "hc3 holds the slope more often than classical errors do" [ "$(json "$work/stdout" "[c['coverage'] for c in r['coverage'] if c['parameter'] == 'b' and c['kind'] == 'wald:hc3'] > [c['coverage'] for c in r['coverage'] if c['parameter'] == 'b' and c['kind'] == 'wald:classical']")" = True ]
fi
finish
