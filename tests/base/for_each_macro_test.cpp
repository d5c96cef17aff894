#include "base/for_each_macro.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace {

#define TEST_NAME(x) #x
#define TEST_SAME(x) x
#define TEST_APPEND(x) text += #x ";";
#define TEST_PAIR(a, b) text += #a ":" #b ";";

std::string each_of_none() {
  auto text = std::string{};
  BEAMLINE_FOR_EACH(TEST_APPEND, )
  return text;
}

std::string each_of_three() {
  auto text = std::string{};
  BEAMLINE_FOR_EACH(TEST_APPEND, a, b, c)
  return text;
}

std::string each_with() {
  auto text = std::string{};
  BEAMLINE_FOR_EACH_WITH(TEST_PAIR, type, a, b)
  return text;
}

}  // namespace

TEST_CASE("the loop macros visit every argument in order") {
  CHECK(each_of_none().empty());
  CHECK(each_of_three() == "a;b;c;");
  CHECK(each_with() == "type:a;type:b;");
  CHECK(std::vector<std::string>{BEAMLINE_FOR_EACH_LIST(TEST_NAME, a, b, c)}
        == std::vector<std::string>{"a", "b", "c"});
}

TEST_CASE("the loop macros reach from none to 24 arguments") {
  const auto all = std::vector<int>{BEAMLINE_FOR_EACH_LIST(TEST_SAME, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
                                                           16, 17, 18, 19, 20, 21, 22, 23, 24)};
  CHECK(all.size() == 24);
  CHECK(all.back() == 24);
  static_assert(BEAMLINE_ARG_COUNT() == 0);
  static_assert(BEAMLINE_ARG_COUNT(a) == 1);
  static_assert(BEAMLINE_ARG_COUNT(a, b) == 2);
  static_assert(
      BEAMLINE_ARG_COUNT(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24) == 24);
}
