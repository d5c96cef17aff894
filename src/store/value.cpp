#include "store/value.hpp"

#include <stdexcept>

#include <fmt/format.h>

namespace beamline::store {

namespace {

std::string_view kind_of(const value_view& v) {
  constexpr std::string_view kinds[] = {"null", "an integer", "a real number", "text", "octets"};
  return kinds[v.index()];
}

}  // namespace

std::size_t row::index_of(std::string_view column) const {
  for (std::size_t i = 0; i < size(); ++i)
    if (name(i) == column)
      return i;
  throw std::runtime_error{fmt::format("the answer has no column \"{}\"", column)};
}

void row::check_size(std::size_t expected) const {
  if (size() != expected)
    throw std::runtime_error{fmt::format("the answer has {} columns, expected {}", size(), expected)};
}

void row::check_column(std::size_t column) const {
  if (column >= size())
    throw std::runtime_error{fmt::format("column {} does not exist, the answer has {}", column + 1, size())};
}

void row::refuse(std::size_t column, std::string_view expected) const {
  throw std::runtime_error{
      fmt::format("column {} (\"{}\") holds {}, expected {}", column + 1, name(column), kind_of(at(column)), expected)};
}

}  // namespace beamline::store
