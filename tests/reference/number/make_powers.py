"""Writes core/number_powers.c: 5^q for q in -342..308 in 128 bits, as in Lemire, "Number parsing at a gigabyte per
second" (2021), section 6.   usage: make_powers.py > core/number_powers.c"""


def power_of_five(q):
    """The top 128 bits of 5^q: cut for q >= 0, and rounded up for q < 0."""
    if q >= 0:
        value = 5**q
        shift = value.bit_length() - 128
        return value >> shift if shift > 0 else value << -shift
    below = 5**-q
    z = (below - 1).bit_length()
    if q >= -27:
        return 2 ** (z + 127) // below + 1
    value = 2 ** (2 * z + 128) // below + 1
    return value >> (value.bit_length() - 128)


print("/* Powers of five in 128 bits for reading decimals; made by tests/reference/number/make_powers.py. */")
print('#include "core/number_powers.h"\n')
print("const uint64_t jf_powers_of_five[JF_LARGEST_POWER - JF_SMALLEST_POWER + 1][2] = {")
for q in range(-342, 309):
    value = power_of_five(q)
    print("    {0x%016x, 0x%016x}, /* 5^%d */" % (value >> 64, value & (2**64 - 1), q))
print("};")
