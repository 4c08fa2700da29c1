# --setup: the data part of a study serves any command that reads runs, with paths that start from the study.
. "$JOULEFIT_SOURCE/tests/golden/cli.bash"

mkdir -p studies/data
printf 'num_layers,gpus,energy_J\n2,1,10\n4,1,21\n6,1,29\n8,1,41\n2,2,24\n4,2,39\n6,2,62\n8,2,80\n' >studies/data/runs.csv
cat >studies/study.yaml <<'YAML'
data:
  file: data/runs.csv
  where: gpus <= 2
  let: {'layers': num_layers, 'devices': gpus}
  group: [num_layers]
YAML
run fit --setup studies/study.yaml --law 'log(energy_J) ~ b0 + a*log(layers) + g*log(devices)' --json
exits 0
if needs_python "the options that a study gives"; then
    [ "$(json stdout 'r["n"], r["groups"]')" = "(8, 4)" ] || fail "rows and groups of the study"
    check "the command names them" [ "$(json stdout 'r["command"]')" = "joulefit fit studies/data/runs.csv --law 'log(energy_J) ~ b0 + a*log(layers) + g*log(devices)' --where 'gpus <= 2' --let layers=num_layers --let devices=gpus --group num_layers" ]
fi
run fit --setup studies/study.yaml --law 'log(energy_J) ~ b0 + a*log(layers)' --where 'gpus == 1' --json
exits 0
needs_python "a filter beside the study's" && check "filters add up" [ "$(json stdout 'r["n"]')" = 4 ]
cp studies/data/runs.csv other.csv
run fit other.csv --setup studies/study.yaml --law 'log(energy_J) ~ b0 + a*log(layers)' --quiet
exits 0; prints_part "other.csv: 8 of 8"

# Faults are told with their line and a suggestion.
refused() { # YAML, message
    printf '%s\n' "$1" >bad.yaml
    run fit --setup bad.yaml --law 'log(energy_J) ~ b0 + a*log(num_layers)'
    exits "$3"; says "joulefit: error: bad.yaml$2"
}
refused $'data:\n  file: other.csv\n  whre: gpus == 1' ":3: unknown key 'whre' (did you mean 'where'?)" 3
refused $'data:\n  file: other.csv\n  duplicates: dorp' ":3: --duplicates: expected keep, drop or error, found 'dorp' (did you mean 'drop'?)" 2
refused $'data:\n  file: other.csv\n  ledger: x.csv' ":3: 'ledger' changes no number, only where results go or how they look: it is given on the command line" 3
refused $'data:\n  file: []' ":2: file: expected a data file, or a list of them" 3
refused $'data:\n  file: {a: b.csv}' ":2: file: expected a data file, or a list of them" 3
refused $'data:\n  file: [a.csv, [b.csv]]' ":2: file: expected the name of a data file" 3
refused $'data: other.csv' ":1: expected a map (key: value)" 3
refused $'title: x' ": the study has no part 'data'" 3
refused $'data:\n  file: other.csv\n  where:' ":3: expected a value, found none" 3
finish
