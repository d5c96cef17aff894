"""scripts/cluster with the real program: start and readiness, signals, kill -9, neighbours, bad configuration, idling.

The program is the one scripts/test has built, or $BEAMLINE_PROGRAM.
"""

import http.client
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

from events import PROGRAM, REDIAL_S, Watch, events_of
from support import ROOT, ScriptTest, is_alive, wait_until

READY_S_MAX = 3.0
STOP_S_MAX = 10.0
IDLE_PERCENT_MAX = 1.0
IDLE_S = 5.0


def get(node, path):
    connection = http.client.HTTPConnection("127.0.0.1", node["http_port"], timeout=5)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read().decode("utf-8", "replace")
    finally:
        connection.close()


def cpu_s(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class RealCluster(ScriptTest):
    program = PROGRAM

    def setUp(self):
        if not os.access(PROGRAM, os.X_OK):
            self.fail(f"{PROGRAM} does not exist; build it with: cmake --preset release && cmake --build --preset release")


class Life(RealCluster):
    is_alone = True  # It measures times.

    def test_two_nodes_are_ready_within_three_seconds_serve_and_end_cleanly(self):
        clone = self.clone()
        begun = time.monotonic()
        up = clone.run("up", "--detach", "--hosts", "1")
        self.assertEqual(up.returncode, 0, up.stderr)
        self.assertLess(time.monotonic() - begun, READY_S_MAX)
        status = clone.status()
        host, accumulator = status["nodes"]
        self.assertEqual(get(host, "/blog/hello")[0], 200)
        for node in (host, accumulator):
            self.assertEqual(get(node, "/healthz")[0], 200)
            self.assertEqual(get(node, "/readyz")[0], 200)
        begun = time.monotonic()
        down = clone.run("down")
        self.assertEqual(down.returncode, 0, down.stderr)
        self.assertLess(time.monotonic() - begun, STOP_S_MAX)
        self.assertNotIn("by force", down.stderr)
        self.assert_gone(status, 0.1)

    def test_only_loopback_is_listened_on(self):
        clone = self.clone()
        clone.run("up", "--detach")
        pids = {str(node["pid"]) for node in clone.status()["nodes"]}
        inodes = set()
        for pid in pids:
            for link in pathlib.Path(f"/proc/{pid}/fd").iterdir():
                target = os.readlink(link)
                if target.startswith("socket:["):
                    inodes.add(target[8:-1])
        addresses = []
        for table, loopback in (("tcp", "0100007F"), ("tcp6", "00000000000000000000000001000000")):
            for line in pathlib.Path(f"/proc/net/{table}").read_text(encoding="ascii").splitlines()[1:]:
                fields = line.split()
                if fields[3] == "0A" and fields[9] in inodes:
                    addresses.append((fields[1].partition(":")[0], loopback))
        self.assertGreaterEqual(len(addresses), 2)
        for address, loopback in addresses:
            self.assertEqual(address, loopback)

    def test_a_foreground_cluster_ends_cleanly_on_interrupt(self):
        clone = self.clone()
        process = clone.start("up")
        status = clone.wait_ready()
        code, output = self.end(process)
        self.assertEqual(code, 0, output)
        self.assertIn("all nodes ended", output)
        self.assert_gone(status, 0.1)

    def test_kill_9_of_the_script_leaves_no_node_and_no_lock(self):
        clone = self.clone()
        process = clone.start("up")
        status = clone.wait_ready()
        process.kill()
        process.wait()
        self.assert_gone(status)
        again = clone.run("up", "--detach")
        self.assertEqual(again.returncode, 0, again.stderr)

    def test_kill_9_of_the_script_while_nodes_start_leaves_no_node(self):
        for _ in range(3):
            clone = self.clone()
            process = clone.start("up")
            status = wait_until(lambda clone=clone: (lambda s: s if s["nodes"] and s["nodes"][0]["pid"] else None)(
                clone.status()),
                                "the first node has started")
            process.kill()
            process.wait()
            late = clone.status()  # Whatever was recorded last.
            for seen in (status, late):
                for node in seen["nodes"]:
                    if node["pid"]:
                        wait_until(lambda pid=node["pid"]: not is_alive(pid), f"{node['name']} has ended", 12.0)

    def test_a_second_sigterm_ends_a_node_at_once(self):
        clone = self.clone()
        clone.run("up", "--detach")
        pid = clone.status()["nodes"][0]["pid"]
        begun = time.monotonic()
        os.kill(pid, signal.SIGTERM)
        os.kill(pid, signal.SIGTERM)
        wait_until(lambda: not is_alive(pid), "the node has ended", 5.0)
        self.assertLess(time.monotonic() - begun, 5.0)

    def test_a_killed_node_comes_back_on_its_ports(self):
        clone = self.clone()
        clone.run("up", "--detach", "--hosts", "1")
        before = clone.status()["nodes"][1]
        self.assertEqual(clone.run("kill", "accumulator_1").returncode, 0)
        restart = clone.run("restart", "accumulator_1")
        self.assertEqual(restart.returncode, 0, restart.stderr)
        after = clone.status()["nodes"][1]
        self.assertEqual((after["http_port"], after["link_port"]), (before["http_port"], before["link_port"]))
        self.assertNotEqual(after["pid"], before["pid"])

    def test_an_idle_cluster_uses_less_than_a_hundredth_of_a_core(self):
        clone = self.clone()
        clone.run("up", "--detach", "--hosts", "1")
        status = clone.status()
        pids = [node["pid"] for node in status["nodes"]] + [status["proxy"]["pid"]]
        time.sleep(1.0)  # Starting is not idling.
        before = sum(cpu_s(pid) for pid in pids)
        time.sleep(IDLE_S)
        percent = 100 * (sum(cpu_s(pid) for pid in pids) - before) / IDLE_S
        self.assertLess(percent, IDLE_PERCENT_MAX)


class Memory(RealCluster):
    def test_the_program_allocates_with_jemalloc_and_gives_back_what_it_does_not_need(self):
        told = subprocess.run([PROGRAM, "--version"], env=dict(os.environ, MALLOC_CONF="stats_print:true"), capture_output=True,
                              text=True, timeout=20, check=False)
        self.assertEqual(told.returncode, 0, told.stderr)
        self.assertIn("jemalloc statistics", told.stderr)
        self.assertRegex(told.stderr, r"opt\.background_thread: true")


class Healing(RealCluster):
    """Each node is a supervised tree: whatever is killed in it comes back, and so does what depended on it."""

    def up(self):
        clone = self.clone()
        up = clone.run("up", "--detach", "--hosts", "1", "--set", "log.format=json")
        self.assertEqual(up.returncode, 0, up.stderr)
        return clone

    def remote(self, clone, node, *words):
        asked = subprocess.run([PROGRAM, "remote", node, *words, "--json", "--dir", clone.var], capture_output=True,
                               text=True, timeout=30, check=False)
        self.assertEqual(asked.returncode, 0, f"{words}: {asked.stdout}{asked.stderr}")
        return json.loads(asked.stdout)

    def labels(self, process):
        """Those of the whole tree in the order in which its processes are started."""
        below = sorted(process["children"], key=lambda child: child["position"])
        return [process.get("label")] + [label for child in below for label in self.labels(child)]

    def test_a_host_starts_its_parts_in_order_and_takes_readers_last(self):
        clone = self.up()
        labels = self.labels(self.remote(clone, "event_horizon_1", "tree")["tree"])
        order = ["runtime", "tasks", "links", "rpc", "pubsub:main", "outbox store", "outbox", "link opener", "discovery",
                 "event_horizon", "analytics", "posts", "cluster", "presence", "web", "sessions", "endpoint"]
        self.assertEqual([label for label in labels if label in order], order)

    def test_every_supervised_process_that_is_killed_comes_back(self):
        clone = self.up()
        victims = [("event_horizon_1", name)
                   for name in ("tasks", "rpc", "pubsub:main", "outbox", "discovery", "event_horizon.analytics",
                                "event_horizon.submissions", "event_horizon.discussions", "web/endpoint")]
        victims += [("accumulator_1", name) for name in ("rpc", "pubsub:main", "accumulator.counter", "accumulator/store")]
        for node, name in victims:
            answer = self.remote(clone, node, "kill", name)
            self.assertIn(answer["outcome"], ("restarted", "restarting"), answer)
            status = clone.wait_ready()
            self.assertEqual(get(status["nodes"][0], "/blog/hello")[0], 200)
            time.sleep(2.0)  # So that a supervisor of several of them does not give up: it allows 3 in 5 s.
        self.assertEqual(clone.run("down").returncode, 0)

    def test_links_that_are_killed_come_back_and_find_their_peer(self):
        clone = self.up()
        names = ("event_horizon_1", "accumulator_1")
        wait_until(lambda: all(events_of(clone, name) for name in names), "the nodes are linked")
        for node, other in (names, names[::-1]):
            watch = Watch(clone, other)
            self.remote(clone, node, "kill", "runtime/links")
            watch.wait(node, ["down", "up"], REDIAL_S)
            clone.wait_ready()

    def test_an_application_that_gives_up_ends_its_node(self):
        clone = self.up()
        pid = clone.status()["nodes"][0]["pid"]
        # Maybe there is no time left for an answer.
        subprocess.run([PROGRAM, "remote", "event_horizon_1", "kill", "applications/runtime", "--dir", clone.var],
                       capture_output=True, timeout=30, check=False)
        wait_until(lambda: not is_alive(pid), "the node has ended", 15.0)
        self.assertIn("the application runtime has ended: killed", clone.log("event_horizon_1"))


class DefaultPorts(RealCluster):
    is_alone = True  # No other cluster may take or leave the ports meanwhile.

    def test_taken_ports_are_replaced_and_the_cluster_works(self):
        clone = self.clone()
        self.listener(4000)
        self.listener(4400)
        up = clone.run("up", "--detach")
        self.assertEqual(up.returncode, 0, up.stderr)
        self.assertIn("port 4000 is taken; event_horizon_1 uses", up.stderr)
        host = clone.status()["nodes"][0]
        self.assertEqual(get(host, "/blog/hello")[0], 200)


class Neighbours(RealCluster):
    def test_two_clones_run_side_by_side(self):
        clones = [self.clone(), self.clone()]
        for clone in clones:
            clone.start("up")
        statuses = [clone.wait_ready() for clone in clones]
        for status in statuses:
            self.assertEqual(get(status["nodes"][0], "/blog/hello")[0], 200)
        self.assertEqual(self.end(clones[0].foreground[0])[0], 0)
        self.assert_gone(statuses[0], 0.1)
        self.assertEqual(get(statuses[1]["nodes"][0], "/blog/hello")[0], 200)


class BadConfiguration(RealCluster):
    def up_with(self, name, text):
        clone = self.clone()
        (clone.root / "config" / name).write_text(text)
        up = clone.run("up", "--detach")
        self.assertEqual(up.returncode, 1, up.stderr)
        self.assertEqual(clone.run("status").returncode, 3)
        return up.stderr

    def test_a_value_of_the_wrong_type_is_shown_with_its_place_and_remedy(self):
        shown = self.up_with("event_horizon.toml", '[node]\nrole = "event_horizon"\n\n[store]\nbusy_timeout = []\nnonsense = 1\n')
        self.assertIn("config/event_horizon.toml:6:", shown)

    def test_a_truncated_file_is_named(self):
        shown = self.up_with("dev.toml", '[web]\norigins = ["http://127.0.0.1')
        self.assertIn("config/dev.toml:2", shown)

    def test_garbage_is_named(self):
        shown = self.up_with("base.toml", "\x00\x01{{{{\n")
        self.assertIn("config/base.toml:1", shown)

    def test_check_config_accepts_what_is_committed_and_refuses_what_is_not(self):
        files = [str(ROOT / "config" / name) for name in ("base.toml", "dev.toml", "event_horizon.toml")]
        good = subprocess.run([PROGRAM, "check-config", *files], capture_output=True, text=True, timeout=20, check=False)
        self.assertEqual(good.returncode, 0, good.stderr + good.stdout)
        bad = subprocess.run([PROGRAM, "check-config", "/nowhere.toml"], capture_output=True, text=True, timeout=20, check=False)
        self.assertNotEqual(bad.returncode, 0)
        self.assertIn("/nowhere.toml", bad.stderr + bad.stdout)

    def test_check_content_judges_by_the_configuration_of_the_node(self):
        folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, folder)
        posts = folder / "posts"
        posts.mkdir()
        (posts / "long.md").write_text("---\ndate: 2024-05-01\n---\n" + "word " * 60_000)
        site = folder / "site.toml"
        site.write_text('[event_horizon]\npost_size_max = "1MiB"\n')

        def check(*options):
            words = [PROGRAM, "check-content", *options]
            return subprocess.run(words, capture_output=True, text=True, timeout=20, check=False)

        refused = check(posts)
        self.assertEqual(refused.returncode, 1, refused.stderr)
        self.assertIn("larger than event_horizon.post_size_max = 262144", refused.stdout)
        self.assertEqual(check(posts, "--config", site).stdout, "1 posts (0 drafts), 0 problems\n")
        self.assertEqual(check("--set", "event_horizon.post_size_max=1MiB", posts).returncode, 0)
        wrong = check(posts, "--set", "event_horizon.post_size_max=1")
        self.assertEqual(wrong.returncode, 2)
        self.assertIn("event_horizon.post_size_max", wrong.stderr)


