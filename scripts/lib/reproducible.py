"""Same seed, same run: compares the trace hashes of one program, or of several builds of it, in different surroundings."""

import concurrent.futures
import dataclasses
import os
import re
import shutil
import subprocess
import sys
import tempfile
import textwrap

from terminal import Failure, GREEN, RED, paint
from test_counts import Counts

USAGE = """\
usage: scripts/reproducible [--seeds FIRST:COUNT] [--jobs N] [[NAME=]PROGRAM...]

  PROGRAM   builds of the target sim_core, by default build/dev/tests/sim/sim_core; NAME says in reports which one it is
  --seeds   which seeds, by default {seeds}
  --jobs    how many runs at a time, by default one for each processor

Runs each program {modes} times:
{names}.
Every run must print the same hash for every seed. Otherwise the first seed that differs is shown, with who says what.
"""
SEEDS = (1, 30)
# One seed takes milliseconds; a program that needs this long for all of them hangs.
TIMEOUT_S = 1800.0
LINE = re.compile(r"(\d+) ([0-9a-f]{16})")


@dataclasses.dataclass(frozen=True)
class Mode:
    """A way to run the program that must not make a difference."""

    name: str
    options: tuple = ()  # Of the program.
    threads: int = 1
    environment: tuple = ()  # (name, value), on top of the script's own.
    is_bare: bool = False  # An empty environment.
    is_elsewhere: bool = False  # From another directory.
    wrapper: tuple = ()  # The command that runs the program.


# Memory that is handed out differently: filled with other octets, from other places, in another order.
MODES = (
    Mode("plain"),
    Mode("plain again"),
    Mode("heap shuffled", options=("--shuffle",)),
    Mode("memory filled", environment=(("MALLOC_PERTURB_", "165"),)),
    Mode("one arena", environment=(("MALLOC_ARENA_MAX", "1"), ("MALLOC_TOP_PAD_", "67108864"))),
    Mode("no caches of the heap", environment=(("GLIBC_TUNABLES", "glibc.malloc.tcache_count=0:glibc.malloc.mxfast=0"),)),
    Mode("fixed addresses", wrapper=("setarch", "-R")),
    Mode("empty environment", is_bare=True),
    Mode("another directory", is_elsewhere=True),
    Mode("two threads", threads=2),
)


@dataclasses.dataclass
class Run:
    """What one program said in one mode: its hashes by seed, or why there are none."""

    program: str
    mode: str
    hashes: dict = dataclasses.field(default_factory=dict)
    failure: str = ""

    @property
    def name(self):
        return f"{self.program}, {self.mode}"


def command_of(path, mode, first, count):
    words = [*mode.wrapper, os.path.abspath(path), "--each", *mode.options, str(first), str(count)]
    return words + ([str(mode.threads)] if mode.threads > 1 else [])


def environment_of(mode, surrounding):
    return {} if mode.is_bare else dict(surrounding) | dict(mode.environment)


def run_one(name, path, mode, seeds, folder):
    """Runs a program and reads what it says. Never raises."""
    first, count = seeds
    run = Run(name, mode.name)
    try:
        result = subprocess.run(command_of(path, mode, first, count), stdin=subprocess.DEVNULL, capture_output=True,
                                text=True, errors="replace", check=False, timeout=TIMEOUT_S,
                                env=environment_of(mode, os.environ), cwd=folder if mode.is_elsewhere else None)
    except OSError as error:
        run.failure = f"cannot be run: {error.strerror}"
        return run
    except subprocess.TimeoutExpired:
        run.failure = f"did not end within {TIMEOUT_S:.0f} s"
        return run
    if result.returncode != 0:
        last = (result.stderr.strip().splitlines() or ["it said nothing"])[-1]
        run.failure = f"ended with {result.returncode}: {last}"
        return run
    run.hashes = {int(seed): value for seed, value in LINE.findall(result.stdout)}
    missing = set(range(first, first + count)) - set(run.hashes)
    if missing:
        run.failure = f"has no hash for seed {min(missing)}"
    return run


def usable_modes(modes=MODES):
    """(modes that this machine knows, names of the others)."""
    fine, left_out = [], []
    for mode in modes:
        works = not mode.wrapper or (shutil.which(mode.wrapper[0]) and subprocess.run(
            [*mode.wrapper, "true"], capture_output=True, check=False).returncode == 0)
        (fine if works else left_out).append(mode if works else mode.name)
    return fine, left_out


