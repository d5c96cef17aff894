"""A cluster of member_node processes whose links run through the fault proxy."""

import concurrent.futures
import json
import os
import pathlib
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "scripts" / "lib"))
import fault_proxy  # noqa: E402
import ports  # noqa: E402

PROGRAM = pathlib.Path(os.environ.get("BEAMLINE_MEMBER_NODE")
                       or ROOT / "build" / "dev" / "tests" / "cluster" / "members" / "member_node")
# Of the links: who says nothing is given up after 1.5 to 2.5 s (D40).
TICK_S = 2.0
# Of the trackers: T_b, and how long the entries of a node whose link went down stay (D125, D133).
PERIOD_S = 1.0
GRACE_S = 2.0
DOWN_S = 20.0
# Far above what any answer takes.
ANSWER_S = 60.0


class Node:
    """One node over its runs; each run is another incarnation."""

    def __init__(self, letter, folder, claims):
        self.name = f"{letter}@127.0.0.1"
        self.port = claims.choose(ports.LINK_BASE)
        self.proxy_port = claims.choose(ports.PROXY_BASE)
        self.incarnation = 0
        self.process = None
        self._log = folder / f"{letter}.log"
        self._answers = None

    def start(self, others):
        self.incarnation += 1
        settings = {"name": self.name, "incarnation": self.incarnation, "listen": f"127.0.0.1:{self.port}",
                    "advertise": f"127.0.0.1:{self.proxy_port}",
                    "peers": [f"127.0.0.1:{node.proxy_port}" for node in others], "shards": 2}
        settings |= {key: int(seconds * 1000) for key, seconds in
                     (("tick_ms", TICK_S), ("period_ms", PERIOD_S), ("down_ms", DOWN_S), ("grace_ms", GRACE_S))}
        with self._log.open("a", encoding="utf-8") as log:
            self.process = subprocess.Popen([PROGRAM, json.dumps(settings)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                            stderr=log, text=True)
        self._answers = queue.Queue()
        threading.Thread(target=self._read, args=(self.process, self._answers), daemon=True).start()
        self._answer("its start")

    @staticmethod
    def _read(process, answers):
        for line in process.stdout:
            answers.put(line)
        answers.put(None)

    def ask(self, do, **values):
        self.process.stdin.write(json.dumps({"do": do, **values}) + "\n")
        self.process.stdin.flush()
        return self._answer(do)

    def _answer(self, what):
        try:
            line = self._answers.get(timeout=ANSWER_S)
        except queue.Empty:
            raise AssertionError(f"{self.name}: no answer to {what} within {ANSWER_S:.0f} s") from None
        if line is None:
            raise AssertionError(f"{self.name} ended instead of answering to {what}: {self.log()[-2000:]}")
        said = json.loads(line)
        if not said["ok"]:
            raise AssertionError(f"{self.name}: {what}: {said['error']}")
        return said

    def log(self):
        return self._log.read_text(encoding="utf-8", errors="replace")

    def signal(self, number):
        self.process.send_signal(number)

    def kill(self):
        """kill -9."""
        self.process.kill()
        self._end()

    def stop(self, within=30.0):
        """In order; its exit code."""
        self.process.stdin.close()
        self.process.wait(within)
        return self._end()

    def _end(self):
        code = self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if not pipe.closed:
                pipe.close()
        self.process = None
        return code


class Cluster:
    """Nodes a, b, c, ... all linked, with the proxy between them."""

    def __init__(self, letters="abc"):
        self._folder = tempfile.TemporaryDirectory(prefix="beamline-members-")
        folder = pathlib.Path(self._folder.name)
        self._claims = ports.Ports()  # To the end: while a node is dead, its ports look free to other tests.
        self.nodes = [Node(letter, folder, self._claims) for letter in letters]
        self._control = folder / "control.sock"
        words = [sys.executable, str(ROOT / "scripts" / "lib" / "fault_proxy.py"), "--control", str(self._control)]
        for node in self.nodes:
            words += ["--node", f"{node.name}=127.0.0.1:{node.proxy_port}=127.0.0.1:{node.port}"]
        self._proxy = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
        if self._proxy.stdout.readline() != "ready\n":
            raise AssertionError("the fault proxy did not start")
        try:
            self.each(self.start)
        except BaseException:
            self.close()
            raise

    def start(self, node):
        node.start([other for other in self.nodes if other is not node])

    @property
    def running(self):
        return [node for node in self.nodes if node.process is not None]

    def each(self, do, nodes=None):
        """Does it with all of them at the same time; the results in their order."""
        with concurrent.futures.ThreadPoolExecutor(len(self.nodes)) as pool:
            return list(pool.map(do, self.nodes if nodes is None else nodes))

    def fault(self, verb, one=None, other=None, **values):
        pair = {"from": one.name, "to": other.name} if one else {}
        answer = fault_proxy.ask(self._control, {"do": verb, **pair, **values})
        if not answer["ok"]:
            raise AssertionError(f"the proxy: {verb}: {answer['error']}")

    def close(self):
        for node in self.running:
            node.signal(signal.SIGCONT)
            node.kill()
        self._proxy.terminate()
        self._proxy.wait(15)
        self._proxy.stdout.close()
        self._folder.cleanup()
        self._claims.release()


def seconds_until(condition, what, within):
    """How long it took until the condition was true; fails with the sentence, and with what `what` says then."""
    begun = time.monotonic()
    while not condition():
        if time.monotonic() - begun > within:
            raise AssertionError(f"not within {within:.1f} s: {what() if callable(what) else what}")
        time.sleep(0.01)
    return time.monotonic() - begun
