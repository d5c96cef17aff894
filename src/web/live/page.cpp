#include "web/live/page.hpp"

#include "base/crypto.hpp"

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

}  // namespace

std::string make_view_id(random_source& random) {
  auto octets = std::array<char, 12>{};
  random.fill(std::as_writable_bytes(std::span{octets}));
  return "phx-" + base64url_encode({octets.data(), octets.size()});
}

safe_html render_container(const view_container& c, const safe_html& content) {
  auto out = std::string{"<div"};
  append_named(out, "id", c.view_id);
  if (!c.css_class.empty())
    append_named(out, "class", c.css_class);
  if (c.is_main)
    out += " data-phx-main";
  append_named(out, "data-phx-session", c.session_token);
  append_named(out, "data-phx-static", c.static_token);
  out += '>';
  out += content.str();
  out += "</div>";
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
  return around(
      {.head = render_csrf_meta(p.csrf_token) + render_title(p.title), .body = render_container(p.view, content)});
}

}  // namespace beamline::web::live
