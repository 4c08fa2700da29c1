# A study whose names, titles, labels and answers all try to be more than text: every format is made, and nothing runs.
. "$JOULEFIT_SOURCE/tests/golden/cli.bash"

python3 - <<'PYTHON' || { echo "SKIPPED: a hostile study, needs python3 to write it"; exit 77; }
import random,math,csv,json
hard=["`touch pwned`","$(touch pwned)","'; system('touch pwned'); '","\\write18{touch pwned}","\\input{/etc/passwd}","<script>alert(1)</script>","=cmd|' /C calc'!A0","50% of %s %n","énergie (μJ) 漢字","a_b^c & ~#{x}","\"><img src=x onerror=alert(1)>","@SUM(1)"]
random.seed(2)
w=csv.writer(open('runs.csv','w'))
w.writerow(["=cmd|' /C calc'!A0","<script>n</script>","\\write18{x}","energy_J"])
for i in range(60):
    n=2**(i%5)
    w.writerow([hard[i%12],n,(i%7)+1,5*n**.8*((i%7)+1)**.3*math.exp(random.gauss(0,.1))])
w=csv.writer(open("$(touch pwned).csv",'w'))
w.writerow(["`touch pwned`","\\input{/etc/passwd}"])
for x in hard: w.writerow([x,x[::-1]])
q=lambda s: json.dumps(s,ensure_ascii=False)
law="log(energy_J) ~ b0 + a*log(`<script>n</script>`) + c*log(`\\write18{x}`) + s[`=cmd|' /C calc'!A0` = \"50% of %s %n\"]"
study={"title":" ".join(hard),"author":hard[3],"abstract":hard[5]+hard[4],"data":{"file":"runs.csv","join":"$(touch pwned).csv","on":"`=cmd|' /C calc'!A0`=```touch pwned```","join-many":"true"},
"laws":[{"name":hard[5],"formula":law},{"name":hard[3],"formula":"log(energy_J) ~ b0 + a*log(`<script>n</script>`)"}],
"analyses":{"two":{"command":"compare","baselines":"false","validate":["kfold:3","extrapolate:<script>n</script>:0.75"]},
"kinds":{"command":"fit","law":"log(energy_J) ~ b0 + a*log(`<script>n</script>`)","by":"\\input{/etc/passwd}"},"one":{"title":hard[1],"text":hard[2],"command":"fit","law":law}},
"tables":{"k":{"of":"two","table":"ranking"},"l":{"of":["one","two"],"table":"laws"},"y":{"of":"kinds","table":"levels"},"t":{"of":"one","table":"parameters","caption":hard[6],"label":hard[4]},"i":{"of":"one","table":"inputs"}},
"figures":{"s":{"of":"two","figure":"scores"},"x":{"of":"two","figure":"front"},"e":{"of":"two","figure":"extrapolation"},"c":{"of":"two","figure":"correlations"},
"v":{"of":"two","figure":"curve"},"f":{"of":"one","figure":"parity","caption":hard[0]+hard[9],"label":hard[3]},"r":{"of":"one","figure":"residuals"}},
"checklist":{"domain":hard[10]}}
open('study.yaml','w').write(json.dumps(study,ensure_ascii=False,indent=1))
PYTHON
run run study.yaml -o out --quiet
exits 0; says_nothing
check "no command was run" [ -z "$(find . -name 'pwned*')" ]
check "one script in the page, the program's" [ "$(grep -c '<script>' out/report.html)" -eq 1 ]
check "no markup of strangers" [ "$(grep -cE '<img|onerror=alert\(1\)>' out/report.html)" -eq 0 ]
check "no file is read by LaTeX but figures" [ "$(grep -cE '\\(input|write18)\b' out/report.tex out/tables/*.tex | grep -vc ':0$')" -eq 0 ]
for table in out/tables/*.csv; do
    check "no formula in $table" [ "$(grep -cE '(^|,)"?[=+@]' "$table")" -eq 0 ]
done
for figure in f r s x e c v; do check "figure $figure" [ -s "out/figures/$figure.pdf" ]; done
if command -v pdflatex >/dev/null; then
    check "LaTeX reads all of it" [ -s out/report.pdf ]
else
    echo "SKIPPED: LaTeX reads a hostile study, needs pdflatex"
fi
run verify out
exits 0; prints_part "moved      0"
finish
