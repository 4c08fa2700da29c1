# Joins on the way in: tables by the columns that agree, trackers by key and by time, in commands and in studies.
. "$JOULEFIT_SOURCE/tests/golden/cli.bash"
examples=$source_folder/data/sets/examples

# columns N WORDS...: the first N columns of the runs that a command reads, before those that it makes.
columns() {
    local n=$1
    shift
    run proxies "$@" --proxy eta_bubble
    cut -d, -f"1-$n" "$work/stdout" | sed 's/ \[[^]]*\]//g' >shown.csv
}

# ---- tables by key ----
cat >runs.csv <<'CSV'
run,gpu,layers,energy_J
a,A100,2,10
b,V100,4,21
c,A100,8,39
d,V100,16,83
CSV
cat >scores.csv <<'CSV'
id,loss,layers
d,1.5,16
a,2.5,2
b,2.2,4
c,1.9,8
CSV
cat >prices.csv <<'CSV'
model,price
A100,10000
V100,6000
H100,30000
CSV
columns 6 runs.csv --join scores.csv --on run=id
exits 0
check "each run has its own score, a name of both is told apart" diff - shown.csv <<'CSV'
run,gpu,layers,energy_J,loss,joined_layers
a,A100,2,10,2.5,2
b,V100,4,21,2.2,4
c,A100,8,39,1.9,8
d,V100,16,83,1.5,16
CSV

# ---- a list to look up in is shared by runs only when that is said ----
run proxies runs.csv --join prices.csv --on gpu=model
exits 3; prints_nothing
says_part "prices.csv:2: several runs share model 'A100'"
says_part "prices.csv:4: no run has model 'H100'"
says_part "the join of runs.csv with prices.csv leaves 0 runs without a partner, 1 rows of prices.csv without a run (--unmatched keep or drop); 2 keys that stand several times in one of the tables (--join-many)"
columns 5 runs.csv --join prices.csv --on gpu=model --join-many
exits 0
check "a price for each run" [ "$(cut -d, -f5 shown.csv | tr '\n' ' ')" = "price 10000 6000 10000 6000 " ]
columns 6 runs.csv --join prices.csv --on gpu=model --join scores.csv --on run=id --join-many
exits 0
check "two joins" [ "$(sed -n 2p shown.csv)" = "a,A100,2,10,10000,2.5" ]

# ---- unmatched rows: refused, kept on both sides, dropped and counted ----
sed '/^b,/d' scores.csv >fewer.csv
echo 'e,1.1,32' >>fewer.csv
run proxies runs.csv --join fewer.csv --on run=id
exits 3; says_part "runs.csv:3: no partner for run 'b'"; says_part "fewer.csv:5: no run has id 'e'"
columns 6 runs.csv --join fewer.csv --on run=id --unmatched keep
exits 0
check "missing values on both sides" [ "$(grep -c '^b,V100,4,21,,$\|^e,,,,1.1,32$' shown.csv)" -eq 2 ]
run fit runs.csv --join fewer.csv --on run=id --unmatched drop --law 'log(energy_J) ~ b0 + a*loss' --json
exits 0
cp stdout fit.json
if needs_python "what a join drops"; then
    check "rows balance" [ "$(json fit.json '[r["data"]["rows_read"], r["data"]["rows_used"], [(d["reason"], d["rows"]) for d in r["data"]["dropped"]]]')" = "[5, 3, [('unmatched', 2)]]" ]
    check "both files are named" [ "$(json fit.json 'r["data"]["file"]')" = "runs.csv, fewer.csv" ]
fi

