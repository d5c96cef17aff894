"""`scripts/cluster status`: the nodes, who sees whom, and what waits on the hosts."""

import concurrent.futures
import json
import subprocess

import cluster_faults
import cluster_nodes
import processes
from terminal import GREEN, RED, YELLOW, Failure, paint

# A node answers within milliseconds; one that does not is shown as silent.
ASK_S = 3.0
# Asked at once: each question is a process.
ASKED_AT_ONCE = 8
COLOURS = {"ready": GREEN, "not ready": YELLOW, "paused": YELLOW, "stopped": RED}


def status(arguments, state, cluster):
    """0 if every node is ready, 1 if some are not, 3 if no cluster is running."""
    nodes = cluster.nodes if cluster else []
    rows = [describe(node) for node in nodes]
    running = any(row["state"] != "stopped" for row in rows)
    faults = faults_of(cluster, state) if running else []
    if running:
        for row, (seen, outbox) in zip(rows, ask_all(cluster, state, rows)):
            row["sees"], row["outbox"] = seen, outbox
    if arguments.json:
        mode = None if not running else "foreground" if cluster.is_owned else "detached"
        proxy = {"pid": cluster.proxy_pid, "running": cluster.is_proxy_running} if running else None
        print(json.dumps({"running": running, "mode": mode, "nodes": rows, "proxy": proxy, "faults": faults}, indent=2))
    elif not running:
        print("no cluster is running here; start one with: scripts/cluster up")
    else:
        show(rows)
        show_links(rows, faults or [])
        show_outboxes(rows)
        if faults is None:
            print(paint("the fault proxy does not answer, so no link can be; start anew with: scripts/cluster up", RED))
    if not running:
        return 3
    return 0 if all(row["state"] == "ready" for row in rows) else 1


def faults_of(cluster, state):
    try:
        return cluster_faults.faults(cluster, state)
    except Failure:
        return None


def describe(node):
    if not node.is_running:
        word = "stopped"
    elif node.is_paused:
        word = "paused"
    else:
        word = "ready" if cluster_nodes.is_ready(node) else "not ready"
    alive = word != "stopped"
    return {
        "name": node.name, "role": node.role, "index": node.index, "state": word,
        "pid": node.pid if alive else None, "url": node.url, "http_port": node.http_port,
        "link_port": node.link_port, "proxy_port": node.proxy_port,
        "uptime_s": round(processes.age_s(node.started), 1) if alive else None,
        "memory_kib": processes.resident_kib(node.pid) if alive else None, "sees": None,
        "outbox": None,
    }


def ask_all(cluster, state, rows):
    """Of each node what it says of its peers and, if it is a host, of its outbox; None where it cannot say it."""

    def ask(question):
        row, words, wanted = question
        if row["state"] in ("stopped", "paused"):
            return None
        command = [cluster.program, "remote", row["name"], *words, "--json", "--dir", str(state.folder), "--timeout", str(ASK_S)]
        try:
            asked = subprocess.run(command, capture_output=True, text=True, timeout=ASK_S + 2.0, check=False)
            return wanted(json.loads(asked.stdout)) if asked.returncode == 0 else None
        except (OSError, subprocess.TimeoutExpired, ValueError, KeyError, TypeError):
            return None

    hosts = [row for row in rows if row["role"] == cluster_nodes.HOST]
    questions = [(row, ["nodes"], lambda answer: answer["nodes"]) for row in rows]
    questions += [(row, ["outbox", "status"], outbox_of) for row in hosts]
    with concurrent.futures.ThreadPoolExecutor(ASKED_AT_ONCE) as pool:
        answers = list(pool.map(ask, questions))
    outboxes = dict(zip((row["name"] for row in hosts), answers[len(rows):]))
    return [(seen, outboxes.get(row["name"])) for row, seen in zip(rows, answers)]


def outbox_of(answer):
    """What people look for in a host's outbox: how much waits, for whom, and whether it goes."""
    names = ("status", "target", "last_error")
    return {"waiting": answer["size"], "dead": answer["dead"]} | {name: answer[name] for name in names}


def show(rows):
    print(f"{'node':<20} {'state':<10} {'pid':>8} {'up':>8} {'memory':>9}  {'links':<6} address")
    for row in rows:
        alive = row["pid"] is not None
        uptime = f"{row['uptime_s']:.0f} s" if alive else "-"
        memory = f"{row['memory_kib'] / 1024:.1f} MiB" if alive and row["memory_kib"] is not None else "-"
        word = paint(f"{row['state']:<10}", COLOURS[row["state"]])
        print(f"{short(row):<20} {word} {row['pid'] or '-':>8} {uptime:>8} {memory:>9}  "
              f"{row['link_port']:<6} {row['url']}/")


def show_links(rows, faults):
    """A row per node: whom it sees, in the columns of the others' numbers."""
    cut = {(fault["from"], fault["to"]) for fault in faults if fault["cut"]}
    print(f"\n{'sees':<24}" + "".join(f"{number + 1:>5}" for number in range(len(rows))))
    for number, row in enumerate(rows):
        cells = "".join(cell(row, other, cut) for other in rows)
        print(f"{number + 1:>2} {short(row):<20} {cells}{strangers(row, rows)}")
    for fault in faults:
        print(paint(f"   {cluster_faults.described(fault)}", YELLOW))


def show_outboxes(rows):
    hosts = [row for row in rows if row["role"] == cluster_nodes.HOST]
    if hosts:
        print(f"\n{'outbox':<20} {'waiting':>8} {'dead':>6}  {'status':<10} target")
    for row in hosts:
        box = row["outbox"]
        if box is None:
            print(f"{short(row):<20} {'?':>8} {'?':>6}  ?")
            continue
        waiting = paint(f"{box['waiting']:>8}", YELLOW) if box["waiting"] else f"{0:>8}"
        dead = paint(f"{box['dead']:>6}", RED) if box["dead"] else f"{0:>6}"
        target = (box["target"] or "-").partition("@")[0]
        error = f"  ({box['last_error']})" if box["last_error"] else ""
        print(f"{short(row):<20} {waiting} {dead}  {box['status']:<10} {target}{error}")


def cell(row, other, cut):
    if row is other:
        return f"{'.':>5}"
    if row["sees"] is None:
        return f"{'?':>5}"
    if any(peer.get("name") == other["name"] for peer in row["sees"]):
        return paint(f"{'yes':>5}", GREEN)
    is_cut = (short(row), short(other)) in cut or (short(other), short(row)) in cut
    return paint(f"{'cut' if is_cut else 'no':>5}", RED)


def strangers(row, rows):
    """Nodes that this script did not start."""
    known = {other["name"] for other in rows}
    names = [str(peer.get("name")) for peer in row["sees"] or [] if peer.get("name") not in known]
    return f"   and {', '.join(names)}" if names else ""


def short(row):
    return row["name"].partition("@")[0]
