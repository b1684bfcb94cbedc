#ifndef SMALL_LIST_H
#define SMALL_LIST_H

/* Capacity for n elements: small ones stay small. */
static inline long grow(long n) { return n < 4 ? 4 : n * 2; }

#endif
