"""Log lines that operators meet: which of them the documentation does not explain."""

import re

# Areas whose every line, from info on, is explained below docs/operating.
AREAS = {"net", "discovery", "rpc", "pg", "pubsub", "presence"}

CALL = re.compile(r"\blog(?:\(\)|_)?(?:\.|->)(info|warn|error|critical|write)\(")
LITERAL = re.compile(r'"((?:[^"\\]|\\.)*)"')
# Between the parts of a text that is longer than a line.
PARTS = re.compile(r'"\s*\n\s*"')
AREA = re.compile(r'\barea\s*(?:=|\{)\s*"([a-z]+)"')
DEBUG = "log_level::debug"
EXPLAINED = re.compile(r"`([^`\n]+)`")
# A line may be shortened where it is explained, but not to a word or two.
SHORT = 15


def lines_of(source):
    """(area, text) of each line that a source writes with a text of its own."""
    named = AREA.search(source)
    for call in CALL.finditer(source):
        words = source[call.end():].partition("{{")[0].partition(");")[0]
        if DEBUG in words:
            continue
        texts = LITERAL.findall(PARTS.sub("", words))
        if named and re.search(r"\barea\b", words):
            texts.insert(0, named.group(1))
        if len(texts) >= 2:
            yield texts[0], texts[1]


def unexplained(sources, pages):
    """[(file, text)] of `sources` {file: source} that no page of `pages` has as `text`, or as a beginning of it."""
    known = {span for page in pages for span in EXPLAINED.findall(page)}
    return [(file, text) for file, source in sorted(sources.items()) for area, text in lines_of(source)
            if area in AREAS and text not in known
            and not any(len(span) >= SHORT and text.startswith(span) for span in known)]
