#include "testing/explore/workers.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <stdexcept>
#include <vector>

using namespace beamline;
using namespace beamline::testing;

namespace {

run_result numbered(std::uint64_t i) {
  run_result r;
  r.hash = i * i;
  return r;
}

}  // namespace

TEST_CASE("results are taken in their order, each once, by any number of threads") {
  for (unsigned threads : {0U, 1U, 2U, 7U}) {
    std::vector<std::uint64_t> taken;
    work_in_order(500, threads, numbered, [&](std::uint64_t i, run_result r) {
      CHECK(r.hash == i * i);
      taken.push_back(i);
      return true;
    });
    REQUIRE(taken.size() == 500);
    for (std::uint64_t i = 0; i < 500; ++i)
      CHECK(taken[i] == i);
  }
}

TEST_CASE("nothing further is taken after the result that was enough") {
  for (unsigned threads : {1U, 3U}) {
    std::atomic<std::uint64_t> made{0};
    std::uint64_t taken = 0;
    work_in_order(
        100'000, threads,
        [&](std::uint64_t i) {
          ++made;
          return numbered(i);
        },
        [&](std::uint64_t i, run_result) {
          ++taken;
          return i < 20;
        });
    CHECK(taken == 21);
    // Nobody runs far ahead of what is taken.
    CHECK(made <= 21 + 64 * threads);
  }
}

TEST_CASE("nothing to do is done at once") {
  work_in_order(0, 4, numbered, [](std::uint64_t, run_result) -> bool {
    FAIL("there is nothing to take");
    return false;
  });
}

TEST_CASE("what making or taking throws ends the work and is thrown to the caller") {
  for (unsigned threads : {1U, 3U}) {
    CHECK_THROWS_WITH(work_in_order(
                          1000, threads,
                          [](std::uint64_t i) {
                            if (i == 30)
                              throw std::runtime_error{"thirty"};
                            return numbered(i);
                          },
                          [](std::uint64_t, run_result) { return true; }),
                      "thirty");
    CHECK_THROWS_WITH(work_in_order(1000, threads, numbered,
                                    [](std::uint64_t, run_result) -> bool { throw std::runtime_error{"no"}; }),
                      "no");
  }
}
