#include "program/content_command.hpp"

#include "apps/content/folder.hpp"
#include "base/json.hpp"

#include <sstream>

using namespace beamline;
using test::contains;

namespace {

struct outcome {
  int status;
  std::string out, err;
};

outcome check(const std::filesystem::path& dir, bool as_json = false, const event_horizon::content_limits& l = {}) {
  auto out = std::ostringstream{};
  auto err = std::ostringstream{};
  auto status = program::check_content({dir, as_json, l}, out, err);
  return {status, out.str(), err.str()};
}

}  // namespace

TEST_CASE_FIXTURE(test::folder, "check-content says what it read, and 0 when it understood everything") {
  put("a.md", "---\ndate: 2024-05-01\n---\n");
  put("b.md", "---\ndate: 2024-05-01\ndraft: true\n---\n");
  auto r = check(path());
  CHECK(r.status == 0);
  CHECK(r.out == "2 posts (1 drafts), 0 problems\n");
  CHECK(r.err.empty());
}

TEST_CASE_FIXTURE(test::folder, "check-content lists what it did not understand, by file and line, and returns 1") {
  put("a.md", "---\ndate: 2024-05-01\ncolour: red\n---\n");
  put("b.md", "nothing");
  auto r = check(path());
  CHECK(r.status == 1);
  auto at = path().generic_string();
  CHECK(contains(r.out, at + "/a.md:3: nothing here knows \"colour\""));
  CHECK(contains(r.out, at + "/b.md:1: not shown: does not begin with a line ---"));
  CHECK(r.out.ends_with("1 posts (0 drafts), 2 problems\n"));
  SUBCASE("as JSON, for programs") {
    auto j = check(path(), true);
    CHECK(j.status == 1);
    auto read = parse_json(j.out);
    REQUIRE(read.ok());
    CHECK((*read)["posts"] == 1);
    CHECK((*read)["problems"].size() == 2);
    CHECK((*read)["problems"][1]["file"] == "b.md");
    CHECK((*read)["problems"][1]["line"] == 1);
    CHECK((*read)["problems"][1]["hidden"] == true);
  }
}

TEST_CASE_FIXTURE(test::folder, "check-content goes by the limits of the node that serves the posts") {
  put("a.md", "---\ndate: 2024-05-01\n---\n" + std::string(300 * 1024, 'a'));
  put("b.md", "---\ndate: 2024-05-01\ndraft: true\n---\n");
  CHECK(contains(check(path()).out, "larger than event_horizon.post_size_max = 262144"));
  auto larger = check(path(), false, {.post_bytes_max = 1024 * 1024});
  CHECK(larger.status == 0);
  CHECK(larger.out == "2 posts (1 drafts), 0 problems\n");
  CHECK(check(path(), false, {.posts_max = 1}).status == 1);
}

TEST_CASE_FIXTURE(test::folder, "check-content of no folder says so") {
  auto r = check(path() / "nowhere");
  CHECK(r.status == 1);
  CHECK(contains(r.err, "nowhere is no directory"));
}
