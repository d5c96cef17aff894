#include "apps/event_horizon/http.hpp"

#include "apps/event_horizon/host.hpp"
#include "apps/kept_answer.hpp"
#include "base/token.hpp"
#include "base/url.hpp"

#include "web/live/tokens.hpp"

#include <optional>

using namespace beamline;
using namespace beamline::event_horizon;
using namespace beamline::test;
using testing::simulated_node;
using testing::world;

namespace {

/// Counts what visitors do whose name begins with `good`, keeps that of `patient` ones, takes no comment of `late` ones
/// any more, has no room for the others.
class small_accumulator {
public:
  net::outbox::outcome operator()(const net::outbox::event& e) {
    auto like = payload_of<accumulator::update_likes>(e);
    auto remark = payload_of<accumulator::add_comment>(e);
    auto visitor = like ? like->visitor : remark ? remark->visitor : std::string{};
    if (visitor.starts_with("patient"))
      return net::outbox::buffered{e.id};
    if (visitor.starts_with("late"))
      return net::outbox::refused{net::outbox::refused::cause::invalid, "full: the post has 10000 comments"};
    if (!visitor.starts_with("good"))
      return net::outbox::refused{net::outbox::refused::cause::buffer_full, "the outbox is full"};
    accumulator::write_answer out{.outcome = accumulator::event_outcome::applied};
    if (like) {
      likes_ = like->liked ? 1 : 0;
      out.stats = accumulator::blog_stats{like->slug, likes_, ++version_};
    } else {
      out.stats = accumulator::blog_stats{remark->slug, likes_, ++version_, 0, 1, 1};
      out.made = accumulator::comment{e.id, remark->slug, remark->parent, remark->author, remark->content};
      if (visitor.ends_with("moderated"))
        out.made->state = accumulator::comment_state::pending;
    }
    return applied_with(out);
  }

private:
  std::int64_t version_ = 0;
  std::int64_t likes_ = 0;
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
  fake_rpc::script rpc;  // Which knows nothing.
  fake_outbox::script outbox;
  blog of;
  web::router routes;

