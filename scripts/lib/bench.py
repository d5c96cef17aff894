"""scripts/bench: builds the benchmarks for release and shows their figures, with the ratios of each run."""

import json
import subprocess
import sys

import build_step
from cluster_state import ROOT
from terminal import Failure, RED, paint, say

USAGE = """\
usage: scripts/bench [NAME] [--filter REGEX] [--repeat N] [--quick] [--json FILE] [-- WORD...]

  NAME      which programs to run; without it all of: {names}
  --filter  only the benchmarks whose name matches
  --repeat  runs each N times and shows the best (default 3; once for {long}): what disturbs a run makes it slower,
            never faster
  --quick   small numbers and short times, where a program has them ({long}): to see that it works, not how fast
  --json    writes the figures to FILE, too
  --        what follows is for the one program NAME: scripts/bench blog -- --hosts 2 --viewers 500 --seconds 5

Machines differ and are shared: compare the ratios, which are of one run, rather than the rates. A figure with a target
is shown as "figure <= target"; of the runs the best one counts, and all of them are listed at the end, with the verdict.
The log of the build is artefacts/build-bench.log.
"""
ARTEFACTS = ROOT / "artefacts"
RELEASE = ["-DCMAKE_BUILD_TYPE=Release", "-DCMAKE_CXX_FLAGS_RELEASE=-O2 -g1", "-DBEAMLINE_TESTS=OFF",
           "-DBEAMLINE_BENCH=ON"]
# What a benchmark is compared with in the same run: the one whose name ends so, with the same first word and argument.
BASE = "plain_caf"
# Programs that take minutes: servers and load clients.
LONG = ["blog", "live"]
# A benchmark tells the target of a figure by another one: messages_at_most beside messages. That of its rate beside the
# plain one is ratio_at_least.
AT_MOST, AT_LEAST = "_at_most", "_at_least"
RATIO = "ratio"


def names():
    return sorted(path.name for path in (ROOT / "bench").iterdir() if path.is_dir())


def run(name, pattern, repeat, is_quick, more=()):
    """Returns {benchmark: figures} of one program, the best of its repetitions."""
    program = ROOT / "build" / "bench" / "bench" / f"bench_{name}"
    best = {}
    for _ in range(repeat or (1 if name in LONG else 3)):
        command = [program, "--benchmark_format=json"] + ([f"--benchmark_filter={pattern}"] if pattern else [])
        command += ["--quick"] if is_quick and name in LONG else []
        command += more
        result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
        if result.returncode != 0:
            raise Failure(f"{program} ended with {result.returncode}; repeat with: {' '.join([str(program), *more])}")
        for entry in json.loads(result.stdout)["benchmarks"]:
            if "error_message" in entry:
                raise Failure(f"{entry['name']}: {entry['error_message']}")
            key = entry["name"].removesuffix("/manual_time").removesuffix("/iterations:1")
            if key not in best:
                best[key] = entry
                continue
            better, worse = sorted((best[key], entry), key=lambda e: e["real_time"])
            best[key] = better | {figure: pick(better[figure], worse[figure]) for figure, pick in targets(better)}
    return best


def targets(entry):
    """The figures that have a target, and which of two is the better one."""
    for name in entry:
        for suffix, pick in ((AT_MOST, min), (AT_LEAST, max)):
            what = name.removesuffix(suffix)
            if name.endswith(suffix) and what != RATIO:
                yield what, pick


def beside_target(entry, what, text):
    """(`12.5 <= 400`, `<= 400`, whether it was missed) of a figure with a target; of others (`12.5`, None, False)."""
    if (most := entry.get(what + AT_MOST)) is not None:
        return f"{text} <= {number(most)}", f"<= {number(most)}", entry[what] > most
    if (least := entry.get(what + AT_LEAST)) is not None:
        return f"{text} >= {number(least)}", f">= {number(least)}", entry[what] < least
    return text, None, False


def number(value):
    """Small figures with as many digits as say something."""
    return f"{value:,.1f}" if abs(value) >= 1 and value % 1 else f"{value:,.3g}" if abs(value) < 1 else f"{value:,.0f}"


