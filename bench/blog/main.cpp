// How late numbers are on the pages of many viewers: a real cluster, started by scripts/cluster, a load client in this
// program.
//
// usage: bench_blog [--quick] [--hosts N] [--viewers N] [--likes N] [--seconds N] [--benchmark_filter=REGEX]
//                   [--benchmark_format=json]                                                  run by scripts/bench
//
// Without numbers: 2,000 and 10,000 viewers, on one host and on two, 50 likes per second. With one: that load only.
#include "blog/load.hpp"
#include "live/open_files.hpp"

#include <charconv>
#include <exception>
#include <iostream>
#include <regex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace beamline::bench {

namespace {

constexpr std::size_t number_max = 1'000'000;

struct orders {
  std::vector<load_plan> loads{{1, 2'000}, {2, 2'000}, {1, 10'000}, {2, 10'000}};
  std::string filter = ".*";
};

std::size_t number_of(std::string_view option, std::string_view word) {
  std::size_t out = 0;
  const auto [end, failed] = std::from_chars(word.data(), word.data() + word.size(), out);
  if (failed != std::errc{} || end != word.data() + word.size() || out < 1 || out > number_max)
    throw std::invalid_argument{std::string{option} + " is \"" + std::string{word} + "\", expected a number from 1 to "
                                + std::to_string(number_max)};
  return out;
}

orders orders_of(int argc, char** argv) {
  constexpr std::string_view filter = "--benchmark_filter=";
  orders out;
  load_plan one;
  bool is_one = false;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    const auto value = [&] { return number_of(word, ++i < argc ? argv[i] : ""); };
    const auto is_number = word == "--hosts" || word == "--viewers" || word == "--likes" || word == "--seconds";
    if (word == "--hosts")
      one.hosts = value();
    else if (word == "--viewers")
      one.viewers = value();
    else if (word == "--likes")
      one.likes_per_second = value();
    else if (word == "--seconds")
      one.seconds = value();
    else if (word == "--quick")
      out.loads = {{2, 50, 20, 3}};
    else if (word.starts_with(filter))
      out.filter = word.substr(filter.size());
    else if (word != "--benchmark_format=json")
      throw std::invalid_argument{std::string{word} + " is not understood"};
    is_one = is_one || is_number;
  }
  if (is_one)
    out.loads = {one};
  return out;
}

}  // namespace

}  // namespace beamline::bench

int main(int argc, char** argv) try {
  using namespace beamline::bench;
  const auto o = orders_of(argc, argv);
  const std::regex filter{o.filter};
  const auto files = allow_many_files();
  std::vector<figures> found;
  for (const auto& p : o.loads) {
    if (files < p.viewers + 200)
      throw std::runtime_error{p.name() + " needs " + std::to_string(p.viewers + 200)
                               + " open files; raise `ulimit -Hn`"};
    if (std::regex_search(p.name(), filter))
      found.push_back(measure_load(p));
  }
  std::cout << to_benchmark_json(found) << '\n';
  return 0;
} catch (const std::exception& e) {
  std::cerr << "bench_blog: " << e.what() << '\n';
  return 1;
}
