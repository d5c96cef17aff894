#pragma once

#include "base/time.hpp"
#include "testing/world.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <utility>
#include <vector>

namespace beamline::testing {

/// What the ways between machines are like, each direction for itself, and what stands on them. Machines by index.
class routes {
public:
  explicit routes(world& w);

  /// Runs `arrive` at `when` as an event of the world; when the way is cut or stalled then, some time after that ends.
  void carry(std::uint32_t from, std::uint32_t to, time_point when, std::function<void()> arrive);

  void cut(std::uint32_t from, std::uint32_t to) { ways_[{from, to}].is_cut = true; }
  void stall(std::uint32_t from, std::uint32_t to, duration d);
  /// 0: as fast as it likes.
  void slow(std::uint32_t from, std::uint32_t to, std::uint64_t octets_per_ms);
  /// No cut, no stall, no slowness. What stood goes on.
  void heal(std::uint32_t from, std::uint32_t to);
  void heal_all();

  [[nodiscard]] bool is_cut(std::uint32_t from, std::uint32_t to) const;
  /// How many octets may pass in one go; 0: any number.
  [[nodiscard]] std::uint64_t portion(std::uint32_t from, std::uint32_t to) const;
  /// When so many octets will have passed that slow way, behind all that are to pass it already.
  [[nodiscard]] time_point pass(std::uint32_t from, std::uint32_t to, std::uint64_t octets);

private:
  using key = std::pair<std::uint32_t, std::uint32_t>;
  struct way {
    bool is_cut = false;
    time_point stalled_until{};
    std::uint64_t octets_per_ms = 0;
    time_point free_at{};
    std::vector<std::function<void()>> standing{};
    std::uint64_t released = 0;
  };

  void arrive_or_stand(key where, std::function<void()> arrive);
  void release(key where);

  world& world_;
  std::uint64_t seed_;
  std::map<key, way> ways_;  // Only those that something happened to.
};

}  // namespace beamline::testing
