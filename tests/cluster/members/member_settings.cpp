#include "member_settings.hpp"

#include <utility>

namespace beamline::members {

namespace {

/// Reads one field after another and keeps the first thing that is wrong.
class reader {
public:
  explicit reader(const json& from) : from_{from} {}

  std::string text(std::string_view key) {
    const auto* found = find_string(from_, key);
    if (found == nullptr || found->empty())
      wrong(key, "a text");
    return found == nullptr ? std::string{} : *found;
  }
  std::int64_t number(std::string_view key) {
    auto found = find_int(from_, key);
    if (!found || *found < 1)
      wrong(key, "a number from 1");
    return found.value_or(1);
  }
  duration milliseconds(std::string_view key) { return std::chrono::milliseconds{number(key)}; }
  net::endpoint endpoint(std::string_view key) { return endpoint(key, text(key)); }
  std::vector<net::endpoint> endpoints(std::string_view key) {
    std::vector<net::endpoint> all;
    const auto* found = find_array(from_, key);
    if (found == nullptr)
      wrong(key, "a list of addresses");
    else
      for (const auto& one : *found)
        all.push_back(endpoint(key, one.is_string() ? one.get<std::string>() : std::string{}));
    return all;
  }

  std::optional<error> first_wrong{};

private:
  net::endpoint endpoint(std::string_view key, const std::string& written) {
    auto parsed = net::parse_endpoint(written);
    if (!parsed)
      wrong(key, "an address such as 127.0.0.1:4400");
    return parsed ? *parsed : net::endpoint{};
  }
  void wrong(std::string_view key, const std::string& expected) {
    if (!first_wrong)
      first_wrong = error{errc::invalid, "\"" + std::string{key} + "\" is missing or wrong, expected " + expected};
  }

  const json& from_;
};

}  // namespace

result<member_settings> read_member_settings(std::string_view text) {
  auto parsed = parse_json(text);
  if (!parsed)
    return parsed.error();
  reader r{*parsed};
  member_settings s;
  s.name = r.text("name");
  s.incarnation = static_cast<std::uint64_t>(r.number("incarnation"));
  s.listen = r.endpoint("listen");
  s.advertise = r.endpoint("advertise");
  s.peers = r.endpoints("peers");
  s.tick = r.milliseconds("tick_ms");
  s.period = r.milliseconds("period_ms");
  s.down = r.milliseconds("down_ms");
  s.grace = r.milliseconds("grace_ms");
  s.shards = static_cast<std::size_t>(r.number("shards"));
  if (r.first_wrong)
    return *r.first_wrong;
  return s;
}

}  // namespace beamline::members
