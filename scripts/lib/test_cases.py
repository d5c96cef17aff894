"""Finds the test cases in a source, doctest's or unittest's, and says of each whether it can fail and is run."""

import ast
import dataclasses
import re

import layers

MACRO = re.compile(r"\b(?:DOCTEST_)?(?:TEST_CASE(?:_\w+)?|SCENARIO(?:_\w+)?)\s*\(")
# CHECK(true) is no assertion; WARN never fails.
ASSERTION = re.compile(r"\b(?:DOCTEST_)?(?:CHECK|REQUIRE)(?:_\w+)?\s*\((?!\s*true\s*\))|\bRC_ASSERT\w*\s*\(")
SWITCH_OFF = re.compile(r"\b(?:skip|may_fail|should_fail|expected_failures)\b")
SWITCHED_OFF = re.compile(r"^[ \t]*#[ \t]*if[ \t]+0\b.*?^[ \t]*#[ \t]*(?:endif|else|elif)\b", re.DOTALL | re.MULTILINE)
TOKEN = re.compile(
    r'(?P<comment>//[^\n]*|/\*.*?\*/)|R"(?P<mark>[^()\s\\]{0,16})\((?P<raw>.*?)\)(?P=mark)"'
    r'|"(?P<text>(?:\\.|[^"\\\n])*)"|(?P<space>\s+)|(?P<other>.)', re.DOTALL)
CLOSING = {"(": ")", "{": "}"}


@dataclasses.dataclass
class TestCase:
    name: str
    path: str
    line: int
    asserts: bool
    decorator: str  # That keeps it from failing the run, such as "skip"; "" if there is none.


def read(path, text):
    """The test cases of a source in their order. Those in comments and behind #if 0 are none."""
    code = SWITCHED_OFF.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), layers.without_comments(text))
    found = []
    for match in MACRO.finditer(code):
        end = closing(code, match.end() - 1)
        arguments = code[match.end():end]
        name = name_in(text[match.end():end])
        if name is None:
            continue  # A name made by a macro; it cannot stand for a case of a catalogue.
        decorator = SWITCH_OFF.search(arguments)
        found.append(TestCase(name, path, code.count("\n", 0, match.start()) + 1,
                              bool(ASSERTION.search(body_after(code, end))), decorator[0] if decorator else ""))
    return found


def read_python(path, text):
    """The test methods of a source that say in their docstring which case they are."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test") and ast.get_docstring(node):
            name = " ".join(ast.get_docstring(node).split("\n\n")[0].split())
            calls = [call.func for call in ast.walk(node) if isinstance(call, ast.Call)]
            named = [func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "") for func in calls]
            asserts = any(word.startswith(("assert", "fail", "expect", "wait_for", "await_")) for word in named)
            off = [d for d in node.decorator_list if "expectedFailure" in ast.dump(d) or "'skip'" in ast.dump(d)]
            found.append(TestCase(name, path, node.lineno, asserts, "skip" if off else ""))
    return found


def closing(code, opening):
    """Where the bracket that opens at `opening` is closed; the end of the code if it never is."""
    left, right = code[opening], CLOSING[code[opening]]
    depth = 0
    for match in re.finditer(re.escape(left) + "|" + re.escape(right), code[opening:]):
        depth += 1 if match[0] == left else -1
        if depth == 0:
            return opening + match.start()
    return len(code)


def body_after(code, end):
    match = re.compile(r"\)\s*\{").match(code, end)
    return code[match.end() - 1:closing(code, match.end() - 1)] if match else ""


def name_in(arguments):
    """The first text of a macro's arguments, with the texts that follow it at once joined to it."""
    parts = []
    for token in TOKEN.finditer(arguments):
        if token["text"] is not None:
            parts.append(re.sub(r"\\(.)", r"\1", token["text"]))
        elif token["raw"] is not None:
            parts.append(token["raw"])
        elif parts and token["other"]:
            break
    return "".join(parts) if parts else None
