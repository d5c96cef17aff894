// What a reader likes is known on every host, and after a restart: all real but for the sockets.

#include "apps/blog_parts.hpp"
#include "apps/tab.hpp"
#include "net/linked_nodes.hpp"

#include <array>
#include <memory>

using namespace beamline;
using namespace beamline::event_horizon;
using namespace beamline::test;
using testing::linked_nodes;
using testing::simulated_node;
using testing::world;

namespace {

struct two_hosts {
  explicit two_hosts(world& the_world)
      : w{with_calls(the_world)}, net{w, {"host_1@sim", "host_2@sim", "accumulator_1@sim"}, testing::patient_links()} {
    net.join(counting, "accumulator");
    parts.started();
    for (auto* h : {&one, &two})
      start(*h);
  }
  ~two_hosts() {
    w.crash_node(*one.n);
    w.crash_node(*two.n);
  }

  struct host {
    std::string name;
    simulated_node* n = nullptr;
    std::unique_ptr<blog> of{};
  };

  void start(host& h) {
    auto& n = w.start_node(h.name);
    h.n = &n;
    net.join(n, "event_horizon");
    h.of = std::make_unique<blog>(n.get(), two_posts(), event_horizon_options{});
    start_host(n, *h.of);
    net.connect(n, counting);
  }
  pid open(const host& h, shown_page& page) { return h.n->spawn<tab>(tab::setup{"hello", "visitor_1", page}); }
  [[nodiscard]] bool settles(const std::function<bool()>& condition) { return w.run_until(condition, 120s); }

  world& w;
  linked_nodes net;
  simulated_node& counting = w.start_node("accumulator_1@sim");
  accumulator_parts parts{w, counting};
  host one{"host_1@sim"}, two{"host_2@sim"};
};

}  // namespace

TEST_CASE("a like shows as pressed on the other host, and after a restart of both") {
  testing::for_each_seed(10, [](world& w) {
    auto s = two_hosts{w};
    auto page = shown_page{};
    auto t = s.open(s.one, page);
    REQUIRE(s.settles([&] { return page.likes() == "0"; }));
    s.one.n->cast(t, press{"true"});
    REQUIRE(s.settles([&] { return page.is_pressed() && page.likes() == "1"; }));

    auto elsewhere = shown_page{};
    s.open(s.two, elsewhere);
    CHECK(s.settles([&] { return elsewhere.is_pressed(); }));

    auto anew = std::array<shown_page, 2>{};
    auto last = pid{};
    for (auto* h : {&s.one, &s.two}) {
      w.crash_node(*h->n);
      s.start(*h);
      CHECK_FALSE(h->of->has_liked("hello", "visitor_1"));
      auto& again = anew[h == &s.one ? 0 : 1];
      last = s.open(*h, again);
      REQUIRE(s.settles([&] { return again.is_pressed(); }));
    }
    // So one press takes it back.
    s.two.n->cast(last, press{"false"});
    CHECK(s.settles([&] { return !anew[1].is_pressed() && anew[0].likes() == "0"; }));
  });
}
