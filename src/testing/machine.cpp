#include "testing/machine.hpp"

#include "testing/disk/simulated_disk.hpp"
#include "testing/world.hpp"

namespace beamline::testing {

namespace {

// What `derive_seed` is asked for: from here on, one per machine.
constexpr std::uint64_t skew_purpose = 1U << 20;

// What calendars show when a world begins: some day in November 2023.
constexpr std::chrono::seconds epoch{1'700'000'000};

}  // namespace

machine::machine(world& w, std::string name, std::uint32_t index)
    : world_{w}, name_{std::move(name)}, index_{index}, disk_{std::make_unique<simulated_disk>(w, *this)} {
  auto draw = seeded_random{w.derive_seed(skew_purpose + index)};
  auto spread = static_cast<std::uint64_t>(2 * w.weather().skew_max.count()) + 1;
  clock_offset_ = duration{static_cast<std::int64_t>(draw.below(spread))} - w.weather().skew_max;
}

machine::~machine() = default;

wall_time machine::wall_now() const {
  using std::chrono::microseconds;
  return wall_time{epoch} + std::chrono::floor<microseconds>(world_.elapsed())
       + std::chrono::floor<microseconds>(clock_offset_);
}

}  // namespace beamline::testing
