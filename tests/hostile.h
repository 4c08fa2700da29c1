/* Names as strangers' files may hold them: each tries to be more than text somewhere. A command that is run
 * would leave a file called "pwned". */
#ifndef JF_TESTS_HOSTILE_H
#define JF_TESTS_HOSTILE_H

static const char *const hostile_names[] = {
    "`touch pwned`",
    "$(touch pwned)",
    "'; system('touch pwned'); '",
    "' ; !touch pwned",
    "\"; system(\"touch pwned\"); \"",
    "\"`touch pwned`\"",
    "a\nsystem 'touch pwned'\n",
    "a\n!touch pwned\n",
    "a\r\nset output '|touch pwned'\r\n",
    "@macro @pwned",
    "{/Bold x}_a^b & ~a{.8-} \\n \\",
    "|touch pwned",
    "< touch pwned",
    "50% of %s %n %g %%",
    "\\write18{touch pwned}",
    "\\input{/etc/passwd}",
    "\\immediate\\openout\\x=pwned",
    "$x^2$ #1 & {a} ~ \\\\ _b_ %c",
    "^^5cwrite18{touch pwned}",
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "&lt;script&gt; &amp; &#60; &#x3c;",
    "]]><!-- --!>",
    "javascript:alert(1)",
    "[click](javascript:alert(1)) ![x](http://e.vil/x.png)",
    "a | b | c\n|---|---|",
    "*bold* _it_ `code` # h",
    "=cmd|' /C calc'!A0",
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(1+1)",
    "\t=1+1",
    "\r=1+1",
    "a,b;\"c\"",
    "\xc3\xa9nergie (\xce\xbcJ) \xe6\xbc\xa2\xe5\xad\x97",
    "broken \xff\xfe \xc3 utf-8",
    "\x1b[31mred\x1b[0m \x07",
    "\xe2\x80\xaegnirts",
    "",
};
enum { N_HOSTILE = sizeof hostile_names / sizeof *hostile_names };

#endif
