"""`scripts/cluster scenario`: scripted stories with real processes, on a cluster of their own, and whether what is promised held."""

import contextlib
import http.client
import json
import signal

import scenario_browsers
import scenario_checks
from scenario_pressure import Line, Pressing, made
from scenario_reader import Reader
from scenario_stage import Report, Stage, wait_until
from scenario_stories import H1, HOSTS, OWNER, SETTINGS, STORIES
from terminal import Failure

EVENTS = 500
EVENTS_MIN, EVENTS_MAX = 40, 5_000
# Whatever happens, a scenario ends. The slowest takes a fraction of that.
LIMIT_S = 900
POST = "hello"


class Play:
    """One telling of a story: its cluster, its lines of readers, its browsers."""

    def __init__(self, stage, with_browsers):
        self.stage = stage
        self.step = stage.report.step
        self.slugs = posts_of(stage)
        self.lines = [Line(stage, host, slug) for host in HOSTS for slug in self.slugs]
        self.has_browsers = with_browsers
        self.others = {}  # What browsers have done: {(kind, slug): count}.
        self._browsers = None
        self._ending = contextlib.ExitStack()

    def __enter__(self):
        return self

    def __exit__(self, *what):
        return self._ending.__exit__(*what)

    def lines_of(self, host):
        return [line for line in self.lines if line.host == host]

    def press(self, count):
        """So many readers, on both hosts and posts."""
        if count > 0:
            Pressing(self.lines, count).wait()

    @property
    def made(self):
        return made(self.lines)

    def told(self):
        """The likes of the first post, as the accumulator says."""
        answer = wait_until(lambda: self.stage.ask(OWNER, "call", self.stage.name(OWNER), "accumulator.get_blog_stats",
                                                   json.dumps({"slug": self.slugs[0]})), "the accumulator answers", 20.0)
        return answer["value"]["likes"]

    # --- browsers ---------------------------------------------------------------------------------

    def open_browsers(self):
        if self.has_browsers:
            self._browsers = self._ending.enter_context(
                scenario_browsers.Browsers(self.stage, HOSTS, f"/blog/{self.slugs[0]}"))
            self._note("visit", len(HOSTS))

    def like_in_browser(self, host):
        if self._browsers:
            self._browsers.tell(host, "like")
            self._note("like", 1)

    def comment_in_browser(self, host, text):
        """It is shown to the other reader, too, while the nodes are linked."""
        if self._browsers:
            self._browsers.tell(host, "comment", text=text)
            self._note("comment", 1)

    def browsers_read(self, text):
        if self._browsers:
            self._browsers.read(text)

    def browsers_see(self, likes):
        if self._browsers:
            self._browsers.see(likes)

    def are_live(self):
        if self._browsers:
            self._browsers.are_live()

    def _note(self, kind, count):
        key = (kind, self.slugs[0])
        self.others[key] = self.others.get(key, 0) + count

    # --- the end ----------------------------------------------------------------------------------

    def check(self):
        """A last like is shown everywhere, and everything is as promised."""
        with self.step("a last like is shown on all pages") as tell:
            before = self.told()
            self.lines_of(H1)[0].press(1, ("like",))
            wait_until(lambda: self.told() == before + 1, lambda: f"{self.told()} likes, expected {before + 1}", 20.0)
            tell(f"{before + 1} likes of {self.slugs[0]}")
            self.browsers_see(before + 1)
        if self._browsers:
            loads = self._browsers.loads()
            self.stage.report.check("pages are live again without a reload", all(count == 1 for count in loads.values()),
                                    ", ".join(f"{host} loaded {count} times" if count > 1 else f"{host} loaded once"
                                              for host, count in loads.items()))
        scenario_checks.wait_drained(self.stage, HOSTS)
        scenario_checks.check_all(self.stage, self.lines, self.others, OWNER, HOSTS)


def posts_of(stage):
    """Two posts of the blog: the one that everybody knows, and another."""
    try:
        text = Reader(stage.port(H1)).open("/sitemap.xml")
    except (OSError, http.client.HTTPException) as error:
        raise Failure(f"{H1} does not tell its posts: {error or type(error).__name__}") from error
    slugs = sorted({part.partition("<")[0] for part in text.split("/blog/")[1:]})
    if len(slugs) < 2:
        raise Failure(f"the blog has {len(slugs)} posts, a scenario takes two; add one to content/posts")
    return sorted(slugs, key=lambda slug: slug != POST)[:2]


def scenario(arguments):
    """0: everything held; 1: something did not, or the story could not be told."""
    if arguments.name is None:
        for name, story in STORIES.items():
            print(f"{name:<20} {story.__doc__}")
        return 0
    with_browsers = not arguments.no_browser
    if with_browsers and (what := scenario_browsers.missing()):
        raise Failure(what)
    report = Report(arguments.name, arguments.json)
    with bounded():
        report.headline(f"scenario {arguments.name}: {arguments.events} events, "
                        f"{'two browsers' if with_browsers else 'no browsers'}\n     at      took")
        try:
            tell(arguments, report, with_browsers)
        except (Failure, OSError, http.client.HTTPException) as failure:
            report.check("the story could be told to its end", False, str(failure) or type(failure).__name__)
    if arguments.json:
        print(json.dumps(report.described() | {"events": arguments.events, "browsers": with_browsers}, indent=2))
    held = sum(check.held for check in report.checks)
    report.headline(f"{held} of {len(report.checks)} checks hold, {report.seconds:.1f} s")
    return 0 if report.has_held else 1


def tell(arguments, report, with_browsers):
    with contextlib.ExitStack() as ending:
        with report.step("two hosts and an accumulator start") as more:
            stage = ending.enter_context(Stage(report, arguments.preset, SETTINGS.get(arguments.name, [])))
            more(f"ports {', '.join(str(stage.port(node)) for node in (*HOSTS, OWNER))}")
        play = ending.enter_context(Play(stage, with_browsers))
        STORIES[arguments.name](play, arguments.events)
        play.check()


@contextlib.contextmanager
def bounded():
    """Ends what takes too long, and lets SIGTERM and SIGHUP clean up as Ctrl-C does."""

    def late(*_):
        raise Failure(f"the scenario has not ended after {LIMIT_S} s")

    before = {number: signal.signal(number, signal.default_int_handler) for number in (signal.SIGTERM, signal.SIGHUP)}
    before[signal.SIGALRM] = signal.signal(signal.SIGALRM, late)
    signal.alarm(LIMIT_S)
    try:
        yield
    finally:
        signal.alarm(0)
        for number, handler in before.items():
            signal.signal(number, handler)
