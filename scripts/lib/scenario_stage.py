"""Where a scenario is played: a cluster of its own with a state folder of its own, and the report that grows meanwhile."""

import contextlib
import ctypes
import dataclasses
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import processes
from cluster_state import ROOT, State
from terminal import GREEN, RED, Failure, paint, say

# A cluster is ready within 30 s, or says why not; the first time it is built before, from the compiler's cache or not.
UP_S = 600.0
# Of one order to the cluster: a restart waits for an end (10 s) and a start (30 s).
ORDER_S = 60.0
DOWN_S = 60.0
ASK_S = 10.0
# Whoever was asked and says nothing is asked again for so long: on a busy machine an answer may be late.
ANSWER_S = 30.0
POLL_S = 0.05
KEPT = ROOT / "artefacts"
_PR_SET_PDEATHSIG = 1


@dataclasses.dataclass
class Check:
    """Something that must hold at the end."""

    name: str
    held: bool
    detail: str


class Report:
    """The steps with their times, then the checks. Shown as it grows, unless it is for programs."""

    def __init__(self, name, is_silent):
        self.name = name
        self.steps = []
        self.checks = []
        self._is_silent = is_silent
        self._begun = time.monotonic()

    @property
    def seconds(self):
        return time.monotonic() - self._begun

    @property
    def has_held(self):
        return bool(self.checks) and all(check.held for check in self.checks)

    @contextlib.contextmanager
    def step(self, what):
        """Times what is done within; it is shown at its end. Yields a function that adds to what is said."""
        at, more = self.seconds, []
        yield more.append
        text = what + (f": {'; '.join(more)}" if more else "")
        self.steps.append({"at_s": round(at, 2), "took_s": round(self.seconds - at, 2), "what": text})
        self._show(f"{at:7.1f} s {self.seconds - at:6.1f} s  {text}")

    def check(self, name, held, detail):
        self.checks.append(Check(name, bool(held), detail))
        word = paint("holds ", GREEN) if held else paint("BROKEN", RED)
        self._show(f"  {word}  {name}: {detail}")

    def headline(self, text):
        self._show(text)

    def described(self):
        return {"scenario": self.name, "held": self.has_held, "seconds": round(self.seconds, 1), "steps": self.steps,
                "checks": [dataclasses.asdict(check) for check in self.checks]}

    def _show(self, text):
        if not self._is_silent:
            print(text, flush=True)


