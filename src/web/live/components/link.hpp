#pragma once

#include "web/live/components/passed_attribute.hpp"
#include "web/live/template.hpp"

#include <string>

namespace beamline::web::live::components {

/// A link, one of three kinds:
///
///   <.link navigate="/blog">…</.link>        another view of the live session, without loading a page
///   <.link patch={"/blog?page=" + n}>…       another URL of the same view: `handle_params`
///   <.link href="/logout">…                  a page load; of another site, too
///
/// Without any it is `href="#"`, for a `phx-click`. All of them are real links: they work before the page is connected,
/// open in a new tab and show where they lead. More than one kind throws std::invalid_argument.
struct link_attrs {
  std::string navigate{};
  std::string patch{};
  std::string href{};
  bool replace = false;  // Takes the place of the present page in the browser's history.
  passed_attribute download{};
  passed_attribute hreflang{};
  passed_attribute referrerpolicy{};
  passed_attribute rel{};
  passed_attribute target{};
  passed_attribute type{};
  attributes rest{};
  slot<> inner_block{};
};
[[nodiscard]] rendered link(const link_attrs& a, render_context& context);

}  // namespace beamline::web::live::components
