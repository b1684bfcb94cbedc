#ifndef PEBBLE_H
#define PEBBLE_H

long list_capacity(long n);
long page_size(void);
long ring_capacity(void);
long ring_slot(long n, long capacity);
long config_get(const char *text, const char *key);

#endif
