"""Nodes as processes: their command line, start, readiness and end."""

import http.client
import os
import pathlib
import signal
import subprocess
import time

import processes
from cluster_state import COOKIE_BYTES, ROOT, Node
from ports import HTTP_BASE, LINK_BASE, PROXY_BASE
from terminal import Failure, say

HOST = "event_horizon"
ACCUMULATOR = "accumulator"

READY_TIMEOUT_S = 30.0
# A node ends within 10 s of SIGTERM by its own account; then it is killed.
STOP_TIMEOUT_S = 10.0
# Log lines shown for a node that dies while it starts.
LAST_LINES = 20


def plan(hosts, accumulators, ports, address):
    """The nodes of a new cluster with free ports. Hosts come first, so the first page is on the first port."""
    nodes = []
    for role in [HOST] * hosts + [ACCUMULATOR] * accumulators:
        nodes.append(plan_one(role, nodes, ports, address))
    return nodes


def plan_one(role, nodes, ports, address):
    """A further node beside those: the first number of its role and the first index that are free."""
    number = first_free({int(node.short.rpartition("_")[2]) for node in nodes if node.role == role}, 1)
    index = first_free({node.index for node in nodes}, 0)
    chosen = []
    for what, base, host in (("HTTP", HTTP_BASE, "127.0.0.1"), ("links", LINK_BASE, address),
                             ("its links' proxy", PROXY_BASE, address)):
        port = ports.choose(base + index, host)
        if port != base + index:
            say(f"port {base + index} is taken; {role}_{number} uses {port} for {what}")
        chosen.append(port)
    return Node(f"{role}_{number}@{address}", role, index, *chosen)


def first_free(taken, begin):
    return next(number for number in range(begin, begin + len(taken) + 1) if number not in taken)


def program_of(preset):
    """The program that runs a node. BEAMLINE_PROGRAM names one that is already built."""
    given = os.environ.get("BEAMLINE_PROGRAM")
    if given and not os.access(given, os.X_OK):
        raise Failure(f'BEAMLINE_PROGRAM is "{given}", expected an executable file; unset it to build one')
    return str(pathlib.Path(given).absolute()) if given else str(ROOT / "build" / preset / "src" / "beamline")


def command_of(cluster, node, state, lifeline):
    """The command line of a node: files first, then what only this script knows, then what the user asked for."""
    others = [] if cluster.is_by_hand else [other for other in cluster.nodes if other.name != node.name]
    peers = [cluster.endpoint(other.proxy_port) for other in others]
    settings = {
        "node.name": node.name,
        "node.role": node.role,
        "node.data_dir": state.node_folder(node),
        **web_settings(node.http_port),
        "cluster.enabled": "true",
        "cluster.bind": cluster.address,
        "cluster.port": node.link_port,
        "cluster.advertise": cluster.endpoint(node.proxy_port),
        "cluster.peers": ",".join(peers),
        **dict(setting.split("=", 1) for setting in cluster.settings),
    }
    command = run_command(cluster.program, node.role, settings)
    if lifeline is not None:
        command += ["--lifeline-fd", str(lifeline)]
    return command


def web_settings(port):
    settings = {"web.bind": "127.0.0.1", "web.port": port}
    if port != HTTP_BASE:
        # The list in config/dev.toml is for the default port. On that port it stays as the user left it.
        settings["web.origins"] = f"http://127.0.0.1:{port},http://localhost:{port}"
    return settings


def run_command(program, role, settings):
    command = [program, "run"]
    assets = pathlib.Path(program).parent.parent / "assets"
    if role == HOST and (assets / "manifest.json").exists():
        settings = settings | {"event_horizon.assets_dir": assets}  # Those that were built with this program.
    for file in ("base", "dev", role):
        command += ["--config", f"config/{file}.toml"]
    for key, value in settings.items():
        command += ["--set", f"{key}={value}"]
    return command


# Meant for one node or for this script; several nodes must not share them.
OWN_VARIABLES = {"BEAMLINE_NODE", "BEAMLINE_PORT", "BEAMLINE_CLUSTER_ENABLED", "BEAMLINE_VAR", "BEAMLINE_PROGRAM"}


def environment_of(state):
    inherited = {key: value for key, value in os.environ.items() if key not in OWN_VARIABLES}
    inherited |= {"BEAMLINE_SECRET": state.secret("secret", "BEAMLINE_SECRET")}
    if not (os.environ.get("BEAMLINE_COOKIE") or os.environ.get("BEAMLINE_COOKIE_FILE")):
        # By its file: the environment of a process is easier to read than a file of mode 0600.
        inherited |= {"BEAMLINE_COOKIE_FILE": str(state.secret_file("cookie", COOKIE_BYTES))}
    return inherited


