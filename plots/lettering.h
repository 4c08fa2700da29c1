/* Text on figures: cleaned of what cannot be printed, measured, and shortened to the room there is. */
#ifndef JF_PLOTS_LETTERING_H
#define JF_PLOTS_LETTERING_H

#include <stddef.h>
#include <stdint.h>

/* Bytes of the UTF-8 character at `text` and its code point; 0 where it is broken. */
size_t jf_lettering_decode(const char *text, uint32_t *point);
/* A copy on one line: control characters become blanks, broken UTF-8 the replacement character. NULL gives
 * "". NULL only when memory ran out; freed with jf_free. */
char *jf_lettering_clean(const char *text);
/* Width of clean text in millimetres, set in a Helvetica-like face of `size_pt` points. An estimate on the
 * wide side, since the face that is installed is not known here. */
double jf_lettering_width(const char *text, double size_pt);
/* The cleaned text if it is at most `room_mm` wide, else its beginning and end around an ellipsis. */
char *jf_lettering_fit(const char *text, double size_pt, double room_mm);

#endif
