#include "web/template/block_head.hpp"

#include "web/template/cpp_lexer.hpp"
#include "web/template/signature.hpp"

#include <utility>

namespace beamline::web::heex {

block_words words_of(const source& from, span where) {
  const auto text = from.text(where);
  const auto tokens = cpp_tokens(text);
  auto words = block_words{};
  words.inner = {where.end, where.end};
  if (tokens.empty() || tokens.front().what != cpp_lexer::kind::identifier)
    return words;
  const auto& first = tokens.front().where;
  const auto& last = tokens.back().where;
  words.first = text.substr(first.begin, first.size());
  words.ends_with_do = tokens.size() > 1 && text.substr(last.begin, last.size()) == "do";
  words.inner = trim(from, {where.begin + first.end, words.ends_with_do ? where.begin + last.begin : where.end});
  return words;
}

for_node parse_for_head(const source& from, span head, diagnostics& out) {
  auto made = for_node{};
  auto loop = head;
  const auto text = from.text(head);
  if (const auto parts = split_top_level(text, ','); parts.size() > 1) {
    const auto last = trim(from, {head.begin + parts.back().begin, head.end});
    if (from.text(last).starts_with("key:")) {
      made.key = code_at(from, {last.begin + 4, last.end});
      loop = {head.begin, head.begin + parts.back().begin - 1};
    }
  }
  if (auto g = parse_generator(from, trim(from, loop), out))
    made.loop = *std::move(g);
  return made;
}

}  // namespace beamline::web::heex
