# Writes type_one_error.md beside itself: bash type_one_error.sh build/release/tests/property_test_tests_type_one
# (a minute or two on one core).
program=${1:?the test program}
target=$(dirname "$0")/type_one_error.md
{
    cat <<'TEXT'
# How often two equally good laws are declared different

Made by `tests/reference/type_one_error.sh` with the program of `tests/property/test_tests_type_one.c`: 1,000 simulated studies a
line, three runs in each group that share their inputs and part of their error, `compare` with its default plan for groups (20
random splits that hold out 30 % of the groups), tests at the 5 % level. Neither law can be better, by symmetry. Shares of studies in
%; their Monte-Carlo error is 0.7 % near 5 %. "Corrected t" is the resampled t of Nadeau and Bengio (Machine Learning 52, 2003)
on which `compare` relies; "plain t" is the paired t-test on the same splits, which takes them for independent; Vuong's test works
with sums over groups. "Warned": the result carries `W_FEW_GROUPS`.

TEXT
    "$program" measure
} >"$target.new" && mv "$target.new" "$target"
