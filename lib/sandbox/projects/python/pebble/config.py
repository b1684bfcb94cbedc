"""Configuration in key=value lines."""


def get(text, key):
    """The value of a key, as a number."""
    line = next(line for line in text.splitlines() if line.startswith(key + "="))
    return int(line[len(key) + 1 :])
