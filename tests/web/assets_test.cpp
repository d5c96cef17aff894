#include "web/assets.hpp"

#include <filesystem>
#include <fstream>
#include <string>

#include <doctest/doctest.h>
#include <unistd.h>

using namespace beamline;
using namespace beamline::web;
namespace fs = std::filesystem;

namespace {

/// A directory of its own that is gone afterwards.
struct scratch_dir {
  scratch_dir() {
    auto pattern = (fs::temp_directory_path() / "beamline-assets-XXXXXX").string();
    path = ::mkdtemp(pattern.data());
  }
  ~scratch_dir() { fs::remove_all(path); }
  void put(const std::string& name, const std::string& text) const {
    fs::create_directories((path / name).parent_path());
    std::ofstream{path / name, std::ios::binary} << text;
  }
  fs::path path;
};

struct built : scratch_dir {
  built() {
    put("manifest.json", R"({"app.js":"app-1a.js","app.css":"app-2b.css"})");
    put("app-1a.js", "let x;");
    put("app-1a.js.br", "BR");
    put("app-1a.js.gz", "GZ");
    put("app-2b.css", "p{}");
    put("img/logo.svg", "<svg/>");
    put(".app-3c.js.1", "half");
  }
};

request asking(std::string accept_encoding = {}, std::string if_none_match = {}) {
  auto req = request{};
  req.headers.add("accept-encoding", std::move(accept_encoding));
  req.headers.add("if-none-match", std::move(if_none_match));
  return req;
}

}  // namespace

TEST_CASE("hashed names may be cached for ever, plain ones are revalidated") {
  auto dir = built{};
  auto store = asset_store::load(dir.path);
  REQUIRE(store);
  CHECK(store->path("app.js") == "/assets/app-1a.js");
  CHECK(store->path("unknown.js") == "/assets/unknown.js");
  auto hashed = store->serve(asking(), "app-1a.js");
  CHECK(hashed.status == 200);
  CHECK(hashed.body_text() == "let x;");
  CHECK(hashed.headers.get("cache-control") == "public, max-age=31536000, immutable");
  CHECK(hashed.headers.get("content-type") == "text/javascript; charset=utf-8");
  CHECK(hashed.headers.get("vary") == "accept-encoding");
  auto plain = store->serve(asking(), "app.js");
  CHECK(plain.body_text() == "let x;");
  CHECK(plain.headers.get("cache-control") == "no-cache");
  auto etag = std::string{plain.headers.get("etag")};
  CHECK(store->serve(asking("", etag), "app.js").status == 304);
  CHECK(store->serve(asking("", "\"x\", W/" + etag), "app.js").status == 304);
  CHECK(store->serve(asking("", "\"x\""), "app.js").status == 200);
  CHECK(store->serve(asking(), "img/logo.svg").headers.get("cache-control") == "no-cache");
}

TEST_CASE("the best coding that the client takes is served, each with its own ETag") {
  auto dir = built{};
  auto store = asset_store::load(dir.path);
  REQUIRE(store);
  auto served = [&](const char* accepted) {
    auto res = store->serve(asking(accepted), "app-1a.js");
    return std::string{res.headers.get("content-encoding")} + "|" + std::string{res.body_text()};
  };
  CHECK(served("gzip, deflate, br") == "br|BR");
  CHECK(served("gzip") == "gzip|GZ");
  CHECK(served("br;q=0, gzip;q=0.5") == "gzip|GZ");
  CHECK(served("br; q=0.0, gzip;q=0") == "|let x;");
  CHECK(served("identity") == "|let x;");
  CHECK(store->serve(asking("br"), "app.js").headers.get("etag")
        != store->serve(asking(), "app.js").headers.get("etag"));
}

TEST_CASE("only what was found is served") {
  auto dir = built{};
  dir.put("../beamline-assets-outside", "secret");
  auto store = asset_store::load(dir.path);
  REQUIRE(store);
  for (const auto* name : {"../beamline-assets-outside", "/etc/passwd", "", ".", "img", "manifest.json", "app-1a.js.br",
                           ".app-3c.js.1", "img/../app.js"}) {
    CAPTURE(std::string{name});
    CHECK(store->serve(asking(), name).status == 404);
  }
  fs::remove(dir.path.parent_path() / "beamline-assets-outside");
}

TEST_CASE("a page with assets of another build is out of date") {
  auto dir = built{};
  auto store = asset_store::load(dir.path);
  REQUIRE(store);
  auto changed = [&](std::vector<std::string> tracked) { return store->static_changed(tracked); };
  CHECK_FALSE(changed({}));
  CHECK_FALSE(changed({"http://localhost:4000/assets/app-1a.js?vsn=d", "http://localhost:4000/assets/app.css"}));
  CHECK(changed({"http://localhost:4000/assets/app-1a.js", "http://localhost:4000/assets/app-old.css"}));
  CHECK_FALSE(asset_store{}.static_changed(std::vector<std::string>{"http://x/assets/app-old.js"}));
}

TEST_CASE("a directory that is missing or damaged is refused with the remedy") {
  auto dir = scratch_dir{};
  auto refusal = [&] { return asset_store::load(dir.path).error(); };
  CHECK(asset_store::load(dir.path / "none").error().code == errc::not_found);
  CHECK(refusal().code == errc::not_found);
  dir.put("manifest.json", "{");
  CHECK(refusal().code == errc::corrupt);
  dir.put("manifest.json", R"({"app.js":"missing.js"})");
  CHECK(refusal().code == errc::corrupt);
  CHECK(refusal().message.find("build the assets again") != std::string::npos);
}
