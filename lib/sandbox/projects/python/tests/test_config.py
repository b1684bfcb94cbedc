import unittest

from pebble.config import get


class ConfigTest(unittest.TestCase):
    def test_config(self):
        self.assertEqual(get("a=1\nb=2", "b"), 2)
