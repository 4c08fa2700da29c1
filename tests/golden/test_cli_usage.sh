# Help, version, options and exit codes of the command line.
. "$JOULEFIT_SOURCE/tests/golden/cli.bash"

run
exits 0; says_nothing; prints_part "usage: joulefit COMMAND"
commands=$(sed -n 's/^  \([a-z]\+\)  .*/\1/p' "$work/stdout")
check "at least nine commands are listed" [ "$(wc -w <<<"$commands")" -ge 9 ]
cp "$work/stdout" "$work/overview"
for form in help --help -h; do
    run "$form"
    exits 0; says_nothing
    check "the same as without arguments" cmp -s "$work/stdout" "$work/overview"
done

# Help of every command begins with its examples and names every common option.
for command in $commands; do
    run help "$command"
    exits 0; says_nothing
    check "examples come first" [ "$(sed -n 3p "$work/stdout")" = "Examples:" ]
    check "an example of the command itself" grep -q "^  joulefit $command" "$work/stdout"
    prints_part "usage: joulefit $command"
    for option in --output --format --json --seed --threads --strict --quiet --verbose --no-color --help; do
        prints_part "$option"
    done
    check "lines of at most 100 columns" [ "$(awk '{ if (length > n) n = length } END { print n }' "$work/stdout")" -le 100 ]
    cp "$work/stdout" "$work/help"
    run "$command" --help
    exits 0
    check "COMMAND --help is help COMMAND" cmp -s "$work/stdout" "$work/help"
done

# The language: every function that a message can suggest stands there.
run help language
exits 0; says_nothing
for function in log hinge lse sigmoid center coalesce logistic_root pow; do prints_part "  $function "; done
run help langauge
exits 2; prints_nothing; says_part "unknown topic 'langauge' (did you mean 'language'?)"

run --version
exits 0; says_nothing
check "one line with a version" grep -qxE 'joulefit [0-9]+\.[0-9]+\.[0-9]+' "$work/stdout"

run fitt
exits 2; prints_nothing
says "joulefit: error: unknown command 'fitt' (did you mean 'fit'?)
joulefit: 'joulefit help' lists the commands"
run help comapre
exits 2; prints_nothing
says "joulefit: error: unknown command 'comapre' (did you mean 'compare'?)"
run help fit compare
exits 2; says "joulefit: error: expected one command or warning code, found 2"

run help W_DUPLICATES
exits 0; prints_part "--duplicates drop keeps the first of each"
run help W_DUPLICATE
exits 2; says "joulefit: error: unknown warning code 'W_DUPLICATE' (did you mean 'W_DUPLICATES'?)"
run help warnings
exits 0; prints_part "W_POST_RUN"; prints_part "W_AT_BOUND"

run compare # alone
exits 2; says_part "expected one or more DATA files, found none"; says_part "joulefit: 'joulefit help compare' begins with examples"
hint="joulefit: 'joulefit help fit' shows its options"
run fit --laww x
exits 2; prints_nothing
says "joulefit: error: unknown option '--laww' (did you mean '--law'?)
$hint"
run fit --format jsn
exits 2
says "joulefit: error: --format: expected auto, text, json, csv, markdown, latex or html, found 'jsn' (did you mean 'json'?)
$hint"
run fit --seed -1
exits 2
says "joulefit: error: --seed: expected a whole number at least 0, found '-1'
$hint"
run fit --threads 1.5
exits 2
says "joulefit: error: --threads: expected a whole number from 0 to 4096, found '1.5'
$hint"
run fit --law
exits 2
says "joulefit: error: --law: expected LAW after it
$hint"
run fit --json=yes
exits 2; says_part "--json=yes: a switch takes no value"
run fit
exits 2; says "joulefit: error: expected one or more DATA files, found none
joulefit: 'joulefit help fit' begins with examples"

# Every format that --format offers can be written.
for format in $("$JOULEFIT" help laws | tr '\n' ' ' | sed -E 's/.*--format FORMAT[^(]*\(([^;]*);.*/\1/; s/,/ /g'); do
    run laws --format "$format"
    exits 0; says_nothing
    check "$format names a law" grep -q chinchilla "$work/stdout"
    formats_tried=$((${formats_tried:-0} + 1))
done
check "seven formats were tried" [ "$formats_tried" -eq 7 ]

# Messages carry no escape codes where stderr is no terminal.
check "no escape codes" [ -z "$(grep -l $'\033' "$work/stderr")" ]

# A reader that goes away ends the program without a word.
"$JOULEFIT" laws 2>"$work/stderr" | head -n 1 >"$work/stdout"
last="joulefit laws | head -n 1"; code=0
says_nothing
check "one line came through" [ "$(wc -l <"$work/stdout")" -eq 1 ]
if [ -w /dev/full ]; then
    last="joulefit laws >/dev/full"
    "$JOULEFIT" laws >/dev/full 2>"$work/stderr"
    code=$?
    : >"$work/stdout"
    exits 5; says "joulefit: error: standard output: cannot write: No space left on device"
else
    echo "SKIPPED: a full disk, needs /dev/full"
fi
finish
