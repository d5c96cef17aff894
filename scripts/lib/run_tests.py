"""scripts/test: everything that decides whether a change is good, with one line of counts at the end."""

import datetime
import functools
import os
import pathlib
import re
import shlex
import subprocess
import sys
import time

import build_step
import reproducible
import test_counts
from cluster_state import ROOT
from terminal import Failure, GREEN, RED, YELLOW, paint, say
from test_counts import Counts

USAGE = """\
usage: scripts/test [--fast | --full [PART...]] [--seed-base N]

  (default)    scripts/check on changed files, the unit and wire tests, the simulator's runs compared in different
               surroundings, then the release build with the tests of real clusters and of the pages in Chromium
  --fast       the unit and wire tests only
  --full       scripts/check on all files, and the tests again with the address and undefined-behaviour sanitizers,
               with clang, and, those of hand-over code, with the thread sanitizer; fifty nodes at once, and nodes in
               network namespaces (as root); a soak of two minutes and 200,000
               random sequences against the supervisor's model; {full:,} fresh seeds of simulated clusters; the
               simulator's runs compared between builds; up to two hours. PARTS are {parts}:
               only these, in this order, for whoever has less time at once
  --seed-base  the first of the fresh seeds that campaigns of the simulator run besides their fixed ones; otherwise every
               day has its own, printed at the start

Artefacts (screenshots, reports) are in artefacts/. The last line is "N passed, N failed, N skipped"; the script ends
with 1 if anything failed.
"""
ARTEFACTS = ROOT / "artefacts"
CLANG = ["-DCMAKE_CXX_COMPILER=clang++", "-DCMAKE_BUILD_TYPE=Debug",
         "-DCMAKE_CXX_FLAGS_DEBUG=-O0 -g1"]
# What the long tests read; without it they take seconds.
LONG = {"BEAMLINE_SOAK_SECONDS": "120", "BEAMLINE_MODEL_SEQUENCES": "200000"}
# As with the other sanitizers, g++ 12 then sees uninitialised parts in every variant that is moved.
TSAN = ["-DCMAKE_BUILD_TYPE=Debug", "-DCMAKE_CXX_FLAGS_DEBUG=-O1 -g1 -fsanitize=thread -Wno-maybe-uninitialized",
        "-DCMAKE_EXE_LINKER_FLAGS=-fsanitize=thread"]


# For builds of a few targets only: those whose optimised form is compared with the others, or runs many seeds.
O2 = ["-DCMAKE_BUILD_TYPE=Release", "-DCMAKE_CXX_FLAGS_RELEASE=-O2 -g1"]
# Seeds that no run has had before, of each campaign in the ordinary tests.
FRESH_SEEDS = 20
# So many belong to one day.
SEEDS_PER_DAY = 100_000
# The campaigns that get many of them with --full: program below tests/sim, test case, how many.
FRESH_CAMPAIGNS = [("test_sim", "the toy keeps its invariants*", 10_000),
                   ("outbox/test_sim_outbox", "I37 I38 I39 I40 I41 I42 outboxes and the accumulator*", 10_000)]
FRESH_SEEDS_FULL = sum(seeds for _, _, seeds in FRESH_CAMPAIGNS)
# Seeds that are compared between surroundings, and between builds.
SAME_SEEDS = (1, 30)
SAME_SEEDS_FULL = (1, 100)


class Session:
    """One run: its steps in order, its counts, and what was built so far."""

    def __init__(self, seed_base):
        self.total = Counts()
        self.repeats = []
        self.seed_base = seed_base
        self.fresh = f"{seed_base}:{FRESH_SEEDS}"

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
                                env=os.environ | {"BEAMLINE_FRESH_SEEDS": self.fresh} | (environment or {})).returncode
        try:
            counts = test_counts.of_junit(report)
        except (OSError, test_counts.xml.ParseError) as error:
            raise Failure(f"ctest ended with {status} and left no readable report ({error}); "
                          f"repeat with: {' '.join(command)}") from error
        if status != 0 and not counts.failed:
            counts.add(Counts(failed=1, bad=["ctest"]))
        if counts.failed:
            pattern = "|".join(f"^{name}$" for name in counts.bad)
            self.repeats.append(f"BEAMLINE_FRESH_SEEDS={self.fresh} ctest --test-dir build/{preset} --output-on-failure -R '{pattern}'")
        return counts

    def same_runs(self, builds, seeds):
        """The simulator's runs, of each of the builds {name: preset}, in many surroundings."""
        programs = [(name, str(ROOT / "build" / preset / "tests" / "sim" / "sim_core")) for name, preset in builds.items()]
        reproducible.require_programs(programs)
        counts = reproducible.compare(programs, seeds)
        if counts.failed:
            self.repeats.append(reproducible.repeat_line(programs, seeds).removeprefix("repeat with: "))
        return counts

    def fresh_seeds(self, preset, program, campaign, seeds):
        """Many seeds of one simulated cluster that nobody has run before."""
        program = f"build/{preset}/tests/sim/{program}"
        words = [f"--test-case={campaign}", "--fresh", f"{self.seed_base}:{seeds}", "--jobs", str(os.cpu_count() or 2)]
        print(f"{seeds:,} seeds from {self.seed_base}", flush=True)
        result = subprocess.run([ROOT / program, *words], cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True, errors="replace", check=False)
        print(result.stdout, end="", flush=True)
        counts = test_counts.of_output("fresh seeds", result.stdout, result.returncode == 0)
        counts.skipped = 0  # Other campaigns of that program.
        if not counts.passed and not counts.failed:
            raise Failure(f'{program} has no test "{campaign}"; name the right one in scripts/lib/run_tests.py')
        if counts.failed:
            self.repeats.append(f"{program} {shlex.join(words)}")
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
    return listed(result.stdout)


