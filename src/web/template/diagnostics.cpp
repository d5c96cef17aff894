#include "web/template/diagnostics.hpp"

#include <algorithm>
#include <numeric>

namespace beamline::web::heex {

namespace {

/// Number of letters to change, insert, remove or swap with their neighbour to make `b` of `a`.
std::size_t distance(std::string_view a, std::string_view b) {
  auto rows = std::vector<std::vector<std::size_t>>(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  std::iota(rows[0].begin(), rows[0].end(), 0);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    rows[i][0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const auto changed = rows[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      rows[i][j] = std::min({rows[i - 1][j] + 1, rows[i][j - 1] + 1, changed});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        rows[i][j] = std::min(rows[i][j], rows[i - 2][j - 2] + 1);
    }
  }
  return rows[a.size()][b.size()];
}

/// The first line of what is meant, with a mark below it.
std::string excerpt(const source& of, span where) {
  const auto at = of.place_of(where.begin);
  auto line = std::string{of.line(at.line)};
  std::ranges::replace(line, '\t', ' ');
  // A minified line would fill the screen.
  constexpr auto shown_max = std::size_t{160};
  const auto before = of.octets_before(where.begin);
  if (before > shown_max)
    return {};
  line.resize(std::min(line.size(), shown_max));
  const auto end = std::min(line.size(), before + std::max<std::size_t>(where.size(), 1));
  const auto marked = end > before ? characters(std::string_view{line}.substr(before, end - before)) : 1;
  auto number = std::to_string(at.line);
  number.insert(0, number.size() < 5 ? 5 - number.size() : 0, ' ');
  return number + " | " + line + "\n" + std::string(number.size(), ' ') + " | " + std::string(at.column - 1, ' ') + "^"
       + std::string(std::max<std::size_t>(marked, 1) - 1, '~') + "\n";
}

}  // namespace

void diagnostics::add(severity level, span where, std::string message) {
  // A mark of a fixed length may reach over the end of the text.
  const auto size = static_cast<std::uint32_t>(of_->text().size());
  where.begin = std::min(where.begin, size);
  where.end = std::clamp(where.end, where.begin, size);
  auto& count = level == severity::error ? errors_ : warnings_;
  if (++count <= (level == severity::error ? errors_max : warnings_max))
    items_.push_back({level, where, std::move(message)});
}

std::vector<diagnostics::item> diagnostics::items() const {
  auto sorted = items_;
  std::ranges::stable_sort(sorted, {}, [](const item& i) { return i.where.begin; });
  return sorted;
}

std::string diagnostics::text() const {
  auto out = std::string{};
  for (const auto& i : items()) {
    const auto at = of_->place_of(i.where.begin);
    out += of_->name() + ":" + std::to_string(at.line) + ":" + std::to_string(at.column) + ": "
         + (i.level == severity::error ? "error: " : "warning: ") + i.message + "\n" + excerpt(*of_, i.where);
  }
  if (errors_ > errors_max)
    out += of_->name() + ": and " + std::to_string(errors_ - errors_max) + " more errors\n";
  return out;
}

std::string_view nearest(std::string_view word, const std::vector<std::string_view>& known) {
  constexpr auto compared_max = std::size_t{40};
  auto best = std::string_view{};
  auto best_distance = std::max<std::size_t>(2, word.size() / 3 + 1);
  for (const auto one : known) {
    if (one.size() > compared_max || word.size() > compared_max)
      continue;
    if (const auto d = distance(word, one); d < best_distance && d < word.size()) {
      best = one;
      best_distance = d;
    }
  }
  return best;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& known, std::string_view before,
                         std::string_view otherwise) {
  const auto found = nearest(word, known);
  return found.empty() ? std::string{otherwise} : "; did you mean " + std::string{before} + std::string{found} + "?";
}

}  // namespace beamline::web::heex
