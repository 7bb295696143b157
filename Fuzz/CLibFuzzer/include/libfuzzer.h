#pragma once

#include <stddef.h>
#include <stdint.h>

// libFuzzer's own entry for programs that have a `main` (FuzzerInterface of LLVM, not installed
// as a header).
int LLVMFuzzerRunDriver(int *count, char ***arguments,
                        int (*check)(const uint8_t *bytes, size_t count));
