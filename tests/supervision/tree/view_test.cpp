#include "base/json.hpp"
#include "supervision/process_view.hpp"
#include "supervision/supervisor.hpp"
#include "supervision/workers.hpp"
#include "testing/simulated_node.hpp"

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::supervision;
using namespace beamline::supervision::workers;

namespace {

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

process_info make(std::uint64_t slot, std::int64_t depth, duration busy, std::size_t memory, duration age) {
  process_info p;
  p.id = (std::uint64_t{1} << 24) | slot;
  p.born = slot;
  p.depth = depth;
  p.busy = busy;
  p.memory_bytes = memory;
  p.age = age;
  p.label = "p" + std::to_string(slot);
  return p;
}

std::string slots(const std::vector<process_info>& some) {
  std::string out;
  for (const auto& p : some)
    out += p.label;
  return out;
}

class spy : public process {
public:
  spy(process_context& c, pid on) : process{c}, on_{std::move(on)} {}
  behavior init() override {
    watch(on_, [](const reason&) {});
    link(on_);
    return {};
  }

private:
  pid on_;
};

}  // namespace

TEST_CASE("lists are sorted by what is asked for, ties by birth") {
  std::vector<process_info> all{make(1, 5, 1s, 100, 9s), make(2, 9, 3s, 100, 8s), make(3, 5, 2s, 300, 7s)};
  CHECK(slots(sort_processes(all, process_order::depth, 10)) == "p2p1p3");
  CHECK(slots(sort_processes(all, process_order::busy, 10)) == "p2p3p1");
  CHECK(slots(sort_processes(all, process_order::memory, 2)) == "p3p1");
  CHECK(slots(sort_processes(all, process_order::age, 1)) == "p1");
  CHECK(parse_process_order("memory") == process_order::memory);
  CHECK_FALSE(parse_process_order("size").has_value());
}

TEST_CASE("a list is a table") {
  auto p = make(1, 1'234, 1s, 2'048, 61s);
  p.kind = "beamline::app::cart";
  p.current = "beamline::app::query";
  p.current_age = 12s;
  p.state = process_state::running;
  CHECK(processes_text({p}) ==
        R"(pid    called  class      state    mailbox  handled  busy  memory    age  in
<1.1>  p1      app::cart  running    1,234        0    1s   2 KiB  1m01s  app::query for 12s
)");
  CHECK(zombies_text({}) == "no zombies: every process that was killed has ended\n");
  p.state = process_state::zombie;
  p.zombie_for = 3s;
  CHECK(contains(zombies_text({p}), "app::query for 12s"));
}

TEST_CASE("a view of a process names everybody it has to do with") {
  board_registry boards;
  testing::world w;
  auto& n = w.start_node();
  n.env().provide(boards);
  auto top = n.spawn<supervisor>(supervisor_spec{.children = {w_child("a").with({.name = "the_a"})}});
  w.run();
  auto a = n.get().whereis("the_a");
  auto watcher = n.spawn<spy>(a);
  w.advance(3s);

  auto v = view_process(n.env(), &boards, a.id());
  REQUIRE(v.has_value());
  CHECK(v->path() == "beamline::supervision::supervisor/a");
  CHECK(v->facts.traps_exits);
  REQUIRE(v->ancestors.size() == 1);
  CHECK(v->ancestors[0].id == top.id());
  REQUIRE(v->links.size() == 1);
  CHECK(v->links[0].id == watcher.id());
  REQUIRE(v->watched_by.size() == 1);
  CHECK(v->watched_by[0].id == watcher.id());
  CHECK(view_process(n.env(), &boards, watcher.id())->watches.size() == 1);

  auto text = process_text(*v);
  for (auto part : {"label         a\n", "name          the_a\n", "state         idle\n", "traps exits   yes\n",
                    "ancestors     beamline::supervision::supervisor <", "watched by    "})
    CHECK_MESSAGE(contains(text, part), text);
  auto j = process_json(*v);
  CHECK(j["name"] == "the_a");
  CHECK(j["watched_by"]["count"] == 1);
  CHECK(j["supervisor"].is_null());

  auto s = view_process(n.env(), &boards, top.id());
  REQUIRE(s.has_value());
  CHECK(s->children == 1);
  REQUIRE(s->supervisor.has_value());
  CHECK(contains(process_text(*s), "supervisor    one_for_one 0/3 in 5s, 0 ever\n"));
  CHECK_FALSE(view_process(n.env(), &boards, 12'345).has_value());
}

TEST_CASE("a process that handles one message for long shows it, and its zombie does") {
  testing::world w;
  auto& n = w.start_node();
  auto p = n.spawn<workers::w>();
  w.run();
  n.cast(p, busy_for{60s});
  w.advance(12s);
  auto v = view_process(n.env(), nullptr, p.id());
  REQUIRE(v.has_value());
  CHECK(contains(process_text(*v), "state         running, in supervision::workers::busy_for for 12"));
  n.processes().fence(p.id(), w.now());
  w.advance(3s);
  v = view_process(n.env(), nullptr, p.id());
  REQUIRE(v.has_value());
  CHECK(contains(process_text(*v), "state         zombie, in supervision::workers::busy_for for 15"));
  CHECK(contains(process_text(*v), "it was killed and given up 3s ago"));
  CHECK(zombies_of(n.processes().list(w.now())).size() == 1);
}
