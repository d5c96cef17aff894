"""What takes long or root: fifty nodes that connect at once, and nodes in network namespaces of their own, whose cables
are cut by the kernel. Run with scripts/test --full.
"""

import os
import pathlib
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

import events
from events import PROGRAM, REDIAL_S, SLACK_S, TICK_LATEST_S, TICK_S, Distributed
from support import ROOT, ScriptTest, is_alive, wait_until

NODES = 50
# All fifty see all others within this time after the last one has started. Generous: the machine may have two cores.
MESH_S = 120.0
# Of each node with its 49 links, resident.
MEMORY_MIB_MAX = 120
# Where node i of the namespaces is.
SUBNET = "10.213.77"


class Fifty(Distributed):
    is_alone = True

    def test_fifty_nodes_that_start_at_once_are_a_full_mesh(self):
        clone = self.clone()
        begun = time.monotonic()
        up = subprocess.run([clone.root / "scripts" / "cluster", "up", "--detach", "--hosts", str(NODES - 1),
                             "--set", "cluster.mesh=all", "--set", "log.format=json"], env=clone.environment,
                            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300, check=False)
        self.assertEqual(up.returncode, 0, up.stderr[-4000:])
        started = time.monotonic()
        nodes = [node["name"].partition("@")[0] for node in clone.status()["nodes"]]

        def is_meshed():
            return all(len(self.linked(clone, node)) == NODES - 1 for node in nodes)

        wait_until(is_meshed, f"{NODES} nodes see each other", MESH_S)
        meshed = time.monotonic()
        rows = clone.status()["nodes"]
        memory = [row["memory_kib"] / 1024 for row in rows]
        print(f"{NODES} nodes: ready after {started - begun:.1f} s, a full mesh {meshed - started:.1f} s later; "
              f"memory {sum(memory) / NODES:.1f} MiB each, {max(memory):.1f} at most", flush=True)
        self.assertLess(max(memory), MEMORY_MIB_MAX)
        for row in rows:  # Nobody flaps: each saw each of the others come once.
            self.assertEqual(len(events.events_of(clone, row["name"].partition("@")[0])), NODES - 1, row["name"])
        down = subprocess.run([clone.root / "scripts" / "cluster", "down"], env=clone.environment, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=120, check=False)
        self.assertEqual(down.returncode, 0, down.stderr)


