#include "cli/proxy_names.h"

#include "core/memory.h"
#include "core/text.h"
#include "proxies/catalogue.h"

static bool has_unidentified(const jf_fit *fit)
{
    for (size_t i = 0; i < fit->n_estimates; i++)
        if (fit->estimates[i].state == JF_STATE_UNIDENTIFIED) return true;
    return false;
}

static void warn(const jf_fit *fit, const char *names, size_t n, jf_warnings *to)
{
    jf_warn(to, "W_PROXY_NAME",
            n == 1 ? "law '%s': no column is called '%s', so it is a parameter; --proxy %s makes the feature "
                     "of that "
                     "name"
                   : "law '%s': no columns are called '%s', so they are parameters; --proxy %s makes the "
                     "features of "
                     "these names",
            fit->law_name, names, names);
}

jf_status jf_proxy_names_note(const jf_fit *fit, const jf_option_list *catalogues, jf_warnings *to,
                              jf_error *err)
{
    jf_status status = JF_OK;
    jf_catalogue *catalogue = NULL;
    jf_text names = {0};
    size_t n = 0;

    if (!has_unidentified(fit)) return JF_OK;
    JF_TRY(jf_catalogue_builtin(&catalogue, err));
    for (size_t i = 0; i < catalogues->n; i++)
        JF_TRY(jf_catalogue_add_file(catalogue, catalogues->items[i], err));
    for (size_t i = 0; i < fit->n_estimates; i++) {
        const jf_estimate *e = &fit->estimates[i];
        if (e->state != JF_STATE_UNIDENTIFIED || !jf_catalogue_find(catalogue, e->name)) continue;
        jf_text_addf(&names, "%s%s", n++ ? "," : "", e->name);
    }
    JF_TRY_NEW(!names.failed, err, "names");
    if (n) warn(fit, names.data, n, to);
done:
    jf_text_free(&names);
    jf_catalogue_free(catalogue);
    return status;
}
