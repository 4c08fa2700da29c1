/* Versions, as the libraries give them at run time. */
#include "reports/manifest.h"

#include <cblas.h>
#include <gnu/libc-version.h>
#include <gsl/gsl_version.h>

json_t *jf_manifest_versions(void)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "joulefit", JF_VERSION, "gsl", gsl_version, "openblas",
                     openblas_get_config(), "jansson", jansson_version_str(), "libc", gnu_get_libc_version(),
                     "compiler", __VERSION__);
}