def run(*words):
    result = subprocess.run(words, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise OSError(f"{' '.join(words)}: {result.stderr.strip()}")


class Namespaces:
    """Namespaces of one test: each has a cable to a switch. They go with it."""

    def __init__(self, count):
        self.mark = f"bl{secrets.token_hex(3)}"
        self.spaces = [f"{self.mark}n{i}" for i in range(count)]
        self.switch = f"{self.mark}s"
        self.made = []

    def make(self):
        for space in [self.switch, *self.spaces]:
            run("ip", "netns", "add", space)
            self.made.append(space)
        self.within(self.switch, "ip", "link", "add", "br0", "type", "bridge")
        self.within(self.switch, "ip", "link", "set", "br0", "up")
        for i, space in enumerate(self.spaces):
            self.within(self.switch, "ip", "link", "add", f"p{i}", "type", "veth", "peer", "name", "eth0", "netns", space)
            self.within(self.switch, "ip", "link", "set", f"p{i}", "master", "br0", "up")
            self.within(space, "ip", "address", "add", f"{SUBNET}.{i + 1}/24", "dev", "eth0")
            self.within(space, "ip", "link", "set", "lo", "up")
            self.within(space, "ip", "link", "set", "eth0", "up")

    def within(self, space, *words):
        run("ip", "netns", "exec", space, *words)

    def cut(self, one, other, is_cut=True):
        """Packets from one to the other vanish."""
        self.within(self.spaces[one], "ip", "route", "add" if is_cut else "del", "blackhole", f"{SUBNET}.{other + 1}/32")

    def plug(self, one, is_plugged):
        self.within(self.switch, "ip", "link", "set", f"p{one}", "up" if is_plugged else "down")

    def remove(self):
        for space in self.made:
            subprocess.run(["ip", "netns", "del", space], capture_output=True, check=False)


class InNamespaces(ScriptTest):
    """Three nodes on "machines" of their own, without a proxy: what the kernel does to packets is what networks do."""

    is_alone = True
    program = PROGRAM

    def setUp(self):
        if shutil.which("ip") is None:
            self.skipTest("the program `ip` is missing: apt-get install iproute2")
        self.spaces = Namespaces(3)
        self.addCleanup(self.spaces.remove)
        try:
            self.spaces.make()
        except OSError as error:
            self.skipTest(f"network namespaces cannot be made here (it takes root): {error}")
        self.var = pathlib.Path(tempfile.mkdtemp(prefix="beamline-netns-"))
        self.addCleanup(shutil.rmtree, self.var, True)
        cookie = self.var / "cookie"
        cookie.write_text(secrets.token_urlsafe(40) + "\n")
        cookie.chmod(0o600)
        self.processes = {}
        self.addCleanup(self.stop_all)
        for i in range(3):
            self.start(i)
        for i in range(3):
            wait_until(lambda i=i: self.sees(i) == {0, 1, 2} - {i}, f"node {i} sees the others", 30.0)

    def start(self, i):
        host = f"{SUBNET}.{i + 1}"
        (self.var / f"n{i}").mkdir(exist_ok=True)
        peers = ",".join(f"{SUBNET}.{other + 1}:4400" for other in range(3) if other != i)
        settings = {"node.name": f"n{i}@{host}", "node.role": "event_horizon", "node.data_dir": self.var / f"n{i}",
                    "web.bind": "127.0.0.1", "cluster.enabled": "true", "cluster.bind": host, "cluster.port": 4400,
                    "cluster.peers": peers, "cluster.allow_insecure": "true", "cluster.setup_time": "1s",
                    "cluster.tick_time": f"{int(TICK_S * 1000)}ms", "log.format": "json"}
        command = ["ip", "netns", "exec", self.spaces.spaces[i], str(PROGRAM), "run"]
        for file in ("base", "dev", "event_horizon"):
            command += ["--config", f"config/{file}.toml"]
        for key, value in settings.items():
            command += ["--set", f"{key}={value}"]
        environment = os.environ | {"BEAMLINE_COOKIE_FILE": str(self.var / "cookie"),
                                    "BEAMLINE_SECRET": secrets.token_urlsafe(32)}
        environment.pop("BEAMLINE_COOKIE", None)
        with open(self.var / f"n{i}" / "log", "ab") as log:
            self.processes[i] = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL,
                                                 stdout=log, stderr=log)

    def stop_all(self):
        for process in self.processes.values():
            process.send_signal(signal.SIGCONT)
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def log(self, node):  # As a clone has it.
        return (self.var / node / "log").read_text(encoding="utf-8", errors="replace")

    def sees(self, i):
        now = set()
        for event in events.events_of(self, f"n{i}"):
            (now.add if event.kind == "up" else now.discard)(int(event.peer[1:]))
        return now

    def watch(self, i):
        return events.Watch(self, f"n{i}")

    def test_an_unplugged_cable_is_seen_by_all_and_heals(self):
        """D40 an unplugged machine is down at the others, and the others at it, within the tick time and a quarter"""
        watches = [self.watch(i) for i in range(3)]
        self.spaces.plug(2, False)
        for i in (0, 1):
            self.assertEqual(watches[i].wait("n2", ["down"], TICK_LATEST_S + SLACK_S)[0].why, "net_tick_timeout")
            watches[2].wait(f"n{i}", ["down"], TICK_LATEST_S + SLACK_S)
        self.spaces.plug(2, True)
        for i in (0, 1):
            down, up = watches[i].wait("n2", ["down", "up"], REDIAL_S)
            self.assertEqual(down.incarnation, up.incarnation)
        self.assertEqual([event.peer for event in watches[0].events], ["n2", "n2"])

    def test_a_partition_of_a_pair_leaves_the_third_alone(self):
        """D38 packets of a pair that vanish both ways end their link only"""
        watches = [self.watch(i) for i in range(3)]
        self.spaces.cut(0, 1)
        self.spaces.cut(1, 0)
        watches[0].wait("n1", ["down"], TICK_LATEST_S + SLACK_S)
        watches[1].wait("n0", ["down"], TICK_LATEST_S + SLACK_S)
        time.sleep(TICK_S)
        self.assertEqual(watches[2].events, [])
        self.spaces.cut(0, 1, False)
        self.spaces.cut(1, 0, False)
        watches[0].wait("n1", ["down", "up"], REDIAL_S)
        watches[1].wait("n0", ["down", "up"], REDIAL_S)
        self.assertEqual(watches[2].events, [])

    def test_packets_that_vanish_one_way_end_the_link_at_both_ends(self):
        """D38 packets that vanish one way end the link at both ends, and let no new one up"""
        watches = [self.watch(i) for i in range(3)]
        self.spaces.cut(0, 1)
        watches[0].wait("n1", ["down"], 2 * TICK_LATEST_S + SLACK_S)
        watches[1].wait("n0", ["down"], 2 * TICK_LATEST_S + SLACK_S)
        time.sleep(2 * TICK_S)
        self.assertEqual(len(watches[0].of("n1")), 1)
        self.spaces.cut(0, 1, False)
        watches[0].wait("n1", ["down", "up"], REDIAL_S)

    def test_kill_and_freeze_are_seen_as_on_one_machine(self):
        """SY13 a machine that is frozen is down by the tick time, one that is killed at once"""
        watches = [self.watch(i) for i in range(3)]
        self.processes[2].send_signal(signal.SIGSTOP)
        self.assertEqual(watches[0].wait("n2", ["down"], TICK_LATEST_S + SLACK_S)[0].why, "net_tick_timeout")
        self.processes[2].send_signal(signal.SIGCONT)
        up = watches[0].wait("n2", ["down", "up"], REDIAL_S)[1]
        self.processes[2].kill()
        self.processes[2].wait()
        wait_until(lambda: not is_alive(self.processes[2].pid), "it has ended", 5.0)
        self.assertEqual(watches[0].wait("n2", ["down", "up", "down"], 2.0)[2].why, "connection_closed")
        self.start(2)
        self.assertGreater(watches[0].wait("n2", ["down", "up", "down", "up"], REDIAL_S)[3].incarnation, up.incarnation)


if __name__ == "__main__":
    unittest.main()
