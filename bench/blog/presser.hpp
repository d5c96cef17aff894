#pragma once

#include "base/time.hpp"
#include "live/load/page_facts.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <string>
#include <thread>
#include <vector>

namespace beamline::bench {

/// Readers who press Like once each, on a form without a script, at an even rate, on the hosts in turn. They have a
/// thread of their own, so that the time of a press does not depend on what else this program does.
class presser {
public:
  struct options {
    std::vector<std::uint16_t> ports;
    std::string slug;
    std::size_t per_second = 1;
    std::size_t count = 1;
  };
  struct press {
    time_point sent{};
    time_point answered{};
  };

  /// Loads a page for each reader: a session and a token of its own. Throws std::runtime_error.
  explicit presser(options o);
  ~presser();
  presser(const presser&) = delete;
  presser& operator=(const presser&) = delete;

  void begin();
  [[nodiscard]] bool is_over() const noexcept { return is_over_; }
  /// All presses, once it is over. Throws std::runtime_error when one was not accepted.
  [[nodiscard]] const std::vector<press>& presses();

private:
  struct request;
  void run();
  void take_answers(std::vector<request>& under_way, duration wait);
  [[nodiscard]] request send(std::size_t who);

  options opts_;
  system_clock clock_;
  std::vector<page_facts> readers_;
  std::vector<press> presses_;
  std::atomic<bool> is_over_ = false;
  std::exception_ptr failure_{};
  std::thread thread_;
};

}  // namespace beamline::bench
