#pragma once

#include <doctest/doctest.h>

#include <sstream>
#include <utility>

#include <rapidcheck.h>

namespace beamline::testing {

/// Runs `property` (a callable whose arguments RapidCheck makes up) and fails the test case with the smallest
/// counterexample and the seed that repeats it: set RC_PARAMS to what is printed. Silent on success.
template <class Property>
void check_property(Property&& property) {
  auto result = rc::detail::checkTestable(std::forward<Property>(property));
  auto text = std::ostringstream{};
  rc::detail::printResultMessage(result, text);
  CHECK_MESSAGE(result.template is<rc::detail::SuccessResult>(), text.str());
}

/// Octets of every value, zero included; RapidCheck's own strings avoid some.
inline rc::Gen<std::string> any_octets() {
  return rc::gen::map(rc::gen::arbitrary<std::vector<std::uint8_t>>(), [](const std::vector<std::uint8_t>& octets) {
    return std::string(octets.begin(), octets.end());
  });
}

}  // namespace beamline::testing
