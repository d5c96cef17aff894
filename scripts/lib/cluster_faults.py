"""The fault proxy of a cluster: its process, and the faults that the user asks for."""

import contextlib
import json
import os
import select
import signal
import subprocess
import sys

import fault_proxy
import processes
from cluster_state import ROOT
from terminal import Failure, say

SOCKET = "fault_proxy.sock"
READY_TIMEOUT_S = 10.0
STOP_TIMEOUT_S = 5.0


def start(cluster, state, lifeline=None):
    """Starts the proxy with a port for every node, and notes its identity in `cluster`."""
    command = [sys.executable, str(ROOT / "scripts" / "lib" / "fault_proxy.py"), "--control", SOCKET]
    for node in cluster.nodes:
        command += ["--node", f"{node.name}={cluster.endpoint(node.proxy_port)}={cluster.endpoint(node.link_port)}"]
    if lifeline is not None:
        command += ["--lifeline-fd", str(lifeline)]
    log = state.folder / "fault_proxy.log"
    with open(log, "wb") as output:
        # It works in the state folder, as the path of a socket must be short.
        process = subprocess.Popen(command, cwd=state.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=output,
                                   start_new_session=True, pass_fds=() if lifeline is None else (lifeline,))
    cluster.proxy_pid = process.pid
    cluster.proxy_started = processes.start_time_of(process.pid)
    with process.stdout as said:
        readable, _, _ = select.select([said], [], [], READY_TIMEOUT_S)
        if not readable or said.readline() != b"ready\n":
            stop(cluster)
            reason = log.read_text(encoding="utf-8", errors="replace").strip() or "it says nothing"
            raise Failure(f"the fault proxy did not start: {reason}\nits log is {log}; correct the cause, then try again")


def stop(cluster, reap=lambda: None):
    if not cluster.is_proxy_running:
        return
    identity = (cluster.proxy_pid, cluster.proxy_started)
    processes.send_signal(*identity, signal.SIGTERM)
    processes.send_signal(*identity, signal.SIGCONT)
    if processes.wait_gone([identity], STOP_TIMEOUT_S, reap):
        say(f"the fault proxy (pid {cluster.proxy_pid}) did not end within {STOP_TIMEOUT_S:.0f} s; it is killed")
        processes.send_signal(*identity, signal.SIGKILL)
        processes.wait_gone([identity], STOP_TIMEOUT_S, reap)


def ask(cluster, state, **request):
    """What the proxy answers; Failure if it refuses or is not there."""
    if not cluster.is_proxy_running:
        raise Failure("the fault proxy of this cluster has ended, and with it every link; "
                      "start anew with: scripts/cluster down && scripts/cluster up")
    try:
        with _short_path(state) as path:
            answer = fault_proxy.ask(path, request)
    except (OSError, ValueError) as error:
        raise Failure(f"the fault proxy (pid {cluster.proxy_pid}) does not answer: {error}; "
                      f"see {state.folder / 'fault_proxy.log'}") from error
    if not answer.get("ok"):
        raise Failure(f"the fault proxy refuses {json.dumps(request)}: {answer.get('error', 'without a reason')}")
    return answer


@contextlib.contextmanager
def _short_path(state):
    folder = os.open(state.folder, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{SOCKET}"
    finally:
        os.close(folder)


def add_node(cluster, state, node):
    ask(cluster, state, do="add", node=node.name, listen=cluster.endpoint(node.proxy_port),
        target=cluster.endpoint(node.link_port))


def hold_ports(cluster, state, node):
    """A node that is killed and started again finds its ports free, whatever other clusters start meanwhile."""
    ask(cluster, state, do="hold", node=node.name, ports=[node.http_port, node.link_port])


def remove_node(cluster, state, node):
    ask(cluster, state, do="remove", node=node.name)


def faults(cluster, state):
    """The faults in effect as [{"from", "to", "cut", "delay_ms", "rate_kib"}], with the short names of nodes."""
    short = {node.name: node.short for node in cluster.nodes}
    return [fault | {"from": short.get(fault["from"], fault["from"]), "to": short.get(fault["to"], fault["to"])}
            for fault in ask(cluster, state, do="status")["faults"]]


def described(fault):
    words = [] if not fault["cut"] else ["cut"]
    words += [f"{fault['delay_ms']:g} ms late"] if fault["delay_ms"] else []
    words += [f"{fault['rate_kib']:g} KiB/s"] if fault["rate_kib"] else []
    return f"{fault['from']} -> {fault['to']}: {', '.join(words)}"


# --- verbs --------------------------------------------------------------------------------------------


def _apply(cluster, state, arguments, verb, what, **values):
    one, other = cluster.find(arguments.one), cluster.find(arguments.other)
    if one is other:
        raise Failure(f"{one.short} is named twice, expected two nodes")
    one_way = getattr(arguments, "one_way", False)
    ask(cluster, state, do=verb, **{"from": one.name, "to": other.name}, one_way=one_way, **values)
    say(f"{one.short} {'->' if one_way else '<->'} {other.short}: {what}")
    return 0


def partition(arguments, state, cluster):
    return _apply(cluster, state, arguments, "cut", "cut; heal with: scripts/cluster heal")


def heal(arguments, state, cluster):
    if arguments.one is None:
        ask(cluster, state, do="heal")
        say("no fault is left")
        return 0
    if arguments.other is None:
        raise Failure("heal takes two nodes, or none for all; expected: scripts/cluster heal [A B]")
    return _apply(cluster, state, arguments, "heal", "healed")


def delay(arguments, state, cluster):
    what = f"{arguments.ms} ms late" if arguments.ms else "no delay any more"
    return _apply(cluster, state, arguments, "delay", what, ms=arguments.ms)


def rate(arguments, state, cluster):
    what = f"{arguments.kib} KiB/s at most" if arguments.kib else "as fast as can be again"
    return _apply(cluster, state, arguments, "rate", what, kib=arguments.kib)
