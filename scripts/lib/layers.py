"""The include graph and the calls of src/, checked against the tables of source_rules.py."""

import fnmatch
import re

import source_rules as rules
import unordered

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^">]+)[">]')
SOURCES = (".hpp", ".cpp")


def check(root):
    """All violations below root, as lines in the order of the files."""
    src = root / "src"
    found = []
    graph = {}
    code = {}
    for path in sources(src):
        name = path.relative_to(src).as_posix()
        text = path.read_text(encoding="utf-8", errors="replace")
        graph[name] = []
        code[name] = without_comments(text)
        for number, included, is_local in includes(text):
            where = f"src/{name}:{number}: "
            if is_local:
                graph[name].append(included)
                found += [where + problem for problem in local_problems(src, name, included)]
            else:
                found += [where + problem for problem in library_problems(name, included)]
        found += [f"src/{name}:{line}" for line in call_problems(name, code[name], rules.PORT_CALLS)]
    found += ["src/" + problem for problem in unordered.problems(code, graph, rules.UNORDERED_LOOPS)]
    found += cycles(graph)
    tests = root / "tests"
    for path in sources(tests) if tests.is_dir() else []:
        name = path.relative_to(tests).as_posix()
        text = path.read_text(encoding="utf-8", errors="replace")
        found += [f"tests/{name}:{line}" for line in call_problems(name, without_comments(text), rules.TEST_CALLS)]
    return found


def sources(folder):
    return sorted(path for path in folder.rglob("*") if path.suffix in SOURCES and path.is_file())


def includes(text):
    for number, line in enumerate(text.splitlines(), 1):
        match = INCLUDE.match(line)
        if match:
            yield number, match[2], match[1] == '"'


def area_of(name):
    """The layer a file of src/ belongs to: "web/template", "web", "main.cpp"; None outside the table."""
    fitting = [area for area in rules.LAYERS if name == area or name.startswith(area + "/")]
    return max(fitting, key=len, default=None)


def app_of(name):
    parts = name.split("/")
    return parts[1] if parts[0] == "apps" and len(parts) > 2 else None


def local_problems(src, name, included):
    # Headers made from templates have their name: "views/cart.heex.hpp" from views/cart.heex.
    made_from = included[: -len(".hpp")] if included.endswith(".heex.hpp") else included
    if included.startswith(".") or not (src / made_from).is_file():
        return [f'"{included}" is no file below src/; write includes from there, as in "base/result.hpp"']
    mine, theirs = area_of(name), area_of(included)
    if mine is None:
        return [f"src/{name} belongs to no layer; add its folder to LAYERS in scripts/lib/source_rules.py"]
    if theirs is None:
        return [f'"{included}" belongs to no layer; add its folder to LAYERS in scripts/lib/source_rules.py']
    if mine == theirs:
        stranger = app_of(included)
        if stranger not in (None, app_of(name)) and not included.endswith("/" + rules.APP_CONTRACTS):
            return [f'"{included}" is inside another application, which is known by its {rules.APP_CONTRACTS} only']
        return []
    # A folder may use the folder it lies in only if the table says so, like any other.
    if theirs not in rules.LAYERS[mine]:
        allowed = ", ".join(sorted(rules.LAYERS[mine])) or "nothing else"
        return [f'"{included}": {mine} may not know {theirs}; it may include from {allowed}']
    return []


def library_problems(name, included):
    for start, allowed, reason in rules.LIBRARIES:
        if included.startswith(start):
            if not matches(name, allowed):
                return [f"<{included}> belongs in {', '.join(allowed)} only: {reason}"]
            return []
    return []


def matches(name, patterns):
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def call_problems(name, code, table):
    """Of the text of a file without its comments."""
    for what, pattern, exceptions in table:
        if matches(name, [files for files, _ in exceptions]):
            continue
        for match in re.finditer(pattern, code):
            line = code.count("\n", 0, match.start()) + 1
            said = " ".join(match[0].split())
            ports = ", ".join(files for files, _ in exceptions)
            yield f"{line}: {said} {what}" + (f"; only its ports may: {ports}" if ports else "")


def without_comments(text):
    """The same text with comments and the insides of literals blanked out, so that line numbers stay."""
    pattern = re.compile(
        r'//[^\n]*|/\*.*?\*/|R"(?P<mark>[^()\s\\]{0,16})\(.*?\)(?P=mark)"|"(?:\\.|[^"\\\n])*"'
        r"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])*'", re.DOTALL)
    return pattern.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)


def cycles(graph):
    """Headers that include each other in a ring, each ring once."""
    found = []
    state = {}  # 1: on the current path, 2: done.

    def visit(name, path):
        state[name] = 1
        for included in graph.get(name, []):
            if state.get(included) == 1:
                ring = path[path.index(included):] + [included]
                found.append(f"src/{name}:1: includes in a ring: {' -> '.join(ring)}; move what both need to a third file")
            elif included in graph and included not in state:
                visit(included, path + [included])
        state[name] = 2

    for name in graph:
        if name not in state:
            visit(name, [name])
    return found
