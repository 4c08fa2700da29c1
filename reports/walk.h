/* Every number and text of a result with its path: "step.parameters.a.estimate". */
#ifndef JF_REPORTS_WALK_H
#define JF_REPORTS_WALK_H

#include <jansson.h>
#include "core/error.h"

/* A leaf: a number, a text, true, false or null. `holder` is the object or array that it stands in, `key` its
 * name there ("" in an array). */
typedef struct jf_leaf {
    const char *path, *key;
    const json_t *value, *holder;
} jf_leaf;

typedef jf_status (*jf_walk_visit)(void *context, const jf_leaf *leaf, jf_error *err);

/* Visits the leaves under `json` in the order of the file; objects and lists called as one of `skip`
 * (NULL-ended, or NULL) are left out with all below. Paths begin with `prefix`; parts are parted by dots. A
 * member of a list is called by its name ("parameters.a", "candidates.roofline", a plan's text, a kind,
 * "kind:a:b" of a test between laws), or by its place, counted from 1, where it has none or shares it with
 * one before. In names, what is no letter, no digit and none of _-+:=[],"<>~*() and blanks becomes '-'. */
jf_status jf_walk(const json_t *json, const char *prefix, const char *const *skip, jf_walk_visit visit,
                  void *context, jf_error *err);

#endif
