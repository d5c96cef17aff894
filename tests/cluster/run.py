"""Runs test modules of this folder and ends with one line of counts, as the doctest binaries do.

usage: run.py MODULE...     e.g. run.py script_test
"""

import pathlib
import sys
import unittest


def main(modules):
    if not modules:
        print(__doc__, file=sys.stderr)
        return 2
    for module in modules:
        sys.path.insert(0, str(pathlib.Path(module).resolve().parent) if "/" in module else str(pathlib.Path(__file__).parent))
    suite = unittest.defaultTestLoader.loadTestsFromNames(
        [pathlib.Path(module).stem if module.endswith(".py") else module for module in modules])
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2).run(suite)
    failed = {test.id().split(" ")[0] for test, _ in result.failures + result.errors}
    failed |= {test.id() for test in result.unexpectedSuccesses}
    bad, skipped = len(failed), len(result.skipped)
    print(f"[script] test cases: {result.testsRun} | {max(0, result.testsRun - bad - skipped)} passed | "
          f"{bad} failed | {skipped} skipped", flush=True)
    return 1 if bad or result.testsRun == 0 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
