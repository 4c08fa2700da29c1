# What the command-line tests share: run the program in an empty folder, then say what it must have done.
set -u
if [ -z "${JOULEFIT:-}" ] || [ ! -x "$JOULEFIT" ]; then
    echo "SKIPPED: needs the program joulefit"
    exit 77
fi
source_folder=${JOULEFIT_SOURCE:?}
shared_folder=${JOULEFIT_SHARED:-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
unset NO_COLOR COLUMNS
failures=0
last=""

# run WORDS...: keeps exit code, stdout and stderr. stdin is empty unless given with run_with FILE WORDS...
run() { run_with /dev/null "$@"; }
run_with() {
    local input=$1
    shift
    last="joulefit $*"
    "$JOULEFIT" "$@" <"$input" >"$work/stdout" 2>"$work/stderr"
    code=$?
}

fail() {
    failures=$((failures + 1))
    printf 'FAILED: %s\n  %s\n' "$last" "$1"
    printf '  exit %s\n  stdout: %s\n  stderr: %s\n' "$code" "$(head -c 600 "$work/stdout")" "$(head -c 1200 "$work/stderr")"
}

exits() { [ "$code" -eq "$1" ] || fail "expected exit $1"; }
# The whole of stderr, word by word.
says() { [ "$(cat "$work/stderr")" = "$1" ] || fail "expected on stderr: $1"; }
says_part() { grep -qF -- "$1" "$work/stderr" || fail "expected in stderr: $1"; }
says_nothing() { [ ! -s "$work/stderr" ] || fail "expected nothing on stderr"; }
prints_part() { grep -qF -- "$1" "$work/stdout" || fail "expected in stdout: $1"; }
prints_nothing() { [ ! -s "$work/stdout" ] || fail "expected nothing on stdout"; }
check() { "${@:2}" || fail "$1"; }

# json FILE EXPRESSION: what a Python expression over the parsed file `r` prints; fails when the file is no JSON.
json() {
    python3 - "$1" "$2" <<'PYTHON'
import json, sys
def refuse(word): raise ValueError(word + " is no JSON")
r = json.load(open(sys.argv[1]), parse_constant=refuse)
print(eval(sys.argv[2]))
PYTHON
}
needs_python() {
    command -v python3 >/dev/null && return 0
    echo "SKIPPED: $1, needs python3 to read JSON"
    return 1
}

finish() {
    [ "$failures" -eq 0 ] || { echo "$failures checks failed"; exit 1; }
    echo "all checks passed"
}
