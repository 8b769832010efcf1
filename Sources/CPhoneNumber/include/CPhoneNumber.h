// A C face over Google's libphonenumber (C++). Thread-safe; the library is built once, at the first call. No exception
// leaves these functions and nothing is logged.
#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// How far libphonenumber could follow a number.
enum phone_status {
    PHONE_NOT_A_NUMBER = 0, // no parse
    PHONE_PARSED = 1,       // parsed, but of a length nobody has there
    PHONE_POSSIBLE = 2,     // of a possible length
    PHONE_VALID = 3,        // in a range that is assigned
};

// A number as E.164 digits without the plus. `length` is 0 when `status` is PHONE_NOT_A_NUMBER.
struct phone_reading {
    uint8_t digits[23];
    uint8_t length;
    uint8_t status;
};

// Reads `length` bytes of UTF-8 at `text` as somebody in `region` (two upper-case letters and NUL; "ZZ" for nobody's) would.
struct phone_reading phone_parse(const uint8_t *text, size_t length, const char *region);

// The country calling code of `region`, or 0 when there is no such region.
int phone_calling_code(const char *region);

// Writes the known regions, two letters each without separators, and returns how many bytes all of them take.
size_t phone_regions(char *buffer, size_t capacity);

// Writes the known country calling codes and returns how many there are.
size_t phone_calling_codes(int *buffer, size_t capacity);

// libphonenumber's example number of `region`: of a mobile telephone, or of a fixed line.
struct phone_reading phone_example(const char *region, int mobile);

// The same number as people of `region` write it, in UTF-8, and how many bytes it takes. 0 when there is no example.
size_t phone_example_national(const char *region, int mobile, char *buffer, size_t capacity);

#ifdef __cplusplus
}
#endif
