#!/usr/bin/env bash
# ./run torture [N]: jobs are killed, interrupted and starved of disk N times (100), each at a random moment, and
# run again until they are done: the result must have the bytes of a run that nobody disturbed, and files that
# were there before must be whole at every moment. Prints what was done; exits with 1 when anything differed.
set -uo pipefail
program=$(readlink -f "$1")
source_folder=$(readlink -f "$2")
rounds=${3:-100}
RANDOM=${4:-20260623} # the seed of what is drawn here
work=$(mktemp -d)
disk=""
trap '[ -z "$disk" ] || umount "$disk"; rm -rf "$work"' EXIT
cd "$work" || exit 1
runs="$source_folder/data/sets/bert_sweep_simulated.csv"

# job NAME: sets `words`, a command that takes a second or so and writes out.json.
names=(fit compare simulate)
job() {
    case $1 in
    fit) words=(fit "$runs" --proxy flops_step,comm_bytes_step,batch,tokens --law step_energy --ci bootstrap
        --bootstrap 4000 --json) ;;
    compare) words=(compare "$runs" --proxy C,tokens,params --law compute_floor --law token_law
        --group num_layers,hidden_size --validate grouped:repeats=20,test=0.3 --json) ;;
    simulate) words=(simulate compute_power --design "$source_folder/data/sets/published_runs.csv" --where 'C > 0'
        --replicates 100 --ci bootstrap --bootstrap 50 --json) ;;
    esac
}

declare -A milliseconds
failures=0
wrong() {
    failures=$((failures + 1))
    echo "WRONG in round $round ($name, $how): $1"
}

# now in milliseconds
clock() { echo $(($(date +%s%N) / 1000000)); }

# The study: analyses that are kept one by one, two of which go on where they were stopped; tables and a figure.
cat >study.yaml <<YAML
title: A study to be tortured
data: {file: "$runs", proxy: "C,tokens,params,flops_step,comm_bytes_step,batch"}
analyses:
  quick: {command: fit, law: compute_floor}
  long: {command: fit, law: step_energy, ci: bootstrap, bootstrap: 1000}
  drawn: {command: simulate, law: compute_floor, ci: bootstrap, bootstrap: 20, replicates: 20}
tables:
  parameters: {of: long, table: parameters}
figures:
  parity: {of: long, figure: parity}
YAML

for name in "${names[@]}"; do
    job "$name"
    begun=$(clock)
    if ! "$program" "${words[@]}" --quiet -o "$name.whole" --format json; then
        echo "the job '$name' does not run by itself"
        exit 1
    fi
    milliseconds[$name]=$(($(clock) - begun))
    echo "$name takes ${milliseconds[$name]} ms undisturbed"
done

# A round of signals: up to three before the job may end. What stood at -o before stays until the new is whole.
disturb() {
    local process at times=$((RANDOM % 3 + 1))
    echo old >out.json
    for ((i = 0; i < times; i++)); do
        "$program" "${words[@]}" --quiet -o out.json --format json 2>>log </dev/null &
        process=$!
        at=$((RANDOM % (milliseconds[$name] + 1)))
        sleep "$(printf '%d.%03d' $((at / 1000)) $((at % 1000)))"
        kill -s "$how" "$process" 2>/dev/null
        wait "$process" 2>/dev/null
        if [ "$(cat out.json)" != old ] && ! cmp -s out.json "$name.whole"; then wrong "the output is half written"; fi
    done
    "$program" "${words[@]}" --quiet -o out.json --format json 2>>log || wrong "the last run failed"
    cmp -s out.json "$name.whole" || wrong "other bytes than undisturbed"
    [ ! -e out.json.partial ] || wrong "a checkpoint is left of a finished job"
}

# The same of a study: nothing stands in its folder before all of it does, and no part is begun anew that was finished.
disturb_study() {
    local process at times=$((RANDOM % 3 + 1))
    rm -rf out
    for ((i = 0; i < times; i++)); do
        "$program" run study.yaml -o out --quiet 2>>log >/dev/null </dev/null &
        process=$!
        at=$((RANDOM % (milliseconds[study] + 1)))
        sleep "$(printf '%d.%03d' $((at / 1000)) $((at % 1000)))"
        kill -s "$how" "$process" 2>/dev/null
        wait "$process" 2>/dev/null
        if [ -e out/manifest.json ] && ! diff -r -x manifest.json out study.whole >>log; then wrong "the study is half in place"; fi
    done
    "$program" run study.yaml -o out --quiet 2>>log >/dev/null || wrong "the last run failed"
    diff -r -x manifest.json out study.whole >>log || wrong "other bytes than undisturbed"
}

# A disk of 64 kB: either the job says that it cannot write and leaves what was there, or its bytes are right.
starve() {
    local code room=$((RANDOM % 60 + 1))
    echo old >"$disk/out.json"
    head -c "$((room * 1000))" /dev/zero >"$disk/filler"
    "$program" "${words[@]}" --quiet -o "$disk/out.json" --format json 2>>log
    code=$?
    case $code in
    0) cmp -s "$disk/out.json" "$name.whole" || wrong "exit 0 and other bytes" ;;
    5) [ "$(cat "$disk/out.json")" = old ] || wrong "exit 5 and the old output is gone" ;;
    *) wrong "exit $code on a full disk" ;;
    esac
    rm -f "$disk"/* "$disk"/.joulefit-*
}

begun=$(clock)
"$program" run study.yaml -o study.whole --quiet >/dev/null || { echo "the study does not run by itself"; exit 1; }
milliseconds[study]=$(($(clock) - begun))
echo "study takes ${milliseconds[study]} ms undisturbed"
names+=(study)

mkdir disk
if mount -t tmpfs -o size=64k tmpfs disk 2>/dev/null; then
    disk=$work/disk
else
    echo "SKIPPED: the full disk, which only root can mount"
fi
declare -A done_of
for ((round = 1; round <= rounds; round++)); do
    name=${names[RANDOM % ${#names[@]}]}
    ways=(KILL INT TERM)
    [ -z "$disk" ] || [ "$name" = study ] || ways+=(FULL)
    how=${ways[RANDOM % ${#ways[@]}]}
    if [ "$name" = study ]; then
        disturb_study
    else
        job "$name"
        if [ "$how" = FULL ]; then starve; else disturb; fi
    fi
    done_of[$name,$how]=$((${done_of[$name,$how]:-0} + 1))
done
for key in $(printf '%s\n' "${!done_of[@]}" | sort); do echo "${key/,/ by } ${done_of[$key]} times"; done
left=$(find . -name '.joulefit-*.tmp' | wc -l)
echo "$rounds rounds, $failures wrong; temporary files left by kill -9: $left"
exit $((failures > 0))
