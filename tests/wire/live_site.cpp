#include "wire/live_site.hpp"

#include "pubsub/system.hpp"
#include "supervision/dynamic_supervisor.hpp"
#include "supervision/supervisor.hpp"
#include "web/channels/broadcast.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <doctest/doctest.h>

namespace beamline::test {

namespace {

message_contract contract() {
  message_contract c;
  web::add_channel_messages(c);
  return c;
}

live::endpoint::options endpoint_options(const live_site& s, const live_site_options& o) {
  live::endpoint::options out;
  out.title = {.text = {}, .suffix = " - Site", .fallback = "Tally"};
  out.layout = [](const live::page_parts& p) { return p.head.str() + p.body.str(); };
  out.sessions = s.nursery;
  out.pubsub = "main";
  out.assets = o.assets;
  out.development_build = o.build;
  out.messages = o.messages;
  out.joins = o.joins;
  return out;
}

}  // namespace

live_site::live_site(const live_site_options& o)
    : home{node::options{.name = "test@127.0.0.1", .processes_max = o.processes_max, .contract = contract()},
           environment::ports{time, random, *log, events, timers}} {
  home.env().provide(systems);
  home.env().provide(partitions);
  auto pubsub = pubsub::system_options{};
  web::add_channels_to(pubsub);
  top = home.spawn<supervision::supervisor>(supervision::supervisor_spec{
      .children = {pubsub::child_system(std::move(pubsub)),
                   supervision::child_dynamic_supervisor(
                       "views", supervision::dynamic_supervisor_spec{.births = nursery.state()})}});
  if (!home.await_init(top, 5s) || !comes_true([&] { return nursery.state()->current() != nullptr; }))
    throw std::runtime_error{"the site does not start"};
  endpoint.emplace(home, signer, sessions, endpoint_options(*this, o));
  endpoint->session({.name = "admin",
                     .on_mount = {require_user},
                     .session =
                         [](const web::request&, const web::session_data&) {
                           return json{{"team", "@hq"}};
                         },
                     .layout = [](const live::page_parts& p) { return "<admin>" + p.head.str() + p.body.str(); }});
  server.emplace(
      [this](web::router& routes) {
        endpoint->view(routes, "/tally/:name", "tally", [this] { return std::make_unique<tally>(gate); });
        endpoint->also(routes, "/tally/:name/edit", "tally", {.action = "edit"});
        endpoint->view<den>(routes, "/den/:zone", "den", {.container = {"section", {{"class", "den"}}}});
        endpoint->also(routes, "/den2", "den");
        endpoint->nested<clock_view>("clock", {"aside", {}});
        routes.group("/back", [this](web::router& inside) {
          endpoint->view<office>(inside, "/office", "office", {.live_session = "admin"});
        });
        endpoint->connect(routes, "/live/websocket");
        routes.get("/login/:user", [this](const web::request& req, web::responder answer) {
          auto session = sessions.load(req);
          session.set("user", std::string{req.param("user")});
          session.set(live::socket_id_key, "user:" + std::string{req.param("user")});
          auto res = web::response::text("welcome");
          (void)sessions.store(session, res);
          answer.send(std::move(res));
        });
        routes.get("/logout", [this](const web::request& req, web::responder answer) {
          auto session = sessions.load(req);
          session.remove("user");
          session.remove(live::socket_id_key);
          auto res = web::response::text("bye");
          (void)sessions.store(session, res);
          answer.send(std::move(res));
        });
      },
      test_options());
}

live_site::~live_site() {
  server.reset();
  CHECK(has_views(0));
  CHECK(home.shutdown(5s).is_clean());
}

bool live_site::has_views(std::size_t count) {
  return comes_true([&] {
    const auto all = home.processes().list(time.now());
    return std::ranges::count(all, "view", &process_info::label) == static_cast<std::ptrdiff_t>(count);
  });
}

bool live_site::logged(std::string_view text) const {
  const auto lines = log->recent();
  return std::ranges::any_of(lines, [&](const auto& line) { return line.find(text) != std::string::npos; });
}

// -- browsers ---------------------------------------------------------------------------------------------

std::string page::attribute(std::string_view id, std::string_view name) const {
  const auto& html = answer.body;
  const auto at = html.find(" id=\"" + std::string{id} + "\"");
  if (at == std::string::npos)
    return "absent";
  const auto element = html.substr(at, html.find('>', at) - at);
  return element.find(std::string{name} + "=\"") == std::string::npos
           ? "absent"
           : between(element, std::string{name} + "=\"", "\"");
}

std::string browser::cookie_header() const {
  std::string out;
  for (const auto& [name, value] : cookies)
    out += (out.empty() ? "Cookie: " : "; ") + name + "=" + value;
  return out.empty() ? out : out + "\r\n";
}

page browser::load(const std::string& path, std::string_view method) {
  auto client = site_.server->connect();
  client.send(std::string{method} + " " + path + " HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\n"
              + cookie_header() + "\r\n");
  page out;
  out.answer = client.read_answer(method == "HEAD");
  for (const auto& line : out.answer.cookies) {
    const auto name = between(line, "", "=");
    if (line.find("Max-Age=0") != std::string::npos)
      cookies.erase(name);
    else
      cookies[name] = between(line + ";", "=", ";");
  }
  out.csrf = between(out.answer.body, "name=\"csrf-token\" content=\"", "\"");
  const auto main = out.answer.body.find(" data-phx-main");
  if (main != std::string::npos) {
    const auto start = out.answer.body.rfind('<', main);
    const auto element = out.answer.body.substr(start, out.answer.body.find('>', start) - start);
    out.view_id = between(element, " id=\"", "\"");
    out.session = between(element, "data-phx-session=\"", "\"");
    out.page_static = between(element, "data-phx-static=\"", "\"");
  }
  return out;
}

wire_client browser::connect(const page& p, std::string_view extra_query) const {
  auto client = site_.server->connect();
  client.send(upgrade_request("/live/websocket?_csrf_token=" + p.csrf + "&vsn=2.0.0" + std::string{extra_query},
                              cookie_header()));
  REQUIRE(client.read_answer().status == 101);
  return client;
}

wire_client browser::join(const page& p, const std::string& path, json* reply) const {
  auto client = connect(p);
  auto joined = ask(client, join_message(p.view_id, join_payload(p, path)));
  REQUIRE(joined.is_array());
  CAPTURE(joined.dump());
  REQUIRE(joined[4]["status"] == "ok");
  if (reply != nullptr)
    *reply = joined[4]["response"];
  return client;
}

// -- messages ---------------------------------------------------------------------------------------------

json join_payload(const page& p, const std::string& path) {
  return {{"url", "http://localhost" + path + "#part"},
          {"params", {{"_csrf_token", p.csrf}, {"_mounts", 0}, {"_mount_attempts", 0}}},
          {"session", p.session},
          {"static", p.page_static},
          {"sticky", false}};
}

std::string join_message(const std::string& view_id, const json& payload, const std::string& ref) {
  return dump_json(json::array({ref, ref, "lv:" + view_id, "phx_join", payload}));
}

std::string view_event(const std::string& view_id, const std::string& name, const std::string& ref, const json& value,
                       const std::string& join_ref) {
  return view_message(view_id, "event", {{"type", "click"}, {"event", name}, {"value", value}}, ref, join_ref);
}

std::string view_message(const std::string& view_id, const std::string& event, const json& payload,
                         const std::string& ref, const std::string& join_ref) {
  return dump_json(json::array({join_ref, ref, "lv:" + view_id, event, payload}));
}

json read(wire_client& c) {
  auto frame = c.read_frame();
  return frame && frame->op == 1 ? json::parse(frame->payload) : json{};
}

json ask(wire_client& c, const std::string& text) {
  c.send(masked_frame(1, text));
  return read(c);
}

bool is_quiet(wire_client& c) {
  return ask(c, R"([null,"quiet","phoenix","heartbeat",{}])")
      == json::parse(R"([null,"quiet","phoenix","phx_reply",{"status":"ok","response":{}}])");
}

int close_code_of(wire_client& c) {
  while (auto frame = c.read_frame())
    if (frame->op == 8)
      return frame->close_code();
  return 0;
}

std::string between(const std::string& text, std::string_view before, std::string_view after) {
  auto from = text.find(before);
  if (from == std::string::npos)
    return {};
  from += before.size();
  return text.substr(from, text.find(after, from) - from);
}

}  // namespace beamline::test
