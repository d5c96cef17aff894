"""Reads what a CTest run reports, and counts test cases rather than programs."""

import dataclasses
import re
import xml.etree.ElementTree as xml

# The last line of doctest, and of our own runners, e.g.
#   [doctest] test cases: 12 | 11 passed | 1 failed | 3 skipped
# In doctest's line skipped cases are not part of the first number.
SUMMARY = re.compile(r"^\[\w+\] test cases: +(\d+) \| +(\d+) passed \| +(\d+) failed \| +(\d+) skipped", re.MULTILINE)
COLOURS = re.compile(r"\033\[[0-9;]*m")


@dataclasses.dataclass
class Counts:
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    # Names of what failed, as CTest knows them.
    bad: list = dataclasses.field(default_factory=list)

    def add(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped
        self.bad += other.bad

    def __str__(self):
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def of_output(name, output, ended_well):
    """Counts of one program. One that ends badly has failed at least once, whatever it says: it may have crashed
    before its summary, after it, or found a leak on its way out."""
    summaries = SUMMARY.findall(COLOURS.sub("", output))
    counts = Counts()
    for _, passed, failed, skipped in summaries:
        counts.add(Counts(int(passed), int(failed), int(skipped)))
    if not summaries and ended_well:
        counts.passed = 1  # A plain program is one test.
    if not ended_well:
        counts.failed = max(1, counts.failed)
    if counts.failed:
        counts.bad = [name]
    return counts


def of_junit(path):
    """Counts of a whole CTest run, from the file of --output-junit."""
    total = Counts()
    for case in xml.parse(path).getroot().iter("testcase"):
        name, status = case.get("name"), case.get("status")
        if status in ("disabled", "notrun") and case.find("failure") is None:
            total.add(Counts(skipped=1))
        else:
            output = case.findtext("system-out") or ""
            total.add(of_output(name, output, status == "run" and case.find("failure") is None))
    return total
