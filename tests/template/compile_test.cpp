#include "template/support.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

// What the generated C++ promises to the C++ compiler and to build files. That it works is in golden_test.cpp.

using beamline::testing::code_of;

namespace {

template <class T>
concept can_add_to_text = requires(T value) {
  std::string{} + value + "-x";
};

/// What the C++ compiler sees at a line of the template: the lines of `code` behind `#line number`.
std::string at_line(const std::string& code, int number) {
  const auto mark = "#line " + std::to_string(number) + " \"t.heex\"\n";
  auto out = std::string{};
  for (auto at = code.find(mark); at != std::string::npos; at = code.find(mark, at + 1)) {
    const auto begin = at + mark.size();
    out += code.substr(begin, code.find('\n', begin) - begin + 1);
  }
  return out;
}

}  // namespace

TEST_CASE("expressions and members stand at their line and column of the template") {
  const auto made = code_of("<%@ view v %>\n<p title={@a + 1}>\n      {@b}</p>\n");
  REQUIRE(made);
  CHECK(at_line(made->source, 2).find("          .a\n") != std::string::npos);
  CHECK(at_line(made->source, 2).find("          _a + 1\n") != std::string::npos);
  CHECK(at_line(made->source, 3).find("       .b\n") != std::string::npos);
  CHECK(at_line(made->source, 3).find("       _b\n") != std::string::npos);
}

TEST_CASE("code of ours says where it stands in the generated file") {
  const auto made = code_of("<%@ view v %>\n<p>{@a}</p>\n");
  REQUIRE(made);
  const auto& s = made->source;
  auto line = std::size_t{1};
  auto checked = 0;
  for (std::size_t at = 0; at < s.size(); at = s.find('\n', at) + 1, ++line)
    if (const auto text = s.substr(at, s.find('\n', at) - at);
        text.starts_with("#line") && text.find("t.heex.cpp") != std::string::npos) {
      CHECK(text == "#line " + std::to_string(line + 1) + " \"t.heex.cpp\"");
      ++checked;
    }
  CHECK(checked > 2);
}

TEST_CASE("another text in a template leaves its header alone") {
  const auto one = code_of("<%@ view v %>\n<p>{@a}</p>\n");
  const auto other = code_of("<%@ view v %>\n<h1>{@b} {@c}</h1>\n\n");
  REQUIRE(one);
  REQUIRE(other);
  CHECK(one->header == other->header);
  CHECK(one->source != other->source);
}

TEST_CASE("the same template gives the same code") {
  const auto text = std::string{"<%@ view v %>\n<p :for={x <- @xs} :if={x.ok}>{x.a}{@b}</p>\n"};
  CHECK(code_of(text)->source == code_of(text)->source);
}

TEST_CASE("more members than a mask has bits share its last bit") {
  auto text = std::string{"<%@ view v %>\n"};
  for (int i = 0; i < 70; ++i)
    text += "<p>{@m" + std::to_string(i) + "}</p>\n";
  const auto made = code_of(text);
  REQUIRE(made);
  const auto& s = made->source;
  CHECK(s.find("c0_.has(0x1U)") != std::string::npos);
  CHECK(s.find("c0_.has(0x4000000000000000U)") != std::string::npos);
  auto shared = 0;
  for (auto at = s.find("c0_.has(0x8000000000000000U)"); at != std::string::npos;
       at = s.find("c0_.has(0x8000000000000000U)", at + 1))
    ++shared;
  CHECK(shared == 7);
}

TEST_CASE("what may be all of a component is marked as one element: its conditionals are, others are not") {
  const auto head = std::string{"<%@ view v %>"};
  const auto marks = [&](const std::string& text) {
    const auto made = code_of(head + text);
    REQUIRE(made);
    auto count = 0;
    for (auto at = made->source.find("root_element::single"); at != std::string::npos;
         at = made->source.find("root_element::single", at + 1))
      ++count;
    return count;
  };
  CHECK(marks("<p>{@a}</p>") == 1);
  CHECK(marks("<p>{@a}</p><p>b</p>") == 0);
  CHECK(marks("<p><b :if={@a}>b</b></p>") == 1);
  CHECK(marks("<b :if={@a}>b</b>") == 1);
  CHECK(marks("<%= if @a do %><b>{@a}</b><% else %><i>{@a}</i><% end %>") == 2);
  CHECK(marks("<%= if @a do %><%= if @b do %><i>{@a}</i><% end %><% end %>") == 1);
}

