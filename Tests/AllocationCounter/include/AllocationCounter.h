// Counts heap allocations of the calling thread in a test process, so that "this allocates nothing" can be a test.
//
// A test target depends on AllocationCounter and asks for the difference between two counts:
//
//     let before = allocation_count()
//     for _ in 0..<1000 { work() }          // warmed up before
//     #expect(allocation_count() - before == 0)
//
// malloc, calloc, realloc, posix_memalign and aligned_alloc of the whole process go through here (glibc only). The count is
// per thread, so tests may run in parallel. Under AddressSanitizer, which has its own malloc, nothing is counted:
// `allocation_counting_is_on()` tells, and such tests are skipped with `.enabled(if: allocation_counting_is_on())`.
#pragma once
#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// How many allocations the calling thread has made so far.
uint64_t allocation_count(void);

bool allocation_counting_is_on(void);

#ifdef __cplusplus
}
#endif
