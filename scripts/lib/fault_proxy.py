"""A proxy on this machine through which all links of a scripted cluster run, so that they can fail as networks do.

usage: python3 scripts/lib/fault_proxy.py --control SOCKET [--node NAME=LISTEN=TARGET ...]      runs until SIGTERM
       python3 scripts/lib/fault_proxy.py --control SOCKET --ask JSON                           asks one that runs

One port per node: who wants to link with NAME dials LISTEN (127.0.0.1:4800), and what passes reaches TARGET, where the
node itself listens. Who dials is read from the first frame, so every rule is for a pair of nodes and one way; a dialler
that is none of the nodes (or speaks TLS) is called "?". It needs no privileges.

Requests are lines of JSON on the UNIX socket, answers too: {"ok": true, ...} or {"ok": false, "error": "..."}.

  {"do": "add", "node": N, "listen": "127.0.0.1:4800", "target": "127.0.0.1:4400"}      {"do": "remove", "node": N}
  {"do": "cut", "from": A, "to": B}               held: nothing passes, nothing is closed, as if a cable were cut
  {"do": "heal", "from": A, "to": B}              what was held goes on; without "from" and "to": every fault ends
  {"do": "delay", "from": A, "to": B, "ms": 80}   later by so much, each way; 0 ends it
  {"do": "rate", "from": A, "to": B, "kib": 64}   KiB per second, each way; 0 ends it
  {"do": "status"}                                the nodes, the faults, the connections
  {"do": "hold", "node": N, "ports": [4000]}      no script takes these for another node while N has a port here

With "one_way": true a fault is from A to B only. Several faults of a pair add up.
"""

import argparse
import asyncio
import json
import os
import resource
import signal
import socket
import sys

import fault_rules
import ports
from fault_link import Link
from fault_rules import Refused

REQUEST_OCTETS_MAX = 64 * 1024
ASK_S = 5.0
# When the script that owns it is gone, nodes end too, and say goodbye through here first.
GOODBYE_S = 10.0
# Connections waiting to be accepted: all nodes of a large cluster may dial one at once.
BACKLOG = 512


class Port:
    """Where one node is dialled."""

    def __init__(self, name, listen, target):
        self.name = name
        self.listen = fault_rules.address_of(listen)
        self.target = fault_rules.address_of(target)
        self.server = None
        self.claims = {}

    def close(self):
        self.server.close()
        for claim in self.claims.values():
            claim.close()


class Proxy:
    """All ports, rules and connections. Runs on one event loop."""

    def __init__(self):
        self.ports = {}
        self.rules = fault_rules.Rules()
        self.links = set()
        self._verbs = {"add": self._add, "remove": self._remove, "cut": self._cut, "heal": self._heal,
                       "delay": self._delay, "rate": self._rate, "status": self._status,
                       "hold": self._hold}

    async def add(self, name, listen, target):
        if name in self.ports:
            raise Refused(f"{name} has a port already; remove it first")
        if not name or name == fault_rules.STRANGER or not name.isascii():
            raise Refused(f'the node is "{name}", expected a name such as "a@127.0.0.1"')
        port = Port(name, listen, target)
        try:
            port.server = await asyncio.get_running_loop().create_server(
                lambda: Link(self, port).dialler_end, *port.listen, backlog=BACKLOG, reuse_address=True)
        except OSError as error:
            raise Refused(f"cannot listen on {listen}: {error.strerror}; choose another port") from error
        self.ports[name] = port

    def remove(self, name):
        """Closes the port. Connections go on: the node may be ending in order."""
        self._known(name)
        self.ports.pop(name).close()

    def close(self):
        for port in self.ports.values():
            port.close()
        for link in list(self.links):
            link.close()

    # --- requests ---------------------------------------------------------------------------------------

    async def serve(self, reader, writer):
        """One client of the control socket."""
        try:
            while line := await reader.readline():
                writer.write(json.dumps(await self.answer(line)).encode() + b"\n")
                await writer.drain()
        except ValueError:  # The line is longer than any request.
            writer.write(b'{"ok": false, "error": "the request is too long"}\n')
        except ConnectionError:
            pass
        finally:
            writer.close()

    async def answer(self, line):
        try:
            request = json.loads(line)
            if not isinstance(request, dict) or request.get("do") not in self._verbs:
                raise Refused(f'expected an object whose "do" is one of {", ".join(self._verbs)}')
            return {"ok": True} | (await self._verbs[request["do"]](request) or {})
        except Refused as error:
            return {"ok": False, "error": str(error)}
        except (ValueError, RecursionError) as error:
            return {"ok": False, "error": f"this is no JSON: {error}"}
        except KeyError as error:
            return {"ok": False, "error": f"{error} is missing"}

    async def _add(self, request):
        await self.add(str(request["node"]), request["listen"], request["target"])

    async def _remove(self, request):
        self.remove(request["node"])

    async def _cut(self, request):
        self._change(request, is_cut=True)

    async def _heal(self, request):
        if "from" in request or "to" in request:
            self._change(request, is_cut=False, delay_s=0.0, rate=0.0)
        else:
            self.rules.heal_all()

    async def _delay(self, request):
        self._change(request, delay_s=fault_rules.delay_of(request["ms"]))

    async def _rate(self, request):
        self._change(request, rate=fault_rules.rate_of(request["kib"]))

    async def _hold(self, request):
        self._known(request["node"])
        claims = self.ports[request["node"]].claims
        for number in request["ports"]:
            claim = None if number in claims else ports.claim_name(number)
            if claim:
                claims[number] = claim
        return {"held": sorted(claims)}

    async def _status(self, _request):
        return {
            "nodes": [{"node": port.name, "listen": text_of(port.listen), "target": text_of(port.target)}
                      for port in self.ports.values()],
            "faults": self.rules.described(),
            "links": sorted((link.described() for link in self.links), key=lambda row: (row["from"], row["to"])),
        }

    def _change(self, request, **values):
        one, other = request["from"], request["to"]
        for name in (one, other):
            if name != fault_rules.STRANGER:
                self._known(name)
        if one == other:
            raise Refused(f'"from" and "to" are both "{one}", expected two nodes')
        for rule in self.rules.between(one, other, request.get("one_way") is True):
            rule.change(**values)

    def _known(self, name):
        if name not in self.ports:
            raise Refused(f'no node "{name}" is here; the nodes: {", ".join(self.ports) or "none"}')


