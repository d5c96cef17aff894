"""scripts/dev-node: one node in the foreground that knows no others, for linking by hand."""

import os
import sys

import build_step
import cluster_nodes
import watch
from cluster_state import ROOT, State
from ports import HTTP_BASE, LINK_BASE, is_free
from terminal import Failure, RED, paint, say

USAGE = """\
usage: scripts/dev-node [--watch] a|b

Builds the dev preset and runs node a (HTTP on 127.0.0.1:4000) or b (4001) in the foreground until Ctrl-C.
It looks for nobody; with both running, `beamline remote a connect 127.0.0.1:4401` links them. The cookie is the
development cookie of config/dev.toml, or that of $BEAMLINE_COOKIE_FILE or $BEAMLINE_COOKIE.
State is in var/a and var/b. BEAMLINE_PROGRAM names a built program to use instead.

  --watch  looks at src/, assets/ and config/ (or at BEAMLINE_PROGRAM): after a change builds and starts the node anew, and
           open pages load themselves anew. A build that fails is shown; the node that ran goes on
"""
NODES = {"a": 0, "b": 1}


def main(words):
    if words in (["-h"], ["--help"]):
        print(USAGE, end="")
        return 0
    names = [word for word in words if word != "--watch"]
    if len(names) != 1 or names[0] not in NODES or len(words) > 2:
        print(USAGE, end="", file=sys.stderr)
        return 2
    try:
        return run(names[0], "--watch" in words)
    except Failure as failure:
        say(paint(str(failure), RED, sys.stderr), "dev-node")
    except KeyboardInterrupt:
        return 130
    return 1


def run(name, is_watched):
    state = State()
    state.prepare()
    program = cluster_nodes.program_of("dev")
    is_built = not os.environ.get("BEAMLINE_PROGRAM")

    def build():
        if is_built:
            build_step.build("dev", ["beamline", "assets"], state.folder / "build.log", "dev-node")

    build()
    port = HTTP_BASE + NODES[name]
    if not is_free(port):
        raise Failure(f"port {port} on 127.0.0.1 is taken; stop the program that has it "
                      f"(ss -ltnp 'sport = :{port}' names it), perhaps with: scripts/cluster down")
    settings = {
        "node.name": f"{name}@127.0.0.1",
        "node.role": cluster_nodes.HOST,
        "node.data_dir": state.folder / name,
        **cluster_nodes.web_settings(port),
        "cluster.enabled": "true",
        "cluster.bind": "127.0.0.1",
        "cluster.port": LINK_BASE + NODES[name],
        "cluster.peers": "",
    }
    command = cluster_nodes.run_command(program, cluster_nodes.HOST, settings)
    environment = cluster_nodes.environment_of(state)
    if "BEAMLINE_COOKIE_FILE" not in os.environ:
        environment.pop("BEAMLINE_COOKIE_FILE", None)  # The one in var/ is for clusters; by hand the public one is handier.
    (state.folder / name).mkdir(parents=True, exist_ok=True)
    say(f"http://127.0.0.1:{port}/  (Ctrl-C stops the node)", "dev-node")
    os.chdir(ROOT)
    if is_watched:
        looked_at = [ROOT / folder for folder in ("src", "assets", "config")] if is_built else [program]
        return watch.run(watch.Watch(*looked_at), build, command, environment, "dev-node")
    # From here on the node is this process: signals and its exit status are the terminal's.
    try:
        os.execve(program, command, environment)
    except OSError as error:
        raise Failure(f"cannot start {program}: {error.strerror}; build it with: cmake --build --preset dev") from error


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
