#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace beamline::event_horizon {

/// Something in the content folder that is not understood: where it stands and what to do about it.
struct content_problem {
  std::string file;  // Counted from the content folder.
  int line = 0;      // From 1; 0 is the whole file.
  std::string text;
  bool is_hidden = false;  // The post, or the file, is not served; else it is, without what is named.

  friend bool operator==(const content_problem&, const content_problem&) = default;
};

/// `trip/index.md:3: date is "May", expected a day such as 2024-05-01`
[[nodiscard]] inline std::string to_string(const content_problem& p) {
  return p.file + (p.line > 0 ? ":" + std::to_string(p.line) : "") + ": " + p.text;
}

/// Gathers problems so that all of a folder can be repaired in one go.
class problem_list {
public:
  // More problems than this are counted, not kept.
  static constexpr std::size_t kept_max = 1000;

  void add(content_problem p) {
    if (all_.size() < kept_max)
      all_.push_back(std::move(p));
    else
      ++dropped_;
  }
  void add(const problem_list& others) {
    for (const auto& each : others.all_)
      add(each);
    dropped_ += others.dropped_;
  }
  [[nodiscard]] const std::vector<content_problem>& all() const noexcept { return all_; }
  [[nodiscard]] std::size_t dropped() const noexcept { return dropped_; }
  [[nodiscard]] std::size_t count() const noexcept { return all_.size() + dropped_; }
  [[nodiscard]] bool empty() const noexcept { return all_.empty(); }

private:
  std::vector<content_problem> all_;
  std::size_t dropped_ = 0;
};

}  // namespace beamline::event_horizon
