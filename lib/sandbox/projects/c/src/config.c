#include <stdlib.h>
#include <string.h>

#include "pebble.h"

/* The value of a key in key=value lines, as a number. */
long config_get(const char *text, const char *key) {
  const char *found = strstr(text, key);
  return found == NULL ? 0 : atol(found + strlen(key) + 1);
}
