"""What scripts/cluster scenario makes of what it finds: nothing lost, doubled, invented or out of order is taken for good."""

import pathlib
import sqlite3
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts" / "lib"))

import scenario_checks  # noqa: E402
from scenario_pressure import Event, Line  # noqa: E402
from scenario_reader import Outcome, read_text, text_frame  # noqa: E402
from scenario_stage import Report  # noqa: E402

SCHEMA = """
CREATE TABLE blog_likes (slug TEXT, visitor TEXT);
CREATE TABLE blog_comments (id TEXT, slug TEXT, content TEXT);
CREATE TABLE visits (subject TEXT, visitor TEXT);
CREATE TABLE seen_events (id TEXT);
CREATE TABLE post_totals (slug TEXT, likes INTEGER, visits INTEGER, comments INTEGER);
"""


class FakeStage:
    """Answers as hosts do, and copies a database that the test has written."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.report = Report("test", is_silent=True)
        self.database = sqlite3.connect(self.folder / "owner.db")
        self.database.executescript(SCHEMA)
        self.boxes = {}

    def ask(self, _node, _verb, path):
        self.database.commit()
        with sqlite3.connect(path) as copy:
            self.database.backup(copy)
        copy.close()
        return {"file": path}

    def outbox(self, host):
        return self.boxes.get(host)


class Checks(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.stage = FakeStage(folder.name)
        self.addCleanup(self.stage.database.close)
        self.stage.boxes = {"h1": {"size": 0, "dead": 0, "lost": 0, "dropped": 0, "rejected": 0}}
        self.line = Line(self.stage, "h1", "hello")

    def made(self, kind, name, outcome=Outcome.ACCEPTED):
        self.line.events.append(Event(kind, "h1", "hello", name, f"text of {name}", outcome))

    def applied(self, likes=(), comments=(), visits=(), totals=None):
        put = self.stage.database.execute
        for visitor in likes:
            put("INSERT INTO blog_likes VALUES ('hello', ?)", (visitor,))
        for name in comments:
            put("INSERT INTO blog_comments VALUES ('id', 'hello', ?)", (f"text of {name}",))
        for visitor in visits:
            put("INSERT INTO visits VALUES ('blog.hello', ?)", (visitor,))
        counts = totals or (len(likes), len(visits), len(comments))
        put("INSERT INTO post_totals VALUES ('hello', ?, ?, ?)", counts)

    def broken(self, others=None):
        """The checks that do not hold, as {name: detail}."""
        scenario_checks.check_all(self.stage, [self.line], others or {}, "owner", ["h1"])
        return {check.name: check.detail for check in self.stage.report.checks if not check.held}

    def test_everything_once_and_in_order_holds(self):
        for kind, name in (("like", "a"), ("comment", "b"), ("visit", "c"), ("like", "d")):
            self.made(kind, name)
        self.applied(["a", "d", "browser"], ["b"], ["c"])
        self.assertEqual(self.broken({("like", "hello"): 1}), {})
        self.assertTrue(self.stage.report.has_held)

    def test_a_lost_event_is_found(self):
        self.made("like", "a")
        self.made("like", "b")
        self.applied(["a"])
        self.assertEqual(self.broken(), {"every accepted event is applied once": "1 likes of hello lost"})

    def test_an_event_that_was_applied_twice_is_found(self):
        self.made("comment", "a")
        self.applied(comments=["a", "a"])
        self.assertIn("1 comments of hello twice", self.broken()["every accepted event is applied once"])

    def test_an_event_that_nobody_made_is_found(self):
        self.made("visit", "a")
        self.applied(visits=["a", "stranger"])
        self.assertIn("+1 visits of hello that nobody made", self.broken()["every accepted event is applied once"])

    def test_an_event_of_a_browser_that_is_missing_is_found(self):
        self.made("like", "a")
        self.applied(["a"])
        self.assertIn("-1 likes of hello", self.broken({("like", "hello"): 1})["every accepted event is applied once"])

    def test_a_total_that_is_not_the_number_of_rows_is_found(self):
        self.made("like", "a")
        self.applied(["a"], totals=(2, 0, 0))
        self.assertIn("hello tells 2 likes and has 1", self.broken()["every accepted event is applied once"])

    def test_events_without_an_answer_may_be_applied_or_not(self):
        self.made("like", "a", Outcome.UNKNOWN)
        self.made("like", "b", Outcome.UNKNOWN)
        self.applied(["b"])
        self.assertEqual(self.broken(), {})

    def test_a_refused_event_is_told_and_must_not_be_applied(self):
        self.made("like", "a", Outcome.REFUSED)
        self.applied(["a"])
        found = self.broken()
        self.assertEqual(found["hosts accept what readers do"], "1 likes were refused")
        self.assertIn("that nobody made", found["every accepted event is applied once"])

    def test_likes_and_comments_out_of_order_are_found(self):
        for kind in ("like", "comment"):
            with self.subTest(kind):
                self.setUp()
                for name in "abc":
                    self.made(kind, name)
                self.applied(**{f"{kind}s": ["a", "c", "b"]})
                self.assertEqual(self.broken(), {"order is kept per host and post": f"not that of {kind}s of hello from h1"})

    def test_what_waits_is_dead_or_was_dropped_is_found_and_so_is_a_silent_host(self):
        self.made("like", "a")
        self.applied(["a"])
        for key, name in (("size", "outboxes are empty"), ("dead", "there are no dead letters"),
                          ("dropped", "nothing was dropped, rejected or lost")):
            self.stage.boxes["h1"][key] = 2
            self.assertEqual(self.broken()[name], "h1 2")
            self.stage.boxes["h1"][key] = 0
            self.stage.report.checks.clear()
        self.stage.boxes = {}
        self.assertEqual(self.broken()["outboxes are empty"], "h1 ?")


class Frames(unittest.TestCase):
    def test_text_of_every_length_is_framed(self):
        for size, head in ((5, b"\x81\x85"), (126, b"\x81\xfe\0\x7e"), (65536, b"\x81\xff\0\0\0\0\0\1\0\0")):
            self.assertEqual(text_frame("x" * size)[:len(head)], head)

    def test_a_servers_frame_is_read_and_a_cut_one_is_an_error(self):
        with tempfile.TemporaryFile() as stream:
            stream.write(b"\x81\x7e\0\x80" + b"y" * 128 + b"\x81\x05ab")
            stream.seek(0)
            self.assertEqual(read_text(stream), b"y" * 128)
            with self.assertRaises(ConnectionResetError):
                read_text(stream)


if __name__ == "__main__":
    unittest.main()
