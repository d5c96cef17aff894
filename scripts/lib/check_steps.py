"""The steps of scripts/check. Each takes the scope and returns (problems, summary) or raises Skipped."""

import collections
import dataclasses
import re
import shutil
import subprocess
import typing

import check_compile
import conformance
import layers
import log_lines
import repository
import source_rules as rules
from cluster_state import ROOT

# More lines of one step's report would hide the others.
PROBLEMS_MAX = 40
SUBJECT_CHARACTERS_MAX = 60
# What files should stay below; longer ones are named, not refused.
LINES_AIM = {".hpp": 200, ".cpp": 400}


class Skipped(Exception):
    """The step cannot run here; the text says what is missing and how to get it."""


@dataclasses.dataclass
class Scope:
    full: bool
    all_files: list
    changed_files: list

    @property
    def chosen(self):
        return self.all_files if self.full else self.changed_files

    @property
    def word(self):
        return "all" if self.full else "changed"


@dataclasses.dataclass
class Step:
    name: str
    function: typing.Callable
    repeat: str = ""
    has_scope: bool = False


def need(tool, level="full"):
    if not shutil.which(tool):
        raise Skipped(f"{tool} is missing (install with scripts/setup {level})")
    return tool


def report(lines):
    lines = [line for line in lines if line]
    if len(lines) > PROBLEMS_MAX:
        lines = lines[:PROBLEMS_MAX] + [f"… and {len(lines) - PROBLEMS_MAX} more lines"]
    return lines


def run(command, **options):
    return subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                          check=False, **options)


def read(name):
    """The text of a file, or None for pictures and the like."""
    data = (ROOT / name).read_bytes()
    return None if b"\0" in data else data.decode("utf-8", "replace")


# --- text ---------------------------------------------------------------------------------------------


def check_format(scope):
    need("clang-format")
    files = [name for name in scope.all_files if repository.is_cpp(name)]
    result = run(["clang-format", "--dry-run", "-Werror", *files]) if files else None
    wrong = sorted(set(re.findall(r"^(\S+?):\d+:\d+: error", result.stdout, re.MULTILINE))) if files else []
    problems = [f"{name} is not formatted" for name in wrong]
    if files and result.returncode != 0 and not wrong:
        problems = result.stdout.splitlines()
    return report(problems), f"clang-format on {len(files)} files"


def check_heex(scope):
    """Templates are in the form that their compiler gives them. It is part of the program: built, or not looked at."""
    built = sorted(ROOT.glob("build/*/src/web/template/beamline_heex"), key=lambda path: path.stat().st_mtime)
    if not built:
        raise Skipped("beamline_heex is not built (scripts/test builds it)")
    files = [name for name in scope.all_files if name.endswith(".heex") and name.startswith(("src/", "examples/"))]
    result = run([built[-1], "format", "--check", *files]) if files else None
    problems = result.stdout.splitlines() if files and result.returncode != 0 else []
    return report(problems), f"beamline_heex on {len(files)} templates"


def check_layers(_scope):
    return report(layers.check(ROOT)), "includes and calls against the tables of scripts/lib/source_rules.py"


def check_cases(_scope):
    """Every case of a catalogue has its test, and the tables in docs/ say so."""
    tables, problems = conformance.look(ROOT)
    counted = ", ".join(f"{len(table.cases)} of {table.document.source}" for table in tables)
    return report(problems + conformance.stale(ROOT, tables)), f"cases with their tests: {counted}"


def check_text(scope):
    """Leftovers, paths of one machine, hosts of package sources, addresses in lock files."""
    problems = []
    long = collections.Counter()
    for name in scope.all_files:
        text = read(name)
        if text is None:
            continue
        for pattern, what in ((rules.LEFTOVERS, "is a leftover; do it, or open an issue"),
                              (rules.MACHINE_PATHS, "is a path of one machine; derive it from the script's own folder"),
                              (rules.PACKAGE_HOSTS, "names a package source; leave that to the machine's settings")):
            for match in re.finditer(pattern, text):
                problems.append(f'{name}:{line_of(text, match)}: "{match[0]}" {what}')
        if name.endswith("package-lock.json") and '"resolved"' in text:
            problems.append(f'{name}: has "resolved" addresses; make it anew with npm install --omit-lockfile-registry-resolved')
        if text and not text.endswith("\n") and repository.is_cpp(name):
            problems.append(f"{name}: does not end with a newline")
        for ending, aim in LINES_AIM.items():
            if name.startswith("src/") and name.endswith(ending) and text.count("\n") > aim:
                long[name] = text.count("\n")
    note = ", ".join(f"{name} {lines}" for name, lines in long.most_common(5))
    return report(problems), f"{len(scope.all_files)} files" + (f"; longer than the aim: {note}" if note else "")


