#include "base/token.hpp"

#include "base/crypto.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <stdexcept>

#include <fmt/format.h>

namespace beamline {

namespace {

// Another payload or MAC rule gets another version, so that old tokens are told apart from forged ones.
constexpr std::string_view token_version = "v1";

// Part of every derived key: the same secret used by another program or format gives other keys.
constexpr std::string_view purpose_prefix = "beamline token v1: ";

constexpr std::string_view remedy = "give at least 32 random octets (43 characters in base64url)";

bool is_key_id(std::string_view id) {
  auto is_allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  };
  return !id.empty() && id.size() <= key_id_octets_max && std::all_of(id.begin(), id.end(), is_allowed);
}

error bad_secret(std::string message) { return {errc::invalid, std::move(message)}; }

result<secret_key> parse_key(std::string_view item, std::size_t number) {
  auto colon = item.find(':');
  if (colon == std::string_view::npos || !is_key_id(item.substr(0, colon)))
    return bad_secret(fmt::format("secret: key {} of the list does not start with an id of 1 to {} characters A-Z a-z "
                                  "0-9 _ - and a colon; write id:BASE64URL,id:BASE64URL",
                                  number, key_id_octets_max));
  auto id = item.substr(0, colon);
  auto secret = base64url_decode(item.substr(colon + 1));
  if (!secret)
    return secret.error().in(fmt::format("secret: key \"{}\"", id));
  if (secret->size() < secret_octets_min)
    return bad_secret(fmt::format("secret: key \"{}\" has {} octets, expected at least {}; {}", id, secret->size(),
                                  secret_octets_min, remedy));
  return secret_key{std::string{id}, std::move(*secret)};
}

using milliseconds = std::chrono::milliseconds;

milliseconds now_ms(const clock& time) {
  return std::chrono::duration_cast<milliseconds>(time.wall_now().time_since_epoch());
}

std::string encode_time(milliseconds time) {
  byte_writer out;
  out.u64(static_cast<std::uint64_t>(time.count()));
  return base64url_encode(out.written());
}

constexpr std::size_t token_fields = 5;

// The five fields between the dots, or nothing if there are more or fewer.
std::optional<std::array<std::string_view, token_fields>> split(std::string_view token) {
  std::array<std::string_view, token_fields> fields;
  for (std::size_t i = 0; i + 1 < token_fields; ++i) {
    auto dot = token.find('.');
    if (dot == std::string_view::npos)
      return std::nullopt;
    fields[i] = token.substr(0, dot);
    token.remove_prefix(dot + 1);
  }
  if (token.find('.') != std::string_view::npos)
    return std::nullopt;
  fields[token_fields - 1] = token;
  return fields;
}

}  // namespace

result<keyring> keyring::parse(std::string_view text) {
  if (text.find_first_of(":,") == std::string_view::npos) {
    if (text.size() < secret_octets_min)
      return bad_secret(fmt::format("secret: it has {} characters, expected at least {}; {}", text.size(),
                                    secret_octets_min, remedy));
    return keyring{{secret_key{std::string{plain_id}, bytes{text}}}};
  }
  std::vector<secret_key> keys;
  for (std::size_t start = 0; start <= text.size();) {
    auto end = std::min(text.find(',', start), text.size());
    if (keys.size() == keyring_keys_max)
      return bad_secret(fmt::format("secret: more than {} keys; remove the oldest", keyring_keys_max));
    auto key = parse_key(text.substr(start, end - start), keys.size() + 1);
    if (!key)
      return key.error();
    for (const auto& other : keys)
      if (other.id == key->id)
        return bad_secret(fmt::format("secret: key id \"{}\" occurs twice; give each key its own id", key->id));
    keys.push_back(std::move(*key));
    start = end + 1;
  }
  return keyring{std::move(keys)};
}

const secret_key* keyring::find(std::string_view id) const noexcept {
  for (const auto& key : keys_)
    if (key.id == id)
      return &key;
  return nullptr;
}

