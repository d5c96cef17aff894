"""scripts/cluster against nodes of clockwork: every promise about ports, signals, locks and leftovers."""

import json
import os
import pathlib
import shutil
import signal
import stat
import subprocess
import time
import unittest

from support import FAKE_PROGRAM, ScriptTest, is_alive, wait_until


class UpDetached(ScriptTest):
    def test_a_detached_cluster_runs_until_down(self):
        clone = self.clone()
        up = clone.run("up", "--detach")
        self.assertEqual(up.returncode, 0, up.stderr)
        status = clone.status()
        self.assertEqual([node["state"] for node in status["nodes"]], ["ready"] * 3)
        self.assertEqual(status["mode"], "detached")
        for node in status["nodes"]:
            self.assertIn(node["url"] + "/", up.stdout)
        down = clone.run("down")
        self.assertEqual(down.returncode, 0, down.stderr)
        self.assert_gone(status, 0.1)
        self.assertEqual(clone.run("status").returncode, 3)
        self.assertIn("ends on SIGTERM", clone.log("accumulator_1"))

    def test_nodes_know_each_other_and_share_secrets_that_only_their_owner_can_read(self):
        clone = self.clone()
        clone.run("up", "--detach")
        nodes = {node["name"].partition("@")[0]: node for node in clone.status()["nodes"]}
        self.assertEqual(list(nodes), ["event_horizon_1", "event_horizon_2", "accumulator_1"])
        for name, node in nodes.items():
            links = [f"127.0.0.1:{other['proxy_port']}" for other in nodes.values() if other is not node]
            self.assertIn(f"cluster.peers={','.join(links)} ", clone.log(name))
            self.assertIn(f"cluster.port={node['link_port']} ", clone.log(name))
            self.assertIn(f"cluster.advertise=127.0.0.1:{node['proxy_port']} ", clone.log(name))
            self.assertIn(f"the cookie's file is {clone.var / 'cookie'}", clone.log(name))
            self.assertIn("the cookie has 0 characters", clone.log(name))
        for secret in ("secret", "cookie"):
            self.assertEqual(stat.S_IMODE((clone.var / secret).stat().st_mode), 0o600)
        before = (clone.var / "secret").read_text()
        clone.run("down")
        clone.run("up", "--detach")
        self.assertEqual((clone.var / "secret").read_text(), before)

    def test_a_second_up_beside_a_detached_cluster_is_refused_with_the_remedy(self):
        clone = self.clone()
        clone.run("up", "--detach")
        second = clone.run("up", "--detach")
        self.assertEqual(second.returncode, 1)
        self.assertIn("scripts/cluster down", second.stderr)
        self.assertTrue(all(node["state"] == "ready" for node in clone.status()["nodes"]))

    def test_a_node_that_dies_while_starting_shows_its_last_lines_and_ends_the_others(self):
        clone = self.clone(FAKE_NODE="dies")
        up = clone.run("up", "--detach")
        self.assertEqual(up.returncode, 1)
        self.assertIn("accumulator_1 ended while it started", up.stderr)
        self.assertIn("store.path is unusable; choose another", up.stderr)
        self.assertEqual(clone.run("status").returncode, 3)
        self.assertIn("ends on SIGTERM", clone.log("event_horizon_1"))

    def test_a_node_that_ignores_sigterm_is_killed_after_ten_seconds_and_named(self):
        clone = self.clone(FAKE_NODE="stubborn")
        clone.run("up", "--detach", "--hosts", "1", "--accumulators", "0")
        status = clone.status()
        begun = time.monotonic()
        down = clone.run("down")
        self.assertGreater(time.monotonic() - begun, 9.5)
        self.assertEqual(down.returncode, 1)
        self.assertIn("event_horizon_1", down.stderr)
        self.assertIn("is killed after 10 s", down.stderr)
        self.assert_gone(status, 0.1)

    def test_down_leaves_a_stranger_alone_that_got_the_recorded_pid(self):
        clone = self.clone()
        clone.run("up", "--detach")
        file = clone.var / "cluster.json"
        recorded = json.loads(file.read_text())
        real = dict(recorded["nodes"][0])
        recorded["nodes"][0]["pid"] = os.getpid()  # With the start time of another process: this one is a stranger.
        file.write_text(json.dumps(recorded))
        self.assertEqual(clone.status()["nodes"][0]["state"], "stopped")
        self.assertEqual(clone.run("down").returncode, 0)  # This test would end here.
        self.assertTrue(is_alive(real["pid"]))
        os.kill(real["pid"], signal.SIGTERM)

    def test_a_damaged_cluster_file_is_reported_and_does_not_hinder(self):
        clone = self.clone()
        clone.var.mkdir()
        for text in ("{", "[]", '{"nodes": 3}', '{"nodes": [{"name": 1}]}', "\x00"):
            (clone.var / "cluster.json").write_text(text)
            status = clone.run("status")
            self.assertEqual(status.returncode, 3, status.stderr)
            self.assertIn("cluster.json is not readable", status.stderr)
        self.assertEqual(clone.run("up", "--detach").returncode, 0)


