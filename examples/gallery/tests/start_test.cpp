#include "actors/process.hpp"
#include "supervision/child_spec.hpp"
#include "support/web_node.hpp"

#include <doctest/doctest.h>

#include <atomic>

// On real threads: in a simulated node nobody waits for the start.

using namespace beamline;

namespace {

/// Takes its time to start.
class late final : public process {
public:
  late(process_context& c, std::atomic_bool* is_there) : process{c}, is_there_{is_there} {}

private:
  behavior init() override {
    hold_start();
    run_after(50ms, [this] {
      *is_there_ = true;
      confirm_start();
    });
    return handlers();
  }

  std::atomic_bool* is_there_;
};

}  // namespace

TEST_CASE("a node by hand is there once everything behind its pages runs") {
  std::atomic_bool is_there = false;
  example::web_node here{
      {.name = "slow@127.0.0.1", .services = {.children = {supervision::child<late>("late", &is_there)}}}};
  CHECK(is_there);
}
