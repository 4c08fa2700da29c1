# What SECURITY.md promises: names that are commands stay names, no program but gnuplot and pdflatex is started, devices end
# in an error, temporary files are nobody else's, and terminals get no control characters of strangers.
. "$JOULEFIT_SOURCE/tests/golden/cli.bash"

law='log(y) ~ a + b*log(x)'
{ echo 'x,y,kind'; for i in $(seq 24); do echo "$i,$((3 * i * i + i % 5)),\`touch pwned\`"; done; } >runs.csv
run fit runs.csv --law "$law" --save model.json
exits 0

# names that are commands elsewhere
for name in '| touch pwned' '|touch pwned' '< touch pwned' '$(touch pwned)' '`touch pwned`' "it's" 'a"b' '%s%n' '!touch pwned' '-x' '--' '-'; do
    cp runs.csv "./$name.csv"
    run fit --law "$law" --quiet -- "$name.csv"
    exits 0
    run fit runs.csv --law "$law" --quiet -o "$name.json"
    exits 0; check "'$name.json' is written" [ -s "./$name.json" ]
    run report --quiet -o "$name.html" -- "$name.json"
    exits 0; check "'$name.html' is written" [ -s "./$name.html" ]
done
if command -v gnuplot >/dev/null; then
    for name in '| touch pwned' '< touch pwned' '$(touch pwned)' '`touch pwned`' "it's" 'a"b' '%s' '-x'; do
        run plot parity model.json --keep --quiet -o "$name.svg"
        exits 0; check "'$name.svg' is a figure" grep -q '<svg' "./$name.svg"
    done
else
    echo "SKIPPED: names of figures, needs gnuplot"
fi
run fit -x.csv --law "$law"
exits 2; says_part "unknown option '-x.csv' (a file of this name is './-x.csv')"

# programs: whoever calls one of these is seen
mkdir fakes
for program in sh bash dash latex tex xelatex lualatex curl wget; do
    printf '#!%s\necho "$0 $*" >>"%s/called"\n' "$(command -v bash)" "$work" >"fakes/$program"
    chmod +x "fakes/$program"
done
cat >study.yaml <<'STUDY'
title: "`touch pwned`"
data: {file: runs.csv}
analyses:
  one: {command: fit, law: log(y) ~ a + b*log(x)}
STUDY
path=$PATH
PATH="$work/fakes:$path" run run study.yaml -o study --quiet
exits 0
check "no shell and no other TeX is started" [ ! -e called ]
check "nothing was run" [ -z "$(find . -name pwned)" ]
sources() { (cd "$JOULEFIT_SOURCE" && grep -rnE "$1" core data proxies fit plots reports cli --include='*.[ch]' --include='*.inc'); }
check "no shell in the sources" [ -z "$(sources '\b(system|popen|execv[pe]*|execl[pe]*|fork|vfork) *\(')" ]
check "programs are started from one place" [ "$(sources '\bposix_spawnp? *\(' | cut -d: -f1 | sort -u)" = plots/process.c ]
check "no socket in the sources" [ -z "$(sources '\b(socket|connect|getaddrinfo|gethostbyname|listen) *\(')" ]
check "TeX is started without its shell" [ "$(sources '"-no-shell-escape"' | wc -l)" -eq 1 ]
check "the page loads nothing" [ "$(grep -cE '(src|href)="(https?:)?//' study/report.html)" -eq 0 ]

# devices
for words in "fit /dev/zero --law a~b*c" "report /dev/zero" "predict /dev/zero runs.csv" "run /dev/zero -o out" \
    "fit runs.csv --law y~a*x --laws /dev/zero"; do
    # shellcheck disable=SC2086
    run $words
    exits 3; says_part "/dev/zero: not a text file: byte 1 is zero"
done
run fit runs.csv --law "$law" --quiet -o /dev/null
exits 5; says_part "/dev/null: cannot write: it is no plain file"

# temporary files: seen while a job that is stopped in the middle has them open
umask 027
run fit runs.csv --law "$law" --quiet --save modes.json
check "a new output has the umask's mode" [ "$(stat -c %a modes.json)" = 640 ]
chmod 600 modes.json
run fit runs.csv --law "$law" --quiet --save modes.json
check "an old output keeps its mode" [ "$(stat -c %a modes.json)" = 600 ]
ln -s modes.json link.json
run fit runs.csv --law "$law" --quiet --save link.json
check "a link that was named is followed" [ -L link.json ]
ln -s "$work/elsewhere" long.json.partial
run fit runs.csv --law "$law" --quiet --ci bootstrap --bootstrap 3000 --save long.json
check "a link in place of a checkpoint is not followed" [ ! -e elsewhere ]
check "no temporary files are left" [ -z "$(find . -name '.joulefit-*')" ]

# terminals
printf 'x,y,k\033]0;pwned\007\n1,2,\033[2Ja\n2,3,\033[2Jb\n3,5,\033[2Ja\n4,8,\033[2Jb\n' >escapes.csv
shown() { ! LC_ALL=C grep -q "$(printf '[\001-\010\013-\037\177]')" stdout stderr; }
run fit escapes.csv --law 'log(y) ~ a + b*log(x) + r[`k`]'
check "no control characters in errors" shown
run fit escapes.csv --law "log(y) ~ b*log(x) + r[\`$(printf 'k\033]0;pwned\007')\`]"
exits 0; check "no control characters in results" shown
run fit "$(printf 'no\033[31mfile\302\233x')" --law "$law"
exits 3; says 'joulefit: error: no\x1b[31mfile\xc2\x9bx: no such file'
finish
