"""Capacities of small lists."""


def grow(n):
    """Capacity for n elements: small ones stay small."""
    return 4 if n < 4 else n * 2
