"""What the tests of real clusters share: nodes whose logs are JSON, and the status events in them."""

import dataclasses
import json
import os
import pathlib
import subprocess
import sys
import time

from support import ROOT, ScriptTest, wait_until

sys.path.insert(0, str(ROOT / "scripts" / "lib"))
import fault_proxy  # noqa: E402

PROGRAM = pathlib.Path(os.environ.get("BEAMLINE_PROGRAM") or ROOT / "build" / "release" / "src" / "beamline")
# Net tick time of the clusters here: who says nothing is given up after 1.5 to 2.5 s (D40).
TICK_S = 2.0
TICK_LATEST_S = TICK_S * 1.25
# For a machine that does other things, too.
SLACK_S = 3.0
# An address that nobody answered at is dialled again within so many seconds while attempts are few.
REDIAL_S = 20.0
# How long nothing is waited for where nothing must happen.
QUIET_S = 1.5

H1, H2, A1 = "event_horizon_1", "event_horizon_2", "accumulator_1"


@dataclasses.dataclass(frozen=True)
class Event:
    """A node told of another one."""

    kind: str  # "up" or "down"
    peer: str  # The part of its name before the @.
    incarnation: int
    why: str = ""

    def __str__(self):
        return f"{self.kind} {self.peer}" + (f" ({self.why})" if self.why else "")


def lines_of(clone, node):
    """The node's log as objects; what is no JSON (a crash of the program) is left out."""
    for line in clone.log(node).splitlines():
        try:
            record = json.loads(line)
        except ValueError:
            continue
        if isinstance(record, dict):
            yield record


def events_of(clone, node):
    found = []
    for record in lines_of(clone, node):
        if record.get("area") == "net" and record.get("message") in ("node up", "node down"):
            found.append(Event(record["message"].partition(" ")[2], record["field.node"].partition("@")[0],
                               record["incarnation"], record.get("why", "")))
    return found


class Watch:
    """The events of one node from now on."""

    def __init__(self, clone, node):
        self.clone = clone
        self.node = node
        self._seen = len(events_of(clone, node))

    @property
    def events(self):
        return events_of(self.clone, self.node)[self._seen:]

    def of(self, peer):
        return [event for event in self.events if event.peer == peer]

    def wait(self, peer, kinds, within):
        """Waits until exactly those kinds of events of a peer have come, in that order, and returns them."""
        wait_until(lambda: len(self.of(peer)) >= len(kinds), f"{self.node} is told {' and '.join(kinds)} of {peer}; "
                   f"it was told {[str(event) for event in self.of(peer)]}", within)
        found = self.of(peer)
        if [event.kind for event in found] != kinds:
            raise AssertionError(f"{self.node} was told {[str(event) for event in found]}, expected {kinds} of {peer}")
        return found


class Distributed(ScriptTest):
    """Tests with real nodes, whose logs are JSON and whose tick time is short."""

    program = PROGRAM

    def setUp(self):
        if not os.access(PROGRAM, os.X_OK):
            self.fail(f"{PROGRAM} does not exist; build it with: cmake --preset release && cmake --build --preset release")

    words = ()  # Further ones for `scripts/cluster up`.

    def cluster(self, *words, hosts=2, accumulators=1, tick=TICK_S, is_meshed=True, **environment):
        clone = self.clone()
        up = clone.run("up", "--detach", "--hosts", str(hosts), "--accumulators", str(accumulators),
                       "--set", f"cluster.tick_time={int(tick * 1000)}ms", "--set", "log.format=json", *self.words, *words,
                       **environment)
        self.assertEqual(up.returncode, 0, up.stderr)
        if is_meshed:
            self.wait_mesh(clone)
        return clone

    def wait_mesh(self, clone, within=30.0):
        nodes = [node["name"].partition("@")[0] for node in clone.status()["nodes"]]
        for node in nodes:
            others = set(nodes) - {node}
            try:
                wait_until(lambda node=node, others=others: others <= self.linked(clone, node),
                           f"{node} is linked with {others}", within)
            except AssertionError as late:
                shown = "\n".join(f"{node}: {record}" for node in nodes for record in lines_of(clone, node)
                                  if record.get("area") in ("net", "discovery"))
                raise AssertionError(f"{late}\n{clone.run('status').stdout}\n{shown}") from None

    def linked(self, clone, node):
        """Whom a node sees now, by its events."""
        now = set()
        for event in events_of(clone, node):
            (now.add if event.kind == "up" else now.discard)(event.peer)
        return now

    def do(self, clone, *words, **environment):
        result = clone.run(*words, **environment)
        self.assertEqual(result.returncode, 0, f"{words}: {result.stderr}")
        return result

    def name(self, clone, short):
        return next(node["name"] for node in clone.status()["nodes"] if node["name"].partition("@")[0] == short)

    def ask(self, clone, node, *words):
        """`beamline remote`: (its exit code, the answer or error as JSON)."""
        asked = subprocess.run([PROGRAM, "remote", node, *words, "--json", "--dir", clone.var], capture_output=True, text=True,
                               timeout=60, check=False)
        text = asked.stdout if asked.returncode == 0 else asked.stderr
        try:
            return asked.returncode, json.loads(text.strip().splitlines()[-1])
        except (ValueError, IndexError):
            raise AssertionError(f"{words} at {node}: {asked.returncode}, {asked.stdout}{asked.stderr}") from None

    def answer(self, clone, node, *words):
        code, said = self.ask(clone, node, *words)
        self.assertEqual(code, 0, said)
        return said

    def fault(self, clone, verb, one, other):
        """As scripts/cluster does it, but at once: where a fault must not last long."""
        answer = fault_proxy.ask(clone.var / "fault_proxy.sock",
                                 {"do": verb, "from": one, "to": other})
        self.assertTrue(answer["ok"], answer)

    def assert_quiet(self, watches, seconds=QUIET_S):
        """Nobody is told anything, for a while."""
        time.sleep(seconds)
        for watch in watches:
            self.assertEqual([str(event) for event in watch.events], [], watch.node)