def run_all(programs, modes, seeds, jobs):
    """Every program in every mode. `programs` is [(name, path)]."""
    work = [(name, path, mode) for name, path in programs for mode in modes]
    with tempfile.TemporaryDirectory(prefix="beamline-elsewhere-") as folder, \
            concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        return list(pool.map(lambda item: run_one(*item, seeds, folder), work))


def judge(runs):
    """(the runs that agree, problems as lines). What most of them say of a seed is taken for right."""
    good, problems, wrong = [run for run in runs if not run.failure], [], set()
    problems += [f"{run.name}: {run.failure}" for run in runs if run.failure]
    shown = False
    for seed in sorted(set().union(*(run.hashes for run in good)) if good else ()):
        said = {}
        for run in good:
            said.setdefault(run.hashes.get(seed), []).append(run.name)
        if len(said) == 1:
            continue
        usual = max(said, key=lambda value: len(said[value]))
        wrong |= {name for value, names in said.items() if value != usual for name in names}
        if not shown:
            shown = True
            problems.append(f"seed {seed} is the first that differs:")
            problems += [f"  {value}  {'; '.join(names)}" for value, names in said.items()]
    return [run for run in good if run.name not in wrong], problems


def compare(programs, seeds=SEEDS, jobs=None, modes=MODES):
    """Runs, prints what differs, and returns the counts: one test for each program and mode."""
    fine, left_out = usable_modes(modes)
    runs = run_all(programs, fine, seeds, jobs or os.cpu_count() or 2)
    agreeing, problems = judge(runs)
    for line in problems:
        print(line)
    if problems:
        print(repeat_line(programs, seeds))
    for name in left_out:
        print(f'left out: "{name}", which this machine does not allow')
    counts = Counts(len(agreeing), len(runs) - len(agreeing), len(left_out) * len(programs))
    if counts.failed:
        counts.bad = ["reproducible"]
    return counts


def repeat_line(programs, seeds):
    named = " ".join(f"{name.replace(' ', '-')}={os.path.relpath(path)}" for name, path in programs)
    return f"repeat with: scripts/reproducible --seeds {seeds[0]}:{seeds[1]} {named}"


def parse(words, default):
    """(programs, seeds, jobs); ValueError with what is not understood."""
    programs, seeds, jobs = [], SEEDS, None
    rest = iter(words)
    for word in rest:
        if word == "--seeds":
            seeds = parse_seeds(next(rest, ""))
        elif word == "--jobs":
            value = next(rest, "")
            if not value.isdecimal() or int(value) < 1:
                raise ValueError(f'--jobs is "{value}", expected a number from 1')
            jobs = int(value)
        elif word.startswith("-"):
            raise ValueError(f"{word} is not understood")
        else:
            name, equals, path = word.partition("=")
            programs.append((name, path) if equals else (word, word))
    return programs or [("dev", default)], seeds, jobs


def parse_seeds(text):
    match = re.fullmatch(r"(\d+):([1-9]\d*)", text)
    if not match:
        raise ValueError(f'--seeds is "{text}", expected the first one and how many, such as 1:30')
    return int(match[1]), int(match[2])


def main(words, root):
    usage = USAGE.format(seeds=f"{SEEDS[0]}:{SEEDS[1]}", modes=len(MODES),
                         names=textwrap.fill(", ".join(mode.name for mode in MODES), 112, initial_indent="  ",
                                             subsequent_indent="  "))
    if words in (["-h"], ["--help"]):
        print(usage, end="")
        return 0
    try:
        programs, seeds, jobs = parse(words, str(root / "build" / "dev" / "tests" / "sim" / "sim_core"))
    except ValueError as error:
        print(f"reproducible: {error}\n{usage}", end="", file=sys.stderr)
        return 2
    try:
        require_programs(programs)
        counts = compare(programs, seeds, jobs)
    except Failure as failure:
        print(paint(f"reproducible: {failure}", RED, sys.stderr), file=sys.stderr)
        return 1
    word = paint("differs", RED) if counts.failed else paint("the same", GREEN)
    print(f"{seeds[1]} seeds from {seeds[0]}, {len(programs)} programs: {word}")
    print(f"[reproducible] test cases: {counts.passed + counts.failed + counts.skipped} | {counts.passed} passed | "
          f"{counts.failed} failed | {counts.skipped} skipped")
    return 1 if counts.failed else 0


def require_programs(programs):
    for name, path in programs:
        if not os.access(path, os.X_OK):
            raise Failure(f"{path} ({name}) is missing; build it with: cmake --build build/dev --target sim_core")