  explicit site(std::string url = "https://blog.example")
      : of{n.get(), two_posts(), {.title = "The Blog", .url = std::move(url)}} {
    start_topics(n);
    outbox.answer = [accumulator = small_accumulator{}](const net::outbox::event& e) mutable {
      return std::optional{accumulator(e)};
    };
    n.spawn<fake_outbox>(outbox);
    start_blog(n, of, n.spawn<fake_rpc>(rpc));
    w.run();
    add_routes(routes, {of, assets, sessions, origins, &signer});
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
  /// What the next page says.
  std::string notice_in(const web::response& res) {
    auto cookie = std::string{res.headers.get("set-cookie")};
    auto name = std::string{web::live::flash_cookie} + "=";
    REQUIRE(cookie.starts_with(name));
    auto token = cookie.substr(name.size(), cookie.find(';') - name.size());
    auto flash = web::live::page_tokens{signer}.verify_flash(token);
    REQUIRE(flash.ok());
    return flash->at("info").get<std::string>();
  }
};

}  // namespace

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

TEST_CASE_FIXTURE(site, "a like that waits leads back to the post like one that counts, which says so") {
  auto res = post("/blog/hello/like", "patient_visitor", "liked=true");
  CHECK(res.status == 303);
  CHECK(of.has_liked("hello", "patient_visitor"));
  CHECK(notice_in(res) == "Your like is kept here, and counted later.");
  CHECK(post("/blog/hello/like", "good_visitor", "liked=true").headers.get("set-cookie").empty());
}

TEST_CASE_FIXTURE(site, "more likes and comments than a visitor may send are refused, with when to try again") {
  for (int i = 0; i < 60; ++i)
    of.like({"hello", "good_visitor", true}, [](const result<like_answer>&) {});
  w.run();
  auto res = post("/blog/hello/like", "good_visitor", "liked=true");
  CHECK(res.status == 429);
  CHECK(res.headers.get("retry-after") == "60");
  CHECK(contains(res.body_text(), "please try again in a minute"));
  for (int i = 0; i < 6; ++i)
    of.comment({.slug = "hello", .content = "Well said.", .visitor = "good_visitor"},
               [](const result<comment_answer>&) {});
  w.run();
  CHECK(post("/blog/hello/comments", "good_visitor", "content=again").status == 429);
  CHECK(post("/blog/hello/comments", "good_other_visitor", "content=again").status == 303);
}

TEST_CASE_FIXTURE(site, "a client that is a new visitor each time is refused by its address, and told so") {
  auto send = [&](const std::string& path, const std::string& visitor, const std::string& fields, std::string client) {
    auto req = form(path, visitor, fields);
    req.client = std::move(client);
    auto res = ask(std::move(req));
    REQUIRE(res.has_value());
    return *res;
  };
  auto number = 1000;
  auto visitor = [&] { return "good_visitor_" + std::to_string(++number); };
  for (std::size_t i = 0; i < of.options().comments_per_minute_and_address; ++i)
    of.comment({.slug = "hello", .content = "Buy.", .visitor = visitor(), .client = "203.0.113.7"},
               [](const result<comment_answer>& r) { CHECK(r.ok()); });
  w.run();
  auto res = send("/blog/hello/comments", visitor(), "content=Buy.", "203.0.113.7");
  CHECK(res.status == 429);
  CHECK(res.headers.get("retry-after") == "60");
  CHECK(contains(res.body_text(), "A lot has come from your network in a short time; please try again in a minute."));
  CHECK(send("/blog/hello/comments", visitor(), "content=Hi.", "203.0.113.8").status == 303);
  CHECK(send("/blog/hello/like", visitor(), "liked=true", "203.0.113.7").status == 303);
  for (std::size_t i = 0; i < of.options().likes_per_minute_and_address; ++i)
    of.like({"hello", visitor(), true, "203.0.113.7"}, [](const result<like_answer>& r) { CHECK(r.ok()); });
  w.run();
  CHECK(send("/blog/hello/like", visitor(), "liked=true", "203.0.113.7").status == 429);
}

TEST_CASE_FIXTURE(site, "a comment without a script leads back to the comments") {
  auto parent = uid{1, 7}.str();
  auto res = post("/blog/hello/comments", "good_visitor", "author=Ann&content=Well+said.%0D%0ATwice.&parent=" + parent);
  CHECK(res.status == 303);
  CHECK(res.headers.get("location") == "/blog/hello#comments");
  CHECK(res.headers.get("set-cookie").empty());
  auto sent = payload_of<accumulator::add_comment>(outbox.seen.back());
  REQUIRE(sent.has_value());
  CHECK(sent->slug == "hello");
  CHECK(sent->author == "Ann");
  CHECK(sent->content == "Well said.\nTwice.");
  CHECK(sent->parent == uid{1, 7});
  CHECK(sent->visitor == "good_visitor");
  CHECK(of.stats("hello")->comments == 1);
}

TEST_CASE_FIXTURE(site, "the next page says what becomes of a comment that does not show yet") {
  std::string visitor = "patient_visitor";
  std::string said = "Your comment is kept.";
  SUBCASE("it waits") {}
  SUBCASE("somebody has to look at it") {
    visitor = "good_moderated";
    said = "once somebody has looked at it";
  }
  auto res = post("/blog/hello/comments", visitor, "content=Well+said.");
  CHECK(res.status == 303);
  CHECK(contains(notice_in(res), said));
}

TEST_CASE_FIXTURE(site, "comments that cannot be taken get one clear answer each") {
  auto refused = [&](std::string fields) {
    auto res = post("/blog/hello/comments", "good_visitor", std::move(fields));
    CHECK(res.status == 400);
    return std::string{res.body_text()};
  };
  CHECK(contains(refused(""), "Please write something first."));
  CHECK(contains(refused("content=+%0D%0A"), "Please write something first."));
  CHECK(contains(refused("content=" + std::string(4001, 'x')), "This comment is 1 letter too long"));
  CHECK(contains(refused("content=a%00b"), "cannot be shown"));
  CHECK(contains(refused("content=a&author=" + std::string(81, 'x')), "This name is 1 letter too long"));
  CHECK(contains(refused("content=a&parent=7"), "must be the id of a comment"));
  CHECK(post("/blog/unknown/comments", "good_visitor", "content=a").status == 404);
  CHECK(post("/blog/hello/comments", "?", "content=a").status == 400);
  auto full = post("/blog/hello/comments", "unlucky_visitor", "content=a");
  CHECK(full.status == 503);
  CHECK_FALSE(full.headers.get("retry-after").empty());
  CHECK(contains(full.body_text(), "Comments cannot be taken right now"));
  CHECK(outbox.seen.size() == 1);
  auto forged = form("/blog/hello/comments", "good_visitor", "content=a");
  forged.body = "content=a";
  auto res = ask(forged);
  REQUIRE(res.has_value());
  CHECK(res->status == 403);
  CHECK(outbox.seen.size() == 1);
}

TEST_CASE_FIXTURE(site, "a comment of a post that is full is not to be tried again") {
  auto res = post("/blog/hello/comments", "late_visitor", "content=Well+said.");
  CHECK(res.status == 409);
  CHECK(res.headers.get("retry-after").empty());
  CHECK(contains(res.body_text(), "This post has as many comments as it can hold; it takes no more."));
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
  CHECK(get("/api/blog/hello/stats").body_text()
        == R"({"comments":null,"likes":null,"slug":"hello","version":null,"visits":null})");
  CHECK(post("/blog/hello/like", "good_visitor", "liked=true").status == 303);
  auto res = get("/api/blog/hello/stats");
  CHECK(res.body_text() == R"({"comments":0,"likes":1,"slug":"hello","version":1,"visits":0})");
  CHECK(res.headers.get("cache-control") == "no-store");
  CHECK(get("/api/blog/unknown/stats").status == 404);
}

TEST_CASE_FIXTURE(site, "likes are refused while the process that passes them on is away") {
  n.kill(n.get().whereis(std::string{submissions_name}));
  w.run();
  CHECK(post("/blog/hello/like", "good_visitor", "liked=true").status == 503);
}