def start(cluster, node, state, lifeline=None):
    """Starts the process and notes its identity in `node`. The log of the run before is kept as log.1."""
    state.node_folder(node).mkdir(parents=True, exist_ok=True)
    log = state.log_file(node)
    if log.exists():
        log.replace(log.with_name("log.1"))
    command = command_of(cluster, node, state, lifeline)
    try:
        with open(log, "wb") as output:
            # A session of its own: Ctrl-C reaches this script only, which then ends the nodes in order.
            process = subprocess.Popen(command, cwd=ROOT, env=environment_of(state), stdin=subprocess.DEVNULL,
                                       stdout=output, stderr=output, start_new_session=True,
                                       pass_fds=() if lifeline is None else (lifeline,))
    except FileNotFoundError as error:
        raise Failure(f"cannot start {node.short}: {error.filename} does not exist; "
                      f"build it with: cmake --build --preset {cluster.preset}") from error
    except OSError as error:
        raise Failure(f"cannot start {node.short} with {cluster.program}: {error.strerror}") from error
    node.pid = process.pid
    node.started = processes.start_time_of(process.pid)
    return process


def start_on_lifeline(cluster, node, state):
    """Starts a node that ends with the foreground script, if there is one."""
    end = open_lifeline(state) if cluster.is_owned else None
    try:
        return start(cluster, node, state, end)
    finally:
        if end is not None:
            os.close(end)


def open_lifeline(state):
    """The reading end of a foreground cluster's lifeline; end-of-file there means that the script is gone."""
    end = os.open(state.lifeline, os.O_RDONLY | os.O_NONBLOCK)
    os.set_blocking(end, True)  # Opening must not wait for a writer; reading may.
    return end


def is_ready(node, timeout_s=1.0):
    connection = http.client.HTTPConnection("127.0.0.1", node.http_port, timeout=timeout_s)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def last_lines(path, count=LAST_LINES):
    try:
        return path.read_text(encoding="utf-8", errors="replace").splitlines()[-count:]
    except OSError:
        return []


def wait_ready(nodes, state, on_ready, reap=lambda: None, should_stop=lambda: False):
    """Waits until all nodes are ready, and tells each one's time. False when `should_stop` said so first."""
    begun = time.monotonic()
    waiting = list(nodes)
    while waiting:
        reap()
        if should_stop():
            return False
        for node in list(waiting):
            if not node.is_running:
                raise start_failure(node, state, "ended while it started")
            if is_ready(node):
                waiting.remove(node)
                on_ready(node, time.monotonic() - begun)
        if waiting and time.monotonic() - begun > READY_TIMEOUT_S:
            raise start_failure(waiting[0], state, f"was not ready after {READY_TIMEOUT_S:.0f} s")
        if waiting:
            time.sleep(0.03)
    return True


def start_failure(node, state, what):
    log = state.log_file(node)
    lines = last_lines(log)
    shown = "\n".join(f"  {line}" for line in lines) if lines else "  (the log is empty)"
    return Failure(f"{node.short} {what}; the last lines of {log}:\n{shown}\n"
                   "correct the cause named there, then try again")


def stop(nodes, reap=lambda: None, is_hurried=lambda: False):
    """Ends nodes: hosts first, so that they can hand over what they hold. Returns the names that had to be killed."""
    killed = []
    for group in ([node for node in nodes if node.role == HOST], [node for node in nodes if node.role != HOST]):
        running = {(node.pid, node.started): node for node in group if node.is_running}
        for pid, started in running:
            processes.send_signal(pid, started, signal.SIGTERM)
            processes.send_signal(pid, started, signal.SIGCONT)  # A paused node has to run to hear it.
        deadline = time.monotonic() + STOP_TIMEOUT_S
        left = list(running)
        while left and time.monotonic() < deadline and not is_hurried():
            left = processes.wait_gone(left, 0.2, reap)
        for pid, started in left:
            why = "at once, as asked" if is_hurried() else f"after {STOP_TIMEOUT_S:.0f} s without an end"
            say(f"{running[pid, started].short} (pid {pid}) is killed {why}")
            processes.send_signal(pid, started, signal.SIGKILL)
            killed.append(running[pid, started].short)
        processes.wait_gone(left, 5.0, reap)
    return killed
