"""The fault proxy by itself, between a dialler and a node of a few lines each."""

import json
import pathlib
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

from support import ROOT, wait_until

sys.path.insert(0, str(ROOT / "scripts" / "lib"))
import fault_proxy  # noqa: E402
import fault_rules  # noqa: E402
import ports  # noqa: E402

A, B = "a@127.0.0.1", "b@127.0.0.1"
# What an untouched way needs at most on a busy machine, and what passes when it must not would need at least.
SOON_S = 5.0
QUIET_S = 0.3


def free_port(host="127.0.0.1"):
    with socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        return probe.getsockname()[1]


def hello(name):
    """The first frame of a node: its name in clear, behind its length."""
    body = b"\x01beamline" + bytes([len(name)]) + name.encode() + b"\x00" * 40
    return b"\x01" + len(body).to_bytes(3, "big") + body


class Server:
    """A node: accepts, and keeps what arrives."""

    def __init__(self, test, host="127.0.0.1"):
        self.socket = socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
        self.port = self.socket.getsockname()[1]
        self.links = []
        self._test = test
        test.addCleanup(self.close)
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        while True:
            try:
                accepted, _ = self.socket.accept()
            except OSError:
                return
            self.links.append(Peer(accepted))

    def link(self, number=0):
        wait_until(lambda: len(self.links) > number, "the node is dialled", SOON_S)
        return self.links[number]

    def close(self):
        self.socket.close()
        for link in self.links:
            link.socket.close()


class Peer:
    """One end of a connection."""

    def __init__(self, connection):
        self.socket = connection
        self._got = bytearray()
        self.ended = None  # "eof" or "reset"
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        while self.ended is None:
            try:
                data = self.socket.recv(65536)
            except OSError:
                self.ended = "reset"
                return
            if not data:
                self.ended = "eof"
            self._got += data

    @property
    def got(self):
        return bytes(self._got)

    @property
    def octets(self):
        return len(self._got)

    def send(self, data):
        self.socket.sendall(data)

    def close(self):
        """Both ways at once; a socket that a thread reads is not closed by `close` alone."""
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()

    def expect(self, data, within=SOON_S):
        wait_until(lambda: self.got.endswith(data), f"{data!r} has arrived", within)


class ProxyTest(unittest.TestCase):
    host = "127.0.0.1"

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="beamline-proxy-")
        self.addCleanup(self.folder.cleanup)
        self.control = pathlib.Path(self.folder.name) / "control.sock"
        self.node = Server(self, self.host)
        self.ports = {A: free_port(self.host), B: free_port(self.host)}
        words = [sys.executable, str(ROOT / "scripts" / "lib" / "fault_proxy.py"), "--control", str(self.control)]
        for name in (A, B):
            words += ["--node", f"{name}={self.at(self.ports[name])}={self.at(self.node.port)}"]
        self.proxy = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
        self.addCleanup(self.end_proxy)
        self.assertEqual(self.proxy.stdout.readline(), "ready\n")

    def at(self, port):
        return f"[{self.host}]:{port}" if ":" in self.host else f"{self.host}:{port}"

    def end_proxy(self):
        self.proxy.terminate()
        self.assertEqual(self.proxy.wait(10), 0)
        self.proxy.stdout.close()

    def ask(self, **request):
        return fault_proxy.ask(self.control, request)

    def do(self, verb, one=A, other=B, **values):
        answer = self.ask(do=verb, **{"from": one, "to": other}, **values)
        self.assertTrue(answer["ok"], answer)

    def dial(self, name=A, to=B, first=None):
        peer = Peer(socket.create_connection((self.host, self.ports[to])))
        self.addCleanup(peer.socket.close)
        peer.send(hello(name) if first is None else first)
        return peer

    def linked(self):
        """A link of a with b: its dialler's end and the node's."""
        before = len(self.node.links)
        dialler = self.dial()
        there = self.node.link(before)
        there.expect(hello(A))
        return dialler, there

    def quiet(self, peer, before):
        time.sleep(QUIET_S)
        self.assertEqual(peer.got, before)
        self.assertIsNone(peer.ended)


