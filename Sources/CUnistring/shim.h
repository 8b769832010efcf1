#pragma once
#include <unicase.h>
#include <uninorm.h>

// The normalisation forms are macros that take an address; Swift cannot see those. Both functions return memory from
// malloc, or NULL when `text` is not UTF-8 or there is no memory.
static inline uint8_t *unistring_nfkc(const uint8_t *text, size_t length, size_t *result_length) {
    return u8_normalize(UNINORM_NFKC, text, length, NULL, result_length);
}

static inline uint8_t *unistring_nfkc_casefold(const uint8_t *text, size_t length, size_t *result_length) {
    return u8_casefold(text, length, NULL, UNINORM_NFKC, NULL, result_length);
}
