#include "web/live/join.hpp"

#include "base/url.hpp"

#include <utility>

namespace beamline::web::live {

namespace {

/// The payload of a join, with the types that a client sends.
struct join_request {
  std::optional<std::string> session;
  std::optional<std::string> page_static;
  std::optional<std::string> url;
  std::optional<std::string> redirect;
  std::optional<std::string> flash;
  json params;
  std::int64_t mounts = 0;
  std::int64_t mount_attempts = 0;
};

/// Reads an optional string; null counts as missing. False if it is something else.
bool read(const json& object, std::string_view key, std::optional<std::string>& out) {
  const auto* field = find_field(object, key);
  if (field == nullptr || field->is_null())
    return true;
  if (!field->is_string())
    return false;
  out = field->get_ref<const std::string&>();
  return true;
}

/// Reads an optional count. False if it is something else.
bool read(const json& object, std::string_view key, std::int64_t& out) {
  if (find_field(object, key) == nullptr)
    return true;
  const auto count = find_int(object, key);
  if (!count || *count < 0)
    return false;
  out = *count;
  return true;
}

std::optional<join_request> parse(const channels::message_payload& payload) {
  const auto* object = std::get_if<json>(&payload);
  if (object == nullptr || !object->is_object())
    return std::nullopt;
  const auto* params = find_object(*object, "params");
  auto request = join_request{};
  if (params == nullptr || !read(*object, "session", request.session) || !read(*object, "static", request.page_static)
      || !read(*object, "url", request.url) || !read(*object, "redirect", request.redirect)
      || !read(*object, "flash", request.flash) || !read(*params, "_mounts", request.mounts)
      || !read(*params, "_mount_attempts", request.mount_attempts))
    return std::nullopt;
  request.params = *params;
  return request;
}

/// The route decides which view of the live session it is; without a URL the token does.
std::optional<join_refusal> route(join_accepted& join, const join_request& request, const join_context& context) {
  if (!join.is_routable) {
    if (request.redirect)  // Nobody navigates to a view without a URL.
      return join_refusal::unauthorized;
    if (request.url)
      join.url = target_of(*request.url);
    return std::nullopt;
  }
  const auto& url = request.redirect ? request.redirect : request.url;
  auto match = url ? context.route(*url) : std::nullopt;
  if (!match || match->live_session != join.live_session)
    return join_refusal::unauthorized;
  if (!request.redirect && match->view != join.view)
    return join_refusal::unauthorized;
  join.is_live_navigation = request.redirect.has_value();
  join.view = std::move(match->view);
  join.params = std::move(match->params);
  join.action = std::move(match->action);
  join.url = target_of(*url);
  return std::nullopt;
}

}  // namespace

std::string_view to_string(join_refusal why) noexcept {
  switch (why) {
    case join_refusal::stale: return "stale";
    case join_refusal::unauthorized: return "unauthorized";
    case join_refusal::parent_redirect: return "parent_redirect";
    case join_refusal::crashed: break;
  }
  return "join crashed";
}

std::string refusal_response(join_refusal why) { return R"({"reason":")" + std::string{to_string(why)} + "\"}"; }

std::vector<std::string> join_accepted::tracked_statics() const {
  std::vector<std::string> out;
  if (const auto* tracked = find_array(connect_params, "_track_static"))
    for (const auto& one : *tracked)
      if (one.is_string())
        out.push_back(one.get<std::string>());
  return out;
}

// The numbers are the server steps in section 5 of the protocol note.
join_decision check_join(const page_tokens& tokens, const channels::message_payload& payload,
                         const join_context& context) {
  auto request = parse(payload);
  if (!request)
    return join_refusal::crashed;

  // 1: the tokens are ours, fresh, and of this view.
  if (!request->session)
    return join_refusal::stale;
  auto token = tokens.verify_session(*request->session);
  if (!token || context.topic != std::string{topic_prefix} + token->view_id)
    return join_refusal::stale;
  auto page = static_token{};
  if (request->page_static) {
    auto verified = tokens.verify_static(*request->page_static);
    if (!verified || verified->view_id != token->view_id)
      return join_refusal::stale;
    page = *std::move(verified);
  }

  // 2: the browser proved that it belongs to the session.
  if (!context.has_session)
    return join_refusal::stale;

  // 3, 4: the URL leads to this view, or to another of the same live session.
  auto join = join_accepted{.view_id = std::move(token->view_id),
                            .view = std::move(token->view),
                            .live_session = std::move(token->live_session),
                            .is_routable = token->is_routable,
                            .url = std::nullopt,
                            .session = std::move(token->session),
                            .connect_params = std::move(request->params),
                            .mounts = request->mounts,
                            .mount_attempts = request->mount_attempts,
                            .parent = std::move(token->parent)};
  if (const auto refused = route(join, *request, context))
    return *refused;

  // 5: the view was not renamed by a deploy; the one around it is still the one that rendered it.
  if (!context.has_view(join.view))
    return join_refusal::stale;
  if (join.parent) {
    const auto status = context.find_parent ? context.find_parent(join.parent) : parent_status::gone;
    if (status != parent_status::alive)
      return status == parent_status::gone ? join_refusal::stale : join_refusal::parent_redirect;
  }

  // 6: the flash of a redirect, else that of the page, which is shown once. It is shown by the root view.
  auto flash = request->flash ? tokens.verify_flash(*request->flash) : result<json>{error{}};
  if (flash)
    join.flash = *std::move(flash);
  else if (join.mounts == 0 && !join.is_live_navigation && !join.parent)
    join.flash = std::move(page.flash);
  return join;
}

}  // namespace beamline::web::live
