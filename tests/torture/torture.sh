#!/usr/bin/env bash
# ./run torture [N]: jobs are killed, interrupted and starved of disk N times (100), each at a random moment, and
# run again until they are done: the result must have the bytes of a run that nobody disturbed, with 1, 2 or 8 threads,
# every second round while other processes want the machine; files that were there before must be whole at every
# moment. Prints what was done; exits with 1, and keeps its folder, when anything differed.
set -uo pipefail
program=$(readlink -f "$1")
source_folder=$(readlink -f "$2")
rounds=${3:-100}
RANDOM=${4:-20260623} # the seed of what is drawn here
work=$(mktemp -d)
disk=""
load=()
clean_up() {
    [ ${#load[@]} -eq 0 ] || kill "${load[@]}"
    [ -z "$disk" ] || umount "$disk"
    if [ "${failures:-1}" -eq 0 ]; then rm -rf "$work"; else echo "what differed is kept in $work"; fi
}
trap clean_up EXIT
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

# The study: analyses that are kept one by one, two of which go on where they were stopped; tables and a figure.
write_study() {
    cat <<YAML
title: $1
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
}

declare -A milliseconds
failures=0
wrong() {
    failures=$((failures + 1))
    echo "WRONG in round $round ($name, $how, $threads threads): $1"
}

# now in milliseconds
clock() { echo $(($(date +%s%N) / 1000000)); }

# timed NAME WORDS...: undisturbed, on one thread
timed() {
    local begun name=$1
    shift
    begun=$(clock)
    if ! "$program" "$@" --quiet --threads 1 >/dev/null; then
        echo "the job '$name' does not run by itself"
        exit 1
    fi
    milliseconds[$name]=$(($(clock) - begun))
    echo "$name takes ${milliseconds[$name]} ms undisturbed"
}

# begin_and_disturb WORDS...: a job, and the signal at some moment of it
begin_and_disturb() {
    local process at=$((RANDOM % (milliseconds[$name] + 1)))
    "$program" "$@" --threads "$threads" 2>>log >/dev/null </dev/null &
    process=$!
    sleep "$(printf '%d.%03d' $((at / 1000)) $((at % 1000)))"
    kill -s "$how" "$process" 2>/dev/null
    wait "$process" 2>/dev/null
}
finish_job() { "$program" "$@" --threads "$threads" 2>>log >/dev/null </dev/null || wrong "the last run failed"; }

# A round of signals: up to three before the job may end. What stood at -o before stays until the new is whole.
disturb() {
    local times=$((RANDOM % 3 + 1)) i
    echo old >out.json
    for ((i = 0; i < times; i++)); do
        begin_and_disturb "${words[@]}" -o out.json --format json
        if [ "$(cat out.json)" != old ] && ! cmp -s out.json "$name.whole"; then wrong "the output is half written"; fi
    done
    finish_job "${words[@]}" -o out.json --format json
    cmp -s out.json "$name.whole" || { wrong "other bytes than undisturbed"; cp out.json "wrong.$round"; }
    [ ! -e out.json.partial ] || wrong "a checkpoint is left of a finished job"
}

# same_study FOLDER OTHER: but for the manifest, which says when it was made; more words go to diff
same_study() { diff -rq -x manifest.json "${@:3}" "$1" "$2" >differences; }

# The same of a study: nothing stands in its folder before all of it does, and no part is begun anew that was finished.
disturb_study() {
    local times=$((RANDOM % 3 + 1)) i
    rm -rf out
    for ((i = 0; i < times; i++)); do
        begin_and_disturb run study.yaml -o out
        [ ! -e out/manifest.json ] || same_study out study.whole || wrong "the study is half in place"
    done
    finish_job run study.yaml -o out
    same_study out study.whole || { wrong "other bytes than undisturbed: $(cat differences)"; cp -r out "wrong.$round"; }
}

# A disk of 64 kB: either the job says that it cannot write and leaves what was there, or its bytes are right. With
# room again it goes on.
starve() {
    local code room=$((RANDOM % 60 + 1))
    echo old >"$disk/out.json"
    head -c "$((room * 1000))" /dev/zero >"$disk/filler"
    "$program" "${words[@]}" --threads "$threads" -o "$disk/out.json" --format json 2>>log >/dev/null
    code=$?
    case $code in
    0) cmp -s "$disk/out.json" "$name.whole" || wrong "exit 0 and other bytes" ;;
    5) [ "$(cat "$disk/out.json")" = old ] || wrong "exit 5 and the old output is gone" ;;
    *) wrong "exit $code on a full disk" ;;
    esac
    [ -z "$(find "$disk" -name '.joulefit-*.tmp')" ] || wrong "something half written is left on the full disk"
    rm -f "$disk/filler"
    mount -o remount,size=16m "$disk"
    finish_job "${words[@]}" -o "$disk/out.json" --format json
    cmp -s "$disk/out.json" "$name.whole" || wrong "other bytes than with room"
    empty_disk 64k
}

