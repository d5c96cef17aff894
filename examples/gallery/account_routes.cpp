#include "gallery/account_routes.hpp"

#include "base/crypto.hpp"
#include "gallery/views/account.hpp"
#include "gallery/views/name_rule.hpp"

#include <span>
#include <string>

namespace gallery {

using namespace beamline;

namespace {

constexpr std::size_t login_octets = 15;

web::response go_to(const char* path) { return web::response::redirect(path, 303); }

/// The answer, with the session in its cookie.
web::response with_session(const web::request& req, const web::session_codec& codec, const web::session_data& session,
                           web::response answer) {
  if (const auto stored = codec.store(session, answer); !stored)
    return web::response::failure(req, 500, stored.error().message);
  return answer;
}

web::response log_in(const account_parts& p, const web::request& req) {
  const auto fields = web::form_fields(req);
  const std::string name{web::find_in(fields, "login[name]").value_or("")};
  if (const auto problem = name_problem(name))
    return web::response::failure(req, 400, *problem);
  bytes raw(login_octets, '\0');
  p.random.fill(std::as_writable_bytes(std::span{raw}));
  const auto id = base64url_encode(raw);
  auto session = p.sessions.load(req);
  session.set(user_key, name);
  session.set(login_key, id);
  session.set(web::live::socket_id_key, "login:" + id);
  return with_session(req, p.sessions, session, go_to("/account/secret"));
}

web::response log_out(const account_parts& p, const web::request& req) {
  auto session = p.sessions.load(req);
  if (const auto* id = session.find(login_key)) {
    p.ended.end(*id);
    p.live.disconnect("login:" + *id);
  }
  session.remove(user_key);
  session.remove(login_key);
  session.remove(web::live::socket_id_key);
  return with_session(req, p.sessions, session, go_to("/account"));
}

}  // namespace

void add_account_routes(web::router& routes, const account_parts& p) {
  routes.group("/account", [&](web::router& guarded) {
    guarded.use(web::csrf::guard(p.sessions, p.origins));
    guarded.post("/login", [p](const web::request& req, web::responder answer) { answer.send(log_in(p, req)); });
    guarded.post("/logout", [p](const web::request& req, web::responder answer) { answer.send(log_out(p, req)); });
  });
}

}  // namespace gallery
