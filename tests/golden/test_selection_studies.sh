#!/usr/bin/env bash
# Whole studies of selection, twenty laws and more under three plans beside all baselines: on the bundled simulated
# sweep, whose truth is known, and on measured sweeps where they are there.
source "$JOULEFIT_SOURCE/tests/golden/cli.bash"
command -v python3 >/dev/null || { echo "SKIPPED: needs python3 to read JSON"; exit 77; }
sweep=$JOULEFIT_SOURCE/data/sets/bert_sweep_simulated.csv
on_a100=(--where 'startswith(gpu, "NVIDIA A100")' --proxy C,M,tokens,params,batch,flops_step,comm_bytes_step
    --group num_layers,hidden_size)
both_ways=(--validate grouped:repeats=10,test=0.3 --validate extrapolate:C:0.75 --validate extrapolate:C:0.25:down)
quick=(--interval none --ablate none --starts 16 --quiet)
laws=()
add() { laws+=(--law "$1"); }

# given: laws that are no baselines; a dictionary of them by name stands in `law`.
ask() { check "$1" [ "$(json "$2" "(lambda given, law: $3)([c for c in r['candidates'] if not c['baseline']], {c['law']['name']: c for c in r['candidates']})")" = "True" ]; }
error_of() { echo "law['$1']['validation'][$2]['pooled']['rmse_log']"; }

# ---- the headline: products of powers fail outside where the additive law holds ----

products=('product_all: log(energy) ~ b0 + a*log(C) + m*log(M) + l*log(num_layers) + b*log(batch) + q*log(tokens) + s[strategy = "Baseline"]*log2(gpus)'
    'product_layers: log(energy) ~ b0 + a*log(C) + l*log(num_layers) + b*log(batch) + g*log(gpus) + r[strategy = "Baseline"]'
    'product_shape: log(energy) ~ b0 + l*log(num_layers) + d*log(hidden_size) + s*log(seq_length) + b*log(batch_size) + g*log(gpus) + r[strategy = "Baseline"]')
run compare "$sweep" "${on_a100[@]}" "${both_ways[@]}" "${quick[@]}" --law step_energy --law "${products[0]}" \
    --law "${products[1]}" --law "${products[2]}" --no-baselines --save headline.json
exits 0
check "the headline puts both directions beside the grouped score" grep -qE '^  law +k +grouped +up +down' "$work/stdout"
check "the additive law stands first" grep -qE '^\* step_energy ' "$work/stdout"
check "the verdict speaks of extrapolation first" grep -q '^Outside the data step_energy held' "$work/stdout"
for name in product_all product_layers product_shape; do
    for plan in 1 2; do
        ask "$name is off by a factor outside (plan $plan) where the additive law is not" headline.json \
            "$(error_of $name $plan) > 5 * $(error_of step_energy $plan) and law['$name']['validation'][$plan]['factor90'] > 1.75 and law['step_energy']['validation'][$plan]['factor90'] < 1.2"
    done
    ask "$name does worse beyond the largest runs than inside" headline.json "$(error_of $name 1) > 1.3 * $(error_of $name 0)"
    ask "$name is told apart from the additive law" headline.json "'$name' not in r['indistinguishable']"
done
run compare "$sweep" "${on_a100[@]}" "${both_ways[@]}" "${quick[@]}" --law "${products[0]}" --law "${products[1]}" --no-baselines
exits 0
check "alone, a product is said not to hold" grep -q '^Outside the data product_[a-z]* did not hold: errors there are' "$work/stdout"

# ---- twenty laws on the simulated sweep ----

