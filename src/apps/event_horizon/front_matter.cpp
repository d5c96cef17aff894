#include "apps/event_horizon/front_matter.hpp"

#include "base/config/suggest.hpp"
#include "base/json.hpp"
#include "base/utf8.hpp"

#include <algorithm>
#include <charconv>
#include <functional>
#include <map>

namespace beamline::event_horizon {

namespace {

constexpr std::string_view fence = "---";
constexpr std::size_t shown_bytes_max = 60;

std::string_view trimmed(std::string_view s) {
  while (!s.empty() && (s.front() == ' ' || s.front() == '\t'))
    s.remove_prefix(1);
  while (!s.empty() && (s.back() == ' ' || s.back() == '\t' || s.back() == '\r'))
    s.remove_suffix(1);
  return s;
}

std::string shown(std::string_view value) {
  auto cut = truncate_utf8(value, shown_bytes_max);
  return json_string(cut) + (cut.size() < value.size() ? "..." : "");
}

/// Hands out a text line by line.
class line_reader {
public:
  explicit line_reader(std::string_view text) : rest_{text} {}

  [[nodiscard]] bool done() const { return rest_.empty(); }
  [[nodiscard]] int number() const { return number_; }  // Of the line taken last.
  [[nodiscard]] std::string_view rest() const { return rest_; }

  std::string_view take() {
    auto end = rest_.find('\n');
    auto line = rest_.substr(0, end);
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    ++number_;
    return line;
  }

private:
  std::string_view rest_;
  int number_ = 0;
};

/// The part before the first `separator`; `rest` becomes what follows it, or nothing.
std::string_view take_until(std::string_view& rest, char separator) {
  auto end = rest.find(separator);
  auto part = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
  return part;
}

template <class Number>
bool read_digits(std::string_view text, std::size_t count, Number& out) {
  return text.size() == count && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; })
      && std::from_chars(text.data(), text.data() + text.size(), out).ec == std::errc{};
}

/// Reads one value; says what is wrong with it, or nothing.
using value_reader = std::function<std::string(front_matter&, std::string_view)>;

std::string read_text(std::string& out, std::string_view value, std::size_t bytes_max) {
  bool is_quoted =
      value.size() >= 2 && value.front() == value.back() && (value.front() == '"' || value.front() == '\'');
  if (is_quoted)
    return "is " + shown(value) + "; write it without the quotes, which would be shown";
  if (value.size() > bytes_max)
    return "has " + std::to_string(value.size()) + " octets; shorten it to at most " + std::to_string(bytes_max);
  out = value;
  return {};
}

std::string read_date(front_matter& out, std::string_view value) {
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  auto rest = value;
  bool is_date = read_digits(take_until(rest, '-'), 4, year) && read_digits(take_until(rest, '-'), 2, month)
              && read_digits(rest, 2, day);
  out.date = std::chrono::year{year} / std::chrono::month{month} / std::chrono::day{day};
  if (!is_date)
    return "is " + shown(value) + ", expected a day such as 2024-05-01";
  return out.date.ok() ? "" : "is " + shown(value) + ", which is no day of the calendar";
}

std::string read_tags(front_matter& out, std::string_view value) {
  for (auto rest = value; !rest.empty();) {
    auto tag = trimmed(take_until(rest, ','));
    bool is_word = !tag.empty() && tag.size() <= tag_bytes_max && std::all_of(tag.begin(), tag.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.';
    });
    if (!is_word)
      return "has " + shown(tag) + ", expected words of a-z, 0-9, -, + and . with commas between them";
    if (std::find(out.tags.begin(), out.tags.end(), tag) != out.tags.end())
      return "has " + shown(tag) + " twice; remove one";
    if (out.tags.size() == tags_max)
      return "has more than " + std::to_string(tags_max) + " words; keep those that readers look for";
    out.tags.emplace_back(tag);
  }
  return {};
}

const std::map<std::string, value_reader, std::less<>>& readers() {
  static const std::map<std::string, value_reader, std::less<>> all = {
      {"title", [](front_matter& f, std::string_view v) { return read_text(f.title, v, title_bytes_max); }},
      {"date", read_date},
      {"summary", [](front_matter& f, std::string_view v) { return read_text(f.summary, v, summary_bytes_max); }},
      {"tags", read_tags},
  };
  return all;
}

std::string unknown_key(std::string_view key) {
  auto known = std::vector<std::string>{};
  for (const auto& [name, reader] : readers())
    known.push_back(name);
  auto meant = config::closest(key, known);
  return "unknown key " + shown(key)
       + (meant.empty() ? "; a post has title, date, summary and tags" : "; did you mean " + meant + "?");
}

/// Reads one `key: value` line into `out`; says what is wrong, or nothing.
std::string read_line(front_matter& out, std::map<std::string, int, std::less<>>& seen, std::string_view line,
                      int number) {
  auto colon = line.find(':');
  if (colon == std::string_view::npos)
    return shown(line) + " is not \"key: value\"; the lines of the front matter end with a line ---";
  auto key = trimmed(line.substr(0, colon));
  auto value = trimmed(line.substr(colon + 1));
  auto reader = readers().find(key);
  if (reader == readers().end())
    return unknown_key(key);
  if (auto [first, is_new] = seen.emplace(key, number); !is_new)
    return std::string{key} + " was given on line " + std::to_string(first->second) + " already; remove one";
  if (value.empty() && key != "tags")
    return std::string{key} + " is empty; write it after the colon";
  auto wrong = reader->second(out, value);
  return wrong.empty() ? "" : std::string{key} + " " + wrong;
}

}  // namespace

parsed_post parse_front_matter(std::string_view text, std::vector<post_problem>& problems) {
  auto out = parsed_post{};
  auto lines = line_reader{text};
  if (trimmed(lines.take()) != fence) {
    problems.push_back({1, "does not begin with a line ---; put title, date and summary between two of them"});
    return out;
  }
  auto seen = std::map<std::string, int, std::less<>>{};
  for (;;) {
    if (lines.done()) {
      problems.push_back({1, "the front matter has no end; put a line --- after its last key"});
      return out;
    }
    auto line = trimmed(lines.take());
    if (line == fence)
      break;
    if (line.empty())
      continue;
    if (auto wrong = read_line(out.front, seen, line, lines.number()); !wrong.empty())
      problems.push_back({lines.number(), std::move(wrong)});
  }
  for (std::string_view required : {"title", "date", "summary"})
    if (!seen.contains(required))
      problems.push_back({lines.number(), std::string{required} + " is missing; add a line \"" + std::string{required}
                                              + ": ...\" above"});
  out.body = lines.rest();
  out.body_line = lines.number() + 1;
  return out;
}

}  // namespace beamline::event_horizon
