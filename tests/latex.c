#include "tests/latex.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "plots/process.h"
#include "tests/check.h"

void check_latex(const char *text, const char *test)
{
    char folder[] = "/tmp/jf-latex-XXXXXX";
    const char *const argv[] = {
        "pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-shell-escape", "x.tex", NULL};
    static const char *const files[] = {"x.tex", "x.pdf", "x.log", "x.aux"};
    jf_process_end end;
    jf_error err = {0};
    FILE *file;

    assert_non_null(mkdtemp(folder));
    assert_int_equal(chdir(folder), 0);
    file = fopen("x.tex", "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    check_ok(jf_process_run(argv, folder, 120, &end, &err), &err);
    if (end.missing)
        printf("SKIPPED: %s needs pdflatex\n", test);
    else if (end.exit_code != 0)
        fprintf(stderr, "%s\n", end.words.data);
    assert_true(end.missing || end.exit_code == 0);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) unlink(files[i]);
    assert_int_equal(chdir("/"), 0);
    assert_int_equal(rmdir(folder), 0); /* nothing was left, "pwned" least of all */
    jf_text_free(&end.words);
}
