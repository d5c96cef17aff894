"""scripts/test: everything that decides whether a change is good, with one line of counts at the end."""

import functools
import os
import pathlib
import subprocess
import sys
import time

import build_step
import test_counts
from cluster_state import ROOT
from terminal import Failure, GREEN, RED, YELLOW, paint, say
from test_counts import Counts

USAGE = """\
usage: scripts/test [--fast|--full]

  (default)  scripts/check on changed files, the unit and wire tests, then the release build with the
             tests of real clusters and of the pages in Chromium
  --fast     the unit and wire tests only
  --full     scripts/check on all files, and the tests again with the address and undefined-behaviour sanitizers,
             with clang, and, those of hand-over code, with the thread sanitizer; a soak of two minutes and 200,000
             random sequences against the supervisor's model; up to an hour

Artefacts (screenshots, reports) are in artefacts/. The last line is "N passed, N failed, N skipped"; the script ends
with 1 if anything failed.
"""
ARTEFACTS = ROOT / "artefacts"
CLANG = ["-DCMAKE_CXX_COMPILER=clang++", "-DCMAKE_BUILD_TYPE=Debug",
         "-DCMAKE_CXX_FLAGS_DEBUG=-O0 -g1"]
# What the long tests read; without it they take seconds.
LONG = {"BEAMLINE_SOAK_SECONDS": "120", "BEAMLINE_MODEL_SEQUENCES": "200000"}
TSAN = ["-DCMAKE_BUILD_TYPE=Debug", "-DCMAKE_CXX_FLAGS_DEBUG=-O1 -g1 -fsanitize=thread",
        "-DCMAKE_EXE_LINKER_FLAGS=-fsanitize=thread"]


class Session:
    """One run: its steps in order, its counts, and what was built so far."""

    def __init__(self):
        self.total = Counts()
        self.repeats = []

    def step(self, name, function, *arguments):
        """Runs a step and prints its line. Returns whether what builds on it makes sense."""
        begun = time.monotonic()
        print(paint(f"-- {name}", "1"), flush=True)
        try:
            counts = function(*arguments) or Counts()
        except Failure as failure:
            say(paint(str(failure), RED, sys.stderr), "test")
            counts = Counts(failed=1, bad=[name])
        self.total.add(counts)
        word = "failed" if counts.failed else "skipped" if counts.skipped and not counts.passed else "passed"
        numbers = f"  {counts}" if counts != Counts() else ""
        colour = {"passed": GREEN, "failed": RED, "skipped": YELLOW}[word]
        print(f"{paint(f'{word:<8}', colour)} {name:<24} {time.monotonic() - begun:7.1f} s{numbers}", flush=True)
        return not counts.failed

    def end(self):
        if self.total.bad:
            print(paint(f"failed: {', '.join(self.total.bad)}", RED))
        for repeat in self.repeats:
            print(f"repeat with: {repeat}")
        print(self.total, flush=True)
        return 1 if self.total.failed or not self.total.passed else 0

    # --- steps ------------------------------------------------------------------------------------------

    def build(self, preset, targets, configure=None):
        build_step.build(preset, targets, ARTEFACTS / f"build-{preset}.log", "test", configure)

    def ctest(self, preset, *selection, environment=None):
        """Runs tests of a built preset. Its output goes to the terminal, the counts come from its report."""
        report = ARTEFACTS / f"ctest-{preset}-{'-'.join(word for word in selection if word[0] != '-') or 'all'}.xml"
        report.unlink(missing_ok=True)
        command = ["ctest", "--test-dir", f"build/{preset}", "--output-on-failure", "--no-tests=error",
                   "-j", str(os.cpu_count() or 2), *selection]
        # CTest keeps only the first KiB of what a passed test says, and the summary comes last.
        limits = ["--test-output-size-passed", "1048576", "--test-output-size-failed", "1048576",
                  "--output-junit", str(report)]
        status = subprocess.run(command + limits, cwd=ROOT, stdin=subprocess.DEVNULL, check=False,
                                env=os.environ | (environment or {})).returncode
        try:
            counts = test_counts.of_junit(report)
        except (OSError, test_counts.xml.ParseError) as error:
            raise Failure(f"ctest ended with {status} and left no readable report ({error}); "
                          f"repeat with: {' '.join(command)}") from error
        if status != 0 and not counts.failed:
            counts.add(Counts(failed=1, bad=["ctest"]))
        if counts.failed:
            pattern = "|".join(f"^{name}$" for name in counts.bad)
            self.repeats.append(f"ctest --test-dir build/{preset} --output-on-failure -R '{pattern}'")
        return counts

    def check(self, *words):
        process = subprocess.Popen([ROOT / "scripts" / "check", *words], cwd=ROOT, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, text=True, errors="replace")
        lines = []
        for line in process.stdout:
            lines.append(line)
            print(line, end="", flush=True)
        return test_counts.of_output("scripts/check", "".join(lines), process.wait() == 0)


def labelled(preset, label):
    """The tests that carry a label, without running them."""
    result = subprocess.run(["ctest", "--test-dir", f"build/{preset}", "-N", "-L", label], cwd=ROOT, capture_output=True,
                            text=True, check=False)
    return [line.partition(": ")[2].strip() for line in result.stdout.splitlines() if line.lstrip().startswith("Test ")]


def default(session):
    if not session.step("build dev", session.build, "dev", None):
        return
    session.step("scripts/check", session.check)
    session.step("unit and wire tests", session.ctest, "dev", "-LE", "^system$")
    if session.step("build release", session.build, "release", ["beamline", "assets"]):
        session.step("cluster and browser", session.ctest, "dev", "-L", "^system$")


def fast(session):
    if session.step("build dev", session.build, "dev", None):
        session.step("unit and wire tests", session.ctest, "dev", "-L", "^unit$")


def full(session):
    session.check = functools.partial(session.check, "--full")
    default(session)
    if session.step("build asan", session.build, "asan", None):
        session.step("tests with asan, ubsan", session.ctest, "asan", "-L", "^unit$", "-LE", "^scripts$")
        long_ctest = functools.partial(session.ctest, environment=LONG)
        session.step("soak and model, asan", long_ctest, "asan", "-L", "^long$")
    if session.step("build clang", session.build, "clang", None, CLANG):
        session.step("tests built by clang", session.ctest, "clang", "-L", "^unit$", "-LE", "^scripts$")
    session.step("tests with tsan", thread_sanitizer, session)


def thread_sanitizer(session):
    """Only the tests labelled tsan: hand-over code without CAF, which the thread sanitizer does not understand."""
    names = labelled("dev", "^tsan$")
    if not names:
        print('no test is labelled "tsan"')
        return Counts(skipped=1)
    session.build("tsan", [f"test_{name}" for name in names], TSAN)
    return session.ctest("tsan", "-L", "^tsan$")


def main(words):
    if words in (["-h"], ["--help"]):
        print(USAGE, end="")
        return 0
    kinds = {(): default, ("--fast",): fast, ("--full",): full}
    kind = kinds.get(tuple(words))
    if kind is None:
        print(USAGE, end="", file=sys.stderr)
        return 2
    pathlib.Path(ARTEFACTS).mkdir(exist_ok=True)
    session = Session()
    try:
        kind(session)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        session.total.add(Counts(failed=1))
    return session.end()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
