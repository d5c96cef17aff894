#include "web/template/members.hpp"

#include "web/template/cpp_lexer.hpp"

namespace beamline::web::heex {

std::vector<member_use> members_of(const code& c) {
  using kind = cpp_lexer::kind;
  auto out = std::vector<member_use>{};
  const auto tokens = cpp_tokens(c.text);
  const auto text = [&](const cpp_lexer::token& t) {
    return std::string_view{c.text}.substr(t.where.begin, t.where.size());
  };
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i].what != kind::member)
      continue;
    auto use = member_use{std::string{text(tokens[i]).substr(1)}, tokens[i].where};
    if (use.name == "streams" && i + 2 < tokens.size() && text(tokens[i + 1]) == "."
        && tokens[i + 2].what == kind::identifier) {
      use = {std::string{text(tokens[i + 2])}, {use.where.begin, tokens[i + 2].where.end}, true};
      i += 2;
    }
    use.where.begin += c.where.begin;
    use.where.end += c.where.begin;
    out.push_back(std::move(use));
  }
  return out;
}

void add_members(member_set& to, const code& c) {
  for (auto& use : members_of(c))
    to.insert(std::move(use.name));
}

std::string with_locals(const code& c) {
  auto out = c.text;
  for (const auto& use : members_of(c)) {
    const auto begin = use.where.begin - c.where.begin;
    const auto end = use.where.end - c.where.begin;
    const auto name_begin = end - use.name.size();
    // What is before the name of `@streams.name` becomes blank; it may be on another line.
    for (auto i = begin; i < name_begin; ++i)
      if (out[i] != '\n')
        out[i] = ' ';
    out[name_begin - 1] = '_';
  }
  return out;
}

bool is_context_member(std::string_view name) { return name == "flash" || name == "myself"; }

}  // namespace beamline::web::heex
