#include "testing/check/evidence.hpp"

#include "base/telemetry_value.hpp"
#include "testing/simulated_node.hpp"
#include "testing/world.hpp"

#include <typeinfo>

namespace beamline::testing {

std::string moment(const world& w) { return to_text(event_value{w.elapsed()}); }

std::string who(const process& p) { return readable_name(typeid(p)) + " " + to_string(p.self()); }

std::string who(const simulated_node& n, std::uint64_t id, std::string_view label) {
  auto address = "<" + n.name() + "." + std::to_string(id) + ">";
  return label.empty() ? address : "\"" + std::string{label} + "\" " + address;
}

}  // namespace beamline::testing
