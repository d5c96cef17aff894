"""scripts/cluster against nodes of clockwork: nodes that come and go, are frozen and cut off, and who is said to see whom."""

import json
import os
import signal
import unittest

from support import ScriptTest, is_alive, wait_until


class Changes(ScriptTest):
    """Nodes that come, go and are frozen while the cluster runs."""

    def short(self, clone):
        return [node["name"].partition("@")[0] for node in clone.status()["nodes"]]

    def test_an_added_node_dials_all_others_and_a_removed_one_is_forgotten(self):
        clone = self.clone()
        clone.run("up", "--detach")
        added = clone.run("add", "host")
        self.assertEqual(added.returncode, 0, added.stderr)
        self.assertEqual(self.short(clone), ["event_horizon_1", "event_horizon_2", "accumulator_1", "event_horizon_3"])
        nodes = clone.status()["nodes"]
        self.assertEqual([node["index"] for node in nodes], [0, 1, 2, 3])
        links = ",".join(f"127.0.0.1:{node['proxy_port']}" for node in nodes[:3])
        self.assertIn(f"cluster.peers={links} ", clone.log("event_horizon_3"))
        gone = nodes[1]
        removed = clone.run("remove", "event_horizon_2")
        self.assertEqual(removed.returncode, 0, removed.stderr)
        self.assertFalse(is_alive(gone["pid"]))
        self.assertIn("ends on SIGTERM", clone.log("event_horizon_2"))
        self.assertEqual(self.short(clone), ["event_horizon_1", "accumulator_1", "event_horizon_3"])
        self.assertEqual(clone.run("restart", "event_horizon_2").returncode, 1)
        clone.run("restart", "event_horizon_3")
        self.assertNotIn(str(gone["proxy_port"]), clone.log("event_horizon_3").partition("cluster.peers")[2])
        self.assertEqual(clone.run("add", "host").returncode, 0)  # Its number and index are free again.
        self.assertEqual(self.short(clone), ["event_horizon_1", "event_horizon_2", "accumulator_1", "event_horizon_3"])
        self.assertEqual(clone.status()["nodes"][1]["index"], gone["index"])

    def test_a_node_that_cannot_be_added_leaves_nothing_behind(self):
        clone = self.clone()
        clone.run("up", "--detach", "--hosts", "1", "--accumulators", "0")
        added = clone.run("add", "accumulator", FAKE_NODE="dies")
        self.assertEqual(added.returncode, 1)
        self.assertIn("accumulator_1 ended while it started", added.stderr)
        self.assertEqual(self.short(clone), ["event_horizon_1"])
        self.assertEqual(clone.run("add", "accumulator").returncode, 0)

    def test_a_node_added_to_a_foreground_cluster_hangs_on_its_lifeline_and_removing_is_no_death(self):
        clone = self.clone()
        process = clone.start("up", "--hosts", "1")
        clone.wait_ready()
        self.assertEqual(clone.run("add", "host").returncode, 0)
        self.assertEqual(clone.run("remove", "accumulator_1").returncode, 0)
        status = clone.status()
        os.kill(process.pid, signal.SIGKILL)
        self.assert_gone(status)
        wait_until(lambda: not is_alive(status["proxy"]["pid"]), "the proxy has ended")
        process.wait()
        self.assertNotIn("accumulator_1 (pid", process.output)

    def test_a_paused_node_is_shown_and_goes_on_and_down_ends_it_in_order(self):
        clone = self.clone()
        clone.run("up", "--detach", "--hosts", "1")
        self.assertEqual(clone.run("pause", "accumulator_1").returncode, 0)
        status = clone.run("status")
        self.assertEqual(status.returncode, 1)
        self.assertRegex(status.stdout, r"accumulator_1 +paused")
        self.assertEqual(clone.run("resume", "accumulator_1").returncode, 0)
        clone.wait_ready()
        clone.run("pause", "accumulator_1")
        down = clone.run("down")
        self.assertEqual(down.returncode, 0, down.stderr)
        self.assertIn("ends on SIGTERM", clone.log("accumulator_1"))
        self.assertEqual(clone.run("up", "--detach").returncode, 0)
        clone.run("kill", "accumulator_1")
        self.assertIn("is not running", clone.run("pause", "accumulator_1").stderr)

    def test_settings_and_by_hand_hold_for_every_node_and_over_restarts(self):
        clone = self.clone()
        clone.run("up", "--detach", "--hosts", "2", "--accumulators", "0", "--by-hand", "--set", "cluster.tick_time=1s",
                  "--set", "log.format=json")
        clone.run("restart", "event_horizon_2")
        for node in ("event_horizon_1", "event_horizon_2"):
            for part in ("cluster.peers= ", "cluster.tick_time=1s ", "log.format=json "):
                self.assertIn(part, clone.log(node))

    def test_links_can_be_over_ipv6(self):
        clone = self.clone()
        clone.run("up", "--detach", "--hosts", "1", "--ipv6")
        host, accumulator = clone.status()["nodes"]
        self.assertEqual(host["name"], "event_horizon_1@::1")
        self.assertIn(f"cluster.peers=[::1]:{accumulator['proxy_port']} ", clone.log("event_horizon_1"))
        self.assertIn("cluster.bind=::1 ", clone.log("event_horizon_1"))

    def test_a_cookie_of_the_user_goes_before_the_clones(self):
        clone = self.clone()
        clone.run("up", "--detach", "--hosts", "1", "--accumulators", "0", BEAMLINE_COOKIE="x" * 40)
        self.assertIn("the cookie has 40 characters", clone.log("event_horizon_1"))
        self.assertIn("the cookie's file is not named", clone.log("event_horizon_1"))
        self.assertFalse((clone.var / "cookie").exists())


