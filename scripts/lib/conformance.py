"""Holds the tests against the catalogues of cases they are to cover, and writes the tables of docs/."""

import dataclasses
import pathlib
import re

import catalogue
import test_cases

# A rule (D40) or an invariant (I6) of the semantics: a test may be named after one, too.
RULE = re.compile(r"[DI][1-9]\d*")
BEGINS_WITH_ID = re.compile(rf"({catalogue.ID})(?![\w-])")


@dataclasses.dataclass
class Document:
    source: str  # The catalogue.
    target: str  # The table made from it and the tests.
    title: str
    about: str


DOCUMENTS = [
    Document("tests/supervision/otp_catalogue.md", "docs/otp-conformance.md", "OTP's cases and their tests",
             "What supervision, tasks, registries and servers promise is held against the cases of OTP's and Elixir's "
             "own test suites, and some of our own (`X…`). The [catalogue](../tests/supervision/otp_catalogue.md) "
             "says what each case is about."),
    Document("tests/net/distribution_catalogue.md", "docs/distribution-conformance.md",
             "The cases of distribution and their tests",
             "What links, status events, calls, groups and discovery promise is held against the cases of the suites of "
             "OTP, dns_cluster and libcluster, and some of our own (`SY…`). The "
             "[catalogue](../tests/net/distribution_catalogue.md) says what each case is about. Tests in Python run "
             "real processes."),
    Document("tests/pubsub/pubsub_catalogue.md", "docs/pubsub-conformance.md",
             "The cases of PubSub and presence and their tests",
             "What topics, trackers and presences promise is held against the cases of the suites of Phoenix.PubSub, "
             "Phoenix and the npm package phoenix. The [catalogue](../tests/pubsub/pubsub_catalogue.md) says what each "
             "case is about. Those of the client run the package itself against a server of ours."),
]


@dataclasses.dataclass
class Table:
    """One catalogue with the tests of its cases by id."""
    document: Document
    cases: list
    tests: dict

    def count(self, cases=None):
        """All, ported, adapted, not applicable, without a test; the last four add up to the first."""
        cases = self.cases if cases is None else cases
        without = missing(cases, self.tests)
        by = {verdict: sum(case.verdict == verdict and case not in without for case in cases) for verdict in "yan"}
        return len(cases), by["y"], by["a"], by["n"], len(without)


def look(root, documents=None):
    """The tables of a checkout, and what is wrong with its catalogues and tests as lines."""
    root = pathlib.Path(root)
    tests = find_tests(root)
    tables, problems = [], []
    for document in DOCUMENTS if documents is None else documents:
        try:
            text = (root / document.source).read_text(encoding="utf-8")
        except OSError as error:
            problems.append(f"{document.source}: cannot be read ({error.strerror}); {document.target} is made from it")
            continue
        cases, wrong = catalogue.read(text)
        problems += [f"{document.source}:{line}: {what}" for line, what in wrong]
        table = Table(document, cases, own_tests(document, tests))
        tables.append(table)
        problems += [f'{document.source}:{case.line}: {case.id} has no test; name one TEST_CASE("{case.id} …")'
                     for case in missing(cases, table.tests)]
    return tables, problems + shared_ids(tables) + wrong_tests(root, tests, {c.id for t in tables for c in t.cases})


def find_tests(root):
    """The tests whose names begin with what looks like an id, by id."""
    found = {}
    readers = {".cpp": test_cases.read, ".py": test_cases.read_python}
    for path in sorted(p for p in (root / "tests").rglob("*") if p.suffix in readers and "node_modules" not in p.parts):
        text = path.read_text(encoding="utf-8", errors="replace")
        for test in readers[path.suffix](path.relative_to(root).as_posix(), text):
            match = BEGINS_WITH_ID.match(test.name)
            if match:
                found.setdefault(match[1], []).append(test)
    return found


def own_tests(document, tests):
    """Those that mean this catalogue's cases: an id that may be a rule's as well is a case only beside the catalogue."""
    area = document.source.rpartition("/")[0] + "/"
    return {name: own for name, all_tests in tests.items()
            if (own := [t for t in all_tests if not RULE.fullmatch(name) or t.path.startswith(area)])}


