#include "template/support.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

// What is wrong with a template is said at its place, and what to do about it.

namespace {

using beamline::testing::errors_of;

struct wrong {
  const char* markup;   // Of a view, from line 2 on.
  const char* message;  // The first line without the file's name; more lines may follow.
};

constexpr wrong wrong_markup[] = {
    // Tags.
    {"<b>x</p>", "2:5: error: </p> closes nothing; the open element is <b> of line 2, which needs </b>"},
    {"<p><b>x</p>", "2:4: error: <b> is not closed before </p> in line 2; write </b> where it ends"},
    {"<p>x", "2:1: error: <p> is not closed before the end of the template; write </p> where it ends"},
    {"x</p>", "2:2: error: </p> closes nothing; remove it, or open <p> before it"},
    {"<br></br>", "2:5: error: <br> has no content and no closing tag; remove </br>"},
    {"<p", "2:1: error: the tag <p is not closed; end it with >"},
    {"a < b", "2:3: error: this < begins no tag; write &lt; for the character"},
    {"a } b", "2:3: error: this } closes nothing; write &rbrace; for a brace in text"},
    {"<!-- x", "2:1: error: this comment is not closed; end it with -->"},
    {"<%!-- x", "2:1: error: this comment is not closed; end it with --%>"},
    {"<!-- {@a} <%= @a %> -->", "2:11: error: a value cannot stand inside an HTML comment"},
    {"<script>x = <%= @a %></script>", "2:13: error: a value cannot stand inside <script>, where nothing escapes it"},
    // Expressions.
    {"{@a", "2:1: error: this { is not closed; end the expression with }"},
    {"{f(@a}", "2:6: error: this } closes nothing that is open in the expression"},
    {"{f(@a", "2:3: error: this ( is not closed within the expression"},
    {"{\"a}", "2:2: error: this text or comment has no end on its line; close it inside of the expression"},
    {"{ }", "2:1: error: these braces are empty; write an expression, or &lbrace;&rbrace; for the characters"},
    {"{@streams}", "2:2: error: @streams is written with the stream's name: @streams.items"},
    // Attributes.
    {"<p phx-clik=\"x\">x</p>", "2:4: error: the client knows no attribute phx-clik; did you mean phx-click?"},
    {"<p class=\"a\" class=\"b\">x</p>", "2:14: error: the attribute class is given twice; browsers take the first"},
    {"<p onclick={@a}>x</p>", "2:4: error: onclick is a script, in which nothing escapes a value; use phx-click"},
    {"<iframe srcdoc={@a}></iframe>", "2:9: error: srcdoc is a page of its own"},
    {"<p OnClick={@a}>x</p>", "2:4: error: OnClick is a script, in which nothing escapes a value; use phx-click"},
    {"<iframe SRCDOC={@a}></iframe>", "2:9: error: SRCDOC is a page of its own"},
    {"<ui.card on-click={@a} />", "2:10: error: on-click is a script, which <ui.card> does not pass on"},
    {"<.card on-click=\"x\" />", "2:8: error: on-click is a script, which <.card> does not pass on"},
    {"<p Class=\"a\" class=\"b\">x</p>", "2:14: error: the attribute class is given twice; browsers take the first"},
    {"<p PHX-CLIK=\"x\">x</p>", "2:4: error: the client knows no attribute PHX-CLIK; did you mean phx-click?"},
    {"<p PHX-HOOK=\"Chart\">x</p>", "2:4: error: <p> needs an id: the client finds the element by it"},
    {"<a href=\"javascript:x()\">x</a>", "2:4: error: a javascript: URL runs a script; use phx-click, or a hook"},
    {"<p title={}>x</p>", "2:4: error: these braces are empty; write an expression"},
    {"<p title=<%= @a %>>x</p>", "2:10: error: the value of title needs quotes, or braces around an expression"},
    {"<p title=\"<%= @a %>\">x</p>", "2:11: error: a quoted value is a plain text; write title={\"…\" + value}"},
    {"<p title=\"x>x</p>", "2:10: error: the value of title is not closed; end it with \""},
    {"<p =\"x\">x</p>", "2:4: error: an attribute cannot begin with =; write name=\"value\" or name={value}"},
    {"<p phx-hook=\"Chart\">x</p>", "2:4: error: <p> needs an id: the client finds the element by it"},
    {"<p id=\"a\" phx-update=\"strem\">x</p>",
     "2:11: error: phx-update is \"strem\"; expected stream, ignore or replace"},
    // Ids.
    {"<p id=\"a\">x</p>\n<p id=\"a\">x</p>",
     "3:4: error: the id \"a\" is taken by the element in line 2; ids are unique"},
    {"<p id=\"a\">x</p>\n<p ID=\"a\">x</p>",
     "3:4: error: the id \"a\" is taken by the element in line 2; ids are unique"},
    {"<p id=\"a\" :for={x <- @xs}>x</p>",
     "2:4: error: every row of the loop would have the id \"a\"; make it of the row"},
    // Directives and blocks.
    {"<p :iff={@a}>x</p>", "2:4: error: unknown directive :iff; did you mean :if?"},
    {"<p :if=\"a\">x</p>", "2:4: error: :if takes an expression in braces: :if={…}"},
    {"<p :for={@xs}>x</p>", "2:10: error: a loop is written as name <- list, or {id, item} <- list"},
    {"<p :for={a, b <- @xs}>x</p>", "2:10: error: several names need braces: {a, b}"},
    {"<p :for={@a <- @xs}>x</p>", "2:10: error: `@a` is no name; write one name, or several as {id, item}"},
    {"<p :key={@a}>x</p>", "2:10: error: :key names the rows of a loop; this element has no :for"},
    {"<p :let={a}>x</p>", "2:10: error: :let names what a component gives to its content; <p> is no component"},
    {"<p :for={x <- @streams.xs} :key={x.id}>x</p>", "2:34: error: the rows of a stream have their ids as keys"},
    {"<%= if @a do %>x", "2:1: error: this block is not ended before the end of the template; write <% end %>"},
    {"<%= if @a do %><b>x<% end %>", "2:16: error: <b> is not closed before <% end %> in line 2; write </b>"},
    {"<b><%= if @a do %></b><% end %>", "2:19: error: </b> closes nothing; remove it, or open <b> before it within"},
    {"<%= if @a %>x<% end %>", "2:1: error: a block begins with <%= if condition do %>"},
    {"<% if @a do %>x<% end %>", "2:1: error: a block that shows something begins with <%= if"},
    {"<% end %>", "2:1: error: <% end %> ends nothing; remove it"},
    {"<% else %>", "2:1: error: <% else %> belongs to no if; remove it"},
    {"<%= case @a do %>", "2:1: error: there is no block case; there are <%= if … do %> and <%= for … do %>"},
    {"<%@ vew x %>", "2:1: error: <%@ vew %> cannot stand inside of a view; end that before it with <%@ end %>"},
    // Components.
    {"<:col>x</:col>", "2:1: error: <:col> is an entry of a slot and must stand directly in a component"},
    {"<.live_component id=\"a\" />", "2:1: error: <.live_component> needs the attribute module"},
    {"<.live_component module={a} id=\"a\">x</.live_component>", "2:1: error: a live component takes no content"},
    {"<.live_render view=\"a\" />", "2:1: error: <.live_render> needs the attribute id"},
    {"<.live_render view=\"a\" id=\"b\" stiky />",
     "2:31: error: <.live_render> has no attribute stiky; did you mean sticky?"},
    {"<.a-b />", "2:2: error: `a-b` cannot be the name of a component; names are identifiers of C++"},
};

struct wrong_call {
  const char* call;  // In line 3, of a component `card` with all there is.
  const char* message;
};

constexpr const char* card =
    "<%@ component card(title: std::string_view, size: int = 1, slot inner_block, slot col(int) required with (label: "
    "int)) %>{@title}<%@ end %>\n<%@ view v %>\n";

constexpr wrong_call wrong_calls[] = {
    {"<.card><:col label={1}>x</:col></.card>",
     "3:1: error: <.card> needs the attribute title of type std::string_view"},
    {"<.card title=\"x\" />", "3:1: error: <.card> needs the slot col; write <:col>…</:col> in it"},
    {"<.card title=\"x\" siz={1}><:col label={1}>x</:col></.card>",
     "3:18: error: <.card> has no attribute siz; did you mean size?"},
    {"<.card title=\"x\" col={1}><:col label={1}>x</:col></.card>",
     "3:18: error: col is a slot of <.card>; write <:col>"},
    {"<.card title=\"x\" {@more}><:col label={1}>x</:col></.card>",
     "3:18: error: <.card> takes no attributes of unknown names"},
    {"<.card title=\"x\"><:cl label={1}>x</:cl><:col label={1}>x</:col></.card>",
     "3:19: error: <.card> has no slot cl; did you mean col?"},
    {"<.card title=\"x\"><:col>x</:col></.card>", "3:18: error: <:col> needs the attribute label of type int"},
    {"<.card title=\"x\"><:col label={1} labl={1}>x</:col></.card>",
     "3:34: error: the slot col has no attribute labl; did you mean label?"},
    {"<.card title=\"x\" :let={a}><:col label={1}>x</:col>{a}</.card>",
     "3:24: error: the slot inner_block of <.card> gives nothing to name with :let"},
    {"<.card title=\"x\"><p><:col label={1}>x</:col></p></.card>",
     "3:21: error: <:col> is an entry of a slot and must stand directly"},
};

}  // namespace

