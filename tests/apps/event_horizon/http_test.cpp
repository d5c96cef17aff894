#include "apps/event_horizon/http.hpp"

#include "apps/event_horizon/analytics.hpp"
#include "apps/support.hpp"
#include "base/token.hpp"
#include "base/url.hpp"

#include <optional>

using namespace beamline;
using namespace beamline::event_horizon;
using namespace beamline::test;
using testing::simulated_node;
using testing::world;

namespace {

class kept_answer final : public web::response_sink {
public:
  void deliver(web::response res) override { answer = std::move(res); }
  void dropped() override { answer = web::response::empty(500); }
  std::optional<web::response> answer;
};

/// Answers likes of visitors whose name begins with `good`, and nobody else's.
class small_accumulator final : public process {
public:
  using process::process;
  behavior init() override {
    return handlers([this](const net::rpc::role_call& m) -> deferred {
      auto to = promise<net::rpc::wire_reply>();
      auto like = decode<accumulator::update_likes>(m.arguments);
      if (m.procedure == accumulator::update_likes::message_name && like && like->visitor.starts_with("good"))
        to.set(net::rpc::to_wire(
            encode(accumulator::write_answer{accumulator::event_outcome::applied, "",
                                             accumulator::blog_stats{like->slug, like->liked ? 1 : 0, ++version_}})));
      else
        to.fail(reason::noconnection());
      return to;
    });
  }

private:
  std::int64_t version_ = 0;
};

/// A site whose handlers are called directly, as the server would.
struct site {
  world w;
  simulated_node& n = w.start_node("host_1@sim");
  manual_clock time;
  seeded_random random{5};
  keyring keys = keyring::parse(std::string(40, 'k')).value();
  token_signer signer{keys, time};
  web::session_codec sessions{signer, {}};
  web::origin_policy origins = web::parse_origin_policy("on", "blog.example").value();
  web::asset_store assets = no_assets();
  blog of;
  web::router routes;

  explicit site(std::string url = "https://blog.example")
      : of{n.get(), two_posts(), {.title = "The Blog", .url = std::move(url)}} {
    start_topics(n);
    n.spawn<analytics>(analytics::parts{of, n.spawn<small_accumulator>()});
    w.run();
    add_routes(routes, {of, assets, sessions, origins});
    routes.group("", [&](web::router& posts) {
      posts.use(require_post(of));
      posts.get("/blog/:slug", [](const web::request&, web::responder r) { r.send(web::response::text("a view")); });
    });
  }
  ~site() { w.crash_node(n); }

  static web::asset_store no_assets() {
    auto dir = temp_dir{};
    write_file(dir / "manifest.json", "{}");
    return web::asset_store::load(dir.path()).value();
  }

  /// What comes back, or nothing while no answer was given.
  std::optional<web::response> ask(web::request req) {
    auto shared = std::make_shared<web::request>(std::move(req));
    for (auto rest = std::string_view{shared->path}; !rest.empty();) {
      rest.remove_prefix(1);
      auto end = rest.find('/');
      if (!rest.empty())
        shared->segments.emplace_back(rest.substr(0, end));
      rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end);
    }
    auto found = routes.find(shared->method, shared->segments);
    if (found.handle == nullptr)
      return web::response::empty(found.allow.empty() ? 404 : 405);
    shared->params = found.params;
    for (const auto& check : *found.before)
      if (auto early = check(*shared))
        return early;
    auto sink = std::make_shared<kept_answer>();
    (*found.handle)(*shared, web::responder{shared, sink});
    w.advance(10s);
    return sink->answer;
  }
  web::response get(std::string path) {
    auto req = web::request{};
    req.path = std::move(path);
    auto res = ask(std::move(req));
    REQUIRE(res.has_value());
    return *res;
  }

  /// A form of the page of `visitor`, with its cookie and its token.
  web::request form(std::string path, std::string visitor, std::string fields) {
    auto session = web::session_data{};
    session.set("visitor", std::move(visitor));
    auto token = web::csrf::masked(session, random);
    auto carrier = web::response{};
    REQUIRE(sessions.store(session, carrier).ok());
    auto cookie = std::string{carrier.headers.get("set-cookie")};
    cookie.resize(cookie.find(';'));
    auto req = web::request{};
    req.method = web::http_method::post;
    req.path = std::move(path);
    req.cookies = {{cookie.substr(0, cookie.find('=')), cookie.substr(cookie.find('=') + 1)}};
    req.headers.add("content-type", "application/x-www-form-urlencoded");
    req.headers.add("accept", "text/html");
    req.body = "_csrf_token=" + token + (fields.empty() ? "" : "&" + fields);
    return req;
  }
  web::response post(std::string path, std::string visitor, std::string fields) {
    auto res = ask(form(std::move(path), std::move(visitor), std::move(fields)));
    REQUIRE(res.has_value());
    return *res;
  }
};

}  // namespace

TEST_CASE_FIXTURE(site, "the home page is a whole page with the posts") {
  auto res = get("/");
  CHECK(res.status == 200);
  CHECK(contains(res.headers.get("content-type"), "text/html"));
  CHECK(contains(res.body_text(), "<a href=\"/blog/hello\">"));
  CHECK(contains(res.body_text(), "The Blog</title>"));
  CHECK(contains(res.body_text(), "<link rel=\"canonical\" href=\"https://blog.example/\">"));
}

