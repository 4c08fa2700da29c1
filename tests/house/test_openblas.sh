#!/usr/bin/env bash
# What GSL calls is OpenBLAS, not its own gslcblas.
set -euo pipefail
[ -n "${JOULEFIT:-}" ] || { echo "SKIPPED: the program is not built"; exit 77; }
if nm -D "$JOULEFIT" | grep -q __asan_init; then echo "SKIPPED: sanitizers resolve symbols their own way"; exit 77; fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
{ echo "x,y"; for i in 1 2 3 4 5 6 7 8 9; do echo "$i,$((i * i + i % 3))"; done; } >"$work/t.csv"
LD_BIND_NOW=1 LD_DEBUG=bindings LD_DEBUG_OUTPUT="$work/bindings" \
    "$JOULEFIT" fit "$work/t.csv" --law 'y ~ a*x^b' >/dev/null
bound=$(cat "$work"/bindings* | grep -E 'libgsl\.so.*symbol .cblas_d' || true)
[ -n "$bound" ] || { echo "no cblas binding of libgsl seen"; exit 1; }
if grep -v 'to [^ ]*libopenblas' <<<"$bound"; then echo "bound elsewhere than OpenBLAS"; exit 1; fi
