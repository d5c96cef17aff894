"""What happens to single nodes of a running cluster: they are added, removed, killed, paused and started again."""

import contextlib
import signal

import cluster_faults
import cluster_nodes
import processes
from cluster_run import reap
from cluster_state import NODES_MAX
from ports import Ports
from terminal import Failure, say

ROLES = {"host": cluster_nodes.HOST, "accumulator": cluster_nodes.ACCUMULATOR}


def kill(arguments, state, cluster):
    node = cluster.find(arguments.node)
    _signal(node, signal.SIGKILL)
    processes.wait_gone([(node.pid, node.started)], 5.0)
    say(f"{node.short} (pid {node.pid}) is killed; start it again with: scripts/cluster restart {node.short}")
    return 0


def pause(arguments, _state, cluster):
    node = cluster.find(arguments.node)
    _signal(node, signal.SIGSTOP)
    say(f"{node.short} (pid {node.pid}) is paused; let it go on with: scripts/cluster resume {node.short}")
    return 0


def resume(arguments, _state, cluster):
    node = cluster.find(arguments.node)
    _signal(node, signal.SIGCONT)
    say(f"{node.short} (pid {node.pid}) goes on")
    return 0


def _signal(node, number):
    if not processes.send_signal(node.pid, node.started, number):
        raise Failure(f"{node.short} is not running; start it with: scripts/cluster restart {node.short}")


def restart(arguments, state, cluster):
    node = cluster.find(arguments.node)
    _require_owner(cluster)
    with _meant_end(state, node):
        cluster_nodes.stop([node])
        _start(state, node.name)
    _wait_ready(state, [state.load().find(node.name)])
    return 0


def add(arguments, state, cluster):
    _require_owner(cluster)
    if len(cluster.nodes) >= NODES_MAX:
        raise Failure(f"this cluster has {len(cluster.nodes)} nodes, at most {NODES_MAX} can be; "
                      "remove one with: scripts/cluster remove NODE")
    ports = Ports()
    with state.editing() as fresh:
        _require(fresh)
        node = cluster_nodes.plan_one(ROLES[arguments.role], fresh.nodes, ports, fresh.address)
        cluster_faults.add_node(fresh, state, node)
        fresh.nodes.append(node)
        fresh.nodes.sort(key=lambda other: other.index)
    try:
        _start(state, node.name)
        node = state.load().find(node.name)
        _wait_ready(state, [node])
    except BaseException:
        _forget(state, node)
        raise
    ports.release()
    cluster_faults.hold_ports(state.load(), state, node)
    print(f"{node.short}  {node.url}/", flush=True)
    return 0


def remove(arguments, state, cluster):
    node = cluster.find(arguments.node)
    with _meant_end(state, node):
        killed = cluster_nodes.stop([node])
        _forget(state, node)
    say(f"{node.short} is removed; its data stays in {state.node_folder(node)}")
    return 1 if killed else 0


def _forget(state, node):
    with state.editing() as fresh:
        if fresh is None or all(other.name != node.name for other in fresh.nodes):
            return
        cluster_nodes.stop([fresh.find(node.name)])
        if fresh.is_proxy_running:
            cluster_faults.remove_node(fresh, state, node)
        fresh.nodes = [other for other in fresh.nodes if other.name != node.name]


def _start(state, name):
    with state.editing() as fresh:
        cluster_nodes.start_on_lifeline(_require(fresh), fresh.find(name), state)


def _wait_ready(state, nodes):
    cluster_nodes.wait_ready(nodes, state, lambda node, seconds: say(f"{node.short} is ready after {seconds:.2f} s"), reap)


def _require(fresh):
    if fresh is None:
        raise Failure("the cluster was stopped meanwhile; start anew with: scripts/cluster up")
    return fresh


def _require_owner(cluster):
    if cluster.owner_pid is not None and not cluster.is_owned:
        raise Failure("the scripts/cluster up that this cluster belonged to is gone; start anew with: scripts/cluster up")


@contextlib.contextmanager
def _meant_end(state, node):
    """Tells the foreground script that this node does not end by accident."""
    mark = state.node_folder(node) / "restarting"
    state.node_folder(node).mkdir(parents=True, exist_ok=True)
    mark.touch()
    try:
        yield
    finally:
        mark.unlink(missing_ok=True)