class Passing(ProxyTest):
    def test_octets_pass_both_ways_and_ends_are_told(self):
        dialler, there = self.linked()
        dialler.send(b"ping")
        there.expect(b"ping")
        there.send(b"pong")
        dialler.expect(b"pong")
        dialler.socket.shutdown(socket.SHUT_WR)
        wait_until(lambda: there.ended == "eof", "the end is told", SOON_S)
        there.send(b"still")  # The other way goes on.
        dialler.expect(b"still")
        there.close()
        wait_until(lambda: dialler.ended, "the other end is told", SOON_S)
        wait_until(lambda: not self.ask(do="status")["links"], "nothing is left of the link", SOON_S)

    def test_who_dials_is_known_by_its_hello(self):
        self.dial(A)
        self.dial("c@127.0.0.1")
        self.dial(first=b"GET / HTTP/1.1\r\n\r\n")
        self.dial(first=b"\x16\x03\x01")
        wait_until(lambda: len(self.node.links) == 4, "all four pass", SOON_S)
        links = self.ask(do="status")["links"]
        self.assertEqual([link["from"] for link in links], ["?", "?", "?", A])
        self.assertEqual({link["to"] for link in links}, {B})

    def test_a_hello_in_pieces_is_understood_and_one_that_never_ends_passes_as_a_strangers(self):
        frame = hello(A)
        dialler = self.dial(first=frame[:3])
        time.sleep(0.1)
        dialler.send(frame[3:20])
        time.sleep(0.1)
        self.assertEqual(self.node.links, [])
        dialler.send(frame[20:])
        self.node.link().expect(frame)
        self.assertEqual(self.ask(do="status")["links"][0]["from"], A)
        self.dial(first=frame[:20])
        self.node.link(1).expect(frame[:20])

    def test_a_link_to_a_node_that_does_not_listen_is_reset(self):
        self.node.socket.shutdown(socket.SHUT_RDWR)
        self.node.socket.close()
        dialler = self.dial()
        wait_until(lambda: dialler.ended == "reset", "the dialler is told", SOON_S)

    def test_much_passes_in_order_and_the_memory_of_the_proxy_is_bounded(self):
        dialler, there = self.linked()
        block = bytes(range(256)) * 4096
        for _ in range(64):
            dialler.send(block)
        wait_until(lambda: there.octets == len(hello(A)) + 64 * len(block), "all of it has arrived", 30.0)
        self.assertEqual(there.got[len(hello(A)):], block * 64)
        for line in pathlib.Path(f"/proc/{self.proxy.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM"):
                self.assertLess(int(line.split()[1]), 100 * 1024)


class Faults(ProxyTest):
    def test_a_cut_holds_octets_both_ways_and_closes_nothing(self):
        dialler, there = self.linked()
        self.do("cut")
        before = there.got, dialler.got
        dialler.send(b"held there")
        there.send(b"held back")
        self.quiet(there, before[0])
        self.quiet(dialler, before[1])
        self.do("heal")
        there.expect(b"held there")
        dialler.expect(b"held back")

    def test_a_one_way_cut_lets_the_other_way_pass(self):
        dialler, there = self.linked()
        self.do("cut", one_way=True)
        before = there.got
        dialler.send(b"held")
        there.send(b"passes")
        dialler.expect(b"passes")
        self.quiet(there, before)
        self.assertEqual(self.ask(do="status")["faults"], [{"from": A, "to": B, "cut": True, "delay_ms": 0, "rate_kib": 0}])
        self.do("heal")
        there.expect(b"held")

    def test_a_cut_is_of_one_pair(self):
        self.do("cut")
        other = self.dial("c@127.0.0.1")
        self.node.link().expect(hello("c@127.0.0.1"))
        other.send(b"free")
        self.node.link().expect(b"free")

    def test_an_end_behind_a_cut_is_told_after_what_was_held(self):
        dialler, there = self.linked()
        self.do("cut")
        dialler.send(b"last")
        dialler.close()
        before = there.got
        self.quiet(there, before)
        self.do("heal")
        there.expect(b"last")
        wait_until(lambda: there.ended, "the end is told", SOON_S)

    def test_a_dial_into_a_cut_waits_and_one_that_gave_up_leaves_no_trace(self):
        self.do("cut")
        gone = self.dial()
        waits = self.dial()
        self.quiet(waits, b"")
        self.assertEqual(self.node.links, [])
        gone.close()
        wait_until(lambda: len(self.ask(do="status")["links"]) == 1, "the one that gave up is forgotten", SOON_S)
        self.do("heal")
        self.node.link().expect(hello(A))
        self.assertEqual(len(self.node.links), 1)

    def test_heal_without_names_ends_every_fault(self):
        self.do("cut")
        self.do("delay", B, A, ms=100)
        self.assertTrue(self.ask(do="heal")["ok"])
        self.assertEqual(self.ask(do="status")["faults"], [])

    def test_a_delay_holds_for_each_way_and_keeps_the_order(self):
        dialler, there = self.linked()
        self.do("delay", ms=200)
        begun = time.monotonic()
        dialler.send(b"one")
        dialler.send(b"two")
        there.expect(b"onetwo")
        self.assertGreaterEqual(time.monotonic() - begun, 0.2)
        there.send(b"back")
        dialler.expect(b"back")
        self.assertGreaterEqual(time.monotonic() - begun, 0.4)
        dialler.send(b"three")
        self.do("delay", ms=0)
        there.expect(b"three")

    def test_a_rate_slows_a_line_down_and_ends(self):
        dialler, there = self.linked()
        self.do("rate", kib=256)
        begun = time.monotonic()
        dialler.send(bytes(128 * 1024))
        wait_until(lambda: there.octets >= 128 * 1024, "all of it has arrived", 10.0)
        took = time.monotonic() - begun
        self.assertGreater(took, 0.35)  # 0.5 s, but for the debt that is forgiven.
        self.assertLess(took, 3.0)
        self.do("rate", kib=0)
        dialler.send(bytes(8 * 1024 * 1024))
        wait_until(lambda: there.octets >= 8 * 1024 * 1024, "it is fast again", SOON_S)


