#pragma once

#include "base/bytes.hpp"

#include <caf/meta/type_name.hpp>

namespace beamline::net {

/// The only message that nodes exchange through CAF.
struct carried_envelope {
  bytes octets;
};

// Short, because CAF writes it before every envelope.
inline constexpr const char* carried_envelope_name = "bl.env";

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, carried_envelope& x) {
  return f(caf::meta::type_name(carried_envelope_name), x.octets);
}

}  // namespace beamline::net
