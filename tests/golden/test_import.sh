# joulefit import: joins by name and by time, refusals, totals, and tracker files as DATA of other commands.
. "$JOULEFIT_SOURCE/tests/golden/cli.bash"
examples=$source_folder/data/sets/examples
corpus=$source_folder/tests/data/trackers

# column FILE NAME: the cells of a column, one a line (no quoted commas in these tables).
column() {
    awk -F, -v name="$2" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) c = i; next } c { print $c }' "$1"
}
# the totals on stderr must add up
balances() {
    awk '/rows read = / { seen = 1; for (i = 1; i <= NF; i++) if ($i == "rows") r = $(i - 1)
             else if ($i == "kept") k = $(i - 1); else if ($i == "merged") m = $(i - 1)
             else if ($i ~ /^rejected/) j = $(i - 1) }
         END { exit !(seen && r == k + m + j) }' "$work/stderr" || fail "the totals do not add up"
}

# ---- by time: a power log of a day and CodeCarbon's rows, for twelve runs ----
run import "$examples/simulated_emissions.csv" "$examples/simulated_gpu_power.csv" \
    --join "$examples/simulated_runs.csv" --window start,end --ledger ledger.csv -o sweep.csv
exits 0; balances; says_part "1261 rows read = 12 kept"
check "a row a run" [ "$(wc -l <sweep.csv)" -eq 13 ]
check "descriptions come first" [ "$(head -c 16 sweep.csv)" = "run_id,start,end" ]
check "the power log's energy is kept" grep -q "nvidia-smi joins codecarbon; its GPU energy is kept" ledger.csv
# energies of the two tools come from one simulated power, so they agree to the edges of the samples
check "no disagreement" [ "$(grep -c "apart" ledger.csv)" -eq 0 ]
# the energy of a run is that of the trapezoid over its samples, from an independent program
run_energy=$(awk -F', ' 'NR > 1 { split($1, t, " "); split(t[2], h, ":"); s = h[1] * 3600 + h[2] * 60 + h[3]; p = $4 + 0
    if (s > 32420 && s <= 32468) e += (p + q) / 2 * (s - z); q = p; z = s } END { printf "%.3f", e }' "$examples/simulated_gpu_power.csv")
check "the first run's joules ($run_energy)" [ "$(column sweep.csv gpu_energy_J | head -1 | xargs printf %.3f)" = "$run_energy" ]

# ---- what was written reads back with units and classes, each scope in J ----
for scope in gpu cpu ram total; do
    run proxies sweep.csv --scope $scope --let 'check [J] = energy' --format json
    exits 0
    cp "$work/stdout" scope.json
    if needs_python "units of scope $scope"; then
        unit=$(json scope.json 'r["units"]["energy"] + " " + r["units"]["duration"]')
        check "energy in J, duration in s ($scope: $unit)" [ "$unit" = "J s" ]
        same=$(json scope.json "all(x['energy'] == x['${scope}_energy_J'] and x['energy'] > 0 for x in r['rows'])")
        check "energy is that of scope $scope" [ "$same" = True ]
    fi
done
run fit sweep.csv --scope gpu --let 'C [FLOP] = 6*12*num_layers*hidden_size^2*tokens' --law 'energy ~ e0 + k*C' --error log --json
exits 0
cp "$work/stdout" fit.json
if needs_python "the fitted law"; then
    k=$(json fit.json '[p for p in r["parameters"] if p["name"] == "k"][0]["estimate"]')
    check "joules a FLOP near the 2.4 to 3.3e-12 that were simulated ($k)" awk -v k="$k" 'BEGIN { exit !(k > 2.4e-12 && k < 3.3e-12) }'
    check "12 rows" [ "$(json fit.json 'r["n"]')" = 12 ]
    check "pre-run law" [ "$(json fit.json 'r["law"]["post_run"]')" = False ]
fi
run fit sweep.csv --scope gpu --law 'log(energy) ~ b0 + a*log(duration)' --pre-run
exits 2; says_part "reads 'duration', which is known only after a run"

# ---- what Windows writes is said to be that, whichever way round, with its mark or without ----
for bytes in UTF-16 UTF-16LE UTF-16BE; do
    iconv -f UTF-8 -t "$bytes" "$examples/simulated_gpu_power.csv" >wide.csv
    for how in "import" "import --from nvidia-smi" "import --from sampler" "plot trace"; do
        # shellcheck disable=SC2086
        run $how wide.csv -o wide.svg
        exits 3; says_part "this is UTF-16 text, as PowerShell writes it, expected UTF-8; save it as that, or convert it: iconv"
    done
done