class Ports(ScriptTest):
    def test_two_clones_that_start_at_once_run_side_by_side(self):
        clones = [self.clone(), self.clone()]
        for clone in clones:
            clone.start("up")
        statuses = [clone.wait_ready() for clone in clones]
        ports = [node[kind] for status in statuses for node in status["nodes"]
                 for kind in ("http_port", "link_port", "proxy_port")]
        self.assertEqual(len(set(ports)), len(ports), ports)
        self.assertEqual(self.end(clones[0].foreground[0])[0], 0)
        self.assert_gone(statuses[0], 0.1)
        self.assertTrue(all(node["state"] == "ready" for node in clones[1].status()["nodes"]))


class DefaultPorts(ScriptTest):
    is_alone = True  # No other cluster may take or leave the ports meanwhile.

    def test_taken_default_ports_are_replaced_and_named(self):
        clone = self.clone()
        self.listener(4000)
        self.listener(4401)
        self.listener(4801)
        up = clone.run("up", "--detach", "--hosts", "1")
        self.assertEqual(up.returncode, 0, up.stderr)
        self.assertIn("port 4000 is taken; event_horizon_1 uses", up.stderr)
        self.assertIn("port 4401 is taken; accumulator_1 uses", up.stderr)
        self.assertIn("port 4801 is taken; accumulator_1 uses", up.stderr)
        host, accumulator = clone.status()["nodes"]
        self.assertNotEqual(host["http_port"], 4000)
        self.assertNotEqual(accumulator["link_port"], 4401)
        self.assertNotEqual(accumulator["proxy_port"], 4801)

    def test_a_new_up_right_after_kill_9_gets_its_default_ports_back(self):
        clone = self.clone()
        process = clone.start("up")
        before = clone.wait_ready()
        process.kill()
        process.wait()
        up = clone.run("up", "--detach")
        self.assertEqual(up.returncode, 0, up.stderr)
        self.assertEqual([node["http_port"] for node in clone.status()["nodes"]],
                         [node["http_port"] for node in before["nodes"]])


