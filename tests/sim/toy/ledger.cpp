#include "sim/toy/ledger.hpp"

#include "store/database.hpp"
#include "testing/simulated_node.hpp"

#include <memory>
#include <optional>
#include <tuple>
#include <vector>

namespace beamline::toy {

namespace {

using rows = std::vector<std::tuple<std::string, std::int64_t, std::int64_t>>;

constexpr std::string_view select_effects_sql =
    "SELECT origin, event, COUNT(*) FROM ledger GROUP BY origin, event ORDER BY origin, event";

rows read_effects(testing::world& w, testing::simulated_node& n) {
  auto found = std::make_shared<std::optional<result<rows>>>();
  n.env().get<store::database>().read(
      [](store::transaction& tx) { return tx.select<std::string, std::int64_t, std::int64_t>(select_effects_sql); },
      [found](const result<rows>& r) { *found = r; });
  w.run_until([&] { return found->has_value(); }, 5s);
  if (!*found || !**found)
    throw testing::simulation_error{"the ledger of " + n.name() + " cannot be read: "
                                    + (*found ? (*found)->error().message : "no answer within 5 s")};
  return ***found;
}

}  // namespace

std::string effect_id(std::string_view target, std::string_view origin, std::int64_t event) {
  return "item " + std::to_string(event) + " of " + std::string{origin} + " for " + std::string{target};
}

testing::effect_counts ledger_of(testing::world& w) {
  testing::effect_counts counts;
  for (const auto& m : w.machines())
    if (m->is_up())
      for (const auto& [origin, event, count] : read_effects(w, *m->running()))
        counts[effect_id(m->name(), origin, event)] = static_cast<std::uint64_t>(count);
  return counts;
}

}  // namespace beamline::toy