def missing(cases, tests):
    return [case for case in cases if case.verdict != "n" and case.id not in tests]


def shared_ids(tables):
    owner, problems = {}, []
    for table in tables:
        for case in table.cases:
            source = table.document.source
            first = owner.setdefault(case.id, source)
            if first != source:
                problems.append(f"{source}:{case.line}: {case.id} is a case of {first} too; ids are unique")
    return problems


def wrong_tests(root, tests, known):
    problems = []
    for name in sorted(tests):
        for test in tests[name]:
            where = f'{test.path}:{test.line}: "{test.name}"'
            if name not in known and RULE.fullmatch(name):
                continue
            if name not in known:
                problems.append(f"{where} begins with {name}, which no catalogue has; correct or drop the id")
            elif not test.name.startswith(name + " "):
                problems.append(f'{where} has no space after {name}; write "{name} …"')
            if not test.asserts:
                problems.append(f"{where} asserts nothing; its own body needs a CHECK or REQUIRE, a helper's is not seen")
            if test.decorator:
                problems.append(f"{where} has the decorator {test.decorator}; a case that cannot fail is not covered")
    for path in sorted({test.path for cases in tests.values() for test in cases}):
        if not is_built(root, path):
            problems.append(f"{path}: is in no CMakeLists.txt that is built; add it there, or its tests are never run")
    return problems


def is_built(root, path):
    """Whether a CMakeLists.txt below tests/ names it, or a Python module by its stem, and that file's folder is named above in turn."""
    source = root / path
    if source == root / "tests":
        return True
    for folder in source.parents:
        name = source.relative_to(folder)
        # run.py is given modules by name.
        if {name.as_posix(), name.with_suffix("").as_posix()} & set(cmake_words(folder / "CMakeLists.txt")):
            return is_built(root, folder.relative_to(root))
        if folder == root / "tests":
            return False
    return False


def cmake_words(path):
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    return re.split(r'[\s()"]+', re.sub(r"#[^\n]*", "", text))


def stale(root, tables):
    problems = []
    for table in tables:
        path = pathlib.Path(root) / table.document.target
        if not path.is_file() or path.read_text(encoding="utf-8") != render(table):
            problems.append(f"{table.document.target}: is not up to date; run scripts/conformance")
    return problems


def write(root, tables):
    for table in tables:
        path = pathlib.Path(root) / table.document.target
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(render(table), encoding="utf-8")


# --- the document -------------------------------------------------------------------------------------


def render(table):
    sections = {}
    for case in table.cases:
        sections.setdefault(case.section, []).append(case)
    lines = [f"# {table.document.title}", "", "<!-- Made by scripts/conformance; changes by hand are lost. -->", "",
             table.document.about, "",
             "*Ported*: tested as it is. *Adapted*: tested in the form that C++ gives it. *Not applicable*: the case "
             "is about something that does not exist here.", "",
             "| section | cases | ported | adapted | not applicable | without a test |", "|---|---|---|---|---|---|"]
    lines += [counts_row(section, table.count(cases)) for section, cases in sections.items()]
    lines.append(counts_row("**all**", table.count()))
    for section, cases in sections.items():
        lines += ["", f"## {section}", "", "| id | case | status | tests |", "|---|---|---|---|"]
        lines += [case_row(case, table.tests.get(case.id, []), table.document.target) for case in cases]
    return "\n".join(lines) + "\n"


def counts_row(name, counts):
    return f"| {name} | {' | '.join(str(count) for count in counts)} |"


def case_row(case, tests, target):
    status = {"y": "ported", "a": "adapted", "n": "not applicable"}[case.verdict]
    status += f": {case.note}" if case.note else ""
    if case.verdict == "n" and tests:
        status += " (tested nevertheless)"
    elif case.verdict != "n" and not tests:
        status = "**without a test**, to be " + status
    up = "../" * target.count("/")
    named = [f"{cell(test.name)} ([{test.path.rpartition('/')[2]}]({up}{test.path}))" for test in tests]
    return f"| {case.id} | {case.name} | {status} | {'<br>'.join(named) or '–'} |"


def cell(text):
    return " ".join(text.replace("|", "\\|").replace("<", "&lt;").split())
