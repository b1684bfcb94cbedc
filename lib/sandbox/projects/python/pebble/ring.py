"""A ring of slots."""

import os


def capacity():
    """Slots of the ring on this system."""
    return 6 if os.environ.get("RUNNER_OS") == "Windows" else 8


def slot(n, size):
    """The slot of the n-th element."""
    return n % size
