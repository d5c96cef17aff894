#include "net/outbox/recovery.hpp"

#include "base/crypto.hpp"
#include "base/json.hpp"

namespace beamline::net::outbox {

namespace {

// The first moment of 2200: from there on a time is none of an event, and ages could not be reckoned with it.
constexpr std::int64_t at_end = 7'258'118'400'000'000;

result<std::string> text_of(const json& line, const char* key, std::size_t bytes_max) {
  const auto* text = find_string(line, key);
  if (text == nullptr || text->empty() || text->size() > bytes_max)
    return error{errc::invalid,
                 std::string{"\""} + key + "\" is missing, or no text of 1 to " + std::to_string(bytes_max) + " bytes"};
  return *text;
}

}  // namespace

std::string recovery_line(const row& r, std::string_view why) {
  json line{{"id", r.what.id.str()},
            {"type", r.what.type},
            {"key", r.what.key},
            {"at", r.what.at.time_since_epoch().count()},
            {"merged", r.merged},
            {"payload", base64url_encode(r.what.payload)},
            {"why", why}};
  return dump_json(line) + "\n";
}

result<event> parse_recovery_line(std::string_view text) {
  auto line = parse_json(text, {.bytes_max = recovery_line_bytes_max, .depth_max = 1});
  if (!line)
    return line.error();
  event out;
  const auto* written_id = find_string(*line, "id");
  auto id = uid::parse(written_id == nullptr ? std::string_view{} : *written_id);
  if (!id || id->is_nil())
    return error{errc::invalid, "\"id\" is missing, or no id such as 018bcfe5-6800-7000-8000-0123456789ab"};
  auto type = text_of(*line, "type", type_bytes_max);
  auto key = text_of(*line, "key", key_bytes_max);
  if (!type || !key)
    return type ? key.error() : type.error();
  auto at = find_int(*line, "at");
  if (!at || *at < 0 || *at >= at_end)
    return error{errc::invalid, "\"at\" is missing, or no number of microseconds since 1970, before 2200"};
  const auto* written = find_string(*line, "payload");
  auto payload = written == nullptr ? result<bytes>{error{errc::invalid, "is missing"}} : base64url_decode(*written);
  if (!payload || payload->size() > payload_bytes_max)
    return error{errc::invalid, "\"payload\" is missing, no base64url, or longer than "
                                    + std::to_string(payload_bytes_max) + " bytes"};
  return event{*id, *type, std::move(*payload), *key, wall_time{std::chrono::microseconds{*at}}};
}

recovered parse_recovery_file(std::string_view text) {
  recovered out;
  for (std::size_t number = 1; !text.empty(); ++number) {
    auto end = text.find('\n');
    auto line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.find_first_not_of(" \t\r") == std::string_view::npos)
      continue;
    if (auto e = parse_recovery_line(line))
      out.events.push_back(std::move(*e));
    else
      out.problems.push_back("line " + std::to_string(number) + ": " + e.error().message);
  }
  return out;
}

}  // namespace beamline::net::outbox
