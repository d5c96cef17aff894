// The queue against a disk, a target and a list of what was promised, over random histories: writes that fail (and may
// have happened all the same), crashes, answers that come in part or not at all.

#include "net/outbox/blog_events.hpp"
#include "net/outbox/queue.hpp"

#include "base/random.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

using namespace beamline;
using namespace beamline::net::outbox;
using namespace beamline::net::outbox::test;

namespace {

const time_point start{24h};
const wall_time today{std::chrono::seconds{1'700'000'000}};

struct history {
  explicit history(std::uint64_t seed) : random{seed}, classes{blog_classes(1 + random.below(6))} {
    limits.entries_max = 3 + random.below(20);
    limits.bytes_max = 2000 + random.below(4000);
    limits.dead_max = 1 + random.below(4);
    restart();
  }

  void restart() {
    waiting.clear();
    flying.reset();
    sent.clear();
    q.emplace(*classes, limits);
    std::vector<row> rows;
    for (const auto& [p, r] : disk)
      rows.push_back(r);
    q->load(rows, start, today);
    // A commit that was told failed may have left a row more, which is kept.
    loaded = q->size();
    loaded_octets = q->octets();
  }

  void add() {
    static const std::vector<std::string> types{"visit", "visit", "visit", "like", "comment"};
    auto token = "t" + std::to_string(++last_token);
    auto type = types[random.below(types.size())];
    auto key = "k" + std::to_string(random.below(3));
    came[key].push_back(token);
    type_of[token] = type;
    auto r = q->add(numbered(last_token, type, key, visit_of(token)), last_token, start);
    if (r.what == queue::outcome::taken)
      waiting[last_token] = token;
    else
      CHECK(r.what == queue::outcome::refused);
  }

  void begin_save() {
    if (!flying && q->has_changes())
      flying = q->next_save(1 + random.below(5));
  }

  void end_save() {
    if (!flying)
      return;
    bool is_told_ok = random.below(4) != 0;
    bool has_happened = is_told_ok || random.below(2) == 0;
    if (has_happened)
      write(*flying);
    flying.reset();
    auto told = q->saved(is_told_ok);
    CHECK((is_told_ok || told.kept.empty()));
    for (auto t : told.kept)
      accepted.insert(take_ticket(t));
    for (auto t : told.failed)
      refused.insert(take_ticket(t));
  }

  void write(const row_changes& c) {
    for (const auto& r : c.puts)
      disk[r.at] = r;
    for (auto p : c.drops) {
      auto i = disk.find(p);
      if (i == disk.end())
        continue;
      // Neither applied nor dead: it had to make room.
      if (!i->second.dead && !ids.contains(i->second.what.id))
        for (const auto& token : visitors_in(i->second.what.payload))
          dropped.insert(token);
      disk.erase(i);
    }
  }

  void crash() {
    // What is on its way to the disk may arrive.
    if (flying && random.below(2) == 0)
      write(*flying);
    restart();
  }

  std::string take_ticket(queue::ticket t) {
    auto i = waiting.find(t);
    REQUIRE(i != waiting.end());
    auto token = i->second;
    waiting.erase(i);
    return token;
  }

  void send() {
    if (!sent.empty())
      return;
    sent = q->seal(
        {.events_max = 1 + random.below(5)}, [](std::string_view) { return false; }, start, today);
    // The target may get it now, and the answer may be lost.
    reached = sent.empty() || random.below(4) == 0 ? 0 : 1 + random.below(sent.size());
    verdicts.clear();
    for (std::size_t i = 0; i < reached; ++i)
      verdicts.push_back(judge(q->at(sent[i])));
  }

  event_outcome judge(const event& e) {
    if (e.type == "comment" && e.id.low() % 7 == 0) {
      for (const auto& token : visitors_in(e.payload))
        rejected.insert(token);
      return event_outcome::rejected;
    }
    if (!ids.insert(e.id).second)
      return event_outcome::duplicate;
    for (const auto& token : visitors_in(e.payload))
      applied[e.key].push_back(token);
    return event_outcome::applied;
  }

  void answered() {
    if (sent.empty())
      return;
    if (random.below(4) != 0)
      for (std::size_t i = 0; i < reached; ++i) {
        if (verdicts[i] == event_outcome::rejected)
          q->reject(sent[i], "seven", today);
        else
          q->applied(sent[i]);
      }
    q->unseal();
    sent.clear();
  }

  void check() {
    CHECK(q->size() <= std::max(limits.entries_max, loaded));
    CHECK(q->octets() <= std::max(limits.bytes_max, loaded_octets));
    CHECK(q->dead().size() <= limits.dead_max);
    for (const auto& r : q->take_evicted())
      q->forget(r.at);
    // Nothing is applied twice, and of each key everything in the order it came. What was refused because a write
    // failed may have been written all the same, and be found after a crash: late, but once.
    for (const auto& done : applied) {
      const auto& tokens = done.second;
      const auto& expected = came[done.first];
      CHECK(std::set<std::string>{tokens.begin(), tokens.end()}.size() == tokens.size());
      auto at = expected.begin();
      for (const auto& token : tokens) {
        if (refused.contains(token))
          continue;
        at = std::find(at, expected.end(), token);
        REQUIRE_MESSAGE(at != expected.end(), token << " of " << done.first << " came too late");
        ++at;
      }
    }
  }

  void finish() {
    for (int i = 0; i < 2000 && (q->size() > 0 || q->has_changes() || flying || !sent.empty()); ++i) {
      if (!flying && q->has_changes())
        flying = q->next_save(1000);
      if (flying) {
        write(*flying);
        flying.reset();
        auto told = q->saved(true);
        for (auto t : told.kept)
          accepted.insert(take_ticket(t));
      }
      send();
      answered();
      check();
    }
    CHECK(q->size() == 0);
    CHECK(q->octets() == 0);
    CHECK(waiting.empty());
    std::set<std::string> done;
    for (const auto& [key, tokens] : applied)
      done.insert(tokens.begin(), tokens.end());
    for (const auto& token : accepted)
      if (!done.contains(token) && !rejected.contains(token)) {
        CHECK_MESSAGE(dropped.contains(token), token << " was accepted and is lost");
        CHECK(type_of[token] != "comment");
      }
    // What is left on the disk are the dead letters.
    CHECK(disk.size() == q->dead().size());
  }

  seeded_random random;
  std::shared_ptr<const class_table> classes;
  queue::limits limits;
  std::optional<queue> q;

  std::map<place, row> disk;
  std::optional<row_changes> flying;
  std::map<queue::ticket, std::string> waiting;
  std::vector<place> sent;
  std::size_t reached = 0;
  std::vector<event_outcome> verdicts;

  std::size_t loaded = 0;
  std::uint64_t loaded_octets = 0;
  std::uint64_t last_token = 0;
  std::map<std::string, std::vector<std::string>> came, applied;
  std::map<std::string, std::string> type_of;
  std::set<std::string> accepted, rejected, refused, dropped;
  std::set<uid> ids;
};

}  // namespace

TEST_CASE("I37 I38 I39 I41 whatever fails in whatever order, the queue loses nothing it accepted, nothing comes twice "
          "or too late") {
  for (std::uint64_t seed = 1; seed <= 1500; ++seed) {
    CAPTURE(seed);
    history h{seed};
    for (int i = 0; i < 150; ++i) {
      switch (h.random.below(12)) {
        case 0:
        case 1:
        case 2:
        case 3: h.add(); break;
        case 4:
        case 5: h.begin_save(); break;
        case 6:
        case 7: h.end_save(); break;
        case 8:
        case 9: h.send(); break;
        case 10: h.answered(); break;
        default:
          if (h.random.below(5) == 0)
            h.crash();
      }
      h.check();
    }
    h.finish();
  }
}
