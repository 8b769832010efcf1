#pragma once
#include <stddef.h>
#include <stdint.h>

/// libFuzzer's loop, for programs that keep their own main (SwiftPM gives every executable one).
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*take)(const uint8_t *data, size_t size));
