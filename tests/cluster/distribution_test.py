"""Real nodes that are killed, frozen, cut off and started again: who is told what, and in which order.

Every node's log is JSON; "node up" and "node down" in it are the status events, in their order. The links run through the
fault proxy of scripts/cluster.
"""

import json
import os
import signal
import subprocess
import time
import unittest

from events import (A1, H1, H2, PROGRAM, QUIET_S, REDIAL_S, SLACK_S, TICK_LATEST_S, TICK_S, Distributed, Watch, lines_of)
from support import wait_until

# A connection that is closed is seen at once.
CLOSED_S = 2.0


class Killed(Distributed):
    def test_kill_9_is_seen_at_once_and_the_next_run_is_another_incarnation(self):
        """SY7 a killed node is down before its next run is up, and that has a greater incarnation"""
        clone = self.cluster()
        watches = [Watch(clone, H1), Watch(clone, H2)]
        self.do(clone, "kill", A1)
        downs = [watch.wait(A1, ["down"], CLOSED_S)[0] for watch in watches]
        self.assertEqual({down.why for down in downs}, {"connection_closed"})
        self.do(clone, "restart", A1)
        for watch, down in zip(watches, downs):
            up = watch.wait(A1, ["down", "up"], REDIAL_S)[1]
            self.assertGreater(up.incarnation, down.incarnation)
        self.assertEqual([event.peer for event in watches[0].events], [A1, A1])  # Nobody else was affected.

    def test_a_restart_within_one_tick_is_a_down_and_an_up(self):
        """D53 a node that comes back within one tick time is told down, then up, once each"""
        clone = self.cluster(tick=20.0)
        watches = [Watch(clone, H1), Watch(clone, H2)]
        self.do(clone, "kill", A1)
        self.do(clone, "restart", A1)
        for watch in watches:
            down, up = watch.wait(A1, ["down", "up"], REDIAL_S)
            self.assertGreater(up.incarnation, down.incarnation)
        time.sleep(QUIET_S)
        for watch in watches:
            self.assertEqual(len(watch.of(A1)), 2)


class KilledOverIpv6(Killed):
    words = ("--ipv6",)


class OldSocket(Distributed):
    def test_a_new_run_replaces_the_old_socket_that_is_still_held(self):
        """SY7 a new run that connects while the old socket is still held: down of the old one, then up of the new one"""
        clone = self.cluster(hosts=1, tick=30.0)
        watch = Watch(clone, H1)
        self.do(clone, "partition", H1, A1)  # So that the end of the old run is not seen.
        self.do(clone, "kill", A1)
        self.do(clone, "restart", A1)
        self.assert_quiet([watch], 0.5)
        port = clone.status()["nodes"][0]["link_port"]
        self.answer(clone, A1, "connect", f"127.0.0.1:{port}")  # Past the proxy.
        down, up = watch.wait(A1, ["down", "up"], SLACK_S)
        self.assertGreater(up.incarnation, down.incarnation)
        self.assertEqual(down.why, "stale_incarnation")


class Frozen(Distributed):
    def test_a_freeze_is_seen_when_it_outlasts_the_tick_time_only(self):
        """SY13 a node that thaws sees everybody down and up again, and is back with the same incarnation"""
        clone = self.cluster()
        watches = {node: Watch(clone, node) for node in (H1, H2, A1)}
        pid = clone.status()["nodes"][2]["pid"]
        os.kill(pid, signal.SIGSTOP)
        time.sleep(TICK_S / 4)
        os.kill(pid, signal.SIGCONT)
        self.assert_quiet(watches.values())

        self.do(clone, "pause", A1)
        downs = [watches[node].wait(A1, ["down"], TICK_LATEST_S + SLACK_S)[0] for node in (H1, H2)]
        self.assertEqual({down.why for down in downs}, {"net_tick_timeout"})
        self.assertEqual(clone.status()["nodes"][2]["state"], "paused")
        self.do(clone, "resume", A1)
        for node, down in zip((H1, H2), downs):
            up = watches[node].wait(A1, ["down", "up"], REDIAL_S)[1]
            self.assertEqual(up.incarnation, down.incarnation)  # D44: a reconnect, no restart.
        for peer in (H1, H2):
            down, up = watches[A1].wait(peer, ["down", "up"], REDIAL_S)
            self.assertEqual(up.incarnation, down.incarnation)
            self.assertIn(down.why, ("net_tick_timeout", "connection_closed"))
        self.do(clone, "pause", A1)
        self.do(clone, "down")  # In order, by SIGTERM: it fails if a node has to be killed.


class FrozenOverIpv6(Frozen):
    words = ("--ipv6",)


