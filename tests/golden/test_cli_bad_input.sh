# Bad requests and bad data: what is said, word by word, where, and the exit code.
. "$JOULEFIT_SOURCE/tests/golden/cli.bash"

law='log(energy) ~ b0 + a*log(tokens)'
printf 'energy_J,tokens,gpu\n10,1,A\n21,2,A\n29,3,B\n42,4,B\n52,5,B\n61,6,A\n80,8,B\n' >ok.csv
printf 'energy_J,tokens,gpu\n10,1,A\n21,2,A\n29,3,B\n42,4,B\n50\n61,6,A\n"7x"y,7,A\n80,8,B\n' >ragged.csv
printf 'energy_J,tokens,tokens\n1,2,3\n' >twice.csv
printf 'energy_J,tokens\n' >header.csv
printf 'energy_J,tokens\n1,2\n\0\0\0\0' >binary.csv
printf 'energy_J,tokens\n10,1\n20,2\n20,2\n41,4\n' >copies.csv
: >empty.csv
printf '{"a": 1}' >other.json

# refuses EXIT MESSAGE WORDS...: nothing on stdout, exactly this error on stderr.
refuses() {
    local wanted=$1 message=$2
    shift 2
    run "$@"
    exits "$wanted"
    prints_nothing
    says "joulefit: error: $message"
}

# files
refuses 3 "none.csv: no such file" fit none.csv --law "$law"
refuses 3 "empty.csv: the file is empty" fit empty.csv --law "$law"
refuses 3 "binary.csv: not a text file: byte 21 is zero" fit binary.csv --law "$law"
refuses 3 "twice.csv:1: two columns are called 'tokens' (columns 2 and 3)" fit twice.csv --law "$law"
refuses 3 "header.csv: there are no rows under the header" fit header.csv --law "$law"
refuses 3 ".: is a folder; name the file in it" fit . --law "$law"
refuses 3 "copies.csv: 1 of 4 rows are copies of another row (--duplicates keep or drop)" \
    fit copies.csv --law "$law" --duplicates error
refuses 3 "other.json: JSON, but no result of joulefit" report other.json

# laws
refuses 2 "no law: give --law NAME ('joulefit laws' lists them) or --law 'log(energy) ~ b0 + a*log(tokens)'" fit ok.csv
refuses 2 "no law 'rofline' in the catalogue (did you mean 'roofline'?)" fit ok.csv --law rofline
refuses 2 "--law: expected a name of the catalogue or 'response ~ formula', found 'log(energy)'" \
    fit ok.csv --law 'log(energy)'
refuses 2 "law: column 5: no column 'enregy' (did you mean 'energy'?)" \
    fit ok.csv --law 'log(enregy) ~ b0 + a*log(tokens)'
refuses 2 "law: column 22: unknown function 'lgo' (did you mean 'log'?)" \
    fit ok.csv --law 'log(energy) ~ b0 + a*lgo(tokens)'
refuses 2 "law: column 32: expected ',' or ')', found the end" fit ok.csv --law 'log(energy) ~ b0 + a*log(tokens'
refuses 2 "law: column 26: 'tokns' is no column, and too near to 'tokens' to be taken for a parameter (did you mean 'tokens'? if not, declare it: --param tokns)" \
    fit ok.csv --law 'log(energy) ~ b0 + a*log(tokns)'
refuses 2 "law: column 15: no column 'gpuu' for the levels of 'h' (did you mean 'gpu'?)" \
    fit ok.csv --law 'log(energy) ~ h[gpuu]'
refuses 2 "law: column 15: the reference \"A\" of column 'gpu' is only in rows that are not fitted: a filter or missing values leave them out" \
    fit ok.csv --where 'gpu == "B"' --law 'log(energy) ~ h[gpu = "A"] + a*log(tokens)'
refuses 2 "law: column 15: the reference \"C\" does not occur in column 'gpu'" \
    fit ok.csv --law 'log(energy) ~ h[gpu = "C"]'
refuses 2 "fit takes one law, found 2 ('law1', 'law2'); compare takes several" fit ok.csv --law "$law" --law "$law"
refuses 2 "two laws are called 'x': name one, as in --law 'other: energy ~ b*tokens'" \
    compare ok.csv --law 'x: energy ~ a*tokens' --law 'x: energy ~ b*tokens'
refuses 3 "cannot read none.yaml: No such file or directory" fit ok.csv --laws none.yaml

# settings of parameters
refuses 2 "--start: law 'law1' has no parameter 'c'" fit ok.csv --law "$law" --start c=1
refuses 2 "--bounds: 'a=2:1': lower bound is above the upper one" fit ok.csv --law "$law" --bounds a=2:1
refuses 2 "--fix: expected NAME=VALUE, found 'a'" fit ok.csv --law "$law" --fix a
refuses 2 "--se: expected classical, hc0, hc1, hc2, hc3, cluster, cr2 or cr1, found 'hc4' (did you mean 'hc0'?)" \
    fit ok.csv --law "$law" --se hc4
