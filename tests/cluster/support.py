"""What the script tests share: a clone of the scripts with a var/ of its own, and waiting for what scripts do."""

import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
FAKE_PROGRAM = ROOT / "tests" / "cluster" / "fake_node.py"
# Far above what anything here takes; a test that reaches it has failed.
TIMEOUT_S = 60.0


def wait_until(condition, what, timeout_s=TIMEOUT_S):
    """Returns the first true value of the condition; fails with the sentence when the time is over."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"not within {timeout_s:.0f} s: {what}")


def is_alive(pid):
    try:
        stat = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in "ZX"


class Foreground(subprocess.Popen):
    """A script as a person runs it in another terminal. What it says goes to a file, which may be read at any time."""

    def __init__(self, command, environment, folder):
        with tempfile.NamedTemporaryFile(dir=folder, prefix="foreground-", delete=False) as file:
            self.file = pathlib.Path(file.name)
            super().__init__(command, env=environment, stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT,
                             start_new_session=True)

    @property
    def output(self):
        return self.file.read_text(encoding="utf-8", errors="replace")

    def wait_for(self, text):
        return wait_until(lambda: self.output if text in self.output else None, f"it says: {text}")


class Clone:
    """A second clone of the repository: its own scripts and var/, the same program and configuration."""

    def __init__(self, program=FAKE_PROGRAM, **environment):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="beamline-clone-"))
        shutil.copytree(ROOT / "scripts", self.root / "scripts", ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copytree(ROOT / "config", self.root / "config")
        for shared in ("assets", "content"):
            (self.root / shared).symlink_to(ROOT / shared)
        # The program finds its built assets beside itself.
        (self.root / "build").symlink_to(ROOT / "build")
        self.environment = os.environ | {"BEAMLINE_PROGRAM": str(program), "NO_COLOR": "1"} | environment
        for name in ("BEAMLINE_VAR", "BEAMLINE_COOKIE", "BEAMLINE_COOKIE_FILE", "BEAMLINE_SECRET"):
            self.environment.pop(name, None)
        self.foreground = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in self.foreground:
            if process.poll() is None:
                process.kill()
            process.wait()
        self.run("down")
        shutil.rmtree(self.root, ignore_errors=True)

    @property
    def var(self):
        return self.root / "var"

    def run(self, *words, **environment):
        """Runs scripts/cluster to its end; the result has returncode, stdout and stderr."""
        return subprocess.run([self.root / "scripts" / "cluster", *words], env=self.environment | environment,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)

    def start(self, *words, script="cluster", **environment):
        """Starts a script in the background; it is ended with the clone."""
        process = Foreground([self.root / "scripts" / script, *words], self.environment | environment, self.root)
        self.foreground.append(process)
        return process

    def status(self):
        return json.loads(self.run("status", "--json").stdout)

    def wait_up(self):
        """Until `up` has seen every node ready, and has said so."""

        def is_up():
            try:
                return json.loads((self.var / "cluster.json").read_text(encoding="utf-8"))["is_ready"]
            except FileNotFoundError:
                return False

        wait_until(is_up, "the cluster is up")

    def wait_ready(self):
        """The status of the cluster once every node is ready."""

        def ready():
            status = self.status()
            return status if status["nodes"] and all(node["state"] == "ready" for node in status["nodes"]) else None

        return wait_until(ready, "every node is ready")

    def log(self, node):
        return (self.var / node / "log").read_text(encoding="utf-8", errors="replace")


class ScriptTest(unittest.TestCase):
    """A test with clones that are stopped and removed at its end, whatever happens."""

    program = FAKE_PROGRAM
    is_alone = False  # A class may say True; run.py tells what it means.

    def clone(self, **environment):
        clone = Clone(self.program, **environment)
        self.addCleanup(clone.__exit__)
        return clone

    def listener(self, port):
        """Takes a port until the end of the test, unless a program outside of these tests has it: as good. For classes
        that are alone; another test's cluster could have the port now and leave it in the midst of this one."""
        self.assertTrue(self.is_alone, "a test that takes default ports runs alone")
        taken = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.addCleanup(taken.close)
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            taken.bind(("127.0.0.1", port))
            taken.listen(1)
        except OSError:
            pass
        return taken

    def assert_gone(self, status, timeout_s=12.0):
        for node in status["nodes"]:
            wait_until(lambda pid=node["pid"]: not is_alive(pid), f"{node['name']} has ended", timeout_s)

    def end(self, process, number=signal.SIGINT):
        """Signals a foreground script and returns its exit code and output."""
        process.send_signal(number)
        return process.wait(timeout=TIMEOUT_S), process.output
