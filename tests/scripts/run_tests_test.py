"""The counting of scripts/test: no failure, crash or silence is ever counted as passed."""

import pathlib
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts" / "lib"))

import test_counts  # noqa: E402  (the path above comes first)

GOOD = "[doctest] test cases: 12 | 12 passed | 0 failed | 3 skipped\n[doctest] assertions: 30 | 30 passed | 0 failed |\n"


class OfOutput(unittest.TestCase):
    def assert_counts(self, counts, passed, failed, skipped):
        self.assertEqual((counts.passed, counts.failed, counts.skipped), (passed, failed, skipped))

    def test_the_summary_of_doctest_is_counted_by_test_cases(self):
        self.assert_counts(test_counts.of_output("base", GOOD, True), 12, 0, 3)

    def test_padded_and_coloured_summaries_are_understood(self):
        text = "\033[1m[doctest] \033[0mtest cases:   9 | \033[32m  8 passed\033[0m | \033[31m  1 failed\033[0m | 0 skipped\n"
        self.assert_counts(test_counts.of_output("base", text, False), 8, 1, 0)

    def test_a_program_that_fails_after_a_good_summary_has_failed(self):
        counts = test_counts.of_output("base", GOOD + "LeakSanitizer: detected memory leaks\n", False)
        self.assert_counts(counts, 12, 1, 3)
        self.assertEqual(counts.bad, ["base"])

    def test_a_crash_without_a_summary_has_failed_once(self):
        self.assert_counts(test_counts.of_output("base", "Segmentation fault\n", False), 0, 1, 0)

    def test_a_plain_program_that_ends_well_is_one_passed_test(self):
        self.assert_counts(test_counts.of_output("example", "hello\n", True), 1, 0, 0)

    def test_failures_that_the_exit_status_hides_still_count(self):
        text = GOOD.replace("12 passed | 0 failed", "11 passed | 1 failed")
        counts = test_counts.of_output("base", text, True)
        self.assert_counts(counts, 11, 1, 3)
        self.assertEqual(counts.bad, ["base"])


class OfJunit(unittest.TestCase):
    def test_the_counts_of_all_programs_are_added_up(self):
        report = f"""<?xml version="1.0"?><testsuite tests="4">
          <testcase name="base" status="run"><system-out>{GOOD}</system-out></testcase>
          <testcase name="web" status="fail"><failure message=""/><system-out>crash</system-out></testcase>
          <testcase name="gone" status="fail"><failure message="Not Run"/><system-out></system-out></testcase>
          <testcase name="later" status="disabled"><skipped message="Disabled"/></testcase>
        </testsuite>"""
        with tempfile.NamedTemporaryFile("w", suffix=".xml") as file:
            file.write(report)
            file.flush()
            counts = test_counts.of_junit(file.name)
        self.assertEqual(str(counts), "12 passed, 2 failed, 4 skipped")
        self.assertEqual(counts.bad, ["web", "gone"])


if __name__ == "__main__":
    unittest.main()