def listed(text):
    """The names in what `ctest -N` says."""
    return re.findall(r"^ *Test +#\d+: (\S+)", text, re.MULTILINE)


def default(session):
    if not session.step("build dev", session.build, "dev", None):
        return
    session.step("scripts/check", session.check)
    session.step("unit and wire tests", session.ctest, "dev", "-LE", "^system$")
    session.step("same seed, same run", session.same_runs, {"g++-O0": "dev"}, SAME_SEEDS)
    if session.step("build release", session.build, "release", ["beamline", "assets"]):
        session.step("cluster and browser", session.ctest, "dev", "-L", "^system$")


def fast(session):
    if session.step("build dev", session.build, "dev", None):
        session.step("unit and wire tests", session.ctest, "dev", "-L", "^unit$")


def everything(session):
    session.check = functools.partial(session.check, "--full")
    default(session)


def long_runs(session):
    if session.step("build dev", session.build, "dev", None):
        session.step("cluster, long and as root", session.ctest, "dev", "-C", "full", "-L", "^full$")


def address_sanitizer(session):
    if session.step("build asan", session.build, "asan", None):
        session.step("tests with asan, ubsan", session.ctest, "asan", "-L", "^unit$", "-LE", "^scripts$")
        long_ctest = functools.partial(session.ctest, environment=LONG)
        session.step("soak and model, asan", long_ctest, "asan", "-L", "^long$")


def clang(session):
    if session.step("build clang", session.build, "clang", None, CLANG):
        session.step("tests built by clang", session.ctest, "clang", "-L", "^unit$", "-LE", "^scripts$")


def seeds(session):
    programs = [program.rpartition("/")[2] for program, _, _ in FRESH_CAMPAIGNS]
    if session.step("build o2", session.build, "o2", ["sim_core", *programs], O2):
        for program, campaign, seeds_of_it in FRESH_CAMPAIGNS:
            session.step(f"fresh seeds, {program.rpartition('/')[2]}", session.fresh_seeds, "o2", program, campaign, seeds_of_it)


def same_in_all_builds(session):
    builds = {"g++-O0": ("dev", None), "g++-O1-asan": ("asan", None), "clang++-O0": ("clang", CLANG), "g++-O2": ("o2", O2)}
    built = {name: preset for name, (preset, configure) in builds.items()
             if session.step(f"build {preset}, sim_core", session.build, preset, ["sim_core"], configure)}
    session.step("same run, all builds", session.same_runs, built, SAME_SEEDS_FULL)


def thread_sanitizer(session):
    if session.step("build dev", session.build, "dev", None):
        session.step("tests with tsan", handed_over, session)


def handed_over(session):
    """Only the tests labelled tsan: hand-over code without CAF, which the thread sanitizer does not understand."""
    names = labelled("dev", "^tsan$")
    if not names:
        print('no test is labelled "tsan"')
        return Counts(skipped=1)
    session.build("tsan", [f"test_{name}" for name in names], TSAN)
    return session.ctest("tsan", "-L", "^tsan$")


# What --full consists of.
PARTS = {"test": everything, "long": long_runs, "asan": address_sanitizer, "clang": clang, "seeds": seeds,
         "same": same_in_all_builds, "tsan": thread_sanitizer}


def full(session, parts=()):
    for name in parts or PARTS:
        PARTS[name](session)


def first_fresh_seed(day):
    """Every day has seeds of its own, whoever runs the tests."""
    return (day.year * 10_000 + day.month * 100 + day.day) * SEEDS_PER_DAY


def parse(words):
    """(the kind of run, the first fresh seed or None); ValueError with what is not understood."""
    kind, parts, seed_base = default, [], None
    rest = iter(words)
    for word in rest:
        if word == "--seed-base":
            value = next(rest, "")
            if not value.isdecimal():
                raise ValueError(f'--seed-base is "{value}", expected a number')
            seed_base = int(value)
        elif word in ("--fast", "--full") and kind is default:
            kind = fast if word == "--fast" else full
        elif kind is full and word in PARTS:
            parts.append(word)
        else:
            raise ValueError(f"{word} is not understood")
    return functools.partial(full, parts=parts) if parts else kind, seed_base


def main(words):
    usage = USAGE.format(full=FRESH_SEEDS_FULL, parts=", ".join(PARTS))
    if words in (["-h"], ["--help"]):
        print(usage, end="")
        return 0
    try:
        kind, seed_base = parse(words)
    except ValueError as error:
        print(f"test: {error}\n{usage}", end="", file=sys.stderr)
        return 2
    if seed_base is None:
        seed_base = first_fresh_seed(datetime.datetime.now(datetime.timezone.utc))
    print(f"fresh seeds from {seed_base}; the same again: scripts/test --seed-base {seed_base}", flush=True)
    pathlib.Path(ARTEFACTS).mkdir(exist_ok=True)
    session = Session(seed_base)
    try:
        kind(session)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        session.total.add(Counts(failed=1))
    return session.end()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