def text_of(address):
    host, port = address
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


async def run(control, nodes, lifeline):
    """Until SIGTERM, SIGINT or the end of the lifeline."""
    proxy = Proxy()
    for name, listen, target in nodes:
        await proxy.add(name, listen, target)
    over = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, over.set)
    has_lost_lifeline = []

    def lose_lifeline():
        loop.remove_reader(lifeline)
        has_lost_lifeline.append(True)
        over.set()

    if lifeline is not None:
        loop.add_reader(lifeline, lose_lifeline)  # Nobody writes there: readable means that its writer is gone.
    before = os.umask(0o177)
    server = await asyncio.start_unix_server(proxy.serve, control, limit=REQUEST_OCTETS_MAX)
    os.umask(before)
    print("ready", flush=True)
    await over.wait()
    if has_lost_lifeline:
        await no_links(proxy, GOODBYE_S)
    server.close()
    proxy.close()
    await asyncio.sleep(0)  # Transports close at the loop's next turn.


async def no_links(proxy, most_s):
    until = asyncio.get_running_loop().time() + most_s
    while proxy.links and asyncio.get_running_loop().time() < until:
        await asyncio.sleep(0.05)


def ask(control, request, timeout_s=ASK_S):
    """Sends a request to a proxy that runs and returns its answer. OSError: there is none, or it does not answer."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(timeout_s)
        client.connect(str(control))
        client.sendall(json.dumps(request).encode() + b"\n")
        with client.makefile("rb") as answers:
            line = answers.readline()
    if not line:
        raise ConnectionResetError(0, "it closed the connection without an answer")
    return json.loads(line)


def allow_many_files():
    """A mesh of 64 nodes has 2016 links, of two sockets each."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def main(words):
    parser = argparse.ArgumentParser(prog="fault_proxy.py", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter, usage=argparse.SUPPRESS)
    parser.add_argument("--control", required=True, metavar="SOCKET")
    parser.add_argument("--node", action="append", default=[], metavar="NAME=LISTEN=TARGET")
    parser.add_argument("--lifeline-fd", type=int, metavar="FD", help="ends when this descriptor reads its end")
    parser.add_argument("--ask", metavar="JSON")
    arguments = parser.parse_args(words)
    try:
        if arguments.ask is not None:
            answer = ask(arguments.control, json.loads(arguments.ask))
            print(json.dumps(answer, indent=2))
            return 0 if answer.get("ok") else 1
        nodes = [node.split("=") for node in arguments.node]
        if any(len(node) != 3 for node in nodes):
            parser.error("--node is expected as NAME=LISTEN=TARGET, e.g. a@127.0.0.1=127.0.0.1:4800=127.0.0.1:4400")
        allow_many_files()
        asyncio.run(run(arguments.control, nodes, arguments.lifeline_fd))
    except (Refused, OSError, ValueError) as error:
        print(f"fault_proxy: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
