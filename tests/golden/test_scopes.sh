# fit --by-scope: each column of the table is the fit that --scope gives; refusals say why.
. "$JOULEFIT_SOURCE/tests/golden/cli.bash"
examples=$source_folder/data/sets/examples
run import "$examples/simulated_emissions.csv" --join "$examples/simulated_runs.csv" --on run_id -o runs.csv
exits 0
law=(--law 'log(energy) ~ b0 + a*log(num_layers) + w*log(hidden_size)')

run fit runs.csv "${law[@]}" --by-scope --save model.json --json
exits 0; cp "$work/stdout" all.json
if needs_python "the law by scope"; then
    check "every scope of the runs, in order" [ "$(json all.json "[s['scope'] for s in r['scopes']]")" = "['gpu', 'cpu', 'ram', 'total']" ]
    for scope in gpu cpu ram total; do
        run fit runs.csv "${law[@]}" --scope $scope --json
        exits 0; cp "$work/stdout" one.json
        wanted=$(json one.json "[(p['name'], p['estimate'], p['std_error']) for p in r['parameters']]")
        check "$scope is the fit of --scope $scope" [ "$(json all.json "[[(p['name'], p['estimate'], p['std_error']) for p in s['parameters']] for s in r['scopes'] if s['scope'] == '$scope'][0]")" = "$wanted" ]
    done
fi
for format in text markdown latex html; do
    run report model.json --format $format
    exits 0
    check "$format has the table" grep -q "the law by scope of the energy" "$work/stdout"
done

run fit runs.csv --law 'log(gpu_energy_J) ~ b0 + a*log(num_layers)' --by-scope
exits 2; says_part "--by-scope: the law's response is 'gpu_energy_J'; write it of 'energy'"
printf 'n,gpu_energy_J\n1,10\n2,20\n3,31\n' >one.csv
run fit one.csv --law 'log(energy) ~ b0 + a*log(n)' --by-scope
exits 2; says_part "--by-scope: the runs tell the energy of one scope only: gpu, so there is nothing to compare"
run_with runs.csv fit - "${law[@]}" --by-scope
exits 2; says_part "--by-scope reads the runs again, which standard input cannot give"
run fit runs.csv "${law[@]}" --by-scop
exits 2; says_part "did you mean '--by-scope'?"
finish
