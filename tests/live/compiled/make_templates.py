"""Draws templates for compiled_test.cpp, and the table of them: the same ones at every build.

usage: make_templates.py OUT_DIR COUNT

Writes page_0.heex ... and all.cpp. Each template shows some members of `compiled::page` (pages.hpp) in texts and
attributes, under conditions, in loops, in the slots of function components (ui.heex) and in live components.
"""

import pathlib
import random
import re
import sys

SEED = 7
DEPTH = 4
SIZE_MIN, SIZE_MAX = 1000, 2500  # Of a template, in characters.

TRACKED = ["a", "b", "on", "open", "title", "name", "note", "rows", "tags", "author"]
MEMBERS = [*TRACKED, "plain"]

# What an expression of a kind may be; {r}, {t} and {n} are a row, a text and a number of a loop around it.
TEXTS = ["@title", "@name", "@note", "@author.name", "@author.mail", "{r}.text", "{t}", "@on ? @title : @name",
         '"n" + std::to_string(@a)', '"t" + @title + "-" + @name', "joined(@tags)", "[&] {{ return @title + @name; }}()",
         '@open ? "open" : "shut"', "{r}.text + @title", '@flash.empty() ? "" : @flash.begin()->second', "{t} + @name",
         "std::to_string({r}.id + @b)", '"constant"']
NUMBERS = ["@a", "@b", "@a + @b", "@rows.size()", "@tags.size()", "@plain", "{r}.id", "{n}", "{r}.id * @a", "{n} + @b",
           "@flash.size()", "1 + 1"]
CONDITIONS = ["@on", "@open", "!@on", "@a > 1", "@a == @b", "@on && @b > 1", "@on || @open", "@rows.empty()", "@note",
              "@tags.size() > 1", "@plain > 1", "@author.mail", "{r}.done", "{r}.id > @a", "{r}.text == @title",
              "{n} < 2", "!{t}.empty()", "@title.empty()", "@name != @title"]
ROWS = ["@rows", "@rows", "done_of(@rows)", "first(@rows, @a)"]
OTHER_LISTS = [("@tags", "t"), ("{r}.marks", "n"), ("up_to(@a)", "n"), ("up_to(@b)", "n"), ("{r}.marks", "n")]
ATTRIBUTES = ["title={{{text}}}", "class={{{{\"c\", {{\"on\", {condition_bool}}}, {condition_bool} ? \"d\" : nullptr}}}}",
              "class={{{condition_bool} ? \"x\" : \"y\"}}", "hidden={{{condition_bool}}}", "aria-busy={{{condition_bool}}}",
              "data-n={{{number}}}", "data-t={{\"t-\" + std::to_string({number})}}", "href={{\"/p/\" + std::to_string({number})}}",
              "style={{\"width: \" + std::to_string({number}) + \"px\"}}", "{{extra({number}, {condition_bool})}}",
              "lang={{{condition_bool} ? nullptr : \"en\"}}"]


def members_in(text):
    return {word for word in re.findall(r"@(\w+)", text) if word in MEMBERS}


class Scope:
    """What the loops around a place give, and what tells its copies apart: expressions, or None if nothing does."""

    def __init__(self, names=(), told_apart=()):
        self.names = tuple(names)
        self.told_apart = told_apart

    def within(self, kind, name, told_apart_by=None):
        apart = None if self.told_apart is None or told_apart_by is None else (*self.told_apart, told_apart_by)
        return Scope((*self.names, (kind, name)), apart)


