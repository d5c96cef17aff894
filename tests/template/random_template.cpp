#include "template/random_template.hpp"

namespace beamline::testing {

namespace {

constexpr const char* words[] = {"a", "word", "&amp;", "\xc3\xa9t\xc3\xa9", "x=1;", "\"quoted\"", "//", "<%% no"};
constexpr const char* spaces[] = {" ", "\n", "\n\n  ", "  "};
constexpr const char* expressions[] = {
    "@a",
    "@b.c + 1",
    "f({1, 2}, \"}\")",
    "'}' == c",
    "R\"x(\"})x\"",
    "@m[\"k\"]",
    "[&] { return @a; }()",
    "x /* } */",
    "@streams.items",
    "a < b ? \"<p>\" : \"%\"",
};
constexpr const char* blocks[] = {"div", "p", "li", "section", "pre"};
constexpr const char* inlines[] = {"b", "a", "span", "label"};
constexpr const char* names[] = {"title", "data-x", "class", "phx-click", "hidden"};

std::string line(std::size_t indent, const std::string& text) { return std::string(2 * indent, ' ') + text + "\n"; }

std::string one_line(std::string text) {
  for (auto at = text.find('\n'); at != std::string::npos; at = text.find('\n'))
    text.replace(at, 1, "\\n");
  return text;
}

}  // namespace

std::string random_template::expression() { return pick(expressions); }

std::string random_template::space() { return chance(3) ? pick(spaces) : std::string{}; }

random_template::piece random_template::attributes(std::size_t indent) {
  auto out = piece{};
  for (const auto* name : names) {
    if (!chance(6))
      continue;
    const auto n = std::string{name};
    if (chance(3)) {
      out.text += " " + n;
      out.dump += line(indent, "flag " + n);
    } else if (chance(2)) {
      const auto value = pick(words);
      const auto quote = value.find('"') == std::string::npos ? "\"" : "'";
      out.text += (chance(5) ? "\n  " : " ") + n + "=" + quote + value + quote;
      out.dump += line(indent, "attribute " + n + "=\"" + value + "\"");
    } else {
      const auto value = expression();
      out.text += " " + n + "={" + space() + value + space() + "}";
      out.dump += line(indent, "attribute " + n + "={" + value + "}");
    }
  }
  return out;
}

random_template::piece random_template::element(int depth, std::size_t indent) {
  auto tag = chance(2) ? pick(blocks) : pick(inlines);
  auto kind = std::string{"element "} + tag;
  if (chance(6)) {
    kind = "component " + tag;
    tag = "." + tag;
  }
  auto out = piece{"<" + tag, line(indent, kind)};
  if (chance(6)) {
    const auto list = expression();
    out.text += " :for={x <- " + list + "}";
    out.dump += line(indent + 1, "for x <- " + list);
  }
  if (chance(6)) {
    const auto condition = expression();
    out.text += " :if={" + condition + "}";
    out.dump += line(indent + 1, "if " + condition);
  }
  const auto given = attributes(indent + 1);
  const auto inner = content(depth - 1, indent + 1, false);
  out.text += given.text + space() + ">" + inner.text + "</" + tag + ">";
  out.dump += given.dump + inner.dump;
  return out;
}

random_template::piece random_template::block(int depth, std::size_t indent) {
  const auto head = expression();
  const auto inner = content(depth - 1, indent + 1, false);
  if (chance(2))
    return {"<%= for {k, v} <- " + head + " do %>" + inner.text + "<% end %>",
            line(indent, "for {k,v} <- " + head) + inner.dump};
  auto out = piece{"<%= if " + head + " do %>" + inner.text, line(indent, "if " + head) + inner.dump};
  if (chance(2)) {
    const auto other = content(depth - 1, indent + 1, false);
    out.text += "<% else %>" + other.text;
    out.dump += line(indent, "else") + other.dump;
  }
  out.text += "<% end %>";
  return out;
}

random_template::piece random_template::one(int depth, std::size_t indent) {
  if (depth > 0 && chance(2))
    return element(depth, indent);
  if (depth > 0 && chance(5))
    return block(depth, indent);
  if (chance(8))
    return {"<%!-- {no --%>", line(indent, "comment  {no ")};
  if (chance(8))
    return {"<!-- {no -->", line(indent, "markup <!-- {no -->")};
  if (chance(6))
    return {"<br>", line(indent, "element br")};
  const auto value = expression();
  if (chance(6))
    return {"<%= " + value + " %>", line(indent, "value " + value)};
  return {"{" + space() + value + space() + "}", line(indent, "value " + value)};
}

random_template::piece random_template::content(int depth, std::size_t indent, bool) {
  auto out = piece{};
  const auto count = random_.below(4);
  for (std::uint64_t i = 0; i <= count; ++i) {
    auto text = space();
    while (chance(2))
      text += (text.empty() || text.back() == ' ' || text.back() == '\n' ? "" : " ") + pick(words);
    text += space();
    out.text += text;
    if (!text.empty())
      out.dump += line(indent, "text '" + one_line(text) + "'");
    if (i == count)
      break;
    const auto next = one(depth, indent);
    out.text += next.text;
    out.dump += next.dump;
  }
  return out;
}

std::pair<std::string, std::string> random_template::draw() {
  const auto all = content(4, 1, false);
  return {"<%@ view v %>" + all.text, "namespace\nview v\n" + all.dump};
}

}  // namespace beamline::testing