/// Purposes are words of the program: a derivation costs three times what the MAC itself does.
class token_signer::purpose_keys {
public:
  explicit purpose_keys(bytes extracted) : extracted_{std::move(extracted)} {}

  [[nodiscard]] bytes mac(std::string_view purpose, std::string_view signed_part) {
    return hmac_sha256(*key_for(purpose), signed_part);
  }

private:
  // The keys of further purposes are derived each time: whoever makes purposes from data loses speed and nothing else.
  static constexpr std::size_t purposes_max = 64;

  [[nodiscard]] std::shared_ptr<const bytes> key_for(std::string_view purpose) {
    std::lock_guard lock{mutex_};
    if (auto known = keys_.find(purpose); known != keys_.end())
      return known->second;
    auto made = std::make_shared<const bytes>(hkdf_expand(extracted_, std::string{purpose_prefix}.append(purpose)));
    if (keys_.size() < purposes_max)
      keys_.emplace(purpose, made);
    return made;
  }

  const bytes extracted_;  // First half of the derivation.
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<const bytes>, std::less<>> keys_;
};

token_signer::token_signer(const keyring& keys, const clock& time) : clock_{time} {
  for (const auto& key : keys.keys())
    keys_.push_back({key.id, std::make_shared<purpose_keys>(hkdf_extract(key.secret))});
}

const token_signer::accepted_key* token_signer::find_key(std::string_view id) const noexcept {
  for (const auto& key : keys_)
    if (key.id == id)
      return &key;
  return nullptr;
}

std::string token_signer::sign(std::string_view purpose, std::string_view payload) const {
  const auto& key = keys_.front();
  auto token =
      fmt::format("{}.{}.{}.{}", token_version, key.id, base64url_encode(payload), encode_time(now_ms(clock_)));
  auto mac = base64url_encode(key.derived->mac(purpose, token));
  token.append(".").append(mac);
  if (token.size() > token_octets_max)
    throw std::length_error{fmt::format("token for \"{}\": a payload of {} octets makes a token of {}, at most {} are "
                                        "allowed; keep the data on the server and sign its id",
                                        purpose, payload.size(), token.size(), token_octets_max)};
  return token;
}

result<bytes> token_signer::verify(std::string_view purpose, std::string_view token, duration max_age) const {
  auto refuse = [&](errc code, std::string_view why) { return error{code, fmt::format("{} token: {}", purpose, why)}; };
  if (token.size() > token_octets_max)
    return refuse(errc::too_large, fmt::format("{} octets, at most {} are allowed", token.size(), token_octets_max));
  auto fields = split(token);
  if (!fields)
    return refuse(errc::invalid, "not of the form version.key.payload.time.mac");
  auto [version, key_id, payload_text, time_text, mac_text] = *fields;
  if (version != token_version)
    return refuse(errc::unsupported, fmt::format("format version is not {}; ask for a new one", token_version));
  auto mac = base64url_decode(mac_text);
  auto payload = base64url_decode(payload_text);
  auto time = base64url_decode(time_text);
  if (!mac || !payload || !time || mac->size() != sha256_octets || time->size() != sizeof(std::uint64_t))
    return refuse(errc::invalid, "payload, time or MAC is not base64url of the right length");

  const auto* key = find_key(key_id);
  if (key == nullptr)
    return refuse(errc::denied, "signed with a key that is not in the key ring");
  auto signed_part = token.substr(0, token.size() - mac_text.size() - 1);
  if (!constant_time_equal(*mac, key->derived->mac(purpose, signed_part)))
    return refuse(errc::denied, "the signature does not match");

  // From here on the token is known to be our own.
  auto issued = milliseconds{static_cast<std::int64_t>(byte_reader{*time}.u64())};
  auto age = now_ms(clock_) - issued;
  if (age < -token_clock_skew_max)
    return refuse(errc::denied, fmt::format("issued {} ms in the future; compare the nodes' clocks", -age.count()));
  if (age > max_age)
    return refuse(errc::timeout, fmt::format("{} ms old, at most {} ms are accepted", age.count(), to_ms(max_age)));
  return std::move(*payload);
}

}  // namespace beamline
