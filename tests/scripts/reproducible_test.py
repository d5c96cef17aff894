"""scripts/reproducible with programs that only pretend: whatever differs is found, and nothing else."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts" / "lib"))

import reproducible  # noqa: E402  (the path above comes first)

# Says of every seed what the expression makes of it. `o` are the options, `t` the threads.
FAKE = """\
#!{python}
import os, sys
o = [word for word in sys.argv[1:] if word.startswith("--")]
n = [int(word) for word in sys.argv[1:] if not word.startswith("--")]
t = n[2] if len(n) > 2 else 1
for s in range(n[0], n[0] + n[1]):
    print(s, "%016x" % ({expression}))
print("%016x" % 0)
"""


class Programs(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="beamline-reproducible-")
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)

    def fake(self, name, expression="s * 7"):
        return self.script(name, FAKE.format(python=sys.executable, expression=expression))

    def script(self, name, text):
        path = self.root / name
        path.write_text(text)
        path.chmod(0o755)
        return f"{name}={path}"

    def run_script(self, *words):
        return subprocess.run([sys.executable, ROOT / "scripts" / "reproducible", "--seeds", "5:8", *words],
                              capture_output=True, text=True, check=False)

    def assert_same(self, *programs):
        result = self.run_script(*programs)
        self.assertEqual(result.returncode, 0, result.stdout)
        self.assertIn(": the same", result.stdout)
        return result.stdout

    def assert_differs(self, programs, *parts):
        result = self.run_script(*programs)
        self.assertEqual(result.returncode, 1, result.stdout)
        for part in parts:
            self.assertIn(part, result.stdout)
        return result.stdout

    def test_a_program_that_says_the_same_everywhere_passes(self):
        said = self.assert_same(self.fake("dev"))
        self.assertRegex(said, r"\[reproducible\] test cases: 10 \| (10|9) passed \| 0 failed \| (0|1) skipped")

    def test_several_builds_that_agree_pass(self):
        self.assertIn("8 seeds from 5, 2 programs: the same", self.assert_same(self.fake("dev"), self.fake("o2")))

    def test_a_build_that_differs_is_named_with_the_first_such_seed(self):
        programs = [self.fake("dev"), self.fake("o2"), self.fake("clang", "s * 7 + (s >= 9)")]
        said = self.assert_differs(programs, "seed 9 is the first that differs:", "000000000000003f  dev, plain;",
                                   "0000000000000040  clang, plain;", " | 10 failed |")
        self.assertNotIn("seed 10", said)
        self.assertIn(f"repeat with: scripts/reproducible --seeds 5:8 dev={self.root}"[:40], said)

    def test_every_surrounding_is_one_that_can_be_told_apart(self):
        for name, expression in {
                "heap shuffled": "s + ('--shuffle' in o)",
                "memory filled": "s + ('MALLOC_PERTURB_' in os.environ)",
                "one arena": "s + ('MALLOC_ARENA_MAX' in os.environ)",
                "no caches of the heap": "s + ('GLIBC_TUNABLES' in os.environ)",
                "empty environment": "s + ('PATH' not in os.environ)",
                "another directory": "s + ('elsewhere' in os.getcwd())",
                "two threads": "s + (t == 2)",
        }.items():
            with self.subTest(name):
                self.assert_differs([self.fake("dev", expression)], "seed 5 is the first that differs:",
                                    f"dev, {name}\n", " | 1 failed |")

    def test_fixed_addresses_are_told_from_random_ones(self):
        if any(mode.wrapper for mode in reproducible.usable_modes()[0]):
            fixed = "s + (int(open('/proc/self/personality').read(), 16) >> 18 & 1)"
            self.assert_differs([self.fake("dev", fixed)], "dev, fixed addresses\n")

    def test_a_program_that_fails_is_reported_and_the_others_are_still_compared(self):
        broken = self.script("asan", "#!/bin/sh\necho 'heap-use-after-free' >&2\nexit 3\n")
        self.assert_differs([self.fake("dev"), broken], "asan, plain: ended with 3: heap-use-after-free", "10 passed",
                            "10 failed")

    def test_a_program_that_leaves_a_seed_out_is_reported(self):
        silent = self.script("dev", "#!/bin/sh\necho '5 0000000000000001'\n")
        self.assert_differs([silent], "dev, plain: has no hash for seed 6")

    def test_a_missing_program_is_named_with_how_to_build_it(self):
        result = self.run_script("dev=/nowhere/sim_core")
        self.assertEqual(result.returncode, 1)
        self.assertIn("--target sim_core", result.stderr)

    def test_a_wrong_command_line_shows_the_usage(self):
        for words in (["--seeds", "5"], ["--seeds", "1:0"], ["--jobs", "0"], ["--jobs"], ["--fast"]):
            result = subprocess.run([ROOT / "scripts" / "reproducible", *words], capture_output=True, text=True, check=False)
            self.assertEqual(result.returncode, 2, words)
            self.assertIn("usage: scripts/reproducible", result.stderr)


class Judge(unittest.TestCase):
    def test_what_most_say_is_right(self):
        runs = [reproducible.Run("a", "plain", {1: "x", 2: "y"}), reproducible.Run("b", "plain", {1: "x", 2: "z"}),
                reproducible.Run("c", "plain", {1: "x", 2: "y"})]
        agreeing, problems = reproducible.judge(runs)
        self.assertEqual([run.program for run in agreeing], ["a", "c"])
        self.assertEqual(problems, ["seed 2 is the first that differs:", "  y  a, plain; c, plain", "  z  b, plain"])

    def test_nothing_at_all_is_no_agreement(self):
        agreeing, problems = reproducible.judge([reproducible.Run("a", "plain", failure="ended with 1: x")])
        self.assertEqual((agreeing, problems), ([], ["a, plain: ended with 1: x"]))


if __name__ == "__main__":
    unittest.main()