class OverIpv6(Faults):
    host = "::1"


class Control(ProxyTest):
    def test_wrong_requests_are_answered_with_what_is_expected(self):
        for request, part in (({}, "one of add"), ({"do": "dance"}, "one of add"), ({"do": "cut"}, "'from' is missing"),
                              ({"do": "cut", "from": A, "to": "x@y"}, 'no node "x@y"'),
                              ({"do": "cut", "from": A, "to": A}, "two nodes"),
                              ({"do": "delay", "from": A, "to": B, "ms": -1}, "0 to 60,000"),
                              ({"do": "rate", "from": A, "to": B, "kib": True}, "expected a number"),
                              ({"do": "add", "node": A, "listen": "x", "target": "y"}, "has a port already"),
                              ({"do": "add", "node": "n@h", "listen": "::1:5", "target": "h:1"}, '"::1:5"'),
                              ({"do": "remove", "node": "n@h"}, 'no node "n@h"')):
            with self.subTest(request):
                answer = self.ask(**request)
                self.assertFalse(answer["ok"])
                self.assertIn(part, answer["error"])

    def test_lines_that_are_no_requests_disturb_nobody(self):
        for line in (b"{\n", b"[]\n", b"\xff\n", b"[" * 100_000 + b"\n", b"x" * 200_000 + b"\n"):
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(str(self.control))
                client.sendall(line)
                with client.makefile("rb") as answers:
                    self.assertFalse(json.loads(answers.readline())["ok"])
        self.assertTrue(self.ask(do="status")["ok"])

    def test_ports_come_and_go(self):
        port = free_port()
        self.assertTrue(self.ask(do="add", node="c@h", listen=self.at(port), target=self.at(self.node.port))["ok"])
        self.ports["c@h"] = port
        self.dial(A, "c@h")
        self.node.link().expect(hello(A))
        self.assertTrue(self.ask(do="remove", node="c@h")["ok"])
        self.assertRaises(ConnectionRefusedError, socket.create_connection, (self.host, port))

    def test_ports_are_held_until_their_node_is_removed(self):
        port = free_port()
        answer = self.ask(do="hold", node=A, ports=[port])
        self.assertEqual(answer["held"], [port])
        self.assertIsNone(ports.claim_name(port))
        self.assertEqual(self.ask(do="hold", node=B, ports=[port])["held"], [])
        self.assertFalse(self.ask(do="hold", node="x@h", ports=[port])["ok"])
        self.ask(do="remove", node=A)
        claim = ports.claim_name(port)
        self.assertIsNotNone(claim)
        claim.close()

    def test_only_its_user_may_ask(self):
        self.assertEqual(self.control.stat().st_mode & 0o077, 0)


class Names(unittest.TestCase):
    def test_a_name_is_not_found_within_a_longer_one(self):
        known = ["a@h", "aa@h", "a@h1", "b" * 140 + "@h"]
        for name in known:
            size = bytes([len(name)]) if len(name) < 128 else bytes([len(name) & 127 | 128, len(name) >> 7])
            self.assertEqual(fault_rules.name_in(b"\x08beamline" + size + name.encode() + b"\x05", known), name)
        self.assertEqual(fault_rules.name_in(b"\x04ba@h", known), "?")

    def test_a_frame_ends_where_its_length_says(self):
        self.assertEqual(fault_rules.greeting_end(b"\x01\x00\x00\x05abc"), 9)
        self.assertIsNone(fault_rules.greeting_end(b"\x01\x00"))
        for data in (b"\x02\x00\x00\x05", b"\x01\xff\xff\xff", b"\x01\x00\x00\x00", b"G"):
            self.assertEqual(fault_rules.greeting_end(data), 0)

    def test_addresses_are_read_as_they_are_written(self):
        self.assertEqual(fault_rules.address_of("127.0.0.1:4400"), ("127.0.0.1", 4400))
        self.assertEqual(fault_rules.address_of("[::1]:4400"), ("::1", 4400))
        for wrong in ("::1:4400", "127.0.0.1", "h:0", "h:65536", ":4", "[]:4", "h:x"):
            self.assertRaises(fault_rules.Refused, fault_rules.address_of, wrong)


if __name__ == "__main__":
    unittest.main()
