#include "apps/event_horizon/files.hpp"

#include "apps/content/folder.hpp"
#include "apps/kept_answer.hpp"

#include <optional>

using namespace beamline;
using namespace beamline::event_horizon;
using test::contains;
using test::kept_answer;

namespace {

/// A disk that answers when the test says so.
class slow_disk final : public supervision::executor {
public:
  void run(std::function<void()> job) override {
    if (is_fast)
      return job();
    jobs.push_back(std::move(job));
  }
  bool is_fast = true;
  std::vector<std::function<void()>> jobs;
};

struct shelf : test::folder {
  shelf() {
    put("trip/a.png", test::png(4, 4));
    put("trip/index.md", "---\ndate: 2024-05-01\n---\n");
    put("page.html", "<script>");
    put("drawing.svg", "<svg><script>alert(1)</script></svg>");
    posts = catalogue::load(path()).value();
    files.emplace(posts, disk);
  }
  std::shared_ptr<kept_answer> ask(std::string_view name, const std::string& etag = {}) {
    auto req = std::make_shared<web::request>();
    if (!etag.empty())
      req->headers.add("if-none-match", etag);
    auto sink = std::make_shared<kept_answer>();
    files->serve(name, web::responder{req, sink});
    return sink;
  }
  web::response get(std::string_view name, const std::string& etag = {}) {
    auto sink = ask(name, etag);
    REQUIRE(sink->answer.has_value());
    return *sink->answer;
  }

  catalogue posts;
  std::shared_ptr<slow_disk> disk = std::make_shared<slow_disk>();
  std::optional<content_files> files;
};

}  // namespace

TEST_CASE_FIXTURE(shelf, "files beside posts are served with type, ETag and a policy under which nothing runs") {
  auto res = get("trip/a.png");
  CHECK(res.status == 200);
  CHECK(res.headers.get("content-type") == "image/png");
  CHECK(res.body_text() == test::png(4, 4));
  CHECK(contains(res.headers.get("cache-control"), "max-age"));
  auto svg = get("drawing.svg");
  CHECK(svg.headers.get("content-type") == "image/svg+xml");
  CHECK(contains(svg.headers.get("content-security-policy"), "sandbox"));
  auto etag = std::string{res.headers.get("etag")};
  CHECK(get("trip/a.png", etag).status == 304);
  CHECK(get("trip/a.png", etag).body == nullptr);
  CHECK(get("trip/a.png", "\"other\"").status == 200);
}

TEST_CASE_FIXTURE(shelf, "nothing else is served, whatever path is asked for") {
  for (auto name : {"", "trip", "trip/", "trip/index.md", "page.html", "../trip/a.png", "trip/../trip/a.png",
                    "/trip/a.png", "trip//a.png", "/etc/passwd", "../../etc/passwd", "gone.png"}) {
    CAPTURE(name);
    CHECK(get(name).status == 404);
  }
}

TEST_CASE_FIXTURE(shelf, "a file that changes is another one, a file that goes is not found") {
  auto before = std::string{get("trip/a.png").headers.get("etag")};
  put("trip/a.png", test::png(8, 8) + "more");
  REQUIRE(posts.refresh()->is_changed);
  auto res = get("trip/a.png", before);
  CHECK(res.status == 200);
  CHECK(res.body_text() == test::png(8, 8) + "more");
  std::filesystem::remove(path() / "drawing.svg");
  CHECK(get("drawing.svg").status == 404);
  std::filesystem::remove(path() / "trip/a.png");
  CHECK(get("trip/a.png").status == 200);  // In memory until the folder is looked at.
  REQUIRE(posts.refresh()->is_changed);
  CHECK(get("trip/a.png").status == 404);
}

TEST_CASE_FIXTURE(shelf, "a slow disk is asked for so many files, and no more") {
  disk->is_fast = false;
  auto waiting = std::vector<std::shared_ptr<kept_answer>>{};
  for (std::size_t i = 0; i < file_reads_max; ++i)
    waiting.push_back(ask("trip/a.png"));
  CHECK_FALSE(waiting.front()->answer.has_value());
  auto refused = get("trip/a.png");
  CHECK(refused.status == 503);
  CHECK_FALSE(refused.headers.get("retry-after").empty());
  for (auto& job : disk->jobs)
    job();
  CHECK(waiting.back()->answer->status == 200);
  CHECK(get("trip/a.png").status == 200);
}
