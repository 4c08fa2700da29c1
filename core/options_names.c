/* Option values that are lists of known names: "pairs, wild". */
#include <string.h>
#include <strings.h>
#include "core/options.h"

static jf_status unknown_name(const char *option, const char *name, const char *const *names, jf_error *err)
{
    size_t n = 0;
    char suggestion[128];
    jf_text all = {0};
    jf_status status;

    while (names[n]) n++;
    for (size_t i = 0; i < n; i++)
        jf_text_addf(&all, "%s%s", i == 0 ? "" : i + 1 == n ? " or " : ", ", names[i]);
    status = jf_fail(err, JF_EUSAGE, "%s: expected %s, found '%s'%s", option, all.data ? all.data : "a name",
                     name, jf_did_you_mean(suggestion, sizeof suggestion, name, names, n));
    jf_text_free(&all);
    return status;
}

jf_status jf_option_names(const char *option, const char *text, const char *const *names, bool *chosen,
                          jf_error *err)
{
    bool any = false;

    for (size_t i = 0; names[i]; i++) chosen[i] = false;
    for (const char *end; *text; text = *end ? end + 1 : end) {
        char name[64];
        size_t length, i = 0;

        end = text + strcspn(text, ",");
        while (text < end && *text == ' ') text++;
        length = (size_t)(end - text);
        while (length && text[length - 1] == ' ') length--;
        if (length >= sizeof name) length = sizeof name - 1;
        memcpy(name, text, length);
        name[length] = '\0';
        while (names[i] && strcasecmp(names[i], name) != 0) i++;
        if (!names[i]) return unknown_name(option, name, names, err);
        chosen[i] = any = true;
    }
    return any ? JF_OK : unknown_name(option, "", names, err);
}
