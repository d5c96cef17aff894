#include "web/live/diff_text.hpp"

#include "web/live/rendered.hpp"

#include <array>
#include <charconv>
#include <stdexcept>

namespace beamline::web::live {

namespace {

template <class Number>
void append_number(std::string& out, Number number) {
  auto digits = std::array<char, 20>{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

}  // namespace

void append_count(std::string& out, std::uint64_t number) { append_number(out, number); }
void append_integer(std::string& out, std::int64_t number) { append_number(out, number); }

void check_depth(const statics& tpl, std::size_t depth) {
  if (depth > tree_depth_max)
    throw std::logic_error{"live diff: templates are nested more than " + std::to_string(tree_depth_max) + " deep at \""
                           + tpl.describe() + "\"; flatten the recursion"};
}

}  // namespace beamline::web::live
