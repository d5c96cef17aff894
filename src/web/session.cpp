#include "web/session.hpp"

#include "base/crypto.hpp"

#include <optional>
#include <span>
#include <utility>

namespace beamline::web {

session_data::session_data(json values)
    : values_(values.is_object() ? std::move(values) : json::object()) {}  // Braces would make an array.

void session_data::set(std::string_view key, json value) {
  auto& slot = values_[std::string{key}];
  changed_ = changed_ || slot != value || slot.is_null();
  slot = std::move(value);
}

void session_data::remove(std::string_view key) { changed_ = values_.erase(std::string{key}) > 0 || changed_; }

void session_data::clear() {
  changed_ = changed_ || !values_.empty();
  values_ = json::object();
}

result<session_data> session_codec::read(const request& req) const {
  auto cookie = req.cookie(options_.cookie_name);
  if (!cookie)
    return error{errc::not_found, "there is no cookie \"" + options_.cookie_name + "\""};
  auto payload = signer_.verify(session_token_purpose, *cookie, options_.max_age);
  if (!payload)
    return payload.error().in("session cookie");
  auto values = parse_json(*payload, {.bytes_max = session_cookie_bytes_max, .depth_max = 16});
  if (!values)
    return values.error().in("session cookie");
  return session_data{std::move(*values)};
}

session_data session_codec::load(const request& req) const {
  auto session = read(req);
  return session ? std::move(*session) : session_data{};
}

result<void> session_codec::store(const session_data& session, response& res) const {
  if (!session.changed())
    return {};
  auto out = cookie{.name = options_.cookie_name, .value = {}, .max_age_s = 0, .secure = options_.secure};
  if (!session.values().empty()) {
    out.value = signer_.sign(session_token_purpose, dump_json(session.values()));
    out.max_age_s = std::chrono::duration_cast<std::chrono::seconds>(options_.max_age).count();
  }
  auto header = to_header(out);
  if (header.size() > session_cookie_bytes_max)
    return error{errc::too_large, "the session cookie would have " + std::to_string(header.size()) + " octets, at most "
                                      + std::to_string(session_cookie_bytes_max) + " fit; keep less in the session"};
  res.headers.add("set-cookie", std::move(header));
  return {};
}

namespace csrf {

namespace {

std::string exclusive_or(std::string_view a, std::string_view b) {
  auto out = std::string{a};
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = static_cast<char>(out[i] ^ b[i]);
  return out;
}

std::string random_octets(random_source& random) {
  auto out = std::string(secret_octets, '\0');
  random.fill(std::as_writable_bytes(std::span{out.data(), out.size()}));
  return out;
}

/// The session's secret; empty if there is none or it is malformed.
std::string secret_of(const session_data& session) {
  const auto* text = session.find(session_key);
  auto octets = base64url_decode(text != nullptr ? *text : std::string{});
  return octets && octets->size() == secret_octets ? std::move(*octets) : std::string{};
}

}  // namespace

std::string masked(session_data& session, random_source& random) {
  auto secret = secret_of(session);
  if (secret.empty()) {
    secret = random_octets(random);
    session.set(session_key, base64url_encode(secret));
  }
  auto mask = random_octets(random);
  return base64url_encode(exclusive_or(secret, mask) + mask);
}

bool matches(const session_data& session, std::string_view token) {
  auto secret = secret_of(session);
  auto octets = base64url_decode(token);
  if (secret.empty() || !octets || octets->size() != 2 * secret_octets)
    return false;
  auto text = std::string_view{*octets};
  return constant_time_equal(exclusive_or(text.substr(0, secret_octets), text.substr(secret_octets)), secret);
}

middleware guard(const session_codec& codec, const origin_policy& origins) {
  return [&codec, &origins](const request& req) -> std::optional<response> {
    if (req.method == http_method::get || req.method == http_method::head || req.method == http_method::options)
      return std::nullopt;
    if (!origins.allows(req))
      return response::failure(req, 403, "This form was sent from another site.");
    auto token = std::string{req.header(header_name)};
    if (token.empty()) {
      auto fields = form_fields(req);
      token = find_in(fields, form_field).value_or(std::string_view{});
    }
    if (!matches(codec.load(req), token))
      return response::failure(req, 403,
                               "This form is too old, or cookies are blocked. Load the page again and retry.");
    return std::nullopt;
  };
}

}  // namespace csrf

}  // namespace beamline::web
