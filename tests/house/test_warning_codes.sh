# Every warning code of the source is explained, every code that is explained is in the source, and every one is
# raised in some test; `joulefit help warnings` lists them.
cd "$JOULEFIT_SOURCE" || exit 1
bad=0
explained=$(grep -o '{"W_[A-Z0-9_]*"' core/warnings.c | tr -d '{"' | sort -u)
raised=$(grep -rhoE --include='*.c' --exclude=warnings.c '"W_[A-Z0-9_]+"' core data proxies fit plots reports cli | tr -d '"' | sort -u)
for code in $raised; do
    grep -qx "$code" <<<"$explained" || { echo "$code is raised and 'joulefit help $code' knows nothing"; bad=1; }
done
for code in $explained; do
    grep -qx "$code" <<<"$raised" || { echo "$code is explained and raised nowhere"; bad=1; }
    grep -rqF --include='*.c' --include='*.sh' --include='*.txt' --include='*.md' "$code" tests/unit tests/property tests/reference \
        tests/golden tests/edge tests/faults README.md || { echo "$code is raised in no test"; bad=1; }
done
listed=$("$JOULEFIT" help warnings | grep -o '^W_[A-Z0-9_]*' | sort -u)
[ "$listed" = "$explained" ] || { echo "help warnings does not list every code"; bad=1; }
for code in $explained; do
    "$JOULEFIT" help "$code" | grep -q 'what to do:' || { echo "help $code says not what to do"; bad=1; }
done
exit $bad
