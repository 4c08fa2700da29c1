# The report of a whole study as text, Markdown and LaTeX, and its tables as CSV, compared with files that were read and found
# good. With JOULEFIT_GOLDEN=1 in the environment the files are written anew: read the difference before committing it.
. "$JOULEFIT_SOURCE/tests/golden/cli.bash"
golden=$source_folder/tests/golden/study
cp "$golden"/{study.yaml,runs.csv,tokens.csv} .
run run study.yaml -o out -q
exits 0; says_nothing

# What differs between machines and versions by right: the program, its libraries, the processor they were built for, and the last
# digits of a CSV, which has all of them.
settle() {
    sed -E -e '/^  versions /,/^  seed /{/^  seed /!d}' -e '/versions.*gsl/d' -e 's/joulefit [0-9]+\.[0-9.]+[0-9]/joulefit VERSION/' "$1" |
        case $1 in
            *.csv) perl -pe 's/-?\d+\.\d{8,}(e-?\d+)?/sprintf("%.7g", $&)/ge' ;;
            *) cat ;;
        esac
}
for face in report.txt report.md report.tex tables/{ranking,laws,validation,parameters,derived,levels}.csv; do
    name=$(basename "$face")
    check "there is $face" [ -s "out/$face" ]
    settle "out/$face" >"$name"
    [ -z "${JOULEFIT_GOLDEN:-}" ] || cp "$name" "$golden/$name"
    check "$face is as it was read" diff "$golden/$name" "$name"
done

# On paper nothing leaves the margin, a long list of authors neither, and no reference is unknown.
if command -v pdflatex >/dev/null; then
    sed 's/^author:.*/author: A. Tester and B. Tester, of the Institute for the Measurement of Energies, "A Work Whose Name Is Rather Long Too"/' study.yaml >long.yaml
    run run long.yaml -o long -q
    exits 0
    (cd long && pdflatex -interaction=nonstopmode report.tex >../words && pdflatex -interaction=nonstopmode report.tex >../words)
    check "no line of the article runs out of it" awk '/^Overfull .hbox/ { sub(/.*\(/, ""); if ($1 + 0 > 2) exit 1 }' words
    check "no reference is unknown" sh -c '! grep -q undefined words'
else
    echo "SKIPPED: pages of the article, needs pdflatex (texlive-latex-recommended)"
fi
finish
