# Every example that help prints runs as printed, in a folder that holds the project's data.
. "$JOULEFIT_SOURCE/tests/golden/cli.bash"
mkdir bin
ln -s "$JOULEFIT" bin/joulefit
ln -s "$source_folder/data" data
PATH=$work/bin:$PATH
n_examples=0
for command in $(joulefit | sed -n 's/^  \([a-z]\+\)  .*/\1/p'); do
    joulefit help "$command" | sed -n '/^Examples:$/,/^usage:/{/^Examples:$/d;/^usage:/d;p}' >"examples_$command.sh"
    [ -s "examples_$command.sh" ] || { last="joulefit help $command"; code=0; fail "no examples"; continue; }
    # Lines that go on are joined, so that each example is run and judged by itself.
    while IFS= read -r example; do
        [ -n "$example" ] || continue
        n_examples=$((n_examples + 1))
        last=$example
        bash -c "$example" </dev/null >"$work/stdout" 2>"$work/stderr"
        code=$?
        exits 0
        check "an answer on stdout or in a file" [ -s "$work/stdout" -o -n "$(grep -oE -- '-o [^ ]+' <<<"$example")" ]
        check "no error" [ -z "$(grep 'error:' "$work/stderr")" ]
    done < <(sed -e ':a;/\\$/{N;s/\\\n */ /;ba}' -e 's/^ *//' "examples_$command.sh")
done
last="all examples"
check "at least fifteen examples were run" [ "$n_examples" -ge 15 ]
for file in features.csv model.json rows.csv result.json result.md parity.pdf scores.svg held_out.csv predicted.csv; do
    check "$file was written" [ -s "$file" ]
done
finish