class Drawn:
    """One template. Everything follows from the seed."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.names = 0
        size = 4 + self.below(4)
        # What stands in one loop or component with `plain` is evaluated at every render, so few have it.
        self.members = {"plain"} if self.chance(6) else set()
        while len(self.members) < size:
            self.members.add(TRACKED[self.below(len(TRACKED))])
        self.text = ""
        for _ in range(6 + self.below(4)):
            self.text += self.node(DEPTH - self.below(3), Scope()) + "\n"

    # Of the generator only `random()` is promised to give the same numbers in all versions of Python.
    def below(self, bound):
        return int(self.random.random() * bound)

    def chance(self, one_in):
        return self.below(one_in) == 0

    def pick(self, choices):
        return choices[self.below(len(choices))]

    def fresh(self, prefix):
        self.names += 1
        return f"{prefix}{self.names}"

    def expression(self, choices, scope):
        """One that uses the template's members only. Variables of loops are likelier."""
        usable = []
        for choice in choices:
            if not members_in(choice) <= self.members:
                continue
            kind = re.search(r"\{([rtn])\}", choice)
            if kind is None:
                usable.append(choice.replace("{{", "{").replace("}}", "}"))
            else:
                usable += [choice.replace("{" + kind[1] + "}", name) for of, name in scope.names if of == kind[1]] * 2
        return self.pick(usable) if usable else None

    def value(self, scope):
        return self.expression(TEXTS, scope) if self.chance(2) else self.number(scope)

    def number(self, scope):
        return self.expression(NUMBERS, scope)

    def condition(self, scope):
        return self.expression(CONDITIONS, scope) or "true"

    def attributes(self, scope, choices=None):
        out, used = "", set()
        while self.chance(2):
            attribute = self.pick(choices or ATTRIBUTES)
            name = attribute.split("=")[0]
            if name in used:
                continue
            used.add(name)
            out += " " + attribute.format(text=self.expression(TEXTS, scope), number=self.number(scope),
                                          condition_bool=f"bool({self.condition(scope)})")
        return out

    def loop(self, scope, has_rows=True):
        """`x <- list`, the key if there is one, and what is seen inside."""
        rows = self.expression(ROWS, scope) if has_rows else None
        if rows is not None and not self.chance(3):
            name = self.fresh("r")
            # Keys that depend on a member make all rows new when it changes.
            keys = [f"{name}.id", f"{name}.id", f"{name}.id + 10 * @b" if "b" in self.members else f"{name}.id", None]
            return f"{name} <- {rows}", self.pick(keys), scope.within("r", name, f"std::to_string({name}.id)")
        other = [(of, kind) for of, kind in OTHER_LISTS if self.expression([of], scope)]
        if not other:
            return None, None, scope
        of, kind = self.pick(other)
        name = self.fresh(kind)
        # Numbers below a bound are keys; tags and marks may be there twice.
        key = name if of.startswith("up_to") and self.chance(2) else None
        return f"{name} <- {self.expression([of], scope)}", key, scope.within(kind, name)

    def content(self, depth, scope):
        return "".join(self.node(depth, scope) for _ in range(1 + self.below(3)))

    def node(self, depth, scope):
        if depth == 0:
            return self.pick(["word ", "{" + self.value(scope) + "}", "{" + self.value(scope) + "} "])
        makers = [self.element, self.element, self.element, self.if_block, self.for_block, self.component, self.component,
                  self.live_component, lambda d, s: "{" + self.value(s) + "}", lambda d, s: "<b>{" + self.value(s) + "}</b>"]
        if not scope.names:
            makers += [self.element, self.if_block, self.if_block]  # Where not all is evaluated together.
        return self.pick(makers)(depth - 1, scope)

    def head(self, scope):
        """`:if`, `:for` and `:key` of an element or component."""
        what = self.below(5)
        if what == 0:
            return f" :if={{{self.condition(scope)}}}", scope
        if what > 2:
            return "", scope
        loop, key, inner = self.loop(scope)
        if loop is None:
            return "", scope
        out = f" :for={{{loop}}}" + (f" :key={{{key}}}" if key else "")
        if self.chance(3):
            out += f" :if={{{self.condition(inner)}}}"
        return out, inner

    def entry_head(self, scope):
        """`:if` and `:for` of a slot's entry. What it loops over is seldom shown by anything beside it."""
        what = self.below(3)
        if what == 0:
            return f" :if={{{self.condition(scope)}}}", scope
        loop, _, inner = self.loop(scope, has_rows=False) if what == 1 else (None, None, scope)
        return (f" :for={{{loop}}}" if loop else ""), inner

    def element(self, depth, scope):
        tag = self.pick(["div", "section", "span", "p", "i"])
        head, inner = self.head(scope)
        return f"<{tag}{head}{self.attributes(inner)}>{self.content(depth, inner)}</{tag}>"

    def if_block(self, depth, scope):
        out = f"<%= if {self.condition(scope)} do %>{self.content(depth, scope)}"
        if self.chance(3):
            out += f"<% else if {self.condition(scope)} do %>{self.content(depth, scope)}"
        if self.chance(2):
            out += f"<% else %>{self.content(depth, scope)}"
        return out + "<% end %>"

    def for_block(self, depth, scope):
        loop, key, inner = self.loop(scope)
        if loop is None:
            return self.if_block(depth, scope)
        return f"<%= for {loop}{f', key: {key}' if key else ''} do %>{self.content(depth, inner)}<% end %>"

    def component(self, depth, scope):
        return self.pick([self.box, self.box, self.entries, self.entries, self.toggle, self.each, self.notices])(depth, scope)

    def box(self, depth, scope):
        name = self.pick(["ui.box", "ui.panel"])
        head, inner = self.head(scope)
        title = self.pick(['"a title"', "{text_of(" + self.value(inner) + ")}"])
        is_open = f" open={{bool({self.condition(inner)})}}" if self.chance(2) else ""
        rest = self.attributes(inner, [a for a in ATTRIBUTES if a.startswith(("data-", "aria-"))])
        return f"<{name}{head} heading={title}{is_open}{rest}>{self.content(depth, inner)}</{name}>"

    def entries(self, depth, scope):
        """A table with its columns, or tabs: slots with attributes."""
        rows = self.expression(ROWS[:1], scope) if self.chance(2) else None
        name, slot, given = ("table", "col", f" rows={{{rows}}}") if rows else ("tabs", "tab", "")
        out = f"<ui.{name}{given}>"
        for _ in range(1 + self.below(3)):
            head, inner = self.entry_head(scope)
            # What is beside the entry's variables is often read by nothing else in the call.
            label = "{text_of(" + self.value(self.pick([inner, Scope()])) + ")}"
            if rows:
                row = self.fresh("r")
                head = f" :let={{{row}}}{head}"
                inner = inner.within("r", row, f"std::to_string({row}.id)")
            out += f"<:{slot}{head} label={label}>{self.content(depth, inner)}</:{slot}>"
        if rows and self.chance(2):
            out += f"<:empty>{self.content(depth, scope)}</:empty>"
        return out + f"</ui.{name}>"

    def toggle(self, depth, scope):
        out = f"<ui.toggle on={{bool({self.condition(scope)})}}>"
        for slot in ["yes", "no"]:
            if not self.chance(4):
                head, inner = self.entry_head(scope)
                out += f"<:{slot}{head}>{self.content(depth, inner)}</:{slot}>"
        return out + "</ui.toggle>"

    def each(self, depth, scope):
        rows = self.expression(ROWS[:1], scope)
        if rows is None:
            return self.toggle(depth, scope)
        number, row = self.fresh("n"), self.fresh("r")
        # Each row is shown twice.
        inner = scope.within("n", number, None).within("r", row, None)
        return f"<ui.each rows={{{rows}}} :let={{{{{number}, {row}}}}}>{self.content(depth, inner)}</ui.each>"

    def notices(self, depth, scope):
        return "<ui.notices />"

    def live_component(self, depth, scope):
        if scope.told_apart is None:
            return self.element(depth, scope)
        name = self.fresh("tally")
        key = " + \"-\" + ".join([f'"{name}"', *scope.told_apart])
        return (f"<.live_component module={{tally}} id={{{key}}} name={{{key}}} label={{text_of({self.value(scope)})}} "
                f"is_big={{bool({self.condition(scope)})}} />")


