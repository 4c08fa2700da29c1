/* Notes a fit of a simulated study; packs it for a checkpoint. */
#include "fit/infer/replicate.h"

#include <math.h>
#include <string.h>
#include "core/memory.h"

static const char what[] = "a simulated study";

/* ---- noting ---- */

/* An open end lies at infinity; one that there is none of for another reason makes no interval. */
static double end_of(double value, const jf_end *state, double infinite)
{
    return isnan(value) && state && *state == JF_END_UNBOUNDED ? infinite : value;
}

static void note_interval(const jf_interval_set *set, size_t j, double truth, jf_replicate_set *out)
{
    double low = end_of(set->low[j], set->low_end ? &set->low_end[j] : NULL, -INFINITY);
    double high = end_of(set->high[j], set->high_end ? &set->high_end[j] : NULL, INFINITY);

    out->length[j] = (float)(high - low);
    if (isnan(low) || isnan(high))
        out->caught[j] = JF_CAUGHT_NONE;
    else
        out->caught[j] = high < truth ? JF_MISSED_BELOW : low > truth ? JF_MISSED_ABOVE : JF_CAUGHT;
}

static bool make_set(size_t k, jf_replicate_set *out)
{
    out->caught = JF_NEW_ARRAY(unsigned char, k);
    out->length = JF_NEW_ARRAY(float, k);
    return out->caught && out->length;
}

static bool make_estimates(size_t k, jf_replicate *out)
{
    out->estimate = JF_NEW_ARRAY(double, k);
    out->error = JF_NEW_ARRAY(double, k);
    out->at_bound = JF_NEW_ZEROED(unsigned char, k);
    return out->estimate && out->error && out->at_bound;
}

static jf_status note_codes(const jf_fit *fit, jf_replicate *out, jf_error *err)
{
    jf_status status = JF_OK;

    out->codes = JF_NEW_ZEROED(char *, fit->warnings.n);
    JF_TRY_NEW(out->codes, err, what);
    for (size_t i = 0; i < fit->warnings.n; i++) {
        size_t c = 0;
        while (c < out->n_codes && strcmp(out->codes[c], fit->warnings.items[i].code) != 0) c++;
        if (c < out->n_codes) continue;
        out->codes[c] = jf_copy_text(fit->warnings.items[i].code);
        JF_TRY_NEW(out->codes[c], err, what);
        out->n_codes++;
    }
done:
    return status;
}

static jf_status note_sets(const jf_fit *fit, const double *theta, size_t k, jf_replicate *out, jf_error *err)
{
    jf_status status = JF_OK;

    out->sets = JF_NEW_ZEROED(jf_replicate_set, fit->n_intervals);
    JF_TRY_NEW(out->sets, err, what);
    for (; out->n_sets < fit->n_intervals; out->n_sets++) {
        const jf_interval_set *set = &fit->intervals[out->n_sets];
        jf_replicate_set *to = &out->sets[out->n_sets];
        to->level = set->level;
        to->kind = jf_copy_text(set->kind);
        if (!make_set(k, to) || !to->kind) {
            out->n_sets++; /* to be cleared */
            JF_TRY_NEW(NULL, err, what);
        }
        for (size_t j = 0; j < k; j++) note_interval(set, j, theta[j], to);
    }
done:
    return status;
}

jf_status jf_replicate_note(const jf_fit *fit, const double *theta, size_t k, jf_replicate *out,
                            jf_error *err)
{
    jf_status status = JF_OK;

    out->outcome = fit->outcome;
    JF_TRY(note_codes(fit, out, err));
    if (fit->outcome == JF_FAILED) return JF_OK;
    JF_TRY_NEW(make_estimates(k, out) ? out : NULL, err, what);
    for (size_t j = 0; j < k; j++) {
        out->estimate[j] = fit->estimates[j].value;
        out->error[j] = fit->estimates[j].std_error;
        out->at_bound[j] = fit->estimates[j].state == JF_STATE_AT_BOUND;
    }
    JF_TRY(note_sets(fit, theta, k, out, err));
done:
    return status;
}

