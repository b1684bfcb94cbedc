import unittest

from pebble.ring import capacity, slot


class RingTest(unittest.TestCase):
    def test_wraps_around(self):
        size = capacity()
        self.assertEqual(slot(size, size), 0)
        self.assertEqual(slot(size + 1, size), 1)