class Cut(Distributed):
    def test_a_cut_cable_is_seen_by_both_and_heals(self):
        """D40 a silent failure is told within the tick time and a quarter, by both ends"""
        clone = self.cluster(hosts=1)
        here, there = Watch(clone, H1), Watch(clone, A1)
        begun = time.monotonic()
        self.do(clone, "partition", H1, A1)
        downs = [here.wait(A1, ["down"], TICK_LATEST_S + SLACK_S)[0], there.wait(H1, ["down"], TICK_LATEST_S + SLACK_S)[0]]
        self.assertGreater(time.monotonic() - begun, TICK_S * 0.75 - 0.5)
        self.assertEqual({down.why for down in downs}, {"net_tick_timeout"})
        self.assertEqual(self.answer(clone, H1, "nodes")["nodes"], [])
        self.do(clone, "heal")
        ups = [here.wait(A1, ["down", "up"], REDIAL_S)[1], there.wait(H1, ["down", "up"], REDIAL_S)[1]]
        self.assertEqual([up.incarnation for up in ups], [down.incarnation for down in downs])

    def test_a_cut_that_heals_in_time_is_not_seen(self):
        """D39 what is heard within the tick time keeps a link alive"""
        clone = self.cluster(hosts=1)
        watches = [Watch(clone, H1), Watch(clone, A1)]
        names = [node["name"] for node in clone.status()["nodes"]]
        self.fault(clone, "cut", *names)
        time.sleep(TICK_S / 4)
        self.fault(clone, "heal", *names)
        self.assert_quiet(watches, TICK_LATEST_S)
        self.answer(clone, H1, "ping", self.name(clone, A1))


class CutOverIpv6(Cut):
    words = ("--ipv6",)


class CutOneWay(Distributed):
    def test_a_one_way_cut_ends_the_link_at_both_ends_and_lets_no_new_one_up(self):
        """D38 what passes one way only is no link"""
        clone = self.cluster(hosts=1)
        here, there = Watch(clone, H1), Watch(clone, A1)
        self.do(clone, "partition", "--one-way", H1, A1)
        down = there.wait(H1, ["down"], TICK_LATEST_S + SLACK_S)[0]
        self.assertEqual(down.why, "net_tick_timeout")  # It hears nothing; the other end hears that it hangs up.
        here.wait(A1, ["down"], TICK_LATEST_S + SLACK_S)
        self.assert_quiet([Watch(clone, H1), Watch(clone, A1)], 2 * TICK_S)
        self.do(clone, "heal")
        here.wait(A1, ["down", "up"], REDIAL_S)
        there.wait(H1, ["down", "up"], REDIAL_S)


class PartlyCut(Distributed):
    def test_two_nodes_that_are_cut_off_from_each_other_both_keep_the_third(self):
        """D38 a partition of a pair is a normal state: both still see, and reach, the third node"""
        clone = self.cluster()
        watches = {node: Watch(clone, node) for node in (H1, H2, A1)}
        self.do(clone, "partition", H1, H2)
        watches[H1].wait(H2, ["down"], TICK_LATEST_S + SLACK_S)
        watches[H2].wait(H1, ["down"], TICK_LATEST_S + SLACK_S)
        self.assert_quiet([watches[A1]])
        for node in (H1, H2):
            self.assertEqual([peer["name"] for peer in self.answer(clone, node, "nodes")["nodes"]], [self.name(clone, A1)])
            self.answer(clone, node, "ping", self.name(clone, A1))
        code, error = self.ask(clone, H1, "ping", self.name(clone, H2))
        self.assertEqual(code, 1)
        self.assertIn("pang", error["message"])
        # Through the third one it can be asked all the same.
        seen = self.answer(clone, self.name(clone, H2), "nodes", "--via", A1)
        self.assertEqual(seen["node"], self.name(clone, H2))
        shown = clone.run("status").stdout
        self.assertRegex(shown, r"event_horizon_1 +\. +cut +yes")
        self.assertRegex(shown, r"event_horizon_2 +cut +\. +yes")
        self.assertRegex(shown, r"accumulator_1 +yes +yes +\.")
        self.do(clone, "heal")
        watches[H1].wait(H2, ["down", "up"], REDIAL_S)
        watches[H2].wait(H1, ["down", "up"], REDIAL_S)
        self.assertEqual(watches[A1].events, [])


