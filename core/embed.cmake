# Writes a text file as a C array: cmake -DINPUT=... -DNAME=... -DOUTPUT=... -P embed.cmake
file(READ ${INPUT} bytes HEX)
string(LENGTH "${bytes}" length)
math(EXPR length "${length} / 2")
string(REGEX REPLACE "(..)" "0x\\1," bytes "${bytes}")
file(WRITE ${OUTPUT} "#include <stddef.h>
extern const char ${NAME}[];
extern const size_t ${NAME}_length;
const char ${NAME}[] = {${bytes}0};
const size_t ${NAME}_length = ${length};
")
