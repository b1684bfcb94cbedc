import unittest

from pebble.lists import room


class ListsTest(unittest.TestCase):
    def test_lists(self):
        self.assertEqual(room(1), [0, 0, 0, 0])