class PortsOfTheDead(ScriptTest):
    def test_another_cluster_does_not_take_the_ports_of_a_killed_node(self):
        clone = self.clone()
        clone.run("up", "--detach", "--hosts", "1")
        self.assertEqual(clone.run("add", "host").returncode, 0)
        before = clone.status()["nodes"]
        for node in ("accumulator_1", "event_horizon_2"):
            clone.run("kill", node)
        other = self.clone()
        self.assertEqual(other.run("up", "--detach").returncode, 0)
        for node in ("accumulator_1", "event_horizon_2"):
            self.assertEqual(clone.run("restart", node).returncode, 0)
        ports = [node[kind] for node in before + other.status()["nodes"] for kind in ("http_port", "link_port", "proxy_port")]
        self.assertEqual(len(set(ports)), len(ports), ports)


class Faults(ScriptTest):
    def test_faults_are_made_shown_and_healed(self):
        clone = self.clone()
        clone.run("up", "--detach", "--hosts", "2")
        for words in (["partition", "event_horizon_1", "accumulator_1", "--one-way"],
                      ["delay", "event_horizon_1", "event_horizon_2", "20"],
                      ["rate", "event_horizon_2", "accumulator_1", "64", "--one-way"]):
            result = clone.run(*words)
            self.assertEqual(result.returncode, 0, result.stderr)
        shown = clone.run("status").stdout
        for line in ("event_horizon_1 -> accumulator_1: cut", "event_horizon_1 -> event_horizon_2: 20 ms late",
                     "event_horizon_2 -> event_horizon_1: 20 ms late", "event_horizon_2 -> accumulator_1: 64 KiB/s"):
            self.assertIn(line, shown)
        clone.run("heal", "event_horizon_2", "event_horizon_1")
        self.assertEqual([fault["to"] for fault in clone.status()["faults"]], ["accumulator_1", "accumulator_1"])
        self.assertEqual(clone.run("heal").returncode, 0)
        self.assertEqual(clone.status()["faults"], [])

    def test_wrong_pairs_are_refused_with_what_is_expected(self):
        clone = self.clone()
        clone.run("up", "--detach", "--hosts", "1")
        for words, part in ((["partition", "event_horizon_1", "event_horizon_1"], "expected two nodes"),
                            (["partition", "event_horizon_1", "x"], 'no node is named "x"'),
                            (["heal", "event_horizon_1"], "heal takes two nodes")):
            result = clone.run(*words)
            self.assertEqual(result.returncode, 1)
            self.assertIn(part, result.stderr)

    def test_status_shows_who_sees_whom(self):
        clone = self.clone()
        clone.run("up", "--detach")
        for viewer, seen in (("event_horizon_1", "event_horizon_2@127.0.0.1 tool@h"),
                             ("event_horizon_2", "event_horizon_1@127.0.0.1")):
            (clone.var / viewer / "sees").write_text(seen)
        clone.run("partition", "event_horizon_1", "accumulator_1")
        shown = clone.run("status").stdout
        self.assertRegex(shown, r"1 event_horizon_1 +\. +yes +cut +and tool@h\n")
        self.assertRegex(shown, r"2 event_horizon_2 +yes +\. +no\n")
        self.assertRegex(shown, r"3 accumulator_1 +\? +\? +\.\n")
        sees = [node["sees"] for node in clone.status()["nodes"]]
        self.assertEqual(sees[1], [{"name": "event_horizon_1@127.0.0.1"}])
        self.assertIsNone(sees[2])

    def test_status_shows_what_waits_on_each_host(self):
        clone = self.clone()
        clone.run("up", "--detach")
        box = {"size": 3, "dead": 1, "status": "backoff", "target": "accumulator_1@127.0.0.1", "last_error": "timeout",
               "octets": 640}
        (clone.var / "event_horizon_1" / "outbox").write_text(json.dumps(box))
        clone.run("pause", "event_horizon_2")
        shown = clone.run("status").stdout
        self.assertRegex(shown, r"event_horizon_1 +3 +1  backoff +accumulator_1  \(timeout\)\n")
        self.assertRegex(shown, r"event_horizon_2 +\? +\?  \?\n")
        self.assertEqual(shown.partition("outbox")[2].count("accumulator_1"), 1)  # It has none.
        first, second, third = (node["outbox"] for node in clone.status()["nodes"])
        self.assertEqual(first, {"waiting": 3, "dead": 1, "status": "backoff", "target": "accumulator_1@127.0.0.1",
                                 "last_error": "timeout"})
        self.assertEqual([second, third], [None, None])

    def test_a_proxy_that_is_gone_is_told_with_the_remedy_and_does_not_hinder_down(self):
        clone = self.clone()
        process = clone.start("up", "--hosts", "1")
        status = clone.wait_ready()
        os.kill(status["proxy"]["pid"], signal.SIGKILL)
        wait_until(lambda: not clone.status()["proxy"]["running"], "the proxy is gone")
        result = clone.run("partition", "event_horizon_1", "accumulator_1")
        self.assertEqual(result.returncode, 1)
        self.assertIn("scripts/cluster up", result.stderr)
        self.assertIn("the fault proxy does not answer", clone.run("status").stdout)
        process.wait_for("the fault proxy has ended")
        self.assertEqual(clone.run("down").returncode, 0)


if __name__ == "__main__":
    unittest.main()