# ---- by name ----
run import "$examples/simulated_emissions.csv" --join "$examples/simulated_runs.csv" --on run_id -o named.csv
exits 0; balances
check "a row a run" [ "$(wc -l <named.csv)" -eq 13 ]
check "one run_id" [ "$(head -1 named.csv | tr ',' '\n' | grep -c run_id)" -eq 1 ]

# ---- unmatched on both sides: refused with places, kept, dropped ----
head -5 "$examples/simulated_runs.csv" >some.csv
echo 'bert-99x9,2026-08-15T23:00:00,2026-08-15T23:10:00,99,9,1,1,1' >>some.csv
run import "$examples/simulated_emissions.csv" --join some.csv --on run_id -o none.csv --ledger refused.csv
exits 3; prints_nothing
says_part "some.csv:6: the run has no record"
says_part "simulated_emissions.csv:11: no run has the record's run_id 'bert-8x256'"
says_part "... and 4 more (--ledger FILE lists all)"
says_part "error: the join leaves 1 runs without a record, 8 records without a run (--unmatched keep or drop)"
check "nothing was written" [ ! -e none.csv ]
check "the ledger has all of them" [ "$(grep -c "no run has\|no record" refused.csv)" -eq 9 ]
run import "$examples/simulated_emissions.csv" --join some.csv --on run_id --unmatched keep -o kept.csv
exits 0; balances
check "four pairs, a run and eight records" [ "$(wc -l <kept.csv)" -eq 14 ]
check "the key of a record without a run" grep -q '^bert-12x1024,' kept.csv
run import "$examples/simulated_emissions.csv" --join some.csv --on run_id --unmatched drop -o dropped.csv
exits 0; balances; says_part "rejected"
check "four pairs" [ "$(wc -l <dropped.csv)" -eq 5 ]

# ---- several records of one format for one run ----
printf 'run_id,layers\nlog,12\n' >one.csv
run import "$corpus/zeus-monitor/log.csv" --join one.csv --on run_id
exits 3; says_part "one.csv:2: the run has 3 records"; says_part "--join-many keeps each"
run import "$corpus/zeus-monitor/log.csv" --join one.csv --on run_id --join-many -o many.csv
exits 0; balances
check "a row a window" [ "$(wc -l <many.csv)" -eq 4 ]
run import "$corpus/zeus-monitor/log.csv" --where 'window == "training"' --join one.csv --on run_id -o training.csv
exits 0; balances
check "the window asked for" [ "$(column training.csv gpu_energy_J)" = 61000.625 ]
printf 'run_id,layers\nlog,12\nlog,24\n' >twice.csv
run import "$corpus/zeus-monitor/log.csv" --join twice.csv --on run_id
exits 3; says_part "twice.csv:3: run_id 'log' stands in line 2 too"

# ---- a name of another column; a table that says how many GPUs were used ----
printf 'name,gpus,layers\nbert/first try/2026-08-15 10:00:00,1,12\nbert/second try/2026-08-15 12:00:00,4,24\n' >names.csv
run import "$corpus/eco2ai-old/emission.csv" --join names.csv --on name=run_id -o eco.csv
exits 0
check "columns of one name are kept apart" [ "$(column eco.csv tracker_gpus | head -1)" = 1 ]
printf 'name,gpus\nb1c2,2\nd3e4,1\n' >gpus.csv
run import "$corpus/eco2ai-epochs/emission.csv" --join gpus.csv --on name=run_id -o eco.csv
exits 0; says_part "4 GPUs were measured, the run used 2"; says_part "W_SUSPECT_ENERGY"

# ---- a training log gives what the energy tracker lacks ----
mkdir run7
cp "$corpus/hugging-face-state/trainer_state.json" run7/
printf 'run_id,layers\nrun7,12\n' >seven.csv
run import "$corpus/zeus-monitor-offset-gpus/run7.csv" run7/trainer_state.json --where 'isna(window) || window == "training"' \
    --join seven.csv --on run_id -o seven_out.csv
exits 0; balances
check "energy of one, FLOPs of the other" [ "$(column seven_out.csv gpu_energy_J)/$(column seven_out.csv total_flos)" = "21000/5.5e+16" ]

# ---- a counter and a trace of one run that disagree ----
printf 'start_time,window_name,elapsed_time,gpu0_energy\n1786784400,w,30,12000\n' >run9.csv
{ echo "timestamp, index, power.draw [W]"; for s in $(seq 10 40); do echo "2026/08/15 10:00:$s.000, 0, 300.00 W"; done; } >run9.smi.csv
printf 'run_id\nrun9\n' >nine.csv
run import run9.smi.csv run9.csv --join nine.csv --on run_id -o nine_out.csv
exits 0; says_part "W_COUNTER_TRACE"; says_part "33.3 % apart"
check "the counter is kept" [ "$(column nine_out.csv gpu_energy_J)" = 12000 ]