# empty_disk SIZE: for what comes next
empty_disk() {
    find "$disk" -mindepth 1 -delete
    mount -o remount,size="$1" "$disk"
}

# The same of a study over an earlier one, with room for a part of the new one.
starve_study() {
    local code room
    room=$((RANDOM % $(du -sk study.whole | cut -f1)))
    mount -o remount,size=64m "$disk"
    cp -r study.before "$disk/out"
    mount -o remount,size="$(($(du -sk "$disk" | cut -f1) + room + 8))k" "$disk"
    "$program" run study.yaml -o "$disk/out" --threads "$threads" 2>>log >/dev/null
    code=$?
    case $code in
    0) same_study "$disk/out" study.whole || wrong "exit 0 and other bytes: $(cat differences)" ;;
    5) same_study "$disk/out" study.before -x .partial || # finished parts wait there
         wrong "exit 5 and the earlier study is not what it was: $(cat differences)" ;;
    *) wrong "exit $code on a full disk" ;;
    esac
    mount -o remount,size=64m "$disk"
    finish_job run study.yaml -o "$disk/out"
    same_study "$disk/out" study.whole || wrong "other bytes than with room: $(cat differences)"
    empty_disk 64k
}

for name in "${names[@]}"; do
    job "$name"
    timed "$name" "${words[@]}" -o "$name.whole" --format json
done
write_study "An earlier study" >study.yaml
timed study run study.yaml -o study.before
write_study "A study to be tortured" >study.yaml
timed study run study.yaml -o study.whole
names+=(study)

mkdir disk
if mount -t tmpfs -o size=64k tmpfs disk 2>/dev/null; then
    disk=$work/disk
else
    echo "SKIPPED: the full disk, which only root can mount; every other way is taken instead"
fi

# put_load: as many processes that only want the machine as it has processors
put_load() {
    local i
    for ((i = 0; i < $(nproc); i++)); do
        while :; do :; done &
        load+=($!)
    done
}
take_load() {
    kill "${load[@]}"
    wait "${load[@]}" 2>/dev/null
    load=()
}

declare -A done_of threads_of
for ((round = 1; round <= rounds; round++)); do
    name=${names[RANDOM % ${#names[@]}]}
    ways=(KILL INT TERM)
    [ -z "$disk" ] || ways+=(FULL)
    how=${ways[RANDOM % ${#ways[@]}]}
    some=(1 2 8)
    threads=${some[RANDOM % 3]}
    ((round % 2)) || put_load
    job "$name"
    case $name,$how in
    study,FULL) starve_study ;;
    study,*) disturb_study ;;
    *,FULL) starve ;;
    *) disturb ;;
    esac
    ((round % 2)) || take_load
    done_of[$name,$how]=$((${done_of[$name,$how]:-0} + 1))
    threads_of[$threads]=$((${threads_of[$threads]:-0} + 1))
done
for key in $(printf '%s\n' "${!done_of[@]}" | sort); do echo "${key/,/ by } ${done_of[$key]} times"; done
for key in 1 2 8; do echo "with $key threads ${threads_of[$key]:-0} times"; done
echo "$(grep -c 'going on where a stopped run was' log) runs went on from a checkpoint; $(grep -c 'unchanged, kept' log) analyses were kept"
left=$(find . -name '.joulefit-*.tmp' | wc -l)
echo "$rounds rounds, every second one under load, $failures wrong; temporary files left by kill -9: $left"
exit $((failures > 0))
