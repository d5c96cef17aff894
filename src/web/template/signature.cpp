#include "web/template/signature.hpp"

#include "web/template/cpp_lexer.hpp"

#include <algorithm>

namespace beamline::web::heex {

namespace {

span at(span whole, span part) { return {whole.begin + part.begin, whole.begin + part.end}; }

/// Reads one comma-separated part after the other.
class signature_reader {
public:
  signature_reader(const source& from, diagnostics& out) : source_{from}, out_{out} {}

  unit component(span where);

private:
  std::vector<span> parts(span list) const {
    auto found = std::vector<span>{};
    for (const auto part : split_top_level(source_.text(list), ','))
      if (const auto trimmed = trim(source_, at(list, part)); trimmed.size() != 0)
        found.push_back(trimmed);
    return found;
  }

  /// The brackets that begin at `from`, without them, and what follows. Reports if there are none.
  std::optional<span> brackets(span whole, span& rest) {
    const auto text = source_.text(whole);
    if (text.starts_with("(")) {
      auto depth = std::size_t{0};
      for (const auto& t : cpp_tokens(text)) {
        if (t.what != cpp_lexer::kind::punctuation)
          continue;
        depth += text[t.where.begin] == '(' ? 1 : 0;
        if (text[t.where.begin] == ')' && --depth == 0) {
          rest = trim(source_, {whole.begin + t.where.end, whole.end});
          return span{whole.begin + 1, whole.begin + t.where.begin};
        }
      }
    }
    out_.error({whole.begin, whole.begin + 1}, "expected a list in round brackets here");
    return std::nullopt;
  }

  /// The identifier that begins `whole`, which is moved behind it.
  span word(span& whole) const {
    const auto found = cpp_tokens(source_.text(whole));
    if (found.empty() || found.front().what != cpp_lexer::kind::identifier || found.front().where.begin != 0)
      return {whole.begin, whole.begin};
    const auto taken = at(whole, found.front().where);
    whole = trim(source_, {taken.end, whole.end});
    return taken;
  }

  std::optional<parameter> parameter_at(span where);
  void slot_at(span where, unit& u);
  void check_unique(const unit& u);

