#pragma once

#include "base/time.hpp"
#include "supervision/report.hpp"
#include "supervision/supervisor_spec.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace beamline::testing {

/// What one supervisor has done, seen from outside, and whether it may (see supervision_rules). Pure: events and their
/// times in, broken rules in words out; empty: it may.
class supervised {
public:
  struct birth {
    std::uint64_t process = 0;
    std::string id;  // Of the child.
    std::uint64_t position = 0;
  };

  /// `is_dynamic`: its children have no ids of their own, so the rules about ids and siblings do not apply.
  supervised(std::string name, bool is_dynamic) : name_{std::move(name)}, is_dynamic_{is_dynamic} {}

  [[nodiscard]] const std::string& name() const noexcept { return name_; }

  [[nodiscard]] std::string started(const birth& b);
  void ended(std::uint64_t process);
  /// The supervisor sends it an exit signal that is meant to end it.
  [[nodiscard]] std::string tells_to_stop(std::uint64_t process) const;
  /// `flags`: where they are known, else the budget is not judged.
  [[nodiscard]] std::string reported(const supervision::report& r, time_point now,
                                     const std::optional<supervision::supervisor_flags>& flags);

  struct living {
    std::string id;
    std::uint64_t position = 0;
    bool is_zombie = false;
  };
  /// By process id.
  [[nodiscard]] const std::map<std::uint64_t, living>& children() const noexcept { return living_; }

  /// Ids of children that should have been started again since the time that stands beside them; none while a restart
  /// still stops others.
  [[nodiscard]] std::map<std::string, time_point> missing() const;
  /// Why it should end; empty: it need not.
  [[nodiscard]] const std::string& must_end() const noexcept { return must_end_; }
  [[nodiscard]] time_point must_end_since() const noexcept { return must_end_since_; }

private:
  struct child {
    std::uint64_t position = 0;
    supervision::restart_type restart = supervision::restart_type::permanent;
    bool has_run = false;             // Its start was reported.
    bool may_restart = false;         // It, or one whose fate it shares, has ended by itself.
    std::optional<time_point> due{};  // Since then its restart is due.
  };

  [[nodiscard]] std::string terminated(const supervision::report& r, time_point now,
                                       const std::optional<supervision::supervisor_flags>& flags);
  [[nodiscard]] std::string gave_up(const supervision::report& r, time_point now,
                                    const std::optional<supervision::supervisor_flags>& flags);
  [[nodiscard]] std::string progressed(const supervision::report& r);
  void share_fate(const supervision::report& r, time_point now);
  [[nodiscard]] static bool shares_fate(const supervision::report& r, const child* offender, std::uint64_t position);
  [[nodiscard]] const child* known(std::string_view id) const;
  [[nodiscard]] std::size_t ends_within(duration period, time_point now) const;
  [[nodiscard]] bool is_alive(std::string_view id) const;  // Zombies are not.
  void require_end(std::string why, time_point now);

  std::string name_;
  bool is_dynamic_;
  std::map<std::string, child, std::less<>> children_;
  std::map<std::uint64_t, living> living_;
  std::vector<std::uint64_t> stopping_;  // Processes that a restart stops, in the order of their start.
  std::deque<time_point> ends_;          // Of children that are restarted, the last `ends_kept_max`.
  std::uint64_t failed_starts_ = 0;
  std::string must_end_;
  time_point must_end_since_{};

  // More than any intensity that a test uses.
  static constexpr std::size_t ends_kept_max = 10'000;
};

}  // namespace beamline::testing