class Foreground(ScriptTest):
    def test_interrupt_and_sigterm_stop_every_node_in_order(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with self.subTest(number.name):
                clone = self.clone()
                process = clone.start("up")
                clone.wait_up()  # From then on it shows the logs.
                self.assertIn("Ctrl-C stops the cluster", process.output)
                status = clone.status()
                code, output = self.end(process, number)
                self.assertEqual(code, 0, output)
                self.assert_gone(status, 0.1)
                self.assertIn("all nodes ended", output)
                self.assertRegex(output, r"event_horizon_1 +\| .*starts with")
                self.assertNotIn("\033", output)
                self.assertFalse((clone.var / "cluster.json").exists())

    def test_a_second_interrupt_does_not_wait_for_a_stubborn_node(self):
        clone = self.clone(FAKE_NODE="stubborn")
        process = clone.start("up", "--hosts", "1", "--accumulators", "0")
        status = clone.wait_ready()
        begun = time.monotonic()
        process.send_signal(signal.SIGINT)
        time.sleep(0.5)
        code, output = self.end(process)
        self.assertLess(time.monotonic() - begun, 5)
        self.assertEqual(code, 1)
        self.assertIn("is killed at once, as asked", output)
        self.assert_gone(status, 0.1)

    def test_an_interrupt_before_the_nodes_are_ready_stops_them(self):
        clone = self.clone(FAKE_NODE="slow")
        process = clone.start("up")
        status = wait_until(lambda: clone.status() if len(clone.status()["nodes"]) == 3 and
                            all(node["pid"] for node in clone.status()["nodes"]) else None, "all nodes have started")
        code, output = self.end(process)
        self.assertEqual(code, 0, output)
        self.assert_gone(status, 0.1)

    def test_kill_9_of_the_script_leaves_no_process_and_no_lock(self):
        clone = self.clone()
        process = clone.start("up")
        status = clone.wait_ready()
        process.kill()
        process.wait()
        self.assert_gone(status)
        self.assertIn("ends with its lifeline", clone.log("event_horizon_1"))
        self.assertEqual(clone.run("status").returncode, 3)
        again = clone.run("up", "--detach")
        self.assertEqual(again.returncode, 0, again.stderr)

    def test_down_stops_a_foreground_cluster_from_another_terminal(self):
        clone = self.clone()
        process = clone.start("up")
        status = clone.wait_ready()
        self.assertEqual(status["mode"], "foreground")
        self.assertEqual(clone.run("up").returncode, 1)
        self.assertEqual(clone.run("down").returncode, 0)
        self.assertEqual(process.wait(timeout=10), 0)
        self.assert_gone(status, 0.1)

    def test_a_node_that_dies_is_reported_and_a_restarted_one_hangs_on_the_same_lifeline(self):
        clone = self.clone()
        process = clone.start("up")
        clone.wait_up()
        self.assertEqual(clone.run("kill", "accumulator_1").returncode, 0)
        self.assertEqual(clone.status()["nodes"][2]["state"], "stopped")
        process.wait_for("accumulator_1 (pid")
        restart = clone.run("restart", "accumulator_1")
        self.assertEqual(restart.returncode, 0, restart.stderr)
        status = clone.wait_ready()
        os.kill(process.pid, signal.SIGKILL)
        self.assert_gone(status)


class CommandLine(ScriptTest):
    def test_wrong_command_lines_show_the_usage_and_end_with_2(self):
        clone = self.clone()
        for words in ([], ["dance"], ["up", "--hosts", "many"], ["up", "--hosts", "65"], ["up", "--hosts", "0",
                      "--accumulators", "0"], ["kill"], ["logs", "--lines", "-1"], ["add", "view"], ["partition", "a"],
                      ["delay", "a", "b", "soon"], ["rate", "a", "b", "-1"], ["up", "--set", "novalue"]):
            with self.subTest(words):
                result = clone.run(*words)
                self.assertEqual(result.returncode, 2, result.stderr)
                self.assertIn("usage: scripts/cluster", result.stderr)

    def test_several_accumulators_without_one_database_are_refused(self):
        clone = self.clone(BEAMLINE_DATABASE_URL="")
        up = clone.run("up", "--detach", "--accumulators", "2")
        self.assertEqual(up.returncode, 1)
        self.assertIn("--accumulators 2 needs one PostgreSQL for all of them", up.stderr)
        self.assertIn("BEAMLINE_DATABASE_URL", up.stderr)
        self.assertEqual(clone.run("status").returncode, 3)
        for words, environment in ((["--set", "store.database_url=postgresql://h/d"], {}),
                                   ([], {"BEAMLINE_DATABASE_URL": "postgresql://h/d"})):
            with self.subTest(words):
                up = clone.run("up", "--detach", "--accumulators", "2", *words, **environment)
                self.assertEqual(up.returncode, 0, up.stderr)
                self.assertEqual(clone.run("down").returncode, 0)

    def test_verbs_without_a_cluster_say_how_to_start_one(self):
        clone = self.clone()
        for words in (["logs"], ["kill", "accumulator_1"], ["restart", "accumulator_1"], ["pause", "accumulator_1"],
                      ["resume", "accumulator_1"], ["add", "host"], ["remove", "accumulator_1"], ["heal"],
                      ["partition", "a", "b"]):
            with self.subTest(words):
                result = clone.run(*words)
                self.assertEqual(result.returncode, 1)
                self.assertIn("scripts/cluster up", result.stderr)
        self.assertEqual(clone.run("down").returncode, 0)

    def test_an_unknown_node_is_answered_with_the_known_ones(self):
        clone = self.clone()
        clone.run("up", "--detach")
        result = clone.run("kill", "accumulator_2")
        self.assertEqual(result.returncode, 1)
        self.assertIn("event_horizon_1, event_horizon_2, accumulator_1", result.stderr)

    def test_logs_show_the_last_lines_of_one_node_or_of_all(self):
        clone = self.clone()
        clone.run("up", "--detach")
        self.assertIn("accumulator_1   |", clone.run("logs").stdout)
        one = clone.run("logs", "event_horizon_1", "-n", "1").stdout.splitlines()
        self.assertEqual(len(one), 1)
        self.assertIn("event_horizon_1 |", one[0])

    def test_a_missing_program_is_named(self):
        clone = self.clone()
        result = clone.run("up", BEAMLINE_PROGRAM="/nowhere/beamline")
        self.assertEqual(result.returncode, 1)
        self.assertIn('BEAMLINE_PROGRAM is "/nowhere/beamline"', result.stderr)

    def test_a_state_folder_that_cannot_be_written_is_named(self):
        clone = self.clone()
        pathlib.Path(clone.root / "file").touch()
        result = clone.run("up", BEAMLINE_VAR=str(clone.root / "file" / "var"))
        self.assertEqual(result.returncode, 1)
        self.assertIn("make the folder writable", result.stderr)


class DevNode(ScriptTest):
    is_alone = True  # It has its ports by its name.

    def test_it_runs_one_node_that_knows_no_others_until_a_signal(self):
        clone = self.clone()
        process = clone.start("b", script="dev-node")
        wait_until(lambda: "the cookie has" in process.output or process.poll() is not None, "the node has started")
        if "port 4001 on 127.0.0.1 is taken" in process.output:
            self.skipTest("port 4001 is taken on this machine")
        line, command, *_ = process.output.splitlines()
        self.assertIn("http://127.0.0.1:4001/", line)
        for part in ("node.name=b@127.0.0.1", "cluster.enabled=true", "cluster.port=4401", "cluster.peers= ", "web.port=4001",
                     "web.origins=http://127.0.0.1:4001,http://localhost:4001"):
            self.assertIn(part, command)
        self.assertIn("the cookie has 0 characters", process.output)  # config/dev.toml has it.
        code, output = self.end(process, signal.SIGTERM)
        self.assertEqual((code, "ends on SIGTERM" in output), (0, True))

    def test_watched_it_is_started_anew_when_the_program_changes(self):
        clone = self.clone()
        program = clone.root / "node"
        shutil.copy(FAKE_PROGRAM, program)
        process = clone.start("--watch", "b", script="dev-node", BEAMLINE_PROGRAM=str(program))
        process.wait_for("the cookie's file")
        for _ in range(2):
            told = process.output.count("b starts with")
            os.utime(program)
            wait_until(lambda n=told: process.output.count("b starts with") > n, "the node has started anew")
            wait_until(lambda n=told: process.output.count("the cookie's file") > n, "it is there")
        self.assertIn(f"dev-node: {program} changed", process.output)
        self.assertEqual(process.output.count("ends on SIGTERM"), 2)
        code, output = self.end(process, signal.SIGTERM)
        self.assertEqual((code, output.count("ends on SIGTERM")), (0, 3))

    def test_watched_a_program_that_fails_waits_for_its_mended_form(self):
        clone = self.clone()
        program = clone.root / "node"
        program.write_text("#!/bin/sh\nexit 3\n")
        program.chmod(0o755)
        process = clone.start("b", "--watch", script="dev-node", BEAMLINE_PROGRAM=str(program))
        process.wait_for("the node ended with 3; the next change starts it anew")
        shutil.copy(FAKE_PROGRAM, program)
        process.wait_for("b starts with")
        self.assertEqual(process.output.count("ended with 3"), 1)
        self.assertEqual(self.end(process, signal.SIGINT)[0], 130)

    def test_a_taken_port_is_an_error_with_the_remedy(self):
        clone = self.clone()
        self.listener(4000)
        process = clone.start("a", script="dev-node")
        self.assertEqual(process.wait(timeout=20), 1)
        self.assertIn("port 4000 on 127.0.0.1 is taken", process.output)

    def test_a_wrong_command_line_shows_the_usage(self):
        clone = self.clone()
        for words in ([], ["c"], ["a", "b"], ["--watch"], ["a", "--watch", "b"]):
            process = clone.start(*words, script="dev-node")
            self.assertEqual(process.wait(timeout=20), 2)
            self.assertIn("usage: scripts/dev-node", process.output)


if __name__ == "__main__":
    unittest.main()
