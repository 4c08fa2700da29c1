# What is too large ends in an error that names the limit and the figure, and what would take hours says so first.
. "$JOULEFIT_SOURCE/tests/golden/cli.bash"
line='energy ~ b0 + a*tokens'

# refuses MESSAGE WORDS...: data error, nothing on stdout; stdin is fd 3.
refuses() {
    local message=$1
    shift
    run_with /dev/fd/3 "$@"
    exits 3
    prints_nothing
    says_part "joulefit: error: $message"
}

# One field, and one quote that never closes, of 100 MB: the limit is 64 MiB, and no more is read than that.
exec 3< <({ printf 'energy_J,tokens\n1,'; head -c 100000000 /dev/zero | tr '\0' x; } 2>/dev/null)
refuses "stdin:2: a line is longer than 67108864 bytes" fit - --law "$line"
exec 3< <({ printf 'energy_J,tokens\n1,"'; yes abcdefghijklmnopqrstuvwxyz | head -c 100000000; } 2>/dev/null)
refuses "stdin: no row could be read; the first is line 2: a quote is opened and not closed within 67108864 bytes" fit - --law "$line"

# A million columns, a quarter of a million levels, a label that every run has for itself.
exec 3< <(awk 'BEGIN { printf "energy_J"; for (i = 0; i < 1000000; i++) printf ",c%d", i; print "" }')
refuses "stdin: 1000001 columns, more than the limit of 100000" fit - --law "$line"
levels() { awk -v n="$1" -v each="$2" 'BEGIN { print "energy_J,tokens,run"; for (i = 0; i < n*each; i++) print 1 + i%97 "," 1 + i%31 ",r" i%n }'; }
exec 3< <(levels 250000 1)
refuses "law 'law1' has 250001 free parameters, but only 250000 rows can be used" fit - --law 'log(energy) ~ h[run] + b*log(tokens)'
exec 3< <(levels 100000 2)
refuses "law 'law1': out of memory for 100001 free parameters on 200000 rows: 480 GB more were wanted, and --memory allows 1 GB in all" \
    fit - --law 'log(energy) ~ h[run] + b*log(tokens)' --memory 1GB

# Memory that is set is kept to while reading, too.
exec 3< <(levels 1000 1000)
refuses "out of memory for" fit - --law "$line" --memory 20M
says_part "and --memory allows 21 MB in all"

# Counts have ends.
exec 3</dev/null
levels 3 4 >ok.csv
for words in '--bootstrap 1e12 --ci bootstrap' '--starts 1e12' '--threads 100000'; do
    read -ra list <<<"$words"
    run fit ok.csv --law "$line" "${list[@]}"
    exits 2; says_part "${list[0]}: expected a whole number from "
done
run compare ok.csv --law "$line" --validate grouped:repeats=1e9,test=0.3
exits 2; says_part "repeats"

# Work that cannot tell how far it is says what it will take before it begins, and a signal ends it.
levels 8000 2 >slow.csv
"$JOULEFIT" fit slow.csv --law 'log(energy) ~ h[run] + b*log(tokens)' --memory 100G -o out.json >stdout 2>stderr </dev/null &
process=$!
last="a fit of 8001 parameters"
for _ in $(seq 100); do [ -s stderr ] && break; sleep 0.1; done
kill -TERM $process
left=100
while kill -0 $process 2>/dev/null && [ $((left--)) -gt 0 ]; do sleep 0.1; done
kill -9 $process 2>/dev/null
wait $process
code=$?
exits 130
says_part "joulefit: factoring the Jacobian of many parameters will take about 38 min; Ctrl-C ends it"
says_part "error: interrupted"
check "no output" [ ! -e out.json ]
finish
