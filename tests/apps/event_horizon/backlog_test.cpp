// What waits in the outbox, as pages are told.

#include "apps/event_horizon/backlog.hpp"

#include "apps/event_horizon/host.hpp"

using namespace beamline;
using namespace beamline::event_horizon;
using namespace beamline::test;
using net::outbox::standing;
using testing::world;

namespace {

class waiting_viewer final : public process {
public:
  waiting_viewer(process_context& c, std::vector<waiting_state>& heard) : process{c}, heard_{heard} {}

private:
  behavior init() override {
    call<waiting_state>(pid{env().self(), std::string{backlog_name}}, watch_waiting{self()}, 1s)
        .then([this](const waiting_state& s) { heard_.push_back(s); }, [](const call_error&) {});
    return handlers([this](const waiting_updated& m) { heard_.push_back(m.now); });
  }
  std::vector<waiting_state>& heard_;
};

}  // namespace

TEST_CASE("pages are told what waits and whether an accumulator is linked") {
  testing::for_each_seed(30, [](world& w) {
    auto h = host{w};
    h.outbox.now = {3, false};
    h.start();
    w.advance(1s);
    CHECK(h.of.waiting() == waiting_state{3, false});
    auto heard = std::vector<waiting_state>{};
    auto viewer = h.n.spawn<waiting_viewer>(heard);
    w.run();
    h.n.cast(h.outbox_pid, standing{3, true});
    w.run();
    h.n.cast(h.outbox_pid, standing{0, true});
    h.n.cast(h.outbox_pid, standing{0, true});
    w.run();
    CHECK(heard == std::vector<waiting_state>{{3, false}, {3, true}, {0, true}});
    h.n.kill(viewer);
    w.run();
    h.n.cast(h.outbox_pid, standing{1, true});
    w.run();
    CHECK(heard.size() == 3);
    CHECK(h.of.waiting() == waiting_state{1, true});
  });
}

TEST_CASE("while the outbox is away nothing counts as connected, and its successor is found") {
  testing::for_each_seed(30, [](world& w) {
    auto h = host{w};
    h.outbox.now = {2, true};
    h.start();
    w.advance(1s);
    CHECK(h.of.waiting() == waiting_state{2, true});
    h.n.kill(h.outbox_pid);
    w.advance(1s);
    CHECK(h.of.waiting() == waiting_state{2, false});
    h.outbox.now = {4, true};
    h.n.spawn<fake_outbox>(h.outbox);
    w.advance(11s);
    CHECK(h.of.waiting() == waiting_state{4, true});
  });
}

TEST_CASE("one page too many is refused, and told of no changes") {
  auto w = world{};
  auto h = host{w, {.subscribers_max = 1}};
  h.start();
  auto first = std::vector<waiting_state>{};
  auto second = std::vector<waiting_state>{};
  h.n.spawn<waiting_viewer>(first);
  w.run();
  h.n.spawn<waiting_viewer>(second);
  w.run();
  h.n.cast(h.outbox_pid, standing{1, true});
  w.run();
  CHECK(first.size() == 2);
  CHECK(second.empty());
}