TEST_CASE("every mistake in markup is reported at its place, with a remedy") {
  for (const auto& w : wrong_markup) {
    const auto said = errors_of("<%@ view v %>\n" + std::string{w.markup});
    CAPTURE(w.markup);
    CAPTURE(said);
    CHECK(said.find("t.heex:" + std::string{w.message}) != std::string::npos);
  }
}

TEST_CASE("every mistake in a call of a component of the same file is reported") {
  for (const auto& w : wrong_calls) {
    const auto said = errors_of(card + std::string{w.call});
    CAPTURE(w.call);
    CAPTURE(said);
    CHECK(said.find("t.heex:" + std::string{w.message}) != std::string::npos);
  }
}

TEST_CASE("a script for a component is reported, unless the component declares an attribute of that name") {
  const auto said = [](const std::string& parameters, const std::string& attribute) {
    return errors_of("<%@ component card(" + parameters + ") %><p></p><%@ end %>\n<%@ view v %>\n<.card " + attribute
                     + " />");
  };
  const auto rest = std::string{"rest: live::attributes = {}"};
  const auto reported = std::string{"t.heex:3:8: error: onclick is a script, which <.card> does not pass on"};
  CHECK(said(rest, "onclick={@a}").starts_with(reported));
  CHECK(said(rest, "onclick=\"a()\"").starts_with(reported));
  CHECK(said("once: int = 1", "onclick=\"a()\"").starts_with("t.heex:3:8: error: <.card> has no attribute onclick"));
  CHECK(said(rest, "srcdoc={@a}").starts_with("t.heex:3:8: error: <.card> has no attribute srcdoc"));
  CHECK(said(rest + ", once: int = 1", "once={2} style={@s}").empty());
}

