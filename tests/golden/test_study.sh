# run and verify: a whole study from one file, kept parts, faults with their lines, what moved.
. "$JOULEFIT_SOURCE/tests/golden/cli.bash"
mkdir tmp
export TMPDIR=$work/tmp # what is left there was left by this test

mkdir -p paper/data
python3 - >paper/data/runs.csv <<'PYTHON' || { echo "SKIPPED: the study, needs python3 to draw runs"; exit 77; }
import math, random
random.seed(1)
print("num_layers,gpus,tokens,energy_J")
for layers in (2, 4, 6, 8, 12, 16, 24):
    for gpus in (1, 2, 4, 8):
        print(f"{layers},{gpus},{1000*layers},{5*layers**0.9*gpus**0.2*math.exp(random.gauss(0, 0.05)):.6g}")
PYTHON
cat >paper/study.yaml <<'YAML'
title: A small study
data:
  file: data/runs.csv
  group: num_layers
laws:
  - name: layers_gpus
    formula: log(energy_J) ~ b0 + a*log(num_layers) + g*log(gpus)
  - name: layers
    formula: log(energy_J) ~ b0 + a*log(num_layers)
analyses:
  both:
    command: compare
    validate: kfold:3
    baselines: false
  one:
    command: fit
    law: layers_gpus
tables:
  side: {of: both, table: laws, caption: Two laws}
  one: {of: one, table: parameters}
figures:
  parity: {of: one, figure: parity}
checklist:
  domain: a test
YAML

# Every part is there, in every format.
run run paper/study.yaml -o out
exits 0
for file in manifest.json study.yaml numbers.tex checklist.md report.html report.md report.tex report.txt results/both.json \
    results/one.json results/one.txt results/one-rows.csv results/one-ledger.csv tables/side.txt tables/side.md tables/side.tex \
    tables/side.html tables/side.csv figures/parity.pdf figures/parity.svg figures/parity.png; do
    check "there is $file" [ -s "out/$file" ]
