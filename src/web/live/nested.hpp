#pragma once

#include "base/html.hpp"
#include "base/json.hpp"
#include "web/live/page.hpp"
#include "web/live/tokens.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>

/// Views inside views. A nested view has a process and a topic of its own; to the parent it is one element that never
/// changes.
///
///   parent's first HTML         <div id="kid" data-phx-session="" data-phx-static="T"
///   data-phx-parent-id="P">html</div> parent's connected render   <div id="kid" data-phx-session="S"
///   data-phx-static="" data-phx-parent-id="P"></div>
///
/// A *nested* view lives no longer than its parent and joins when the parent has. A *sticky* one is a root of its own:
/// it stays, with its state, when the browser navigates to another view of the live session that renders the same id.
/// Neither has a URL: no `handle_params`, and a `patch` of one is carried out by the root view of the page.
namespace beamline::web::live {

/// More ids of nested views than this in the life of one view throw in its render: each is a process, and a join. An id
/// that is not shown any more counts, too, so rows that come and go are components rather than views.
inline constexpr std::size_t nested_views_max = 64;

/// `<.live_render view="clock" id="kid" session={...} sticky />`.
struct nested_view_spec {
  std::string view;               // The name under which the endpoint knows it.
  std::string id;                 // Of the element, chosen by the application; unique within the page.
  json session = json::object();  // For the child's mount, over what its parent has. Signed, not secret.
  bool is_sticky = false;
};

/// The place of a nested view in a render; a process gives one to its render context. Throws std::invalid_argument for
/// a spec that no page can show: no id, an unknown view, an id that another view has, nested_views_max.
using nested_view_placer = std::function<safe_html(const nested_view_spec&)>;

/// What a view's nested ones inherit.
struct nested_scope {
  std::string parent_id;      // The view's id on the page.
  std::uint64_t process = 0;  // Of the view; 0 in the first render, whose children get no session token.
  std::string live_session;
  json session = json::object();
  const page_tokens* tokens = nullptr;
  /// The element of the view of that name; null: there is no such view.
  std::function<const container_element*(std::string_view view)> find_view;
  /// The child's first HTML. Set in the first render only.
  std::function<safe_html(const nested_view_spec&, const json& session)> render{};
};

/// The places of one view's nested views. Each is made when it is first rendered, and stays: to the browser a child's
/// element must not change. Owned by the view's process.
class nested_places {
public:
  explicit nested_places(nested_scope scope) : scope_{std::move(scope)} {}

  /// As `nested_view_placer`.
  [[nodiscard]] const safe_html& place(const nested_view_spec& spec);

private:
  struct known {
    std::string view;
    safe_html html;
  };
  [[nodiscard]] safe_html make(const nested_view_spec& spec, const container_element& element) const;

  nested_scope scope_;
  std::map<std::string, known, std::less<>> places_;
};

}  // namespace beamline::web::live
