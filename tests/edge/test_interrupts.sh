# Ctrl-C and SIGTERM end every long phase soon, with 130 and nothing half written. The jobs here would take minutes, or
# for ever.
. "$JOULEFIT_SOURCE/tests/golden/cli.bash"

awk 'BEGIN { srand(1); print "energy_J,tokens,gpus,strategy"
    for (i = 0; i < 150000; i++) printf "%.6g,%.6g,%d,%s\n", 3 + 100*rand(), 1 + 1e6*rand(), 1 + int(4*rand()), rand() < 0.5 ? "TP" : "PP" }' >many.csv
head -2001 many.csv >some.csv
head -41 many.csv >few.csv
law='energy ~ a*tokens^b + c*gpus^d'

# stops SIGNAL NAME WORDS...: the job is at work when the signal comes, and has ended ten seconds later. stdin: file 3.
stops() {
    local signal=$1 name=$2 process left=100
    shift 2
    last="joulefit $* ($name, $signal)"
    "$JOULEFIT" "$@" --threads 2 -o out.json --format json <&3 >"$work/stdout" 2>"$work/stderr" &
    process=$!
    sleep "${before:-0.6}"
    check "$name: still at work" kill -s "$signal" "$process"
    while kill -0 "$process" 2>/dev/null && [ $((left--)) -gt 0 ]; do sleep 0.1; done
    check "$name: ended within ten seconds" [ "$left" -ge 0 ]
    kill -9 "$process" 2>/dev/null
    wait "$process"
    code=$?
    exits 130
    prints_nothing
    says_part "interrupted"
    check "$name: no output" [ ! -e out.json ]
    check "$name: nothing half written" [ -z "$(find . -name '.joulefit*')" ]
    rm -f out.json.partial
}

# endless data, a pipe that says nothing, a pipe that nobody writes to
exec 3< <({ echo "energy_J,tokens"; yes 1,2; } 2>/dev/null)
stops INT "reading" fit - --law 'log(energy) ~ b0 + a*log(tokens)'
exec 3< <(exec sleep 100)
silent=$!
stops TERM "a silent pipe" fit - --law 'log(energy) ~ b0 + a*log(tokens)'
says_part "stdin: interrupted while waiting for the other end of the pipe"
exec 3</dev/null
kill $silent
mkfifo nobody.csv
stops INT "a pipe without a writer" fit nobody.csv --law 'log(energy) ~ b0 + a*log(tokens)'
says_part "nobody.csv: interrupted while waiting for the other end of the pipe"

stops INT "starts" fit many.csv --law "$law" --starts 10000
stops TERM "a kinked loss" fit many.csv --law "$law" --loss l1 --starts 1000
stops INT "bootstrap" fit few.csv --law 'log(energy) ~ b0 + a*log(tokens)' --ci bootstrap --bootstrap 9000000
stops TERM "profiles" fit many.csv --law "$law" --error log --start a=1,b=0.1,c=1,d=0.1 --starts 1 --ci profile
stops INT "contours" fit many.csv --law "$law" --error log --start a=1,b=0.1,c=1,d=0.1 --starts 1 --contour 'a,b:0.5,0.95'
stops TERM "validation" compare some.csv --law "$law" --law "$law + e" --error log --validate grouped:repeats=10000 --group strategy,gpus
stops INT "search" compare some.csv --response energy_J \
    --search 'terms=log(tokens),log(gpus),tokens,gpus,r[strategy]; interactions=3; most=6; plan=kfold:10,repeats=100'
before=4.5 stops TERM "simulate" simulate 'log(energy) ~ b0 + a*log(tokens)' --design few.csv --replicates 1000000 --ci bootstrap \
    --bootstrap 10000
check "what takes hours says so from its first pieces" grep -qE '^joulefit: recovery will take about [0-9.]+ (min|h); Ctrl-C ends it$' stderr
stops INT "power" simulate 'log(energy) ~ b0 + a*log(tokens)' --design few.csv --against 'energy ~ e0 + k*tokens' --replicates 1000000

# What was finished is kept and told.
before=1.5 stops INT "finished pieces" fit few.csv --law 'log(energy) ~ b0 + a*log(tokens)' --ci bootstrap --bootstrap 9000000
says_part "finished pieces are kept in out.json.partial: the same command goes on from there"

# Pipes of the shell are files like any other.
run fit <(cat few.csv) --law 'log(energy) ~ b0 + a*log(tokens)'
exits 0
mkfifo somebody.csv
cat few.csv >somebody.csv &
run fit somebody.csv --law 'log(energy) ~ b0 + a*log(tokens)'
exits 0
finish
