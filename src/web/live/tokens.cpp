#include "web/live/tokens.hpp"

#include "base/utf8.hpp"

#include <optional>
#include <utility>

namespace beamline::web::live {

namespace {

constexpr auto session_purpose = std::string_view{"live.session"};
constexpr auto static_purpose = std::string_view{"live.static"};
constexpr auto flash_purpose = std::string_view{"live.flash"};
constexpr auto reload_purpose = std::string_view{"live.reload"};

// Raise it when the content of a token changes its meaning.
constexpr auto format_version = 1;

error corrupt(std::string_view purpose) {
  return {errc::corrupt, std::string{purpose}
                             + " token: the signature is right but the content is not; another program "
                               "signs with the same secret, give each its own"};
}

/// None is an identity without a view; nothing is a parent that makes no sense.
std::optional<parent_identity> read_parent(const json& content) {
  if (find_field(content, "parent") == nullptr)
    return parent_identity{};
  const auto* parent = find_object(content, "parent");
  const auto* id = parent != nullptr ? find_string(*parent, "id") : nullptr;
  const auto* process = parent != nullptr ? find_field(*parent, "process") : nullptr;
  if (id == nullptr || id->empty() || process == nullptr || !process->is_number_unsigned())
    return std::nullopt;
  return parent_identity{*id, process->get<std::uint64_t>()};
}

}  // namespace

std::string page_tokens::sign(const session_token& content) const {
  auto fields = json{{"v", format_version},          {"id", content.view_id},           {"view", content.view},
                     {"live", content.live_session}, {"routable", content.is_routable}, {"session", content.session}};
  if (content.parent)
    fields["parent"] = {{"id", content.parent.view_id}, {"process", content.parent.process}};
  if (!build_.empty())
    fields["build"] = build_;
  return signer_->sign(session_purpose, dump_json(fields));
}

std::string page_tokens::sign(const static_token& content) const {
  return signer_->sign(static_purpose,
                       dump_json({{"v", format_version}, {"id", content.view_id}, {"flash", content.flash}}));
}

std::string page_tokens::sign_flash(const json& flash) const {
  return signer_->sign(flash_purpose, dump_json({{"v", format_version}, {"flash", flash}}));
}

std::string page_tokens::sign(const reload_token& content) const {
  return signer_->sign(reload_purpose,
                       dump_json({{"v", format_version},
                                  {"status", content.status},
                                  {"detail", truncate_utf8(content.detail, reload_detail_octets_max)}}));
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
  auto parent = read_parent(*content);
  if (id == nullptr || view == nullptr || live_session == nullptr || !is_routable || session == nullptr || !parent
      || (*is_routable && *parent))
    return corrupt(session_purpose);
  const auto* build = find_string(*content, "build");
  if (const auto theirs = build != nullptr ? std::string_view{*build} : std::string_view{}; theirs != build_)
    return error{errc::unsupported, "live.session token: of build \"" + std::string{theirs} + "\", this is \"" + build_
                                        + "\"; the page must be loaded anew"};
  return session_token{*id, *view, *live_session, *is_routable, *session, *std::move(parent)};
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

result<reload_token> page_tokens::verify_reload(std::string_view token) const {
  const auto content = verify(reload_purpose, token, page_token_age_max);
  if (!content)
    return content.error();
  const auto status = find_int(*content, "status");
  const auto* detail = find_string(*content, "detail");
  if (!status || *status < 400 || *status > 599 || detail == nullptr)
    return corrupt(reload_purpose);
  return reload_token{static_cast<int>(*status), *detail};
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
