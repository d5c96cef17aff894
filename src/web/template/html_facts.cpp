#include "web/template/html_facts.hpp"

#include "base/html_attributes.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace beamline::web::heex {

namespace {

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

constexpr auto void_elements = std::to_array<std::string_view>(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"});
constexpr auto block_elements = std::to_array<std::string_view>({
    "address", "article", "aside", "blockquote", "body",     "caption",    "center", "dd",     "details",
    "dialog",  "div",     "dl",    "dt",         "fieldset", "figcaption", "figure", "footer", "form",
    "h1",      "h2",      "h3",    "h4",         "h5",       "h6",         "header", "hgroup", "legend",
    "li",      "main",    "menu",  "nav",        "ol",       "option",     "p",      "search", "section",
    "summary", "td",      "th",    "title",      "ul",
});
constexpr auto without_text = std::to_array<std::string_view>(
    {"colgroup", "datalist", "head", "html", "optgroup", "select", "table", "tbody", "tfoot", "thead", "tr"});
constexpr auto global_attributes = std::to_array<std::string_view>({
    "accesskey",
    "autocapitalize",
    "autofocus",
    "class",
    "contenteditable",
    "dir",
    "draggable",
    "enterkeyhint",
    "exportparts",
    "height",
    "hidden",
    "id",
    "inert",
    "inputmode",
    "is",
    "itemid",
    "itemprop",
    "itemref",
    "itemscope",
    "itemtype",
    "lang",
    "nonce",
    "part",
    "popover",
    "role",
    "slot",
    "spellcheck",
    "style",
    "tabindex",
    "target",
    "title",
    "translate",
    "width",
});

}  // namespace

bool is_void_element(std::string_view name) { return is_one_of(void_elements, html::lower_name(name)); }

bool is_raw_element(std::string_view name) {
  const auto plain = html::lower_name(name);
  return plain == "script" || plain == "style";
}

bool keeps_space(std::string_view name) {
  const auto plain = html::lower_name(name);
  return plain == "pre" || plain == "textarea" || plain == "listing";
}

bool is_block_element(std::string_view name) { return is_one_of(block_elements, html::lower_name(name)); }

bool holds_no_text(std::string_view name) { return is_one_of(without_text, html::lower_name(name)); }

const std::vector<std::string_view>& phx_attributes() {
  static const auto all = std::vector<std::string_view>{
      "phx-auto-recover",
      "phx-blur",
      "phx-change",
      "phx-click",
      "phx-click-away",
      "phx-connected",
      "phx-debounce",
      "phx-disable-with",
      "phx-disconnected",
      "phx-drop-target",
      "phx-focus",
      "phx-hook",
      "phx-key",
      "phx-keydown",
      "phx-keyup",
      "phx-mounted",
      "phx-no-curly-interpolation",
      "phx-no-format",
      "phx-no-unused-field",
      "phx-patch-focused",
      "phx-remove",
      "phx-submit",
      "phx-target",
      "phx-throttle",
      "phx-track-static",
      "phx-trigger-action",
      "phx-update",
      "phx-viewport-bottom",
      "phx-viewport-overrun-target",
      "phx-viewport-top",
      "phx-window-blur",
      "phx-window-focus",
      "phx-window-keydown",
      "phx-window-keyup",
  };
  return all;
}

bool is_known_phx_attribute(std::string_view name) {
  const auto& all = phx_attributes();
  return (name.starts_with("phx-value-") && name.size() > 10) || std::ranges::find(all, name) != all.end();
}

bool is_global_attribute(std::string_view name) {
  return name.starts_with("data-") || name.starts_with("aria-") || name.starts_with("phx-")
      || is_one_of(global_attributes, name) || html::is_script_attribute(name);
}

}  // namespace beamline::web::heex
