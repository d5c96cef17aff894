#include "apps/event_horizon/markdown.hpp"

#include <cmark-gfm-core-extensions.h>
#include <cmark-gfm-extension_api.h>
#include <cmark-gfm.h>
#include <cstdlib>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>

namespace beamline::event_horizon {

namespace {

// Without CMARK_OPT_UNSAFE, raw HTML and dangerous addresses are left out.
constexpr int options = CMARK_OPT_DEFAULT | CMARK_OPT_VALIDATE_UTF8;
static_assert((options & CMARK_OPT_UNSAFE) == 0);

constexpr const char* extensions[] = {"table", "strikethrough", "autolink", "tagfilter"};

struct free_parser {
  void operator()(cmark_parser* p) const { cmark_parser_free(p); }
};
struct free_node {
  void operator()(cmark_node* n) const { cmark_node_free(n); }
};
struct free_iterator {
  void operator()(cmark_iter* i) const { cmark_iter_free(i); }
};
struct free_text {
  void operator()(char* t) const { std::free(t); }
};

/// A parsed document. The parser owns the list of extensions that rendering needs.
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

}  // namespace

safe_html render_markdown(std::string_view source) {
  auto parsed = parse(source);
  auto html = std::unique_ptr<char, free_text>{
      cmark_render_html(parsed.root.get(), options, cmark_parser_get_syntax_extensions(parsed.parser.get()))};
  if (html == nullptr)
    throw std::bad_alloc{};
  return safe_html::trusted(html.get());
}

std::vector<int> first_level_headings(std::string_view source) {
  auto parsed = parse(source);
  auto walk = std::unique_ptr<cmark_iter, free_iterator>{cmark_iter_new(parsed.root.get())};
  auto lines = std::vector<int>{};
  while (cmark_iter_next(walk.get()) != CMARK_EVENT_DONE) {
    auto* node = cmark_iter_get_node(walk.get());
    bool is_entered = cmark_iter_get_event_type(walk.get()) == CMARK_EVENT_ENTER;
    if (is_entered && cmark_node_get_type(node) == CMARK_NODE_HEADING && cmark_node_get_heading_level(node) == 1)
      lines.push_back(cmark_node_get_start_line(node));
  }
  return lines;
}

}  // namespace beamline::event_horizon
