#pragma once

#include "actors/process.hpp"
#include "sim/real/messages.hpp"
#include "supervision/registry/registry.hpp"

#include <string>
#include <vector>

namespace beamline::house {

using names = supervision::registry<std::string>;

/// How a worker behaves; chances in percent of the messages it handles.
struct temper {
  std::uint64_t throws = 0;
  std::uint64_t stops = 0;
  std::uint64_t hangs = 0;  // For `hangs_for`.
  duration hangs_for = 30ms;
  std::uint64_t keeps = 0;       // Never answers, but keeps the promise.
  std::uint64_t bad_starts = 0;  // Of its starts.
  duration slow_stop{};          // How long it takes to end in order; longer than that is killed.
};

/// Works, and fails in all the ways there are. Registers itself under its label.
class worker final : public process {
public:
  worker(process_context& c, names n, std::string label, temper t)
      : process{c}, names_{std::move(n)}, label_{std::move(label)}, temper_{t} {}

  behavior init() override;

private:
  [[nodiscard]] bool happens(std::uint64_t percent) { return env().random().below(100) < percent; }
  deferred do_work(const work& m);

  names names_;
  std::string label_;
  temper temper_;
  std::vector<reply_promise<int>> kept_;
};

}  // namespace beamline::house
