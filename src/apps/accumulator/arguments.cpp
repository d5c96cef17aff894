#include "apps/accumulator/arguments.hpp"

#include "actors/message_codec.hpp"
#include "base/json.hpp"
#include "base/utf8.hpp"

namespace beamline::accumulator {

namespace {

// Of a value that was refused, this much is shown.
constexpr std::size_t shown_bytes_max = 40;

std::string shown(std::string_view value) {
  auto cut = truncate_utf8(value, shown_bytes_max);
  return json_string(cut) + (cut.size() < value.size() ? "..." : "");
}

error refused(std::string_view procedure, std::string_view field, std::string_view value, std::string expected) {
  return {errc::invalid, std::string{procedure} + ": " + std::string{field} + " is " + shown(value) + ", expected "
                             + std::move(expected)};
}

/// Whatever is wrong with the octets: sending them again cannot help. The message names the procedure already.
error unreadable(const error& why) { return {errc::invalid, why.message}; }

result<void> check_slug(std::string_view procedure, std::string_view slug) {
  if (is_slug(slug))
    return {};
  return refused(procedure, "slug", slug,
                 "at most " + std::to_string(slug_bytes_max) + " of a-z, 0-9 and single hyphens between them");
}

}  // namespace

result<update_likes> read_update_likes(std::string_view octets) {
  auto m = decode<update_likes>(octets);
  if (!m)
    return unreadable(m.error());
  if (auto ok = check_slug(update_likes::message_name, m->slug); !ok)
    return ok.error();
  if (!is_visitor(m->visitor))
    return refused(update_likes::message_name, "visitor", m->visitor,
                   std::to_string(visitor_bytes_min) + " to " + std::to_string(visitor_bytes_max)
                       + " of a-z, A-Z, 0-9, - and _");
  return m;
}

result<get_blog_stats> read_get_blog_stats(std::string_view octets) {
  auto m = decode<get_blog_stats>(octets);
  if (!m)
    return unreadable(m.error());
  if (auto ok = check_slug(get_blog_stats::message_name, m->slug); !ok)
    return ok.error();
  return m;
}

}  // namespace beamline::accumulator
