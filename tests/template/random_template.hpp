#pragma once

#include "base/random.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace beamline::testing {

/// Draws templates. Everything follows from the seed.
class random_template {
public:
  explicit random_template(std::uint64_t seed) : random_{seed} {}

  /// A template, and the tree that it must be read as (see `web::heex::dump`), before space is normalised.
  std::pair<std::string, std::string> draw();

private:
  struct piece {
    std::string text;
    std::string dump;
  };

  piece content(int depth, std::size_t indent, bool in_component);
  piece one(int depth, std::size_t indent);
  piece element(int depth, std::size_t indent);
  piece block(int depth, std::size_t indent);
  piece attributes(std::size_t indent);
  std::string expression();
  std::string space();
  bool chance(std::uint64_t one_in) { return random_.below(one_in) == 0; }
  template <class List>
  std::string pick(const List& list) {
    return list[random_.below(std::size(list))];
  }

  seeded_random random_;
};

}  // namespace beamline::testing
