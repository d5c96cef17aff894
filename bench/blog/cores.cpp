#include "blog/cores.hpp"

#include "live/usage.hpp"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <utility>

namespace beamline::bench {

namespace {

double us_of(const std::vector<pid_t>& processes) {
  double all = 0;
  for (auto id : processes)
    all += cpu_us_of(id);
  return all;
}

/// What all cores of this machine have been busy with since it started, in microseconds.
double busy_us() {
  std::ifstream in{"/proc/stat"};
  std::string word;
  in >> word;
  constexpr int idle = 3;
  constexpr int waiting = 4;
  constexpr int fields = 8;  // Up to what other machines took.
  double ticks = 0;
  for (int i = 0; i < fields; ++i) {
    double one = 0;
    in >> one;
    ticks += i == idle || i == waiting ? 0 : one;
  }
  return ticks / static_cast<double>(sysconf(_SC_CLK_TCK)) * 1e6;
}

}  // namespace

cores::cores(const cluster& c) : busy_before_{busy_us()} {
  std::vector<pid_t> hosts;
  for (const auto& h : c.hosts())
    hosts.push_back(h.id);
  parts_ = {{"host_cores", hosts, 0},
            {"accumulator_cores", {c.accumulator().id}, 0},
            {"proxy_cores", {c.proxy()}, 0},
            {"client_cores", {getpid()}, 0}};
  for (auto& p : parts_)
    p.us_before = us_of(p.processes);
}

void cores::add_to(figures& f, double seconds) const {
  auto others = busy_us() - busy_before_;
  for (const auto& p : parts_) {
    const auto us = us_of(p.processes) - p.us_before;
    others -= us;
    f.add(p.what, us / 1e6 / seconds);
  }
  f.add("others_cores", std::max(0.0, others) / 1e6 / seconds);
}

}  // namespace beamline::bench
