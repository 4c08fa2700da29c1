# Measured hardware efficiency of a transformer's operations (ecai2025): one saturating law for each source and operation, without
# starts. The operation whose efficiency hardly varies is not identifiable, and gets no number.
. "$JOULEFIT_SOURCE/tests/golden/cli.bash"

measured=$shared_folder/data/ecai2025/transformer_hef.csv
if [ -z "$shared_folder" ] || [ ! -e "$measured" ]; then
    echo "SKIPPED: efficiencies of ecai2025, needs ../shared/data/ecai2025"
    exit 77
fi
law='HEF ~ etamax*(1 - exp(-k*(FLOPs/1e12)^alpha))'

# is_near NAME WANTED: the estimate of that parameter in the JSON of the last run, to six digits.
is_near() {
    awk -v name="\"$1\"," -v wanted="$2" '
        $1 == "\"name\":" { mine = $2 == name }
        mine && $1 == "\"estimate\":" { found = $2 / wanted; good = found > 0.999999 && found < 1.000001 }
        END { exit !good }' "$work/stdout"
}

# The best of 60 starts of scipy (tests/reference/hef_scipy.py): source,operation,etamax,k,alpha.
while IFS=, read -r source operation etamax k alpha; do
    run fit "$measured" --law "$law" --where "source == \"$source\" && operation == \"$operation\"" --json
    exits 0
    check "$source, $operation: converged" grep -qF '"outcome": "converged"' "$work/stdout"
    check "$source, $operation: etamax" is_near etamax "$etamax"
    check "$source, $operation: k" is_near k "$k"
    check "$source, $operation: alpha" is_near alpha "$alpha"
done <<'EOT'
NVIDIA A100 80GB PCIe,Attention Output,66.4862556,8.60610357,0.7891960841
NVIDIA A100 80GB PCIe,Attention Scores,58.17896466,7.174513338,0.7774857768
NVIDIA A100 80GB PCIe,Final Projection,68.83614205,11.43953055,0.7924893496
NVIDIA A100 80GB PCIe,QKV Projections,69.55571412,6.145974601,0.7728423268
NVIDIA GeForce RTX 2080 Ti,Attention Output,78.63331169,19.40187611,0.5432144912
NVIDIA GeForce RTX 2080 Ti,Attention Scores,72.29630656,11.67924075,0.4997395374
NVIDIA GeForce RTX 2080 Ti,Final Projection,81.07518427,25.13317702,0.5695295156
NVIDIA GeForce RTX 2080 Ti,QKV Projections,81.45702402,12.07278589,0.4808953078
EOT

# All zeros, and zeros with hundredths among them: neither says how the efficiency comes to its end.
for source in "NVIDIA A100 80GB PCIe" "NVIDIA GeForce RTX 2080 Ti"; do
    run fit "$measured" --law "$law" --where "source == \"$source\" && operation == \"attention_softmax\""
    exits 0
    for name in k alpha; do
        check "$source: no number for $name" grep -qE "^  $name +- +- .* unidentified$" "$work/stdout"
    done
    prints_part 'not identifiable by these rows'
    check "no errors of what has no value" bash -c "! grep -qi nan '$work/stdout'"
    run fit "$measured" --law "$law" --where "source == \"$source\"" --by operation --json
    exits 0
    check "$source: --by gives no number either" [ "$(grep -c '"state": "unidentified"' "$work/stdout")" -eq 2 ]
done
finish
