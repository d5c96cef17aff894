// Gumbo reads HTML by the same rules as browsers (the HTML5 parsing algorithm).

#include "testing/live/client_model.hpp"
#include "testing/live/dom.hpp"

#include <gumbo.h>

namespace beamline::testing {

namespace {

struct gumbo_free {
  void operator()(GumboOutput* output) const { gumbo_destroy_output(&kGumboDefaultOptions, output); }
};

std::string element_name(const GumboElement& e) {
  if (e.tag != GUMBO_TAG_UNKNOWN)
    return gumbo_normalized_tagname(e.tag);
  auto original = e.original_tag;
  gumbo_tag_from_original_text(&original);
  auto name = std::string{original.data, original.length};
  for (auto& c : name)
    if (c >= 'A' && c <= 'Z')
      c = static_cast<char>(c - 'A' + 'a');
  return name;
}

void append_nodes(dom_node& parent, const GumboVector& nodes);

std::unique_ptr<dom_node> converted(const GumboNode& n) {
  switch (n.type) {
    case GUMBO_NODE_TEXT:
    case GUMBO_NODE_WHITESPACE:
    case GUMBO_NODE_CDATA: return std::make_unique<dom_node>(dom_node::kind::text, n.v.text.text);
    case GUMBO_NODE_COMMENT: return std::make_unique<dom_node>(dom_node::kind::comment, n.v.text.text);
    case GUMBO_NODE_ELEMENT:
    case GUMBO_NODE_TEMPLATE: {
      auto out = std::make_unique<dom_node>(dom_node::kind::element, element_name(n.v.element));
      for (unsigned i = 0; i < n.v.element.attributes.length; ++i) {
        const auto& a = *static_cast<const GumboAttribute*>(n.v.element.attributes.data[i]);
        out->set_attribute(a.name, a.value);
      }
      append_nodes(*out, n.v.element.children);
      return out;
    }
    case GUMBO_NODE_DOCUMENT: break;
  }
  return nullptr;
}

void append_nodes(dom_node& parent, const GumboVector& nodes) {
  for (unsigned i = 0; i < nodes.length; ++i)
    if (auto child = converted(*static_cast<const GumboNode*>(nodes.data[i])))
      parent.append(std::move(child));
}

GumboTag context_of(std::string_view container) {
  const auto tag = gumbo_tagn_enum(container.data(), static_cast<unsigned>(container.size()));
  return tag == GUMBO_TAG_UNKNOWN ? GUMBO_TAG_DIV : tag;
}

}  // namespace

std::unique_ptr<dom_node> parse_document(std::string_view html) {
  const auto output = std::unique_ptr<GumboOutput, gumbo_free>{
      gumbo_parse_with_options(&kGumboDefaultOptions, html.data(), html.size())};
  auto root = std::make_unique<dom_node>(dom_node::kind::element);
  append_nodes(*root, output->document->v.document.children);
  return root;
}

std::unique_ptr<dom_node> parse_fragment(std::string_view html, std::string_view container) {
  auto options = kGumboDefaultOptions;
  options.fragment_context = context_of(container);
  const auto output =
      std::unique_ptr<GumboOutput, gumbo_free>{gumbo_parse_with_options(&options, html.data(), html.size())};
  auto root = std::make_unique<dom_node>(dom_node::kind::element);
  append_nodes(*root, output->root->v.element.children);  // Its root stands for the container.
  return root;
}

}  // namespace beamline::testing