# ---- windows ----
run import run9.smi.csv --window 2026-08-15T10:00:15,2026-08-15T10:00:25 -o cut.csv
exits 0
check "ten seconds of 300 W" [ "$(column cut.csv gpu_energy_J)" = 3000 ]
run import run9.smi.csv --shift 3600 --window 2026-08-15T11:00:15,2026-08-15T11:00:25 -o cut.csv
exits 0
check "a clock one hour off" [ "$(column cut.csv gpu_energy_J)" = 3000 ]
# a counter is read evenly between its readings: 305 W for 15 s, then 300 W for 15 s
run import "$corpus/dcgm-metrics/metrics.txt" --window 2026-08-15T10:00:05,2026-08-15T10:00:20 -o cut.csv
exits 0
check "10 s of 305 W and 5 s of 300 W" [ "$(column cut.csv gpu_energy_J)" = 4550 ]
# a run that lies in a gap has no energy, and the others keep theirs
{ cat run9.smi.csv; for s in $(seq 10 40); do echo "2026/08/15 10:05:$s.000, 0, 200.00 W"; done; } >gap.csv
printf 'run,begin,duration_s\na,2026-08-15T10:00:10,30\nb,2026-08-15T10:00:45,240\nc,2026-08-15T10:05:10,30\n' >three.csv
run import gap.csv --join three.csv --window begin,duration_s
exits 3; says_part "three.csv:3: the run has no record"; says_part "run 2 has no energy"
run import gap.csv --join three.csv --window begin,duration_s --unmatched drop -o three_out.csv
exits 0; balances
check "the two others" [ "$(column three_out.csv gpu_energy_J | tr '\n' ' ')" = "9000 6000 " ]
printf 'run,begin,duration_s\nearly,2026-08-15T08:00:00,600\n' >early.csv
run import run9.smi.csv --join early.csv --window begin,duration_s
exits 3; says_part "early.csv:2: the run has no record"; says_part "measures none of the runs' windows"

# ---- board limits from the hardware catalogue ----
printf 'timestamp,project_name,run_id,duration,emissions,emissions_rate,cpu_power,gpu_power,ram_power,cpu_energy,gpu_energy,ram_energy,energy_consumed,country_name,country_iso_code,region,cloud_provider,cloud_region,os,python_version,cpu_count,cpu_model,gpu_count,gpu_model,longitude,latitude,ram_total_size,tracking_mode,on_cloud
2026-08-15T10:00:00,p,a,3600,0,0,0,0,0,0.01,0.9,0.01,0.92,F,FRA,r,,,L,3,1,c,1,1 x NVIDIA A100-SXM4-40GB,0,0,1,machine,N\n' >hot.csv
run import hot.csv -o hot_out.csv
exits 0; says_part "outside idle to 1.6 TDP"

# ---- DATA of other commands ----
run fit "$examples/simulated_emissions.csv" --scope gpu --law 'log(energy) ~ b0 + a*log(duration)' --json
exits 0
cp "$work/stdout" direct.json
if needs_python "a tracker file as DATA"; then
    check "a row a run, not a snapshot" [ "$(json direct.json 'r["n"]')" = 12 ]
    check "the file's digest" [ "$(json direct.json 'r["data"]["sha256"]')" = "$(sha256sum <"$examples/simulated_emissions.csv" | cut -c1-64)" ]
fi
# a researcher's own table with such columns is no tracker file
printf 'run_id,duration,emissions,energy_consumed,country_iso_code,layers\na,10,1,0.1,FRA,2\nb,20,1,0.2,FRA,4\nc,40,1,0.41,FRA,8\n' >own.csv
run proxies own.csv --let 'x = layers*2' --format csv
exits 0; prints_part "run_id,duration,emissions,energy_consumed,country_iso_code,layers"
run proxies "$corpus/zeus-traces-power/summary_power_v100.csv" --let 'x = batch_size' --format csv
exits 0; prints_part "time_per_epoch"
run proxies "$corpus/zeus-traces-power/summary_power_v100.csv" --from zeus-traces --let 'x = batch_size' --format csv
exits 0; prints_part "gpu_energy_J"

