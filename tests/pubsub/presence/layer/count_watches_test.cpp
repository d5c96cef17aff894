#include "pubsub/presence/layer/count_watches.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::presence;
using namespace beamline::presence::layer;
using namespace std::chrono_literals;

namespace {

pid someone(std::uint64_t id) {
  static const auto here = std::make_shared<const node_identity>(node_identity{"a@sim", 1});
  return {here, id};
}

struct counted {
  std::uint64_t value = 0;
  std::size_t asked = 0;
  count_watches w;
  time_point start{1s};

  watch_count of(std::uint64_t id, const std::string& field = {}, duration every = 100ms) {
    return {"t", someone(id), {every, field}};
  }
  std::size_t due(duration at) {
    return w.take_due(start + at, [this](const std::string&, const std::string&) { return ++asked, value; }).size();
  }
};

}  // namespace

TEST_CASE("a count is told at once, at most once per interval, and exactly after quiet") {
  counted c;
  auto first = c.w.add(c.of(1), 5, c.start);
  CHECK(first.what.count == 5);
  CHECK_FALSE(c.w.next());
  c.value = 6;
  c.w.changed("t", c.start + 10ms);
  CHECK(c.w.next() == c.start + 100ms);
  CHECK(c.due(99ms) == 0);
  for (int i = 0; i < 50; ++i)
    c.w.changed("t", c.start + 20ms);
  c.value = 9;
  CHECK(c.due(100ms) == 1);
  CHECK_FALSE(c.w.next());
  SUBCASE("a change long after is told at once") {
    c.value = 10;
    c.w.changed("t", c.start + 10s);
    CHECK(c.due(10s) == 1);
  }
  SUBCASE("what was undone meanwhile is not told") {
    c.w.changed("t", c.start + 110ms);
    CHECK(c.due(200ms) == 0);
    CHECK_FALSE(c.w.next());
  }
  SUBCASE("other topics are other topics") {
    c.w.changed("t2", c.start + 110ms);
    c.w.changed("s", c.start + 110ms);
    CHECK_FALSE(c.w.next());
  }
}

TEST_CASE("those who ask the same are counted for once, and told together") {
  counted c;
  for (std::uint64_t i = 1; i <= 1000; ++i)
    (void)c.w.add(c.of(i), 0, c.start + i * 1us);
  c.value = 1;
  c.w.changed("t", c.start + 50ms);
  CHECK(c.due(102ms) == 1000);
  CHECK(c.asked == 1);
}

TEST_CASE("a watcher that came a moment ago waits for the next round, and then it is one of the group") {
  counted c;
  (void)c.w.add(c.of(1), 0, c.start);
  (void)c.w.add(c.of(2), 0, c.start + 90ms);
  c.value = 1;
  c.w.changed("t", c.start + 95ms);
  CHECK(c.due(100ms) == 1);
  CHECK(c.w.next() == c.start + 200ms);
  CHECK(c.due(200ms) == 1);
  CHECK_FALSE(c.w.next());
  c.value = 2;
  c.w.changed("t", c.start + 210ms);
  CHECK(c.due(300ms) == 2);
}

TEST_CASE("watches end, and with the last one by a field nobody counts by it any more") {
  counted c;
  (void)c.w.add(c.of(1, "ip"), 0, c.start);
  (void)c.w.add(c.of(2, "ip", 1s), 0, c.start);
  (void)c.w.add(c.of(3), 0, c.start);
  CHECK(c.w.size() == 3);
  CHECK(c.w.watchers().size() == 3);
  CHECK_FALSE(c.w.remove("u", someone(1)));
  CHECK_FALSE(c.w.remove("t", someone(4)));
  CHECK(c.w.remove("t", someone(1)));
  CHECK(c.w.take_abandoned().empty());
  c.w.changed("t", c.start);
  c.w.remove(someone(2));
  CHECK_FALSE(c.w.has(someone(2)));
  CHECK(c.w.take_abandoned() == std::vector<std::pair<std::string, std::string>>{{"t", "\"ip\""}});
  CHECK(c.w.take_abandoned().empty());
  c.w.remove(someone(3));
  CHECK(c.w.take_abandoned().empty());
  CHECK(c.w.size() == 0);
  CHECK_FALSE(c.w.next());
}

TEST_CASE("a second watch of one process for one topic replaces the first") {
  counted c;
  (void)c.w.add(c.of(1, "ip"), 0, c.start);
  (void)c.w.add(c.of(1), 7, c.start);
  CHECK(c.w.size() == 1);
  c.value = 8;
  c.w.changed("t", c.start);
  CHECK(c.due(100ms) == 1);
}

TEST_CASE("after a restart everybody is looked at") {
  counted c;
  (void)c.w.add(c.of(1), 0, c.start);
  (void)c.w.add(c.of(2, "ip"), 0, c.start);
  c.value = 1;
  c.w.changed_all(c.start + 5s);
  CHECK(c.due(5s) == 2);
}
