#include "apps/event_horizon/catalogue.hpp"

#include "apps/accumulator/contracts.hpp"
#include "apps/event_horizon/front_matter.hpp"
#include "apps/event_horizon/markdown.hpp"
#include "base/utf8.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fstream>
#include <map>
#include <numeric>
#include <optional>
#include <utility>

namespace beamline::event_horizon {

namespace fs = std::filesystem;

namespace {

/// Gathers what is wrong in all files, so that it can be repaired in one go.
class problem_list {
public:
  void add(const fs::path& file, int line, const std::string& text) {
    if (++count_ > catalogue_problems_max)
      return;
    text_ += text_.empty() ? "" : "\n";
    text_ += file.generic_string() + (line > 0 ? ":" + std::to_string(line) : "") + ": " + text;
  }
  [[nodiscard]] bool empty() const { return count_ == 0; }
  [[nodiscard]] error take() && {
    if (count_ > catalogue_problems_max)
      text_ += "\nand " + std::to_string(count_ - catalogue_problems_max) + " more";
    return {errc::invalid, std::move(text_)};
  }

private:
  std::size_t count_ = 0;
  std::string text_;
};

bool is_post_name(const fs::path& file) {
  auto extension = file.extension();
  return !file.filename().string().starts_with('.') && (extension == ".md" || extension == ".markdown");
}

/// The files that should be posts, by name.
result<std::vector<fs::path>> post_files(const fs::path& dir, std::size_t posts_max) {
  auto ec = std::error_code{};
  if (!fs::is_directory(dir, ec))
    return error{errc::not_found, dir.generic_string()
                                      + " is no directory; set event_horizon.content_dir to the one with the posts "
                                        "(it counts from the current directory)"};
  auto out = std::vector<fs::path>{};
  for (auto i = fs::directory_iterator{dir, ec}; !ec && i != fs::directory_iterator{}; i.increment(ec))
    if (is_post_name(i->path()))
      out.push_back(i->path());
  if (ec)
    return error{errc::io, dir.generic_string() + " cannot be read: " + ec.message() + "; check its rights"};
  if (out.size() > posts_max)
    return error{errc::too_large, dir.generic_string() + " has " + std::to_string(out.size())
                                      + " posts, more than event_horizon.posts_max = " + std::to_string(posts_max)
                                      + "; raise it or remove some"};
  std::sort(out.begin(), out.end());
  return out;
}

std::optional<std::string> read_post(const fs::path& file, std::size_t bytes_max, problem_list& problems) {
  auto ec = std::error_code{};
  if (!fs::is_regular_file(file, ec)) {
    problems.add(file, 0, "is no regular file; a post is one, so rename or remove it");
    return std::nullopt;
  }
  auto in = std::ifstream{file, std::ios::binary};
  auto text = std::string(bytes_max + 1, '\0');
  if (!in || (!in.read(text.data(), static_cast<std::streamsize>(text.size())) && in.bad())) {
    problems.add(file, 0, "cannot be read; check its rights");
    return std::nullopt;
  }
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() > bytes_max) {
    problems.add(file, 0,
                 "is larger than event_horizon.post_size_max = " + std::to_string(bytes_max)
                     + " octets; shorten it or split it in two");
    return std::nullopt;
  }
  if (auto at = find_invalid_utf8(text); at != std::string::npos) {
    auto line = 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n');
    problems.add(file, static_cast<int>(line), "is not UTF-8 here; save the file in that encoding");
    return std::nullopt;
  }
  return text;
}

std::optional<post> parse_post(const fs::path& file, const std::string& text, problem_list& problems) {
  auto wrong = std::vector<post_problem>{};
  auto parsed = parse_front_matter(text, wrong);
  for (auto line : first_level_headings(parsed.body))
    wrong.push_back({parsed.body_line + line - 1, "a heading of the first level: the title of the page comes from the "
                                                  "front matter; begin with \"## \" instead"});
  for (const auto& each : wrong)
    problems.add(file, each.line, each.text);
  if (!wrong.empty())
    return std::nullopt;
  return post{
      file.stem().string(),         std::move(parsed.front.title), parsed.front.date, std::move(parsed.front.summary),
      std::move(parsed.front.tags), render_markdown(parsed.body)};
}

}  // namespace

result<catalogue> catalogue::load(const fs::path& dir, limits l) {
  auto files = post_files(dir, l.posts_max);
  if (!files)
    return files.error();
  auto problems = problem_list{};
  auto out = catalogue{};
  auto seen = std::map<std::string, fs::path>{};
  for (const auto& file : *files) {
    auto slug = file.stem().string();
    if (!accumulator::is_slug(slug)) {
      problems.add(file, 0,
                   "the name of the file becomes the address of the post; rename it to at most "
                       + std::to_string(accumulator::slug_bytes_max)
                       + " of a-z, 0-9 and single hyphens, such as two-nodes.md");
      continue;
    }
    if (auto [first, is_new] = seen.emplace(slug, file); !is_new) {
      problems.add(file, 0, "has the address of " + first->second.filename().generic_string() + "; rename one of them");
      continue;
    }
    auto text = read_post(file, l.post_bytes_max, problems);
    if (!text)
      continue;
    if (auto parsed = parse_post(file, *text, problems))
      out.posts_.push_back(*std::move(parsed));
  }
  if (!problems.empty())
    return std::move(problems).take();
  std::sort(out.posts_.begin(), out.posts_.end(),
            [](const post& a, const post& b) { return a.date != b.date ? a.date > b.date : a.slug < b.slug; });
  out.by_slug_.resize(out.posts_.size());
  std::iota(out.by_slug_.begin(), out.by_slug_.end(), std::size_t{0});
  std::sort(out.by_slug_.begin(), out.by_slug_.end(),
            [&](std::size_t a, std::size_t b) { return out.posts_[a].slug < out.posts_[b].slug; });
  return out;
}

const post* catalogue::find(std::string_view slug) const noexcept {
  auto i = std::lower_bound(by_slug_.begin(), by_slug_.end(), slug,
                            [&](std::size_t index, std::string_view wanted) { return posts_[index].slug < wanted; });
  return i == by_slug_.end() || posts_[*i].slug != slug ? nullptr : &posts_[*i];
}

std::string long_date(std::chrono::year_month_day date) {
  static constexpr std::array months = {"January", "February", "March",     "April",   "May",      "June",
                                        "July",    "August",   "September", "October", "November", "December"};
  return fmt::format("{} {} {}", static_cast<unsigned>(date.day()), months.at(static_cast<unsigned>(date.month()) - 1),
                     static_cast<int>(date.year()));
}

std::string iso_date(std::chrono::year_month_day date) {
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()));
}

}  // namespace beamline::event_horizon