TEST_CASE("a component may only read what it declares") {
  CHECK(errors_of("<%@ component card(title: int) %>{@titel}<%@ end %>")
            .starts_with("t.heex:1:35: error: the component card declares no titel; did you mean @title?"));
  CHECK(errors_of("<%@ component card(title: int) %>{@size}<%@ end %>")
            .starts_with("t.heex:1:35: error: the component card declares no size; add it to its parameters"));
  CHECK(errors_of("<%@ component card() %>{@streams.a}<%@ end %>")
            .starts_with("t.heex:1:25: error: a component has no streams of its own; hand it over as an attribute"));
  CHECK(errors_of("<%@ component card() %>{@myself} {@flash.size()}<%@ end %>").empty());
}

TEST_CASE("mistakes in directives are reported") {
  CHECK(errors_of("").starts_with(
      "t.heex:1:1: error: this template makes nothing; begin it with <%@ view class_name %>"));
  CHECK(errors_of("<p>x</p>").starts_with("t.heex:1:1: error: markup must stand in a view or component"));
  CHECK(errors_of("<%@ vew v %>").starts_with("t.heex:1:1: error: unknown directive vew; did you mean view?"));
  CHECK(errors_of("<%@ include a.hpp %>").starts_with("t.heex:1:1: error: an include names a header in quotes"));
  CHECK(errors_of("<%@ end %>").starts_with("t.heex:1:1: error: <%@ end %> ends nothing; remove it"));
  CHECK(errors_of("<%@ component a() %>x")
            .starts_with("t.heex:1:1: error: the component a has no end; write <%@ end %>"));
  CHECK(errors_of("<%@ component a(b) %><%@ end %>")
            .starts_with("t.heex:1:17: error: expected a parameter like `title: std::string_view`, or `slot name`, but "
                         "found `b`"));
  CHECK(errors_of("<%@ component a(b: int, b: int) %><%@ end %>")
            .starts_with("t.heex:1:25: error: the component a has two parameters named b"));
  CHECK(errors_of("<%@ component a() %><%@ end %><%@ component a() %><%@ end %>")
            .starts_with("t.heex:1:45: error: the component a is declared twice"));
}

