#pragma once

#include "base/node_name.hpp"
#include "base/node_options.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

#include <cstdint>
#include <filesystem>
#include <string>

namespace beamline::program {

/// Who this run of a node is, and where it keeps its things.
struct identity {
  node_name name;
  std::filesystem::path data_dir;  // Exists, readable by its owner only.
  std::uint64_t incarnation = 0;
  std::string secret;           // Signs cookies and tokens.
  bool is_secret_made = false;  // Nobody gave one: it was made in `data_dir`.
};

/// Works out the name, makes the data directory, takes the next incarnation (greater than every one before: D6), and
/// reads or makes the secret. Errors name the path and the remedy.
[[nodiscard]] result<identity> take_identity(const node_options& options, const clock& time, random_source& random);

}  // namespace beamline::program
