"""Runs test modules of this folder and ends with one line of counts, as the doctest binaries do.

usage: run.py [-j N] MODULE...     e.g. run.py script_test; with -j N test classes side by side

Classes whose `is_alone` is true run after all others, one at a time: they measure, or need the default ports.
"""

import concurrent.futures
import io
import pathlib
import sys
import unittest


def main(words):
    jobs = 1
    if words[:1] == ["-j"] and len(words) > 1 and words[1].isdecimal() and int(words[1]) > 0:
        jobs, words = int(words[1]), words[2:]
    if not words or words[0].startswith("-"):
        print(__doc__, file=sys.stderr)
        return 2
    for module in words:
        sys.path.insert(0, str(pathlib.Path(module).resolve().parent) if "/" in module else str(pathlib.Path(__file__).parent))
    suite = unittest.defaultTestLoader.loadTestsFromNames(
        [pathlib.Path(module).stem if module.endswith(".py") else module for module in words])
    results = run_all(by_class(suite), jobs)
    failed = {test.id().split(" ")[0] for result in results for test, _ in result.failures + result.errors}
    failed |= {test.id() for result in results for test in result.unexpectedSuccesses}
    run = sum(result.testsRun for result in results)
    bad, skipped = len(failed), sum(len(result.skipped) for result in results)
    print(f"[script] test cases: {run} | {max(0, run - bad - skipped)} passed | {bad} failed | {skipped} skipped", flush=True)
    return 1 if bad or run == 0 else 0


def by_class(suite):
    """The tests in groups that share no class, so that fixtures of a class are made once."""
    groups = {}
    for test in flat(suite):
        groups.setdefault(type(test), unittest.TestSuite()).addTest(test)
    return list(groups.values())


def flat(suite):
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from flat(test)
        else:
            yield test


def run_all(groups, jobs):
    if jobs == 1:
        return [unittest.TextTestRunner(stream=sys.stdout, verbosity=2).run(unittest.TestSuite(groups))]

    def run(group):
        said = io.StringIO()
        return unittest.TextTestRunner(stream=said, verbosity=2).run(group), said

    alone = [group for group in groups if getattr(next(flat(group)), "is_alone", False)]
    results = []
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for result, said in pool.map(run, [group for group in groups if group not in alone]):
            print(said.getvalue(), end="", flush=True)
            results.append(result)
    if alone:
        results += run_all(alone, 1)
    return results


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
