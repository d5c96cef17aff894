#pragma once

#include <functional>
#include <map>
#include <string>

namespace beamline::testing::probe {

/// Something that no simulated process may do.
struct crime {
  std::string called;  // What the guard says was called.
  std::function<void()> commit;
  bool comes_back = true;  // Outside a simulation it returns, without a trace.
};

/// By the name of the rule: those about time and waiting, and those about the world outside.
[[nodiscard]] std::map<std::string, crime> crimes_of_waiting();
[[nodiscard]] std::map<std::string, crime> crimes_of_reaching_out();

/// Everything that looks alike and is fine. Throws what went wrong.
void do_what_is_allowed();

}  // namespace beamline::testing::probe
