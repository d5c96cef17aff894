#include "web/uri.hpp"

#include "base/url.hpp"

#include <algorithm>
#include <optional>

namespace beamline::web {

namespace {

error bad(std::string message) { return {errc::invalid, std::move(message)}; }

/// Calls `fn` with each part of `text` between separators; stops when it returns false.
template <class F>
void each_part(std::string_view text, char separator, F fn) {
  while (true) {
    auto end = text.find(separator);
    if (!fn(text.substr(0, end)) || end == std::string_view::npos)
      return;
    text.remove_prefix(end + 1);
  }
}

/// Decodes one segment and moves `segments` to where it leads.
result<void> enter(std::vector<std::string>& segments, std::string_view raw) {
  auto segment = percent_decode(raw, url_part::path_segment);
  if (!segment)
    return segment.error();
  if (segment->find('\0') != std::string::npos)
    return bad("a NUL character is not allowed");
  if (segment->empty() || *segment == ".")
    return {};
  if (*segment != "..") {
    if (segments.size() == path_segments_max)
      return bad("there are more than " + std::to_string(path_segments_max) + " segments");
    segments.push_back(std::move(*segment));
    return {};
  }
  if (segments.empty())
    return bad("`..` leads above the root");
  segments.pop_back();
  return {};
}

}  // namespace

result<parsed_target> parse_target(std::string_view target) {
  if (target.empty() || target.front() != '/')
    return bad("the request target must start with a slash; this server is no proxy");
  auto must_be_encoded = [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f || c == '#'; };
  if (std::ranges::any_of(target, must_be_encoded))
    return bad("the request target has a character that must be percent-encoded");

  auto out = parsed_target{};
  auto question = std::min(target.find('?'), target.size());
  out.query_text = target.substr(std::min(question + 1, target.size()));
  auto query = parse_query(out.query_text, {.pairs_max = query_fields_max});
  if (!query)
    return query.error().in("query");
  out.query = std::move(*query);

  auto failure = std::optional<error>{};
  each_part(target.substr(1, question - 1), '/', [&](std::string_view raw) {
    if (auto entered = enter(out.segments, raw); !entered)
      failure = entered.error().in("path");
    return !failure;
  });
  if (failure)
    return *failure;

  for (const auto& segment : out.segments) {
    out.path.push_back('/');
    for (auto c : segment)
      c == '/' ? out.path.append("%2F") : out.path.append(1, c);
  }
  if (out.path.empty())
    out.path = "/";
  return out;
}

pair_list parse_cookies(std::string_view header) {
  auto pairs = pair_list{};
  each_part(header, ';', [&](std::string_view part) {
    part = trimmed(part);
    auto equals = part.find('=');
    if (equals == std::string_view::npos || equals == 0)
      return true;
    auto value = part.substr(equals + 1);
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
      value = value.substr(1, value.size() - 2);
    pairs.emplace_back(std::string{part.substr(0, equals)}, std::string{value});
    return pairs.size() < cookies_max;
  });
  return pairs;
}

}  // namespace beamline::web