TEST_CASE("an error shows the line and points at the place, in characters") {
  CHECK(errors_of("<%@ view v %>\n<p>äö {@streams} ü</p>\n")
        == "t.heex:2:8: error: @streams is written with the stream's name: @streams.items\n"
           "    2 | <p>äö {@streams} ü</p>\n"
           "      |        ^~~~~~~~\n");
}

TEST_CASE("several mistakes are reported in one run, in their order, up to a bound") {
  const auto said = errors_of("<%@ view v %>\n<p phx-a=\"\">{@streams}</p>\n<b></i>\n");
  CHECK(said.find("2:4: error:") < said.find("2:14: error:"));
  CHECK(said.find("2:14: error:") < said.find("3:4: error:"));
  auto many = std::string{"<%@ view v %>\n"};
  for (int i = 0; i < 30; ++i)
    many += "<p phx-x=\"\"></p>\n";
  const auto bounded = errors_of(many);
  CHECK(bounded.find("t.heex: and 10 more errors\n") != std::string::npos);
}

TEST_CASE("ids in branches that exclude each other, or may, are no mistake") {
  CHECK(errors_of("<%@ view v %>\n<%= if @a do %><p id=\"x\"></p><% else %><p id=\"x\"></p><% end %>").empty());
  CHECK(errors_of("<%@ view v %>\n<p :if={@a} id=\"x\"></p><p :if={!@a} id=\"x\"></p>").empty());
  CHECK(errors_of("<%@ view v %>\n<p id=\"x\"></p><p :if={!@a} id=\"x\"></p>").find("is taken") != std::string::npos);
}

TEST_CASE("a warning does not keep a template from being compiled") {
  const auto text = std::string{"<%@ view v %>\n<li :for={r <- @rows} id={r.id}>x</li><form phx-change=\"x\"></form>"};
  const auto said = errors_of(text);
  CHECK(said.find("2:1: warning: rows with an id move when the list changes, but are sent anew without a key; add "
                  ":key={r.id}")
        != std::string::npos);
  CHECK(said.find("2:45: warning: a form with phx-change needs an id") != std::string::npos);
  CHECK(beamline::testing::code_of(text));
}

TEST_CASE("what is too large or too deep is refused") {
  CHECK(errors_of(std::string(beamline::web::heex::template_octets_max + 1, ' ')).find("at most 1000000 are read")
        != std::string::npos);
  auto deep = std::string{"<%@ view v %>\n"};
  for (int i = 0; i < 200; ++i)
    deep += "<b>";
  CHECK(errors_of(deep).find("elements are nested more than 100 deep; move the inner part to a component")
        != std::string::npos);
}

TEST_CASE("a template that is no UTF-8 is refused at the octet") {
  const auto head = std::string{"<%@ view v %>\n"};
  const auto message = std::string{" error: this octet is no UTF-8"};
  CHECK(errors_of(head + "<p>\xc3\xa4\xff</p>").starts_with("t.heex:2:5:" + message));
  CHECK(errors_of(head + "<p title={\"\xc0\x80\"}>x</p>").starts_with("t.heex:2:12:" + message));
  CHECK(errors_of(head + "<p>x</p>\n\xe2\x82").starts_with("t.heex:3:1:" + message));
}
