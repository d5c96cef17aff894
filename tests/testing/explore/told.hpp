#pragma once

#include "testing/explore/command_line.hpp"

#include <string>
#include <utility>

/// For tests of what obeys the command line: it says this for the length of a test, whatever the binary was told.
class told {
public:
  explicit told(beamline::testing::command_line line = {}) { beamline::testing::set_command_line(std::move(line)); }
  ~told() { beamline::testing::set_command_line(was_); }
  told(const told&) = delete;
  told& operator=(const told&) = delete;

private:
  beamline::testing::command_line was_ = beamline::testing::the_command_line();
};
