# Several DATA files: put under one another by column names, with a column that says which file; one unit each.
. "$JOULEFIT_SOURCE/tests/golden/cli.bash"
sweep=$source_folder/data/sets/bert_sweep_simulated.csv
header=$(head -1 "$sweep")
sed -n 1,300p "$sweep" >a.csv
{ echo "$header"; sed -n '301,$p' "$sweep"; } >b.csv
law=(--law 'log(energy) ~ b0 + a*log(C) + r[strategy = "Baseline"]*log2(gpus)' --proxy C,eta --group num_layers,hidden_size)

# The fit of the parts is the fit of the whole, matched runs across files too.
run fit "$sweep" "${law[@]}" --json
exits 0; cp "$work/stdout" whole.json
run fit a.csv b.csv "${law[@]}" --json
exits 0; cp "$work/stdout" parts.json
if needs_python "the fit of several files"; then
    check "the same estimates and errors" [ "$(json whole.json "[(p['name'], p['estimate'], p['std_error']) for p in r['parameters']]")" = "$(json parts.json "[(p['name'], p['estimate'], p['std_error']) for p in r['parameters']]")" ]
    check "all rows of both files are counted" [ "$(json parts.json "(r['data']['file'], r['data']['rows_read'], r['data']['rows_used'])")" = "('a.csv, b.csv', 963, 963)" ]
    check "the digest tells the files" [ "$(json parts.json "len(r['data']['sha256'])")" = 64 ]
fi
run fit a.csv b.csv --law 'log(energy) ~ f[file] + a*log(tokens)' --json
exits 0
if needs_python "levels by file"; then
    check "a level for each file" [ "$(json "$work/stdout" "[p['name'] for p in r['parameters'] if p['name'] != 'a']")" = "['f[a.csv]', 'f[b.csv]']" ]
fi
run compare a.csv b.csv "${law[@]}" --validate kfold:3
exits 0; prints_part "963 of 963 rows"

# Columns by name, not by place; what a file lacks is missing there; numbers and labels meet as labels.
printf 'id,x,energy_J\n1,2,10\n2,3,20\n' >first.csv
printf 'energy_J,extra,id,x\n30,7,a,4\n40,8,b,5\n' >second.csv
run proxies first.csv second.csv --proxy layers --map layers=x -o both.csv
exits 0
says_part "first.csv has no column 'extra': it is missing there"
says_part "column 'id' holds numbers in first.csv and labels in second.csv: read as labels"
check "rows in order, by name" [ "$(cut -d, -f1-5 both.csv | tr '\n' ' ')" = "id,x,energy_J,extra,file 1,2,10,,first.csv 2,3,20,,first.csv a,4,30,7,second.csv b,5,40,8,second.csv " ]

# Repeats that stand in different files are repeats still, and copies are copies.
printf 'n,energy_J\n1,10\n2,20\n' >rep1.csv
printf 'n,energy_J\n1,12\n2,20\n' >rep2.csv
run fit rep1.csv rep2.csv --aggregate mean --law 'energy ~ a*n' --json
exits 0
if needs_python "repeats across files"; then
    check "one copy and one repeat merged" [ "$(json "$work/stdout" "r['n']")" = 2 ]
fi

# Messages.
printf 'n,energy_kWh\n3,10\n' >kwh.csv
run fit rep1.csv kwh.csv --law 'energy ~ a*n'
exits 3; says_part "rep1.csv has 'energy_J' and kwh.csv has 'energy_kWh': files that are read together need one unit"
run fit rep1.csv rep1.csv --law 'energy ~ a*n'
exits 3; says "joulefit: error: rep1.csv is given twice: its rows would count twice"
run fit rep1.csv missing.csv --law 'energy ~ a*n'
exits 3; says_part "missing.csv"
run fit --law 'energy ~ a*n'
exits 2; says "joulefit: error: expected one or more DATA files, found none"
finish