class WrongCookie(Distributed):
    def test_a_node_with_another_cookie_is_up_nowhere(self):
        """SY1 a node with another cookie is up nowhere, and its refusals are logged once per back-off step"""
        clone = self.cluster()
        cookie = clone.var / "another_cookie"
        cookie.write_text("x9Qf7pL2mZ" * 6 + "\n")
        cookie.chmod(0o600)
        watches = [Watch(clone, node) for node in (H1, H2, A1)]
        added = self.do(clone, "add", "accumulator", BEAMLINE_COOKIE_FILE=str(cookie))
        stranger = "accumulator_2"
        self.assertIn(stranger, added.stdout)

        def refusals(node):
            return [record for record in lines_of(clone, node)
                    if record.get("area") == "net" and record.get("message") == "a connection was refused"]

        wait_until(lambda: any(refusals(watch.node) for watch in watches), "a refusal is logged", 10.0)
        begun = time.monotonic()
        self.assert_quiet(watches, 4.0)
        self.assertEqual(self.linked(clone, stranger), set())
        for watch in watches:
            lines = refusals(watch.node)
            # The first is logged, then one per step of a back-off that doubles from 100 ms.
            self.assertLessEqual(len(lines), 2 + (time.monotonic() - begun + 10) // 0.8)
            for line in lines:
                self.assertNotIn("x9Qf7pL2mZ", json.dumps(line))


class ComeAndGo(Distributed):
    def test_an_added_node_joins_everybody_and_a_removed_one_says_goodbye(self):
        clone = self.cluster(hosts=1)
        watches = [Watch(clone, H1), Watch(clone, A1)]
        self.do(clone, "add", "host")
        for watch in watches:
            watch.wait(H2, ["up"], REDIAL_S)
        self.wait_mesh(clone)
        self.do(clone, "remove", H2)
        for watch in watches:
            watch.wait(H2, ["up", "down"], CLOSED_S)
        self.assertEqual([node["name"].partition("@")[0] for node in clone.status()["nodes"]], [H1, A1])

    def test_a_banned_node_stays_away_for_its_time(self):
        """D36 a ban is sticky, a disconnect is not"""
        clone = self.cluster(hosts=1)
        watch = Watch(clone, H1)
        name = self.name(clone, A1)
        self.answer(clone, H1, "disconnect", name)
        down, _ = watch.wait(A1, ["down", "up"], REDIAL_S)
        self.assertEqual(down.why, "disconnect")
        self.answer(clone, H1, "ban", name, "10")
        watch.wait(A1, ["down", "up", "down"], SLACK_S)
        self.assert_quiet([Watch(clone, H1)], 3.0)
        watch.wait(A1, ["down", "up", "down", "up"], REDIAL_S + 10.0)


class ByHand(Distributed):
    """Clustering by hand: nobody is told of anybody."""

    def test_nodes_are_linked_by_hand_call_each_other_and_broadcast(self):
        clone = self.cluster("--by-hand", is_meshed=False)
        first, second, third = clone.status()["nodes"]
        self.assertEqual(self.answer(clone, H1, "nodes")["nodes"], [])

        # connect, nodes
        linked = self.answer(clone, H1, "connect", f"127.0.0.1:{second['proxy_port']}")
        self.assertEqual((linked["outcome"], linked["node"]), ("connected", second["name"]))
        self.assertEqual(self.answer(clone, H1, "connect", f"127.0.0.1:{second['proxy_port']}")["outcome"], "already")
        self.assertEqual(self.answer(clone, H1, "connect", f"127.0.0.1:{first['proxy_port']}")["outcome"], "self")
        self.assertEqual([peer["name"] for peer in self.answer(clone, H1, "nodes")["nodes"]], [second["name"]])
        wait_until(lambda: self.answer(clone, H2, "nodes")["count"] == 1, "the other one sees it, too", SLACK_S)
        code, error = self.ask(clone, H1, "connect", "127.0.0.1:1")
        self.assertEqual((code, error["details"]["outcome"]), (1, "unreachable"))
        self.answer(clone, H1, "connect", f"127.0.0.1:{third['proxy_port']}")

        # call, ping
        self.assertEqual(self.answer(clone, H1, "ping", second["name"])["answer"], "pong")
        self.assertIn("net.link_ping", [p["name"] for p in self.answer(clone, H1, "call", third["name"])["procedures"]])
        self.assertIsNone(self.answer(clone, H1, "call", third["name"], "net.link_ping", "{}")["value"])
        code, error = self.ask(clone, H1, "call", third["name"], "no.such_procedure", "{}")
        self.assertEqual((code, error["code"]), (1, "not_found"))

        # subscribe on one, broadcast on the other
        listening = subprocess.Popen([PROGRAM, "remote", H2, "subscribe", "demo", "2", "30", "--json", "--dir", clone.var],
                                     stdout=subprocess.PIPE, text=True)
        self.addCleanup(listening.stdout.close)
        self.addCleanup(listening.kill)
        until = time.monotonic() + 20
        while listening.poll() is None and time.monotonic() < until:
            self.answer(clone, H1, "broadcast", "demo", '{"hello":"there"}')
            time.sleep(0.1)
        said = [json.loads(line) for line in listening.communicate(timeout=5)[0].splitlines()]
        self.assertEqual(said[:2], [{"hello": "there"}] * 2)
        self.assertEqual(said[2]["count"], 2)

        # through another node, and the end
        told = self.answer(clone, third["name"], "nodes", "--via", H1)
        self.assertEqual(told["node"], third["name"])
        code, error = self.ask(clone, third["name"], "subscribe", "demo", "--via", H1)
        self.assertEqual((code, error["code"]), (1, "unsupported"))
        self.answer(clone, H1, "disconnect", second["name"])
        wait_until(lambda: self.answer(clone, H2, "nodes")["count"] == 0, "the other one is told", SLACK_S)
        code, error = self.ask(clone, H1, "ping", second["name"])
        self.assertIn("pang", error["message"])


if __name__ == "__main__":
    unittest.main()