def base_of(key, figures):
    """The plain version of a benchmark: `restart_plain_caf/1` for `restart_supervisor/1`."""
    word, _, argument = key.partition("/")
    base = f"{word.partition('_')[0]}_{BASE}" + (f"/{argument}" if argument else "")
    return base if base in figures and base != key else None


def extras(entry):
    """Counters a benchmark adds by itself."""
    known = {"name", "family_index", "per_family_instance_index", "run_name", "run_type", "repetitions",
             "repetition_index", "threads", "iterations", "real_time", "cpu_time", "time_unit", "items_per_second"}
    return {key: value for key, value in entry.items() if key not in known and not key.endswith((AT_MOST, AT_LEAST))}


def show(name, figures):
    """Prints the figures of one program; returns those with a target, as (what, target, measured, was it missed)."""
    print(paint(name, "1"))
    judged = []

    def compared(key, entry, what, text):
        text, target, is_missed = beside_target(entry, what, text)
        if target:
            judged.append((f"{name} {key}: {what}", target, number(entry[what]), is_missed))
        return paint(text, RED) if is_missed else text

    for key, entry in figures.items():
        words = [f"  {key:<40}", f"{entry['real_time']:>10.1f} {entry['time_unit']}"]
        rate = entry.get("items_per_second")
        words.append(compared(key, entry, "items_per_second", f"{rate:>12,.0f} /s") if rate else " " * 15)
        base = base_of(key, figures)
        if rate and base:
            ratio = rate / figures[base]["items_per_second"]
            words.append(compared(key, entry | {RATIO: ratio}, RATIO, f"{ratio:>7.2f} x {BASE}"))
        words += [f"{what} {compared(key, entry, what, number(value))}" for what, value in extras(entry).items()]
        print("  ".join(words))
    return judged


def show_targets(judged):
    """The table of all targets: what, target, measured, verdict."""
    if not judged:
        return
    rows = [("figure", "target", "measured", "verdict")]
    rows += [(what, target, measured, "missed" if is_missed else "met") for what, target, measured, is_missed in judged]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    print()
    for i, row in enumerate(rows):
        line = f"{row[0]:<{widths[0]}}  {row[1]:>{widths[1]}}  {row[2]:>{widths[2]}}  {row[3]}"
        print(paint(line, "1" if i == 0 else RED) if i == 0 or row[3] == "missed" else line)


def parse(words):
    chosen, pattern, repeat, path, is_quick = [], "", None, None, False
    split = words.index("--") if "--" in words else len(words)
    words, more = words[:split], words[split + 1:]
    rest = iter(words)
    for word in rest:
        if word == "--filter":
            pattern = next(rest, "")
        elif word == "--repeat":
            repeat = int(next(rest, "0"))
        elif word == "--json":
            path = next(rest, None)
        elif word == "--quick":
            is_quick = True
        elif word in names():
            chosen.append(word)
        else:
            raise ValueError(word)
    if repeat is not None and repeat < 1:
        raise ValueError("--repeat needs a number from 1 on")
    if more and len(chosen) != 1:
        raise ValueError(f"-- {' '.join(more)} without the one NAME it is for")
    return chosen or names(), pattern, repeat, path, is_quick, more


def main(words):
    usage = USAGE.format(names=" ".join(names()), long=" ".join(LONG))
    if words and words[0] in ("-h", "--help"):
        print(usage, end="")
        return 0
    try:
        chosen, pattern, repeat, path, is_quick, more = parse(words)
    except ValueError as error:
        print(f"bench: {error} is not understood\n{usage}", end="", file=sys.stderr)
        return 2
    ARTEFACTS.mkdir(exist_ok=True)
    try:
        build_step.build("bench", [f"bench_{name}" for name in chosen], ARTEFACTS / "build-bench.log", "bench", RELEASE)
        results, judged = {}, []
        for name in chosen:
            results[name] = run(name, pattern, repeat, is_quick, more)
            judged += show(name, results[name])
        show_targets(judged)
    except Failure as failure:
        say(paint(str(failure), RED, sys.stderr), "bench")
        return 1
    if path:
        with open(path, "w", encoding="utf-8") as out:
            json.dump(results, out, indent=1)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
