/* Arithmetic on sizes that come from outside: false instead of a wrong result. */
#ifndef PALATE_BASE_CHECKED_MATH_H
#define PALATE_BASE_CHECKED_MATH_H

#include <stdbool.h>
#include <stdint.h>

/* *sum is left + right; false when that does not fit. */
__attribute__((warn_unused_result)) static inline bool checked_add(uint64_t left, uint64_t right,
                                                                   uint64_t *sum)
{
    return !__builtin_add_overflow(left, right, sum);
}

/* *product is left * right; false when that does not fit. */
__attribute__((warn_unused_result)) static inline bool checked_multiply(uint64_t left, uint64_t right,
                                                                        uint64_t *product)
{
    return !__builtin_mul_overflow(left, right, product);
}

#endif