def drawn(seed):
    """A template of a decent size in which all its members are read: the first one from this seed on."""
    while True:
        one = Drawn(seed)
        if SIZE_MIN <= len(one.text) <= SIZE_MAX and members_in(one.text) == one.members:
            return one
        seed += 1_000_003


def main(out, count):
    out = pathlib.Path(out)
    out.mkdir(parents=True, exist_ok=True)
    includes, rows = "", ""
    for number in range(count):
        one = drawn(SEED + number)
        (out / f"page_{number}.heex").write_text(
            '<%@ include "live/compiled/pages.hpp" %>\n<%@ include "live/compiled/ui.heex.hpp" %>\n'
            f"<%@ namespace compiled::page_{number} %>\n<%@ view page %>\n{one.text}", encoding="utf-8")
        includes += f'#include "live/compiled/pages/page_{number}.heex.hpp"\n'
        names = ", ".join(f'"{name}"' for name in MEMBERS if name in one.members)
        rows += f'      {{"page_{number}", page_{number}::render_template, {{{names}}}}},\n'
    (out / "all.cpp").write_text(
        f"{includes}\nnamespace compiled {{\n\nconst std::vector<page_template>& pages() {{\n"
        f"  static const auto all = std::vector<page_template>{{\n{rows}  }};\n  return all;\n}}\n\n}}  // namespace compiled\n",
        encoding="utf-8")
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
