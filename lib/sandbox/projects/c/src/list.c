#include "pebble.h"
#include "small_list.h"

long list_capacity(long n) { return grow(n); }
