"""Lists with room."""

from pebble.small_list import grow


def room(n):
    """A list with room for n more."""
    return [0] * grow(n)