# ---- keys of several columns, numbers and labels; a key in both tables several times ----
printf 'gpu,layers,bound\nA100,2.0,1\nV100,4,2\nA100,8e0,3\nV100,16,4\n' >bounds.csv
columns 5 runs.csv --join bounds.csv --on gpu,layers
exits 0
check "numbers agree as numbers" [ "$(cut -d, -f5 shown.csv | tr '\n' ' ')" = "bound 1 2 3 4 " ]
printf 'gpu,x\nA100,1\nA100,2\nV100,3\nV100,4\n' >both.csv
run proxies runs.csv --join both.csv --on gpu --join-many
exits 3; says_part "runs.csv:2: gpu 'A100' stands several times here and in both.csv (line 2): whose is whose?"
printf 'run,x\na,1\na,2\nb,3\nc,4\nd,5\n' >twice.csv
run proxies runs.csv --join twice.csv --on run --join-many
exits 0
check "a run with two rows becomes two" [ "$(grep -c ^a, stdout)" -eq 2 ]
printf 'run,x\na,1\n,2\nb,3\nc,4\nd,5\n' >empty.csv
run proxies runs.csv --join empty.csv --on run
exits 3; says_part "empty.csv:3: no run has run (none)"

# ---- what cannot be ----
run proxies runs.csv --join scores.csv
exits 2; says_part "--join needs --on COLUMN or --window START,END"
run proxies runs.csv --on run
exits 2; says_part "--on needs --join FILE.csv"
run proxies runs.csv --join scores.csv --join prices.csv --on run=id
exits 2; says_part "2 tables to --join, and 1 times --on: expected one for each"
run proxies runs.csv --join scores.csv --on rnu=id
exits 2; says_part "no column 'rnu' in runs.csv (did you mean 'run'?)"
run proxies runs.csv --join scores.csv --on run=
exits 2; says_part "--on: expected COLUMN or COLUMN=COLUMN, found 'run='"
run proxies runs.csv --join scores.csv --window layers,loss
exits 2; says_part "--window joins what trackers recorded, and runs.csv is a table"
run proxies runs.csv --join gone.csv --on run
exits 3; says_part "--join: gone.csv: no such file"
run proxies runs.csv "$examples/simulated_gpu_power.csv" --join scores.csv --on run=id
exits 3; says_part "1 of 2 files are records of energy trackers, the others are tables"

# ---- trackers by key and by time give what import gives ----
for how in "simulated_emissions.csv --on run_id" "simulated_gpu_power.csv --window start,end"; do
    set -- $how
    run import "$examples/$1" --join "$examples/simulated_runs.csv" "$2" "$3" -o import.csv
    exits 0
    run fit import.csv --scope gpu --law 'log(energy) ~ b0 + a*log(duration)' --json
    exits 0; cp stdout import.json
    run fit "$examples/$1" --join "$examples/simulated_runs.csv" "$2" "$3" --scope gpu --law 'log(energy) ~ b0 + a*log(duration)' --json
    exits 0; cp stdout direct.json
    if needs_python "the same fit by import and by --join"; then
        check "the same estimates ($how)" [ "$(json import.json 'r["parameters"]')" = "$(json direct.json 'r["parameters"]')" ]
        check "12 runs" [ "$(json direct.json 'r["n"]')" = 12 ]
    fi
done

# ---- the same in a study, and what it was made of in the manifest ----
cp "$examples"/simulated_{emissions,runs,gpu_power}.csv .
cat >study.yaml <<'YAML'
data:
  file: [simulated_emissions.csv, simulated_gpu_power.csv]
  join: simulated_runs.csv
  on: run_id
  window: start,end
  scope: gpu
sources:
  tables: {file: runs.csv, join: [prices.csv, scores.csv], on: [gpu=model, run=id], join-many: true}
analyses:
  measured: {command: fit, law: 'log(energy) ~ b0 + a*log(duration)'}
  priced: {command: fit, source: tables, law: 'log(energy_J) ~ b0 + a*log(layers) + p*log(price)'}
