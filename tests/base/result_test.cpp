#include "base/result.hpp"

#include <memory>
#include <set>

#include <doctest/doctest.h>

using namespace beamline;

namespace {

result<int> half(int n) {
  if (n % 2 != 0)
    return error{errc::invalid, "3 is odd"};
  return n / 2;
}

}  // namespace

TEST_CASE("a result holds a value or an error") {
  auto good = half(8);
  CHECK(good.ok());
  CHECK(static_cast<bool>(good));
  CHECK(good.value() == 4);
  CHECK(*good == 4);
  CHECK(good.value_or(7) == 4);

  auto bad = half(3);
  CHECK_FALSE(bad.ok());
  CHECK_FALSE(static_cast<bool>(bad));
  CHECK(bad.error().code == errc::invalid);
  CHECK(bad.error().message == "3 is odd");
  CHECK(bad.value_or(7) == 7);
}

TEST_CASE("asking a failed result for its value throws with the error's message") {
  auto bad = half(3);
  CHECK_THROWS_WITH_AS((void)bad.value(), "result holds an error: 3 is odd", bad_result);
  CHECK_THROWS_AS((void)*bad, bad_result);
  CHECK_THROWS_AS((void)half(3).value(), bad_result);
  CHECK_THROWS_AS(result<void>{bad.error()}.value(), bad_result);
}

TEST_CASE("a result carries values that can only be moved") {
  auto made = result<std::unique_ptr<int>>{std::make_unique<int>(5)};
  CHECK(**made == 5);
  auto taken = std::move(made).value();
  CHECK(*taken == 5);
}

TEST_CASE("a result can be changed through its value") {
  auto text = result<std::string>{"ab"};
  text->push_back('c');
  *text += "d";
  CHECK(text.value() == "abcd");
}

TEST_CASE("a result without a value is success by default") {
  auto done = result<void>{};
  CHECK(done.ok());
  CHECK_NOTHROW(done.value());

  auto failed = result<void>{error{errc::io, "disk full"}};
  CHECK_FALSE(failed.ok());
  CHECK(failed.error() == error{errc::io, "disk full"});
}

TEST_CASE("an error gets context in front and keeps its code") {
  auto inner = error{errc::not_found, "no such table"};
  CHECK(inner.in("migration 3") == error{errc::not_found, "migration 3: no such table"});
  CHECK(inner.message == "no such table");
}

TEST_CASE("every error code has its own word") {
  auto words = std::set<std::string_view>{};
  for (int code = static_cast<int>(errc::invalid); code <= static_cast<int>(errc::cancelled); ++code)
    words.insert(to_string(static_cast<errc>(code)));
  CHECK(words.size() == static_cast<std::size_t>(errc::cancelled) + 1);
  CHECK(words.count("unknown") == 0);
  CHECK(to_string(errc::too_large) == "too_large");
}
