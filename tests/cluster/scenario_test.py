"""scripts/cluster scenario with real processes: every story, in a short form, holds and leaves nothing behind."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import unittest

from events import PROGRAM
from support import ROOT, Foreground, is_alive, wait_until

# The whole form has 500; scripts/test --full tells that.
EVENTS = os.environ.get("BEAMLINE_SCENARIO_EVENTS", "100")
TOLD_S = 300.0
CHECKS = ["pages are live again without a reload", "hosts accept what readers do", "every accepted event is applied once",
          "order is kept per host and post", "outboxes are empty", "there are no dead letters",
          "nothing was dropped, rejected or lost"]


class Scenario(unittest.TestCase):
    """Each story is a class, so that two are told at a time. The folder for temporary files is the test's own."""

    def setUp(self):
        if not os.access(PROGRAM, os.X_OK):
            self.fail(f"{PROGRAM} does not exist; build it with: cmake --preset release && cmake --build --preset release")
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="beamline-told-"))
        self.addCleanup(shutil.rmtree, self.folder, True)
        self.environment = os.environ | {"BEAMLINE_PROGRAM": str(PROGRAM), "NO_COLOR": "1", "TMPDIR": str(self.folder)}

    def tell(self, name, *words, **environment):
        return subprocess.run([ROOT / "scripts" / "cluster", "scenario", name, "--events", EVENTS, *words],
                              env=self.environment | environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=TOLD_S, check=False)

    def left(self):
        return sorted(path.name for path in self.folder.glob("beamline-scenario-*"))

    def assert_holds(self, name):
        told = self.tell(name, "--json")
        self.assertTrue(told.stdout, told.stderr)
        report = json.loads(told.stdout)
        broken = [check for check in report["checks"] if not check["held"]]
        self.assertEqual((told.returncode, broken), (0, []), json.dumps(report, indent=1) + told.stderr)
        self.assertEqual([check["name"] for check in report["checks"]], CHECKS)
        self.assertEqual((report["scenario"], report["held"]), (name, True))
        self.assertGreaterEqual(len(report["steps"]), 8)
        self.assertEqual(self.left(), [])


class AccumulatorOutage(Scenario):
    def test_what_readers_do_while_the_accumulator_is_dead_counts_once(self):
        self.assert_holds("accumulator-outage")


class Partition(Scenario):
    def test_a_host_cut_off_from_the_accumulator_loses_nothing(self):
        self.assert_holds("partition")


class HostCrash(Scenario):
    def test_a_host_that_is_killed_has_kept_what_it_accepted(self):
        self.assert_holds("host-crash")


class RollingRestart(Scenario):
    def test_restarting_every_node_in_turn_costs_nobody_anything(self):
        self.assert_holds("rolling-restart")


class Ends(Scenario):
    def begin(self):
        """A story that is being told; its nodes are linked."""
        process = Foreground([ROOT / "scripts" / "cluster", "scenario", "host-crash", "--events", "5000", "--no-browser"],
                             self.environment, self.folder)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        process.wait_for("the nodes are linked")
        (state,) = self.folder.glob("beamline-scenario-*/cluster.json")
        cluster = json.loads(state.read_text(encoding="utf-8"))
        return process, [node["pid"] for node in cluster["nodes"]] + [cluster["proxy_pid"]]

    def test_a_signal_ends_the_story_and_all_its_processes(self):
        process, pids = self.begin()
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(timeout=60), 130)
        self.assertEqual([pid for pid in pids if is_alive(pid)], [])
        self.assertEqual(self.left(), [])

    def test_kill_9_of_the_script_leaves_no_process(self):
        process, pids = self.begin()
        process.kill()
        process.wait()
        wait_until(lambda: not any(is_alive(pid) for pid in pids), "all processes have ended", 30.0)

    def test_a_cluster_that_does_not_come_up_is_told_as_broken(self):
        program = self.folder / "beamline"
        program.write_text("#!/bin/sh\nexit 7\n", encoding="ascii")
        program.chmod(0o755)
        told = self.tell("partition", "--no-browser", BEAMLINE_PROGRAM=str(program))
        self.assertEqual(told.returncode, 1, told.stderr)
        self.assertRegex(told.stdout, r"BROKEN +the story could be told to its end: the cluster of the scenario did not come up")
        self.assertIn("0 of 1 checks hold", told.stdout)
        self.assertEqual(self.left(), [])


class CommandLine(Scenario):
    def run_words(self, *words, **environment):
        return subprocess.run([ROOT / "scripts" / "cluster", "scenario", *words], env=self.environment | environment,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False)

    def test_without_a_name_the_stories_are_listed(self):
        listed = self.run_words()
        self.assertEqual(listed.returncode, 0, listed.stderr)
        self.assertEqual([line.split()[0] for line in listed.stdout.splitlines()],
                         ["accumulator-outage", "partition", "host-crash", "rolling-restart"])

    def test_wrong_words_show_the_usage(self):
        for words in (["flood"], ["partition", "--events", "1"], ["partition", "--events", "many"]):
            with self.subTest(words):
                result = self.run_words(*words)
                self.assertEqual(result.returncode, 2, result.stderr)
                self.assertIn("usage: scripts/cluster", result.stderr)

    def test_without_chromium_it_says_so_and_how_to_go_on(self):
        # A PATH with what the script itself needs, and no browser.
        for tool in ("bash", "python3", "dirname", "env", "node"):
            if found := shutil.which(tool):
                (self.folder / tool).symlink_to(found)
        result = self.run_words("partition", PATH=str(self.folder), CHROMIUM="")
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assertIn("chromium is missing; install it with scripts/setup test", result.stderr)
        self.assertIn("--no-browser", result.stderr)


if __name__ == "__main__":
    unittest.main()
