#pragma once

#include "actors/process.hpp"
#include "sim/real/worker.hpp"

#include <memory>
#include <string>
#include <vector>

namespace beamline::house {

/// Open while there is load; the test closes it.
using load_gate = std::shared_ptr<const bool>;

/// Uses everything that a tree offers, at random: names, calls, the supervisors' API, pools, tasks, registry.
class client final : public process {
public:
  client(process_context& c, names n, load_gate g) : process{c}, names_{std::move(n)}, gate_{std::move(g)} {}

  behavior init() override;

private:
  void tick();
  void use_worker();
  void use_api();
  void use_pool();
  void use_task();
  void use_registry();
  [[nodiscard]] pid named(const std::string& name) const { return {env().self(), name}; }

  names names_;
  load_gate gate_;
  std::uint64_t number_ = 0;
};

}  // namespace beamline::house
