/* Random streams: Philox 4x32-10 (Random123) keyed by (seed, purpose, index), so that draws do not depend on
 * threads. */
#ifndef JF_CORE_STREAM_H
#define JF_CORE_STREAM_H

#include <stddef.h>
#include <stdint.h>

#define JF_DEFAULT_SEED 20260623u

/* What a stream is for; part of the key, so that two uses of one seed never share draws. */
typedef enum jf_purpose {
    JF_FOR_STARTS = 1,
    JF_FOR_SPLITS,
    JF_FOR_BOOTSTRAP,
    JF_FOR_SIMULATION,
    JF_FOR_NOISE,
    JF_FOR_TESTS,
    JF_FOR_REPLICATES, /* seeds of the inference in simulated studies */
    JF_FOR_VERDICTS,   /* rows on which a law's structure is judged */
} jf_purpose;

typedef struct jf_stream {
    uint64_t seed;
    uint32_t purpose;
    uint64_t index;
    uint64_t counter; /* blocks drawn so far */
    uint32_t block[4];
    unsigned used; /* words of `block` already given out */
} jf_stream;

jf_stream jf_stream_make(uint64_t seed, jf_purpose purpose, uint64_t index);
uint32_t jf_stream_word(jf_stream *stream);
double jf_stream_uniform(jf_stream *stream);             /* in [0, 1), 53 bits */
double jf_stream_normal(jf_stream *stream);              /* mean 0, variance 1 */
size_t jf_stream_below(jf_stream *stream, size_t limit); /* 0 .. limit - 1 without bias, limit > 0 */
void jf_stream_shuffle(jf_stream *stream, size_t *items, size_t n);

#endif
