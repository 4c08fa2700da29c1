/* Random streams over Random123's Philox 4x32-10. */
#include "core/stream.h"

#include <assert.h>
#include <math.h>
#include <Random123/philox.h>

enum { WORDS = 4, COUNTER_HIGH_BITS = 24 };
static const double PI = 3.14159265358979323846;

/* The key is the seed. The counter holds index and purpose beside the number of the block (56 bits), so no
 * two of (seed, purpose, index) ever share a block. */
static void next_block(jf_stream *stream)
{
    philox4x32_key_t key = {{(uint32_t)stream->seed, (uint32_t)(stream->seed >> 32)}};
    uint32_t high = (uint32_t)(stream->counter >> 32) & ((1u << COUNTER_HIGH_BITS) - 1);
    philox4x32_ctr_t counter = {{(uint32_t)stream->counter, (uint32_t)stream->index,
                                 (uint32_t)(stream->index >> 32),
                                 stream->purpose << COUNTER_HIGH_BITS | high}};
    philox4x32_ctr_t block = philox4x32(counter, key);

    for (int i = 0; i < WORDS; i++) stream->block[i] = block.v[i];
    stream->counter++;
    stream->used = 0;
}

jf_stream jf_stream_make(uint64_t seed, jf_purpose purpose, uint64_t index)
{
    assert((unsigned)purpose < 1u << (32 - COUNTER_HIGH_BITS));
    return (jf_stream){.seed = seed, .purpose = (uint32_t)purpose, .index = index, .used = WORDS};
}

uint32_t jf_stream_word(jf_stream *stream)
{
    if (stream->used >= WORDS) next_block(stream);
    return stream->block[stream->used++];
}

static uint64_t two_words(jf_stream *stream)
{
    uint64_t high = jf_stream_word(stream);
    return high << 32 | jf_stream_word(stream);
}

double jf_stream_uniform(jf_stream *stream)
{
    return (double)(two_words(stream) >> 11) * 0x1p-53;
}

/* Box and Muller 1958. The second normal of each pair is not kept: a draw then costs the same words wherever
 * it stands in the stream. */
double jf_stream_normal(jf_stream *stream)
{
    double radius = sqrt(-2 * log(1 - jf_stream_uniform(stream))); /* 1 - u is in (0, 1] */
    return radius * cos(2 * PI * jf_stream_uniform(stream));
}

size_t jf_stream_below(jf_stream *stream, size_t limit)
{
    uint64_t word, n = limit, bias;

    assert(limit > 0);
    bias = (0 - n) % n; /* 2^64 modulo n: that many of the smallest words are drawn again */
    do word = two_words(stream);
    while (word < bias);
    return (size_t)(word % n);
}

void jf_stream_shuffle(jf_stream *stream, size_t *items, size_t n)
{
    for (size_t i = n; i > 1; i--) {
        size_t other = jf_stream_below(stream, i);
        size_t kept = items[i - 1];
        items[i - 1] = items[other];
        items[other] = kept;
    }
}