  const source& source_;
  diagnostics& out_;
};

std::optional<parameter> signature_reader::parameter_at(span where) {
  auto rest = where;
  auto p = parameter{};
  const auto name = word(rest);
  p.name = source_.text(name);
  p.where = name.size() == 0 ? where : name;
  const auto text = source_.text(rest);
  if (p.name.empty() || !text.starts_with(":") || text.starts_with("::")) {
    out_.error(where, "expected a parameter like `title: std::string_view`, or `slot name`, but found `"
                          + std::string{source_.text(where)} + "`");
    return std::nullopt;
  }
  const auto declared = span{rest.begin + 1, rest.end};
  const auto halves = split_top_level(source_.text(declared), '=');
  p.type = code_at(source_, at(declared, halves[0]));
  if (halves.size() > 1)
    p.initial = code_at(source_, {declared.begin + halves[1].begin, declared.end});
  if (p.type.text.empty() || (p.initial && p.initial->text.empty())) {
    out_.error(where, "the parameter " + p.name + (p.type.text.empty() ? " has no type" : " has no default after =")
                          + "; write `" + p.name + ": type` or `" + p.name + ": type = value`");
    return std::nullopt;
  }
  return p;
}

/// name(types) required with (attributes), in this order, each but the name optional.
void signature_reader::slot_at(span where, unit& u) {
  auto rest = where;
  auto s = slot_parameter{};
  const auto name = word(rest);
  s.name = source_.text(name);
  s.where = name.size() == 0 ? where : name;
  if (s.name.empty()) {
    out_.error(where, "a slot needs a name, as in `slot inner_block`");
    return;
  }
  if (source_.text(rest).starts_with("(")) {
    const auto list = brackets(rest, rest);
    if (!list)
      return;
    for (const auto type : parts(*list))
      s.arguments.push_back(code_at(source_, type));
  }
  auto next = rest;
  auto keyword = word(next);
  if (source_.text(keyword) == "required") {
    s.is_required = true;
    rest = next;
    keyword = word(next);
  }
  if (source_.text(keyword) == "with") {
    rest = next;
    const auto list = brackets(rest, rest);
    if (!list)
      return;
    for (const auto part : parts(*list))
      if (auto p = parameter_at(part))
        s.attributes.push_back(*std::move(p));
  }
  if (rest.size() != 0)
    out_.error(rest, "unexpected `" + std::string{source_.text(rest)}
                         + "`; a slot is declared as `slot name(types) required with (attribute: type)`");
  u.slots.push_back(std::move(s));
}

void signature_reader::check_unique(const unit& u) {
  auto seen = std::vector<std::string_view>{};
  const auto check = [&](const std::string& name, span where) {
    if (std::ranges::find(seen, name) != seen.end())
      out_.error(where, "the component " + u.name + " has two parameters named " + name);
    seen.push_back(name);
  };
  for (const auto& p : u.parameters)
    check(p.name, p.where);
  for (const auto& s : u.slots)
    check(s.name, s.where);
}

unit signature_reader::component(span where) {
  auto u = unit{};
  u.what = unit::kind::component;
  u.where = where;
  auto rest = where;
  u.name_where = word(rest);
  u.name = source_.text(u.name_where);
  if (u.name.empty() || is_cpp_keyword(u.name)) {
    out_.error(where, "a component is declared as <%@ component name(title: std::string_view) %>, where name is an "
                      "identifier of C++");
    u.name = "unnamed";
    return u;
  }
  if (rest.size() == 0)
    return u;
  const auto list = brackets(rest, rest);
  if (!list)
    return u;
  for (const auto part : parts(*list)) {
    auto inner = part;
    const auto first = word(inner);
    if (source_.text(first) == "slot" && !source_.text(inner).starts_with(":"))
      slot_at(inner, u);
    else if (auto p = parameter_at(part))
      u.parameters.push_back(*std::move(p));
  }
  if (rest.size() != 0)
    out_.error(rest, "unexpected `" + std::string{source_.text(rest)} + "` behind the parameters of " + u.name);
  check_unique(u);
  return u;
}

}  // namespace

code code_at(const source& from, span where) {
  const auto trimmed = trim(from, where);
  return {std::string{from.text(trimmed)}, trimmed};
}

unit parse_component(const source& from, span where, diagnostics& out) {
  return signature_reader{from, out}.component(where);
}

std::optional<pattern> parse_pattern(const source& from, span where, diagnostics& out) {
  where = trim(from, where);
  const auto text = from.text(where);
  auto p = pattern{};
  p.where = where;
  auto names = where;
  if (text.size() >= 2 && text.starts_with("{") && text.ends_with("}")) {
    p.is_tuple = true;
    names = {where.begin + 1, where.end - 1};
  }
  for (const auto part : split_top_level(from.text(names), ',')) {
    p.names.push_back(code_at(from, at(names, part)));
    if (!is_identifier(p.names.back().text) || is_cpp_keyword(p.names.back().text)) {
      out.error(where, "`" + std::string{text} + "` is no name; write one name, or several as {id, item}");
      return std::nullopt;
    }
  }
  if (p.is_tuple || p.names.size() == 1)
    return p;
  out.error(where, "several names need braces: {" + std::string{text} + "}");
  return std::nullopt;
}

std::optional<generator> parse_generator(const source& from, span where, diagnostics& out) {
  const auto text = from.text(where);
  for (const auto& t : cpp_tokens(text)) {
    if (t.what != cpp_lexer::kind::punctuation || text.substr(t.where.begin, 2) != "<-")
      continue;
    auto each = parse_pattern(from, {where.begin, where.begin + t.where.begin}, out);
    auto of = code_at(from, {where.begin + t.where.begin + 2, where.end});
    if (each && of.text.empty())
      out.error(where, "nothing stands behind <-; write name <- list");
    if (!each || of.text.empty())
      return std::nullopt;
    return generator{*std::move(each), std::move(of)};
  }
  out.error(where, "a loop is written as name <- list, or {id, item} <- list");
  return std::nullopt;
}

}  // namespace beamline::web::heex
