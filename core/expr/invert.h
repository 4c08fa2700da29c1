/* Solving z = g(y) for y in symbols. */
#ifndef JF_CORE_EXPR_INVERT_H
#define JF_CORE_EXPR_INVERT_H

#include "core/expr/ast.h"

/* How often the name stands in the tree. */
size_t jf_ast_count(const jf_ast *ast, const char *name);
/* The first function on the way to `name` that is not monotone, or NULL. */
const jf_ast *jf_ast_not_monotone(const jf_ast *ast, const char *name);
/* The tree of y = g^-1(z) for `ast` = g(y), in which `name` now stands for z; the name must stand once in
 * `ast`. NULL when there is no such tree, or with *no_memory set. */
jf_ast *jf_ast_invert(const jf_ast *ast, const char *name, bool *no_memory);

#endif