void jf_replicate_clear(jf_replicate *r)
{
    for (size_t i = 0; i < r->n_sets; i++) {
        jf_free(r->sets[i].kind);
        jf_free(r->sets[i].caught);
        jf_free(r->sets[i].length);
    }
    for (size_t i = 0; i < r->n_codes; i++) jf_free(r->codes[i]);
    jf_free(r->codes);
    jf_free(r->sets);
    jf_free(r->estimate);
    jf_free(r->error);
    jf_free(r->at_bound);
    jf_free(r->refusal);
    *r = (jf_replicate){0};
}

/* ---- packing ---- */

typedef struct packed_head {
    uint32_t refused, outcome, has_fit, unused;
} packed_head;

void jf_replicate_pack(const jf_replicate *r, size_t k, jf_text *to)
{
    packed_head head = {r->refused, (uint32_t)r->outcome, r->estimate != NULL, 0};

    jf_pack(to, &head, sizeof head);
    jf_pack_text(to, r->refusal);
    jf_pack_count(to, r->n_codes);
    for (size_t i = 0; i < r->n_codes; i++) jf_pack_text(to, r->codes[i]);
    if (!r->estimate) return;
    jf_pack(to, r->estimate, k * sizeof *r->estimate);
    jf_pack(to, r->error, k * sizeof *r->error);
    jf_pack(to, r->at_bound, k);
    jf_pack_count(to, r->n_sets);
    for (size_t i = 0; i < r->n_sets; i++) {
        jf_pack_text(to, r->sets[i].kind);
        jf_pack(to, &r->sets[i].level, sizeof r->sets[i].level);
        jf_pack(to, r->sets[i].caught, k);
        jf_pack(to, r->sets[i].length, k * sizeof *r->sets[i].length);
    }
}

static void unpack_codes(jf_unpacker *from, jf_replicate *out)
{
    size_t n = jf_unpack_count(from, sizeof(uint64_t));

    out->codes = JF_NEW_ZEROED(char *, n);
    from->failed = from->failed || !out->codes;
    while (!from->failed && out->n_codes < n) {
        out->codes[out->n_codes] = jf_unpack_text(from);
        if (out->codes[out->n_codes])
            out->n_codes++;
        else
            from->failed = true;
    }
}

static void unpack_sets(jf_unpacker *from, size_t k, jf_replicate *out)
{
    size_t n = jf_unpack_count(from, sizeof(double));

    out->sets = JF_NEW_ZEROED(jf_replicate_set, n);
    from->failed = from->failed || !out->sets;
    while (!from->failed && out->n_sets < n) {
        jf_replicate_set *set = &out->sets[out->n_sets++];
        set->kind = jf_unpack_text(from);
        from->failed = from->failed || !make_set(k, set) || !set->kind;
        if (from->failed) return;
        jf_unpack(from, &set->level, sizeof set->level);
        jf_unpack(from, set->caught, k);
        jf_unpack(from, set->length, k * sizeof *set->length);
    }
}

static void unpack_fit(jf_unpacker *from, size_t k, jf_replicate *out)
{
    from->failed = from->failed || !make_estimates(k, out);
    if (from->failed) return;
    jf_unpack(from, out->estimate, k * sizeof *out->estimate);
    jf_unpack(from, out->error, k * sizeof *out->error);
    jf_unpack(from, out->at_bound, k);
    unpack_sets(from, k, out);
}

bool jf_replicate_unpack(const void *bytes, size_t size, size_t k, jf_replicate *out)
{
    jf_unpacker from = {.at = bytes, .left = size};
    packed_head head = {0};

    *out = (jf_replicate){0};
    jf_unpack(&from, &head, sizeof head);
    out->refused = head.refused;
    out->outcome = (jf_outcome)head.outcome;
    out->refusal = jf_unpack_text(&from);
    unpack_codes(&from, out);
    if (head.has_fit) unpack_fit(&from, k, out);
    if (!from.failed && from.left == 0) return true;
    jf_replicate_clear(out);
    return false;
}
