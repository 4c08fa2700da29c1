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

# Efficiencies foretold by laws of duration and of energy, against numbers known beforehand. One family a number of layers; on n GPUs
# a run takes 100*layers*n^-0.8 s and 500*layers*n^0.1 J, so that the laws foretell n^-0.2 and, of energy, n^-0.1; the runs on 8 GPUs,
# which the fits do not see, take a tenth more.
awk 'BEGIN { print "num_layers,gpus,tokens,strategy,duration_s,energy_J"
    for (l = 2; l <= 8; l += 2) for (n = 1; n <= 8; n *= 2) { more = n == 8 ? 1.1 : 1
        printf "%d,%d,%d,FSDP,%.12g,%.12g\n", l, n, 1000 * l, 100 * l * n ^ -0.8 * more, 500 * l * n ^ 0.1 * more } }' >scaling.csv
foretells() { # response, power, its name
    run fit scaling.csv --where 'gpus < 8' --law "log($1) ~ b0 + l*log(num_layers) + p*log(gpus)" --save model.json -q
    exits 0
    run plot efficiency_parity model.json scaling.csv -o eff.svg --keep -q
    exits 0
    check "the axes say what it is" grep -qF "predicted $3" eff.gp
    check "12 runs on several GPUs, by $1" awk -v power="$2" '/^# block/ { points = /FSDP/; next }
        points && NF == 2 && $1 !~ /#/ { n++; seen = 0
            for (g = 2; g <= 8; g *= 2) {
                dx = $1 / g ^ power - 1; dy = $2 / (g ^ power / (g == 8 ? 1.1 : 1)) - 1
                if (dx * dx < 1e-12 && dy * dy < 1e-12) seen = 1 }
            wrong += !seen }
        END { exit !(n == 12 && !wrong) }' eff.dat
}
foretells duration_s -0.2 "efficiency"
foretells energy_J -0.1 "energy efficiency"
run plot efficiency_parity model.json -o eff.svg
exits 3; says_part "joulefit plot efficiency_parity MODEL.json DATA"
run plot efficiency_parity model.json scaling.csv --where 'gpus == 1' -o eff.svg -q
exits 3; says_part "no run on several GPUs has both a measured and a predicted efficiency"

# Thousands of runs are a density: no run is lost, and what lies under them shows.
awk 'BEGIN { print "C,energy_J"; for (i = 0; i < 4000; i++) { c = 1e15 * 1.003 ^ i; print c "," c * 1e-12 * (1 + 0.3 * sin(i * i)) } }' >many.csv
run fit many.csv --law 'log(energy_J) ~ b0 + a*log(C)' --save many.json -q
exits 0
run plot parity many.json -o many.svg --keep -q
exits 0
check "of 4000 points" grep -q '^# 4000 points; at most [0-9]* in a square' many.dat
check "far fewer squares are drawn" awk 'NF == 7 { n++ } END { exit !(n > 100 && n < 2000) }' many.dat
check "the key says so" grep -q 'darker where there are more' many.svg
check "the line stands over them" awk '/boxxyerror/ && !square { square = NR } /with lines/ { line = NR } END { exit !(square && line > square) }' many.gp
finish
