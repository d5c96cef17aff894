#include "web/live/nested.hpp"

#include <stdexcept>

namespace beamline::web::live {

namespace {

[[noreturn]] void refuse(const nested_view_spec& spec, const std::string& why) {
  throw std::invalid_argument{"nested view \"" + spec.view + "\" with id \"" + spec.id + "\": " + why};
}

}  // namespace

const safe_html& nested_places::place(const nested_view_spec& spec) {
  if (spec.id.empty())
    refuse(spec, "it needs an id, unique within the page");
  if (spec.id == scope_.parent_id)
    refuse(spec, "that is the id of the view around it; choose another");
  if (!spec.session.is_object())
    refuse(spec, "its session must be a JSON object");
  if (auto at = places_.find(spec.id); at != places_.end()) {
    if (at->second.view != spec.view)
      refuse(spec, "view \"" + at->second.view + "\" has that id in this page; give each its own");
    return at->second.html;
  }
  if (places_.size() >= nested_views_max)
    refuse(spec, "this view has had " + std::to_string(nested_views_max)
                     + " nested views, which is all it may have in its life; take components for rows");
  const auto* element = scope_.find_view(spec.view);
  if (element == nullptr)
    refuse(spec, "the endpoint knows no view of that name");
  return places_.emplace(spec.id, known{spec.view, make(spec, *element)}).first->second.html;
}

safe_html nested_places::make(const nested_view_spec& spec, const container_element& element) const {
  const bool is_first_html = scope_.render != nullptr;
  auto session = scope_.session;
  session.update(spec.session);
  view_container c;
  c.view_id = spec.id;
  c.what = spec.is_sticky ? view_container::kind::sticky : view_container::kind::nested;
  c.parent_id = scope_.parent_id;
  c.element = element;
  // In the first HTML a nested view waits for its parent, whose connected render has the token.
  if (spec.is_sticky || !is_first_html)
    c.session_token = scope_.tokens->sign(session_token{
        .view_id = spec.id,
        .view = spec.view,
        .live_session = scope_.live_session,
        .is_routable = false,
        .session = session,
        .parent = spec.is_sticky ? parent_identity{} : parent_identity{scope_.parent_id, scope_.process}});
  if (is_first_html)
    c.static_token = scope_.tokens->sign(static_token{spec.id});
  return render_container(c, is_first_html ? scope_.render(spec, session) : safe_html{});
}

}  // namespace beamline::web::live
