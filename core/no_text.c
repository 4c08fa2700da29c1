/* What files begin with that are often meant to be read, and are no text. */
#include "core/no_text.h"

#include <stdbool.h>
#include <string.h>

static const struct {
    const char *bytes;
    size_t length, place;
    const char *what;
} beginnings[] = {
    {"PK\3\4", 4, 0, "a zip file or a spreadsheet; save it as CSV"},
    {"PAR1", 4, 0, "a Parquet file; save it as CSV"},
    {"\xfd\x37zXZ", 5, 0, "compressed with xz; unpack it, or pack it with gzip or zstd"},
    {"1AY&SY", 6, 4, "compressed with bzip2; unpack it, or pack it with gzip or zstd"},
};

/* With its mark, or two characters of Latin letters with a zero before or behind each. */
static bool is_utf16(const char *bytes, size_t n)
{
    if (n >= 2 && (!memcmp(bytes, "\xff\xfe", 2) || !memcmp(bytes, "\xfe\xff", 2))) return true;
    if (n < 4) return false;
    return (bytes[0] && !bytes[1] && bytes[2] && !bytes[3]) ||
           (!bytes[0] && bytes[1] && !bytes[2] && bytes[3]);
}

const char *jf_no_text(const char *bytes, size_t n)
{
    for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++)
        if (n >= beginnings[i].place + beginnings[i].length &&
            memcmp(bytes + beginnings[i].place, beginnings[i].bytes, beginnings[i].length) == 0)
            return beginnings[i].what;
    return is_utf16(bytes, n)
               ? "UTF-16 text, as PowerShell writes it, expected UTF-8; save it as that, or convert "
                 "it: iconv -f UTF-16 -t UTF-8"
               : NULL;
}
