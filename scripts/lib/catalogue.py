"""Reads a catalogue of test cases, in Markdown, one line per case. Sections are its second-level headings.

A case is a row of a table whose header begins with "id, case" and has a column "C++" for the verdict

    | A05 | ignored start of a template | given / when / then | a: template = dynamic supervisor | S97 |

or an item of a list, where the verdict is a capital and what there is to say about it stands last, in brackets:

    - PS10 A "pool size": given pool 4, then 4 workers exist. (inspect our own counters) D118

Verdicts: y or P portable, a or A with an adaptation, n or N not applicable. The last two must say how, or why.
"""

import dataclasses
import re

ID = r"[A-Z]{1,2}\d{1,3}"
ROW = re.compile(rf"\|\s*{ID}\s*\|")
ITEM = re.compile(rf"- ({ID}) (?:([PAN]) )?(.*)")
# "name": text, where the name may hold quoted colons.
NAMED = re.compile(r'((?:"[^"]*"|[^":])+)(?:: +(.*))?')
# The rules a case is about stand behind it: D95–D98, I4.
RULES = re.compile(r"\s+(?:[A-Z]{1,2}\d+[\s,–]*)+$")
LAST_BRACKETS = re.compile(r"\(([^()]*)\)\.?$")
VERDICTS = {"y": "y", "a": "a", "n": "n", "P": "y", "A": "a", "N": "n"}
NEEDS_NOTE = {"a": "adapted, but not how", "n": "not applicable, but not why"}


@dataclasses.dataclass
class Case:
    id: str
    name: str
    verdict: str  # y, a or n
    note: str
    section: str
    line: int


def read(text):
    """The cases of a catalogue in their order, and what is wrong with it as (line, problem)."""
    cases, problems = [], []
    section, columns = "", []
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("## "):
            section = line[3:].strip()
        if not line.startswith("|"):
            columns = []
        elif not columns:
            columns = cells_of(line)
        try:
            case = case_of(line, columns)
        except ValueError as error:
            problems.append((number, str(error)))
            continue
        if case:
            cases.append(Case(*case, section, number))
    return cases, problems + doubles(cases) + gaps(cases)


def cells_of(line):
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def case_of(line, columns):
    """(id, name, verdict, note) of a line, None if it is no case. Raises ValueError for half a case."""
    if ROW.match(line):
        case = of_row(cells_of(line), columns)
    elif columns[:1] == ["id"] and line.startswith("|") and cells_of(line)[0].strip("-:") not in ("", "id"):
        raise ValueError(f'"{cells_of(line)[0]}" is no id; write one or two capitals and a number, as in A05')
    elif ITEM.match(line):
        case = of_item(*ITEM.match(line).groups())
    else:
        return None
    if case[2] in NEEDS_NOTE and not case[3]:
        raise ValueError(f"{case[0]} says it is {NEEDS_NOTE[case[2]]}; add a few words")
    return case


def of_row(cells, columns):
    if columns[:2] != ["id", "case"] or "C++" not in columns or len(cells) != len(columns):
        raise ValueError(f"{cells[0]} has {len(cells)} cells below a header of {len(columns)} ({', '.join(columns)}); "
                         "a table of cases begins with id, case and has a column C++")
    mark, _, note = cells[columns.index("C++")].partition(":")
    if mark not in ("y", "a", "n"):
        raise ValueError(f'{cells[0]} has the verdict "{mark}"; write y, a: how, or n: why')
    return cells[0], cells[1], mark, note.strip()


def of_item(name, mark, rest):
    if mark is None:
        raise ValueError(f"{name} has no verdict; write P, A or N after the id")
    second = re.search(rf"\b({ID}) [PAN] ", rest)
    if second:
        raise ValueError(f"{name} shares its line with {second[1]}; give each a line of its own")
    rest = RULES.sub("", rest)
    title, text = NAMED.match(rest).groups() if NAMED.match(rest) else (rest, None)
    brackets = LAST_BRACKETS.search(rest)
    # Without brackets the text itself is the explanation.
    note = (brackets[1] if brackets else text or "").strip().rstrip(".")
    return name, re.sub(r'^"([^"]*)"$', r"\1", title.strip()), VERDICTS[mark], note


def doubles(cases):
    first = {}
    return [(case.line, f"{case.id} is there already, in line {first[case.id]}; ids are unique")
            for case in cases if first.setdefault(case.id, case.line) != case.line]


def gaps(cases):
    """Cases are counted on within a letter, so a lost line shows."""
    found = []
    numbers = {}
    for case in cases:
        numbers.setdefault(re.sub(r"\d", "", case.id), {})[int(re.sub(r"\D", "", case.id))] = case
    for letters, known in numbers.items():
        for number in set(range(1, max(known))) - set(known):
            after = known[min(other for other in known if other > number)]
            digits = len(after.id) - len(letters)
            lost = f"{letters}{number:0{digits}}"
            found.append((after.line, f"{lost} is missing before {after.id}; every case has its line"))
    return sorted(found)
