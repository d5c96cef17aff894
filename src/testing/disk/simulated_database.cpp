#include "testing/disk/simulated_database.hpp"

#include "store/sqlite/open.hpp"
#include "testing/disk/simulated_disk.hpp"
#include "testing/simulated_node.hpp"
#include "testing/world.hpp"

#include <utility>

namespace beamline::testing {

namespace {

// What `derive_seed` is asked for: from here on, one per run of a node.
constexpr std::uint64_t database_purpose = 1U << 22;

store::connections open(simulated_node& n, const std::string& file) {
  // Nobody else works on this disk: who finds it locked would wait in vain.
  auto opened = store::sqlite::open({.path = file, .vfs = n.disk().vfs(), .busy_timeout = {}}, n.env().time());
  if (!opened)
    throw start_refused{n.name() + ": " + opened.error().message};
  return std::move(*opened);
}

}  // namespace

struct simulated_database::state final : store::executor {
  state(simulated_node& n, const options& o)
      : node{n},
        random{n.world().derive_seed(database_purpose + n.incarnation()) ^ trace_tag(o.file)},
        database{open(n, o.file), o.limits, *this, n.events(), n.env().time()} {}

  void post(step what, std::function<void()> run) override {
    auto& w = node.world();
    w.at(w.now() + time_for(what) * static_cast<std::int64_t>(node.disk().slowness()), std::move(run),
         node.incarnation());
  }

  duration time_for(step what) {
    const auto& commit = node.world().weather().commit;
    // Half of a draw before the group is durable, half of another one after it: together within the bounds.
    return what == step::read ? draw(duration{}, commit.min) : draw(commit.min, commit.max) / 2;
  }

  duration draw(duration min, duration max) {
    return min + duration{static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>((max - min).count()) + 1))};
  }

  simulated_node& node;
  seeded_random random;
  store::inline_database database;
};

simulated_database::simulated_database(simulated_node& n, options o) : state_{std::make_shared<state>(n, o)} {}

simulated_database::~simulated_database() = default;

store::database& simulated_database::port() noexcept { return state_->database; }

std::shared_ptr<store::database> simulated_database::share() noexcept { return {state_, &state_->database}; }

}  // namespace beamline::testing
