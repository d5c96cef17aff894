#include "testing/check/history.hpp"

namespace beamline::testing::detail {

namespace {

// Of a long order the end says what the state comes from; more than this is left out, counted.
constexpr std::size_t calls_shown_max = 12;

std::string list(const std::vector<std::string>& calls) {
  std::string text;
  auto first = calls.size() > calls_shown_max ? calls.size() - calls_shown_max : 0;
  if (first > 0)
    text = "(" + std::to_string(first) + " more) ";
  for (auto i = first; i < calls.size(); ++i)
    text += (i > first ? "; " : "") + calls[i];
  return text;
}

}  // namespace

std::string to_string(const stuck_history& s) {
  auto text = "no order explains \"" + s.call + "\", answer " + std::to_string(s.answers) + " of the history; ";
  text += s.order.empty() ? "nothing can come before it" : "the longest that explains the rest: " + list(s.order);
  text += "; then the state is " + s.state;
  if (!s.open.empty())
    text += "; also under way: " + list(s.open);
  return text;
}

}  // namespace beamline::testing::detail
