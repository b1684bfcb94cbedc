import unittest

from pebble.pages import page_size


class PagesTest(unittest.TestCase):
    def test_pages(self):
        self.assertEqual(page_size(), 4096)
