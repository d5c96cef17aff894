"""Finds loops over unordered containers: whatever is sent, logged or written in their order is not reproducible."""

import re

DECLARED = re.compile(r"\bstd::unordered_(?:multi)?(?:map|set)\s*<")
ALIAS = re.compile(r"\busing\s+(\w+)\s*=\s*$")
# A variable of the same name whose type has an order.
ORDERED = (r"\b(?:std::)?(?:vector|deque|list|array|span|map|set|multimap|multiset|initializer_list)\s*<[^;{{}}()]*>\s*[&*]?\s*"
           r"{name}\s*[;={{,)\[(]")
NAME = re.compile(r"\s*[*&]?\s*(\w+)\s*(?:[;={,)\[]|$)")
# A loop over all of it; one that begins at a found place (`find`, `equal_range`) follows what was looked for.
LOOPS = (r"\bfor\s*\([^;{{}}]*?:\s*(?:\*?this->|\w+(?:\.|->))*{name}\s*\)",
         r"(?:\w+(?:\.|->))*\b{name}\s*(?:\.|->)\s*c?begin\s*\(")


def names_in(code):
    """The variables, and what functions return, of an unordered type that a source declares; aliases are followed."""
    found, aliases = set(), set()
    for match in DECLARED.finditer(code):
        end = after_angle(code, match.end() - 1)
        alias = ALIAS.search(code, 0, match.start())
        if alias:
            aliases.add(alias[1])
        else:
            named(code, end, found)
    for alias in sorted(aliases):
        for match in re.finditer(rf"\b{alias}\b", code):
            end = match.end()
            named(code, after_angle(code, end) if code[end:end + 1] == "<" else end, found)
    return found - aliases


def named(code, end, found):
    name = NAME.match(code, end)
    if name:
        found.add(name[1])


def after_angle(code, opening):
    """Behind the bracket that closes the one at `opening`."""
    depth = 0
    for at in range(opening, len(code)):
        if code[at] == "<":
            depth += 1
        elif code[at] == ">" and code[at - 1] != "-":
            depth -= 1
            if depth == 0:
                return at + 1
    return len(code)


def is_ordered_here(code, name):
    return re.search(ORDERED.format(name=re.escape(name)), code) is not None


def loops(code, names):
    """(line, container) of every loop over one of the names, in the order of the lines."""
    found = []
    for name in names:
        for pattern in LOOPS:
            found += [(code.count("\n", 0, match.start()) + 1, name)
                      for match in re.finditer(pattern.format(name=re.escape(name)), code)]
    return sorted(set(found))


def problems(sources, graph, allowed):
    """Of {file: code without comments}: a loop counts where the name was declared in the file or in what it includes."""
    declared = {name: names_in(code) for name, code in sources.items()}
    fine = {(file, container) for file, container, _ in allowed}
    found = []
    for name, code in sources.items():
        inherited = set().union(*(declared.get(included, set()) for included in graph.get(name, [])))
        known = declared[name] | {container for container in inherited if not is_ordered_here(code, container)}
        found += [f"{name}:{line}: loops over {container}, which is unordered; use an ordered container, sort first, or "
                  "name it in UNORDERED_LOOPS of scripts/lib/source_rules.py with the reason"
                  for line, container in loops(code, known) if (name, container) not in fine]
    return found
