# joulefit proxies: every entry of the catalogue is explained in full; what could not be matched is listed.
. "$JOULEFIT_SOURCE/tests/golden/cli.bash"
sweep=$source_folder/data/sets/bert_sweep_simulated.csv

if needs_python "the catalogue of features"; then
    run proxies --list --json
    exits 0; cp "$work/stdout" list.json
    check "every feature says what it is, by which convention and from where" [ "$(json list.json "[p['name'] for p in r['proxies'] if not (p['meaning'] and p['convention'] and p['source'] and p['known'] in ('pre-run', 'post-run') and (p['formula'] or p['computed']))]")" = "[]" ]
    check "every input says what it is" [ "$(json list.json "[i['input'] for i in r['inputs'] if not i['meaning']]")" = "[]" ]
    check "a way to count has one feature" [ "$(json list.json "len({(p['role'], p['choice']) for p in r['proxies'] if p['role']}) == sum(1 for p in r['proxies'] if p['role'])")" = True ]
    check "what is measured is post-run, and what is made of it" [ "$(json list.json "sorted(p['name'] for p in r['proxies'] if p['known'] == 'pre-run' and p['name'] in ('mfu', 'hfu', 'eta', 'eta_duration', 'eta_weak', 'speed_up', 'duration_1', 'karp_flatt', 'co2', 'throughput', 'energy_per_token', 'energy_above_idle', 'mean_power', 'device_seconds', 'utilization'))")" = "[]" ]
    n=$(json list.json "len(r['proxies'])")
    run proxies --explain "$(json list.json "','.join(p['name'] for p in r['proxies'])")"
    exits 0; says_nothing
    for part in "made from" unit known convention source added; do
        check "every feature tells: $part" [ "$(grep -cE "^  $part +[^ -]" "$work/stdout")" -eq "$n" ]
    done
    check "every feature tells the columns it is read from" [ "$(grep -c "^read from the runs" "$work/stdout")" -eq "$n" ]
    n=$(json list.json "len(r['inputs'])")
    run proxies --explain "$(json list.json "','.join(i['input'] for i in r['inputs'])")"
    exits 0; says_nothing
    for part in kind "other names" "without a column" unit known family; do
        check "every input tells: $part" [ "$(grep -cE "^  $part +[^ ]" "$work/stdout")" -eq "$n" ]
    done
fi
run proxies --explain eta --format markdown
exits 0; prints_part "speed_up/gpus"
run proxies --explain comm_tiem_step
exits 2; says_part "unknown feature 'comm_tiem_step' (did you mean 'comm_time_step'?)"
run proxies --explain precison
exits 2; says_part "did you mean 'precision'?"

# ---- runs without a single-GPU run of their family: as many in the ledger as in the warning, each with its line ----
run proxies "$sweep" --proxy eta --ledger unmatched.csv -o eta.csv
exits 0; says_part "11 of 827 runs on several GPUs have no single-GPU run of their family"; says_part "--ledger FILE lists all"
check "one line a run" [ "$(grep -c "no single-GPU run of this family" unmatched.csv)" -eq 11 ]
eta=$(head -1 eta.csv | tr , '\n' | grep -n '^eta$' | cut -d: -f1)
check "the lines that have no efficiency" [ "$(grep -oE ',[0-9]+,speed_up' unmatched.csv | cut -d, -f2 | sort -n | tr '\n' ' ')" = "$(awk -F, -v c="$eta" 'NR > 1 && $c == "" { printf "%d ", NR }' eta.csv)" ]
check "the family is told" grep -q 'num_layers=24, hidden_size=768' unmatched.csv

# Matched scaling: every face, the same bytes again, and what is missing is told.
sweep="$source_folder/data/sets/bert_sweep_simulated.csv"
for format in text json csv markdown latex html; do
    run proxies "$sweep" --matched gpu,num_layers,hidden_size,batch_size,seq_length --along batch_size --format $format
    exits 0; check "$format shows a strategy" grep -q FSDP "$work/stdout"
done
run proxies "$sweep" --matched gpu,num_layers --along no_such
exits 2; says_part "no column 'no_such'"
run proxies "$sweep" --along gpus
exits 2; says_part "--along goes with --matched"
run proxies "$sweep" --matchd gpu
exits 2; says_part "did you mean '--matched'"
finish
