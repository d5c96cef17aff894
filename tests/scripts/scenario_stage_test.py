"""A scenario whose hosts are slow or away ends with a report that says so, for people and for programs."""

import argparse
import contextlib
import io
import json
import pathlib
import shutil
import socket
import sys
import unittest
from unittest import mock

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts" / "lib"))

import scenario  # noqa: E402
from scenario_stage import Report, Stage  # noqa: E402
from terminal import Failure  # noqa: E402


class Asking(unittest.TestCase):
    def setUp(self):
        self.stage = Stage(Report("test", is_silent=True), "release", [])
        self.addCleanup(shutil.rmtree, self.stage.folder)

    def test_a_host_that_is_slow_is_asked_again(self):
        answers = [None, None, {"size": 3}]
        with mock.patch.object(self.stage, "ask", lambda *_: answers.pop(0)):
            self.assertEqual(self.stage.told_outbox("event_horizon_1"), {"size": 3})

    def test_a_host_that_says_nothing_is_named(self):
        with mock.patch.object(self.stage, "ask", lambda *_: None):
            with self.assertRaisesRegex(Failure, "event_horizon_1 tells its outbox"):
                self.stage.told_outbox("event_horizon_1", within_s=0.0)

    def test_posts_of_a_host_that_is_away_are_a_failure_that_names_it(self):
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
        with mock.patch.object(self.stage, "port", lambda _: port):
            with self.assertRaisesRegex(Failure, "event_horizon_1 does not tell its posts"):
                scenario.posts_of(self.stage)


class Telling(unittest.TestCase):
    def tell(self, is_json, failure):
        arguments = argparse.Namespace(name="partition", no_browser=True, events=100, json=is_json, preset="release")
        said = io.StringIO()
        with mock.patch.object(scenario, "tell", side_effect=failure), contextlib.redirect_stdout(said):
            code = scenario.scenario(arguments)
        return code, said.getvalue()

    def test_whatever_breaks_the_story_is_in_the_report(self):
        for failure, text in ((Failure("a node is silent"), "a node is silent"),
                              (ConnectionRefusedError("nobody listens"), "nobody listens"),
                              (TimeoutError(), "TimeoutError")):
            with self.subTest(text):
                code, said = self.tell(True, failure)
                self.assertEqual(code, 1)
                (check,) = json.loads(said)["checks"]
                self.assertEqual((check["held"], check["detail"]), (False, text))
                code, said = self.tell(False, failure)
                self.assertEqual(code, 1)
                self.assertRegex(said, rf"BROKEN.* the story could be told to its end: {text}")


if __name__ == "__main__":
    unittest.main()
