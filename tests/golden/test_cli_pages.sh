#!/usr/bin/env bash
# Manual pages, completions and their installation: made from the option tables, whole, and fit to be used.
. "$(dirname "$0")/cli.bash"

mapfile -t commands < <("$JOULEFIT" help | sed -n '/^usage/,/^'"'"'joulefit/s/^  \([a-z]*\)  .*/\1/p')
last="joulefit help"
code=0
check "help lists commands" [ "${#commands[@]}" -ge 10 ]

# Every option that help has stands in the page, and neither man nor groff has anything to say.
for command in "" "${commands[@]}"; do
    run help --man $command
    exits 0; says_nothing
    cp stdout page.1
    if command -v groff >/dev/null; then
        groff -ww -man -Tutf8 page.1 >formatted 2>groff_words
        check "groff is content with $command" [ ! -s groff_words ]
    else
        echo "SKIPPED: groff's view of the manual page of $command, needs groff"
    fi
    if command -v man >/dev/null; then
        MANWIDTH=80 man --warnings -l page.1 >shown 2>man_words
        check "man is content with $command" [ ! -s man_words ]
        check "man shows something of $command" [ -s shown ]
    else
        echo "SKIPPED: man's view of the manual page of $command, needs man"
    fi
    [ -n "$command" ] || continue
    while read -r option; do
        check "the page of $command has $option" grep -qF -- "${option//-/\\-}" page.1
    done < <("$JOULEFIT" help "$command" | grep -o '^ *\(-., \)\?--[a-z][a-z-]*' | grep -o -- '--.*')
done
run help --man fti
exits 2; says_part "unknown command 'fti' (did you mean 'fit'?)"
run help --completion tcsh
exits 2; says_part "--completion: expected none, bash, zsh or fish, found 'tcsh'"

# ---- bash ----

"$JOULEFIT" help --completion bash >completion.bash
# complete_bash WORDS...: what is offered for the last word.
complete_bash() {
    COMP_WORDS=(joulefit "$@")
    COMP_CWORD=$#
    _joulefit
    printf '%s\n' "${COMPREPLY[@]:-}"
}
offers() { # SHELL WANTED WORDS...
    local shell=$1 wanted=$2
    shift 2
    last="completion in $shell of: joulefit $*"
    "complete_$shell" "$@" >offered
    check "offers '$wanted'" grep -qxF -- "$wanted" offered
}
refuses() { # SHELL UNWANTED WORDS...
    local shell=$1 unwanted=$2
    shift 2
    last="completion in $shell of: joulefit $*"
    "complete_$shell" "$@" >offered
    check "does not offer '$unwanted'" [ "$(grep -cxF -- "$unwanted" offered)" -eq 0 ]
}
. ./completion.bash
check_shell() {
    offers "$1" compare com
    offers "$1" fit ""
    refuses "$1" --law ""
    offers "$1" --validate compare runs.csv --val
    offers "$1" --no-baselines compare runs.csv --no-
    offers "$1" step_energy fit runs.csv --law step
    offers "$1" compute_power compare runs.csv -l comp
    offers "$1" intensity fit runs.csv --proxy inten
    offers "$1" bootstrap plot boot
    offers "$1" efficiency_parity plot effi
    offers "$1" W_DUPLICATES help W_DUP
    offers "$1" language help lang
    offers "$1" markdown report result.json --format mark
    offers "$1" cluster fit runs.csv --se clus
    offers "$1" wild-cluster fit runs.csv --resample wild
    offers "$1" ladder compare runs.csv --validate lad
    refuses "$1" --bootstrap plot parity --
}
check_shell bash
# Every option of every command is offered.
for command in "${commands[@]}"; do
    complete_bash "$command" -- >offered
    while read -r option; do
        last="completion in bash of: joulefit $command --"
        check "offers $option" grep -qxF -- "$option" offered
    done < <("$JOULEFIT" help "$command" | grep -o '^ *\(-., \)\?--[a-z][a-z-]*' | grep -o -- '--.*')
done

# ---- zsh ----

if command -v zsh >/dev/null; then
    "$JOULEFIT" help --completion zsh >_joulefit
    # compadd is a part of zsh's completion only: here it prints what it is given, as far as the word goes.
    cat >complete.zsh <<'ZSH'
compadd() { shift; for one in "$@"; do [[ $one == ${words[CURRENT]}* ]] && print -r -- $one; done }
_files() { print -r -- FILES }
words=(joulefit "$@")
CURRENT=${#words}
joulefit_completion() { source ./_joulefit }
joulefit_completion
ZSH
    complete_zsh() { zsh -f complete.zsh "$@"; }
    check_shell zsh
    offers zsh FILES fit r
else
    echo "SKIPPED: completion in zsh, needs zsh"
fi

# ---- installed ----

build=$(dirname "$JOULEFIT")
if command -v cmake >/dev/null && [ -e "$build/cmake_install.cmake" ]; then
    last="cmake --install"
    cmake --install "$build" --prefix "$work/there" >stdout 2>stderr
    code=$?
    exits 0
    for command in "${commands[@]}"; do
        check "the page of $command is installed" [ -s "there/share/man/man1/joulefit-$command.1" ]
    done
    check "the page of the program is installed" [ -s there/share/man/man1/joulefit.1 ]
    check "completion is installed" cmp -s completion.bash there/share/bash-completion/completions/joulefit
    check "the program is installed" [ "$(there/bin/joulefit --version)" = "$("$JOULEFIT" --version)" ]
else
    echo "SKIPPED: the installation, needs cmake and a build folder"
fi
# ---- fish ----

run help --completion fish
exits 0
cp stdout joulefit.fish
check "fish has a line for each option of each command" [ "$(grep -c ' -l ' joulefit.fish)" -ge 300 ]
if command -v fish >/dev/null; then
    check "fish reads it without a word" [ -z "$(HOME=$work fish --no-config -c 'source joulefit.fish' 2>&1)" ]
    complete_fish() { # the last word is completed; what follows a tab says what it means
        local line
        printf -v line ' %q' "$@"
        HOME=$work LINE="joulefit${line/%\'\'/}" fish --no-config -c 'source joulefit.fish; complete -C "$LINE"' | cut -f1
    }
    check_shell fish
    touch runs.csv
    offers fish runs.csv fit runs
else
    echo "SKIPPED: completion in fish, needs fish"
fi

finish
