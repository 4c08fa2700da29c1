/* Loads XGBoost when it is first wanted. */
#ifdef JF_HAVE_XGBOOST

#include <dlfcn.h>
#include <string.h>

#include "core/memory.h"
#include "core/text.h"
#include "fit/select/trees_parts.h"

/* Names that the loader tries, in turn. */
static const char *const library_names[] = {"libxgboost.so.0", "libxgboost.so", JF_XGBOOST_LIBRARY, NULL};

/* Fills the functions; the name of one that is missing, or NULL. */
static const char *find_functions(jf_tree_library *library)
{
#define X(name)                                                                                              \
    *(void **)&library->name = dlsym(library->handle, #name);                                                \
    if (!library->name) return #name;
    JF_XGBOOST_FUNCTIONS(X)
#undef X
    return NULL;
}

static char *version_in_words(const jf_tree_library *library)
{
    jf_text text = {0};
    int major, minor, patch;

    library->XGBoostVersion(&major, &minor, &patch);
    jf_text_addf(&text, "XGBoost %d.%d.%d", major, minor, patch);
    return jf_text_take(&text);
}

jf_status jf_tree_library_open_as(const char *const *names, jf_tree_library **out, char **why, jf_error *err)
{
    jf_tree_library *library = JF_NEW(jf_tree_library);
    jf_text text = {0};
    const char *missing = NULL;
    jf_status status = JF_OK;

    *out = NULL;
    *why = NULL;
    JF_TRY_NEW(library, err, "trees");
    /* it stays in memory: C++ libraries with threads of their own do not like to leave */
    for (size_t i = 0; names[i] && !library->handle; i++)
        library->handle = dlopen(names[i], RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (!library->handle)
        jf_text_addf(&text, "XGBoost cannot be loaded: %s", dlerror());
    else if ((missing = find_functions(library)))
        jf_text_addf(&text, "this XGBoost has no %s", missing);
    *why = text.length || text.failed ? jf_text_take(&text) : version_in_words(library);
    JF_TRY_NEW(*why, err, "trees");
    if (library->handle && !missing) {
        *out = library;
        library = NULL;
    }
done:
    jf_tree_library_close(library);
    jf_text_free(&text);
    return status;
}

jf_status jf_tree_library_open(jf_tree_library **out, char **why, jf_error *err)
{
    return jf_tree_library_open_as(library_names, out, why, err);
}

void jf_tree_library_close(jf_tree_library *library)
{
    if (library && library->handle) dlclose(library->handle);
    jf_free(library);
}

/* "[12:00:00] ./src/data/data.cc:1104: Check failed: what it says" and a stack trace: what it says. */
jf_status jf_tree_library_failed(const jf_tree_library *library, jf_error *err)
{
    static const char *const before[] = {"Check failed: ", "] "};
    const char *text = library->XGBGetLastError(), *found;

    for (size_t i = 0; i < sizeof before / sizeof *before; i++)
        if ((found = strstr(text, before[i]))) {
            text = found + strlen(before[i]);
            break;
        }
    return jf_fail(err, JF_EFIT, "XGBoost: %.*s", (int)strcspn(text, "\n"), text);
}

#endif
