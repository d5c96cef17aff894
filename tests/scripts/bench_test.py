"""The command line of scripts/bench."""

import pathlib
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts" / "lib"))

import bench  # noqa: E402  (the path above comes first)


class Parse(unittest.TestCase):
    def test_without_a_name_all_programs_run(self):
        chosen, *_, more = bench.parse([])
        self.assertEqual((chosen, more), (bench.names(), []))
        self.assertLessEqual({"blog", "live"}, set(chosen))

    def test_what_follows_two_dashes_is_for_the_program(self):
        chosen, pattern, repeat, path, is_quick, more = bench.parse(
            ["blog", "--repeat", "2", "--", "--viewers", "50", "--quick", "--filter"])
        self.assertEqual((chosen, pattern, repeat, path, is_quick), (["blog"], "", 2, None, False))
        self.assertEqual(more, ["--viewers", "50", "--quick", "--filter"])

    def test_it_must_be_said_which_program(self):
        for words in (["--", "--viewers", "50"], ["blog", "live", "--", "--viewers", "50"]):
            with self.subTest(words), self.assertRaisesRegex(ValueError, "without the one NAME"):
                bench.parse(words)

    def test_what_is_not_understood_is_named(self):
        for words, what in ((["flood"], "flood"), (["blog", "--repeat", "0"], "--repeat")):
            with self.subTest(words), self.assertRaisesRegex(ValueError, what):
                bench.parse(words)


if __name__ == "__main__":
    unittest.main()