class OneDatabase(RealCluster):
    def test_a_second_accumulator_on_the_same_file_refuses_to_start_and_says_what_to_do(self):
        clone = self.clone()
        self.assertEqual(clone.run("up", "--detach").returncode, 0)
        accumulator = next(node for node in clone.status()["nodes"] if node["role"] == "accumulator")
        database = next((clone.var / "accumulator_1").rglob("*.db"))
        link = clone.root / "the_same.db"
        link.symlink_to(database)
        for path in (database, link):
            with self.subTest(path=path.name):
                # They know nothing of each other: only the file tells.
                said = self.second(clone, path)
                self.assertNotEqual(said.returncode, 0, said.stderr)
                text = said.stderr + said.stdout
                self.assertIn(f"is in use by process {accumulator['pid']}", text)
                self.assertIn("Stop one of them, or give both the same PostgreSQL (BEAMLINE_DATABASE_URL)", text)
        self.assertEqual(get(accumulator, "/healthz")[0], 200)

    def second(self, clone, path):
        settings = {"node.name": "accumulator_2@127.0.0.1", "node.data_dir": clone.root / "second", "web.port": 0,
                    "cluster.enabled": "false", "store.path": path}
        command = [PROGRAM, "run"]
        for name in ("base", "dev", "accumulator"):
            command += ["--config", str(clone.root / "config" / f"{name}.toml")]
        for key, value in settings.items():
            command += ["--set", f"{key}={value}"]
        (clone.root / "second").mkdir(exist_ok=True)
        return subprocess.run(command, cwd=clone.root, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=20, check=False, env=clone.environment | {"BEAMLINE_SECRET": "s" * 64})


class BadStore(RealCluster):
    def damage(self, change):
        """Runs a cluster once, lets `change` spoil the accumulator's database, and returns what the next start says."""
        clone = self.clone()
        clone.run("up", "--detach")
        clone.run("down")
        databases = sorted((clone.var / "accumulator_1").rglob("*.db"))
        self.assertTrue(databases, "the accumulator keeps a database")
        change(databases[0])
        up = clone.run("up", "--detach")
        self.assertEqual(up.returncode, 1, up.stderr)
        self.assertIn("accumulator_1 ended while it started", up.stderr)
        self.assertIn(databases[0].name, up.stderr)
        self.assertEqual(clone.run("status").returncode, 3)

    def test_a_database_of_garbage_is_named_and_left_alone(self):
        def garbage(path):
            path.write_bytes(b"this is no database\n" * 400)

        self.damage(garbage)

    def test_a_folder_in_place_of_the_database_is_named(self):
        def folder(path):
            path.unlink()
            path.mkdir()

        self.damage(folder)


if __name__ == "__main__":
    unittest.main()
