# joulefit compare --multiverse: each universe is the fit of the law with those columns; roles, tables, messages.
. "$JOULEFIT_SOURCE/tests/golden/cli.bash"
sweep=$source_folder/data/sets/bert_sweep_simulated.csv
law='log(energy) ~ b0 + a*log(compute) + b*log(memory) + r[strategy = "Baseline"]*log2(gpus)'
runs=("$sweep" --where 'num_layers <= 12' --group num_layers,hidden_size --validate grouped:repeats=3,test=0.3)

run compare "${runs[@]}" --law "$law" --multiverse compute=exact,6nd,kaplan memory=M1,traffic --save all.json --json
exits 0
cp "$work/stdout" result.json
for table in 1 2; do # the first two of the Markdown: no two columns of a table have one name
    run report all.json --format markdown
    check "the columns of table $table have names of their own" \
        [ "$(grep -B1 '^|[ :|-]*|$' stdout | grep '[a-z]' | sed -n "${table}p" | tr '|' '\n' | sed 's/^ *//;s/ *$//' | grep . | sort | uniq -d)" = "" ]
    check "there is a table $table" [ "$(grep -c '^|[ :|-]*|$' stdout)" -ge "$table" ]
done
if needs_python "the multiverse"; then
    laws='r["multiverse"]["laws"]'
    check "every combination once" [ "$(json result.json "sorted({tuple(u['choices']) for u in $laws[0]['universes']}) == sorted((a, b) for a in ('exact', '6nd', 'kaplan') for b in ('M1', 'traffic'))")" = True ]
    check "the first role turns slowest" [ "$(json result.json "[u['choices'][0] for u in $laws[0]['universes']]")" = "['exact', 'exact', '6nd', '6nd', 'kaplan', 'kaplan']" ]
    # every universe against the law typed with its columns, by fit
    index=0
    for columns in C,M1 C,M flops_6nd,M1 flops_6nd,M flops_kaplan,M1 flops_kaplan,M; do
        compute=${columns%,*} memory=${columns#*,}
        run fit "${runs[@]:0:5}" --proxy "$columns" --json \
            --law "log(energy) ~ b0 + a*log($compute) + b*log($memory) + r[strategy = \"Baseline\"]*log2(gpus)"
        exits 0
        cp "$work/stdout" fit.json
        python3 - "$index" <<'PYTHON' || fail "universe $index ($columns) is not the law typed with its columns"
import json, sys
u = json.load(open("result.json"))["multiverse"]["laws"][0]["universes"][int(sys.argv[1])]
f = json.load(open("fit.json"))
def near(a, b): return abs(a - b) <= 1e-9*max(abs(a), abs(b), 1e-12)
same = all(p["name"] == q["name"] and near(p["estimate"], q["estimate"]) and near(p["std_error"], q["std_error"])
           for p, q in zip(u["parameters"], f["parameters"]) if q["std_error"] is not None)
sys.exit(not (same and len(u["parameters"]) == len(f["parameters"]) and near(u["aicc"], f["criteria"]["aicc"])
              and near(u["rmse_log"], f["rmse"])))
PYTHON
        index=$((index + 1))
    done
    python3 - <<'PYTHON' || fail "moves are the range and the shares of the universes"
import json, statistics, sys
law = json.load(open("result.json"))["multiverse"]["laws"][0]
ok = {m["parameter"]: m["of"] for m in law["moves"]}.items() >= {"a": "compute", "b": "memory", "b0": None}.items()
for m in law["moves"]:
    values, errors = zip(*[(p["estimate"], p["std_error"]) for u in law["universes"] for p in u["parameters"]
                           if p["name"] == m["parameter"]])
    mean = statistics.fmean(values)
    total = sum((v - mean)**2 for v in values)
    ok = ok and m["low"] == min(values) and m["high"] == max(values)
    ok = ok and values[m["low_in"]] == m["low"] and values[m["high_in"]] == m["high"]
    ok = ok and abs(m["in_errors"] - (max(values) - min(values))/statistics.median(errors)) < 1e-9*m["in_errors"]
    for k, share in enumerate(m["shares"]):
        between = 0
        for choice in {u["choices"][k] for u in law["universes"]}:
            of = [v for v, u in zip(values, law["universes"]) if u["choices"][k] == choice]
            between += len(of)*(statistics.fmean(of) - mean)**2
        ok = ok and abs(share["share"] - between/total) < 1e-9
low = law["fit_moves"]["aicc"]
ok = ok and low["low"] == min(u["aicc"] for u in law["universes"])
ok = ok and min(u["delta_aicc"] for u in law["universes"]) == 0
sys.exit(not ok)
PYTHON
fi

# ---- shown in every format, from the saved result too ----
for format in text markdown latex html; do
    run report all.json --format $format
    exits 0
    check "$format shows the exponent's column" grep -q "a of compute" "$work/stdout"
done
run report all.json --format csv
exits 0
check "CSV: the universes with every digit" [ "$(head -1 "$work/stdout" | cut -d, -f1-6)" = "compute,memory,a of compute,error of a,b of memory,error of b" ]
check "CSV: a row a universe" [ "$(wc -l <"$work/stdout")" -eq 7 ]

# ---- how roles are met: by name, by the column that a law reads, through --map; several laws ----
run compare "${runs[@]}" --proxy C,M,eta --law roofline --multiverse compute=exact,kaplan --json
exits 0; cp "$work/stdout" roofline.json
run compare "${runs[@]}" --proxy eta --law roofline --map C=compute,M=memory --multiverse 'compute=exact,kaplan memory=traffic' --json
exits 0; cp "$work/stdout" mapped.json
if needs_python "ways to name a role"; then
    values='[[round(p["estimate"], 9) for p in u["parameters"]] for u in r["multiverse"]["laws"][0]["universes"]]'
    check "a law that reads C is refitted by its role" [ "$(json roofline.json "$values")" = "$(json mapped.json "$values")" ]
fi
run compare "${runs[@]}" --law "$law" --law 'tokens: log(energy) ~ b0 + a*log(tokens)' --multiverse compute=6nd,flops_palm,hidden_size memory=M1 --json
exits 0; cp "$work/stdout" own.json
if needs_python "own columns"; then
    check "features and columns by their own names" [ "$(json own.json "[c['column'] for c in r['multiverse']['roles'][0]['choices']]")" = "['flops_6nd', 'flops_palm', 'hidden_size']" ]
    check "laws that read no role stand aside" [ "$(json own.json "[l['law']['name'] for l in r['multiverse']['laws']]")" = "['law1']" ]
fi

# ---- messages ----
run compare "${runs[@]}" --law "$law" --multiverse compute
exits 2; says_part "--multiverse: expected ROLE=CHOICE,CHOICE,... (roles of the catalogue: parameters, compute, memory"
run compare "${runs[@]}" --law "$law" --multiverse compute=exact memory=M1
exits 2; says_part "one way to count leaves nothing to compare; ways to count compute: exact, "
run compare "${runs[@]}" --law "$law" --multiverse compute=exact,C
exits 2; says_part "compute=C counts as 'exact' does: name it once"
run compare "${runs[@]}" --law "$law" --multiverse compute=exact,kaplam memory=M1
exits 2; says_part "kaplam"; says_part "did you mean 'kaplan'?"
run compare "${runs[@]}" --law 'log(energy) ~ b0 + a*log(tokens)' --multiverse compute=exact,kaplan
exits 2; says_part "--multiverse: no law reads 'compute': write it in the law, or tie an input to it with --map INPUT=compute"
run compare "${runs[@]}" --proxy C,flops_kaplan --law 'log(energy) ~ b0 + a*log(C) + b*log(flops_kaplan)' --multiverse compute=exact,kaplan
exits 2; says_part "reads 'C' and 'flops_kaplan', two ways to count compute"
run compare "${runs[@]}" --law "$law" --multivers compute=exact,kaplan
exits 2; says_part "did you mean '--multiverse'?"
finish
