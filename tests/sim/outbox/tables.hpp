#pragma once

#include "testing/world.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

/// What stands in the tables of the real parts, read as anybody could read them.
namespace beamline::sim_outbox {

struct numbers {
  std::int64_t likes = 0;
  std::int64_t visits = 0;
  std::int64_t comments = 0;
  std::int64_t version = 0;
  friend bool operator==(const numbers&, const numbers&) = default;
};
[[nodiscard]] std::string to_string(const numbers& n);

/// Of the accumulator.
struct books {
  using subject_and_visitor = std::pair<std::string, std::string>;  // `blog:k0` or `page:home`, or the slug; who.

  std::vector<std::string> seen;                // Ids of events, in the order in which they were applied.
  std::set<subject_and_visitor> likes;          // By slug.
  std::vector<subject_and_visitor> visits;      // In the order in which they were written.
  std::map<std::string, std::string> comments;  // Id to slug.
  std::map<std::string, numbers> posts;         // By slug.
  std::map<std::string, numbers> pages;         // By name.
  numbers site;
};

/// Run the world until they are read; throw simulation_error when they cannot be.
[[nodiscard]] books read_books(testing::world& w, const std::string& node);
/// Ids of the entries of a host, dead letters among them; some may have been applied, and their rows are still there.
[[nodiscard]] std::set<std::string> read_entries(testing::world& w, const std::string& node);

/// The versions of posts as they stand in the accumulator's table, asked for without waiting: a liveness condition is
/// asked again and again.
class version_look {
public:
  using versions = std::map<std::string, std::int64_t>;  // By slug.

  /// The answer of the last question, which is asked when there is none; null: it is not known yet.
  [[nodiscard]] const versions* look(testing::world& w, const std::string& node);
  /// Ask again.
  void forget() { asked_.reset(); }

private:
  struct question {
    std::uint64_t run = 0;
    bool is_answered = false;
    versions answer;
  };
  std::shared_ptr<question> asked_;
};

}  // namespace beamline::sim_outbox