# ---- usage ----
run import
exits 2; says_part "expected tracker files"
run import own.csv
exits 3; says_part "own.csv: this is no tracker file that is known (codecarbon, nvidia-smi,"
run import own.csv --from codecarbn
exits 2; says_part "--from: no format 'codecarbn'"
run import "$examples/simulated_emissions.csv" --join some.csv
exits 2; says_part "--join needs --on COLUMN or --window START,END"
run import "$examples/simulated_emissions.csv" --join some.csv --on runid
exits 2; says_part "no column 'runid' in some.csv (did you mean 'run_id'?)"
run import "$examples/simulated_emissions.csv" --join some.csv --window start,finish
exits 2; says_part "no column 'finish'"
run_with "$examples/simulated_emissions.csv" import - --from codecarbon -o stdin.csv
exits 0
check "standard input" [ "$(wc -l <stdin.csv)" -eq 13 ]

# ---- nodes: logs of one format from several files measure one run together; key and time side by side ----
for node in 0 1; do
    awk -v w=$((100 * (node + 1))) 'BEGIN { print "timestamp, index, power.draw [W]"
        for (i = 0; i <= 120; i++) for (g = 0; g < 2; g++)
            printf "2026/08/15 10:%02d:%02d.000, %d, %d W\n", i / 60, i % 60, g, w }' >node$node.csv
done
printf 'run,start,end,n\nA,2026-08-15T10:00:10,2026-08-15T10:00:50,1\nB,2026-08-15T10:01:00,2026-08-15T10:01:40,2\n' >two.csv
run import node0.csv node1.csv --join two.csv --window start,end
exits 3; says_part "2 runs with several records of one format (--join-many keeps each, --sum-nodes adds those of several files)"
run import node0.csv node1.csv --join two.csv --window start,end --sum-nodes --ledger nodes.csv -o both.csv
exits 0; balances
# 40 s of two GPUs at 100 W and two at 200 W
check "joules of both nodes" [ "$(column both.csv gpu_energy_J | tr '\n' ' ')" = "24000 24000 " ]
check "GPUs of both nodes" [ "$(column both.csv gpus | tr '\n' ' ')" = "4 4 " ]
check "each is in the ledger" [ "$(grep -c "a further node of the run" nodes.csv)" -eq 2 ]
{
    echo timestamp,project_name,run_id,duration,emissions,emissions_rate,cpu_power,gpu_power,ram_power,cpu_energy,gpu_energy,ram_energy,energy_consumed,country_name,country_iso_code,region,cloud_provider,cloud_region,os,python_version,codecarbon_version,cpu_count,cpu_model,gpu_count,gpu_model,longitude,latitude,ram_total_size,tracking_mode,on_cloud,pue
    for run in A B; do
        echo "2026-08-15T10:00:50,p,$run,40,0.9,0.00025,42.5,0,94.5,0.0005,0,0.001,0.0015,France,FRA,,,,L,3.11,2.3.4,64,AMD,,,2,48,252.0,machine,N,1.0"
    done
} >emissions.csv
run import node0.csv node1.csv emissions.csv --join two.csv --on run=run_id --window start,end --sum-nodes --ledger nodes.csv -o all.csv
exits 0; balances; says_part "the record's middle lies outside the window of line 3"
check "the logs by time, the table by its key" [ "$(column all.csv gpu_energy_J | tr '\n' ' ')/$(column all.csv cpu_energy_J | tr '\n' ' ')" = "24000 24000 /1800 1800 " ]
check "a total without GPU gets the GPU's energy" [ "$(column all.csv total_energy_J | tr '\n' ' ')" = "29400 29400 " ]
check "and its scope" [ "$(column all.csv scope | sort -u)" = "gpu+cpu+ram" ]

# logs of one run's GPUs, a file each: energies are added
old="$JOULEFIT_SOURCE/tests/data/trackers/zeus-old-log/bs32+e1+gpu0.power.log"
cp "$old" bs32+e1+gpu0.power.log
sed 's/,50000$/,150000/' "$old" >bs32+e1+gpu1.power.log
run import bs32+e1+gpu0.power.log -o gpu0.csv --quiet
run import bs32+e1+gpu1.power.log -o gpu1.csv --quiet
run import bs32+e1+gpu0.power.log bs32+e1+gpu1.power.log --ledger gpus.csv -o gpus_both.csv
exits 0; balances
check "one run of two GPUs" [ "$(column gpus_both.csv gpus)" = 2 ]
check "joules of both" [ "$(column gpus_both.csv gpu_energy_J)" = "$(($(column gpu0.csv gpu_energy_J) + $(column gpu1.csv gpu_energy_J)))" ]
check "which differ" [ "$(column gpu0.csv gpu_energy_J)" != "$(column gpu1.csv gpu_energy_J)" ]
check "the second file is in the ledger" grep -q 'gpu1.power.log,,,bs32+e1,a further GPU of the run' gpus.csv
finish
