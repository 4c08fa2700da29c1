#!/usr/bin/env bash
# Misspelt names get a suggestion, whatever list they are of: names of every list, with one letter more (of long lists every
# fourth or eighth).
. "$(dirname "$0")/cli.bash"
sweep="$source_folder/data/sets/bert_sweep_simulated.csv"
fit=(fit "$sweep" --law 'log(energy) ~ b0 + a*log(gpus)')
n_tried=0

# suggests NAME WORDS...: the request fails, and its message asks for NAME.
suggests() {
    local name=$1
    shift
    n_tried=$((n_tried + 1))
    run "$@"
    [ "$code" -eq 2 ] || [ "$code" -eq 3 ] || fail "expected exit 2 or 3"
    says_part "did you mean '$name'?"
}
mapfile -t commands < <("$JOULEFIT" help | sed -n '/^usage/,/^'"'"'joulefit/s/^  \([a-z]*\)  .*/\1/p')
for name in "${commands[@]}"; do suggests "$name" "${name}q"; done
for command in fit plot; do
    while read -r option; do
        [ "${#option}" -gt 4 ] && suggests "$option" "$command" "${option}q"
    done < <("$JOULEFIT" help "$command" | grep -o '^ *\(-., \)\?--[a-z][a-z-]*' | grep -o -- '--.*')
done
while read -r name; do suggests "$name" plot "${name}q" x.json -o a.svg; done \
    < <("$JOULEFIT" plot --list --format csv | tail -n +2 | cut -d, -f1)
while read -r name; do suggests "$name" laws "${name}q"; done \
    < <("$JOULEFIT" help --completion bash | grep "'laws ')" | grep -o "'[^']*' --" | tr -d "'" | tr ' ' '\n' | grep '[a-z]' | awk 'NR % 4 == 1')
while read -r name; do [ "${#name}" -gt 3 ] && suggests "$name" proxies --explain "${name}q"; done \
    < <("$JOULEFIT" help --completion bash | grep "'proxies --explain')" | grep -o "'[^']*' --" | tr -d "'" | tr ' ' '\n' | grep '[a-z]' | grep -v flops | awk 'NR % 8 == 1')
while read -r name; do suggests "$name" help "${name}Q"; done \
    < <("$JOULEFIT" help warnings | grep '^W_' | awk 'NR % 4 == 1')
for name in text json csv markdown latex html; do suggests "$name" laws --format "${name}q"; done
for name in classical cluster; do suggests "$name" "${fit[@]}" --se "${name}q"; done
for name in huber softl1 cauchy tukey quantile; do suggests "$name" "${fit[@]}" --loss "${name}q:1"; done
for name in profile bootstrap; do suggests "$name" "${fit[@]}" --ci "${name}q"; done
for name in grouped kfold extrapolate ladder transfer holdout; do
    suggests "$name" compare "$sweep" --law compute_power --proxy C --validate "${name}q:3"
done
for name in strategy hidden_size num_layers duration_s; do
    suggests "$name" fit "$sweep" --law "log(energy) ~ b0 + a*log(gpus)" --where "${name}q == 1"
    suggests "$name" fit "$sweep" --law "log(energy) ~ b0 + a*log(gpus)" --group "${name}q"
done

# Accelerators: the name, as it is asked for or as it stands in a file of runs, is among the nearest.
near() {
    n_tried=$((n_tried + 1))
    [ "$code" -eq 2 ] || [ "$code" -eq 3 ] || fail "expected exit 2 or 3"
    grep -qE "unknown GPU '[^']*' \(nearest: ([^,]*, )*$1[,;]" stderr || fail "expected $1 among the nearest"
}
mapfile -t boards < <("$JOULEFIT" hardware --format csv | tail -n +2 | cut -d, -f1 | awk 'NR % 4 == 1')
check "there are accelerators" [ "${#boards[@]}" -gt 5 ]
for name in "${boards[@]}"; do
    run hardware "${name}q"
    near "$name"
    printf 'gpu,precision\n%s,fp16\n' "${name}q" >board.csv
    run proxies board.csv --proxy peak
    near "$name"
done
last="all lists"
check "many names were tried" [ "$n_tried" -gt 100 ]
finish
