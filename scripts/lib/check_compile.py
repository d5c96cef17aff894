"""The checks that need a compiler: headers that stand alone, clang-tidy, and the build's times."""

import concurrent.futures
import functools
import json
import os
import pathlib
import re
import shutil
import subprocess
import time

from cluster_state import ROOT

# Where `#include "…"` looks.
INCLUDE_FOLDERS = ("src", "tests", "bench", "examples")
FLAGS = ["-std=c++20", "-fsyntax-only", "-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion",
         "-Wno-sign-conversion", "-Werror", *(f"-I{folder}" for folder in INCLUDE_FOLDERS), '-DBEAMLINE_SOURCE_DIR="."']
# Without --full no file is begun after so many seconds; the next run goes on where this one stopped.
BUDGET_S = 45.0
STAMPS = ROOT / "build" / "check"
DATABASE = ROOT / "build" / "dev" / "compile_commands.json"
# With it clang-tidy takes a fifth of the time; without its headers it goes without.
PLUGIN_SOURCE = ROOT / "scripts" / "lib" / "own_code_only.cpp"


def headers_alone(headers, full):
    """Compiles each header by itself, those excepted that passed before and include nothing that is newer.

    Nor those that the build compiles alone, because a source of it includes them before anything else; of these only
    the guard is looked at. Returns (problems, how many were looked at, how many were left out).
    """
    built = first_includes() if DATABASE.exists() else set()
    problems = [f'{header}: the first line that is no comment is not "#pragma once"' for header in headers
                if header in built and not has_guard((ROOT / header).read_text(encoding="utf-8"))]
    found, looked_at, left_out = _each(compile_header, [header for header in headers if header not in built
                                                        and not is_fresh("headers", header)], full)
    return problems + found, looked_at, left_out


def first_includes():
    """The headers that sources of the dev build include before anything else."""
    found = set()
    for source in built_sources():
        try:
            text = (ROOT / source).read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue  # It is gone, and the build does not know yet.
        include = re.search(r'^#include "(.+?)"|^#include <', text, re.MULTILINE)
        if include and include[1]:
            found |= {f"{folder}/{include[1]}" for folder in INCLUDE_FOLDERS}
    return found


def has_guard(text):
    """Whether nothing but comments stands before `#pragma once`."""
    line = next((line for line in text.splitlines() if line and not line.startswith("//")), "")
    return line == "#pragma once"


def built_sources():
    """The sources of the dev build, relative to the root; FileNotFoundError when it is not configured."""
    if not DATABASE.exists():
        raise FileNotFoundError(os.path.relpath(DATABASE, ROOT))
    return {os.path.relpath(entry["file"], ROOT) for entry in json.loads(DATABASE.read_text(encoding="utf-8"))}


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
    for folder in INCLUDE_FOLDERS:
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
    known = built_sources()
    plugin = tidy_plugin()
    settings = max(file.stat().st_mtime_ns for file in (ROOT / ".clang-tidy", PLUGIN_SOURCE))
    stale = [source for source in sources if source in known and not (
        is_fresh("tidy", source) and stamp_of("tidy", source).stat().st_mtime_ns > settings)]
    problems, looked_at, left_out = _each(functools.partial(tidy_one, plugin), stale, full)
    return sorted(set(problems)), looked_at, left_out


def tidy_plugin():
    """The words that make clang-tidy load its plugin, which is built when needed."""
    headers = pathlib.Path(os.path.realpath(shutil.which("clang-tidy"))).parent.parent / "include"
    if not (headers / "clang" / "Frontend").is_dir():
        print("clang-tidy goes through the libraries' headers, too, which takes five times as long; "
              "against that: scripts/setup full")
        return []
    plugin = STAMPS / "own_code_only.so"
    if not plugin.exists() or plugin.stat().st_mtime_ns < PLUGIN_SOURCE.stat().st_mtime_ns:
        plugin.parent.mkdir(parents=True, exist_ok=True)
        made = plugin.with_suffix(f".{os.getpid()}")
        result = subprocess.run(["g++", "-std=c++17", "-O1", "-fPIC", "-shared", "-fno-rtti", "-fno-exceptions",
                                 "-isystem", str(headers), str(PLUGIN_SOURCE), "-o", str(made)],
                                capture_output=True, text=True, errors="replace", check=False)
        if result.returncode:
            print(f"{PLUGIN_SOURCE.name} does not fit this clang-tidy, which goes without it, five times as long:\n"
                  + result.stderr[:2000])
            return []
        made.replace(plugin)
    return [f"--load={plugin}"]


def tidy_one(plugin, source):
    stamp = stamp_of("tidy", source)
    stamp.parent.mkdir(parents=True, exist_ok=True)
    depends = stamp.with_suffix(".d")
    result = subprocess.run(["clang-tidy", *plugin, "--quiet", "-p", "build/dev", "--extra-arg=-Wno-unknown-warning-option",
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
