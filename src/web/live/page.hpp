#pragma once

#include "base/html.hpp"
#include "base/random.hpp"
#include "base/result.hpp"

#include <functional>
#include <map>
#include <string>
#include <string_view>

/// The first HTML of a live view, before any connection: the container that the client takes over, and what it reads
/// from the head of the document. The document around them is the application's, as a `page_layout`.
namespace beamline::web::live {

/// A page holds tokens of one visitor and must never be stored by a cache.
inline constexpr std::string_view page_cache_control = "no-store";

/// A fresh id for a view: `phx-` and 96 random bits. Unique within the document is enough, so it is no secret.
[[nodiscard]] std::string make_view_id(random_source& random);

/// The element around a view. A navigation to a view with another one retags the element in the page.
struct container_element {
  std::string tag = "div";
  std::map<std::string, std::string, std::less<>> attributes = {};  // Other than `id` and `data-phx-...`.

  friend bool operator==(const container_element&, const container_element&) = default;
};
/// What is wrong with it: the tag is not a name, or is one without an end tag (`br`); an attribute is not a name, or is
/// the client's own. Attribute values may be anything.
[[nodiscard]] result<void> check_container(const container_element& e);

/// The element that becomes the live view.
struct view_container {
  std::string view_id;        // Equal to the id inside both tokens.
  std::string session_token;  // Without one the element is no view and the page makes no connection.
  std::string static_token;
  // `main`: the one view of the page that gets history, title and live navigation. `sticky`: stays when the main one is
  // navigated. `nested`: belongs to the view `parent_id`. `plain`: one beside others on a page that is no view.
  enum class kind { main, plain, nested, sticky } what = kind::main;
  std::string parent_id = {};
  container_element element = {};
};

/// `<div id="..." data-phx-main data-phx-session="..." data-phx-static="...">content</div>`, attributes escaped. The
/// element must have passed `check_container`.
[[nodiscard]] safe_html render_container(const view_container& c, const safe_html& content);

/// The page's title. `prefix` and `suffix` stay when a view changes the title; `fallback` is shown when it has none.
struct page_title {
  std::string text = {};
  std::string prefix = {};
  std::string suffix = {};
  std::string fallback = {};
};
[[nodiscard]] safe_html render_title(const page_title& t);

/// `<meta name="csrf-token" content="...">`, which the page's script sends with the connection.
[[nodiscard]] safe_html render_csrf_meta(std::string_view masked_token);

/// What a layout puts into its document: `head` somewhere inside <head>, `body` somewhere inside <body>, each once.
struct page_parts {
  safe_html head;  // CSRF token, title, and what the view adds.
  safe_html body;  // The container.
};

/// Makes a whole document, from doctype to </html>. It must be pure: a page is rendered for every request.
using page_layout = std::function<std::string(const page_parts&)>;

struct dead_page {
  view_container view;
  page_title title;
  std::string csrf_token;  // Masked.
  safe_html head{};        // Of the view.
};

/// The document for a first request. To be sent with `cache-control: no-store`.
[[nodiscard]] std::string render_page(const dead_page& p, const safe_html& content, const page_layout& around);

}  // namespace beamline::web::live
