/* joulefit help language: how formulas, filters and laws are written, with every function. */
#include <ctype.h>
#include "cli/help/help_language.h"
#include "core/expr/functions.h"

static const char opening[] =
    "One language serves filters (--where), derived columns (--let), proxies and laws (--law).\n"
    "\n"
    "Names\n"
    "  energy_kWh        a column; in a law, a name that is no column is a parameter\n"
    "  `GPU model`       a name with other characters stands in backquotes\n"
    "  \"TP\", 'TP'        a label; 1, 2.5e-3 and pi are numbers\n"
    "\n"
    "Operators, from those that bind most tightly\n"
    "  x^2               power; groups to the right, binds tighter than -x\n"
    "  -x  !x            minus, not\n"
    "  *  /              product, quotient\n"
    "  +  -              sum, difference\n"
    "  <  <=  >  >=      comparisons; ==  != also of labels; x in (\"a\", \"b\")\n"
    "  &&  then  ||      both, either\n"
    "\n"
    "Laws: response ~ formula\n"
    "  'log(energy) ~ b0 + a*log(C)'\n"
    "                    noise is on the logarithm, as the left side says\n"
    "  'floor: energy ~ k*C^a + E0'\n"
    "                    a law with a name; --error log|additive|relative says how noise enters\n"
    "  h[strategy]       one parameter for each level of a label column\n"
    "  r[strategy = \"Baseline\"]\n"
    "                    zero at that level, an effect relative to it at the others\n"
    "  r[strategy, gpu]  one for each pair that occurs\n"
    "\n"
    "Filters and derived columns\n"
    "  --where 'gpus > 1 && strategy in (\"TP\", \"FSDP\")'\n"
    "  --let 'energy [J] = power_W*duration_s'\n"
    "\n"
    "Functions (logarithms are natural unless named otherwise)\n";

static const char closing[] =
    "\n"
    "center, scale, mean and median are learned on the training rows of each fit and kept in the model.\n"
    "A parameter of four letters or more that is one edit or only case away from a column's name is an\n"
    "error with the suggestion, unless --param declares it.\n";

void jf_help_language(jf_text *out)
{
    jf_text_add(out, opening);
    for (size_t i = 0; i < JF_N_FUNCTIONS; i++)
        if (isalpha((unsigned char)jf_functions[i].name[0]) && jf_function_find(jf_functions[i].name) >= 0)
            jf_text_addf(out, "  %-16s  %s\n", jf_functions[i].name, jf_functions[i].help);
    jf_text_addf(out, "  %-16s  %s\n", "pow", "pow(x, p), the same as x^p");
    jf_text_add(out, closing);
}
