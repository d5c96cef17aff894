#include "apps/event_horizon/content/post_file.hpp"

#include "apps/event_horizon/content/fold.hpp"

#include <algorithm>
#include <vector>

namespace beamline::event_horizon {

namespace {

constexpr std::size_t date_octets = 10;

/// Cuts `2024-05-01-` off the front.
std::optional<post_date> take_date(std::string& name) {
  auto date = name.size() >= date_octets ? parse_date(name.substr(0, date_octets)) : std::nullopt;
  bool is_joined = name.size() > date_octets && (name[date_octets] == '-' || name[date_octets] == '_');
  if (!date || !is_joined)
    return std::nullopt;
  name.erase(0, date_octets + 1);
  return date;
}

}  // namespace

post_file_name read_post_file_name(std::string_view path) {
  auto out = post_file_name{};
  auto slash = path.rfind('/');
  auto name = std::string{path.substr(slash == std::string_view::npos ? 0 : slash + 1)};
  out.folder = path.substr(0, slash == std::string_view::npos ? 0 : slash + 1);
  out.is_skipped = name.starts_with('_');
  out.is_draft = out.folder.starts_with("_drafts/") || out.folder.find("/_drafts/") != std::string::npos;
  name.resize(std::min(name.rfind('.'), name.size()));
  if (name == "index" && !out.folder.empty()) {
    auto of = std::string_view{out.folder}.substr(0, out.folder.size() - 1);
    auto above = of.rfind('/');
    name = of.substr(above == std::string_view::npos ? 0 : above + 1);
  }
  out.date = take_date(name);
  out.slug = slugified(name, post_slug_bytes_max);
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == '-' || c == '_'; }, ' ');
  if (!name.empty() && name[0] >= 'a' && name[0] <= 'z')
    name[0] = static_cast<char>(name[0] - 'a' + 'A');
  out.words = std::move(name);
  return out;
}

std::string joined_path(std::string_view folder, std::string_view written) {
  auto whole = std::string{folder} + std::string{written};
  auto parts = std::vector<std::string_view>{};
  for (auto rest = std::string_view{whole}; !rest.empty();) {
    auto end = std::min(rest.find('/'), rest.size());
    auto part = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (part == "..") {
      if (parts.empty())
        return {};
      parts.pop_back();
    } else if (!part.empty() && part != ".") {
      parts.push_back(part);
    }
  }
  auto out = std::string{};
  for (auto part : parts)
    out += (out.empty() ? "" : "/") + std::string{part};
  return out;
}

}  // namespace beamline::event_horizon