class Stage:
    """A cluster for one scenario. Whatever happens, also to this script, it ends with it; its folder stays only where
    something has gone wrong."""

    def __init__(self, report, preset, settings):
        self.report = report
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="beamline-scenario-"))
        self._settings = [word for setting in settings for word in ("--set", setting)]
        self._preset = preset
        self._process = None
        self._cluster = None

    def __enter__(self):
        try:
            self._up()
        except BaseException as failure:
            self.__exit__(type(failure), failure, None)
            raise
        return self

    def __exit__(self, kind, _failure, _trace):
        if self._process is not None:
            self._stop()
        if kind is not None or not self.report.has_held:
            self._keep()
        shutil.rmtree(self.folder, ignore_errors=True)

    # --- the cluster --------------------------------------------------------------------------------

    def _up(self):
        command = [sys.executable, str(ROOT / "scripts" / "lib" / "cluster.py"), "up", "--preset", self._preset, *self._settings]
        with open(self.folder / "up.log", "wb") as said:
            # In the foreground, so that nodes hang on its lifeline; and it is told when this script dies.
            self._process = subprocess.Popen(command, env=self._environment(), stdin=subprocess.DEVNULL, stdout=said,
                                             stderr=said, start_new_session=True, preexec_fn=_end_with_parent)
        until = time.monotonic() + UP_S
        state = State(self.folder)
        while not ((cluster := state.load()) and cluster.is_ready):
            if self._process.poll() is not None:
                raise Failure(f"the cluster of the scenario did not come up:\n{self._said()[-4000:]}")
            if time.monotonic() > until:
                raise Failure(f"the cluster of the scenario is not up after {UP_S:.0f} s:\n{self._said()[-4000:]}")
            time.sleep(POLL_S)
        self._cluster = cluster

    def _stop(self):
        self._process.terminate()
        try:
            self._process.wait(DOWN_S)
        except subprocess.TimeoutExpired:
            self._process.kill()  # The nodes end by their lifeline.
            self._process.wait()
            nodes = [(node.pid, node.started) for node in self._cluster.nodes] if self._cluster else []
            processes.wait_gone(nodes, DOWN_S)

    def _keep(self):
        """What helps to find out why."""
        kept = KEPT / f"scenario-{self.report.name}"
        shutil.rmtree(kept, ignore_errors=True)
        secret = shutil.ignore_patterns("secret", "cookie", "*.sock", "control*", "lifeline", "cluster.lock", "cluster.edit")
        with contextlib.suppress(OSError, shutil.Error):
            kept.parent.mkdir(exist_ok=True)
            shutil.copytree(self.folder, kept, ignore=secret)
        say(f"logs and databases are kept in {kept}")

    def _environment(self):
        return os.environ | {"BEAMLINE_VAR": str(self.folder), "NO_COLOR": "1"}

    def _said(self):
        return (self.folder / "up.log").read_text(encoding="utf-8", errors="replace")

    # --- what is done to it, and asked --------------------------------------------------------------

    def do(self, *words):
        """`scripts/cluster WORDS...`; Failure with what it says unless it ends with 0."""
        try:
            done = subprocess.run([sys.executable, str(ROOT / "scripts" / "lib" / "cluster.py"), *words], env=self._environment(),
                                  stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=ORDER_S, check=False)
        except subprocess.TimeoutExpired as late:
            raise Failure(f"scripts/cluster {' '.join(words)} has not ended after {ORDER_S:.0f} s") from late
        if done.returncode != 0:
            raise Failure(f"scripts/cluster {' '.join(words)} ended with {done.returncode}: {done.stderr.strip()}")

    def kill(self, node):
        """As `scripts/cluster kill`, but at once, in the midst of what happens."""
        target = State(self.folder).load().find(node)
        processes.send_signal(target.pid, target.started, signal.SIGKILL)
        processes.wait_gone([(target.pid, target.started)], ORDER_S)

    def name(self, node):
        return self._cluster.find(node).name

    def port(self, node):
        return self._cluster.find(node).http_port

    def url(self, node, page):
        return self._cluster.find(node).url + page

    def ask(self, node, *words):
        """What `beamline remote NODE WORDS...` answers, or None while it does not."""
        command = [self._cluster.program, "remote", node, *words, "--json", "--dir", str(self.folder), "--timeout", str(ASK_S)]
        try:
            asked = subprocess.run(command, capture_output=True, text=True, timeout=ASK_S + 2.0, check=False)
            return json.loads(asked.stdout) if asked.returncode == 0 else None
        except (subprocess.TimeoutExpired, ValueError):
            return None

    def outbox(self, host):
        """A host's outbox; None while the host does not answer."""
        return self.ask(host, "outbox", "status")

    def told_outbox(self, host, within_s=ANSWER_S):
        """A host's outbox, which must be there; Failure when the host does not answer in time."""
        return wait_until(lambda: self.outbox(host), f"{host} tells its outbox", within_s)

    def links(self, node):
        """The short names of the nodes that one sees."""
        answer = self.ask(node, "nodes")
        return {peer["name"].partition("@")[0] for peer in answer["nodes"]} if answer else set()


def wait_until(condition, what, timeout_s):
    """The first true value of the condition; Failure when there is none in time."""
    until = time.monotonic() + timeout_s
    while True:
        if value := condition():
            return value
        if time.monotonic() > until:
            raise Failure(f"not within {timeout_s:.0f} s: {what() if callable(what) else what}")
        time.sleep(POLL_S)


def _end_with_parent():
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
