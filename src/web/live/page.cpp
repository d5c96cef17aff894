#include "web/live/page.hpp"

#include "base/crypto.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

namespace beamline::web::live {

namespace {

void append_named(std::string& out, std::string_view name, std::string_view value) {
  out += ' ';
  out += name;
  out += "=\"";
  html::append_attribute(out, value);
  out += '"';
}

bool is_name(std::string_view text) {
  return !text.empty() && text.front() >= 'a' && text.front() <= 'z'
      && text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_") == std::string_view::npos;
}

constexpr auto void_elements = std::array<std::string_view, 13>{
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track"};

}  // namespace

std::string make_view_id(random_source& random) {
  auto octets = std::array<char, 12>{};
  random.fill(std::as_writable_bytes(std::span{octets}));
  return "phx-" + base64url_encode({octets.data(), octets.size()});
}

result<void> check_container(const container_element& e) {
  const auto refuse = [](std::string what) { return error{errc::invalid, "container of a live view: " + what}; };
  if (!is_name(e.tag))
    return refuse("the tag \"" + e.tag + "\" is not a name in lower case");
  if (std::ranges::find(void_elements, e.tag) != void_elements.end())
    return refuse("<" + e.tag + "> has no content; use one that has, such as <div>");
  for (const auto& [name, value] : e.attributes) {
    if (!is_name(name))
      return refuse("the attribute \"" + name + "\" is not a name in lower case");
    if (name == "id" || name.starts_with("data-phx-"))
      return refuse("the attribute \"" + name + "\" is the client's own; choose another");
  }
  return {};
}

safe_html render_container(const view_container& c, const safe_html& content) {
  auto out = "<" + c.element.tag;
  append_named(out, "id", c.view_id);
  for (const auto& [name, value] : c.element.attributes)
    append_named(out, name, value);
  if (c.what == view_container::kind::main)
    out += " data-phx-main";
  append_named(out, "data-phx-session", c.session_token);
  append_named(out, "data-phx-static", c.static_token);
  if (c.what == view_container::kind::nested)
    append_named(out, "data-phx-parent-id", c.parent_id);
  if (c.what == view_container::kind::sticky)
    out += " data-phx-sticky";
  out += '>';
  out += content.str();
  out += "</" + c.element.tag + ">";
  return safe_html::trusted(std::move(out));
}

safe_html render_title(const page_title& t) {
  auto out = std::string{"<title"};
  // Without this attribute the client leaves the title alone when a view sends none.
  if (!t.fallback.empty())
    append_named(out, "data-default", t.fallback);
  append_named(out, "data-prefix", t.prefix);
  append_named(out, "data-suffix", t.suffix);
  out += '>';
  html::append_text(out, t.prefix);
  html::append_text(out, t.text.empty() ? t.fallback : t.text);
  html::append_text(out, t.suffix);
  out += "</title>";
  return safe_html::trusted(std::move(out));
}

safe_html render_csrf_meta(std::string_view masked_token) {
  auto out = std::string{"<meta name=\"csrf-token\""};
  append_named(out, "content", masked_token);
  out += '>';
  return safe_html::trusted(std::move(out));
}

std::string render_page(const dead_page& p, const safe_html& content, const page_layout& around) {
  return around({.head = render_csrf_meta(p.csrf_token) + render_title(p.title) + p.head,
                 .body = render_container(p.view, content)});
}

}  // namespace beamline::web::live
