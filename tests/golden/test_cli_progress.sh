#!/usr/bin/env bash
# Progress: on a terminal what takes more than a second says how far it is; elsewhere not a byte is written.
. "$(dirname "$0")/cli.bash"
sweep="$source_folder/data/sets/bert_sweep_simulated.csv"
if ! command -v script >/dev/null; then
    echo "SKIPPED: progress on a terminal, needs script (util-linux)"
    exit 77
fi

# shows_progress STAGE WORDS...: the job is far longer than the three seconds after which it is interrupted.
shows_progress() {
    local stage=$1
    shift
    last="joulefit $* (on a terminal)"
    TERM=xterm timeout -k 1 20 script -qfec "timeout -s INT -k 5 3 $(printf '%q ' "$JOULEFIT" "$@")" terminal \
        </dev/null >stdout 2>stderr
    code=$?
    check "tells how far '$stage' is, and the time that is left" grep -qa "$stage: [0-9]* %, [0-9.]* \(s\|min\|h\) left" terminal
}
shows_progress bootstrap fit "$sweep" --proxy C,M,eta --law roofline --ci bootstrap --bootstrap 1e6 --threads 1
shows_progress validation compare "$sweep" --proxy C,M,eta --law roofline --law compute_floor --group num_layers \
    --validate grouped:repeats=3000 --threads 1
shows_progress recovery simulate compute_power --design "$source_folder/data/sets/published_runs.csv" --where 'C > 0' \
    --ci bootstrap --replicates 100000 --threads 1

# What is quick, and what has no terminal, shows nothing.
TERM=xterm timeout -k 1 20 script -qfec "$(printf '%q ' "$JOULEFIT" fit "$sweep" --law 'log(energy) ~ b0 + a*log(gpus)')" quiet </dev/null >/dev/null 2>&1
last="a quick fit on a terminal"
check "what is quick shows nothing" [ "$(grep -ca ' left' quiet)" -eq 0 ]
run proxies "$sweep" --proxy C
says_nothing
finish