S='r[strategy = "Baseline"]'
laws+=(--law step_energy --law compute_power --law compute_floor --law token_law --law batch_saturating)
step='gpus^p[strategy = "Baseline"] * tokens^q * batch^b * (h0[strategy] + h1[strategy]*num_layers + ec*flops_step + ev[strategy = "Baseline"]*comm_bytes_step'
add "step_width: log(energy) ~ log($step)) + w*log(num_attention_heads)"
add "step_quadratic: log(energy) ~ log($step + e2*num_layers^2))"
add "step_plain: log(energy) ~ p*log(gpus) + q*log(tokens) + b*log(batch) + log(h0 + h1*num_layers + ec*flops_step)"
add "step_no_comm: log(energy) ~ p[strategy = \"Baseline\"]*log(gpus) + q*log(tokens) + b*log(batch) + log(h0[strategy] + h1[strategy]*num_layers + ec*flops_step)"
add "product: log(energy) ~ b0 + a*log(C) + m*log(M) + g*log(gpus) + $S"
add "product_batch: log(energy) ~ b0 + a*log(C) + b*log(batch) + g*log(gpus) + $S"
add "product_layers: log(energy) ~ b0 + a*log(C) + l*log(num_layers) + b*log(batch) + g*log(gpus) + $S"
add "product_slopes: log(energy) ~ b0 + a*log(C) + b*log(batch) + s[strategy = \"Baseline\"]*log2(gpus)"
add "product_all: log(energy) ~ b0 + a*log(C) + m*log(M) + l*log(num_layers) + b*log(batch) + q*log(tokens) + s[strategy = \"Baseline\"]*log2(gpus)"
add "product_shape: log(energy) ~ b0 + l*log(num_layers) + d*log(hidden_size) + s*log(seq_length) + b*log(batch_size) + g*log(gpus) + $S"
add "product_shape_slopes: log(energy) ~ b0 + l*log(num_layers) + d*log(hidden_size) + s*log(seq_length) + b*log(batch_size) + r[strategy = \"Baseline\"]*log2(gpus)"
add "params_tokens: log(energy) ~ b0 + n*log(params) + t*log(tokens) + g*log(gpus) + $S"
add "flops_step: log(energy) ~ b0 + a*log(flops_step) + g*log(gpus) + $S"
add "memory: log(energy) ~ b0 + m*log(M) + g*log(gpus) + $S"
add "compute_gpus: log(energy) ~ b0 + a*log(C) + g*log(gpus)"
add "floor_gpus: log(energy) ~ log(k*C^a + e0) + g*log(gpus) + $S"
run compare "$sweep" "${on_a100[@]}" "${both_ways[@]}" "${quick[@]}" "${laws[@]}" --save sweep.json
exits 0; prints_part "Comparison of "
check_study() { # FILE PLANS
    ask "at least twenty laws under $2 plans, each with its scores" "$1" \
        "len(given) >= 20 and len(r['plans']) == $2 and all(len(c['validation']) == $2 for c in r['candidates'])"
    ask "every law was fitted" "$1" "all(c['fit']['outcome'] != 'failed' for c in given)"
    ask "all baselines, or why not" "$1" \
        "'mean' in law and any(n.startswith('power(') for n in law) and 'device-seconds' in law and (r['trees']['state'] == 'no_library' or {'boosted trees', 'random forest'} <= set(law))"
    ask "the verdict begins with what was outside and names the ties" "$1" \
        "r['verdict'].startswith('Outside the data ' + r['best']['law'] + ' ') and (not r['indistinguishable'] or 'cannot be told apart' in r['verdict'])"
}
check_study sweep.json 3
ask "the true form wins or ties" sweep.json "r['best']['law'] == 'step_energy' or 'step_energy' in r['indistinguishable']"
ask "a law that holds the true form and more ties, and the verdict says so" sweep.json \
    "len({'step_energy', 'step_width', 'step_quadratic'} & (set(r['indistinguishable']) | {r['best']['law']})) == 3 and 'cannot be told apart from it' in r['verdict']"
ask "no product of powers ties" sweep.json "not any(n.startswith('product') for n in r['indistinguishable'])"
ask "what stands within the true form is found and tested" sweep.json \
    "any(t['kind'] == 'nested_f' and t['a'] == 'step_energy' and t['b'] == 'step_width' and t['nested'] == 'curve' for t in r['tests'])"

# ---- measured sweeps ----

measured=${JOULEFIT_SHARED:-}/ecai2025/transformer_energy.csv
[ -e "$measured" ] || measured=${JOULEFIT_SHARED:-}/data/ecai2025/transformer_energy.csv
if [ -e "$measured" ]; then
    laws=()
    P='a*log(params)'; Q='s*log(seq_length)'; B='b*log(batch_size)'
    add "p: log(energy_joules) ~ b0 + $P"
    add "q: log(energy_joules) ~ b0 + $Q"
    add "pq: log(energy_joules) ~ b0 + $P + $Q"
    add "pb: log(energy_joules) ~ b0 + $P + $B"
    add "pqb: log(energy_joules) ~ b0 + $P + $Q + $B"
    add "ld: log(energy_joules) ~ b0 + l*log(num_layers) + d*log(d_model)"
    add "ldq: log(energy_joules) ~ b0 + l*log(num_layers) + d*log(d_model) + $Q"
    add "ldqb: log(energy_joules) ~ b0 + l*log(num_layers) + d*log(d_model) + $Q + $B"
    add "ldqbh: log(energy_joules) ~ b0 + l*log(num_layers) + d*log(d_model) + h*log(num_attention_heads) + $Q + $B"
    add "flops: log(energy_joules) ~ b0 + a*log(flops_counts)"
    add "flops_floor: log(energy_joules) ~ log(k*flops_counts^a + e)"
    add "flops_q: log(energy_joules) ~ b0 + a*log(flops_counts) + $Q"
    add "flops_pb: log(energy_joules) ~ b0 + a*log(flops_counts) + p*log(params) + $B"
    add "tied: log(energy_joules) ~ b0 + a*log(params*seq_length)"
    add "tied_b: log(energy_joules) ~ b0 + a*log(params*seq_length*batch_size)"
    add "floor: log(energy_joules) ~ log(k*params^a*seq_length^s + e)"
    add "floor_b: log(energy_joules) ~ log(k*params^a*seq_length^s*batch_size^b + e)"
    add "two: log(energy_joules) ~ log(k*params*seq_length + m*seq_length^2*num_layers*d_model + e)"
    add "two_b: log(energy_joules) ~ log((k*params*seq_length + m*seq_length^2*num_layers*d_model)*batch_size + e)"
    add "attention: log(energy_joules) ~ b0 + a*log(params) + log(seq_length + c*seq_length^2/d_model)"
    add "curved: log(energy_joules) ~ b0 + $P + c*log(params)^2 + $Q"
    add "layers: log(energy_joules) ~ log(e + num_layers*(k*d_model^2 + m*d_model*seq_length)*batch_size*seq_length)"
    for model in bert gpt; do
        run compare "$measured" --where "model == \"$model\"" --unit energy_joules=J --group num_layers,d_model \
            "${laws[@]}" "${quick[@]}" --validate grouped:repeats=10,test=0.3 --validate extrapolate:params:0.75 \
            --validate extrapolate:params:0.25:down --save "$model.json"
        exits 0
        check_study "$model.json" 3
    done
