#include "apps/event_horizon/content/markdown.hpp"

#include "apps/event_horizon/content/dialects.hpp"
#include "apps/event_horizon/content/markdown_writer.hpp"
#include "base/utf8.hpp"

#include <algorithm>
#include <cmark-gfm-core-extensions.h>
#include <cmark-gfm-extension_api.h>
#include <cmark-gfm.h>
#include <memory>
#include <stdexcept>

namespace beamline::event_horizon {

namespace {

// Raw HTML is part of the tree; the writer lets through what it may.
constexpr int options = CMARK_OPT_DEFAULT | CMARK_OPT_VALIDATE_UTF8 | CMARK_OPT_FOOTNOTES | CMARK_OPT_UNSAFE;
constexpr const char* extensions[] = {"table", "strikethrough", "autolink", "tasklist"};

// What a grown-up reads of prose in a minute.
constexpr std::size_t words_per_minute = 220;

struct free_parser {
  void operator()(cmark_parser* p) const { cmark_parser_free(p); }
};
struct free_node {
  void operator()(cmark_node* n) const { cmark_node_free(n); }
};

/// A parsed document. The parser outlives the tree, whose nodes know its extensions.
struct document {
  std::unique_ptr<cmark_parser, free_parser> parser;
  std::unique_ptr<cmark_node, free_node> root;
};

document parse(std::string_view source) {
  // The library keeps its extensions in a registry of its own, filled once.
  static const bool is_registered = (cmark_gfm_core_extensions_ensure_registered(), true);
  (void)is_registered;
  auto out = document{};
  out.parser.reset(cmark_parser_new(options));
  for (const auto* name : extensions) {
    auto* found = cmark_find_syntax_extension(name);
    if (found == nullptr || cmark_parser_attach_syntax_extension(out.parser.get(), found) == 0)
      throw std::runtime_error{std::string{"cmark-gfm lacks its extension \""} + name + "\""};
  }
  cmark_parser_feed(out.parser.get(), source.data(), source.size());
  out.root.reset(cmark_parser_finish(out.parser.get()));
  return out;
}

/// The words of a text. Chinese, Japanese and Korean have no spaces: there two signs count as one.
std::size_t count_words(std::string_view text) {
  auto words = std::size_t{0};
  auto signs = std::size_t{0};
  bool is_in_word = false;
  for (auto at = std::size_t{0}; at < text.size();) {
    auto octets = next_utf8(text.substr(at)).octets;
    auto first = static_cast<unsigned char>(text[at]);
    bool is_sign = octets >= 3 && first >= 0xE3 && first <= 0xED;
    bool is_space = first <= ' ';
    signs += is_sign ? 1 : 0;
    words += !is_space && !is_sign && !is_in_word ? 1 : 0;
    is_in_word = !is_space && !is_sign;
    at += octets;
  }
  return words + signs / 2;
}

}  // namespace

rendered_text render_markdown(std::string_view source, const markdown_context& context) {
  auto out = rendered_text{};
  auto plain = to_plain_markdown(source, context.first_line, out.problems);
  auto parsed = parse(plain);
  markdown_writer{context, out}.write(parsed.root.get());
  out.words += count_words(out.plain);
  return out;
}

int reading_minutes(std::size_t words) {
  return static_cast<int>(std::max<std::size_t>(1, (words + words_per_minute / 2) / words_per_minute));
}

}  // namespace beamline::event_horizon