TEST_CASE("the constant begin of an attribute's value is part of the template") {
  const auto source_of = [](const std::string& text) {
    const auto made = code_of("<%@ view v %>" + text);
    REQUIRE(made);
    return made->source;
  };
  CHECK(source_of(R"(<p id={"row-" + @id}>x</p>)").find(R"("<p id=\"row-")") != std::string::npos);
  CHECK(source_of(R"(<p id={"a&b-" + @id}>x</p>)").find(R"("<p id=\"a&amp;b-")") != std::string::npos);
  CHECK(source_of(R"(<a href={"/posts/" + @slug}>x</a>)").find(R"("<a href=\"/posts/")") != std::string::npos);
  // Checked as a whole: what follows decides what it is.
  CHECK(source_of(R"(<a href={"java" + @slug}>x</a>)").find(R"("<a href=\"")") != std::string::npos);
  CHECK(source_of(R"(<p style={"width: " + @w}>x</p>)").find(R"("<p style=\"")") != std::string::npos);
  // In a component its own number is always there.
  CHECK(source_of(R"(<b phx-click="a" phx-target={@myself}>x</b>)").find(R"(phx-target=\"")") != std::string::npos);
}

TEST_CASE("a literal plus a number does not compile instead of reading beside the literal") {
  const auto source_of = [](const std::string& text) {
    const auto made = code_of("<%@ view v %>" + text);
    REQUIRE(made);
    return made->source;
  };
  const auto adds_up = [&](const std::string& text) {
    return source_of(text).find("std::string{} +") != std::string::npos;
  };
  CHECK(adds_up(R"(<p id={"row-" + @n + "-x"}>x</p>)"));
  CHECK(adds_up(R"(<p style={"width: " + @n}>x</p>)"));
  CHECK(adds_up(R"(<p title={"a" + @n > 1}>x</p>)"));
  CHECK(adds_up(R"(<p>{"a" + @n}</p>)"));
  CHECK(adds_up(R"(<.card label={"a" + @n} />)"));
  CHECK(adds_up(R"(<.live_component module={badge} id={"a" + @n} />)"));
  // With nothing added behind it, a number is shown as one.
  CHECK_FALSE(adds_up(R"(<p id={"row-" + @n}>x</p>)"));
  // And this is what the C++ compiler says to such a sum.
  static_assert(!can_add_to_text<int> && !can_add_to_text<bool> && !can_add_to_text<std::size_t>);
  static_assert(can_add_to_text<std::string> && can_add_to_text<const char*>);
}

TEST_CASE("a component of another file takes a script only as a member of its own, else the C++ compiler says so") {
  const auto made = code_of("<%@ view v %>\n<ui.card onclick={@a} style={@b} />");
  REQUIRE(made);
  const auto code = at_line(made->source, 2);
  CHECK(code.find("o_.onclick = ") != std::string::npos);
  CHECK(code.find("else static_assert(live::is_no_type<decltype(o_)>, \"onclick is a script") != std::string::npos);
  CHECK(code.find("rest.set(\"onclick\"") == std::string::npos);
  CHECK(code.find("rest.set(\"style\"") != std::string::npos);
}

TEST_CASE("names of attributes mean the same in capital letters") {
  const auto made = code_of("<%@ view v %>\n<p STYLE={@a} CLASS={@b} HREF={@c} Draggable={@d} ID={@e}>x</p>");
  REQUIRE(made);
  const auto& code = made->source;
  CHECK(code.find("live::style_text(") != std::string::npos);
  CHECK(code.find("live::class_text(") != std::string::npos);
  CHECK(code.find("live::url_attribute(\"HREF\",") != std::string::npos);
  CHECK(code.find("live::enumerated_attribute(\"Draggable\",") != std::string::npos);
  CHECK(code.find(" ID=\\\"") != std::string::npos);
  // Where capital letters matter to somebody, they stay.
  const auto picture = code_of("<%@ view v %>\n<svg viewBox={@a} preserveAspectRatio=\"none\"></svg>");
  REQUIRE(picture);
  CHECK(picture->source.find("live::attribute(\"viewBox\",") != std::string::npos);
  CHECK(picture->source.find("preserveAspectRatio=") != std::string::npos);
}
