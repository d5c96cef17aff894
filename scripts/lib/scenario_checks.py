"""What must hold at the end of a scenario: asked of the hosts, and read in a copy of the accumulator's database."""

import collections
import sqlite3

from scenario_stage import wait_until
from terminal import Failure

# What waited is sent within seconds of the links' return; a link returns within 20 s where nobody answered for a while.
DRAINED_S = 60.0


class Found:
    """What the accumulator has: in the order in which it was applied, as rows are numbered when they are made."""

    def __init__(self, stage, owner):
        copy = stage.folder / "found.db"
        copy.unlink(missing_ok=True)
        if stage.ask(owner, "store-backup", str(copy)) is None:
            raise Failure(f"{owner} does not copy its database; see {stage.folder / owner / 'log'}")
        with sqlite3.connect(f"file:{copy}?mode=ro", uri=True) as database:
            self.likes = database.execute("SELECT slug, visitor FROM blog_likes ORDER BY rowid").fetchall()
            self.comments = database.execute("SELECT slug, content, id FROM blog_comments ORDER BY rowid").fetchall()
            self.visits = database.execute("SELECT subject, visitor FROM visits ORDER BY rowid").fetchall()
            self.seen = {row[0] for row in database.execute("SELECT id FROM seen_events")}
            self.totals = {slug: {"like": likes, "visit": visits, "comment": comments} for slug, likes, visits, comments
                           in database.execute("SELECT slug, likes, visits, comments FROM post_totals")}
        database.close()

    def of(self, kind, slug):
        """What tells the events of a kind and a post apart, in order: visitors, or the texts of comments."""
        if kind == "like":
            return [visitor for row, visitor in self.likes if row == slug]
        if kind == "comment":
            return [text for row, text, _ in self.comments if row == slug]
        return [visitor for subject, visitor in self.visits if subject.endswith(slug)]


def mark_of(event):
    return event.text if event.kind == "comment" else event.visitor


def wait_drained(stage, hosts):
    """Until nothing waits on any host."""

    def state(host):
        answer = stage.outbox(host)
        return f"{host} {answer['size']} waiting, {answer['status']}" if answer else f"{host} does not answer"

    for host in hosts:
        wait_until(lambda host=host: (answer := stage.outbox(host)) and answer["size"] == 0 and answer["direct"] == 0,
                   lambda host=host: f"the outbox empties: {state(host)}", DRAINED_S)


def check_all(stage, lines, others, owner, hosts):
    """`others`: events made by browsers, as {(kind, slug): how many}."""
    found = Found(stage, owner)
    check_accepted(stage.report, lines)
    check_once(stage.report, lines, others, found)
    check_order(stage.report, lines, found)
    check_outboxes(stage, hosts)


def check_accepted(report, lines):
    refused = collections.Counter(event.kind for line in lines for event in line.refused())
    report.check("hosts accept what readers do", not refused,
                 ", ".join(f"{count} {kind}s were refused" for kind, count in sorted(refused.items()))
                 or f"{sum(len(line.accepted()) for line in lines)} events")


def check_once(report, lines, others, found):
    wrong, counts = [], collections.Counter()
    for kind, slug in sorted({(event.kind, event.slug) for line in lines for event in line.events} | set(others)):
        here = [line for line in lines if line.slug == slug]
        accepted = {mark_of(event) for line in here for event in line.accepted(kind)}
        unknown = {mark_of(event) for line in here for event in line.unknown(kind)}
        applied = found.of(kind, slug)
        lost = accepted - set(applied)
        twice = [mark for mark, times in collections.Counter(applied).items() if times > 1]
        strange = len(set(applied) - accepted - unknown) - others.get((kind, slug), 0)
        total = found.totals.get(slug, {}).get(kind, 0)
        wrong += [f"{len(lost)} {kind}s of {slug} lost"] if lost else []
        wrong += [f"{len(twice)} {kind}s of {slug} twice"] if twice else []
        wrong += [f"{strange:+} {kind}s of {slug} that nobody made"] if strange else []
        wrong += [f"{slug} tells {total} {kind}s and has {len(applied)}"] if total != len(applied) else []
        counts[kind] += len(accepted)
        counts["unknown"] += len(unknown)
    told = ", ".join(f"{counts[kind]} {kind}s" for kind in ("like", "visit", "comment") if counts[kind])
    told += f"; {counts['unknown']} without an answer, each applied once or not at all" if counts["unknown"] else ""
    report.check("every accepted event is applied once", not wrong, "; ".join(wrong) or told)


def check_order(report, lines, found):
    wrong, compared = [], 0
    for line in lines:
        for kind in ("like", "comment"):
            made = [mark_of(event) for event in line.events if event.kind == kind]
            mine = set(made)
            applied = [mark for mark in found.of(kind, line.slug) if mark in mine]
            compared += len(applied)
            if applied != [mark for mark in made if mark in set(applied)]:
                wrong.append(f"{kind}s of {line.slug} from {line.host}")
    report.check("order is kept per host and post", not wrong,
                 f"not that of {', '.join(wrong)}" if wrong else f"{compared} likes and comments in {len(lines)} lines")


def check_outboxes(stage, hosts):
    states = {host: stage.outbox(host) for host in hosts}
    for name, key in (("outboxes are empty", "size"), ("there are no dead letters", "dead")):
        numbers = {host: state[key] if state else None for host, state in states.items()}
        stage.report.check(name, not any(value != 0 for value in numbers.values()),
                           ", ".join(f"{host} {'?' if value is None else value}" for host, value in numbers.items()))
    lost = {host: state["lost"] + state["dropped"] + state["rejected"] if state else None for host, state in states.items()}
    stage.report.check("nothing was dropped, rejected or lost", not any(value != 0 for value in lost.values()),
                       ", ".join(f"{host} {'?' if value is None else value}" for host, value in lost.items()))
