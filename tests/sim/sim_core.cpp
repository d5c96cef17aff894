// One number for runs under some seeds, of the toy cluster and of outboxes with their accumulator (SQLite on a
// simulated disk): equal programs, however they were compiled and wherever they run, print the same.
// scripts/reproducible compares.
//
//   sim_core [--each] [--shuffle] FIRST COUNT [THREADS]
//
//   --each      each seed with its hash first, one a line
//   --shuffle   the heap's free lists are shuffled before each seed
#include "base/random.hpp"
#include "sim/outbox/outbox.hpp"
#include "sim/toy/toy.hpp"
#include "testing/explore/workers.hpp"

#include <charconv>
#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string_view>
#include <vector>

using namespace beamline;

namespace {

struct request {
  std::uint64_t first = 0, count = 0;
  unsigned threads = 1;
  bool is_each = false, is_shuffled = false;
};

constexpr std::uint64_t threads_max = 64;

std::optional<std::uint64_t> number(std::string_view word) {
  std::uint64_t n = 0;
  auto [end, failed] = std::from_chars(word.data(), word.data() + word.size(), n);
  return failed == std::errc{} && end == word.data() + word.size() ? std::optional{n} : std::nullopt;
}

std::optional<request> parse(int argc, char** argv) {
  request r;
  std::vector<std::uint64_t> numbers;
  for (int i = 1; i < argc; ++i) {
    std::string_view word{argv[i]};
    if (word == "--each")
      r.is_each = true;
    else if (word == "--shuffle")
      r.is_shuffled = true;
    else if (auto n = number(word))
      numbers.push_back(*n);
    else
      return std::nullopt;
  }
  if (numbers.size() < 2 || numbers.size() > 3)
    return std::nullopt;
  auto threads = numbers.size() == 3 ? numbers[2] : 1;
  if (numbers[1] == 0 || threads == 0 || threads > threads_max)
    return std::nullopt;
  r.first = numbers[0];
  r.count = numbers[1];
  r.threads = static_cast<unsigned>(threads);
  return r;
}

std::uint64_t hash_of(std::uint64_t seed, bool is_shuffled, const testing::scenario_factory& outbox) {
  if (is_shuffled)
    testing::shuffle_heap(seed);
  auto of_toy = toy::explore_toy("sim_core").seeds(1, seed).repeat_every(0).survey().hash;
  auto of_outbox = sim_outbox::explore_outbox("sim_core", outbox).seeds(1, seed).repeat_every(0).survey().hash;
  return mix64(of_toy) + of_outbox;
}

}  // namespace

int main(int argc, char** argv) {
  auto r = parse(argc, argv);
  if (!r) {
    std::fputs("usage: sim_core [--each] [--shuffle] FIRST COUNT [THREADS]     COUNT from 1, THREADS from 1 to 64\n",
               stderr);
    return 2;
  }
  std::uint64_t all = 0;
  const auto outbox = sim_outbox::outbox_factory();
  auto run = [&](std::uint64_t i) {
    testing::run_result one;
    one.hash = hash_of(r->first + i, r->is_shuffled, outbox);
    return one;
  };
  auto take = [&](std::uint64_t i, const testing::run_result& one) {
    if (r->is_each)
      std::printf("%" PRIu64 " %016" PRIx64 "\n", r->first + i, one.hash);
    all = mix64(all ^ one.hash) + i;
    return true;
  };
  testing::work_in_order(r->count, r->threads, run, take);
  std::printf("%016" PRIx64 "\n", all);
  return 0;
}
