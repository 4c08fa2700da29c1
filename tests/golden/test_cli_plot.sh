#!/usr/bin/env bash
# Figures through the program: the list, sizes and formats, what a figure needs, power logs, runs.
. "$(dirname "$0")/cli.bash"
reports="$source_folder/tests/golden/reports"
sweep="$source_folder/data/sets/bert_sweep_simulated.csv"
log="$source_folder/data/sets/examples/simulated_gpu_power.csv"

run plot --list --format csv
exits 0; says_nothing
kinds=$(tail -n +2 stdout | cut -d, -f1)
check "the list has every kind" [ "$(wc -w <<<"$kinds")" -ge 18 ]
cp stdout listed
run plot
exits 0
prints_part "what it shows"

# Each kind alone says how it is called and what makes what it needs; misspelt it gets a suggestion.
for kind in $kinds; do
    run plot "$kind" -o a.svg
    exits 2; says_part "expected 'plot $kind "; says_part "joulefit "
    run plot "${kind}s_" "$reports/fit.json" -o a.svg
    exits 2; says_part "did you mean '"
done
run plot front "$reports/fit.json" -o a.svg
exits 3; says_part "figure 'front' needs a saved comparison (joulefit compare DATA --law A --law B --save RESULT.json)"
run plot bootstrap "$reports/fit.json" -o a.svg
exits 3; says_part "needs a fit with bootstrap intervals (joulefit fit DATA --law LAW --ci bootstrap --save MODEL.json)"
run plot weights "$reports/comparison.json" "$sweep" -o a.svg
exits 2; says_part "expected 'plot weights RESULT.json -o FIG.pdf'"
check "nothing was drawn" [ ! -e a.svg ]

# The page has the size that was asked for: points of a PDF, 72 an inch.
if command -v pdfinfo >/dev/null; then
    pages() { pdfinfo a.pdf | sed -n 's/^Page size: *\([0-9.]*\) x \([0-9.]*\) pts.*/\1 \2/p' | awk '{printf "%.0f %.0f", $1*25.4/72, $2*25.4/72}'; }
    run plot parity "$reports/fit.json" -o a.pdf --size column
    exits 0; check "a column is 84 mm wide" [ "$(pages | cut -d' ' -f1)" = 84 ]
    run plot scores "$reports/comparison.json" -o a.pdf --size text
    exits 0; check "text is 174 mm wide" [ "$(pages | cut -d' ' -f1)" = 174 ]
    run plot parity "$reports/fit.json" -o a.pdf --size 120x90
    exits 0; check "120x90 is 120 x 90 mm" [ "$(pages)" = "120 90" ]
else
    echo "SKIPPED: sizes of pages, needs pdfinfo (poppler-utils)"
fi
run plot parity "$reports/fit.json" -o a.pdf --size colum
exits 2; says_part "size: expected column, text, or WIDTHxHEIGHT in millimetres like 120x80, found 'colum'"
run plot residuals "$reports/fit.json" -o a.pdf --size 60x20
exits 2; says_part "size"

# What is kept runs by itself, without a word.
run plot roofline "$sweep" -o roof.png --keep -q
exits 0
cp roof.png first.png
gnuplot roof.gp >words 2>&1
check "the script that is kept says nothing" [ ! -s words ]
check "the script that is kept draws the same" cmp -s roof.png first.png

# Runs and logs.
run plot efficiency "$sweep" --where 'startswith(gpu, "NVIDIA A100")' -o a.svg -q
exits 0; check "strategies stand in the key" grep -q FSDP a.svg
run plot efficiency "$sweep" --by gpus -o a.svg -q
exits 0
run plot efficiency "$sweep" --by stratgy -o a.svg -q
exits 2; says_part "(did you mean 'strategy'?)"
run plot trace "$log" --window 2026-08-15T09:00:00,2026-08-15T09:10:00 -o a.svg -q
exits 0; check "the energy stands in the key" grep -q "integrated: .* kJ" a.svg
run plot trace "$log" --window yesterday -o a.svg
exits 2; says_part "--window: expected two times like"
run plot trace "$sweep" -o a.svg
exits 3
run plot curve "$reports/fit.json" --x gpus -o a.svg
exits 0; check "the curve runs along gpus" grep -q ">gpus<" a.svg
run plot curve "$reports/fit.json" --x gpu -o a.svg
exits 2; says_part "--x: this law has no input 'gpu' of numbers (did you mean 'gpus'?)"
finish
