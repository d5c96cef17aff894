"""The checks that need a compiler: headers that stand alone, clang-tidy, and the build's times."""

import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import time

from cluster_state import ROOT

FLAGS = ["-std=c++20", "-fsyntax-only", "-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion",
         "-Wno-sign-conversion", "-Werror", "-Isrc", "-Itests", "-Ibench", '-DBEAMLINE_SOURCE_DIR="."']
# Without --full no file is begun after so many seconds; the next run goes on where this one stopped.
BUDGET_S = 45.0
STAMPS = ROOT / "build" / "check"


def headers_alone(headers, full):
    """Compiles each header by itself, those excepted that passed before and include nothing that is newer.

    Returns (problems, how many were looked at, how many were left out).
    """
    return _each(compile_header, [header for header in headers if not is_fresh("headers", header)], full)


def _each(function, files, full):
    """Calls function(file) for lists of problems, some at a time."""
    deadline = None if full else time.monotonic() + BUDGET_S

    def within_budget(file):
        return function(file) if deadline is None or time.monotonic() < deadline else None

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        results = list(pool.map(within_budget, files))
    done = [lines for lines in results if lines is not None]
    return [line for lines in done for line in lines], len(done), len(results) - len(done)


def stamp_of(step, name):
    return STAMPS / step / (name + ".json")


def is_fresh(step, name):
    """True if the file passed before and nothing it was made of is newer."""
    stamp = stamp_of(step, name)
    try:
        made = stamp.stat().st_mtime_ns
        return all(os.stat(ROOT / file).st_mtime_ns < made for file in json.loads(stamp.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return False


def put_stamp(step, name, depends):
    """Notes that the file passed; `depends` is what the compiler's -MD wrote."""
    files = depends.read_text(encoding="utf-8").replace("\\\n", " ").split()[1:]
    depends.unlink()
    stamp_of(step, name).write_text(json.dumps(sorted(set(files) - {"-", "<stdin>"})), encoding="utf-8")


def compile_header(header):
    include = pathlib.PurePosixPath(header)
    for folder in ("src", "tests"):
        if header.startswith(folder + "/"):
            include = include.relative_to(folder)
    generated = [f"-I{path}" for path in sorted((ROOT / "build").glob("dev/generated"))]
    stamp = stamp_of("headers", header)
    stamp.parent.mkdir(parents=True, exist_ok=True)
    depends = stamp.with_suffix(".d")
    # Included rather than compiled itself: "#pragma once in main file" is no fault. Twice: the guard is checked too.
    result = subprocess.run(["g++", *FLAGS, *generated, "-x", "c++", "-MD", "-MF", str(depends), "-"], cwd=ROOT, text=True,
                            input=f'#include "{include}"\n#include "{include}"\n', capture_output=True, errors="replace",
                            check=False)
    if result.returncode:
        stamp.unlink(missing_ok=True)
        errors = [line for line in result.stderr.splitlines() if re.search(r"error", line)]
        return [f"{header} does not compile alone:"] + ["  " + line for line in errors[:5]]
    put_stamp("headers", header, depends)
    return []


def tidy(sources, full):
    """Runs clang-tidy as .clang-tidy says. Returns (problems, how many were looked at, how many were left out)."""
    database = ROOT / "build" / "dev" / "compile_commands.json"
    if not database.exists():
        raise FileNotFoundError("build/dev/compile_commands.json")
    known = {os.path.relpath(entry["file"], ROOT) for entry in json.loads(database.read_text(encoding="utf-8"))}
    settings = (ROOT / ".clang-tidy").stat().st_mtime_ns
    stale = [source for source in sources if source in known and not (
        is_fresh("tidy", source) and stamp_of("tidy", source).stat().st_mtime_ns > settings)]
    problems, looked_at, left_out = _each(tidy_one, stale, full)
    return sorted(set(problems)), looked_at, left_out


def tidy_one(source):
    stamp = stamp_of("tidy", source)
    stamp.parent.mkdir(parents=True, exist_ok=True)
    depends = stamp.with_suffix(".d")
    result = subprocess.run(["clang-tidy", "--quiet", "-p", "build/dev", "--extra-arg=-Wno-unknown-warning-option",
                             # The build is g++'s; what cmake switches off for clang is not in its command lines.
                             "--extra-arg=-Wno-unused-lambda-capture", source],
                            cwd=ROOT, capture_output=True, text=True, errors="replace", check=False)
    # A header's finding is named by every source that includes it; the caller keeps one.
    lines = [line.replace(f"{ROOT}/", "") for line in result.stdout.splitlines()
             if re.search(r": (?:warning|error): ", line)]
    if result.returncode or lines:
        stamp.unlink(missing_ok=True)
        return lines or [f"{source}: clang-tidy ended with {result.returncode}"]
    listed = subprocess.run(["g++", "-std=c++20", "-Isrc", "-M", "-MF", str(depends), source], cwd=ROOT,
                            capture_output=True, check=False)
    if listed.returncode == 0:
        put_stamp("tidy", source, depends)
    return []


def build_times(log):
    """[(source, seconds)] of the newest build of each object, slowest first."""
    newest = {}
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    for line in lines:
        fields = line.split("\t")
        if len(fields) == 5 and fields[3].endswith(".o"):
            newest[fields[3]] = (int(fields[1]) - int(fields[0])) / 1000
    shortened = ((re.sub(r"CMakeFiles/[^/]+\.dir/|\.o$", "", name), seconds) for name, seconds in newest.items())
    return sorted(shortened, key=lambda entry: -entry[1])