else
    echo "SKIPPED: the measured sweeps of ecai2025 are not here"
fi
measured=${measured%/ecai2025/*}/zeus2023/bert_power.csv
if [ -e "$measured" ]; then
    laws=()
    R='r[gpu = "v100"] + s[dataset = "squad"]'
    add "mean_by: log(E) ~ b0 + $R"
    add "batch: log(E) ~ b0 + b*log(batch_size) + $R"
    add "limit: log(E) ~ b0 + p*log(power_limit_W) + $R"
    add "both: log(E) ~ b0 + b*log(batch_size) + p*log(power_limit_W) + $R"
    add "curved_b: log(E) ~ b0 + b*log(batch_size) + c*log(batch_size)^2 + p*log(power_limit_W) + $R"
    add "curved_p: log(E) ~ b0 + b*log(batch_size) + p*log(power_limit_W) + c*log(power_limit_W)^2 + $R"
    add "curved: log(E) ~ b0 + b*log(batch_size) + d*log(batch_size)^2 + p*log(power_limit_W) + c*log(power_limit_W)^2 + $R"
    add "gpu_slopes: log(E) ~ h[gpu] + p[gpu]*log(power_limit_W) + b*log(batch_size) + s[dataset = \"squad\"]"
    add "gpu_batch: log(E) ~ h[gpu] + p[gpu]*log(power_limit_W) + b[gpu]*log(batch_size) + s[dataset = \"squad\"]"
    add "gpu_curves: log(E) ~ h[gpu] + p[gpu]*log(power_limit_W) + c[gpu]*log(power_limit_W)^2 + b*log(batch_size) + s[dataset = \"squad\"]"
    add "all_curves: log(E) ~ h[gpu] + p[gpu]*log(power_limit_W) + c[gpu]*log(power_limit_W)^2 + b[gpu]*log(batch_size) + s[dataset = \"squad\"]"
    add "saturating: log(E) ~ log(1 + k/batch_size) + p*log(power_limit_W) + h[gpu] + s[dataset = \"squad\"]"
    add "saturating_b: log(E) ~ log(1 + k[gpu]/batch_size) + p[gpu]*log(power_limit_W) + h[gpu] + s[dataset = \"squad\"]"
    add "cap: log(E) ~ log(1 + k/batch_size) + log(power_limit_W + q/power_limit_W^2) + h[gpu] + s[dataset = \"squad\"]"
    add "cap_gpu: log(E) ~ log(1 + k/batch_size) + log(power_limit_W + q[gpu]/power_limit_W^2) + h[gpu] + s[dataset = \"squad\"]"
    add "cap_any: log(E) ~ log(1 + k/batch_size) + log(power_limit_W + q[gpu]/power_limit_W^m) + h[gpu] + s[dataset = \"squad\"]"
    add "floor_time: log(E) ~ log(power_limit_W) + log(t0 + t1/batch_size) + h[gpu = \"v100\"] + s[dataset = \"squad\"]"
    add "pair: log(E) ~ h[gpu, dataset] + b*log(batch_size) + p*log(power_limit_W)"
    add "pair_curve: log(E) ~ h[gpu, dataset] + b*log(batch_size) + p*log(power_limit_W) + c*log(power_limit_W)^2"
    add "pair_slopes: log(E) ~ h[gpu, dataset] + b[dataset]*log(batch_size) + p[gpu]*log(power_limit_W) + c[gpu]*log(power_limit_W)^2"
    add "pair_sat: log(E) ~ h[gpu, dataset] + log(1 + k[dataset]/batch_size) + p[gpu]*log(power_limit_W) + c[gpu]*log(power_limit_W)^2"
    run compare "$measured" --let 'E [J] = time_per_epoch_s*average_power_W' --let 'duration [s] = time_per_epoch_s' --group gpu,dataset,batch_size "${laws[@]}" "${quick[@]}" \
        --validate grouped:repeats=10,test=0.3 --validate extrapolate:batch_size:0.75 \
        --validate rows:extrapolate:power_limit_W:0.75 --save zeus.json
    exits 0
    check_study zeus.json 3
else
    echo "SKIPPED: the measured sweep of zeus2023 is not here"
fi
finish