refuses 2 "law 'law2' (--fix LAW.a=1 sets it for one law): --fix: law 'law2' has no parameter 'a'" \
    compare ok.csv --law "$law" --law 'energy ~ b*tokens' --fix a=1

# the way in
refuses 2 "--where: column 1: no column 'toknes' (did you mean 'tokens'?)" fit ok.csv --law "$law" --where 'toknes > 2'
refuses 2 "--where: column 10: expected a value, found the end" \
    fit ok.csv --law "$law" --where 'tokens > 1' --where 'tokens > '
refuses 3 "ok.csv: --where 'tokens > 100' keeps none of 7 rows" fit ok.csv --law "$law" --where 'tokens > 100'
refuses 2 "--group: no column 'gpus' in ok.csv (did you mean 'gpu'?)" fit ok.csv --law "$law" --group gpus
refuses 2 "--let: expected NAME [UNIT] = EXPRESSION, found 'x + 1'" fit ok.csv --law "$law" --let 'x + 1'
refuses 2 "--class: expected pre or post for 'tokens', found 'late'" fit ok.csv --law "$law" --class tokens=late
refuses 2 "--map: nothing reads 'foo=tokens'" fit ok.csv --law "$law" --map foo=tokens
refuses 2 "--map: expected NAME=COLUMN, found 'tokens'" fit ok.csv --law "$law" --map tokens
run fit ok.csv --law "$law" --unit energy_J=Jule
exits 2; prints_nothing
says_part "--unit: unknown unit 'Jule': units are J, kJ,"
run fit ok.csv --law "$law" --duplicates kep
exits 2; says_part "--duplicates: expected keep, drop or error, found 'kep' (did you mean 'keep'?)"
run fit ok.csv --law "$law" --proxy C
exits 2; prints_nothing
says_part "no column for 'layers'"
says_part "--map layers=COLUMN"

# plans, criteria, figures, catalogues
refuses 2 "unknown validation plan 'kfld' (did you mean 'kfold'?)" compare ok.csv --law "$law" --validate kfld:3
refuses 2 "--criterion: unknown metric 'rmsee' (did you mean 'rmse'?)" compare ok.csv --law "$law" --criterion rmsee
run plot party ok.csv -o x.pdf
exits 2; prints_nothing; says_part "unknown figure 'party' (did you mean 'parity'?)"
refuses 2 "-o: expected a file for the figure (.pdf, .svg or .png)" plot parity ok.csv
refuses 2 "no law 'chinchila' in the catalogue (did you mean 'chinchilla'?)" laws chinchila
run hardware foo
exits 3; prints_nothing; says_part "unknown GPU 'foo'"
run proxies --explain flops_forwad
exits 2; says_part "unknown feature 'flops_forwad' (did you mean 'flops_forward'?)"
refuses 3 "cannot read none.json: No such file or directory" predict none.json --grid tokens=1

# rejected rows are listed, counted and left in the ledger; the rest is fitted
run fit ragged.csv --law "$law" --ledger ledger.csv --json
exits 0
says_part "joulefit: ragged.csv:6: rejected: ragged row (1 field, expected 3)"
says_part "joulefit: ragged.csv:8: rejected: unreadable row"
says_part "2 of 8 rows rejected, the first is line 6: 1 field, expected 3 [W_REJECTED_ROWS]"
check "the ledger lists both" [ "$(grep -c rejected ledger.csv)" -eq 2 ]
if needs_python "rows that balance"; then
    check "rows balance" [ "$(json "$work/stdout" "(r['data']['rows_read'], r['data']['rows_used'], r['data']['dropped'])")" = \
        "(8, 6, [{'reason': 'rejected', 'rows': 2}])" ]
fi

# standard input
run_with ok.csv fit - --law "$law" --json
exits 0; says_nothing; prints_part '"file": "stdin"'

# an output that cannot be written
refuses 5 "nowhere/x.json: cannot write: No such file or directory" fit ok.csv --law "$law" -o nowhere/x.json
refuses 5 ".: cannot write: it is a directory" fit ok.csv --law "$law" -o .
echo old >kept.json
run fit none.csv --law "$law" -o kept.json
exits 3
check "a failure leaves the old file" [ "$(cat kept.json)" = old ]
check "nothing is left beside it" [ -z "$(find . -name '.joulefit*')" ]
# Memory: what would not fit is refused before the work, with the figures.
printf 'x,y\n1,2\n2,4.1\n3,5.8\n4,8.3\n' >t.csv
run fit t.csv --law 'y ~ a*x' --ci bootstrap --bootstrap 10000000 --memory 20MB
exits 3; prints_nothing
says_part "out of memory for refits: "; says_part " more were wanted, and --memory allows 20 MB in all"
run fit t.csv --law 'y ~ a*x' --memory 3
exits 2; says_part "--memory: expected a size of 16 MB or more, as 500M or 8G, found '3'"

finish
