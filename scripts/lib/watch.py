"""Which files changed, and a node that is started anew when they did."""

import os
import signal
import subprocess
import time

from terminal import Failure, say

# Looking at all sources takes some milliseconds; so often nobody waits and nothing is kept busy.
LOOK_INTERVAL_S = 0.3
# An editor that saves several files at once is one change.
QUIET_S = 0.2
# A node ends within 10 s of SIGTERM by its own account; then it is killed.
STOP_TIMEOUT_S = 10.0


class Watch:
    """Files below some folders, and single files. Hidden ones, what editors leave behind and packages do not count."""

    def __init__(self, *roots):
        self._roots = roots
        self._seen = self._look()

    def changed(self):
        """Paths that were written, made or removed since the last call, sorted."""
        before, self._seen = self._seen, self._look()
        return sorted(path for path in before.keys() | self._seen.keys() if before.get(path) != self._seen.get(path))

    def settled(self):
        """The same, once nothing has changed for a moment."""
        paths = set()
        while news := self.changed():
            paths.update(news)
            time.sleep(QUIET_S)
        return sorted(paths)

    def _look(self):
        marks = {}
        for root in self._roots:
            if os.path.isdir(root):
                for folder, folders, files in os.walk(root):
                    folders[:] = [name for name in folders if name[0] != "." and name not in ("node_modules", "__pycache__")]
                    for name in files:
                        if name[0] not in ".#" and not name.endswith("~"):
                            _mark(marks, os.path.join(folder, name))
            else:
                _mark(marks, str(root))
        return marks


def _mark(marks, path):
    try:
        status = os.stat(path)
        marks[path] = (status.st_mtime_ns, status.st_size, status.st_ino)
    except OSError:
        pass  # Removed between the listing and the look, or not there yet.


def run(watch, build, command, environment, prefix):
    """Runs a node's command until a signal; after each change builds, and starts it anew. A build that fails leaves it
    running. A node that fails waits for the next change. Returns the exit status for this script: 0 after SIGTERM, as of
    a node.
    """
    ended_by = []
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda got, _: ended_by.append(got))
    node = _start(command, environment)
    has_told = False
    try:
        while not ended_by:
            time.sleep(LOOK_INTERVAL_S)
            status = node.poll()
            if status == 0:
                return 0
            if status is not None and not has_told:
                say(f"the node ended with {status}; the next change starts it anew", prefix)
                has_told = True
            if not (paths := watch.settled()):
                continue
            say(f"{_name(paths)} changed", prefix)
            try:
                build()
            except Failure as failure:
                say(f"{failure}; what ran before goes on", prefix)
                continue
            _stop(node, prefix)
            node = _start(command, environment)
            has_told = False
    finally:
        _stop(node, prefix)
    return 0 if ended_by[0] == signal.SIGTERM else 128 + ended_by[0]


def _name(paths):
    return paths[0] if len(paths) == 1 else f"{paths[0]} and {len(paths) - 1} more"


def _start(command, environment):
    # A group of its own: Ctrl-C is for this script, which ends the node in its way. And should this script be killed, the
    # writing end of the pipe closes, which ends the node.
    reading, writing = os.pipe()
    try:
        node = subprocess.Popen([*command, "--lifeline-fd", str(reading)], env=environment, stdin=subprocess.DEVNULL,
                                process_group=0, pass_fds=(reading,))
    except OSError as error:
        os.close(writing)
        raise Failure(f"cannot start {command[0]}: {error.strerror}; build it with: cmake --build --preset dev") from error
    finally:
        os.close(reading)
    node.lifeline = writing
    return node


def _stop(node, prefix):
    if node.poll() is None:
        node.terminate()
        try:
            node.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            say(f"the node did not end within {STOP_TIMEOUT_S:.0f} s of SIGTERM and is killed", prefix)
            node.kill()
            node.wait()
    if node.lifeline is not None:
        os.close(node.lifeline)
        node.lifeline = None
