#include "web/live/reply.hpp"

#include "base/html_attributes.hpp"
#include "base/json.hpp"
#include "base/utf8.hpp"

#include <algorithm>

namespace beamline::web::live {

namespace {

std::string target(std::string_view to, std::optional<history> kind, std::string_view flash_token) {
  auto out = std::string{R"({"to":)"};
  append_json_string(out, to);
  if (kind)
    out += *kind == history::push ? R"(,"kind":"push")" : R"(,"kind":"replace")";
  if (!flash_token.empty()) {
    out += R"(,"flash":)";
    append_json_string(out, flash_token);
  }
  out += '}';
  return out;
}

std::string member(std::string_view name, std::string_view value) {
  auto out = std::string{"{\""};
  out += name;
  out += "\":";
  out += value;
  out += '}';
  return out;
}

constexpr auto rendered_head = R"({"rendered":)";

std::string rendered_tail(const join_extras& extras) {
  auto out = R"(,"liveview_version":")" + std::string{client_version} + "\"";
  if (extras.patch)
    out += R"(,"live_patch":)" + encode(*extras.patch);
  if (extras.container)
    out += R"(,"container":)" + dump_json(json::array({extras.container->tag, json(extras.container->attributes)}));
  return out + "}";
}

}  // namespace

result<void> check_local_path(std::string_view to) {
  const auto refuse = [to](std::string_view why) {
    return error{errc::invalid,
                 "live navigation to \"" + std::string{truncate_utf8(to, 80)} + "\": " + std::string{why}};
  };
  if (!to.starts_with('/'))
    return refuse("expected a path of this site that begins with /; use redirect_to for other sites");
  if (to.starts_with("//"))
    return refuse("a browser takes // for the name of another site");
  if (std::ranges::any_of(to, [](unsigned char c) { return c <= ' ' || c == 0x7f || c == '\\'; }))
    return refuse("contains white space, a control character or a backslash; percent-encode it");
  return {};
}

result<void> check_redirect_target(std::string_view to) {
  const auto scheme_end = to.find("://");
  const auto scheme = html::lower_name(to.substr(0, scheme_end == std::string_view::npos ? 0 : scheme_end));
  const auto is_address = (scheme == "http" || scheme == "https") && scheme_end + 3 < to.size();
  const auto is_plain = std::ranges::none_of(to, [](unsigned char c) { return c <= ' ' || c == 0x7f || c == '\\'; });
  if (is_plain && (is_address || check_local_path(to)))
    return {};
  return error{errc::invalid, "redirect to \"" + std::string{truncate_utf8(to, 80)}
                                  + "\": expected a path that begins with one /, or http:// or https:// and a host, "
                                    "without white space, control characters and backslashes"};
}

std::string encode(const patch_to& t) { return target(t.to, t.kind, {}); }
std::string encode(const navigate_to& t) { return target(t.to, t.kind, t.flash_token); }
std::string encode(const redirect_to& t) { return target(t.to, std::nullopt, t.flash_token); }

std::string join_response(std::string_view rendered, const join_extras& extras) {
  return rendered_head + std::string{rendered} + rendered_tail(extras);
}

channels::json_text join_response(std::shared_ptr<const std::string> rendered, const join_extras& extras) {
  return {rendered_head, std::move(rendered), rendered_tail(extras)};
}

std::string join_response(const navigate_to& t, std::string_view events) {
  return R"({"live_redirect":)" + encode(t) + R"(,"events":)" + std::string{events} + "}";
}

std::string join_response(const redirect_to& t, std::string_view events) {
  return R"({"redirect":)" + encode(t) + R"(,"events":)" + std::string{events} + "}";
}

std::string reload_response(int status, std::string_view reload_token) {
  return R"({"reason":"reload","status":)" + std::to_string(status) + R"(,"token":)" + json_string(reload_token) + "}";
}

std::string event_response(std::string_view diff) { return diff.empty() ? "{}" : member("diff", diff); }

channels::json_text event_response(std::shared_ptr<const std::string> diff) {
  if (!diff || diff->empty())
    return "{}";
  return {R"({"diff":)", std::move(diff), "}"};
}

std::string event_response(const navigate_to& t) { return member("live_redirect", encode(t)); }
std::string event_response(const redirect_to& t) { return member("redirect", encode(t)); }
std::string link_redirect_response() { return R"({"link_redirect":true})"; }

}  // namespace beamline::web::live
