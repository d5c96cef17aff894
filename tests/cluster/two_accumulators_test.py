"""Two accumulators over one PostgreSQL, started by scripts/cluster: each counts, and nothing counts twice."""

import json
import unittest

from events import A1, Distributed  # It puts scripts/lib on the path.
from postgres import ThrowawayPostgres, skip_without
from support import wait_until

from scenario_reader import Outcome, Reader

LIKES = 12


class TwoAccumulators(Distributed):
    @skip_without()
    def test_both_count_into_one_database_and_one_is_enough(self):
        server = ThrowawayPostgres()
        self.addCleanup(server.stop)
        clone = self.cluster(accumulators=2, BEAMLINE_DATABASE_URL=server.url)
        hosts = [node for node in clone.status()["nodes"] if node["role"] == "event_horizon"]
        self.like(hosts)
        wait_until(lambda: self.likes(server) == LIKES, f"{LIKES} likes are counted")
        # With one of them gone, the other one goes on where both were.
        self.assertEqual(clone.run("kill", A1).returncode, 0)
        self.like(hosts)
        wait_until(lambda: self.likes(server) == 2 * LIKES, f"{2 * LIKES} likes are counted")
        self.assertEqual(server.query("SELECT likes FROM post_totals WHERE slug = 'hello'"), str(2 * LIKES))
        for host in hosts:
            reader = Reader(host["http_port"])
            wait_until(lambda reader=reader: json.loads(reader.open("/api/blog/hello/stats"))["likes"] == 2 * LIKES,
                       f"{host['name']} shows all likes")

    def like(self, hosts):
        for number in range(LIKES):
            reader = Reader(hosts[number % len(hosts)]["http_port"])
            reader.open("/blog/hello")
            self.assertIs(reader.like("hello"), Outcome.ACCEPTED)

    def likes(self, server):
        return int(server.query("SELECT count(*) FROM blog_likes WHERE slug = 'hello'"))


if __name__ == "__main__":
    unittest.main()
