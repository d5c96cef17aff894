#include "base/json.hpp"
#include "base/url.hpp"
#include "fuzz/targets.hpp"
#include "web/live/join.hpp"

#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <variant>

namespace beamline::fuzz {

namespace {

using namespace beamline::web::live;

/// A site that knows two views, and the tokens of one page of it.
struct site {
  manual_clock time = manual_clock{};
  keyring keys = keyring::parse("a secret of the site that is long enough").value();
  token_signer signer{keys, time};
  page_tokens tokens{signer};
  std::pair<std::string, std::string> known[4] = {
      {"$SESSION", tokens.sign(session_token{.view_id = "phx-1", .view = "blog", .live_session = "main"})},
      {"$STATIC", tokens.sign(static_token{"phx-1", {{"info", "welcome"}}})},
      {"$FLASH", tokens.sign_flash({{"info", "saved"}})},
      {"$CHILD",
       tokens.sign(session_token{
           .view_id = "phx-1", .view = "clock", .live_session = "main", .is_routable = false, .parent = {"phx-P", 7}})},
  };
  join_context context{
      .topic = "lv:phx-1",
      .has_session = true,
      .route = [](std::string_view url) -> std::optional<route_match> {
        if (target_of(url).find("/blog") == url.npos)  // As the table of views does.
          return std::nullopt;
        return route_match{"blog", "main"};
      },
      .has_view = [](std::string_view view) { return view == "blog" || view == "clock"; },
      .find_parent =
          [](const parent_identity& p) { return p.process == 7 ? parent_status::alive : parent_status::gone; }};
};

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "fuzz_live_join: %s\n", what);
  std::abort();
}

}  // namespace

/// The payload of a join as JSON, in which `$SESSION`, `$STATIC`, `$FLASH` and `$CHILD` stand for tokens of the site.
int fuzz_live_join(const std::uint8_t* data, std::size_t size) {
  static const site s;
  std::string text{reinterpret_cast<const char*>(data), size};
  const bool has_token = text.find("$SESSION") != text.npos || text.find("$CHILD") != text.npos;
  for (const auto& [name, token] : s.known)
    for (auto at = text.find(name); at != text.npos; at = text.find(name, at + token.size()))
      text.replace(at, name.size(), token);
  auto payload = parse_json(text);
  if (!payload)
    return 0;
  const auto decision = check_join(s.tokens, *std::move(payload), s.context);
  const auto* join = std::get_if<join_accepted>(&decision);
  if (join == nullptr)
    return 0;
  if (!has_token)
    fail("a join without a token of the site was accepted");
  if (join->view_id != "phx-1" || (join->view == "blog") != join->is_routable)
    fail("a join was accepted for another view than its token's");
  if (join->is_routable && (!join->url || join->url->find("/blog") == std::string::npos))
    fail("a join was accepted on a URL that is not the view's");
  if (join->parent && !join->flash.empty() && text.find("\"flash\"") == text.npos)
    fail("a nested view got the flash of its page");
  return 0;
}

}  // namespace beamline::fuzz
