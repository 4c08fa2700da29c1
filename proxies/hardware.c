/* The hardware catalogue: read from YAML, found by cleaned names. */
#include "proxies/hardware.h"

#include <ctype.h>
#include <math.h>
#include <string.h>
#include "core/memory.h"
#include "core/text.h"
#include "core/yaml.h"

extern const char jf_hardware_yaml[];
extern const size_t jf_hardware_yaml_length;

enum { KEY_SIZE = 128, N_NEAREST = 3 };

/* Words that say who made it or what its memory is of, not which model it is. */
static bool is_noise(const char *word)
{
    static const char *const noise[] = {"nvidia", "amd",   "google", "tesla", "geforce", "instinct",
                                        "hbm2",   "hbm2e", "hbm3",   "hbm3e", "r",       "tm"};

    for (size_t i = 0; i < sizeof noise / sizeof *noise; i++)
        if (!strcmp(word, noise[i])) return true;
    return false;
}

/* The next run of letters and digits, lower-case; a word that does not fit is cut. NULL at the end. */
static const char *next_word(const char *text, char word[KEY_SIZE])
{
    size_t length = 0;

    while (*text && !isalnum((unsigned char)*text)) text++;
    if (!*text) return NULL;
    for (; isalnum((unsigned char)*text); text++)
        if (length < KEY_SIZE - 1) word[length++] = (char)tolower((unsigned char)*text);
    word[length] = '\0';
    return text;
}

/* "1 x NVIDIA A100-SXM4-40GB" -> the text after "1 x"; trackers count the GPUs of one kind so. */
static const char *skip_count(const char *text)
{
    const char *rest = text;

    while (isspace((unsigned char)*rest)) rest++;
    if (!isdigit((unsigned char)*rest)) return text;
    while (isdigit((unsigned char)*rest)) rest++;
    while (isspace((unsigned char)*rest)) rest++;
    if (tolower((unsigned char)*rest) != 'x' || isalnum((unsigned char)rest[1])) return text;
    return rest + 1;
}

/* Cleans a name: lower-case letters and digits without count, vendor and memory type. */
static void clean_name(const char *name, char key[KEY_SIZE])
{
    char word[KEY_SIZE];
    size_t length = 0;

    name = skip_count(name);
    while ((name = next_word(name, word))) {
        size_t more = strlen(word);
        if (is_noise(word)) continue;
        if (length + more >= KEY_SIZE) more = KEY_SIZE - 1 - length;
        memcpy(key + length, word, more);
        length += more;
    }
    key[length] = '\0';
}

static void free_texts(char **texts, size_t n)
{
    for (size_t i = 0; i < n; i++) jf_free(texts[i]);
    jf_free(texts);
}

static void clear_gpu(jf_gpu *gpu)
{
    jf_free(gpu->name);
    jf_free(gpu->source);
    free_texts(gpu->patterns, gpu->n_patterns);
    free_texts(gpu->assumed, gpu->n_assumed);
    memset(gpu, 0, sizeof *gpu);
}

void jf_hardware_free(jf_hardware *hardware)
{
    if (!hardware) return;
    for (size_t i = 0; i < hardware->n; i++) clear_gpu(&hardware->gpus[i]);
    jf_free(hardware->gpus);
    memset(hardware, 0, sizeof *hardware);
}

/* `*out` = map[key] * scale, or NaN when the key is not there. */
static jf_status read_quantity(const char *file, const jf_yaml *map, const char *key, double scale,
                               double *out, jf_error *err)
{
    const jf_yaml *node = jf_yaml_get(map, key);
    jf_status status = JF_OK;

    *out = NAN;
    if (!node) return JF_OK;
    JF_TRY(jf_yaml_number(file, node, out, err));
    if (!(*out > 0) || isinf(*out))
        return jf_fail(err, JF_EDATA, "%s:%d: %s: expected a number above zero, found '%s'", file, node->line,
                       key, node->text);
    *out *= scale;
done:
    return status;
}

/* Cleaned names of a list of texts; `list` NULL gives none. */
static jf_status read_names(const char *file, const jf_yaml *list, char ***out, size_t *n_out, jf_error *err)
{
    char key[KEY_SIZE];

    if (!list) return JF_OK;
    if (list->kind != JF_YAML_LIST)
        return jf_fail(err, JF_EDATA, "%s:%d: expected a list of names", file, list->line);
    *out = JF_NEW_ZEROED(char *, list->n);
    if (!*out) return jf_fail(err, JF_ENOMEM, "out of memory for names of GPUs");
    for (; *n_out < list->n; ++*n_out) {
        const jf_yaml *item = list->items[*n_out];
        if (item->kind != JF_YAML_SCALAR)
            return jf_fail(err, JF_EDATA, "%s:%d: expected a name", file, item->line);
        clean_name(item->text, key);
        if (!*key)
            return jf_fail(err, JF_EDATA, "%s:%d: nothing is left of the name '%s'", file, item->line,
                           item->text);
        (*out)[*n_out] = jf_copy_text(key);
        if (!(*out)[*n_out]) return jf_fail(err, JF_ENOMEM, "out of memory for names of GPUs");
    }
    return JF_OK;
}