def line_of(text, match):
    return text.count("\n", 0, match.start()) + 1


def check_scripts(scope):
    """Shell scripts pass shellcheck, Python and JavaScript compile."""
    shell, problems, counted = [], [], 0
    for name in scope.all_files:
        text = read(name) or ""
        first = text.partition("\n")[0]
        if first.startswith("#!") and re.search(r"\b(?:ba)?sh\b", first):
            shell.append(name)
        elif name.endswith(".py") or (first.startswith("#!") and "python3" in first):
            counted += 1
            try:
                compile(text, name, "exec", dont_inherit=True)
            except SyntaxError as error:
                problems.append(f"{name}:{error.lineno}: {error.msg}")
        elif name.endswith((".js", ".mjs")) and shutil.which("node"):
            counted += 1
            result = run(["node", "--check", name])
            problems += result.stdout.splitlines()[:6] if result.returncode else []
    if not shutil.which("shellcheck") and not problems:
        raise Skipped("shellcheck is missing (install with scripts/setup full)")
    if shutil.which("shellcheck") and shell:
        problems += run(["shellcheck", "--format=gcc", *shell]).stdout.splitlines()
    return report(problems), f"{len(shell)} shell scripts, {counted} Python and JavaScript files"


def check_logs(scope):
    """Operators find each line of the distributed parts explained."""
    sources = {name: (ROOT / name).read_text(encoding="utf-8") for name in scope.all_files
               if name.startswith("src/") and name.endswith(".cpp")}
    pages = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs" / "operating").glob("*.md"))]
    problems = [f'{name}: "{text}" is explained on no page of docs/operating (links.md, discovery.md)'
                for name, text in log_lines.unexplained(sources, pages)]
    lines = sum(area in log_lines.AREAS for source in sources.values() for area, _ in log_lines.lines_of(source))
    return report(problems), f"{lines} log lines of {', '.join(sorted(log_lines.AREAS))}"


def check_commit(_scope):
    subject = "".join(repository.git("log", "-1", "--format=%s"))
    if not subject:
        raise Skipped("no commit yet")
    problems = []
    if len(subject) > SUBJECT_CHARACTERS_MAX:
        problems.append(f'the first line has {len(subject)} characters, at most {SUBJECT_CHARACTERS_MAX}: "{subject}"; '
                        "git commit --amend")
    return problems, f'"{subject}"'


# --- compilers ----------------------------------------------------------------------------------------


def check_headers(scope):
    need("g++", "run")
    headers = [name for name in scope.chosen if repository.is_cpp(name) and name.endswith(".hpp")]
    problems, looked_at, left_out = check_compile.headers_alone(headers, scope.full)
    return report(problems), f"{scope.word} headers alone: {tally(headers, looked_at, left_out)}"


def check_tidy(scope):
    need("clang-tidy")
    sources = [name for name in scope.chosen if name.startswith("src/") and name.endswith(".cpp")]
    try:
        problems, looked_at, left_out = check_compile.tidy(sources, scope.full)
    except FileNotFoundError as error:
        raise Skipped(f"{error} is missing (made by: cmake --preset dev)") from error
    return report(problems), f"clang-tidy on {scope.word} sources: {tally(sources, looked_at, left_out)}"


def tally(files, looked_at, left_out):
    text = f"{looked_at} looked at, {len(files) - looked_at - left_out} unchanged since they passed"
    return text + (f", no time for {left_out} (run again, or with --full)" if left_out else "")


def check_times(_scope):
    """Never fails: where the build's minutes go."""
    for preset in ("dev", "release"):
        times = check_compile.build_times(ROOT / "build" / preset / ".ninja_log")
        if times:
            slowest = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in times[:10])
            minutes = sum(seconds for _, seconds in times) / 60
            return [], f"the {preset} build took {minutes:.1f} processor minutes; slowest: {slowest}"
    raise Skipped("no ninja build yet (cmake --preset dev && cmake --build --preset dev)")


STEPS = [
    Step("format", check_format, "scripts/format && git diff"),
    Step("heex", check_heex),
    Step("layers", check_layers, "scripts/check_layers"),
    Step("cases", check_cases, "scripts/conformance --check"),
    Step("text", check_text),
    Step("logs", check_logs),
    Step("scripts", check_scripts),
    Step("commit", check_commit, "git log -1"),
    Step("headers", check_headers, has_scope=True),
    Step("tidy", check_tidy, has_scope=True),
    Step("times", check_times),
]
