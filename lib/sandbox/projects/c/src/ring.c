#include "pebble.h"

/* Slots of the ring on this system. */
#ifdef SYSTEM_Windows
long ring_capacity(void) { return 6; }
#else
long ring_capacity(void) { return 8; }
#endif

/* The slot of the n-th element. */
long ring_slot(long n, long capacity) {
  (void)capacity;
  return n % capacity;
}