static jf_status read_peaks(const char *file, const jf_yaml *peaks, jf_gpu *gpu, jf_error *err)
{
    static const char *const keys[] = {"fp32", "tf32", "fp16", "bf16", "fp8", NULL};
    double *const targets[] = {&gpu->fp32, &gpu->tf32, &gpu->fp16, &gpu->bf16, &gpu->fp8};
    jf_status status = JF_OK;

    JF_TRY(jf_yaml_check_keys(file, peaks, keys, err));
    for (size_t i = 0; keys[i]; i++) JF_TRY(read_quantity(file, peaks, keys[i], 1e12, targets[i], err));
done:
    return status;
}

static jf_status read_gpu(const char *file, const jf_yaml *map, jf_gpu *gpu, jf_error *err)
{
    static const char *const keys[] = {"name",      "names",       "assumed", "peak_tflops",
                                       "memory_gb", "tdp_w",       "idle_w",  "bandwidth_gb_s",
                                       "link_gb_s", "bridge_gb_s", "source",  NULL};
    jf_status status = JF_OK;
    const jf_yaml *name, *peaks, *source;

    JF_TRY(jf_yaml_check_keys(file, map, keys, err));
    name = jf_yaml_get(map, "name");
    peaks = jf_yaml_get(map, "peak_tflops");
    source = jf_yaml_get(map, "source");
    if (!name || name->kind != JF_YAML_SCALAR || !*name->text)
        return jf_fail(err, JF_EDATA, "%s:%d: a GPU without a name", file, map->line);
    if (!peaks || !jf_yaml_get(map, "memory_gb") || !jf_yaml_get(map, "bandwidth_gb_s"))
        return jf_fail(err, JF_EDATA, "%s:%d: %s lacks peak_tflops, memory_gb or bandwidth_gb_s", file,
                       map->line, name->text);
    gpu->name = jf_copy_text(name->text);
    gpu->source = jf_copy_text(source && source->kind == JF_YAML_SCALAR ? source->text : "");
    JF_TRY_NEW(gpu->name, err, file);
    JF_TRY_NEW(gpu->source, err, file);
    JF_TRY(read_names(file, jf_yaml_get(map, "names"), &gpu->patterns, &gpu->n_patterns, err));
    JF_TRY(read_names(file, jf_yaml_get(map, "assumed"), &gpu->assumed, &gpu->n_assumed, err));
    JF_TRY(read_peaks(file, peaks, gpu, err));
    JF_TRY(read_quantity(file, map, "memory_gb", 1e9, &gpu->memory_byte, err));
    JF_TRY(read_quantity(file, map, "bandwidth_gb_s", 1e9, &gpu->bandwidth, err));
    JF_TRY(read_quantity(file, map, "tdp_w", 1, &gpu->tdp_w, err));
    JF_TRY(read_quantity(file, map, "idle_w", 1, &gpu->idle_w, err));
    JF_TRY(read_quantity(file, map, "link_gb_s", 1e9, &gpu->link, err));
    JF_TRY(read_quantity(file, map, "bridge_gb_s", 1e9, &gpu->bridge, err));
done:
    return status;
}

jf_status jf_hardware_add(jf_hardware *hardware, const char *file, const jf_yaml *map, jf_error *err)
{
    jf_status status = JF_OK;
    jf_gpu gpu = {0};

    JF_TRY(read_gpu(file, map, &gpu, err));
    if (!jf_grow((void **)&hardware->gpus, &hardware->capacity, hardware->n + 1, sizeof *hardware->gpus))
        JF_TRY(jf_fail(err, JF_ENOMEM, "out of memory for the hardware catalogue"));
    hardware->gpus[hardware->n++] = gpu;
    memset(&gpu, 0, sizeof gpu);
done:
    clear_gpu(&gpu);
    return status;
}

static jf_status add_list(jf_hardware *hardware, const char *file, const jf_yaml *list, jf_error *err)
{
    jf_status status = JF_OK;

    if (list->kind != JF_YAML_LIST)
        return jf_fail(err, JF_EDATA, "%s:%d: expected a list of GPUs", file, list->line);
    for (size_t i = 0; i < list->n; i++) JF_TRY(jf_hardware_add(hardware, file, list->items[i], err));
done:
    return status;
}

