/* LaTeX made by the program, compiled where nothing would stop it from doing harm: shell escapes are allowed.
 */
#ifndef JF_TESTS_LATEX_H
#define JF_TESTS_LATEX_H

/* Compiles `text` in an empty folder of its own and asks that TeX leaves there x.pdf, x.log and x.aux and
 * nothing else. Without pdflatex it says that `test` was skipped. */
void check_latex(const char *text, const char *test);

#endif
