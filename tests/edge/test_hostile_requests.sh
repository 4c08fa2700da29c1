# Names, nesting, YAML, JSON, outputs and a gnuplot that a stranger may bring: a stated outcome, never a crash, a command
# that is run, or half an output.
. "$JOULEFIT_SOURCE/tests/golden/cli.bash"

law='log(energy) ~ b0 + a*log(tokens)'
printf 'energy_J,tokens,gpu,exp,C\n10,1,A,3,4\n21,2,A,1,3\n29,3,B,4,2\n42,4,B,1,7\n52,5,B,5,1\n61,6,A,9,8\n80,8,B,2,6\n' >ok.csv
cp ok.csv ./-x.csv

# refuses EXIT MESSAGE WORDS...: nothing on stdout, exactly this error on stderr.
refuses() {
    local wanted=$1 message=$2
    shift 2
    run "$@"
    exits "$wanted"
    prints_nothing
    says "joulefit: error: $message"
}
many() { printf "$1%.0s" $(seq "$2"); }

# names
refuses 2 '--where: column 8: the " that opens here is never closed' fit ok.csv --law "$law" --where 'gpu == "A'
refuses 3 "ok.csv: --where 'gpu == '\$(touch pwned)\"'' keeps none of 7 rows" \
    fit ok.csv --law "$law" --where "gpu == '\$(touch pwned)\"'"
{ echo 'energy_J,a`b:c'; for i in $(seq 20); do echo "$((i * i + i % 3)),$i"; done; } >quoted.csv
quoted='`a``b:c`'
run compare quoted.csv --law "log(energy) ~ b0 + a*log($quoted)" --search "terms=log($quoted)" --quiet # plans and baselines of its own
exits 0; prints_part 'up             trained at or below the 75 % quantile of `a``b:c`'; prints_part '    log(energy) ~ b0 + b1*log(`a``b:c`)'
run compare quoted.csv --law "log(energy) ~ b0 + a*log($quoted)" --validate "extrapolate:$quoted:0.5:down" --quiet
exits 0; prints_part '50 % quantile of `a``b:c`'
refuses 2 "law: column 16: expected an operator or the end, found '\`b\`'" fit ok.csv --law 'energy ~ a*`a` `b` + c'
run fit ok.csv --law 'energy ~ a*exp + b*C + c*exp(exp/9)'
exits 0; says_nothing; prints_part 'energy ~ a*exp + b*C + c*exp(exp/9)'
refuses 3 "|touch pwned: no such file" fit '|touch pwned' --law "$law"
run fit ./-x.csv --law "$law"
exits 0
run fit --law "$law" -- -x.csv
exits 0

# depth and length
deep='the expression has more than 200 levels of nesting'
refuses 3 "law: column 212: $deep" fit ok.csv --law "energy ~ a*$(many '(' 9000)tokens"
refuses 3 "law: column 212: $deep" fit ok.csv --law "energy ~ a*$(many '!' 9000)tokens"
refuses 3 "law: column 412: $deep" fit ok.csv --law "energy ~ a*$(many '2^' 9000)tokens"
refuses 3 "law: the expression is longer than 65536 bytes" fit ok.csv --law "energy ~ a*tokens$(many '+tokens' 15000)"

# YAML
{ echo 'a: &a [x, x]'; echo 'b: [*a, *a]'; } >bomb.yaml
refuses 3 "bomb.yaml:1: anchors are not allowed here" fit ok.csv --laws bomb.yaml
echo '!!python/object/apply:os.system ["touch pwned"]' >tag.yaml
refuses 3 "tag.yaml:1: tags are not allowed here" fit ok.csv --laws tag.yaml
many '[' 5000 >deep.yaml
refuses 3 "deep.yaml:1: nested deeper than 64" fit ok.csv --laws deep.yaml
: >empty.yaml
refuses 3 "empty.yaml: nothing in it" fit ok.csv --laws empty.yaml

# results
run fit ok.csv --law "$law" --save m.json
exits 0
: >empty.json
refuses 3 "empty.json: the file is empty" report empty.json
refuses 3 "cannot read .: Is a directory" report .
many '[' 5000 >deep.json
refuses 3 "deep.json:1: not JSON: maximum parsing depth reached near '['" report deep.json
printf '{"joulefit": "1", "schema": 99, "parameters": []}' >newer.json
refuses 3 "newer.json: schema 99 is newer than the 1 that this joulefit reads" predict newer.json ok.csv
sed 's/"covariance": \[[^]]*\]/"covariance": [1]/' m.json >bad.json
refuses 3 "bad.json: damaged model: 'covariance' is missing or of the wrong kind" predict bad.json ok.csv
size=$(stat -c %s m.json)
for cut in 1 $((size / 7)) $((size / 3)) $((size / 2)) $((size - 3)); do
    head -c "$cut" m.json >cut.json
    run predict cut.json ok.csv
    exits 3; prints_nothing; says_part "joulefit: error: cut.json:"
done

# outputs
refuses 5 "/dev/full: cannot write: it is no plain file (- is standard output)" fit ok.csv --law "$law" --save /dev/full
for words in "fit ok.csv --law law" laws help --version "proxies --list" hardware; do
    last="joulefit $words >/dev/full"
    if [ "$words" = "fit ok.csv --law law" ]; then set -- fit ok.csv --law "$law"; else read -ra list <<<"$words"; set -- "${list[@]}"; fi
    "$JOULEFIT" "$@" >/dev/full 2>"$work/stderr" </dev/null
    code=$?
    : >"$work/stdout"
    exits 5; says "joulefit: error: standard output: cannot write: No space left on device"
done

# gnuplot that is missing, fails, is killed, or writes nothing; one that hangs is stopped with us
mkdir bin
figure() {
    rm -f f.pdf
    last="joulefit plot parity m.json -o f.pdf, with $1"
    PATH=$2 "$JOULEFIT" plot parity m.json -o f.pdf </dev/null >"$work/stdout" 2>"$work/stderr"
    code=$?
    exits 5; prints_nothing; says_part "$3"
    check "no figure is left" [ ! -e f.pdf ]
    check "nothing is left beside it" [ -z "$(find . -name '.joulefit*')" ]
}
gnuplot() { { echo '#!/bin/sh'; echo "$1"; } >bin/gnuplot; chmod +x bin/gnuplot; }
figure "no gnuplot" /nonexistent "f.pdf: figures need gnuplot, which is not there"
gnuplot 'echo oops >&2; exit 3'; figure "gnuplot that fails" "$PWD/bin:$PATH" "f.pdf: gnuplot failed (3): oops"
gnuplot 'kill -9 $$'; figure "gnuplot that is killed" "$PWD/bin:$PATH" "f.pdf: gnuplot failed (137)"
gnuplot 'exit 0'; figure "gnuplot that writes nothing" "$PWD/bin:$PATH" "f.pdf: gnuplot wrote nothing"
gnuplot "touch '$PWD/running'; exec >&- 2>&-; sleep 90; exit 0"
last="joulefit plot, hanging gnuplot, SIGTERM twice"
PATH="$PWD/bin:$PATH" "$JOULEFIT" plot parity m.json -o f.pdf </dev/null >"$work/stdout" 2>"$work/stderr" &
child=$!
for _ in $(seq 100); do [ -e running ] && break; sleep 0.1; done
kill -TERM $child; kill -TERM $child 2>/dev/null # as timeout(1) does
wait $child
code=$?
exits 130; says "joulefit: error: interrupted while gnuplot ran"
check "nothing is left after an interrupt" [ -z "$(find . -name '.joulefit*')" ]

check "nothing was run" [ ! -e pwned ]
finish
