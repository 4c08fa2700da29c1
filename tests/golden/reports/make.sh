#!/bin/bash
# Makes the results whose reports are compared here: run from the project's root with the program's path.
# They are kept as files, so that a moved number in a fit does not move the looks of a report.
set -e
joulefit=${1:-build/dev/joulefit}
here=$(dirname "$0")
sweep="data/sets/bert_sweep_simulated.csv --let C[FLOP]=6*tokens*12*num_layers*hidden_size^2 --group num_layers,hidden_size"
roofline='roofline: log(energy) ~ b0 + a*log(C) + n*log(gpus) + r[strategy = "Baseline"]'
where='startswith(gpu, "NVIDIA A100") && seq_length == 128'
$joulefit fit $sweep --where "$where" --law "$roofline" --save "$here/fit.json" -q > /dev/null
$joulefit compare $sweep --where 'startswith(gpu, "NVIDIA A100")' --law "$roofline" \
    --law 'compute_only: log(energy) ~ b0 + a*log(C)' --law 'device_seconds: log(energy) ~ b0 + a*log(gpus*duration)' \
    --validate grouped:repeats=3,test=0.3 --validate extrapolate:C:0.75 --validate extrapolate:C:0.25:down \
    --json -o "$here/comparison.json" -q

# What figures are drawn from (tests/figure_sources.c).
$joulefit fit $sweep --where "$where" --law "$roofline" --ci profile,bootstrap --bootstrap 200 --contour a,n:0.5,0.95 --save "$here/figures_fit.json" -q > /dev/null
$joulefit fit $sweep --where "$where" --proxy eta --law 'amdahl: eta ~ 1/(1 + s[strategy]*(gpus - 1))' \
    --save "$here/figures_efficiency.json" -q > /dev/null
$joulefit compare $sweep --where "$where" --law 'power: log(energy) ~ b0 + a*log(compute) + n*log(gpus)' \
    --law 'compute_only: log(energy) ~ b0 + a*log(compute)' --multiverse compute=exact,6nd,kaplan \
    --validate grouped:repeats=3,test=0.3 --validate ladder:C:4 --validate extrapolate:C:0.75 \
    --save "$here/figures_comparison.json" -q > /dev/null