tables: {}
figures: {}
YAML
run run study.yaml -o out
exits 0
if needs_python "a study's joins"; then
    check "12 runs" [ "$(json out/results/measured.json 'r["n"]')" = 12 ]
    check "every file is in the manifest" [ "$(json out/manifest.json '[[s["file"] for s in a["sources"]] for a in r["analyses"]]')" = \
        "[['simulated_emissions.csv', 'simulated_gpu_power.csv', 'simulated_runs.csv'], ['runs.csv', 'prices.csv', 'scores.csv']]" ]
fi
run verify out
exits 0; prints_part "moved      0"
run run study.yaml -o out
exits 0; says_part "priced: unchanged, kept"
sed -i 's/^V100,6000/V100,7000/' prices.csv
run verify out --json
exits 1
cp stdout verified.json
if needs_python "what verify says of a joined table"; then
    check "the joined table has changed" [ "$(json verified.json 'r["changed"]')" = "[{'what': 'prices.csv', 'how': 'has changed since the results were made'}]" ]
    check "and moved the analysis that reads it" [ "$(json verified.json '{m["number"].split(".")[0] for m in r["moved"]}')" = "{'priced'}" ]
    check "by standard errors" [ "$(json verified.json '[m["measure"] for m in r["moved"] if m["number"] == "priced.parameters.p.estimate"]')" = "['std_error']" ]
    check "the outcome" [ "$(json verified.json 'r["outcome"]')" = moved ]
fi
run run study.yaml -o out
exits 0; says_part "measured: unchanged, kept"; says_part "priced: fit"

# ---- faults have the study's lines, before anything is computed ----
refused() { # sed on the study, exit, message
    sed "$1" study.yaml >bad.yaml
    run run bad.yaml -o bad
    exits "$2"; says_part "joulefit: error: bad.yaml:$3"
    check "nothing was made" [ ! -e bad/results ]
}
refused 's/^  on: run_id/  onn: run_id/' 3 "4: unknown key 'onn' (did you mean 'on'?)"
refused 's/on: \[gpu=model, run=id\], //' 2 "8: --join needs --on COLUMN or --window START,END"
refused 's/, run=id\]/]/' 2 "8: 2 tables to --join, and 1 times --on: expected one for each"
refused 's/join-many: true/join-many: maybe/' 2 "8: "
refused 's/  file: \[.*/  file: []/' 3 "2: file: expected a data file, or a list of them"
refused 's/  file: \[.*/  file: [a.csv, [b.csv]]/' 3 "2: "
refused 's/^  scope: gpu/  unmatched: perhaps/' 2 "6: "
sed 's/gpu=model/gpu=modle/' study.yaml >bad.yaml
run run bad.yaml -o bad
exits 2; says_part "joulefit: error: bad.yaml:11: analysis 'priced': no column 'modle' in prices.csv (did you mean 'model'?)"

# ---- --setup takes joins, too ----
run fit --setup study.yaml --law 'log(energy) ~ b0 + a*log(duration)' --json
exits 0; cp stdout setup.json
if needs_python "--setup with joins"; then
    check "12 runs" [ "$(json setup.json 'r["n"]')" = 12 ]
fi

# ---- names and cells of strangers join as text, and run nothing ----
printf '"$(touch pwned)","=1+1",energy_J\n`touch pwned`,1,10\n"a,b""c",2,20\n\\input{x},3,31\n' >hostile.csv
printf '"$(touch pwned)","<script>"\n\\input{x},7\n`touch pwned`,5\n"a,b""c",6\n' >other.csv
run proxies hostile.csv --join other.csv --on '$(touch pwned)' --let 'twice = `<script>`*2' --proxy eta_bubble --json
exits 0; cp stdout hostile.json
if needs_python "hostile names joined"; then
    check "rows of their own" [ "$(json hostile.json '[(x["<script>"], x["twice"]) for x in r["rows"]]')" = "[(5.0, 10.0), (6.0, 12.0), (7.0, 14.0)]" ]
fi
check "no command was run" [ -z "$(find . -name 'pwned*')" ]
finish
