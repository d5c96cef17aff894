#include "apps/event_horizon/content/html_rules.hpp"

#include <algorithm>
#include <array>

namespace beamline::event_horizon {

namespace {

constexpr auto allowed = std::to_array<std::string_view>(
    {"a",       "abbr",   "acronym",    "aside",  "audio", "b",     "bdi",     "bdo",     "big",     "blockquote",
     "caption", "center", "cite",       "code",   "dd",    "del",   "details", "dfn",     "div",     "dl",
     "dt",      "em",     "figcaption", "figure", "font",  "h1",    "h2",      "h3",      "h4",      "h5",
     "h6",      "i",      "ins",        "kbd",    "li",    "mark",  "ol",      "p",       "picture", "pre",
     "q",       "rp",     "rt",         "ruby",   "s",     "samp",  "section", "small",   "span",    "strike",
     "strong",  "sub",    "summary",    "sup",    "table", "tbody", "td",      "tfoot",   "th",      "thead",
     "time",    "tr",     "tt",         "u",      "ul",    "var",   "video",   "colgroup"});
constexpr auto voids = std::to_array<std::string_view>({"br", "col", "hr", "wbr"});
constexpr auto with_content = std::to_array<std::string_view>(
    {"applet",    "canvas", "embed",  "frameset", "head", "math",     "noembed",  "noframes", "noscript", "object",
     "plaintext", "script", "select", "style",    "svg",  "template", "textarea", "title",    "track",    "xmp"});

struct renamed {
  std::string_view from;
  std::string_view to;
};
constexpr auto names = std::to_array<renamed>({{"acronym", "abbr"},
                                               {"big", "span"},
                                               {"center", "div"},
                                               {"font", "span"},
                                               {"h1", "h2"},
                                               {"picture", "span"},
                                               {"strike", "s"},
                                               {"tt", "code"}});

constexpr auto useless = std::to_array<std::string_view>(
    {"align", "background", "bgcolor",  "border",   "cellpadding", "cellspacing", "class", "clear",   "color",
     "face",  "height",     "hspace",   "itemprop", "lang",        "loading",     "name",  "rel",     "role",
     "size",  "style",      "tabindex", "target",   "valign",      "vspace",      "width", "markdown"});

struct allowed_attribute {
  std::string_view element;
  std::string_view attribute;
  attribute_rule rule;
};
constexpr auto attributes = std::to_array<allowed_attribute>({
    {"a", "href", attribute_rule::link},         {"audio", "src", attribute_rule::link},
    {"video", "src", attribute_rule::link},      {"video", "poster", attribute_rule::link},
    {"audio", "controls", attribute_rule::flag}, {"video", "controls", attribute_rule::flag},
    {"audio", "loop", attribute_rule::flag},     {"video", "loop", attribute_rule::flag},
    {"video", "muted", attribute_rule::flag},    {"blockquote", "cite", attribute_rule::link},
    {"q", "cite", attribute_rule::link},         {"del", "datetime", attribute_rule::text},
    {"ins", "datetime", attribute_rule::text},   {"time", "datetime", attribute_rule::text},
    {"details", "open", attribute_rule::flag},   {"li", "value", attribute_rule::number},
    {"ol", "start", attribute_rule::number},     {"ol", "reversed", attribute_rule::flag},
    {"ol", "type", attribute_rule::word},        {"td", "colspan", attribute_rule::number},
    {"td", "rowspan", attribute_rule::number},   {"th", "colspan", attribute_rule::number},
    {"th", "rowspan", attribute_rule::number},   {"th", "scope", attribute_rule::word},
    {"col", "span", attribute_rule::number},     {"colgroup", "span", attribute_rule::number},
    {"source", "src", attribute_rule::link},     {"source", "type", attribute_rule::text},
    {"", "dir", attribute_rule::word},           {"", "id", attribute_rule::id},
    {"", "title", attribute_rule::text},
});

template <class List>
bool has(const List& list, std::string_view word) {
  return std::ranges::find(list, word) != list.end();
}

}  // namespace

element_rule rule_of(std::string_view element) {
  if (element == "img")
    return element_rule::image;
  if (element == "iframe" || element == "frame")
    return element_rule::frame;
  if (element == "source")
    return element_rule::source;
  if (has(voids, element))
    return element_rule::is_void;
  if (has(with_content, element))
    return element_rule::with_content;
  return has(allowed, element) ? element_rule::allowed : element_rule::unknown;
}

std::string_view shown_name(std::string_view element) {
  const auto* other = std::ranges::find(names, element, &renamed::from);
  return other == names.end() ? element : other->to;
}

attribute_rule rule_of(std::string_view element, std::string_view attribute) {
  for (const auto& each : attributes)
    if (each.attribute == attribute && (each.element.empty() || each.element == element))
      return each.rule;
  bool is_quiet = has(useless, attribute) || attribute.starts_with("data-") || attribute.starts_with("aria-");
  return is_quiet ? attribute_rule::useless : attribute_rule::forbidden;
}

}  // namespace beamline::event_horizon
