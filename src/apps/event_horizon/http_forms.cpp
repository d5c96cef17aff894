#include "apps/event_horizon/http_forms.hpp"

#include "apps/event_horizon/views/paths.hpp"
#include "base/id.hpp"
#include "base/json.hpp"
#include "web/live/tokens.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace beamline::event_horizon {

namespace {

constexpr std::string_view retry_after_s = "5";
// A limit is so many per minute.
constexpr std::string_view limit_retry_after_s = "60";
// The browser forgets the words if the next page never comes.
constexpr long notice_age_max_s = 60;

constexpr std::string_view like_waiting_text = "Your like is kept here, and counted later.";
constexpr std::string_view waiting_text =
    "Your comment is kept. It shows as soon as the node that counts is back; you need not send it again.";
constexpr std::string_view sent_text = "Sent. Your comment shows here once it was taken.";
constexpr std::string_view pending_text = "Thank you. Your comment shows once somebody has looked at it.";

std::string visitor_of(const http_parts& parts, const web::request& req) {
  auto session = parts.sessions.load(req);
  const auto* visitor = session.find("visitor");
  return visitor == nullptr ? std::string{} : *visitor;
}

/// `failed`: what is said when it is nobody's fault here.
web::response refusal(const web::request& req, const error& e, std::string_view failed) {
  switch (e.code) {
    case errc::invalid: return web::response::failure(req, 400, e.message);
    case errc::not_found: return no_such_post(req);
    case errc::busy:
      return web::response::failure(req, 429, e.message + ".").with("retry-after", std::string{limit_retry_after_s});
    // Trying again does not help, now or later.
    case errc::too_large: return web::response::failure(req, 409, e.message + ".");
    default:
      return web::response::failure(req, 503, std::string{failed} + ".")
          .with("retry-after", std::string{retry_after_s});
  }
}

std::string notice_cookie(const token_signer& signer, std::string_view text, bool is_secure) {
  return web::to_header({.name = std::string{web::live::flash_cookie},
                         .value = web::live::page_tokens{signer}.sign_flash({{"info", std::string{text}}}),
                         .max_age_s = notice_age_max_s,
                         .secure = is_secure,
                         .http_only = false});
}

/// The next page says this; nothing: it is as always.
void say_next(const http_parts& parts, const web::request& req, std::string_view text, web::response& out) {
  if (!text.empty() && parts.signer != nullptr)
    out.headers.add("set-cookie", notice_cookie(*parts.signer, text, req.is_secure));
}

// -- likes ---------------------------------------------------------------------------------------

/// What a like's form asks for; nothing when it asks for neither.
std::optional<bool> wanted(const web::request& req) {
  auto fields = web::form_fields(req);
  auto liked = web::find_in(fields, "liked").value_or("true");
  if (liked != "true" && liked != "false")
    return std::nullopt;
  return liked == "true";
}

void handle_like(const http_parts& parts, const web::request& req, web::responder answer) {
  const auto shown = parts.of.posts().get(req.param("slug"));
  if (shown == nullptr)
    return answer.send(no_such_post(req));
  auto liked = wanted(req);
  if (!liked)
    return answer.send(web::response::failure(req, 400, "The field \"liked\" must be true or false."));
  auto what = like_post{shown->slug, visitor_of(parts, req), *liked, req.client};
  // Completions are copied, the duty to answer is not.
  auto duty = std::make_shared<web::responder>(std::move(answer));
  parts.of.like(std::move(what), [duty, parts, slug = shown->slug](const result<like_answer>& r) {
    if (!r)
      return duty->send(refusal(duty->req(), r.error(), like_failed_text));
    auto out = web::response::redirect(post_path(slug) + "#like-form", 303);
    say_next(parts, duty->req(), r->is_waiting ? like_waiting_text : "", out);
    duty->send(std::move(out));
  });
}

// -- comments ------------------------------------------------------------------------------------

/// What the form holds; its parent is checked here, the rest by the blog.
result<comment_post> written(const web::request& req) {
  auto fields = web::form_fields(req);
  auto field = [&](std::string_view name) { return std::string{web::find_in(fields, name).value_or("")}; };
  auto out = comment_post{.slug = {}, .author = field("author"), .content = field("content")};
  if (auto text = field("parent"); !text.empty()) {
    auto id = uid::parse(text);
    if (!id)
      return error{errc::invalid, "The field \"parent\" must be the id of a comment."};
    out.parent = *id;
  }
  return out;
}

web::response comment_taken(const http_parts& parts, const web::request& req, const std::string& slug,
                            const comment_answer& a) {
  auto out = web::response::redirect(post_path(slug) + "#comments", 303);
  auto text = a.is_waiting ? waiting_text : a.is_sent ? sent_text : a.is_pending ? pending_text : std::string_view{};
  say_next(parts, req, text, out);
  return out;
}

void handle_comment(const http_parts& parts, const web::request& req, web::responder answer) {
  const auto shown = parts.of.posts().get(req.param("slug"));
  if (shown == nullptr)
    return answer.send(no_such_post(req));
  auto what = written(req);
  if (!what)
    return answer.send(refusal(req, what.error(), comment_failed_text));
  what->slug = shown->slug;
  what->visitor = visitor_of(parts, req);
  what->client = req.client;
  auto duty = std::make_shared<web::responder>(std::move(answer));
  parts.of.comment(std::move(*what), [duty, parts, slug = shown->slug](const result<comment_answer>& r) {
    duty->send(r ? comment_taken(parts, duty->req(), slug, *r) : refusal(duty->req(), r.error(), comment_failed_text));
  });
}

}  // namespace

void add_forms(web::router& routes, const http_parts& parts) {
  routes.group("", [&](web::router& guarded) {
    guarded.use(web::csrf::guard(parts.sessions, parts.origins));
    guarded.post("/blog/:slug/like", [parts](const web::request& req, web::responder answer) {
      handle_like(parts, req, std::move(answer));
    });
    guarded.post("/blog/:slug/comments", [parts](const web::request& req, web::responder answer) {
      handle_comment(parts, req, std::move(answer));
    });
  });
}

}  // namespace beamline::event_horizon
