#include "web/live/tokens.hpp"

#include <utility>

namespace beamline::web::live {

namespace {

constexpr auto session_purpose = std::string_view{"live.session"};
constexpr auto static_purpose = std::string_view{"live.static"};
constexpr auto flash_purpose = std::string_view{"live.flash"};

// Raise it when the content of a token changes its meaning.
constexpr auto format_version = 1;

error corrupt(std::string_view purpose) {
  return {errc::corrupt, std::string{purpose}
                             + " token: the signature is right but the content is not; another program "
                               "signs with the same secret, give each its own"};
}

}  // namespace

std::string page_tokens::sign(const session_token& content) const {
  return signer_->sign(session_purpose, dump_json({{"v", format_version},
                                                   {"id", content.view_id},
                                                   {"view", content.view},
                                                   {"live", content.live_session},
                                                   {"routable", content.is_routable},
                                                   {"session", content.session}}));
}

std::string page_tokens::sign(const static_token& content) const {
  return signer_->sign(static_purpose,
                       dump_json({{"v", format_version}, {"id", content.view_id}, {"flash", content.flash}}));
}

std::string page_tokens::sign_flash(const json& flash) const {
  return signer_->sign(flash_purpose, dump_json({{"v", format_version}, {"flash", flash}}));
}

result<session_token> page_tokens::verify_session(std::string_view token) const {
  const auto content = verify(session_purpose, token, page_token_age_max);
  if (!content)
    return content.error();
  const auto* id = find_string(*content, "id");
  const auto* view = find_string(*content, "view");
  const auto* live_session = find_string(*content, "live");
  const auto is_routable = find_bool(*content, "routable");
  const auto* session = find_object(*content, "session");
  if (id == nullptr || view == nullptr || live_session == nullptr || !is_routable || session == nullptr)
    return corrupt(session_purpose);
  return session_token{*id, *view, *live_session, *is_routable, *session};
}

result<static_token> page_tokens::verify_static(std::string_view token) const {
  const auto content = verify(static_purpose, token, page_token_age_max);
  if (!content)
    return content.error();
  const auto* id = find_string(*content, "id");
  const auto* flash = find_object(*content, "flash");
  if (id == nullptr || flash == nullptr)
    return corrupt(static_purpose);
  return static_token{*id, *flash};
}

result<json> page_tokens::verify_flash(std::string_view token) const {
  const auto content = verify(flash_purpose, token, flash_token_age_max);
  if (!content)
    return content.error();
  const auto* flash = find_object(*content, "flash");
  if (flash == nullptr)
    return corrupt(flash_purpose);
  return *flash;
}

result<json> page_tokens::verify(std::string_view purpose, std::string_view token, duration age_max) const {
  const auto payload = signer_->verify(purpose, token, age_max);
  if (!payload)
    return payload.error();
  auto content = parse_json(*payload);
  if (!content)
    return corrupt(purpose);
  const auto version = find_int(*content, "v");
  if (!version)
    return corrupt(purpose);
  if (*version != format_version)
    return error{errc::unsupported, std::string{purpose} + " token: format version " + std::to_string(*version)
                                        + ", this build knows " + std::to_string(format_version)};
  return std::move(*content);
}

}  // namespace beamline::web::live