done
check "nothing is left of the work" [ ! -e out/.partial ]
check "the checklist has 34 items" [ "$(grep -c '^- [0-9]' out/checklist.md)" -eq 34 ]
check "an answer of the author" grep -qF 'Which domain is studied: a test' out/checklist.md
check "an answer of the program" grep -qF 'Number of runs behind each law: 28' out/checklist.md
check "open items are named" grep -qF 'hyperparameters' out/checklist.md
check "laws of the study are read from it" grep -q -- "--laws study.yaml" out/manifest.json
check "the report has the table" grep -qF 'Two laws' out/report.html
check "HTML asks for nothing from outside" [ "$(grep -cE '(src|href)="https?:' out/report.html)" -eq 0 ]
if command -v pdflatex >/dev/null; then
    check "there is report.pdf" [ -s out/report.pdf ]
else
    echo "SKIPPED: report.pdf, needs pdflatex"
fi

# Unchanged parts are kept; a changed caption makes its table and the report anew.
run run paper/study.yaml -o out
exits 0; prints_part "0 parts made, 7 unchanged and kept"; says_part "both: unchanged, kept"
sed -i 's/Two laws/Three words now/' paper/study.yaml
run run paper/study.yaml -o out
exits 0; prints_part "3 parts made, 4 unchanged and kept" # the study's copy, the table, the report
check "the new caption" grep -qF 'Three words now' out/tables/side.md
run run paper/study.yaml -o out --only side --json
exits 0
check "the manifest on stdout" grep -q '"program_sha256"' stdout
check "the rest is still there" [ -s out/report.html ]

# Another folder, another working folder: the same bytes.
mkdir elsewhere
(cd elsewhere && "$JOULEFIT" run ../paper/study.yaml -o here --quiet >/dev/null 2>&1)
check "the same bytes elsewhere" diff -r out elsewhere/here -x manifest.json

# A run that is stopped keeps what is finished, leaves what was there, and goes on to the same bytes.
cp -r out before
cp paper/study.yaml paper/slow.yaml
printf '  three: {command: fit, law: layers_gpus, ci: bootstrap, bootstrap: 9000000}\n' >more
sed -i '/^tables:/e cat more' paper/slow.yaml
sed -i 's/kfold:3/kfold:4/' paper/slow.yaml
"$JOULEFIT" run paper/slow.yaml -o out >stdout 2>stderr &
pid=$!
for _ in $(seq 100); do grep -q "one:" stderr && break; sleep 0.1; done
kill -INT $pid
wait $pid
code=$?; last="an interrupted run"
exits 130
check "nothing in place has changed" diff -r before out -x .partial
check "finished parts are kept" [ -s out/.partial/results/both.json ]
sed -i 's/9000000/200/' paper/slow.yaml
run run paper/slow.yaml -o out
exits 0; says_part "both: unchanged, kept"
run run paper/slow.yaml -o fresh --quiet
exits 0
check "resumed to the same bytes" diff -r out fresh -x manifest.json

# verify: passes in a copy elsewhere, names the number that moved, and what else has changed.
run run paper/study.yaml -o paper/out --quiet
exits 0
cp -r paper moved
run verify moved/out
exits 0; prints_part "moved      0"
run verify moved/out --json
exits 0; cp stdout verified.json
check "JSON says that nothing moved" [ "$(json verified.json 'r["outcome"], r["moved"], r["changed"], r["compared"] > 100')" = "('same', [], [], True)" ]
sed -i '2s/,[^,]*$/,9.87/' moved/data/runs.csv
run verify moved/out
exits 1
prints_part "standard errors"
prints_part "data/runs.csv: has changed since the results were made"
says_part "numbers are not what they were"
run verify moved/out --json
exits 1
cp stdout verified.json
check "JSON names the number" [ "$(json verified.json '[(m["measure"], m["by"] > 1e-6, m["was"] != m["is"]) for m in r["moved"] if m["number"] == "one.parameters.a.estimate"]')" = "[('std_error', True, True)]" ]
check "JSON names the file" [ "$(json verified.json 'r["outcome"], [c["what"] for c in r["changed"]]')" = "('moved', ['data/runs.csv'])" ]
for format in text markdown latex html csv; do # what verify saved is rendered as what verify shows
    run verify moved/out --format $format
    cp stdout shown
    run report verified.json --format $format
    exits 0
    check "the report of what moved, as $format" cmp -s shown stdout
done
run report verified.json --table ranking
exits 3; says_part "needs a comparison"
run predict verified.json --grid 'batch=1'
exits 3; says_part "the file holds what verify found, not a fitted law"
run verify moved/out --format csv
check "an estimate that moved" grep -qE "^one.parameters.a.estimate,[0-9.]+,[0-9.]+,[0-9.]+ standard errors" stdout
echo x >>moved/out/tables/side.md
run verify moved/out
prints_part "tables/side.md: has changed"
run verify paper/out --base moved
exits 1
run verify paper/out --strict
exits 0
run verify paper
exits 3; says "joulefit: error: paper: it holds no manifest.json: 'joulefit run' writes one"
check "no temporary folder is left" [ -z "$(ls "$TMPDIR")" ]

# Faults have their lines and suggestions, before anything is computed.
refused() { # sed on the study, message
    sed "$1" paper/study.yaml >paper/bad.yaml
    run run paper/bad.yaml -o bad
    [ "$code" -eq 2 ] || exits 3
    says_part "joulefit: error: paper/bad.yaml:$2"
}
refused 's/^tables:/tabels:/' "18: unknown key 'tabels' (did you mean 'tables'?)"
refused 's/validate: kfold:3/valdate: kfold:3/' "13: unknown key 'valdate' (did you mean 'validate'?)"
refused 's/command: compare/command: compar/' "12: 'compar' is no command of an analysis (did you mean 'compare'?)"
refused 's/of: both/of: bth/' "19: of: no analysis 'bth' (did you mean 'both'?)"
refused 's/figure: parity/figure: partiy/' "22: figure 'parity': unknown figure 'partiy' (did you mean 'parity'?)"
refused 's/table: laws/table: lawz/' "19: table 'side': unknown table 'lawz' (did you mean 'laws'?)"
refused 's/domain:/domian:/' "24: unknown key 'domian' (did you mean 'domain'?)"
refused 's/  both:/  .both:/' "11: expected a name of letters, digits, _ and -, at most 64, beginning with a letter, found '.both'"
refused 's/file: data/fiel: data/' "3: the data need 'file'"
run run paper/study.yaml
exits 2; says "joulefit: error: -o: expected a folder for the study's tables, figures and report"
run run paper/study.yaml -o out --only sied
exits 2; says "joulefit: error: --only: the study has no table, figure or analysis 'sied' (did you mean 'side'?)"
mkdir mine; echo mine >mine/report.md
run run paper/study.yaml -o mine --quiet
exits 5; says_part "mine/report.md is there and was not made by 'joulefit run'"
check "a stranger's file stays" [ "$(cat mine/report.md)" = mine ]

# A simulated study is an analysis too, with the report of its command.
sed '/^analyses:/,/^tables:/c\analyses:\n  ahead: {command: simulate, law: layers_gpus, replicates: 20}\ntables: {}' paper/study.yaml |
    sed '/  side:/d; /  one:/d; /^figures:/d; /  parity:/d' >paper/ahead.yaml
run run paper/ahead.yaml -o ahead
exits 0
check "its report" grep -qF 'Recovery of the parameters' ahead/report.md
check "its result" [ -s ahead/results/ahead.json ]

# Figures of runs and of a power log, from the data of an analysis or from a source; in the report, too.
cat >paper/runs.yaml <<YAML
data: {file: $source_folder/data/sets/bert_sweep_simulated.csv, where: 'num_layers <= 8'}
sources:
  log: {file: $source_folder/data/sets/examples/simulated_gpu_power.csv, window: '2026-08-15T09:00:20,2026-08-15T09:01:08'}
analyses:
  step: {command: fit, law: 'log(energy) ~ b0 + a*log(hidden_size) + g*log(gpus)'}
tables: {}
figures:
  roof: {of: step, figure: roofline}
  eta: {figure: efficiency}
  power: {figure: trace, source: log, caption: Where the energy is from}
YAML
run run paper/runs.yaml -o runs
exits 0
for figure in roof eta power; do
    check "figure $figure" [ -s "runs/figures/$figure.svg" ]
    check "figure $figure in the report" grep -qF "figures/$figure.png" runs/report.md
done
run run paper/runs.yaml -o runs
exits 0; prints_part "0 parts made"
sed -i 's/09:01:08/09:01:00/' paper/runs.yaml
run run paper/runs.yaml -o runs
exits 0; prints_part "3 parts made, 3 unchanged and kept" # the copy, the log's figure, the report
sed 's/figure: efficiency/figure: parity, source: log/' paper/runs.yaml >paper/bad.yaml
run run paper/bad.yaml -o bad
exits 3; says_part "paper/bad.yaml:9: figure 'eta': source: figure 'parity' is drawn from the result alone"
sed 's/caption: Where/captoin: Where/' paper/runs.yaml >paper/bad.yaml
run run paper/bad.yaml -o bad
exits 3; says_part "paper/bad.yaml:10: unknown key 'captoin' (did you mean 'caption'?)"
check "told before any work" [ ! -e bad/.partial/results ]

# Ways to count, levels, scopes, stages and searches are analyses like others: each has its table, in the report, too.
cat >paper/every.yaml <<YAML
data:
  file: $source_folder/data/sets/bert_sweep_simulated.csv
  where: startswith(gpu, "NVIDIA A100") && num_layers <= 8
  proxy: [tokens, C]
sources:
  parts:
    file: $source_folder/data/sets/examples/simulated_emissions.csv
    join: $source_folder/data/sets/examples/simulated_runs.csv
    on: run_id
analyses:
  ways: {command: compare, multiverse: 'compute=exact,6nd', law: log(energy) ~ b0 + a*log(compute), validate: 'kfold:3', baselines: false}
  kinds: {command: fit, by: strategy, law: log(energy) ~ b0 + a*log(C)}
  parts: {command: fit, source: parts, by-scope: true, law: log(energy) ~ b0 + a*log(duration)}
  staged:
    command: compare
    where: gpus > 1
    proxy: eta
    stage: eta ~ 1/(1 + a*(gpus - 1))
    law: log(energy) ~ b0 + a*log(C) + e*log(eta)
    validate: kfold:3
    baselines: false
  sought: {command: compare, search: 'terms=log(C),log(gpus); response=log(energy)', validate: 'kfold:3', baselines: false}
  edges: {command: fit, law: log(energy) ~ b0 + a*log(C) + g*log(gpus), contour: 'a,g:0.9'}
figures: {}
YAML
run run paper/every.yaml -o every
exits 0
for table in ways-multiverse kinds-levels parts-scopes staged-stages sought-search edges-contours; do
    for suffix in txt md tex html csv; do check "table $table.$suffix" [ -s "every/tables/$table.$suffix" ]; done
    check "no heading of a report in $table" [ "$(grep -c '^#\|section' "every/tables/$table.md")" -eq 0 ]
done
for words in 'Over 2 ways of counting' 'one law for all?' 'moves, in errors' 'predicted without the group of the row' 'chosen anew' \
    'Joint regions'; do
    check "the report says '$words'" grep -qiF "$words" every/report.txt
done
run verify every
exits 0; prints_part "moved      0"

# The study of measured energies, on data that are not in this repository.
if [ -e "$shared_folder/data/ecai2025/transformer_energy.csv" ]; then
    run run "$source_folder/data/sets/studies/ecai2025.yaml" --base "$shared_folder/data/ecai2025" -o ecai --only laws,parity
    exits 0; prints_part "Outside the data floor held"
    check "the figure" [ -s ecai/figures/parity.pdf ]
    run verify ecai --base "$shared_folder/data/ecai2025"
    exits 0; prints_part "moved      0"
else
    echo "SKIPPED: the study of measured energies, needs ../shared/data/ecai2025"
fi
finish
