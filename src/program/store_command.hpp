#pragma once

#include "base/time.hpp"

#include <filesystem>
#include <iosfwd>
#include <string>

namespace beamline::program {

/// The words of `beamline store backup FILE`.
struct backup_arguments {
  std::filesystem::path file{};
  std::string node{};  // As for `beamline remote`; empty: the only node that runs below `var`.
  std::filesystem::path var = "var";
  bool as_json = false;
};

/// Has a running node write a copy of its database. A relative path counts from the current directory, not from the
/// node's. Returns the exit status of `beamline remote`; the node's words go to `out`, errors to `err`.
[[nodiscard]] int store_backup(const backup_arguments& args, const clock& time, std::ostream& out, std::ostream& err);

}  // namespace beamline::program
