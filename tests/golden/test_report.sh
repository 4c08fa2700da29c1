# report: one table, several results side by side, chosen columns, captions and labels, numbers for LaTeX.
. "$JOULEFIT_SOURCE/tests/golden/cli.bash"

reports=$JOULEFIT_SOURCE/tests/golden/reports
run report --table '?'
exits 0; says_nothing
tables=$(sed -nE 's/^  ([a-z]+)  .*/\1/p' stdout | grep -vx table)
check "nine tables or more" [ "$(wc -w <<<"$tables")" -ge 9 ]
for kind in $tables; do # every table is made of one of the results, or says what it needs
    run report "$reports/comparison.json" --table "$kind"
    [ "$code" -eq 0 ] || { exits 3; says_part "it needs"; }
done
run report "$reports/comparison.json" --table ranking --columns 'law,k, flags' --caption 'A & B' --format csv
exits 0
check "three columns, as asked" [ "$(head -n 1 stdout)" = "law,k,flags" ]
run report "$reports/comparison.json" --table laws --law 'roofline,compute_only' --caption 'A & B' --label tab:laws_1 -o t.tex
exits 0
check "the caption" grep -qF '\caption{A \& B}' t.tex
check "the label" grep -qF '\label{tab:laws_1}' t.tex
check "laws in the order asked for" grep -qF ' & roofline & compute\_only \\' t.tex
check "a fragment, to be read by another document" [ "$(grep -c documentclass t.tex)" -eq 0 ]

# Side by side: each estimate with its error beneath, the numbers those of the results.
run report "$reports/fit.json" "$reports/comparison.json" --law roofline --format csv
exits 0
if needs_python "numbers side by side"; then
    json "$reports/fit.json" '"\n".join("%r %r" % (p["estimate"], p["std_error"]) for p in r["parameters"])' >wanted
    python3 - >found <<'PYTHON'
import csv
rows = {row[0]: row for row in csv.reader(open("stdout"))}
for name in ["b0", "a", "n", "r[FSDP]", "r[TP]"]: print(float(rows[name][1]), float(rows[name + " std. error"][1]))
PYTHON
    check "estimates and errors" cmp -s wanted found
fi

run report "$reports/comparison.json" --table rankin
exits 2; says_part "unknown table 'rankin' (did you mean 'ranking'?)"
run report "$reports/comparison.json" --table laws --law roofine
exits 2; says_part "(did you mean 'roofline'?)"
run report "$reports/comparison.json" --table ranking --columns law,wieght
exits 2; says_part "--columns: the table has no column 'wieght' (did you mean 'weight'?)"
run report "$reports/comparison.json" --caption x
exits 2; says "joulefit: error: --caption needs --table: a whole report has many tables"
run report
exits 2; says "joulefit: error: expected one RESULT.json or more, found none
joulefit: 'joulefit help report' begins with examples"

# numbers.tex: the macros of a fit, and a document that uses them.
run report "$reports/fit.json" --numbers numbers.tex
exits 0; prints_nothing
check "an estimate to its error" grep -qF '{fit.parameters.n.estimate}{\ensuremath{0.530}}' numbers.tex
check "with its error" grep -qF '{fit.parameters.n.pm}{\ensuremath{\ensuremath{0.530}\pm\ensuremath{0.029}}}' numbers.tex
check "a count" grep -qF '{fit.n}{\ensuremath{77}}' numbers.tex
check "no key twice" [ -z "$(sed -nE 's/^.csname jf@set.endcsname\{([^}]*)\}.*/\1/p' numbers.tex | sort | uniq -d)" ]
if command -v pdflatex >/dev/null; then
    cp "$reports/comparison_whole.tex" whole.tex
    cat >paper.tex <<'TEX'
\documentclass{article}\usepackage[T1]{fontenc}\usepackage{booktabs,graphicx,textcomp}\input{numbers}
\begin{document}
The exponent is \jf{fit.parameters.n.pm}, $n=\jf{fit.parameters.n.estimate}$, of \jf{fit.n} runs; \jf{fit.parameters.r[FSDP].p_value}.
\input{t}
\end{document}
TEX
    check "tables and numbers compile in a stock article" pdflatex -interaction=nonstopmode -halt-on-error paper.tex >tex.log
    check "a whole report compiles" pdflatex -interaction=nonstopmode -halt-on-error whole.tex >tex.log
    sed -i 's/fit.n}/fit.nn}/' paper.tex
    pdflatex -interaction=nonstopmode paper.tex >tex.log
    check "a key that is not there is named" grep -q "no number 'fit.nn'" tex.log
else
    echo "SKIPPED: LaTeX output compiles, needs pdflatex"
fi
finish
