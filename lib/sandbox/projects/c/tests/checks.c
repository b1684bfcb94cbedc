#include <stdio.h>

#include "pebble.h"

static int failed = 0;

#define EXPECT(call, expected) expect(__LINE__, #call, (call), (expected))

static void expect(int line, const char *call, long actual, long expected) {
  if (actual == expected) return;
  failed++;
  fprintf(stderr, "tests/checks.c:%d: error: %s is %ld, expected %ld\n", line, call, actual, expected);
}

int main(void) {
  EXPECT(list_capacity(1), 4);
  EXPECT(page_size() >= 4096, 1);
  EXPECT(ring_slot(ring_capacity(), ring_capacity()), 0);
  EXPECT(ring_slot(ring_capacity() + 1, ring_capacity()), 1);
  EXPECT(config_get("a=1\nb=2", "b"), 2);
  if (failed == 0) printf("all checks pass on %s\n", SYSTEM);
  return failed == 0 ? 0 : 1;
}
