# Warnings that no other test meets, each raised by a request for which it was made.
. "$JOULEFIT_SOURCE/tests/golden/cli.bash"

trackers=$source_folder/tests/data/trackers
examples=$source_folder/data/sets/examples
numbered() { # y values, a line each with its number
    echo x,y
    tr ' ' '\n' | awk '{ print NR "," $1 }'
}
raises() { grep -qF -- "[$1]" "$work/stderr" || fail "expected $1"; }

# A law with two minima: the search is cut to one start, ends in the wrong one, and its profile comes on the other.
numbered <<<"6.2235 6.7954 3.3320 6.9096 4.8584 4.4840 3.7234 5.8181 3.1112 5.7388 5.2591 4.4095 4.8435 4.5129" >waves.csv
run fit waves.csv --law 'y ~ a*sin(w*x + p) + c' --bounds w=0.1:3,p=-3.2:3.2 --start a=1,w=1,p=0,c=5 --starts 1 --ci profile --json
exits 0; raises W_BETTER_MINIMUM
says_part 'came on a lower minimum (squares 10.8855, not 11.1468), and the fit was started anew from there'
cp "$work/stdout" restarted.json
run fit waves.csv --law 'y ~ a*sin(w*x + p) + c' --bounds w=0.1:3,p=-3.2:3.2 --start a=1,w=1,p=0,c=5 --starts 1 --json
cp "$work/stdout" single.json
if needs_python "what the restart came to"; then
    check "the lower minimum is the result" [ "$(json restarted.json 'round(r["rss"], 4)')" = 10.8855 ]
    check "without the profile it is not met" [ "$(json single.json 'round(r["rss"], 4)')" = 11.1468 ]
    check "profiles belong to the lower minimum" [ "$(json restarted.json \
        'all(i["low"] is None or i["low"] <= p["estimate"] for s in r["intervals"] if s["kind"] == "profile" for i, p in zip(s["parameters"], r["parameters"]))')" = True ]
fi

awk 'BEGIN { print "x,y,g"; for (i = 1; i <= 24; i++) printf "%d,%.6f,%s\n", i, 3 * sin(0.9 * i) + 0.05 * cos(37 * i) + 5, i % 12 == 1 ? "A" : "B" }' >sine.csv
numbered <<<"7.4144 7.9940 6.2855 3.6342 2.0128 2.6833 4.9993 7.3092 7.9196 6.2430 3.6547 2.0115 2.7143 5.0976 7.3361 7.9239 6.2063 3.7022 2.0580 2.7398 5.2129 7.4510 7.9289 6.1255" >near.csv
run fit near.csv --law 'y ~ a*sin(w*x) + b*sin(v*x) + c' --bounds w=0:6 --starts 200
exits 0; raises W_MANY_BASINS
run fit sine.csv --law 'y ~ a*x + c' --group g --ci profile
exits 0; raises W_PROFILE_ROWS; raises W_FEW_GROUPS
run compare sine.csv --law 'good: y ~ a*x + b' --law 'bad: y ~ log(a - x^2)' --bounds bad.a=0:0.5
exits 0; raises W_LAW_FAILED
run compare sine.csv --law 'y ~ a*x + h[g]' --validate grouped:repeats=20,test=0.3
exits 0; raises W_REDRAWN_SPLITS

cut -d, -f1,2 sine.csv >bare.csv
run fit sine.csv bare.csv --law 'y ~ a*x + c'
exits 0; raises W_MISSING_COLUMN

run import "$trackers/nvidia-smi-dmon/dmon.log"
exits 0; raises W_ASSUMED_INTERVAL
run import "$trackers/carbontracker-predicted/"*_output.log
exits 0; raises W_PREDICTED_ENERGY
run import "$examples/simulated_gpu_power.csv" --join "$examples/simulated_runs.csv" --window start,end --shift 1e8
exits 3; raises W_NO_WINDOW

# Features that nobody asked for are parameters.
run fit "$source_folder/data/sets/bert_sweep_simulated.csv" --law 'log(energy) ~ b0 + a*log(C) + b*log(M)'
exits 0; raises W_PROXY_NAME
says_part "no columns are called 'C,M', so they are parameters; --proxy C,M makes the features of these names"
run compare "$source_folder/data/sets/bert_sweep_simulated.csv" --law 'log(energy) ~ b0 + a*log(eta)'
exits 0; raises W_PROXY_NAME
says_part "law 'law1': no column is called 'eta', so it is a parameter; --proxy eta makes the feature of that name"

# A step between two rows is as steep as one likes; a line fitted by a saturation has no top, and the search for it no end.
awk 'BEGIN { print "x,y"; for (i = 0; i < 20; i++) printf "%g,%.2f\n", i, (i < 10 ? 1 : 3) + (i % 2 ? -0.05 : 0.05) }' >step.csv
run fit step.csv --law 'y ~ lo + (hi - lo)*sigmoid(s*(x - x0))'
exits 0; raises W_RUNAWAY
printf '%s\n' x,y 1,0.98 1.5,1.48 2,1.99 3,3 4,4.01 5,5.02 6,6.05 8,8.08 10,10.1 12,12.2 15,15.3 20,20.6 >straight.csv
run fit straight.csv --law 'y ~ top*(1 - exp(-rate*x))' --bounds top=0:,rate=0:
exits 0; raises W_HIT_LIMIT

# Five rows are few for hc0; what a model learned from its runs is learned from the design.
head -n 6 bare.csv >five.csv
run simulate 'y ~ a + b*x' --design five.csv --truth a=1,b=1 --sigma-value 0.3 --se hc0 -n 300 --no-new-runs
exits 0; raises W_COVERAGE
run fit bare.csv --law 'y ~ a + b*center(x)' --save centred.json
exits 0
run simulate centred.json --design bare.csv -n 20 --no-new-runs
exits 0; raises W_LEARNED_ANEW

# A search is made anew in at most 100 splits; a law of eta alone has nothing left without it.
awk 'BEGIN { print "n,tokens,energy_J,eta"; for (i = 1; i <= 40; i++) { n = 2^(i % 4); t = 10 + i * 7 % 23
    printf "%d,%d,%.6f,%.6f\n", n, t, n^0.8 * t * (1 + 0.05 * sin(7 * i)), 0.9 * (1 - exp(-0.3 * sqrt(n))) * (1 + 0.03 * sin(7 * i)) } }' >staged.csv
run compare staged.csv --search 'terms=log(n),log(tokens)' --validate kfold:10,repeats=11
exits 0; raises W_SEARCHED
run compare staged.csv --law 'log(energy) ~ g*log(eta)' --stage 'eta ~ k*n^a' --class eta=post --validate kfold:3
exits 0; raises W_NO_VARIANT

# A pdflatex that fails leaves the rest of the study; a file that changed since is told.
mkdir bin
printf '#!/bin/sh\nexit 1\n' >bin/pdflatex
chmod +x bin/pdflatex
cat >study.yaml <<'YAML'
title: A line
data: {file: step.csv}
laws:
  - name: line
    formula: y ~ a + b*x
analyses:
  line: {command: fit, law: line}
YAML
PATH="$work/bin:$PATH" run run study.yaml -o out
exits 0; raises W_NO_PDF
echo 20,3 >>step.csv
run verify out
exits 1; raises W_CHANGED

finish
