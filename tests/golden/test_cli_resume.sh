# A job that was interrupted or killed goes on where it was, to the same bytes, and leaves nothing behind.
. "$JOULEFIT_SOURCE/tests/golden/cli.bash"

runs="$source_folder/data/sets/bert_sweep_simulated.csv"
fit=(fit "$runs" --proxy flops_step,comm_bytes_step,batch,tokens --law step_energy --ci bootstrap --bootstrap 2500
    --json --quiet)
compare=(compare "$runs" --proxy C,tokens,params --law compute_floor --law token_law --group num_layers,hidden_size
    --validate grouped:repeats=20,test=0.3 --json --quiet)
simulate=(simulate compute_power --design "$source_folder/data/sets/published_runs.csv" --where 'C > 0' --recover
    --ci bootstrap --bootstrap 100 --replicates 40 --against 'energy ~ e0 + k*C' --sizes 1,2 --json --quiet)

# stop_when_begun SIGNAL CHECKPOINT WORDS...: sends the signal once pieces are in the checkpoint.
stop_when_begun() {
    local signal=$1 partial=$2 process
    shift 2
    last="joulefit $* (stopped by $signal)"
    "$JOULEFIT" "$@" >"$work/stdout" 2>"$work/stderr" </dev/null &
    process=$!
    while kill -0 "$process" 2>/dev/null && [ "$(stat -c %s "$partial" 2>/dev/null || echo 0)" -lt ${least:-3000} ]; do
        sleep 0.05
    done
    kill -s "$signal" "$process" 2>/dev/null
    wait "$process" 2>/dev/null
    code=$?
}

for job in fit compare simulate; do
    declare -n words=$job
    run "${words[@]}" -o whole.json
    exits 0
    cp whole.json "$job.json"
    check "nothing is left of a finished job" [ ! -e whole.json.partial ]
    for signal in INT KILL; do
        rm -f whole.json
        stop_when_begun "$signal" whole.json.partial "${words[@]}" -o whole.json
        if [ "$code" -eq 0 ]; then
            echo "the job was done before $signal came"
        else
            [ "$signal" = KILL ] || exits 130
            check "no half-written output" [ ! -e whole.json ]
            check "finished pieces are kept" [ -s whole.json.partial ]
        fi
        run "${words[@]}" -o whole.json
        exits 0
        check "the same bytes as without the stop" cmp -s whole.json "$job.json"
        check "nothing is left of a finished job" [ ! -e whole.json.partial ]
    done
done

# What is kept belongs to one job: another seed does not read it.
stop_when_begun TERM whole.json.partial "${fit[@]}" -o whole.json
run "${fit[@]}" --seed 7 -o whole.json
exits 0
check "another seed gives other intervals" [ "$(cmp -s whole.json fit.json; echo $?)" -eq 1 ]
run "${fit[@]}" --seed 7 -o again.json
check "and those of that seed" cmp -s whole.json again.json

# A file of that name which is no checkpoint is left alone.
echo "my notes" >whole.json.partial
run "${fit[@]/--quiet/--no-color}" -o whole.json
exits 0
says_part "whole.json.partial: is there, and is no checkpoint"
check "the notes are whole" [ "$(cat whole.json.partial)" = "my notes" ]
check "the result too" cmp -s whole.json fit.json
finish
