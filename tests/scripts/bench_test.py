"""The command line of scripts/bench."""

import contextlib
import io
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


class Show(unittest.TestCase):
    def judged(self, figures):
        with contextlib.redirect_stdout(io.StringIO()):
            return bench.show("net", figures)

    def test_a_rate_is_judged_by_itself_and_beside_the_plain_one(self):
        one = {"real_time": 1.0, "time_unit": "ms"}
        ours = one | {"items_per_second": 90.0, "items_per_second_at_least": 80.0, "ratio_at_least": 0.8}
        for plain, is_missed in ((100.0, False), (120.0, True)):
            with self.subTest(plain=plain):
                figures = {"call_links/64": ours, "call_plain_caf/64": one | {"items_per_second": plain}}
                self.assertEqual(self.judged(figures),
                                 [("net call_links/64: items_per_second", ">= 80", "90", False),
                                  ("net call_links/64: ratio", ">= 0.8", bench.number(90 / plain), is_missed)])


if __name__ == "__main__":
    unittest.main()
