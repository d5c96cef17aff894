"""Builds a CMake preset, quietly when nothing is to be done, with a moving count when something is."""

import collections
import fcntl
import os
import re
import shutil
import subprocess
import sys

from cluster_state import ROOT
from terminal import Failure, has_colour, say

# What stays on screen after a failed build; the whole output is in the log.
TAIL_LINES = 60


# Objects are the same in every clone: the compiler cache of one serves the next.
CACHE = {"CCACHE_BASEDIR": str(ROOT), "CCACHE_NOHASHDIR": "1"}


def build(preset, targets, log_path, prefix, configure=None):
    """Configures when needed and builds the targets, all without any. Two builds of one preset take turns.

    With `configure`, a list of CMake arguments, the folder build/<preset> is configured by those instead of a preset.
    """
    folder = ROOT / "build" / preset
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / ".build-lock", "w", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"waiting for another build of the {preset} preset", prefix)
            fcntl.flock(lock, fcntl.LOCK_EX)
        with open(log_path, "w", encoding="utf-8", errors="replace") as log:
            if not (folder / "build.ninja").exists() and not (folder / "Makefile").exists():
                say(f"configuring the {preset} preset", prefix)
                source = ["-S", ".", "-B", str(folder), *configure] if configure else ["--preset", preset]
                _run(["cmake", *source, *_generator()], log, prefix)
            command = ["cmake", "--build", str(folder), "-j", str(os.cpu_count() or 2)]
            _run(command + (["--target", *targets] if targets else []), log, prefix)


def _generator():
    return ["-G", "Ninja"] if shutil.which("ninja") else []


def _run(command, log, prefix):
    try:
        process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT, text=True, errors="replace",
                                   env=os.environ | CACHE | {"NINJA_STATUS": "[%f/%t] "})
    except FileNotFoundError as error:
        raise Failure(f"{error.filename} is missing; install it with: scripts/setup run") from error
    last = collections.deque(maxlen=TAIL_LINES)
    progress = _Progress(prefix)
    try:
        for line in process.stdout:
            log.write(line)
            last.append(line)
            progress.show(line)
        status = process.wait()
    finally:
        progress.end()
        if process.poll() is None:
            process.terminate()
            process.wait()
    if status != 0:
        sys.stderr.writelines(last)
        raise Failure(f"{' '.join(command)} ended with {status}; above are the last lines of {log.name}")


class _Progress:
    """On a terminal one line that changes; elsewhere a line for every tenth of the work."""

    def __init__(self, prefix):
        self._prefix = prefix
        self._live = has_colour(sys.stderr)
        self._tenth = -1
        self._drawn = False

    def show(self, line):
        step = re.match(r"\[(\d+)/(\d+)\] (?:Building \w+ object )?(.*)", line)
        if not step:
            return
        done, total = int(step[1]), int(step[2])
        if self._live:
            width = shutil.get_terminal_size().columns
            text = f"{self._prefix}: building {done}/{total} {step[3].rpartition('/')[2]}"
            sys.stderr.write("\r\033[K" + text[: width - 1])
            sys.stderr.flush()
            self._drawn = True
        elif total > 1 and done * 10 // total != self._tenth:
            self._tenth = done * 10 // total
            say(f"building {done}/{total}", self._prefix)

    def end(self):
        if self._drawn:
            sys.stderr.write("\r\033[K")
            sys.stderr.flush()
