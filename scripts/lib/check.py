"""scripts/check: what can be said about the sources without running the program.

One line per step, and for a step that fails the command that repeats it. A step whose tool is not installed is skipped
and says so. By default headers and lints look at changed files (against the last commit; in a clean tree, those of the
last commit); --full looks at everything.
"""

import sys
import time

import check_steps
import repository
from terminal import GREEN, RED, YELLOW, paint

USAGE = """\
usage: scripts/check [--full] [STEP...]

  --full    headers and clang-tidy over every file instead of the changed ones
  STEP      run only these: {steps}
"""


def main(words):
    names = [step.name for step in check_steps.STEPS]
    usage = USAGE.format(steps=" ".join(names))
    full = "--full" in words
    wanted = [word for word in words if word != "--full"]
    if "-h" in wanted or "--help" in wanted:
        print(usage, end="")
        return 0
    unknown = [word for word in wanted if word not in names]
    if unknown:
        print(f'check: no step is named "{unknown[0]}"', file=sys.stderr)
        print(usage, end="", file=sys.stderr)
        return 2
    scope = check_steps.Scope(full, repository.all_files(), repository.changed_files())
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    for step in check_steps.STEPS:
        if not wanted or step.name in wanted:
            counts[run(step, scope)] += 1
    # In the form of doctest's summary, so that scripts/test can add it up.
    print(f"[check] test cases: {sum(counts.values())} | {counts['passed']} passed | {counts['failed']} failed | "
          f"{counts['skipped']} skipped")
    return 1 if counts["failed"] else 0


def run(step, scope):
    begun = time.monotonic()
    try:
        problems, summary = step.function(scope)
        word = "failed" if problems else "passed"
    except check_steps.Skipped as skipped:
        problems, summary, word = [], str(skipped), "skipped"
    seconds = time.monotonic() - begun
    shown = paint(f"{word:<8}", {"passed": GREEN, "failed": RED, "skipped": YELLOW}[word])
    print(f"{shown} {step.name:<9} {seconds:6.1f} s  {summary}", flush=True)
    for problem in problems:
        print(f"    {problem}")
    if problems:
        full = " --full" if scope.full and step.has_scope else ""
        print(f"    repeat with: {step.repeat or f'scripts/check{full} {step.name}'}", flush=True)
    return word


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
