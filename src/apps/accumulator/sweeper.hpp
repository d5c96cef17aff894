#pragma once

#include "actors/process.hpp"
#include "apps/accumulator/options.hpp"
#include "apps/accumulator/sweep.hpp"
#include "store/database.hpp"

#include <memory>

namespace beamline::accumulator {

/// The process that forgets, in steps, every `sweep_interval`: see sweep.hpp. Started behind the counter, which makes
/// the tables. A step that fails is logged, and the next round tries again.
class sweeper final : public process {
public:
  sweeper(process_context& c, std::shared_ptr<store::database> db, accumulator_options o);

private:
  behavior init() override;

  void wait();
  void begin();
  void make_new_partitions(const uid& bound);
  void drop_old_partitions(const uid& bound);
  void step(const uid& bound);
  void on_step(const uid& bound, const result<sweep_step>& r);

  std::shared_ptr<store::database> db_;
  accumulator_options options_;
  sweep_step round_;  // So far.
};

}  // namespace beamline::accumulator