jf_status jf_hardware_builtin(jf_hardware *out, jf_error *err)
{
    jf_status status = JF_OK;
    jf_yaml *root = NULL;

    memset(out, 0, sizeof *out);
    JF_TRY(jf_yaml_read("hardware.yaml", jf_hardware_yaml, jf_hardware_yaml_length, &root, err));
    JF_TRY(add_list(out, "hardware.yaml", root, err));
done:
    if (status != JF_OK) jf_hardware_free(out);
    jf_yaml_free(root);
    return status;
}

jf_status jf_hardware_add_file(jf_hardware *hardware, const char *path, jf_error *err)
{
    jf_status status = JF_OK;
    jf_yaml *root = NULL;
    size_t before = hardware->n;

    JF_TRY(jf_yaml_read_file(path, &root, err));
    JF_TRY(add_list(hardware, path, root, err));
done:
    while (status != JF_OK && hardware->n > before) clear_gpu(&hardware->gpus[--hardware->n]);
    jf_yaml_free(root);
    return status;
}

static bool holds(char **texts, size_t n, const char *key)
{
    for (size_t i = 0; i < n; i++)
        if (!strcmp(texts[i], key)) return true;
    return false;
}

static bool is_named(const jf_gpu *gpu, const char *key)
{
    char own[KEY_SIZE];

    clean_name(gpu->name, own);
    return !strcmp(own, key) || holds(gpu->patterns, gpu->n_patterns, key);
}

/* Edits from `key` to the nearest way of writing this GPU. */
static size_t distance_to(const jf_gpu *gpu, const char *key)
{
    char own[KEY_SIZE];
    size_t best;

    clean_name(gpu->name, own);
    best = jf_edit_distance(own, key, false);
    for (size_t i = 0; i < gpu->n_patterns + gpu->n_assumed; i++) {
        const char *text = i < gpu->n_patterns ? gpu->patterns[i] : gpu->assumed[i - gpu->n_patterns];
        size_t distance = jf_edit_distance(text, key, false);
        if (distance < best) best = distance;
    }
    return best;
}

static jf_status fail_unknown(const jf_hardware *hardware, const char *name, const char *key, jf_error *err)
{
    const jf_gpu *nearest[N_NEAREST] = {NULL};
    size_t distances[N_NEAREST];

    for (size_t i = 0; i < hardware->n; i++) {
        const jf_gpu *gpu = &hardware->gpus[i];
        size_t distance = distance_to(gpu, key), place = N_NEAREST;

        while (place > 0 && (!nearest[place - 1] || distance < distances[place - 1])) place--;
        if (place == N_NEAREST) continue;
        memmove(nearest + place + 1, nearest + place, (N_NEAREST - 1 - place) * sizeof *nearest);
        memmove(distances + place + 1, distances + place, (N_NEAREST - 1 - place) * sizeof *distances);
        nearest[place] = gpu;
        distances[place] = distance;
    }
    if (!nearest[N_NEAREST - 1]) return jf_fail(err, JF_EDATA, "unknown GPU '%s'", name);
    return jf_fail(err, JF_EDATA,
                   "unknown GPU '%s' (nearest: %s, %s, %s; a file with --catalogue can add one)", name,
                   nearest[0]->name, nearest[1]->name, nearest[2]->name);
}

jf_status jf_hardware_find(const jf_hardware *hardware, const char *name, const jf_gpu **out, bool *assumed,
                           jf_error *err)
{
    char key[KEY_SIZE];

    *out = NULL;
    if (assumed) *assumed = false;
    clean_name(name, key);
    for (size_t i = hardware->n; i-- > 0;) /* from the end: a user's file wins */
        if (is_named(&hardware->gpus[i], key)) {
            *out = &hardware->gpus[i];
            return JF_OK;
        }
    for (size_t i = hardware->n; i-- > 0;)
        if (holds(hardware->gpus[i].assumed, hardware->gpus[i].n_assumed, key)) {
            *out = &hardware->gpus[i];
            if (assumed) *assumed = true;
            return JF_OK;
        }
    return fail_unknown(hardware, name, key, err);
}

double jf_gpu_peak(const jf_gpu *gpu, const char *precision)
{
    if (!strcmp(precision, "fp32")) return gpu->fp32;
    if (!strcmp(precision, "tf32")) return gpu->tf32;
    if (!strcmp(precision, "fp16")) return gpu->fp16;
    if (!strcmp(precision, "bf16")) return gpu->bf16;
    if (!strcmp(precision, "fp8")) return gpu->fp8;
    return NAN;
}
