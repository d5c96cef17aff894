#include "apps/accumulator/options.hpp"

namespace beamline::accumulator {

config::section<accumulator_options> accumulator_section() {
  return config::section<accumulator_options>{"accumulator", "The application that owns the numbers"}.key(
      "calls_max", &accumulator_options::calls_max,
      "calls that wait for the store at the same time; more are answered \"busy\"", config::range{1, 1'000'000},
      config::reloadable{});
}

}  // namespace beamline::accumulator
