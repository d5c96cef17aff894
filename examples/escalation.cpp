// A failure that restarting does not mend climbs the tree, until somebody gives up in order. Run by the tests.
//
//   top (1 restart in 5 s)
//   └─ inner (2 restarts in 5 s)
//      └─ leaf: crashes each time it runs

#include "actors/simple_node.hpp"
#include "supervision/supervisor.hpp"

#include <atomic>
#include <iostream>
#include <latch>

using namespace beamline;
using namespace beamline::supervision;

struct work {};

class leaf : public process {
public:
  leaf(process_context& c, std::atomic<int>* starts) : process{c}, starts_{starts} {}
  behavior init() override {
    std::cout << "leaf: start " << ++*starts_ << '\n';
    cast(self(), work{});
    return handlers([](const work&) { throw std::runtime_error{"the disk is gone"}; });
  }

private:
  std::atomic<int>* starts_;
};

/// Waits for the end of the tree.
class witness : public process {
public:
  witness(process_context& c, pid top, std::latch* over) : process{c}, top_{std::move(top)}, over_{over} {}
  behavior init() override {
    watch(top_, [this](const reason& why) {
      std::cout << "top ended: " << to_string(why) << '\n';
      over_->count_down();
      stop();
    });
    return handlers();
  }

private:
  pid top_;
  std::latch* over_;
};

int main() {
  std::atomic<int> starts{0};
  std::latch over{1};
  simple_node node;
  // Each supervisor is worth its own attempts: (2 + 1) lives of the leaf for each of the (1 + 1) lives of `inner`. A
  // supervisor that gives up ends with `shutdown`, so `inner` has to be permanent, as child_supervisor makes it.
  auto inner = supervisor_spec{.flags = {.intensity = 2}, .children = {child<leaf>("leaf", &starts)}};
  auto top = node->spawn<supervisor>(
      supervisor_spec{.flags = {.intensity = 1}, .children = {child_supervisor("inner", inner)}});
  node->spawn<witness>(top, &over);
  over.wait();
  return starts == 6 ? 0 : 1;
}
