#include "pebble.h"

/* Bytes of a page, asked as each system wants to be asked. */
#ifdef SYSTEM_Windows
enum { ALLOCATION_GRANULARITY = 65536 };

long page_size(void) { return ALLOCATION_GRANULARITY / 16; }
#else
#include <unistd.h>

long page_size(void) { return sysconf(_SC_PAGESIZE); }
#endif
