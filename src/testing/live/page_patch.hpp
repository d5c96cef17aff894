#pragma once

#include "base/json.hpp"
#include "testing/live/dom.hpp"

#include <string_view>

namespace beamline::testing {

/// How one view's HTML gets into the page.
struct page_patch {
  std::string_view html;              // What the view shows now; of streams only the items of this message.
  const json* streams = nullptr;      // Instructions of this message: a list of [ref, inserts, deletes, reset?].
  bool is_join = false;               // The first after a join: stream items that are not sent again go.
  const dom_node* focused = nullptr;  // The field that has the focus keeps what was typed.
};

/// Makes the content of `container` what the client would make of it: streams, `phx-update="ignore"`, nested views and
/// typed text stay as they should. Throws `page_stuck` for HTML that a browser would read differently.
///
/// What is typed in a field that is not focused is kept while the server renders its form as before; when the form is
/// rendered differently the server's values win, as they do in a browser.
void patch_container(dom_node& container, const page_patch& patch);

}  // namespace beamline::testing
