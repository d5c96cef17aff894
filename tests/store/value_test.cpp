#include "store/value.hpp"

#include <stdexcept>
#include <vector>

#include <doctest/doctest.h>

using namespace beamline;
using namespace beamline::store;

namespace {

class fixed_row final : public row {
public:
  fixed_row(std::vector<std::string> names, std::vector<value_view> values)
      : names_{std::move(names)}, values_{std::move(values)} {}
  [[nodiscard]] std::size_t size() const override { return values_.size(); }
  [[nodiscard]] std::string_view name(std::size_t column) const override { return names_[column]; }
  [[nodiscard]] value_view at(std::size_t column) const override { return values_[column]; }

private:
  std::vector<std::string> names_;
  std::vector<value_view> values_;
};

const auto sample =
    fixed_row{{"id", "name", "ratio", "data", "nothing"},
              {std::int64_t{300}, std::string_view{"ann"}, 0.5, blob_view{"\x01\x02"}, std::monostate{}}};

template <class F>
std::string what(F&& f) {
  try {
    f();
  } catch (const std::runtime_error& e) {
    return e.what();
  }
  return "nothing was thrown";
}

value_view view(const parameter& p) { return p.view(); }

}  // namespace

TEST_CASE("a row gives its columns by position, by name and all at once") {
  CHECK(sample.get<int>(0) == 300);
  CHECK(sample.get<std::string>("name") == "ann");
  CHECK(sample.get<std::string_view>(1) == "ann");
  CHECK(sample.get<double>("ratio") == 0.5);
  CHECK(sample.get<double>("id") == 300.0);
  CHECK(sample.get<blob_view>("data").octets == "\x01\x02");
  CHECK(sample.get<std::string>("data") == "\x01\x02");
  CHECK(sample.get<wall_time>("id") == wall_time{std::chrono::microseconds{300}});
  CHECK(sample.get<std::optional<int>>("nothing") == std::nullopt);
  CHECK(sample.get<std::optional<int>>("id") == 300);
  auto [id, name, ratio, data, nothing] =
      sample.as<std::int64_t, std::string, double, std::string, std::optional<std::string>>();
  CHECK(id == 300);
  CHECK(name == "ann");
  CHECK_FALSE(nothing.has_value());
}

TEST_CASE("reading a column as what it is not says which column and what it holds") {
  CHECK(what([] { (void)sample.get<int>("name"); }) == "column 2 (\"name\") holds text, expected an integer");
  CHECK(what([] { (void)sample.get<int>("nothing"); }) == "column 5 (\"nothing\") holds null, expected an integer");
  CHECK(what([] { (void)sample.get<std::string>(0); }) == "column 1 (\"id\") holds an integer, expected text");
  CHECK(what([] { (void)sample.get<std::string_view>(3); }) == "column 4 (\"data\") holds octets, expected text");
  CHECK(what([] { (void)sample.get<blob_view>(1); }) == "column 2 (\"name\") holds text, expected octets");
  CHECK(what([] { (void)sample.get<double>(1); }) == "column 2 (\"name\") holds text, expected a number");
  CHECK(what([] { (void)sample.get<bool>(0); }) == "column 1 (\"id\") holds an integer, expected 0 or 1");
  CHECK(what([] { (void)sample.get<std::int8_t>(0); })
        == "column 1 (\"id\") holds an integer, expected a smaller integer");
  CHECK(what([] { (void)sample.get<int>("likes"); }) == "the answer has no column \"likes\"");
  CHECK(what([] { (void)sample.get<int>(5); }) == "column 6 does not exist, the answer has 5");
  CHECK(what([] { (void)sample.as<int>(); }) == "the answer has 5 columns, expected 1");
}

TEST_CASE("parameters convert from what programs have") {
  CHECK(view(nullptr) == value_view{});
  CHECK(view(true) == value_view{std::int64_t{1}});
  CHECK(view(7) == value_view{std::int64_t{7}});
  CHECK(view(std::uint32_t{4294967295U}) == value_view{std::int64_t{4294967295}});
  CHECK(view(2.5) == value_view{2.5});
  CHECK(view("text") == value_view{std::string_view{"text"}});
  CHECK(view(blob_view{"x"}) == value_view{blob_view{"x"}});
  CHECK(view(std::optional<int>{}) == value_view{});
  CHECK(view(std::optional<int>{3}) == value_view{std::int64_t{3}});
  CHECK(view(wall_time{std::chrono::seconds{1}}) == value_view{std::int64_t{1'000'000}});
  static_assert(!std::is_convertible_v<std::uint64_t, parameter>);
  static_assert(!std::is_convertible_v<void*, parameter>);
}
