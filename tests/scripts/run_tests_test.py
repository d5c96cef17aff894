"""The counting of scripts/test: no failure, crash or silence is ever counted as passed."""

import contextlib
import datetime
import io
import pathlib
import subprocess
import sys
import tempfile
import unittest
import unittest.mock

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts" / "lib"))

import run_tests  # noqa: E402
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


class Listed(unittest.TestCase):
    def test_the_names_are_those_of_tests_only(self):
        text = ("Internal ctest changing into directory: /a/build/dev\nTest project /a/build/dev\n"
                "  Test #10: actors_table\n  Test  #9: base\n\nTotal Tests: 2\n")
        self.assertEqual(run_tests.listed(text), ["actors_table", "base"])


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


class FreshSeeds(unittest.TestCase):
    def test_every_day_has_seeds_of_its_own(self):
        day, next_day = datetime.date(2026, 11, 21), datetime.date(2026, 11, 22)
        self.assertEqual(run_tests.first_fresh_seed(day), 2026112100000)
        self.assertGreaterEqual(run_tests.first_fresh_seed(next_day) - run_tests.first_fresh_seed(day),
                                run_tests.FRESH_SEEDS_FULL)
        self.assertGreater(run_tests.first_fresh_seed(datetime.date(2027, 1, 1)), run_tests.first_fresh_seed(next_day))

    def test_a_day_can_be_repeated(self):
        self.assertEqual(run_tests.parse([]), (run_tests.default, None))
        self.assertEqual(run_tests.parse(["--full", "--seed-base", "17"]), (run_tests.full, 17))
        self.assertEqual(run_tests.parse(["--seed-base", "0", "--fast"]), (run_tests.fast, 0))

    def test_what_is_not_understood_is_refused(self):
        for words in (["--seed-base"], ["--seed-base", "x"], ["--seed-base", "-1"], ["--fast", "--full"], ["fast"],
                      ["tsan"], ["--fast", "tsan"], ["--full", "everything"]):
            with self.subTest(words), self.assertRaises(ValueError):
                run_tests.parse(words)
            self.assertEqual(subprocess.run([sys.executable, ROOT / "scripts" / "lib" / "run_tests.py", *words],
                                            capture_output=True, check=False).returncode, 2)

    def test_full_consists_of_parts_that_run_alone(self):
        kind, _ = run_tests.parse(["--full", "tsan", "long"])
        ran = []
        parts = {name: lambda _, name=name: ran.append(name) for name in run_tests.PARTS}
        with unittest.mock.patch.object(run_tests, "PARTS", parts):
            kind(None)
            self.assertEqual(ran, ["tsan", "long"])
            run_tests.full(None)
            self.assertEqual(ran[2:], ["test", "long", "asan", "clang", "seeds", "same", "tsan"])

    def test_the_many_of_a_campaign_are_run_and_counted(self):
        session = run_tests.Session(2026112100000)
        # What is printed here must not be counted by whoever counts this test.
        with unittest.mock.patch.object(run_tests.subprocess, "run") as run, contextlib.redirect_stdout(io.StringIO()):
            run.return_value = subprocess.CompletedProcess([], 0, GOOD)
            many = ("o2", "test_sim", "the toy*", 20000)
            self.assertEqual(str(session.fresh_seeds(*many)), "12 passed, 0 failed, 0 skipped")
            self.assertIn("2026112100000:20000", run.call_args.args[0])
            run.return_value = subprocess.CompletedProcess([], 1, GOOD.replace("12 passed | 0", "11 passed | 1"))
            self.assertEqual(session.fresh_seeds(*many).failed, 1)
            self.assertIn("build/o2/tests/sim/test_sim '--test-case=", session.repeats[0])
            run.return_value = subprocess.CompletedProcess([], 0, "[doctest] test cases: 0 | 0 passed | 0 failed | 9 skipped")
            with self.assertRaises(run_tests.Failure):
                session.fresh_seeds(*many)


if __name__ == "__main__":
    unittest.main()
