#include "testing/live/browser.hpp"

#include "testing/live/page_core.hpp"
#include "web/uri.hpp"

#include <optional>

namespace beamline::testing {

using namespace beamline::web;

struct browser::state {
  testing::world& in;
  simulated_node& server;
  std::string node_name;
  std::uint64_t incarnation;
  const router& routes;
  options opts;
  std::map<std::string, std::string, std::less<>> cookies;
  std::uint64_t requests = 0;
};

namespace {

/// Where the answer to one request arrives.
struct answer_box final : response_sink {
  void deliver(response res) override { answer = std::move(res); }
  void dropped() override { is_dropped = true; }

  std::optional<response> answer;
  bool is_dropped = false;
};

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' '))
    text.remove_prefix(1);
  return text;
}

}  // namespace

browser::browser(simulated_node& n, const router& routes, options o)
    : state_{std::make_shared<state>(state{n.world(), n, n.name(), n.incarnation(), routes, std::move(o), {}, 0})} {}

live_page browser::load(std::string_view path) {
  auto core = std::make_shared<page_core>(*this);
  core->load("GET", std::string{path}, {});
  return live_page{std::move(core)};
}

live_page browser::visit(std::string_view path) {
  auto page = load(path);
  page.connect();
  return page;
}

request browser::make_request(std::string_view method, std::string_view target, std::string form_body) const {
  auto req = request{};
  req.id = ++state_->requests;
  req.method = method_from(method);
  req.method_text = method;
  req.target = target.substr(0, target.find('#'));
  auto parsed = parse_target(req.target);
  if (!parsed)
    throw page_error{"no browser can ask for \"" + req.target + "\": " + parsed.error().message};
  req.path = parsed->path;
  req.segments = parsed->segments;
  req.query_text = parsed->query_text;
  req.query = parsed->query;
  const auto& origin = state_->opts.origin;
  req.is_secure = origin.starts_with("https:");
  req.peer = "127.0.0.1";
  req.headers.add("host", origin.substr(origin.find("//") + 2));
  req.headers.add("accept", "text/html,application/xhtml+xml,*/*;q=0.8");
  req.headers.add("origin", origin);
  for (const auto& [name, value] : state_->opts.headers)
    req.headers.add(name, value);
  auto jar = std::string{};
  for (const auto& [name, value] : state_->cookies)
    jar += (jar.empty() ? "" : "; ") + name + "=" + value;
  if (!jar.empty())
    req.headers.add("cookie", jar);
  req.cookies = parse_cookies(jar);
  if (method != "GET") {
    req.headers.add("content-type", "application/x-www-form-urlencoded");
    req.body = std::move(form_body);
  }
  return req;
}

response browser::send(std::string_view method, std::string_view target, std::string form_body) {
  auto req = std::make_shared<request>(make_request(method, target, std::move(form_body)));
  const auto found = state_->routes.find(req->method, req->segments);
  if (found.handle == nullptr)
    return response::not_found(*req);
  req->route = found.pattern;
  req->params = found.params;
  auto box = std::make_shared<answer_box>();
  auto passed = true;
  for (const auto& check : *found.before)
    if (auto stopped = check(*req)) {
      box->answer = std::move(*stopped);
      passed = false;
      break;
    }
  if (passed)
    (*found.handle)(*req, responder{req, box});
  state_->in.run();
  if (!box->answer && !box->is_dropped)
    (void)state_->in.run_until([&] { return box->answer || box->is_dropped; }, 60s);
  if (box->is_dropped)
    throw page_error{std::string{method} + " " + req->target
                     + " crashed: its answer was dropped, and a visitor gets status 500"};
  if (!box->answer)
    throw page_error{std::string{method} + " " + req->target + " was not answered within a minute"};
  for (const auto& [name, value] : box->answer->headers) {
    if (name != "set-cookie")
      continue;
    const auto end = value.find(';');
    const auto pair = value.substr(0, end);
    const auto equals = pair.find('=');
    const auto is_deleted = value.find("Max-Age=0") != std::string::npos;
    if (is_deleted)
      state_->cookies.erase(pair.substr(0, equals));
    else
      state_->cookies[std::string{trimmed(pair.substr(0, equals))}] = pair.substr(equals + 1);
  }
  return *std::move(box->answer);
}

const std::string* browser::cookie(std::string_view name) const {
  const auto found = state_->cookies.find(name);
  return found == state_->cookies.end() ? nullptr : &found->second;
}

void browser::set_cookie(std::string name, std::string value) {
  state_->cookies.insert_or_assign(std::move(name), std::move(value));
}
void browser::clear_cookies() { state_->cookies.clear(); }

simulated_node& browser::node() const { return state_->server; }
world& browser::the_world() const { return state_->in; }
bool browser::is_node_up() const {
  const auto* now = state_->in.find_node(state_->node_name);
  return now != nullptr && now->incarnation() == state_->incarnation;
}
const browser::options& browser::settings() const { return state_->opts; }
const router& browser::routes() const { return state_->routes; }

}  // namespace beamline::testing
