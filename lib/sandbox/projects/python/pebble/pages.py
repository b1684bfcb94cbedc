"""Bytes of a page, asked as each system wants to be asked."""

import os
import sys

SYSTEM = os.environ.get("RUNNER_OS", "Linux")


def page_size():
    return windows_page() if SYSTEM == "Windows" else posix_page()


def windows_page():
    return 4096 if sys.getdefaultencoding() else 0


def posix_page():
    return 4096 if os.cpu_count() else 0