TEST_CASE_FIXTURE(site, "feeds, site map and robots have the address of the site") {
  struct text {
    const char* path;
    const char* type;
    const char* part;
  };
  for (auto [path, type, part] :
       {text{"/feed.xml", "application/atom+xml", "<id>https://blog.example/blog/hello</id>"},
        text{"/rss.xml", "application/rss+xml", "<link>https://blog.example/blog/hello</link>"},
        text{"/sitemap.xml", "application/xml", "<loc>https://blog.example/blog/hello</loc>"},
        text{"/robots.txt", "text/plain", "Sitemap: https://blog.example/sitemap.xml"}}) {
    auto res = get(path);
    CHECK(res.status == 200);
    CHECK(contains(res.headers.get("content-type"), type));
    CHECK(contains(res.headers.get("cache-control"), "max-age"));
    CHECK(contains(res.body_text(), part));
  }
}

TEST_CASE("without a configured address feeds take the one they were asked at, if it is one") {
  auto unnamed = site{""};
  auto ask = [&](std::string host) {
    auto req = web::request{};
    req.path = "/robots.txt";
    req.headers.add("host", std::move(host));
    return std::string{unnamed.ask(std::move(req))->body_text()};
  };
  CHECK(contains(ask("127.0.0.1:4000"), "Sitemap: http://127.0.0.1:4000/sitemap.xml"));
  CHECK(contains(ask("evil\"><x>"), "Sitemap: /sitemap.xml"));
}

TEST_CASE_FIXTURE(site, "a like without a script counts and leads back to the post") {
  auto res = post("/blog/hello/like", "good_visitor", "liked=true");
  CHECK(res.status == 303);
  CHECK(res.headers.get("location") == "/blog/hello#like-form");
  CHECK(of.has_liked("hello", "good_visitor"));
  CHECK(of.stats("hello") == std::optional{post_stats{1, 1}});
  SUBCASE("and is taken back the same way") {
    CHECK(post("/blog/hello/like", "good_visitor", "liked=false").status == 303);
    CHECK_FALSE(of.has_liked("hello", "good_visitor"));
    CHECK(of.stats("hello") == std::optional{post_stats{0, 2}});
  }
  SUBCASE("a form without the field likes") {
    CHECK(post("/blog/second/like", "good_visitor", "").status == 303);
    CHECK(of.has_liked("second", "good_visitor"));
  }
}

TEST_CASE_FIXTURE(site, "a like that is not counted says so, and when to try again") {
  auto res = post("/blog/hello/like", "unlucky_visitor", "liked=true");
  CHECK(res.status == 503);
  CHECK_FALSE(res.headers.get("retry-after").empty());
  CHECK(contains(res.body_text(), "Likes are not counted right now; please try again."));
  CHECK_FALSE(of.has_liked("hello", "unlucky_visitor"));
}

TEST_CASE_FIXTURE(site, "bad forms get one clear answer each") {
  CHECK(post("/blog/hello/like", "good_visitor", "liked=maybe").status == 400);
  CHECK(post("/blog/unknown/like", "good_visitor", "liked=true").status == 404);
  CHECK(post("/blog/..%2Fhello/like", "good_visitor", "liked=true").status == 404);
  CHECK(post("/blog/hello/like", "?", "liked=true").status == 400);
  auto forged = form("/blog/hello/like", "good_visitor", "liked=true");
  SUBCASE("without a token") { forged.body = "liked=true"; }
  SUBCASE("with the token of another session") {
    forged.body = form("/blog/hello/like", "good_visitor", "liked=true").body;
  }
  SUBCASE("without the cookie") { forged.cookies.clear(); }
  SUBCASE("from another site") { forged.headers.add("origin", "https://evil.example"); }
  auto res = ask(forged);
  REQUIRE(res.has_value());
  CHECK(res->status == 403);
  CHECK_FALSE(of.has_liked("hello", "good_visitor"));
}

TEST_CASE_FIXTURE(site, "the numbers can be read as JSON") {
  CHECK(get("/api/blog/hello/stats").body_text() == R"({"likes":null,"slug":"hello","version":null})");
  CHECK(post("/blog/hello/like", "good_visitor", "liked=true").status == 303);
  auto res = get("/api/blog/hello/stats");
  CHECK(res.body_text() == R"({"likes":1,"slug":"hello","version":1})");
  CHECK(res.headers.get("cache-control") == "no-store");
  CHECK(get("/api/blog/unknown/stats").status == 404);
}

TEST_CASE_FIXTURE(site, "an unknown post is not found before any view is made") {
  CHECK(get("/blog/hello").status == 200);
  CHECK(get("/blog/HELLO").status == 200);
  CHECK(get("/blog/unknown").status == 404);
}

TEST_CASE_FIXTURE(site, "likes are refused while analytics is away") {
  n.kill(n.get().whereis(std::string{analytics_name}));
  w.run();
  CHECK(post("/blog/hello/like", "good_visitor", "liked=true").status == 503);
  CHECK(get("/").status == 200);
}
